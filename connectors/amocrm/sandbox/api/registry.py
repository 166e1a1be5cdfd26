"""All endpoints, and how a request finds its own."""

from connectors.amocrm.sandbox.api import (
    account,
    cards,
    catalogs,
    events,
    fields,
    leads,
    links,
    notes,
    rest,
    tasks,
    webhooks,
)
from connectors.amocrm.sandbox.context import Route
from connectors.amocrm.sandbox.errors import ApiError

# Whole words stand before {id} and {text}, which would not match them anyway but for events.
ROUTES: list[Route] = [
    *account.ROUTES,
    *leads.ROUTES,
    *fields.ROUTES,
    *links.ROUTES,
    *catalogs.ROUTES,
    *events.ROUTES,
    *webhooks.ROUTES,
    *notes.ROUTES,
    *tasks.ROUTES,
    *rest.ROUTES,
    *cards.ROUTES,
]


def find_route(verb: str, path: str) -> tuple[Route, tuple[int | str, ...]]:
    """The route of a path below /api/v4/ and the parts it captured. Raises ApiError 404 or 405."""
    wrong_verb = False
    for route in ROUTES:
        found = route.pattern.match(path)
        if found is None:
            continue
        if route.verb == verb:
            parts = tuple(int(part) if part.isdigit() else part for part in found.groups())
            return route, parts
        wrong_verb = True
    if wrong_verb:
        raise ApiError(405, "Method Not Allowed", f"Method {verb} is not allowed")
    raise ApiError(404, "Not Found", f"Cannot {verb} /api/v4/{path}")
