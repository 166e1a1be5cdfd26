"""Banks: statement files and bank APIs, each reduced to the hub's payments."""
