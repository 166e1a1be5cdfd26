"""The invented companies of the demo: their clients, deals, invoices and money, made from cases."""
