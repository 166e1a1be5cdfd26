"""`./run bench-match`: what a payment costs in a bulk run among ten thousand, 100 000 and a million invoices."""
