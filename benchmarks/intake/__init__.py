"""How many hooks a second are durably accepted, beside a bare handler that only reads the same body."""
