"""What a scan needs of a plainly written invoice line, without making an invoice of it.

Most lines of an export are alike: sums with two digits after the point, dates as ISO has them, roubles. For those the
keys follow from the texts. Whatever is not plainly so is left to the full reading, which also says what is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple, TypeVar

from pydantic_core import from_json

from hub.domain.matching.keys import KEYED_REFERENCES, client_stems
from hub.domain.matching.numbers import Spelling, digit_runs, spelling
from hub.domain.models import Client, InvoiceStatus
from hub.match_lines import FieldFault, Json, JsonObject, client_from, reference_kind

_T = TypeVar("_T")
#: Goes before a run of digits, where keys and runs are kept together.
RUN: Final = "run:"
_ROUBLES: Final = "RUB"
_SUM: Final = re.compile(r"([0-9]{1,12})\.([0-9]{2})")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_OPEN: Final = {None: True} | {status.value: status is InvoiceStatus.OPEN for status in InvoiceStatus}
_CLIENTS_KEPT: Final = 1 << 17
_REFERENCES_KEPT: Final = 1 << 17
_NUMBERS_KEPT: Final = 1 << 15
_TEXTS: Final = frozenset({str, type(None)})
_CLIENT_FIELDS: Final = ("name", "tax_id", "kpp", "account", "id")


class UnplainError(Exception):
    """The line is to be read in full."""


def quickly(line: bytes, read: Callable[[JsonObject], _T]) -> _T | None:
    """What a reader of plain lines makes of a line; None where it is to be read in full."""
    try:
        value: object = from_json(line, allow_inf_nan=False)
        return read(value) if isinstance(value, dict) else None
    except (ValueError, UnplainError):
        return None


class Plain(NamedTuple):
    """An invoice line, read as far as a scan needs it; `hits` are those of its keys that some payment looks for."""

    identity: str
    issuer: str | None
    hits: AbstractSet[int]
    number: str | None
    issued_on: date | None


@dataclass(frozen=True, slots=True)
class _Stems:
    """What a client gives to the keys of its invoices, as far as payments look for it."""

    whole: frozenset[int]
    with_sum: tuple[str, ...]
    paid: tuple[str, ...]


class PlainLines:
    """Reads plain lines; remembers clients, which repeat, and spellings.

    Args:
        wanted: hashes of the keys of all payments and of parts of them (see `match_scan.wanted_of`).
    """

    def __init__(self, wanted: AbstractSet[int]) -> None:
        self._wanted = wanted
        self._clients: dict[tuple[Json, ...], tuple[Client | None, _Stems | None]] = {}
        self._references: dict[tuple[str | None, str], int] = {}
        self._spelling = lru_cache(maxsize=_NUMBERS_KEPT)(spelling)

    def read(self, line: JsonObject) -> Plain:
        """Keys of a line.

        Raises:
            UnplainError: something in it is unusual, or wrong.
        """
        get = line.get
        amount, paid = minor_of(get("amount")), 0 if get("paid") is None else minor_of(get("paid"))
        identity, issuer, number = text_of(get("id")), text_of(get("organisation_tax_id")), text_of(get("number"))
        status = get("status")
        if not amount or identity is None or not is_in_roubles(line):
            raise UnplainError
        if not (status is None or isinstance(status, str)) or status not in _OPEN:
            raise UnplainError
        issued_on = day_of(get("issued_on"))
        _check_rest(line)
        rest = amount - paid if _OPEN[status] and amount > paid else 0
        return Plain(identity, issuer, self._hits(line, number, rest, paid), number, issued_on)

    def _hits(self, line: JsonObject, number: str | None, rest: int, paid: int) -> AbstractSet[int]:
        wanted, keys = self._wanted, set[int]()
        known = None if number is None else self.spelling(number)
        if known is not None:
            keys.add(hash(f"n:{known.folded}"))
            keys.update([hash(f"n:{text}") for text in known.short])
            keys.update([hash(f"n:{text}") for text in known.loose])
        stems = self._stems(line)
        if paid and stems is not None:
            keys.update([hash(f"{stem}{paid}|{_ROUBLES}") for stem in stems.paid])
        references = self._of_references(line.get("references"))
        if rest:
            sum_text = f"{rest}|{_ROUBLES}"
            keys.add(hash(f"am:{sum_text}"))
            keys.update(references)
            if stems is not None:
                keys.update([hash(stem + sum_text) for stem in stems.with_sum])
        found = keys & wanted
        return found | stems.whole if rest and stems is not None and stems.whole else found

    def _of_references(self, references: Json) -> Sequence[int]:
        if references is None:
            return ()
        if not isinstance(references, list):
            raise UnplainError
        return [key for item in references if (key := self._of_reference(item))]

    def _of_reference(self, item: Json) -> int:
        """Hash of the key of a reference; 0 where no payment looks for it."""
        if not isinstance(item, dict):
            raise UnplainError
        day_of(item.get("date"))
        number, kind = text_of(item.get("number")), text_of(item.get("kind"))
        if number is None:
            return 0
        found = self._references.get((kind, number))
        if found is None:
            if len(self._references) >= _REFERENCES_KEPT:
                self._references.clear()
            found = self._references[kind, number] = self._key_of(kind, number)
        return found

    def _key_of(self, kind: str | None, number: str) -> int:
        keyed, known = reference_kind(kind), self.spelling(number)
        key = 0 if known is None or keyed not in KEYED_REFERENCES else hash(f"r:{keyed.value}|{known.folded}")
        return key if key in self._wanted else 0

    def spelling(self, number: str) -> Spelling | None:
        """How a number is spelled; None where no payment names a number with any of its runs of digits."""
        runs = digit_runs(number)
        if runs is not None and self._wanted.isdisjoint([hash(RUN + run) for run in runs]):
            return None
        return self._spelling(number)

    def client(self, line: JsonObject) -> Client | None:
        """The client of a line, the same object for the same texts.

        Raises:
            FieldFault: a field cannot be read.
        """
        known = self._known(line)
        return client_from(line) if known is None else known[0]

    def _stems(self, line: JsonObject) -> _Stems | None:
        if line.get("client") is None:
            return None
        try:
            known = self._known(line)
        except FieldFault:
            raise UnplainError from None
        if known is None:
            raise UnplainError
        return known[1]

    def _known(self, line: JsonObject) -> tuple[Client | None, _Stems | None] | None:
        texts = client_texts(line)
        found = None if texts is None else self._clients.get(texts)
        if found is None and texts is not None:
            if len(self._clients) >= _CLIENTS_KEPT:
                self._clients.clear()
            client = client_from(line)
            found = self._clients[texts] = client, None if client is None else self._stems_of(client)
        return found

    def _stems_of(self, client: Client) -> _Stems:
        stems = client_stems(client)
        paid = [f"pa:{identity}|" for identity in stems.identities]
        return _Stems(
            frozenset(key for text in stems.whole if (key := hash(text)) in self._wanted),
            tuple(stem for stem in stems.with_sum if hash(stem) in self._wanted),
            tuple(stem for stem in paid if hash(stem) in self._wanted),
        )


def _check_rest(line: JsonObject) -> None:
    """Fields that give no key must still be such as the full reading takes."""
    text_of(line.get("deal"))
    day_of(line.get("due_on"))


def text_of(value: Json) -> str | None:
    """A text without the spaces around it; None where there is nothing.

    Raises:
        UnplainError: not a text.
    """
    if value is None:
        return None
    if type(value) is not str:
        raise UnplainError
    return value.strip() or None


def minor_of(value: Json) -> int:
    """A sum of roubles in kopecks.

    Raises:
        UnplainError: not a sum with two digits after the point.
    """
    found = _SUM.fullmatch(value) if type(value) is str else None
    if found is None:
        raise UnplainError
    return int(found[1] + found[2])


def day_of(value: Json) -> date | None:
    """A date as ISO has it; None where there is none.

    Raises:
        UnplainError: no such date.
    """
    if value is None:
        return None
    found = _day(value) if type(value) is str else None
    if found is None:
        raise UnplainError
    return found


@lru_cache(maxsize=8192)
def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None


def is_in_roubles(line: JsonObject) -> bool:
    """The sums of a line are in roubles."""
    currency = line.get("currency")
    return currency is None or currency == "RUB"


def client_texts(line: JsonObject) -> tuple[Json, ...] | None:
    """What the client of a line follows from; None where it is not plainly written."""
    written = line.get("client")
    if not isinstance(written, dict):
        return None
    texts = tuple([written.get(name) for name in _CLIENT_FIELDS])
    return texts if _TEXTS.issuperset(map(type, texts)) else None
