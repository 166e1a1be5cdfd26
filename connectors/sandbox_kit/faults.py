"""Fault script: rules that say on which call what goes wrong, and the engine that counts the calls."""

import random
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from connectors.sandbox_kit.documents import DocumentModel


class Match(DocumentModel):
    """Which calls a rule looks at. All given conditions must hold; `nth` counts only calls that match the rest."""

    method: Annotated[str, Field(description="Glob over the method, or over the event name for hooks.")] = "*"
    entity_id: Annotated[int | None, Field(description="Only calls about this record.")] = None
    nth: Annotated[int | None, Field(ge=1, description="Only the n-th matching call, counted from 1.")] = None
    probability: Annotated[float, Field(gt=0, le=1, description="Chance drawn from the script's seed.")] = 1.0


class Refuse(DocumentModel):
    """Answer with an error body and any status (200 too); `applied` runs the call first."""

    kind: Literal["refuse"]
    status: Annotated[int, Field(ge=100, le=599)] = 503
    code: str = "QUERY_LIMIT_EXCEEDED"
    description: str = "Too many requests"
    headers: dict[str, str] = Field(default_factory=dict)
    applied: bool = False


class Redirect(DocumentModel):
    """Answer 302 without a body. `{path}` in `location` becomes the path and query of the request."""

    kind: Literal["redirect"]
    location: str
    status: Annotated[int, Field(ge=300, le=399)] = 302


class Html(DocumentModel):
    """Answer with an HTML page instead of JSON."""

    kind: Literal["html"]
    status: Annotated[int, Field(ge=100, le=599)] = 502
    body: str = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>"
    applied: bool = False


class LoseReply(DocumentModel):
    """Drop the connection without a byte of reply; `applied` says whether the call ran before that."""

    kind: Literal["lose_reply"]
    applied: bool


class HalfReply(DocumentModel):
    """Run the call and cut its reply: with content-length announced, or chunked without the last chunk."""

    kind: Literal["half_reply"]
    content_length: bool = True
    share: Annotated[float, Field(ge=0, lt=1, description="Part of the body that is sent.")] = 0.5


class LateApply(DocumentModel):
    """Lose the reply now (drop or 504) and run the call `after_s` seconds later on the sandbox clock."""

    kind: Literal["late_apply"]
    after_s: Annotated[float, Field(ge=0)]
    reply: Literal["lost", "504"] = "lost"


class Delay(DocumentModel):
    """Run the call, then wait `seconds` of real time before replying."""

    kind: Literal["delay"]
    seconds: Annotated[float, Field(ge=0)]


class SlowDrip(DocumentModel):
    """Send the reply in small chunks with pauses of real time between them."""

    kind: Literal["slow_drip"]
    chunk_bytes: Annotated[int, Field(ge=1)] = 1
    pause_s: Annotated[float, Field(ge=0)] = 0.2


class EndlessBody(DocumentModel):
    """Send spaces until the client leaves."""

    kind: Literal["endless_body"]


class GzipBomb(DocumentModel):
    """Send a small gzip body that unpacks to `megabytes`."""

    kind: Literal["gzip_bomb"]
    megabytes: Annotated[int, Field(ge=1, le=4096)] = 100


class DropHook(DocumentModel):
    """Do not send the hook."""

    kind: Literal["drop_hook"]


class DoubleHook(DocumentModel):
    """Send the hook `copies` times."""

    kind: Literal["double_hook"]
    copies: Annotated[int, Field(ge=2)] = 2


class DelayHook(DocumentModel):
    """Send the hook `seconds` later on the sandbox clock."""

    kind: Literal["delay_hook"]
    seconds: Annotated[float, Field(ge=0)]


class ShuffleHooks(DocumentModel):
    """Hold this hook and the following ones until `window` are there, then send them in another order."""

    kind: Literal["shuffle_hooks"]
    window: Annotated[int, Field(ge=2)] = 3


