"""`python -m connectors.amocrm.sandbox`."""

from connectors.amocrm.sandbox.cli import main

if __name__ == "__main__":
    main()
