"""From wire rows to the domain: ids as text, money exact, dates as printed, stages by their semantics."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.schemas import BankDetailRow, CategoryRow, ItemRow, RequisiteRow, StatusRow
from connectors.shared.amounts import money_of
from connectors.shared.guids import guid_of
from connectors.shared.titles import number_in_title
from hub.domain.models import (
    Client,
    Deal,
    Invoice,
    InvoiceStatus,
    Pipeline,
    Stage,
    StageKind,
    TaxId,
    TaxIdKind,
)
from hub.domain.money import Money, MoneyError

DEAL: Final = 2
CONTACT: Final = 3
COMPANY: Final = 4
INVOICE: Final = 31

_KINDS: Final = {"S": StageKind.WON, "F": StageKind.LOST}
_EXTRA_KINDS: Final = {"success": StageKind.WON, "failure": StageKind.LOST, "apology": StageKind.LOST}
_STATUSES: Final = {
    StageKind.OPEN: InvoiceStatus.OPEN,
    StageKind.WON: InvoiceStatus.PAID,
    StageKind.LOST: InvoiceStatus.CANCELLED,
}
#: The vendor's own short codes of record kinds keep companies and contacts apart.
_CLIENT_CODES: Final = {COMPANY: "CO", CONTACT: "C"}
_DATES_RU: Final = re.compile(r"(\d{2})\.(\d{2})\.(\d{4})")


def client_id(company_id: str, contact_id: str) -> str | None:
    """Our id of a client: the company where there is one, else the contact (a sole trader)."""
    if company_id:
        return f"CO_{company_id}"
    return f"C_{contact_id}" if contact_id else None


def client_key(entity_type_id: int, entity_id: int) -> str:
    """Our id of a company or contact."""
    return f"{_CLIENT_CODES[entity_type_id]}_{entity_id}"


def deal_invoice_id(deal_id: str) -> str:
    """Id of the invoice that a deal itself is."""
    return f"D_{deal_id}"


def printed_date(text: str) -> date | None:
    """The day that a date field shows: ISO with any time after it, or dd.mm.yyyy; the zone does not move it."""
    if (match := _DATES_RU.match(text.strip())) is not None:
        text = "-".join(reversed(match.groups()))
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def printed_moment(text: str) -> datetime | None:
    """A time with its zone; None where it has none."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None


def stage_kind(semantic: str, details: object = None) -> StageKind:
    """S is success, F failure; `details` is EXTRA of crm.status.list where SEMANTICS is silent."""
    if semantic in _KINDS:
        return _KINDS[semantic]
    extra = details.get("SEMANTICS") if isinstance(details, Mapping) else None
    return _EXTRA_KINDS.get(str(extra), StageKind.OPEN)


def pipeline_of(category: CategoryRow, statuses: Iterable[StatusRow]) -> Pipeline:
    """A pipeline with its stages in the portal's order."""
    ordered = sorted(statuses, key=lambda row: row.sort)
    stages = tuple(
        Stage(row.status_id, row.name, position, stage_kind(row.semantics, row.details))
        for position, row in enumerate(ordered)
    )
    return Pipeline(str(category.id), category.name, stages)


def client_of(
    entity_type_id: int, owner: ItemRow, requisites: Iterable[RequisiteRow], accounts: Iterable[BankDetailRow]
) -> Client:
    """A company or contact with every name, tax id and account of its active requisites."""
    active = [row for row in requisites if row.active != "N"]
    names = [owner.title] if entity_type_id == COMPANY else [_joined(owner.last_name, owner.name, owner.second_name)]
    tax_ids: list[TaxId] = []
    for row in active:
        names += [row.company_name, row.company_full_name, row.person_name]
        names.append(_joined(row.last_name, row.first_name, row.second_name))
        tax_ids += _tax_ids(row)
    wanted = {row.id for row in active}
    numbers = [
        number
        for row in accounts
        if row.requisite_id in wanted and row.active != "N"
        for number in (row.account, row.iban)
    ]
    return Client(
        client_key(entity_type_id, owner.id),
        _unique(" ".join(name.split()) for name in names),
        tuple(dict.fromkeys(tax_ids)),
        _unique("".join(number.split()).upper() for number in numbers),
    )


