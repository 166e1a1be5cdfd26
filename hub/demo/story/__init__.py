"""The invented company of the demo: its clients, deals, invoices and a month of bank statements, made from cases."""
