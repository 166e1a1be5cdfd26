"""What an API handler is given, what it gives back, and how a route names it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.amocrm.sandbox.account import Account
from connectors.amocrm.sandbox.changes import Actor
from connectors.amocrm.sandbox.errors import bad_request
from connectors.amocrm.sandbox.seed import User
from connectors.sandbox_kit.jsontypes import Json, as_list, as_text

BATCH = 250


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and JSON body; no body with 204."""

    body: Json = None
    status: int = 200


NOTHING = Answer(None, 204)


@dataclass(slots=True)
class Context:
    """One API request on behalf of one user. `base` is scheme and host as the client wrote them."""

    account: Account
    user: User
    actor: Actor
    base: str
    path: str
    query: Mapping[str, Json]
    query_text: str
    body: Json
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def wanted(self) -> frozenset[str]:
        """Names under `with`; unknown ones do no harm."""
        listed = as_list(self.query.get("with"))
        return frozenset(name.strip() for item in listed for name in as_text(item).split(","))

    def object(self) -> Mapping[str, Json]:
        """The body as one object. Raises ApiError 400."""
        if not self.body:
            raise bad_request("Request data can not be empty")
        if not isinstance(self.body, Mapping):
            raise bad_request("Request data must be an object")
        return self.body


Handler = Callable[..., Answer]


@dataclass(frozen=True, slots=True)
class Route:
    """One endpoint. `path` has `{id}` for whole numbers and `{text}` for words.

    `writes` puts its calls into the write log; `per_card` means that body items are cards named by `id`.
    """

    verb: str
    path: str
    handler: Handler
    writes: bool = False
    per_card: bool = False
    admin: bool = False
    pattern: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        text = self.path.replace("{id}", r"(\d+)").replace("{text}", r"([^/]+)")
        object.__setattr__(self, "pattern", re.compile(f"^{text}/?$"))
