"""Invoices out of files: lists that accounting programs save as CSV or XLSX, for companies that publish nothing."""