def _tax_ids(row: RequisiteRow) -> list[TaxId]:
    inn = "".join(row.inn.split())
    kind = TaxIdKind.BY_UNP if len(inn) == 9 else TaxIdKind.RU_INN
    found = [
        (kind, inn),
        (TaxIdKind.RU_KPP, row.kpp),
        (TaxIdKind.KZ_BIN, row.bin),
        (TaxIdKind.KZ_IIN, row.iin),
    ]
    return [TaxId(kind, "".join(value.split())) for kind, value in found if value.strip()]


def _joined(*parts: str) -> str:
    return " ".join(part.strip() for part in parts if part.strip())


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


class Mapper:
    """Deals and invoices of one portal, by its settings."""

    def __init__(self, config: Bitrix24Config) -> None:
        self._config = config

    def deal(self, row: ItemRow, kind: StageKind) -> Deal:
        """A deal; its sum is None where the CRM holds no amount of money."""
        names = self._config.deal_fields
        return Deal(
            id=str(row.id),
            title=row.title,
            pipeline_id=row.category_id or "0",
            stage_id=row.stage_id,
            stage_kind=kind,
            amount=self._money_or_none(row.opportunity, row.currency),
            client_id=client_id(row.company_id, row.contact_id),
            responsible_id=row.assigned_by or None,
            moved_by=row.moved_by or None,
            fields={ours: text for ours, theirs in names.items() if (text := field_text(row, theirs))},
        )

    def smart_invoice(self, row: ItemRow, kind: StageKind, client: Client | None, organisation: str | None) -> Invoice:
        """A smart invoice.

        Raises:
            MoneyError: its sum is no amount of money.
        """
        amount = money_of(row.opportunity, row.currency or self._config.default_currency)
        return Invoice(
            id=str(row.id),
            number=row.account_number or number_in_title(row.title),
            issued_on=printed_date(row.begin_date),
            due_on=printed_date(row.close_date),
            amount=amount,
            paid=amount if kind is StageKind.WON else Money.zero(amount.currency),
            status=_STATUSES[kind],
            client=client,
            organisation_tax_id=organisation,
            deals=(row.deal_id,) if row.deal_id else (),
            guid=guid_of(row.xml_id),
        )

    def deal_invoice(self, row: ItemRow, kind: StageKind, client: Client | None) -> Invoice | None:
        """The invoice that lives in a deal, None where the deal holds none (yet)."""
        fields = self._config.invoices.fields
        number = field_text(row, fields.number) if fields is not None else ""
        if fields is not None and not number:
            return None
        amount = self._invoice_amount(row, fields.amount if fields is not None else None)
        if amount is None or not amount.is_positive:
            return None
        return Invoice(
            id=deal_invoice_id(str(row.id)),
            number=number or None,
            issued_on=printed_date(field_text(row, fields.date) if fields is not None else ""),
            amount=amount,
            paid=amount if kind is StageKind.WON else Money.zero(amount.currency),
            status=_STATUSES[kind],
            client=client,
            deals=(str(row.id),),
            markable=False,
        )

    def _invoice_amount(self, row: ItemRow, name: str | None) -> Money | None:
        text = field_text(row, name)
        if not text:
            return self._money_or_none(row.opportunity, row.currency)
        # A money field reads "125000.50|RUB".
        figure, _, currency = "".join(text.split()).replace(",", ".").partition("|")
        try:
            return Money.of(figure, currency or row.currency or self._config.default_currency)
        except MoneyError:
            return None

    def _money_or_none(self, value: Decimal, currency: str) -> Money | None:
        try:
            return money_of(value, currency or self._config.default_currency)
        except MoneyError:
            return None

    @property
    def user_fields(self) -> Sequence[str]:
        """User fields of deals that the settings name."""
        return list(dict.fromkeys([*self._config.deal_fields.values(), *self._config.invoices.field_names]))


def field_text(row: ItemRow, name: str | None) -> str:
    """A user field as text; the first value of a multiple one, "" where the field is empty or not named."""
    value = row.user_field(name) if name is not None else None
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None or isinstance(value, bool | dict):
        return ""
    return str(value).strip()
