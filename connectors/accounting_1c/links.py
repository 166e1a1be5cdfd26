"""References between objects: plain ones, and composite ones that name the kind of object they lead to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from connectors.accounting_1c import query
from connectors.accounting_1c.names import Resolved
from connectors.accounting_1c.values import reference_of, text_of, type_of, wire_type
from connectors.shared.jsontypes import JsonObject


def link_to(of: Resolved, ours: str, reference: str, target: str) -> str:
    """The condition that a field leads to an object; a composite field needs the cast or finds nothing silently."""
    name = of[ours]
    value = query.cast(reference, target) if name in of.composite else query.guid(reference)
    return f"{name} eq {value}"


def linked(of: Resolved, row: JsonObject, ours: str, target: str | None = None) -> str | None:
    """The reference in a field of a row; None where it is empty, or leads to an object of another kind."""
    name = of.get(ours)
    if name is None:
        return None
    if name in of.composite and target is not None and type_of(row.get(f"{name}_Type")) != target:
        return None
    return reference_of(row.get(name))


def text_in(of: Resolved, row: JsonObject, ours: str) -> str:
    """The text of a field; empty where the base has no such field."""
    name = of.get(ours)
    return text_of(row.get(name)) if name is not None else ""


def state_key(of: Resolved, organisation: str, document: str, target: str) -> str:
    """The address of a record of the register of states: all its dimensions."""
    name = of["document"]
    values = {of["organisation"]: query.guid(organisation), name: query.text(document)}
    if name in of.composite:
        values[f"{name}_Type"] = query.text(wire_type(target))
    return query.record_key(values)


def gathered(pairs: Iterable[tuple[str, str]]) -> Mapping[str, Sequence[str]]:
    """References by what people call them: two records of one name are both there, in the order they came."""
    found: dict[str, list[str]] = {}
    for name, reference in pairs:
        found.setdefault(name, []).append(reference)
    return found
