"""What changes seldom: which names the base has, our organisations, currencies, whose bank account is whose."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from connectors.accounting_1c import query
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.links import link_to, linked
from connectors.accounting_1c.lookup import REF, Lookup
from connectors.accounting_1c.mapper import Contract, Currencies, Organisation, account_of, contract_of, organisation_of
from connectors.accounting_1c.metadata import read_metadata
from connectors.accounting_1c.names import Base, Incomplete, resolve, wanted
from connectors.accounting_1c.outcomes import NO_RIGHT
from connectors.accounting_1c.values import reference_of, text_of, type_of
from connectors.shared.jsontypes import JsonObject
from hub.domain.errors import Refused
from hub.ports.state import Clock

_log = logging.getLogger(__name__)
T = TypeVar("T")
_NAMES_S: Final = 86_400.0
_LISTS_S: Final = 3600.0


@dataclass(slots=True)
class Kept(Generic[T]):
    """Something that was read, and when by the monotonic clock."""

    value: T
    at: float


class Directory:
    """Read when needed and kept for a while. Thread-safe."""

    def __init__(self, config: OneCConfig, client: OdataClient, lookup: Lookup, clock: Clock) -> None:
        self._config = config
        self._client = client
        self._lookup = lookup
        self._clock = clock
        self._lock = threading.RLock()
        self._base: Kept[Base] | None = None
        self._organisations: Kept[Mapping[str, Organisation]] | None = None
        self._currencies: Kept[Currencies] | None = None
        self._accounts: Kept[Mapping[str, tuple[str, ...]]] | None = None
        self._contracts: Kept[Mapping[str, Contract]] | None = None
        self._casts: Kept[bool] | None = None

    def base(self, max_age_s: float = _NAMES_S) -> Base:
        """Names that the base has.

        Raises:
            Refused: something is missing; the text says what to tick.
        """
        with self._lock:
            kept = self._fresh(self._base, max_age_s, self._read_base)
            self._base = kept
            return kept.value

    def forget(self) -> None:
        """The base said that it has no such object or field: its names are read anew the next time."""
        with self._lock:
            self._base = None

    def organisations(self) -> Mapping[str, Organisation]:
        """Our legal entities by reference."""
        with self._lock:
            kept = self._fresh(self._organisations, _LISTS_S, self._read_organisations)
            self._organisations = kept
            return kept.value

    def currencies(self) -> Currencies:
        """Letters of currencies by reference."""
        with self._lock:
            kept = self._fresh(self._currencies, _NAMES_S, self._read_currencies)
            self._currencies = kept
            return kept.value

    def all_accounts(self) -> Mapping[str, tuple[str, ...]]:
        """Accounts of every client, for a walk over all of them: one reading in place of thousands."""
        with self._lock:
            kept = self._fresh(self._accounts, _LISTS_S, self._read_accounts)
            self._accounts = kept
            return kept.value

    def all_contracts(self) -> Mapping[str, Contract]:
        """Every contract, for a walk over the whole base."""
        with self._lock:
            kept = self._fresh(self._contracts, _LISTS_S, self._read_contracts)
            self._contracts = kept
            return kept.value

    def casts(self) -> bool:
        """Whether the base finds rows by a composite field: some take the cast and find nothing, some refuse it."""
        with self._lock:
            kept = self._fresh(self._casts, _NAMES_S, self._try_cast)
            self._casts = kept
            return kept.value

    def accounts_of(self, clients: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """Accounts of these clients, as they are now."""
        base = self.base()
        accounts = base.bank_accounts
        if not self.casts():
            return {client: numbers for client, numbers in self.all_accounts().items() if client in clients}
        conditions = [link_to(accounts, "owner", client, base.clients.set) for client in sorted(clients)]
        return self._by_owner(self._lookup.where(accounts, conditions, REF, "DeletionMark"))

    def wants(self, organisation: str | None) -> bool:
        """Whether documents of that organisation are read."""
        if not self._config.organisations:
            return True
        known = self.organisations().get(organisation or "")
        return known is not None and known.inn in self._config.organisations

    def is_foreign(self, organisation: str | None) -> bool:
        """Whether it is surely one whose documents are not read: one without an ИНН may be ours, entered badly."""
        known = self.organisations().get(organisation or "")
        return known is not None and bool(known.inn) and not self.wants(organisation)

    def _fresh(self, kept: Kept[T] | None, max_age_s: float, read: Callable[[], T]) -> Kept[T]:
        now = self._clock.monotonic()
        return kept if kept is not None and now - kept.at < max_age_s else Kept(read(), now)

    def _read_base(self) -> Base:
        names = self._config.read_names
        try:
            metadata = self._client.metadata(lambda body: read_metadata(body, wanted(names)))
            return resolve(names, self._config.documents, metadata)
        except Incomplete as error:
            raise Refused(
                f"incomplete: {error}", f"В публикации 1С не хватает: {error}.", "incomplete", error.missing
            ) from None

    def _try_cast(self) -> bool:
        """Ask for the accounts of an owner who has one; a base without accounts or composite owners passes."""
        of = self.base().bank_accounts
        name = of["owner"]
        if name not in of.composite:
            return True
        options = {"$top": "1", "$select": query.listed([name, f"{name}_Type"])}
        for row in self._client.rows(of.set, options):
            owner, kind = reference_of(row.get(name)), type_of(row.get(f"{name}_Type"))
            if owner is None or kind is None:
                continue
            try:
                condition = f"{name} eq {query.cast(owner, kind)}"
                return bool(self._client.rows(of.set, {**options, "$filter": condition}))
            except Refused as error:
                if error.code == NO_RIGHT:
                    raise
                _log.warning("no conditions on composite fields: %s", error.text)
                return False
        return True

    def _read_organisations(self) -> Mapping[str, Organisation]:
        of = self.base().organisations
        rows = self._lookup.every(of)
        return {ref: organisation_of(of, row) for row in rows if (ref := reference_of(row.get(REF))) is not None}

    def _read_currencies(self) -> Currencies:
        of = self.base().currencies
        rows = self._lookup.every(of)
        return {ref: text_of(row.get(of["code"])) for row in rows if (ref := reference_of(row.get(REF))) is not None}

    def _read_accounts(self) -> Mapping[str, tuple[str, ...]]:
        return self._by_owner(self._lookup.every(self.base().bank_accounts, "DeletionMark"))

    def _read_contracts(self) -> Mapping[str, Contract]:
        of = self.base().contracts
        rows = self._lookup.every(of) if of is not None else ()
        found = ((reference_of(row.get(REF)), row) for row in rows)
        return {ref: contract_of(of, row) for ref, row in found if ref is not None and of is not None}

    def _by_owner(self, rows: Iterable[JsonObject]) -> Mapping[str, tuple[str, ...]]:
        base = self.base()
        found: dict[str, list[str]] = {}
        for row in rows:
            owner = linked(base.bank_accounts, row, "owner", base.clients.set)
            number = account_of(base.bank_accounts, row)
            if owner is not None and number is not None and row.get("DeletionMark") is not True:
                found.setdefault(owner, []).append(number)
        return {owner: tuple(dict.fromkeys(numbers)) for owner, numbers in found.items()}
