"""How a configuration calls what we look for, and which of the names a base really has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from connectors.accounting_1c.metadata import Metadata

_Name = Annotated[str, Field(min_length=1, max_length=200)]
_Candidates = tuple[_Name, ...]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ObjectNames(_Strict):
    """One object. Of each list the first name that the base has counts.

    Attributes:
        title: as people see it in 1C.
        optional: the base may do without it.
    """

    object: Annotated[_Candidates, Field(min_length=1)]
    title: _Name
    fields: dict[str, _Candidates]
    optional: bool = False


class PaymentNames(ObjectNames):
    """Documents of money that came in, with their table of what the money is for.

    Attributes:
        rows: name of the table.
        customers: kinds of operation that are money of customers; empty means that no kind says otherwise.
    """

    rows: Annotated[_Candidates, Field(min_length=1)]
    row_fields: dict[str, _Candidates]
    customers: _Candidates = ()


class CashNames(ObjectNames):
    """Documents of cash that came in.

    Attributes:
        customers: kinds of operation that are money of customers; the others are not read. Empty means that all are.
    """

    customers: _Candidates = ()


class StatusNames(ObjectNames):
    """The register of the states of invoices.

    Attributes:
        value_type: how the type of a state is written.
        paid: the state that means that all the money came; so on.
    """

    value_type: _Name
    paid: _Name
    partly: _Name
    unpaid: _Name
    cancelled: _Name


class Names(_Strict):
    """A configuration of 1C.

    Attributes:
        orders: documents that some companies use in place of invoices.
        cash: orders of cash that came in; None where they are not read.
    """

    title: _Name
    organisations: ObjectNames
    clients: ObjectNames
    contracts: ObjectNames
    bank_accounts: ObjectNames
    own_accounts: ObjectNames
    currencies: ObjectNames
    invoices: ObjectNames
    orders: ObjectNames | None = None
    payments: PaymentNames
    cash: CashNames | None = None
    statuses: StatusNames | None = None


class Documents(StrEnum):
    """Which documents are the company's demands for money."""

    INVOICES = "invoices"
    ORDERS = "orders"


#: Fields without which an object is of no use.
_NEEDED: Final[Mapping[str, frozenset[str]]] = {
    "organisations": frozenset({"inn"}),
    "clients": frozenset({"name", "inn"}),
    "contracts": frozenset(),
    "bank_accounts": frozenset({"number", "owner"}),
    "own_accounts": frozenset({"number", "owner"}),
    "currencies": frozenset({"code"}),
    "invoices": frozenset({"number", "date", "organisation", "client", "amount"}),
    "payments": frozenset({"number", "date"}),
    "payment rows": frozenset({"link", "amount"}),
    "cash": frozenset({"number", "date", "organisation", "client", "amount"}),
    "statuses": frozenset({"organisation", "document", "status"}),
}


@dataclass(frozen=True, slots=True)
class Resolved:
    """An object as the base has it.

    Attributes:
        set: the name of its set.
        fields: our name -> the name on the wire.
        composite: wire names of fields that may lead to objects of several kinds (`X` with `X_Type`).
    """

    set: str
    title: str
    fields: Mapping[str, str]
    composite: frozenset[str] = frozenset()

    def __getitem__(self, name: str) -> str:
        return self.fields[name]

    def get(self, name: str) -> str | None:
        """The wire name of a field, None where the base has none."""
        return self.fields.get(name)

    def has(self, name: str) -> bool:
        """Whether the base has that field."""
        return name in self.fields

    def selected(self, *standard: str) -> list[str]:
        """What to ask for: standard fields, ours, and the types of composite ones."""
        mine = list(self.fields.values())
        return [*standard, *mine, *(f"{name}_Type" for name in mine if name in self.composite)]


@dataclass(frozen=True, slots=True)
class Base:
    """What a base has of all that we look for; None for optional things that it does not publish."""

    organisations: Resolved
    clients: Resolved
    contracts: Resolved | None
    bank_accounts: Resolved
    own_accounts: Resolved | None
    currencies: Resolved
    invoices: Resolved
    payments: Resolved
    payment_rows: Resolved
    payment_table: str
    statuses: Resolved | None
    cash: Resolved | None = None

    def sets(self) -> Iterator[Resolved]:
        """Every set that is read."""
        several = (self.organisations, self.clients, self.contracts, self.bank_accounts, self.own_accounts)
        more = (self.currencies, self.invoices, self.payments, self.payment_rows, self.statuses, self.cash)
        found = {item.set: item for item in (*several, *more) if item is not None}
        yield from found.values()


class Incomplete(ValueError):
    """The base lacks what cannot be done without; `missing` says what to tick (Russian)."""

    def __init__(self, missing: tuple[str, ...]) -> None:
        super().__init__("; ".join(missing))
        self.missing = missing


