"""From wire rows to the domain: ids as text, money exact, requisites from every place where the vendor keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, tzinfo
from decimal import Decimal
from typing import Final

from connectors.amocrm import fields
from connectors.amocrm.config import LOST, WON, AmoConfig, Requisites
from connectors.amocrm.fields import Choice, Particulars
from connectors.amocrm.schemas import CatalogRow, ElementRow, EnumRow, FieldRow, LeadRow, OwnerRow, PipelineRow
from connectors.shared.amounts import money_of
from connectors.shared.titles import date_in_title, number_in_title
from hub.domain.models import Client, Deal, Invoice, InvoiceStatus, Pipeline, Stage, StageKind, TaxId, TaxIdKind
from hub.domain.money import Money, MoneyError
from hub.ports.crm import Position

COMPANY: Final = "companies"
CONTACT: Final = "contacts"
STATUS: Final = "BILL_STATUS"
PAID_ON: Final = "BILL_PAYMENT_DATE"
PRICE: Final = "BILL_PRICE"

_CODES: Final = {COMPANY: "CO", CONTACT: "C"}
_KINDS: Final = {WON: StageKind.WON, LOST: StageKind.LOST}
#: Codes of the field of an invoice's status, and the names that accounts without codes give them.
_PAID_CODES: Final = frozenset({"paid", "paid_in_advance"})
_PAID_NAMES: Final = frozenset({"оплачен", "оплачен в аванс", "paid", "paid in advance"})
#: The year 6325; what lies beyond the year 9999 is no day in Python, and a field may hold any number.
_LATEST_S: Final = 2**37
_DATES: Final = ("%d.%m.%Y", "%Y-%m-%d")


def client_key(kind: str, entity_id: int) -> str:
    """Our id of a company or contact."""
    return f"{_CODES[kind]}_{entity_id}"


def owner_of_key(key: str) -> tuple[str, int]:
    """The company or contact behind an id of ours."""
    code, _, number = key.partition("_")
    return next(kind for kind, known in _CODES.items() if known == code), int(number)


def deal_invoice_id(deal_id: int | str) -> str:
    """Id of the invoice that a deal itself is."""
    return f"D_{deal_id}"


def position_of(row: LeadRow) -> Position:
    """Where a deal stands."""
    return Position(row.pipeline_id, row.status_id)


def stage_kind(stage_id: str) -> StageKind:
    """Won and lost have fixed numbers; every other stage is open."""
    return _KINDS.get(stage_id, StageKind.OPEN)


def owner_of(row: LeadRow) -> tuple[str, int] | None:
    """The client of a deal: its company, else its main contact (a sole trader)."""
    if row.bound.companies:
        return COMPANY, row.bound.companies[0].id
    contacts = sorted(row.bound.contacts, key=lambda item: not item.is_main)
    return (CONTACT, contacts[0].id) if contacts else None


def pipeline_of(row: PipelineRow) -> Pipeline:
    """A pipeline with its stages in the account's order."""
    ordered = sorted(row.embedded.statuses, key=lambda status: status.sort)
    stages = (
        Stage(str(status.id), status.name, place, stage_kind(str(status.id))) for place, status in enumerate(ordered)
    )
    return Pipeline(str(row.id), row.name, tuple(stages))


def invoice_pipeline(catalog: CatalogRow, status: FieldRow) -> Pipeline:
    """The states of an invoice as stages of one pipeline."""
    ordered = sorted(status.enums, key=lambda choice: choice.sort)
    stages = (
        Stage(
            str(choice.id), choice.value, place, StageKind.WON if is_paid(choice.code, choice.value) else StageKind.OPEN
        )
        for place, choice in enumerate(ordered)
    )
    return Pipeline(str(catalog.id), catalog.name, tuple(stages))


def is_paid(code: str, name: str) -> bool:
    """Whether a state of an invoice means that all the money came; its code decides where there is one."""
    return code in _PAID_CODES if code else " ".join(name.casefold().split()) in _PAID_NAMES


def enum_of(choice: Choice, enums: Iterable[EnumRow]) -> EnumRow | None:
    """Which of the field's choices was made, by the first of id, code and text that the card gives."""
    known = list(enums)
    for mine, theirs in (
        (choice.enum_id, [str(item.id) for item in known]),
        (choice.code, [item.code for item in known]),
        (choice.text.casefold(), [item.value.casefold() for item in known]),
    ):
        if mine and mine in theirs:
            return known[theirs.index(mine)]
    return None


