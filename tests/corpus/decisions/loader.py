"""Reads the decision cases of this folder: strict, so that a slip of the pen in a case is seen and not skipped."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeAlias, TypeVar

import yaml
from stdnum.by import unp
from stdnum.ru import inn

from hub.match_lines import Json, JsonObject

FOLDER: Final = Path(__file__).parent
OURS: Final = "7701000017"
OUR_OTHER_COMPANY: Final = "7701000024"
#: What may be expected of a payment; `not_auto` leaves the choice between `suggest` and `none` open.
EXPECTED: Final = frozenset({"auto", "suggest", "none", "not_ours", "not_auto"})
#: `first: none` asks that no answer stands out.
NO_CLEAR_FIRST: Final = "none"

_Node: TypeAlias = "str | list[_Node] | dict[str, _Node] | None"
_T = TypeVar("_T")
_WITH_TAX_ID: Final = re.compile(r"(?P<name>.*?)\s*(?P<tax_id>\b\d{9,12})?")
_SUM: Final = re.compile(r"\d+\.\d\d")
_KAZAKH_WEIGHTS: Final = ((1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2))


class CaseFault(ValueError):
    """A case is not written as it should be; the message names the file, the case and the field."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What must come out for one payment.

    Attributes:
        gives: for `auto`, exactly what is allocated, by invoice.
        first: what a good tool shows first; empty where it does not matter.
    """

    kind: str
    gives: Mapping[str, str] = field(default_factory=dict)
    first: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DecisionCase:
    """A small world with one right answer for every payment in it.

    Attributes:
        bundle: the world as a line of `sverka match --bundles`.
        aliases: tax id of a payer → tax ids of the clients it pays for, as an accountant confirmed.
        file: name of the file the case stands in.
        notes: what a corpus keeps of a case beyond these fields, by name.
    """

    name: str
    trap: str
    bundle: JsonObject
    expected: Mapping[str, Expected]
    aliases: Mapping[str, frozenset[str]]
    why: str
    file: str
    notes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Notes:
    """Names of the further text fields a corpus has in its cases."""

    required: tuple[str, ...] = ()
    optional: tuple[str, ...] = ()


NO_NOTES: Final = Notes()


class _TextLoader(yaml.SafeLoader):
    """YAML where a scalar is always text: `on` is a name, a date and a number stay as written."""


_TextLoader.yaml_implicit_resolvers = {}


def load_cases(folder: Path = FOLDER, notes: Notes = NO_NOTES) -> list[DecisionCase]:
    """Every case of a folder, by file name and then as written.

    Raises:
        CaseFault: a case has an unknown or missing field, a sum or a tax id that cannot be, or a name that repeats.
    """
    found: list[DecisionCase] = []
    seen: set[str] = set()
    for path in sorted(folder.glob("*.yaml")):
        for case in read_cases(path.read_text(encoding="utf-8"), path.name, notes):
            if case.name in seen:
                raise CaseFault(f"{path.name}: two cases are named «{case.name}»")
            seen.add(case.name)
            found.append(case)
    return found


def read_cases(text: str, where: str, notes: Notes = NO_NOTES) -> Iterator[DecisionCase]:
    """The cases of one text.

    Raises:
        CaseFault: as `load_cases`.
    """
    try:
        node: _Node = yaml.load(text, Loader=_TextLoader)
    except yaml.YAMLError as error:
        raise CaseFault(f"{where}: no YAML ({error})") from error
    for index, item in enumerate(_list(node, where), start=1):
        case = _Fields(item, f"{where}, case {index}")
        name = case.text("case")
        yield _case(_Fields(item, f"{where}, «{name}»"), where, notes)


class _Fields:
    """The fields of one mapping, each to be taken once; what is left over is a fault."""

    def __init__(self, node: _Node, where: str) -> None:
        if not isinstance(node, dict):
            raise CaseFault(f"{where}: a mapping is needed")
        self._left = dict(node)
        self.where = where

    def take(self, name: str) -> _Node:
        if name not in self._left:
            raise CaseFault(f"{self.where}: the field «{name}» is missing")
        return self._left.pop(name)

    def text(self, name: str, default: str | None = None) -> str:
        if default is not None and name not in self._left:
            return default
        value = self.take(name)
        if not isinstance(value, str):
            raise CaseFault(f"{self.where}: «{name}» must be text")
        return value

    def optional(self, name: str) -> str | None:
        return self.text(name) if name in self._left else None

    def children(self, name: str, read: Callable[[str, _Fields], _T]) -> dict[str, _T]:
        node = self._left.pop(name, None) or {}
        if not isinstance(node, dict):
            raise CaseFault(f"{self.where}: «{name}» must be a mapping")
        return {key: read(key, _Fields(child, f"{self.where}, {key}")) for key, child in node.items()}

    def texts(self, name: str) -> dict[str, str]:
        node = self._left.pop(name, None) or {}
        if not isinstance(node, dict):
            raise CaseFault(f"{self.where}: «{name}» must be a mapping")
        return {key: value for key, value in node.items() if isinstance(value, str)}

    def one_or_many(self, name: str) -> tuple[str, ...]:
        node = self._left.pop(name, None)
        items = node if isinstance(node, list) else [node]
        return tuple(item for item in items if isinstance(item, str))

    def items(self, name: str) -> list[_Node]:
        return _list(self._left.pop(name, None) or [], f"{self.where}, {name}")

    def end(self) -> None:
        if self._left:
            raise CaseFault(f"{self.where}: unknown fields {sorted(self._left)}")


def _list(node: _Node, where: str) -> list[_Node]:
    if not isinstance(node, list):
        raise CaseFault(f"{where}: a list is needed")
    return node


def _case(fields: _Fields, file: str, notes: Notes) -> DecisionCase:
    name, trap, why = fields.text("case"), fields.text("trap"), fields.text("why")
    kept = _notes(fields, notes)
    payments = fields.children("payments", _payment)
    invoices = fields.children("invoices", _invoice)
    expected = fields.children("expect", _expected)
    aliases: dict[str, frozenset[str]] = {}
    for node in fields.items("aliases"):
        alias = _Fields(node, f"{fields.where}, alias")
        payer, client = _tax_id(alias.text("payer"), alias.where), _tax_id(alias.text("client"), alias.where)
        alias.end()
        aliases[payer] = aliases.get(payer, frozenset()) | {client}
    fields.end()
    if expected.keys() != payments.keys():
        raise CaseFault(f"{fields.where}: every payment needs its «expect», and nothing else")
    named = {key for item in expected.values() for key in (*item.gives, *item.first)} - {NO_CLEAR_FIRST}
    if not named <= invoices.keys():
        raise CaseFault(f"{fields.where}: «expect» names {sorted(named - invoices.keys())}, which is no invoice")
    bundle: JsonObject = {"id": name, "payments": [*payments.values()], "invoices": [*invoices.values()]}
    return DecisionCase(name, trap, bundle, expected, aliases, why, file, kept)


def _notes(fields: _Fields, notes: Notes) -> dict[str, str]:
    kept = {name: fields.text(name) for name in notes.required}
    for name in notes.optional:
        if (value := fields.optional(name)) is not None:
            kept[name] = value
    return kept


def _payment(key: str, fields: _Fields) -> JsonObject:
    direction = _choice(fields, "direction", ("in", "out", "self"))
    party = _party(fields.text("from", ""), fields)
    ours: JsonObject = {"tax_id": _tax_id(fields.text("to_org", OURS), fields.where)}
    line: JsonObject = {
        "id": key,
        "direction": direction,
        "amount": _sum(fields.text("sum"), fields.where),
        "currency": fields.text("currency", "RUB"),
        "booked_on": fields.text("on"),
        "purpose": fields.text("text"),
        "payer": ours if direction == "out" else party,
        "payee": party if direction == "out" else ours,
    }
    fields.end()
    return line


def _invoice(key: str, fields: _Fields) -> JsonObject:
    references: list[Json] = [
        {"kind": kind, "number": number}
        for kind in ("contract", "order", "upd")
        if (number := fields.optional(kind)) is not None
    ]
    line: JsonObject = {
        "id": key,
        "number": fields.text("number"),
        "issued_on": fields.text("on"),
        "amount": _sum(fields.text("sum"), fields.where),
        "paid": _sum(fields.text("paid", "0.00"), fields.where),
        "currency": fields.text("currency", "RUB"),
        "status": _choice(fields, "status", ("open", "paid", "cancelled")),
        "client": _party(fields.text("to"), fields),
        "organisation_tax_id": _tax_id(fields.text("org", OURS), fields.where),
        "references": references,
    }
    fields.end()
    return line


def _party(text: str, fields: _Fields) -> JsonObject:
    match = _WITH_TAX_ID.fullmatch(text.strip())
    assert match is not None
    tax_id = match["tax_id"]
    return {
        "name": match["name"] or None,
        "tax_id": _tax_id(tax_id, fields.where) if tax_id else None,
        "kpp": fields.optional("kpp"),
        "account": fields.optional("account"),
    }


def _expected(_: str, fields: _Fields) -> Expected:
    kind = fields.text("is")
    if kind not in EXPECTED:
        raise CaseFault(f"{fields.where}: «is» may be one of {sorted(EXPECTED)}")
    gives = {key: _sum(value, fields.where) for key, value in fields.texts("gives").items()}
    if bool(gives) is not (kind == "auto"):
        raise CaseFault(f"{fields.where}: «gives» belongs to «auto» and to nothing else")
    first = fields.one_or_many("first")
    fields.end()
    return Expected(kind, gives, first)


def _choice(fields: _Fields, name: str, allowed: tuple[str, ...]) -> str:
    value = fields.text(name, allowed[0])
    if value not in allowed:
        raise CaseFault(f"{fields.where}: «{name}» may be one of {allowed}")
    return value


def _sum(text: str, where: str) -> str:
    if _SUM.fullmatch(text) is None:
        raise CaseFault(f"{where}: a sum is written as 1200.00, not «{text}»")
    return text


def _tax_id(value: str, where: str) -> str:
    """ИНН, Belarusian УНП or Kazakh БИН with a right check digit; our own two stand for themselves."""
    right = value in {OURS, OUR_OTHER_COMPANY} or inn.is_valid(value) or unp.is_valid(value) or _is_kazakh(value)
    if not right:
        raise CaseFault(f"{where}: the tax id «{value}» has a wrong check digit")
    return value


def _is_kazakh(value: str) -> bool:
    """БИН and ИИН: the second row of weights counts where the first gives 10 (Kazakh law № 223-III)."""
    if not (len(value) == 12 and value.isdigit()):
        return False
    checks = (sum(w * int(d) for w, d in zip(row, value, strict=False)) % 11 for row in _KAZAKH_WEIGHTS)
    return next((check for check in checks if check != 10), None) == int(value[-1])