TransportAction = Redirect | Html | LoseReply | HalfReply | LateApply | Delay | SlowDrip | EndlessBody | GzipBomb
HookAction = DropHook | DoubleHook | DelayHook | ShuffleHooks

TRANSPORT_KINDS = frozenset(
    {
        "redirect",
        "html",
        "lose_reply",
        "half_reply",
        "late_apply",
        "delay",
        "slow_drip",
        "endless_body",
        "gzip_bomb",
    }
)
HOOK_KINDS = frozenset({"drop_hook", "double_hook", "delay_hook", "shuffle_hooks"})


class RuleBase(DocumentModel):
    """What every rule has; each stand-in adds `action` with the union of its actions."""

    name: str = ""
    match: Match = Match()
    times: Annotated[int | None, Field(ge=1, description="How often it fires; null means always.")] = 1

    @property
    def action_kind(self) -> str:
        """The `kind` of the rule's action."""
        raise NotImplementedError


RuleT = TypeVar("RuleT", bound=RuleBase)


@dataclass(frozen=True, slots=True)
class Call:
    """One call as the rules see it; `more_ids` are further records that the same call is about."""

    method: str
    entity_id: int | None = None
    more_ids: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Armed(Generic[RuleT]):
    rule: RuleT
    seen: int = 0
    fired: int = 0


class FaultEngine(Generic[RuleT]):
    """Counts calls against the rules. Thread-safe; random choices come from the script's own seed."""

    def __init__(self, rules: Sequence[RuleT] = (), seed: int = 0) -> None:
        self._lock = threading.Lock()
        self._random = random.Random(seed)  # noqa: S311 - repeatable faults, not secrets
        self._armed = [_Armed(rule) for rule in rules]

    def add(self, *rules: RuleT) -> None:
        """Arm more rules."""
        with self._lock:
            self._armed.extend(_Armed(rule) for rule in rules)

    def clear(self) -> None:
        """Disarm every rule."""
        with self._lock:
            self._armed.clear()

    def reseed(self, seed: int) -> None:
        """Start the random draws again from `seed`."""
        with self._lock:
            self._random.seed(seed)

    def fired(self) -> dict[str, int]:
        """How often each rule fired, by name (or action kind when it has none)."""
        with self._lock:
            totals: dict[str, int] = {}
            for armed in self._armed:
                key = armed.rule.name or armed.rule.action_kind
                totals[key] = totals.get(key, 0) + armed.fired
            return totals

    def take(self, calls: Sequence[Call], kinds: Collection[str]) -> RuleT | None:
        """The first rule of the given action kinds that fires on any of `calls` (a request and its commands).

        Every rule counts the calls it matches, also when another rule fires.
        """
        chosen: _Armed[RuleT] | None = None
        with self._lock:
            for armed in self._armed:
                if armed.rule.action_kind in kinds and self._ready(armed, calls) and chosen is None:
                    chosen = armed
            if chosen is None:
                return None
            chosen.fired += 1
            return chosen.rule

    def shuffled(self, count: int) -> list[int]:
        """Positions 0..count-1 in an order that differs from the natural one."""
        order = list(range(count))
        with self._lock:
            while count > 1 and order == list(range(count)):
                self._random.shuffle(order)
        return order

    def _ready(self, armed: _Armed[RuleT], calls: Sequence[Call]) -> bool:
        hits = sum(self._matches(armed, call) for call in calls)
        return hits > 0 and (armed.rule.times is None or armed.fired < armed.rule.times)

    def _matches(self, armed: _Armed[RuleT], call: Call) -> bool:
        match = armed.rule.match
        if not fnmatchcase(call.method.lower(), match.method.lower()):
            return False
        if match.entity_id is not None and match.entity_id != call.entity_id and match.entity_id not in call.more_ids:
            return False
        armed.seen += 1
        if match.nth is not None and armed.seen != match.nth:
            return False
        return match.probability >= 1 or self._random.random() < match.probability
