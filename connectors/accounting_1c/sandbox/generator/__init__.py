"""Makes up a big base: clients, invoices and payments with the oddities of real ones, the same for the same seed."""
