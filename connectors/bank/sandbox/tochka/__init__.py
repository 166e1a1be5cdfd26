"""The wire of Tochka: asynchronous statements, balances, webhooks signed as JWT."""
