"""A local server that behaves like a Bitrix24 portal: REST, limits, robots, outgoing webhooks, faults on demand."""
