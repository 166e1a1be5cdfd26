"""`python -m connectors.bank.sandbox`."""

from connectors.bank.sandbox.cli import main

if __name__ == "__main__":
    main()
