"""Incoming payments of 1C as a statement: for companies whose bank is read by nobody but their accountant.

One account and day is one answer, as with a bank; there are no balances, so that no day can be proved. A payment is
the same as the line of a bank's file or API where the incoming number, its date, the sum and the accounts agree.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from connectors.accounting_1c import query
from connectors.accounting_1c.cash import CashDesks, is_desk, party
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.links import gathered, link_to, linked, text_in
from connectors.accounting_1c.lookup import HEADER, REF, Lookup
from connectors.accounting_1c.mapper import account_of, client_of, links_of
from connectors.accounting_1c.names import Base, Resolved
from connectors.accounting_1c.outcomes import NO_FIELD, NO_OBJECT
from connectors.accounting_1c.paid import counts
from connectors.accounting_1c.values import day_of, objects_of, reference_of
from connectors.bank.day import DayDocument, days_between, dump_day, load_day, raw_of
from connectors.bank.formats.client_bank_exchange.values import ValueProblem, account_currency
from connectors.bank.operation import BankRow, RowProblem, amount_of, day_or_none, map_of, party_of
from connectors.bank.operation import day_of as booked_on
from connectors.bank.operation import text_of as plain
from connectors.bank.providers.statement_day import read_day
from connectors.shared.http import HttpClient
from connectors.shared.jsontypes import Json, JsonObject
from connectors.shared.runtime import Runtime
from hub.domain.errors import Refused
from hub.domain.models import Client
from hub.ports.bank import BankAccount, BankDay, BankPort, DayAnswer, DayHint
from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission

PROVIDER: Final = "1c"
_DAY: Final = timedelta(days=1)
_PARTIES_S: Final = 3600.0
_NO_ACCOUNTS: Final = "В публикации 1С нет банковских счетов организаций: отметьте их в составе OData."
_NO_FIELDS: Final = "В поступлениях этой базы нет реквизита счёта или суммы: впишите его имя в файл имён (map)."


class OneCMoney(BankPort):
    """Accounts of the organisations of one base. Thread-safe."""

    def __init__(self, config: OneCConfig, runtime: Runtime, http: HttpClient | None = None) -> None:
        self._config = config
        self._clock = runtime.clock
        self._customers = frozenset(config.names.payments.customers)
        self._client = OdataClient(config, runtime, http)
        self._lookup = Lookup(config, self._client)
        self._directory = Directory(config, self._client, self._lookup, runtime.clock)
        self._desks = CashDesks(config, self._directory, self._lookup)
        self._accounts: Mapping[str, Sequence[str]] = {}
        self._parties: dict[str, tuple[float, Client]] = {}
        self._numbers: dict[str, str] = {}

    def accounts(self) -> tuple[BankAccount, ...]:
        """Accounts of our organisations, and their cash desks where cash is read."""
        base = self._directory.base()
        of = base.own_accounts
        if of is None:
            raise Refused("no own accounts", _NO_ACCOUNTS)
        owners = base.organisations.set
        rows = [row for row in self._of_organisations(base, of) if linked(of, row, "owner", owners) is not None]
        found = [(account_of(of, row), reference_of(row.get(REF)), row.get("DeletionMark") is not True) for row in rows]
        # A number that was entered twice is one account: either record may stand in its payments.
        self._accounts = gathered((number, reference) for number, reference, _ in found if number and reference)
        is_open_of: dict[str, bool] = {}
        for number, _, is_open in found:
            if number is not None:
                is_open_of[number] = is_open or is_open_of.get(number, False)
        accounts = (BankAccount(number, _currency(number), is_open=is_open) for number, is_open in is_open_of.items())
        return (*accounts, *self._desks.accounts())

    def _of_organisations(self, base: Base, of: Resolved) -> Iterable[JsonObject]:
        """A catalogue that holds the accounts of thousands of clients as well is asked for ours."""
        if of["owner"] in of.composite and not self._directory.casts():
            return self._lookup.every(of, "DeletionMark")
        mine = [link_to(of, "owner", owner, base.organisations.set) for owner in self._directory.organisations()]
        return self._lookup.where(of, mine, REF, "DeletionMark")

    def days(self, account: str, first: date, last: date) -> Iterator[DayAnswer]:
        """Posted payments of an account, day by day."""
        try:
            rows = self._cash(account, first, last) if is_desk(account) else self._rows(account, first, last)
        except Refused as error:
            if error.code in (NO_OBJECT, NO_FIELD):
                self._directory.forget()
            raise
        by_day: dict[date, list[JsonObject]] = {}
        for day, row in rows:
            by_day.setdefault(day, []).append(row)
        for day in days_between(first, last):
            yield dump_day(DayDocument(PROVIDER, account, day, None, None, tuple(by_day.get(day, ()))))

    def read(self, body: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> BankDay:
        """Read a stored day."""
        return read_day(load_day(body), _is_booked, self._row, own_accounts, own_tax_ids)

    def admit(self, request: HookRequest) -> Admission | None:  # noqa: ARG002
        """1C calls nobody (`hub.ports.hooks.HookDoor`)."""
        return None

    def hints(self, request: HookRequest) -> tuple[DayHint, ...]:  # noqa: ARG002
        """None come."""
        return ()

    def refresh(self) -> None:
        """There is no key to fetch."""

    def subscribe(self, url: str) -> None:  # noqa: ARG002
        """1C calls nobody."""
        raise Refused("no hooks", "1С не присылает вебхуков: поступления читаются опросом.")

    def close(self) -> None:
        """Release sockets."""
        self._client.close()

    # Reading

    def _rows(self, account: str, first: date, last: date) -> list[tuple[date, JsonObject]]:
        base = self._directory.base()
        of = base.payments
        if not (of.has("account") and of.has("amount")):
            raise Refused("payments without account or sum", _NO_FIELDS)
        if account not in self._accounts:
            self.accounts()
        rows = [row for ref in self._accounts.get(account, ()) for row in self._found(base, ref, first, last)]
        clients = self._clients(base, {ref for row in rows if (ref := _client(base, row)) is not None})
        numbers = self._account_numbers(base, {ref for row in rows if (ref := linked(of, row, "client_account"))})
        return [
            (day, _neutral(base, row, clients, numbers, account))
            for row in rows
            if (day := day_of(row.get(of["date"]))) is not None
        ]

    def _cash(self, account: str, first: date, last: date) -> list[tuple[date, JsonObject]]:
        orders = self._desks.orders(account, first, last)
        clients = self._clients(self._directory.base(), {order.client for order in orders if order.client})
        return [(order.day, order.document | {"payer": party(clients.get(order.client or ""))}) for order in orders]

    def _found(self, base: Base, account: str, first: date, last: date) -> Iterable[JsonObject]:
        of = base.payments
        start, end = (query.moment(datetime.combine(day, time())) for day in (first, last + _DAY))
        mine = link_to(of, "account", account, base.own_accounts.set if base.own_accounts is not None else "")
        options = {
            "$filter": f"{of['date']} ge {start} and {of['date']} lt {end} and {mine}",
            "$orderby": f"{of['date']},{REF}",
            "$select": query.listed([*of.selected(*HEADER), base.payment_table]),
        }
        return [row for row in self._lookup.paged(of.set, options) if counts(base, row)]

    def _clients(self, base: Base, references: Collection[str]) -> Mapping[str, Client]:
        now = self._clock.monotonic()
        unknown = {ref for ref in references if ref not in self._parties or now - self._parties[ref][0] > _PARTIES_S}
        rows = self._lookup.by_reference(base.clients, unknown, REF) if unknown else {}
        self._parties.update({ref: (now, client_of(base.clients, ref, row)) for ref, row in rows.items()})
        return {ref: self._parties[ref][1] for ref in references if ref in self._parties}

    def _account_numbers(self, base: Base, references: Collection[str]) -> Mapping[str, str]:
        """Numbers of clients' accounts: they never change, a client who has another gets another record."""
        unknown = set(references) - self._numbers.keys()
        rows = self._lookup.by_reference(base.bank_accounts, unknown, REF) if unknown else {}
        for reference, row in rows.items():
            self._numbers[reference] = account_of(base.bank_accounts, row) or ""
        return self._numbers

    # Reading what was stored

    def _row(self, row: JsonObject, account: str) -> BankRow:
        operation = plain(row.get("operation"))
        doubts: tuple[str, ...] = ()
        if self._customers and operation and operation not in self._customers:
            doubts = (f"В 1С это «{operation}», а не оплата покупателя: проверьте, деньги ли это клиента.",)
        return read_row(row, account, doubts)


