"""Custom fields of deals that are filled from accounting."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from connectors.amocrm import fields as card_fields
from connectors.amocrm.client import ApiClient
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.directory import Directory
from connectors.amocrm.lookup import Lookup
from connectors.amocrm.mapper import position_of
from connectors.amocrm.schemas import FieldRow, FieldValue, LeadRow
from connectors.shared.filling import Fields, Filling, chosen, figure
from connectors.shared.jsontypes import Param
from hub.domain.errors import Refused, UnknownOutcome
from hub.domain.filling import EMPTY, FillRole, value_text
from hub.domain.filling import FieldValue as Wanted
from hub.domain.money import Money
from hub.ports.crm import MoveOutcome
from hub.ports.fields import FillResult
from hub.ports.state import Clock

_NO_FIELD: Final = "у сделок amoCRM нет поля «{name}»: создайте его или поправьте имя"
_SEVERAL: Final = "у сделок amoCRM несколько полей «{name}»: укажите номер нужного ({numbers})"
_READ: Final = "из поля {field} хаб читает счета (invoices): укажите другое"
_NO_RECORD: Final = "amoCRM ответила, но без записи: проверим её чтением."
_OTHER_MONEY: Final = "Поле {field} в валюте {theirs}, а счета в {ours}: укажите другое поле для суммы."
_INCOMING: Final = (
    "Сделка в «Неразобранном»: любая запись приняла бы её в работу. Примите её и отправьте действие ещё раз."
)


@dataclass(frozen=True, slots=True)
class CustomField:
    """A field as the account describes it; `choices` of a list: number and text."""

    id: int
    type: str
    title: str
    code: str = ""
    currency: str = ""
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """Title and number."""
        return f"«{self.title}» ({self.id})"

    def choice(self, text: str) -> str | None:
        """The number of the choice with that text."""
        return chosen(self.choices, text)


class CustomFieldFilling(Filling[CustomField]):
    """Custom fields of the deals of one account, by number, code or name."""

    fit: Mapping[FillRole, tuple[str, ...]] = {
        FillRole.NUMBER: ("text", "textarea"),
        FillRole.DATE: ("text", "textarea", "date", "date_time"),
        FillRole.SUM: ("text", "textarea", "numeric", "monetary"),
        FillRole.STATUS: ("text", "textarea", "select", "radiobutton"),
    }
    type_names: Mapping[str, str] = {
        "text": "текст",
        "textarea": "текстовая область",
        "date": "дата",
        "date_time": "дата и время",
        "numeric": "число",
        "monetary": "денежное",
        "select": "список",
        "radiobutton": "переключатель",
    }
    lists = frozenset({"select", "radiobutton"})

    def __init__(
        self, config: AmoConfig, client: ApiClient, directory: Directory, lookup: Lookup, clock: Clock
    ) -> None:
        super().__init__(clock, config.fill_fields)
        read = config.invoices.fields
        self._read_from = (*read.number, *read.date, *read.amount) if read is not None else ()
        self._client = client
        self._directory = directory
        self._lookup = lookup

    def _described(self) -> tuple[CustomField, ...]:
        return tuple(_described(row) for row in self._directory.deal_fields())

    def _find(self, name: str, known: Collection[CustomField]) -> tuple[CustomField | None, str | None]:
        found = [field for field in known if _is_called(field, name)]
        if not found:
            return None, _NO_FIELD.format(name=name)
        if len(found) > 1:
            numbers = ", ".join(str(field.id) for field in found)
            return None, _SEVERAL.format(name=name, numbers=numbers)
        field = found[0]
        # The hub would take its own writing for an invoice.
        return field, _READ.format(field=field.shown) if self._is_read(field) else None

    def _is_read(self, field: CustomField) -> bool:
        return any(_is_called(field, selector) for selector in self._read_from)

    def _read(self, deal_id: str, fields: Fields[CustomField]) -> dict[str, str]:
        filled = {field.field_id: field for field in self._lookup.lead(deal_id).fields}
        return {name: self._held(field, filled.get(field.id)) for name, field in fields.items()}

    def _held(self, field: CustomField, filled: FieldValue | None) -> str:
        if filled is None:
            return EMPTY
        if field.type in self.lists:
            choice = card_fields.chosen(filled)
            return (choice.enum_id or field.choice(choice.text) or choice.text) if choice is not None else EMPTY
        return self._spelled(field, card_fields.first_text(filled))

    def _text(self, field: CustomField, value: Wanted) -> str:
        text = value_text(value)
        if field.type in self.lists:
            return field.choice(text) or EMPTY if text else EMPTY
        if isinstance(value, Money) and field.type in ("numeric", "monetary"):
            self._require_currency(field, value)
            return figure(str(value.amount))
        return max(value).isoformat() if isinstance(value, tuple) and value and _is_day(field) else text

    @staticmethod
    def _require_currency(field: CustomField, value: Money) -> None:
        if field.currency and field.currency != value.currency:
            reason = _OTHER_MONEY.format(field=field.shown, theirs=field.currency, ours=value.currency)
            raise Refused(f"field {field.id} is in {field.currency}", reason)

    def _spelled(self, field: CustomField, text: str) -> str:
        if field.type in ("numeric", "monetary"):
            return figure(text)
        day = self._directory.mapper().printed_day(text) if _is_day(field) and text else None
        return day.isoformat() if day is not None else text

    def _wire(self, field: CustomField, value: Wanted) -> Param:
        """Values of the field; None empties it."""
        text = self._text(field, value)
        if not text:
            return None
        if field.type in self.lists:
            return [{"enum_id": int(text)}]
        if isinstance(value, tuple) and _is_day(field):
            # One day fits: the newest invoice's.
            return [{"value": self._directory.mapper().noon(max(value))}]
        return [{"value": text}]

    def _write(self, deal_id: str, fields: Fields[CustomField], values: Mapping[str, Param]) -> FillResult | None:
        row = self._lookup.lead(deal_id)
        if self._is_incoming(row):
            return FillResult(MoveOutcome.REFUSED, reason=_INCOMING)
        changed: list[Param] = [{"field_id": fields[name].id, "values": value} for name, value in values.items()]
        try:
            answer = self._client.write("PATCH", f"/leads/{row.id}", {"custom_fields_values": changed})
        except UnknownOutcome as error:
            return FillResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            return FillResult(MoveOutcome.REFUSED, reason=error.for_person)
        confirmed = isinstance(answer, dict) and answer.get("id") == row.id
        return None if confirmed else FillResult(MoveOutcome.UNKNOWN, reason=_NO_RECORD)

    def _is_incoming(self, row: LeadRow) -> bool:
        position = position_of(row)
        return (position.pipeline_id, position.stage_id) in self._directory.incoming_stages()


def _described(row: FieldRow) -> CustomField:
    choices = tuple((str(choice.id), choice.value) for choice in row.enums)
    return CustomField(row.id, row.type, row.name or str(row.id), row.code, row.currency, choices)


def _is_called(field: CustomField, name: str) -> bool:
    if name.isascii() and name.isdigit():
        return str(field.id) == name
    by_code = bool(field.code) and field.code.casefold() == name.casefold()
    return by_code or card_fields.plain_name(field.title) == card_fields.plain_name(name)


def _is_day(field: CustomField) -> bool:
    return field.type in ("date", "date_time")
