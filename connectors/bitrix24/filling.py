"""User fields of deals that are filled from accounting."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from connectors.bitrix24.client import RestClient
from connectors.bitrix24.envelope import as_map, object_in
from connectors.bitrix24.mapper import DEAL, printed_date
from connectors.bitrix24.schemas import ItemRow
from connectors.shared.filling import Fields, Filling, chosen, figure
from connectors.shared.jsontypes import Json, Param
from hub.domain.errors import Refused, UnknownOutcome
from hub.domain.filling import EMPTY, FieldValue, FillRole, value_text
from hub.domain.money import Money
from hub.ports.crm import MoveOutcome
from hub.ports.fields import FillResult
from hub.ports.state import Clock

_NO_FIELD: Final = "у сделок Битрикс24 нет поля {name}: создайте его или поправьте имя"
_READ_ONLY: Final = "поле {field} в Битрикс24 только для чтения: укажите другое"
_SEVERAL: Final = "поле {field} множественное: нужно обычное"
_NO_RECORD: Final = "Битрикс24 ответил, но без записи: проверим её чтением."


@dataclass(frozen=True, slots=True)
class UserField:
    """A field as the portal describes it.

    Attributes:
        name: `UF_CRM_…`.
        key: under which the portal gives its value.
        choices: of a list: number and text.
    """

    name: str
    key: str
    type: str
    title: str
    is_read_only: bool = False
    is_multiple: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """Title and name."""
        return f"«{self.title}» ({self.name})"

    def choice(self, text: str) -> str | None:
        """The number of the choice with that text."""
        return chosen(self.choices, text)


class UserFieldFilling(Filling[UserField]):
    """User fields of the deals of one portal (`crm.item.*`)."""

    fit: Mapping[FillRole, tuple[str, ...]] = {
        FillRole.NUMBER: ("string",),
        FillRole.DATE: ("string", "date", "datetime"),
        FillRole.SUM: ("string", "double", "money"),
        FillRole.STATUS: ("string", "enumeration"),
    }
    type_names: Mapping[str, str] = {
        "string": "строка",
        "date": "дата",
        "datetime": "дата со временем",
        "double": "число",
        "money": "деньги",
        "enumeration": "список",
    }
    lists = frozenset({"enumeration"})

    def __init__(self, client: RestClient, clock: Clock, named: Mapping[FillRole, str]) -> None:
        super().__init__(clock, named)
        self._client = client

    def _described(self) -> tuple[UserField, ...]:
        result = self._client.read("crm.item.fields", {"entityTypeId": DEAL, "useOriginalUfNames": "Y"}).result
        return tuple(_fields_in(object_in(result, "fields").items()))

    def _find(self, name: str, known: Collection[UserField]) -> tuple[UserField | None, str | None]:
        field = next((item for item in known if item.name == name), None)
        if field is None:
            return None, _NO_FIELD.format(name=name)
        if field.is_read_only:
            return field, _READ_ONLY.format(field=field.shown)
        return field, _SEVERAL.format(field=field.shown) if field.is_multiple else None

    def _read(self, deal_id: str, fields: Fields[UserField]) -> dict[str, str]:
        params: dict[str, Param] = {"entityTypeId": DEAL, "id": int(deal_id), "useOriginalUfNames": "Y"}
        row = _row_in(self._client.read("crm.item.get", params).result)
        if row is None:
            raise Refused("crm.item.get: unreadable item", "Битрикс24 прислал запись, которую не удалось прочитать.")
        return {name: _spelled(field, row.user_field(field.key)) for name, field in fields.items()}

    def _text(self, field: UserField, value: FieldValue) -> str:
        return _spelled(field, self._wire(field, value))

    def _wire(self, field: UserField, value: FieldValue) -> str:
        text = value_text(value)
        if not text:
            return EMPTY
        match field.type, value:
            case "enumeration", str():
                return field.choice(text) or EMPTY
            case "double", Money():
                return str(value.amount)
            case "money", Money():
                return f"{value.amount}|{value.currency}"
            case "date", tuple():
                # One day fits: the newest invoice's.
                return max(value).isoformat()
            case "datetime", tuple():
                # Noon is the same day in every zone.
                return f"{max(value).isoformat()}T12:00:00"
            case _:
                return text

    def _write(self, deal_id: str, fields: Fields[UserField], values: Mapping[str, Param]) -> FillResult | None:
        changed: dict[str, Param] = {fields[name].name: value for name, value in values.items()}
        params: dict[str, Param] = {"entityTypeId": DEAL, "id": int(deal_id), "fields": changed}
        try:
            envelope = self._client.write("crm.item.update", params | {"useOriginalUfNames": "Y"})
        except UnknownOutcome as error:
            return FillResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            return FillResult(MoveOutcome.REFUSED, reason=error.for_person)
        return None if _row_in(envelope.result) else FillResult(MoveOutcome.UNKNOWN, reason=_NO_RECORD)


def _fields_in(described: Iterable[tuple[str, Json]]) -> Iterator[UserField]:
    for key, given in described:
        spec = as_map(given)
        name, listed = str(spec.get("upperName") or key).upper(), spec.get("items")
        choices = [as_map(item) for item in listed] if isinstance(listed, list) else []
        yield UserField(
            name=name,
            key=key,
            type=str(spec.get("type") or ""),
            title=str(spec.get("title") or name),
            is_read_only=spec.get("isReadOnly") is True,
            is_multiple=spec.get("isMultiple") is True,
            choices=tuple((str(item.get("ID")), str(item.get("VALUE") or "")) for item in choices),
        )


def _spelled(field: UserField, value: object) -> str:
    """A value in one spelling, whichever way the portal or we write it; "" for an empty one."""
    text = "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()
    match field.type:
        case "double":
            return figure(text)
        case "money":
            amount, _, currency = text.partition("|")
            return f"{figure(amount)}|{currency}" if amount else EMPTY
        case "date" | "datetime":
            day = printed_date(text)
            return day.isoformat() if day is not None else text
        case "enumeration":
            return EMPTY if text == "0" else text
        case _:
            return text


def _row_in(result: Json) -> ItemRow | None:
    try:
        return ItemRow.model_validate(object_in(result, "item"))
    except ValidationError:
        return None
