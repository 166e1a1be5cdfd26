"""1C accounting over its standard OData interface: invoices, clients and the payments that the accountant posted."""