def wanted(names: Names) -> frozenset[str]:
    """Objects whose fields are to be read out of the metadata."""
    objects = [item for item in _objects(names, names.invoices) if item is not None]
    found = {name for item in objects for name in item.object}
    found |= set(names.orders.object) if names.orders is not None else set()
    found |= {f"{doc}_{rows}{end}" for doc, rows in _tables(names.payments) for end in ("", "_RowType")}
    return frozenset(found)


def _objects(names: Names, documents: ObjectNames) -> tuple[ObjectNames | None, ...]:
    return (
        names.organisations,
        names.clients,
        names.contracts,
        names.bank_accounts,
        names.own_accounts,
        names.currencies,
        documents,
        names.payments,
        names.cash,
        names.statuses,
    )


def _tables(payments: PaymentNames) -> Iterator[tuple[str, str]]:
    yield from ((doc, rows) for doc in payments.object for rows in payments.rows)


@dataclass(slots=True)
class _Resolver:
    metadata: Metadata
    missing: list[str] = field(default_factory=list)

    def object(self, kind: str, names: ObjectNames) -> Resolved | None:
        name = next((item for item in names.object if item in self.metadata.sets), None)
        if name is None:
            if not names.optional:
                self.missing.append(f"«{names.title}» ({names.object[0]}) — {TICK}")
            return None
        return self._fields(kind, name, names.title, names.fields, self.metadata.fields.get(name, frozenset()))

    def table(self, document: str, names: PaymentNames) -> tuple[str, Resolved] | None:
        for rows in names.rows:
            name = f"{document}_{rows}"
            if name in self.metadata.sets:
                there = self.metadata.fields.get(name) or self.metadata.fields.get(f"{name}_RowType", frozenset())
                title = f"{names.title}: {rows}"
                found = self._fields("payment rows", name, title, names.row_fields, there)
                return (rows, found) if found is not None else None
        self.missing.append(f"«{names.title}», таблица {names.rows[0]} ({document}_{names.rows[0]}) — {TICK}")
        return None

    def _fields(
        self, kind: str, name: str, title: str, given: Mapping[str, tuple[str, ...]], there: frozenset[str]
    ) -> Resolved | None:
        found = {ours: next((item for item in candidates if item in there), None) for ours, candidates in given.items()}
        lacking = [given[ours][0] for ours in sorted(_NEEDED[kind]) if ours in given and found[ours] is None]
        lacking += sorted(_NEEDED[kind] - given.keys())
        self.missing += [f"«{title}» ({name}): нет реквизита {field_name} — {RENAME}" for field_name in lacking]
        if lacking:
            return None
        fields = {ours: wire for ours, wire in found.items() if wire is not None}
        composite = frozenset(wire for wire in fields.values() if f"{wire}_Type" in there)
        return Resolved(name, title, fields, composite)


#: What a person does about an object that is not published.
TICK: Final = "отметьте в 1С: «Настройка стандартного интерфейса OData» → вкладка «Состав»"
RENAME: Final = "в этой базе он называется иначе: впишите его в свой файл имён (map) подключения"


def resolve(names: Names, documents: Documents, metadata: Metadata) -> Base:
    """Map each name to the first candidate that the base has.

    Raises:
        Incomplete: with everything that is missing, all at once.
    """
    chosen = names.orders if documents is Documents.ORDERS else names.invoices
    if chosen is None:
        raise Incomplete((f"в «{names.title}» нет заказов, по которым выставляют счета: уберите documents: orders",))
    if not metadata.sets:
        raise Incomplete((f"в публикации нет ни одного объекта — {TICK}",))
    step = _Resolver(metadata)
    organisations, clients = step.object("organisations", names.organisations), step.object("clients", names.clients)
    contracts, accounts = step.object("contracts", names.contracts), step.object("bank_accounts", names.bank_accounts)
    own_accounts = step.object("own_accounts", names.own_accounts)
    currencies, invoices = step.object("currencies", names.currencies), step.object("invoices", chosen)
    payments = step.object("payments", names.payments)
    table = step.table(payments.set, names.payments) if payments is not None else None
    statuses = step.object("statuses", names.statuses) if names.statuses is not None else None
    cash = step.object("cash", names.cash) if names.cash is not None else None
    if (
        step.missing
        or organisations is None
        or clients is None
        or accounts is None
        or currencies is None
        or invoices is None
        or payments is None
        or table is None
    ):
        raise Incomplete(tuple(dict.fromkeys(step.missing)))
    return Base(
        organisations=organisations,
        clients=clients,
        contracts=contracts,
        bank_accounts=accounts,
        own_accounts=own_accounts,
        currencies=currencies,
        invoices=invoices,
        payments=payments,
        payment_rows=table[1],
        payment_table=table[0],
        statuses=statuses,
        cash=cash,
    )
