"""User fields of deals that are filled from accounting: read, written once with what differs, read back."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from pydantic import ValidationError

from connectors.bitrix24.client import RestClient
from connectors.bitrix24.envelope import as_map, object_in
from connectors.bitrix24.mapper import DEAL, printed_date
from connectors.bitrix24.schemas import ItemRow
from connectors.shared.jsontypes import Json, Param
from hub.domain.errors import ConnectorError, Refused, UnknownOutcome
from hub.domain.filling import EMPTY, FieldValue, FillRole, PaidState, value_text
from hub.domain.money import Money
from hub.ports.crm import MoveOutcome
from hub.ports.fields import FillResult
from hub.ports.state import Clock

_KEEP_S: Final = 3600.0
#: Types of fields that each part of an invoice fits into, with their names on the page of settings of fields.
_FIT: Final[Mapping[FillRole, tuple[str, ...]]] = {
    FillRole.NUMBER: ("string",),
    FillRole.DATE: ("string", "date", "datetime"),
    FillRole.SUM: ("string", "double", "money"),
    FillRole.STATUS: ("string", "enumeration"),
}
_TYPES: Final[Mapping[str, str]] = {
    "string": "строка",
    "date": "дата",
    "datetime": "дата со временем",
    "double": "число",
    "money": "деньги",
    "enumeration": "список",
}
_HERE: Final = "fill_from_accounting.{role}: "
_NO_FIELD: Final = "у сделок Битрикс24 нет поля {name}: создайте его или поправьте имя"
_READ_ONLY: Final = "поле «{title}» ({name}) в Битрикс24 только для чтения: укажите другое"
_SEVERAL: Final = "поле «{title}» ({name}) множественное: нужно обычное"
_OTHER_TYPE: Final = "поле «{title}» ({name}) другого типа ({type}), подходят: {fit}"
_NO_CHOICE: Final = "в списке «{title}» ({name}) нет варианта «{choice}»: добавьте его"
_NO_RECORD: Final = "Битрикс24 ответил, но без записи: проверим её чтением."
_CHANGED: Final = "Поле «{title}» изменили, пока хаб его заполнял: проверьте сделку."
_STAYED: Final = "Битрикс24 ответил успехом, но поле «{title}» осталось прежним: проверьте права на него и роботов."
_UNREAD: Final = "Прочитать сделку после записи не удалось: {text}"


@dataclass(frozen=True, slots=True)
class UserField:
    """A field as the portal describes it.

    Attributes:
        name: `UF_CRM_…`.
        key: under which the portal gives its value.
        choices: of a list, texts by their numbers.
    """

    name: str
    key: str
    type: str
    title: str
    is_read_only: bool = False
    is_multiple: bool = False
    choices: tuple[tuple[str, str], ...] = ()

    def choice(self, text: str) -> str | None:
        """The number of the choice with that text."""
        return next((number for number, value in self.choices if value.strip().casefold() == text.casefold()), None)


def _fault(template: str, field: UserField, **values: str) -> str:
    return template.format(name=field.name, title=field.title or field.name, **values)


class Filling:
    """Fields of deals by the names of the settings. Thread-safe."""

    def __init__(self, client: RestClient, clock: Clock, named: Mapping[FillRole, str]) -> None:
        self._client = client
        self._clock = clock
        self._named = dict(named)
        self._lock = threading.Lock()
        self._kept: tuple[float, dict[str, UserField]] | None = None

    @property
    def is_on(self) -> bool:
        """Whether the settings name any field."""
        return bool(self._named)

    def faults(self) -> Iterator[str]:
        """What is wrong with the fields that the settings name, for a person; read now."""
        known = self._read() if self._named else {}
        for role, name in self._named.items():
            fault = _first_fault(role, name, known.get(name))
            if fault is not None:
                yield _HERE.format(role=role.value) + fault

    def fields(self, deal_id: str, names: Collection[str]) -> dict[str, str]:
        """What the fields hold now, in one spelling for each type.

        Raises:
            Gone: no such deal.
            Refused: there is no such field, or it is not to be written to.
        """
        wanted = {name: self._field(name) for name in names}
        return _texts(self._item(deal_id), wanted)

    def field_text(self, name: str, value: FieldValue) -> str:
        """What `fields` would say once the field holds this value.

        Raises:
            Refused: no such field, or it cannot hold the value.
        """
        return _text(self._field(name), self._wire(name, value))

    def fill(self, deal_id: str, expected: Mapping[str, str], values: Mapping[str, FieldValue]) -> FillResult:
        """Read, compare, write what differs in one call, read back."""
        fields = {name: self._field(name) for name in values}
        wires = {name: self._wire(name, value) for name, value in values.items()}
        meant = {name: _text(fields[name], wire) for name, wire in wires.items()}
        there = _texts(self._item(deal_id), fields)
        other = next((name for name, text in expected.items() if name in there and there[name] != text), None)
        if other is not None:
            return FillResult(MoveOutcome.CHANGED_BY_OTHER, there, _fault(_CHANGED, fields[other]))
        changed: dict[str, Param] = {name: wire for name, wire in wires.items() if there[name] != meant[name]}
        if not changed:
            return FillResult(MoveOutcome.ALREADY_THERE, there)
        return self._written(deal_id, changed) or self._judged(deal_id, fields, there, meant)

    def _written(self, deal_id: str, changed: Mapping[str, Param]) -> FillResult | None:
        """Send it; a result where the write did not end well."""
        params: dict[str, Param] = {
            "entityTypeId": DEAL,
            "id": int(deal_id),
            "fields": dict(changed),
            "useOriginalUfNames": "Y",
        }
        try:
            envelope = self._client.write("crm.item.update", params)
        except UnknownOutcome as error:
            return FillResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            return FillResult(MoveOutcome.REFUSED, reason=error.for_person)
        return None if _row_in(envelope.result) else FillResult(MoveOutcome.UNKNOWN, reason=_NO_RECORD)

    def _judged(
        self, deal_id: str, fields: Mapping[str, UserField], before: Mapping[str, str], meant: Mapping[str, str]
    ) -> FillResult:
        """The write was accepted; what cannot be read now only makes the answer poorer."""
        try:
            stands = _texts(self._item(deal_id), fields)
        except ConnectorError as error:
            return FillResult(MoveOutcome.MOVED, dict(meant), _UNREAD.format(text=error.for_person))
        differs = [name for name, text in meant.items() if stands[name] != text]
        if not differs:
            return FillResult(MoveOutcome.MOVED, stands)
        # Unknown names, and fields that the user may not write, are passed over without a word.
        stayed = next((name for name in differs if stands[name] == before[name]), None)
        if stayed is not None:
            return FillResult(MoveOutcome.REFUSED, stands, _fault(_STAYED, fields[stayed]))
        return FillResult(MoveOutcome.CHANGED_BY_OTHER, stands, _fault(_CHANGED, fields[differs[0]]))

    def _item(self, deal_id: str) -> ItemRow:
        params: dict[str, Param] = {"entityTypeId": DEAL, "id": int(deal_id), "useOriginalUfNames": "Y"}
        row = _row_in(self._client.read("crm.item.get", params).result)
        if row is None:
            raise Refused("crm.item.get: unreadable item", "Битрикс24 прислал запись, которую не удалось прочитать.")
        return row

    def _field(self, name: str) -> UserField:
        """A field that can be written to; looked up again where what was kept does not fit.

        Raises:
            Refused: with the fault for a person.
        """
        role = next((role for role, named in self._named.items() if named == name), None)
        for read in (self._known, self._read):
            field = read().get(name)
            fault = _first_fault(role, name, field)
            if field is not None and fault is None:
                return field
        raise Refused(f"field {name} does not fit", f"Поля сделки из учёта не заполнены: {fault}.")

    def _wire(self, name: str, value: FieldValue) -> str:
        """The value as the portal takes it.

        Raises:
            Refused: the field cannot hold it.
        """
        field, text = self._field(name), value_text(value)
        if not text:
            return EMPTY
        match field.type, value:
            case "enumeration", str():
                number = field.choice(text)
                if number is None:
                    raise Refused(f"no choice in {name}", _fault(_NO_CHOICE, field, choice=text).capitalize() + ".")
                return number
            case "double", Money():
                return str(value.amount)
            case "money", Money():
                return f"{value.amount}|{value.currency}"
            case (("date" | "datetime"), tuple()):
                # One day fits: the newest invoice's. Noon is the same day in every zone of the portal.
                return max(value).isoformat() if field.type == "date" else f"{max(value).isoformat()}T12:00:00"
            case _:
                return text

    def _known(self) -> dict[str, UserField]:
        with self._lock:
            kept = self._kept
        if kept is not None and self._clock.monotonic() - kept[0] <= _KEEP_S:
            return kept[1]
        return self._read()

    def _read(self) -> dict[str, UserField]:
        result = self._client.read("crm.item.fields", {"entityTypeId": DEAL, "useOriginalUfNames": "Y"}).result
        found = {field.name: field for field in _described(object_in(result, "fields").items())}
        with self._lock:
            self._kept = (self._clock.monotonic(), found)
        return found


def _described(fields: Iterable[tuple[str, Json]]) -> Iterator[UserField]:
    for key, given in fields:
        spec = as_map(given)
        listed = spec.get("items")
        choices = [as_map(item) for item in listed] if isinstance(listed, list) else []
        yield UserField(
            name=str(spec.get("upperName") or key).upper(),
            key=key,
            type=str(spec.get("type") or ""),
            title=str(spec.get("title") or ""),
            is_read_only=spec.get("isReadOnly") is True,
            is_multiple=spec.get("isMultiple") is True,
            choices=tuple((str(item.get("ID")), str(item.get("VALUE") or "")) for item in choices),
        )


def _first_fault(role: FillRole | None, name: str, field: UserField | None) -> str | None:
    """Why this part of an invoice cannot go into the field; None where it can."""
    if field is None:
        return _NO_FIELD.format(name=name)
    if field.is_read_only:
        return _fault(_READ_ONLY, field)
    if field.is_multiple:
        return _fault(_SEVERAL, field)
    fit = _FIT[role] if role is not None else tuple(_TYPES)
    if field.type not in fit:
        names = ", ".join(_TYPES[name] for name in fit)
        return _fault(_OTHER_TYPE, field, type=_TYPES.get(field.type, field.type), fit=names)
    missing = (state.value for state in PaidState if field.choice(state.value) is None)
    choice = next(missing, None) if field.type == "enumeration" else None
    return _fault(_NO_CHOICE, field, choice=choice) if choice is not None else None


def _texts(row: ItemRow, fields: Mapping[str, UserField]) -> dict[str, str]:
    return {name: _text(field, row.user_field(field.key)) for name, field in fields.items()}


def _text(field: UserField, value: object) -> str:
    """A value in one spelling, whichever way the portal or we write it; "" for an empty one."""
    text = "" if value is None or isinstance(value, bool | dict | list) else str(value).strip()
    match field.type:
        case "double":
            return _figure(text)
        case "money":
            figure, _, currency = text.partition("|")
            return f"{_figure(figure)}|{currency}" if _figure(figure) else EMPTY
        case "date" | "datetime":
            day = printed_date(text)
            return day.isoformat() if day is not None else text
        case "enumeration":
            return EMPTY if text == "0" else text
        case _:
            return text


def _figure(text: str) -> str:
    """`1234.5`, `1234.50` and `1234.5000` are one number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return f"{number.quantize(Decimal('0.01')) if number.is_finite() else number}"


def _row_in(result: Json) -> ItemRow | None:
    try:
        return ItemRow.model_validate(object_in(result, "item"))
    except ValidationError:
        return None
