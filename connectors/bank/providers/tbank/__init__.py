"""T-Bank (T-API): statements by a cursor, hooks of operations."""
