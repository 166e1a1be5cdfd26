"""1C accounting: invoices, clients and payments of a base published over the standard OData interface."""
