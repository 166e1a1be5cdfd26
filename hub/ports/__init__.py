"""What the hub asks of the outside: CRMs, statements, the store, the clock. Interfaces only."""
