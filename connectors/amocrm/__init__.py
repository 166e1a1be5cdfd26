"""amoCRM (Kommo): the connector, and beside it the local stand-in."""
