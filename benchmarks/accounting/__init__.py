"""How long a big base of 1C takes to be read, and what a quiet cycle asks of it."""