def client_of(kind: str, row: OwnerRow, places: Requisites) -> Client:
    """A company or contact with every name, tax id and account of its card."""
    entities = fields.legal_entities(row)
    names = [row.name or f"{row.last_name} {row.first_name}", *(item.name for item in entities)]
    accounts = [*(item.account for item in entities), *map(_joined, fields.texts(row, places.account))]
    tax_ids = [*(tax_id for item in entities for tax_id in _of_particulars(item)), *_of_plain_fields(row, places)]
    return Client(
        client_key(kind, row.id),
        _unique(" ".join(name.split()) for name in names),
        tuple(dict.fromkeys(tax_ids)),
        _unique(number.upper() for number in accounts),
    )


def _of_plain_fields(row: OwnerRow, places: Requisites) -> Iterator[TaxId]:
    yield from (_main(value) for value in _digits(fields.texts(row, places.inn)) if len(value) in (9, 10, 12))
    yield from (_kpp(value) for value in _digits(fields.texts(row, places.kpp)) if len(value) == 9)
    for value in fields.texts(row, places.inn_kpp):
        inn, _, kpp = _joined(value).partition("/")
        if _is_number(inn) and len(inn) in (10, 12):
            yield _main(inn)
        if _is_number(kpp) and len(kpp) == 9:
            yield _kpp(kpp)


def _of_particulars(item: Particulars) -> Iterator[TaxId]:
    if _is_number(item.tax_id):
        yield _main(item.tax_id)
    if item.kpp:
        yield _kpp(item.kpp)
    if _is_number(item.bin):
        yield TaxId(TaxIdKind.KZ_BIN, item.bin)


def _main(value: str) -> TaxId:
    return TaxId(TaxIdKind.BY_UNP if len(value) == 9 else TaxIdKind.RU_INN, value)


def _kpp(value: str) -> TaxId:
    return TaxId(TaxIdKind.RU_KPP, value)


def _digits(values: Iterable[str]) -> Iterator[str]:
    yield from (text for value in values if _is_number(text := _joined(value)))


def _is_number(text: str) -> bool:
    """Latin figures only: Python counts `²` and Arabic ones among digits."""
    return text.isascii() and text.isdigit()


def _joined(text: str) -> str:
    return "".join(text.split())


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


