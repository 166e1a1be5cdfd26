"""The command line: one module per family of commands, imported only when the command is called."""
