"""Who may come in and what a request may do: passwords, sessions, CSRF, origin, headers, body caps."""
