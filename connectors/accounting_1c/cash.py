"""Cash of customers, by the orders that an accountant posts: a desk of each legal entity, named by its ИНН.

No bank shows this money. A desk stands where an account stands elsewhere, so that days, marks and pages are the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from connectors.accounting_1c import query
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.links import gathered, link_to, linked, text_in
from connectors.accounting_1c.lookup import HEADER, REF, Lookup
from connectors.accounting_1c.mapper import is_in_force
from connectors.accounting_1c.names import Base, Resolved
from connectors.accounting_1c.values import day_of, reference_of
from connectors.shared.jsontypes import JsonObject
from hub.domain.models import Client
from hub.domain.money import MoneyError, currency_code
from hub.ports.bank import BankAccount

#: How the account of a desk begins; what follows is the ИНН of the legal entity.
DESK: Final = "КАССА-"
_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Order:
    """An order on the day that people see on it.

    Attributes:
        client: reference of who paid; None for nobody of the catalogue of clients.
        document: as the inbox keeps it, in the words of a payment of a bank, without who paid.
    """

    day: date
    client: str | None
    document: JsonObject


class CashDesks:
    """Orders of one base."""

    def __init__(self, config: OneCConfig, directory: Directory, lookup: Lookup) -> None:
        names = config.read_names.cash
        self._customers = frozenset(names.customers) if names is not None else frozenset[str]()
        self._currency = config.default_currency
        self._directory = directory
        self._lookup = lookup

    def accounts(self) -> tuple[BankAccount, ...]:
        """A desk of every legal entity that is read and has an ИНН; none where cash is not read."""
        if self._directory.base().cash is None:
            return ()
        return tuple(BankAccount(DESK + inn, self._currency) for inn in sorted(self._references()))

    def orders(self, account: str, first: date, last: date) -> list[Order]:
        """Posted orders of customers' money."""
        base = self._directory.base()
        of = base.cash
        if of is None:
            return []
        owners = self._references().get(account.removeprefix(DESK), ())
        rows = (row for owner in owners for row in self._found(base, of, owner, first, last))
        return [order for row in rows if (order := self._order(base, of, row, account)) is not None]

    def _order(self, base: Base, of: Resolved, row: JsonObject, account: str) -> Order | None:
        day = day_of(row.get(of["date"]))
        if day is None:
            return None
        document: JsonObject = {
            "id": reference_of(row.get(REF)),
            "day": day.isoformat(),
            "amount": row.get(of["amount"]),
            "currency": self._currency_of(of, row),
            "bank_number": text_in(of, row, "number"),
            "bank_date": day.isoformat(),
            "purpose": text_in(of, row, "purpose"),
            "payee": {"inn": account.removeprefix(DESK)},
        }
        return Order(day, linked(of, row, "client", base.clients.set), document)

    def _references(self) -> Mapping[str, Sequence[str]]:
        """Organisations by ИНН: a branch is a record of its own under the ИНН of its legal entity."""
        known = self._directory.organisations()
        return gathered((item.inn, ref) for ref, item in known.items() if item.inn and self._directory.wants(ref))

    def _found(self, base: Base, of: Resolved, organisation: str, first: date, last: date) -> Iterator[JsonObject]:
        start, end = (query.moment(datetime.combine(day, time())) for day in (first, last + _DAY))
        mine = link_to(of, "organisation", organisation, base.organisations.set)
        options = {
            "$filter": f"{of['date']} ge {start} and {of['date']} lt {end} and {mine}",
            "$orderby": f"{of['date']},{REF}",
            "$select": query.listed(of.selected(*HEADER)),
        }
        for row in self._lookup.paged(of.set, options):
            if is_in_force(row) and self._is_customers(of, row):
                yield row

    def _is_customers(self, of: Resolved, row: JsonObject) -> bool:
        told = text_in(of, row, "operation")
        return not self._customers or not told or told in self._customers

    def _currency_of(self, of: Resolved, row: JsonObject) -> str:
        code = self._directory.currencies().get(linked(of, row, "currency") or "")
        try:
            return currency_code(code) if code else self._currency
        except MoneyError:
            return self._currency


def is_desk(account: str) -> bool:
    """Whether the account is a desk."""
    return account.startswith(DESK)


def party(client: Client | None) -> JsonObject:
    """Who paid, in neutral words: nobody tells an account."""
    if client is None:
        return {}
    return {"name": client.names[-1] if client.names else None, "inn": client.main_tax_id, "kpp": client.kpp}
