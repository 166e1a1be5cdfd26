"""The accountant's desk: piles, a payment with its evidence, uploads, status."""
