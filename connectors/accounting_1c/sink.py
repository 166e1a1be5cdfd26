"""The one thing that is written to 1C: the state «paid» of an invoice, in the register where accountants see it.

Read, compare, write, read back: `If-Match` is ignored by real bases without a word. No document is written to here.
"""

from __future__ import annotations

from typing import Final

from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.links import state_key
from connectors.accounting_1c.mapper import is_in_force
from connectors.accounting_1c.names import Base, Resolved, StatusNames
from connectors.accounting_1c.reader import Reader
from connectors.accounting_1c.values import NO_REFERENCE, number_of, text_of, wire_type
from connectors.shared.jsontypes import JsonObject
from hub.domain.errors import ConnectorError, Gone, Refused, UnknownOutcome
from hub.domain.models import Pipeline, Stage, StageKind
from hub.ports.crm import InvoiceNow, MoveOutcome, MoveResult, Position

#: Id of the one pipeline that the states of invoices make.
STATES: Final = "states"
_OFF: Final = "Запись в 1С выключена: отметки об оплате хаб не ставит (mark_paid в подключении)."
_NO_REGISTER: Final = "В публикации 1С нет регистра «Статусы документов»: отметить оплату негде."
_GONE: Final = "Счёта в 1С больше нет."
_NOT_IN_FORCE: Final = "Счёт в 1С не проведён или помечен на удаление: отметка не ставится."
_CANCELLED: Final = "Счёт в 1С отменён: отметка не ставится."
_CHANGED: Final = "Статус счёта в 1С с тех пор изменили."
_NOT_KEPT: Final = "1С приняла отметку, но статус счёта остался прежним: проверьте его в 1С."
_OVERWRITTEN: Final = "Статус счёта сменили сразу после нас."


class Sink:
    """Writes the states of invoices of one base."""

    def __init__(self, config: OneCConfig, client: OdataClient, directory: Directory, reader: Reader) -> None:
        self._is_on = config.mark_paid
        self._words = config.names.statuses
        self._client = client
        self._directory = directory
        self._reader = reader

    def pipelines(self) -> tuple[Pipeline, ...]:
        """The states as stages of one pipeline; none while nothing is written."""
        words = self._words
        if words is None or not self._is_on:
            return ()
        stages = (
            Stage(words.unpaid, "Не оплачен", 0),
            Stage(words.partly, "Оплачен частично", 1),
            Stage(words.paid, "Оплачен", 2, StageKind.WON),
            Stage(words.cancelled, "Отменен", 3, StageKind.LOST),
        )
        return (Pipeline(STATES, "Статусы счетов", stages),)

    def now(self, invoice: str) -> InvoiceNow:
        """Which state an invoice has, and its sum; a state that nobody set is «not paid». Raises Gone."""
        found = self._register()
        if found is None:
            return InvoiceNow()
        base, of, words = found
        row = self._document(invoice)
        state = self._state(of, words, self._record(of, self._key(base, of, row)))
        return InvoiceNow(Position(STATES, state), number_of(row.get(base.invoices["amount"])))

    def mark_paid(self, invoice: str) -> MoveResult:
        """Set «paid», unless it is set or the invoice is not in force."""
        base, of, words = self._need_register()
        row = self._document(invoice)
        if not is_in_force(row):
            return MoveResult(MoveOutcome.REFUSED, reason=_NOT_IN_FORCE)
        record = self._record(of, self._key(base, of, row))
        here = self._state(of, words, record)
        if here == words.paid:
            return MoveResult(MoveOutcome.ALREADY_THERE, Position(STATES, here))
        if here == words.cancelled:
            return MoveResult(MoveOutcome.REFUSED, Position(STATES, here), reason=_CANCELLED)
        return self._set(base, of, words, row, record, words.paid)

    def restore(self, invoice: str, expected: Position, target: Position) -> MoveResult:
        """Take our mark back, only while the invoice has the state that we gave it."""
        base, of, words = self._need_register()
        row = self._document(invoice)
        record = self._record(of, self._key(base, of, row))
        here = Position(STATES, self._state(of, words, record))
        if here == target:
            return MoveResult(MoveOutcome.ALREADY_THERE, here)
        if here != expected:
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, reason=_CHANGED)
        return self._set(base, of, words, row, record, target.stage_id)

    # Inside

    def _register(self) -> tuple[Base, Resolved, StatusNames] | None:
        if not self._is_on or self._words is None:
            return None
        base = self._directory.base()
        return (base, base.statuses, self._words) if base.statuses is not None else None

    def _need_register(self) -> tuple[Base, Resolved, StatusNames]:
        if not self._is_on:
            raise Refused("writing is off", _OFF)
        found = self._register()
        if found is None:
            raise Refused("no register of states", _NO_REGISTER)
        return found

    def _document(self, invoice: str) -> JsonObject:
        row = self._reader.rows([invoice]).get(invoice)
        if row is None:
            raise Gone(f"no document {invoice}", _GONE)
        return row

    def _key(self, base: Base, of: Resolved, row: JsonObject) -> str:
        """All dimensions of the register, as its address wants them."""
        organisation = self._reader.mapper().organisation_reference(row) or NO_REFERENCE
        return state_key(of, organisation, str(row["Ref_Key"]), base.invoices.set)

    def _record(self, of: Resolved, key: str) -> JsonObject | None:
        try:
            return self._client.entity(of.set, key)
        except Gone:
            return None

    def _state(self, of: Resolved, words: StatusNames, record: JsonObject | None) -> str:
        found = text_of(record.get(of["status"])) if record is not None else ""
        return found or words.unpaid

    def _set(
        self, base: Base, of: Resolved, words: StatusNames, row: JsonObject, record: JsonObject | None, state: str
    ) -> MoveResult:
        key, before = self._key(base, of, row), self._state(of, words, record)
        value: JsonObject = {of["status"]: state}
        if of["status"] in of.composite:
            value[f"{of['status']}_Type"] = words.value_type
        try:
            if record is None:
                self._client.write("POST", of.set, "", {**self._dimensions(base, of, row), **value})
            else:
                self._client.write("PATCH", of.set, key, value)
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            # In 1C's own words: a closed period, a right that is missing. Nobody repeats it but a person.
            return MoveResult(MoveOutcome.REFUSED, reason=error.for_person)
        return self._read_back(of, words, key, before, state)

    def _dimensions(self, base: Base, of: Resolved, row: JsonObject) -> JsonObject:
        document = of["document"]
        found: JsonObject = {
            of["organisation"]: self._reader.mapper().organisation_reference(row) or NO_REFERENCE,
            document: str(row["Ref_Key"]),
        }
        if document in of.composite:
            found[f"{document}_Type"] = wire_type(base.invoices.set)
        return found

    def _read_back(self, of: Resolved, words: StatusNames, key: str, before: str, state: str) -> MoveResult:
        target = Position(STATES, state)
        try:
            here = Position(STATES, self._state(of, words, self._record(of, key)))
        except ConnectorError as error:
            return MoveResult(
                MoveOutcome.MOVED, target, reason=f"Прочитать статус после отметки не удалось: {error.text}"
            )
        if here == target:
            return MoveResult(MoveOutcome.MOVED, target)
        if here.stage_id == before:
            return MoveResult(MoveOutcome.REFUSED, here, reason=_NOT_KEPT)
        return MoveResult(MoveOutcome.CHANGED_BY_OTHER, here, reason=_OVERWRITTEN)