def read_row(row: JsonObject, account: str, doubts: tuple[str, ...] = ()) -> BankRow:
    """One payment.

    Raises:
        RowProblem: a value that decides about money is absent or garbled.
    """
    if not plain(row.get("id")):
        raise RowProblem("id", "У документа нет ссылки: это не поступление из 1С.")
    return BankRow(
        source_id=plain(row.get("id")),
        account=account,
        credited=True,
        amount=amount_of(row.get("amount"), row.get("currency"), "amount"),
        booked_on=booked_on(row.get("day"), "day"),
        document_number=plain(row.get("bank_number")) or None,
        document_date=day_or_none(row.get("bank_date")),
        document_kind=None,
        operation_code=None,
        payer=party_of([map_of(row.get("payer"))]),
        payee=party_of([map_of(row.get("payee")) or {"account": account}]),
        purpose=plain(row.get("purpose")),
        raw=raw_of(row),
        doubts=doubts,
    )


def _is_booked(_row: JsonObject) -> bool:
    """Drafts were left out when the day was read."""
    return True


def _neutral(
    base: Base, row: JsonObject, clients: Mapping[str, Client], numbers: Mapping[str, str], account: str
) -> JsonObject:
    """A payment as the inbox keeps it: with what its references mean, so that reading it takes no call."""
    of = base.payments
    client = clients.get(_client(base, row) or "")
    payer: JsonObject = {"account": numbers.get(linked(of, row, "client_account") or "") or None}
    payer |= party(client)
    links: list[Json] = list(links_of(base.payment_rows, objects_of(row.get(base.payment_table)), base.invoices.set))
    day, bank_day = day_of(row.get(of["date"])), _date(of, row, "bank_date")
    return {
        "id": reference_of(row.get(REF)),
        "number": text_in(of, row, "number"),
        "day": day.isoformat() if day is not None else None,
        "amount": row.get(of["amount"]),
        "currency": _currency(account),
        "bank_number": text_in(of, row, "bank_number"),
        "bank_date": bank_day.isoformat() if bank_day is not None else None,
        "purpose": text_in(of, row, "purpose"),
        "operation": text_in(of, row, "operation"),
        "payer": payer,
        "invoices": links,
    }


def _client(base: Base, row: JsonObject) -> str | None:
    return linked(base.payments, row, "client", base.clients.set)


def _date(of: Resolved, row: JsonObject, ours: str) -> date | None:
    name = of.get(ours)
    return day_of(row.get(name)) if name is not None else None


def _currency(account: str) -> str:
    """Of the account; Russian numbers tell it."""
    try:
        return account_currency(account) or "RUB"
    except ValueProblem:
        return "RUB"


def build_money(config: OneCConfig, runtime: Runtime) -> OneCMoney:
    """A source of payments from valid settings."""
    return OneCMoney(config, runtime)
