"""A local server that behaves like an amoCRM account: API v4, OAuth, limits, webhooks, faults on demand."""
