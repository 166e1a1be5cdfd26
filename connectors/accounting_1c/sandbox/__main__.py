"""`python -m connectors.accounting_1c.sandbox`."""

from connectors.accounting_1c.sandbox.cli import main

if __name__ == "__main__":
    main()
