"""What it costs to decide one payment from a store that holds very many invoices."""
