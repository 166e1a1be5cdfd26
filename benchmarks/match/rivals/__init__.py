"""How others look for the invoice of a bank line: the shapes of their queries, on PostgreSQL, with their own indexes.

The statements are written anew after the named upstream files; no line of them is copied.
"""
