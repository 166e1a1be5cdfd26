"""Fields of deals that accounting fills: read, compare, write what differs once, read back; the same for every CRM."""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Generic, Protocol, TypeVar

from connectors.shared.jsontypes import Param
from hub.domain.errors import ConnectorError, Refused
from hub.domain.filling import FieldValue, FillRole, PaidState
from hub.ports.crm import MoveOutcome
from hub.ports.fields import FillResult
from hub.ports.state import Clock

_log = logging.getLogger(__name__)
_KEEP_S: Final = 3600.0
_HERE: Final = "fill_from_accounting.{role}: {fault}"
_NOT_FILLED: Final = "Поля сделки не заполнены: {fault}."
_CHANGED: Final = "Поле «{title}» изменили, пока хаб его заполнял: проверьте сделку."
_STAYED: Final = "CRM ответила успехом, но поле «{title}» осталось прежним: проверьте права на него и роботов."
_UNREAD: Final = "Прочитать сделку после записи не удалось: {text}"
_OTHER_TYPE: Final = "поле {field} другого типа ({type}), подходят: {fit}"
_TWICE: Final = "поле {field} названо дважды: нужно другое"
_NO_CHOICE: Final = "в списке {field} нет варианта «{choice}»: добавьте его"


class Field(Protocol):
    """A field of a deal as its CRM describes it."""

    @property
    def type(self) -> str:
        """The vendor's word for what it holds."""

    @property
    def title(self) -> str:
        """As people see it."""

    @property
    def shown(self) -> str:
        """Its title with what the settings may call it."""

    def choice(self, text: str) -> str | None:
        """The number of the choice with that text; None where there is none."""


FieldT = TypeVar("FieldT", bound=Field)
Fields = Mapping[str, FieldT]


