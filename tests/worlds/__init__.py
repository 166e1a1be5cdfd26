"""Made-up companies with two years of invoices and a year of bank payments, every payment with its truth."""
