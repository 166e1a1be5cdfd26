"""`./run bench-match`: payments to as many as a million invoices, in bulk and one by one, beside what others do."""