class Filling(ABC, Generic[FieldT]):
    """Fields of deals by the names of the settings. Thread-safe.

    Args:
        named: what goes into which field.
    """

    #: Types of fields that each part of an invoice fits into.
    fit: Mapping[FillRole, tuple[str, ...]]
    #: What people call the types.
    type_names: Mapping[str, str]
    #: Types that hold one of several choices.
    lists: frozenset[str]

    def __init__(self, clock: Clock, named: Mapping[FillRole, str]) -> None:
        self._clock = clock
        self._named = dict(named)
        self._lock = threading.Lock()
        self._kept: tuple[float, tuple[FieldT, ...]] | None = None

    @property
    def is_on(self) -> bool:
        """Whether the settings name any field."""
        return bool(self._named)

    def faults(self) -> Iterator[str]:
        """What is wrong with the fields that the settings name, for a person; read now."""
        known = self._fresh() if self._named else ()
        for role, name in self._named.items():
            fault = self._judged(name, known)[1]
            if fault is not None:
                yield _HERE.format(role=role.value, fault=fault)

    def fields(self, deal_id: str, names: Collection[str]) -> dict[str, str]:
        """What the fields hold now, in one spelling for each type.

        Raises:
            Gone: no such deal.
            Refused: there is no such field, or it is not to be written to.
        """
        wanted = {name: self._field(name) for name in names}
        return self._read(deal_id, wanted)

    def field_text(self, name: str, value: FieldValue) -> str:
        """What `fields` would say once the field holds this value.

        Raises:
            Refused: no such field, or it cannot hold the value.
        """
        return self._text(self._field(name), value)

    def fill(self, deal_id: str, expected: Mapping[str, str], values: Mapping[str, FieldValue]) -> FillResult:
        """Write the values while the fields hold what is expected (`hub.ports.fields.FieldFiller.fill_fields`)."""
        fields = {name: self._field(name) for name in values}
        meant = {name: self._text(fields[name], value) for name, value in values.items()}
        there = self._read(deal_id, fields)
        other = next((name for name, text in expected.items() if name in there and there[name] != text), None)
        if other is not None:
            return FillResult(MoveOutcome.CHANGED_BY_OTHER, there, _CHANGED.format(title=fields[other].title))
        differ = {name: self._wire(fields[name], values[name]) for name in fields if there[name] != meant[name]}
        if not differ:
            return FillResult(MoveOutcome.ALREADY_THERE, there)
        return self._write(deal_id, fields, differ) or self._read_back(deal_id, fields, there, meant)

    def _read_back(
        self, deal_id: str, fields: Fields[FieldT], before: Mapping[str, str], meant: Mapping[str, str]
    ) -> FillResult:
        """The write was accepted; what cannot be read now only makes the answer poorer."""
        try:
            stands = self._read(deal_id, fields)
        except ConnectorError as error:
            return FillResult(MoveOutcome.MOVED, dict(meant), _UNREAD.format(text=error.for_person))
        differs = [name for name, text in meant.items() if stands[name] != text]
        if not differs:
            return FillResult(MoveOutcome.MOVED, stands)
        # A CRM may pass a field over without a word that the user may not write to.
        stayed = next((name for name in differs if stands[name] == before[name]), None)
        if stayed is not None:
            return FillResult(MoveOutcome.REFUSED, stands, _STAYED.format(title=fields[stayed].title))
        return FillResult(MoveOutcome.CHANGED_BY_OTHER, stands, _CHANGED.format(title=fields[differs[0]].title))

    def _field(self, name: str) -> FieldT:
        """A field that can be written to; looked up again where what was kept does not fit."""
        found, fault = self._judged(name, self._known())
        if fault is not None:
            found, fault = self._judged(name, self._fresh())
        if found is None or fault is not None:
            raise Refused(f"field {name} does not fit", _NOT_FILLED.format(fault=fault))
        return found

    def _judged(self, name: str, known: Collection[FieldT]) -> tuple[FieldT | None, str | None]:
        """The field and why nothing can be put into it; None where it can."""
        found, fault = self._find(name, known)
        if found is None or fault is not None:
            return None, fault
        if any(self._find(other, known)[0] == found for other in self._named.values() if other != name):
            return found, _TWICE.format(field=found.shown)
        role = next((role for role, named in self._named.items() if named == name), None)
        fit = self.fit[role] if role is not None else tuple(self.type_names)
        if found.type not in fit:
            names = ", ".join(dict.fromkeys(self.type_names[kind] for kind in fit))
            shown = self.type_names.get(found.type, found.type)
            return found, _OTHER_TYPE.format(field=found.shown, type=shown, fit=names)
        return found, self._missing_choice(found)

    def _missing_choice(self, field: FieldT) -> str | None:
        if field.type not in self.lists:
            return None
        missing = (state.value for state in PaidState if field.choice(state.value) is None)
        choice = next(missing, None)
        return _NO_CHOICE.format(field=field.shown, choice=choice) if choice is not None else None

    def _known(self) -> tuple[FieldT, ...]:
        with self._lock:
            kept = self._kept
        if kept is not None and self._clock.monotonic() - kept[0] <= _KEEP_S:
            return kept[1]
        return self._fresh()

    def _fresh(self) -> tuple[FieldT, ...]:
        found = self._described()
        with self._lock:
            self._kept = (self._clock.monotonic(), found)
        return found

    @abstractmethod
    def _described(self) -> tuple[FieldT, ...]:
        """The fields that deals have, read now."""

    @abstractmethod
    def _find(self, name: str, known: Collection[FieldT]) -> tuple[FieldT | None, str | None]:
        """The field that the settings call so, or why it is none to be written to (Russian)."""

    @abstractmethod
    def _read(self, deal_id: str, fields: Fields[FieldT]) -> dict[str, str]:
        """What the fields of a deal hold now. Raises Gone."""

    @abstractmethod
    def _text(self, field: FieldT, value: FieldValue) -> str:
        """What `_read` says once the field holds the value."""

    @abstractmethod
    def _wire(self, field: FieldT, value: FieldValue) -> Param:
        """The value as the CRM takes it."""

    @abstractmethod
    def _write(self, deal_id: str, fields: Fields[FieldT], values: Mapping[str, Param]) -> FillResult | None:
        """Send these values in one call; a result where the write did not end well."""


class FillsFields:
    """`hub.ports.fields.FieldFiller` of a connector with a `Filling`. No CRM takes a key: a value is its own."""

    _filling: Filling[Any]

    def fields(self, deal_id: str, names: Collection[str]) -> Mapping[str, str]:
        """What fields of a deal hold now."""
        return self._filling.fields(deal_id, names)

    def field_text(self, name: str, value: FieldValue) -> str:
        """What `fields` would say once the field holds this value."""
        return self._filling.field_text(name, value)

    def fill_fields(
        self, deal_id: str, expected: Mapping[str, str], values: Mapping[str, FieldValue], operation_key: str
    ) -> FillResult:
        """Write fields of a deal while they hold what is expected."""
        result = self._filling.fill(deal_id, expected, values)
        _log.info("operation %s: fields of deal %s %s", operation_key, deal_id, result.outcome)
        return result


def chosen(choices: Collection[tuple[str, str]], text: str) -> str | None:
    """The number of the choice with that text, whatever its case."""
    return next((number for number, value in choices if value.strip().casefold() == text.casefold()), None)


def figure(text: str) -> str:
    """`1234.5`, `1234.50` and `1234.5000` are one number."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return str(number.quantize(Decimal("0.01"))) if number.is_finite() else text