class Mapper:
    """Deals and invoices of one account, by its settings.

    Args:
        currency: of every sum of the account; it has one.
        zone: the account's time zone, in which a moment is a day.
    """

    def __init__(self, config: AmoConfig, currency: str, zone: tzinfo = UTC) -> None:
        self._config = config
        self._currency = currency
        self._zone = zone
        pattern = config.invoices.number_pattern
        self._number = re.compile(pattern) if pattern is not None else None

    def deal(self, row: LeadRow, invoices: Sequence[Invoice] = ()) -> Deal:
        """A deal; its sum is None where none is filled in (the account shows 0 then).

        The account keeps the sum of a deal in whole units. Where its invoices, rounded, come to the same, theirs
        counts: a payment with kopecks would never cover a sum that was rounded up.
        """
        owner, named = owner_of(row), self._config.deal_fields.items()
        return Deal(
            id=str(row.id),
            title=row.name,
            pipeline_id=row.pipeline_id,
            stage_id=row.status_id,
            stage_kind=stage_kind(row.status_id),
            amount=self._deal_amount(row, invoices),
            client_id=client_key(*owner) if owner is not None else None,
            responsible_id=row.responsible_user_id or None,
            moved_by=None if row.updated_by in ("", "0") else row.updated_by,
            fields={ours: found for ours, theirs in named if (found := fields.text(row, [theirs]))},
        )

    def element(self, row: ElementRow, enums: Sequence[EnumRow], client: Client | None) -> Invoice:
        """An element of the list of invoices.

        Args:
            enums: the choices of its status.
            client: whom it asks, where the element itself does not say.

        Raises:
            MoneyError: its sum is no amount of money.
        """
        price = fields.number(row, PRICE)
        if price is None:
            raise MoneyError("no sum")
        amount = money_of(price, self._currency)
        paid = self._is_paid(row, enums)
        seller = fields.seller(row)
        return Invoice(
            id=str(row.id),
            number=self.number(row.name),
            issued_on=date_in_title(row.name) or self._day(row.created_at),
            amount=amount,
            paid=amount if paid else Money.zero(amount.currency),
            status=InvoiceStatus.PAID if paid else InvoiceStatus.OPEN,
            client=self.payer(row) or client,
            organisation_tax_id=(seller.tax_id or None) if seller is not None else None,
            bound_by_deal=True,
        )

    @staticmethod
    def payer(row: ElementRow) -> Client | None:
        """Whom an invoice asks. Requisites that stand in the invoice itself belong to it; a link alone names a card."""
        found = fields.payer(row)
        if found is None or not (found.owner_id or found.tax_id or found.name):
            return None
        # Cards of old accounts leave the kind out: they link companies.
        identity = client_key(found.owner_type or COMPANY, found.owner_id) if found.owner_id else ""
        tax_ids = tuple(dict.fromkeys(_of_particulars(found)))
        return Client(identity, _unique([found.name]), tax_ids, _unique([found.account]))

    def number(self, name: str) -> str | None:
        """An invoice's number out of its name."""
        if self._number is None:
            return number_in_title(name)
        match = self._number.search(name)
        return (match.group(1) or "").strip() or None if match is not None else None

    def deal_invoice(self, row: LeadRow, client: Client | None) -> Invoice | None:
        """The invoice that lives in a deal, None where the deal holds none (yet)."""
        places = self._config.invoices.fields
        number = fields.text(row, places.number) if places is not None else ""
        if places is not None and not number:
            return None
        amount = self._invoice_amount(row, fields.text(row, places.amount) if places is not None else "")
        if amount is None or not amount.is_positive:
            return None
        kind = stage_kind(row.status_id)
        return Invoice(
            id=deal_invoice_id(row.id),
            number=number or None,
            issued_on=self.printed_day(fields.text(row, places.date)) if places is not None else None,
            amount=amount,
            paid=amount if kind is StageKind.WON else Money.zero(amount.currency),
            status=_STATUSES[kind],
            client=replace(client, tax_ids=(), accounts=()) if client is not None else None,
            deals=(str(row.id),),
            markable=False,
        )

    def noon(self, day: date) -> str:
        """A day for a date field, RFC 3339: noon in the account's zone, which no shift of zones makes another day."""
        return datetime.combine(day, time(12), self._zone).isoformat()

    def printed_day(self, text: str) -> date | None:
        """The day that a date field means: Unix seconds in the account's zone, or a date as a person writes it."""
        if _is_number(text) and len(text) > 8:
            return self._day(int(text))
        for pattern in _DATES:
            try:
                return datetime.strptime(text[:10], pattern).replace(tzinfo=UTC).date()
            except ValueError:
                continue
        return None

    def _deal_amount(self, row: LeadRow, invoices: Sequence[Invoice]) -> Money | None:
        amount = self._money_or_none(row.exact_price if row.exact_price is not None else row.price)
        if amount is None or row.exact_price is not None or not invoices:
            return amount
        asked = sum((invoice.amount.amount for invoice in invoices), Decimal(0))
        return Money.of(asked, self._currency) if abs(asked - amount.amount) < 1 else amount

    def _invoice_amount(self, row: LeadRow, written: str) -> Money | None:
        if not written:
            return self._money_or_none(row.exact_price if row.exact_price is not None else row.price)
        try:
            return Money.of(_joined(written).replace(",", "."), self._currency)
        except MoneyError:
            return None

    def _money_or_none(self, value: Decimal | None) -> Money | None:
        try:
            return money_of(value, self._currency) if value else None
        except MoneyError:
            return None

    @staticmethod
    def _is_paid(row: ElementRow, enums: Sequence[EnumRow]) -> bool:
        field = fields.with_code(row, STATUS)
        choice = fields.chosen(field) if field is not None else None
        if choice is None:
            return False
        known = enum_of(choice, enums)
        return is_paid(known.code, known.value) if known is not None else is_paid(choice.code, choice.text)

    def _day(self, seconds: int) -> date | None:
        return datetime.fromtimestamp(seconds, self._zone).date() if 0 < seconds < _LATEST_S else None


_STATUSES: Final = {
    StageKind.OPEN: InvoiceStatus.OPEN,
    StageKind.WON: InvoiceStatus.PAID,
    StageKind.LOST: InvoiceStatus.CANCELLED,
}
