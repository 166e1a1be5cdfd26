"""`python -m connectors.bitrix24.sandbox`."""

from connectors.bitrix24.sandbox.cli import main

if __name__ == "__main__":
    main()
