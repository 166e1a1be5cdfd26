"""The desk in the browser, the hooks' door and the health check. Reads lists, changes only through services."""
