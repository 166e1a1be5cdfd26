"""What a REST method is given, what it gives back, and how it names itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from connectors.bitrix24.sandbox.changes import Actor
from connectors.bitrix24.sandbox.errors import RequestCut
from connectors.bitrix24.sandbox.portal import Portal
from connectors.bitrix24.sandbox.seed import Rights, User, Webhook
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import Source

PAGE = 50
Params = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class Answer:
    """A method's result; `total` and `next` go beside it in the envelope."""

    result: Json
    total: int | None = None
    next: int | None = None


@dataclass(slots=True)
class Budget:
    """Run time one request has used, in simulated seconds."""

    cut_s: float
    spent_s: float = 0.0

    def spend(self, seconds: float) -> None:
        """Bill run time. Raises RequestCut when the request would pass the cut."""
        if self.spent_s + seconds > self.cut_s:
            raise RequestCut
        self.spent_s += seconds


@dataclass(slots=True)
class Context:
    """One request on behalf of one webhook."""

    portal: Portal
    webhook: Webhook
    user: User
    request_id: str
    budget: Budget
    source: Source = "rest"
    version: int = 2

    @property
    def rights(self) -> Rights:
        """CRM rights of the acting user."""
        return self.user.rights

    @property
    def credential(self) -> str:
        """Key of the run-time limit: the webhook."""
        return f"{self.webhook.user_id}/{self.webhook.code}"

    def actor(self, method: str) -> Actor:
        """The acting user as the author of a change made by `method`."""
        return Actor(self.user.id, self.source, method, self.request_id, self.budget.spend)


Handler = Callable[[Context, Params], Answer]


@dataclass(frozen=True, slots=True)
class Method:
    """A REST method: its name, the scope it needs (empty for none), and whether it writes."""

    name: str
    scope: str
    handler: Handler
    writes: bool = False
    app_only: bool = False
