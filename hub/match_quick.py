"""What a scan needs of a plainly written invoice line, without making an invoice of it."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from hub.domain.matching.keys import KEYED_REFERENCES, client_stems
from hub.domain.matching.numbers import Spelling, digit_runs, spelling
from hub.domain.models import Client, InvoiceStatus, Reference
from hub.match_lines import FieldFault, client_from, exact_json, references_from
from hub.match_template import Templates

#: Goes before a run of digits, where keys and runs are kept together.
RUN: Final = "run:"
_ROUBLES: Final = "RUB"
_OPEN: Final = frozenset({None, InvoiceStatus.OPEN.value})
_CLIENTS_KEPT: Final = 1 << 17
_REFERENCES_KEPT: Final = 1 << 17
_NUMBERS_KEPT: Final = 1 << 15


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


_NOBODY: Final = _Stems(frozenset(), (), ())


class PlainLines:
    """Reads plain lines; remembers what repeats: clients, references and spellings, by how they are written.

    Args:
        wanted: hashes of the keys of all payments and of parts of them (see `match_scan.wanted_of`).
    """

    def __init__(self, wanted: frozenset[int]) -> None:
        self._wanted = wanted
        self._templates = Templates()
        self._clients: dict[str | None, _Stems] = {None: _NOBODY}
        self._references: dict[str | None, tuple[int, ...]] = {None: ()}
        self._spelling = lru_cache(maxsize=_NUMBERS_KEPT)(spelling)

    def read(self, line: str) -> Plain | None:
        """Keys of a line; None where it is to be read in full."""
        fields = self._templates.read(line)
        if fields is None:
            return None
        (identity, number, issued_on, due_on, roubles, kopecks) = fields[:6]
        (paid_roubles, paid_kopecks, _, status, client, issuer, _, references) = fields[6:]
        amount, paid = int(roubles + kopecks), int(f"{paid_roubles}{paid_kopecks}") if paid_roubles else 0
        try:
            day = day_of(issued_on)
            day_of(due_on)
            stems = self._clients.get(client) or self._stems_of(client)
            keyed = self._references[references] if references in self._references else self._keys_of(references)
        except (FieldFault, ValueError):
            return None
        identity = identity.strip()
        if not amount or not identity:
            return None
        rest = amount - paid if status in _OPEN and amount > paid else 0
        number = (number and number.strip()) or None
        known = None if number is None else self.spelling(number)
        hits = self._hits(known, rest, paid, stems, keyed)
        return Plain(identity, (issuer and issuer.strip()) or None, hits, number, day)

    def _hits(
        self, known: Spelling | None, rest: int, paid: int, stems: _Stems, keyed: Sequence[int]
    ) -> AbstractSet[int]:
        """Those of the keys of an invoice (`invoice_keys`) that some payment looks for."""
        keys: list[str] = []
        if known is not None:
            keys.append(f"n:{known.folded}")
            if known.short:
                keys += [f"n:{text}" for text in known.short]
            if known.loose:
                keys += [f"n:{text}" for text in known.loose]
        if paid and stems.paid:
            keys += [f"{stem}{paid}|{_ROUBLES}" for stem in stems.paid]
        if not rest:
            return self._wanted.intersection(map(hash, keys))
        sum_text = f"{rest}|{_ROUBLES}"
        keys.append(f"am:{sum_text}")
        for stem in stems.with_sum:
            keys.append(stem + sum_text)
        found = self._wanted.intersection(map(hash, keys))
        return found.union(stems.whole, keyed) if stems.whole or keyed else found

    def _keys_of(self, written: str | None) -> tuple[int, ...]:
        """Hashes of the keys of references that some payment looks for."""
        if written is None:
            return ()
        if len(self._references) >= _REFERENCES_KEPT:
            self._references = {None: ()}
        keys = [self._key_of(item) for item in references_of(written)]
        found = self._references[written] = tuple([key for key in keys if key in self._wanted])
        return found

    def _key_of(self, reference: Reference) -> int:
        if reference.number is None or reference.kind not in KEYED_REFERENCES:
            return 0
        known = self.spelling(reference.number)
        return 0 if known is None else hash(f"r:{reference.kind.value}|{known.folded}")

    def spelling(self, number: str) -> Spelling | None:
        """How a number is spelled; None where no payment names a number with any of its runs of digits."""
        runs = digit_runs(number)
        if runs is not None and self._wanted.isdisjoint([hash(RUN + run) for run in runs]):
            return None
        return self._spelling(number)

    def _stems_of(self, written: str | None) -> _Stems:
        if written is None:
            return _NOBODY
        if len(self._clients) >= _CLIENTS_KEPT:
            self._clients = {None: _NOBODY}
        client = client_of(written)
        found = self._clients[written] = _NOBODY if client is None else self._wanted_stems(client)
        return found

    def _wanted_stems(self, client: Client) -> _Stems:
        stems = client_stems(client)
        paid = [f"pa:{identity}|" for identity in stems.identities]
        return _Stems(
            frozenset([key for text in stems.whole if (key := hash(text)) in self._wanted]),
            tuple([stem for stem in stems.with_sum if hash(stem) in self._wanted]),
            tuple([stem for stem in paid if hash(stem) in self._wanted]),
        )


@lru_cache(maxsize=8192)
def day_of(written: str | None) -> date | None:
    """A date as ISO has it; None where there is none.

    Raises:
        ValueError: no such date.
    """
    return None if written is None else date.fromisoformat(written)


def client_of(written: str) -> Client | None:
    """The client of a plain line.

    Raises:
        FieldFault: a field cannot be read.
        ValueError: no JSON.
    """
    return client_from({"client": exact_json(written)})


def references_of(written: str) -> tuple[Reference, ...]:
    """References of a plain line.

    Raises:
        FieldFault: a field cannot be read.
        ValueError: no JSON.
    """
    return references_from({"references": exact_json(written)})
