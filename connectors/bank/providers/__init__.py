"""Banks that are read over their own APIs."""
