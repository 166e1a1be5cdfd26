"""Pure core: what money, invoices, deals and matches are, and which laws they keep. No clock, no I/O."""
