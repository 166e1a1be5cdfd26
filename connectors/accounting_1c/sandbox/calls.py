"""What a request is: a verb of the interface on a set, with the key and the rest of the address."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.accounting_1c.sandbox.addresses import Segment, segments
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.errors import (
    ODataError,
    ServerPage,
    bad_url,
    method_not_allowed,
    no_such_entity,
    no_such_method,
)
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.requests import Incoming

_ACTIONS = {"Post": "post", "Unpost": "unpost"}
_BY_KEY = {"GET": "get", "PATCH": "patch", "PUT": "put", "DELETE": "delete"}
_WRITES = frozenset({"create", "patch", "put", "delete", "post", "unpost", "notify"})


@dataclass(frozen=True, slots=True)
class Call:
    """A request understood: `verb` names what it does, `refusal` why it cannot be done."""

    incoming: Incoming
    verb: str
    table: Table | None = None
    key: str | None = None
    steps: Sequence[str] = ()
    arguments: str = ""
    refusal: ODataError | ServerPage | None = None

    @property
    def name(self) -> str:
        """The name for faults and records: the verb, the set, the key."""
        if self.table is None:
            return self.verb
        key = "" if self.key is None else f"({self.key})"
        return f"{self.verb}.{self.table.name}{key}"

    @property
    def writes(self) -> bool:
        """True for calls that the write log keeps."""
        return self.verb in _WRITES


def understand(base: Base, incoming: Incoming) -> Call:
    """What the request means; what it gets wrong is kept as its refusal."""
    if incoming.refusal is not None:
        return Call(incoming, "refused", refusal=incoming.refusal)
    try:
        return _read(base, incoming, segments(incoming.path))
    except ODataError as error:
        return Call(incoming, "refused", refusal=error)


def _read(base: Base, incoming: Incoming, parts: Sequence[Segment]) -> Call:
    if not parts:
        return _only(incoming, "GET", "root")
    first = parts[0]
    named = _NAMED.get(first.name)
    if named is not None and len(parts) == 1:
        return _only(incoming, *named)
    if not base.published(first.name):
        raise no_such_entity(first.name)
    table = base.configuration.tables[first.name]
    if first.inside is None:
        return _of_set(incoming, table, parts[1:])
    return _of_entity(incoming, table, first.inside, parts[1:])


_NAMED: Mapping[str, tuple[str, str]] = {
    "$metadata": ("GET", "metadata"),
    "SelectChanges": ("POST", "changes"),
    "NotifyChangesReceived": ("POST", "notify"),
}


def _only(incoming: Incoming, http: str, verb: str) -> Call:
    if incoming.http != http:
        return Call(incoming, verb, refusal=method_not_allowed(incoming.http))
    return Call(incoming, verb)


def _of_set(incoming: Incoming, table: Table, rest: Sequence[Segment]) -> Call:
    if not rest:
        verb = {"GET": "list", "POST": "create"}.get(incoming.http, "list")
        refusal = None if incoming.http in ("GET", "POST") else method_not_allowed(incoming.http)
        return Call(incoming, verb, table, refusal=refusal)
    name = rest[0].name
    if name == "$count" and len(rest) == 1:
        return _get(incoming, Call(incoming, "count", table))
    if name in table.functions and len(rest) == 1:
        return _get(incoming, Call(incoming, name.lower(), table, steps=(name,), arguments=rest[0].inside or ""))
    if name in _FUNCTIONS:
        raise no_such_method(name)
    raise bad_url(incoming.path)


_FUNCTIONS = frozenset({"SliceLast", "SliceFirst", "Balance", "Turnovers", "BalanceAndTurnovers", *_ACTIONS})


def _of_entity(incoming: Incoming, table: Table, key: str, rest: Sequence[Segment]) -> Call:
    if not rest:
        verb = _BY_KEY.get(incoming.http, "get")
        refusal = None if incoming.http in _BY_KEY else method_not_allowed(incoming.http)
        return Call(incoming, verb, table, key, refusal=refusal)
    if rest[0].name in _ACTIONS and len(rest) == 1:
        if not table.is_document:
            raise no_such_method(rest[0].name)
        refusal = None if incoming.http == "POST" else method_not_allowed(incoming.http)
        return Call(incoming, _ACTIONS[rest[0].name], table, key, arguments=rest[0].inside or "", refusal=refusal)
    steps = tuple(each.name for each in rest)
    return _get(incoming, Call(incoming, "property", table, key, steps))


def _get(incoming: Incoming, call: Call) -> Call:
    if incoming.http == "GET":
        return call
    return Call(incoming, call.verb, call.table, call.key, call.steps, refusal=method_not_allowed(incoming.http))
