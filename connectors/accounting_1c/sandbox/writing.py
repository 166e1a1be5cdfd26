"""Writes to the base: what a client, a person or the seed writes, and what 1C refuses of it."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.bodies import Body
from connectors.accounting_1c.sandbox.errors import (
    ODataError,
    internal,
    key_exists,
    method_not_allowed,
    missing_value,
    no_such_instance,
    row_created_directly,
)
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.presentation import presented, presented_date
from connectors.accounting_1c.sandbox.registers import follow_payment, records_of, replace_records
from connectors.accounting_1c.sandbox.store import Key, address_of, key_of
from connectors.accounting_1c.sandbox.values import (
    ZERO_DATE,
    ZERO_GUID,
    Row,
    Scalar,
    version_number,
    version_text,
)
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.write_log import Source

_OWN = frozenset({"Ref_Key", "DataVersion", "Posted", "SurrogateKey"})
#: What PUT does not ask for: the server keeps these itself.
_KEPT = _OWN | {"DeletionMark", "Predefined", "PredefinedDataName", "Number", "Code"}


class Writer:
    """Writes on behalf of one source. `load` is the load mode of an exchange, which skips the checks."""

    def __init__(self, base: Base, source: Source = "rest", method: str = "", *, load: bool = False) -> None:
        self._base, self._source, self._method, self._load = base, source, method, load

    def create(self, table: Table, body: Body) -> Row:
        """A new object or record. Raises ODataError."""
        if table.kind == "part":
            raise row_created_directly()
        if table.kind in ("recorder", "constant"):
            raise method_not_allowed("POST")
        row = Row({name: value for name, value in body.values.items() if name not in _OWN}, body.parts)
        if table.kind == "object":
            row.values["Ref_Key"] = self._new_reference(body)
            row.values["DataVersion"] = version_text(1)
        if self._base.store.find(table, key_of(table, row)) is not None:
            raise key_exists(table.name, self._base.settings.key_exists_status)
        if table.is_document:
            self._new_document(table, row)
        elif table.code_length and not row.text("Code"):
            row.values["Code"] = self._base.numbering.code(table)
        self._own_rows(row)
        self._keep(table, row, "create", {name: (None, value) for name, value in row.values.items()})
        return row

    def update(self, table: Table, key: Key, body: Body, *, whole: bool = False) -> bool:
        """Change a row; `whole` asks for every property. Returns False when nothing is different. Raises ODataError."""
        old = self._existing(table, key)
        if table.kind in ("part", "recorder"):
            raise method_not_allowed("PATCH")
        if whole:
            self._complete(table, body)
        new = old.copy()
        new.values |= {name: value for name, value in body.values.items() if name not in _OWN}
        new.parts |= body.parts
        if self._base.settings.posted_in_body == "applied" and "Posted" in body.values:
            new.values["Posted"] = body.values["Posted"]
        self._own_rows(new)
        if table.is_document:
            self._changed_document(table, old, new)
        changed = _difference(old, new)
        if "DataVersion" in table.properties:
            new.values["DataVersion"] = version_text(version_number(old.text("DataVersion")) + 1)
        self._replace(table, key, old, new, changed)
        return bool(changed)

    def delete(self, table: Table, key: Key) -> None:
        """Take a row away for good; references to it stay as they are. Raises ODataError."""
        row = self._existing(table, key)
        if table.kind in ("part", "recorder", "constant"):
            raise method_not_allowed("DELETE")
        if table.is_document:
            self._open_period(table, row, "удалить")
            self._base.numbering.free(table, row)
            replace_records(self._base, table, row, {})
        self._base.store.drop(table, key)
        self._base.exchange.register(table, key, deleted=True)
        follow_payment(self._base, table, row)
        self._log("delete", table, row, {"Ref_Key": (row.text("Ref_Key") or address_of(table, row), None)})

    def post(self, table: Table, key: Key) -> None:
        """Post a document. Raises ODataError with the words of the configuration."""
        row = self._existing(table, key)
        if row.flag("DeletionMark"):
            raise self._refused(table, row, "провести", "Помеченный на удаление документ не может быть проведен!")
        self._open_period(table, row, "провести")
        records = records_of(self._base, table, row)
        if isinstance(records, str):
            raise self._refused(table, row, "провести", records)
        self._set_posted(table, key, row, posted=True)
        replace_records(self._base, table, row, records)
        follow_payment(self._base, table, row)

    def unpost(self, table: Table, key: Key) -> None:
        """Unpost a document. Raises ODataError."""
        row = self._existing(table, key)
        self._open_period(table, row, "отменить проведение")
        self._set_posted(table, key, row, posted=False)
        replace_records(self._base, table, row, {})
        follow_payment(self._base, table, row)

    def _existing(self, table: Table, key: Key) -> Row:
        row = self._base.store.find(table, key)
        if row is None:
            raise no_such_instance(table.name)
        return row

    def _new_reference(self, body: Body) -> str:
        given = body.values.get("Ref_Key", ZERO_GUID)
        return self._base.new_guid() if given == ZERO_GUID else str(given)

    def _new_document(self, table: Table, row: Row) -> None:
        if row.values.get("Date", ZERO_DATE) == ZERO_DATE:
            raise self._refused(table, row, "записать", 'Поле "Дата" не заполнено')
        self._open_period(table, row, "записать")
        if not row.text("Number").strip():
            row.values["Number"] = self._base.numbering.number(table, row)
        self._unique(table, row)

    def _changed_document(self, table: Table, old: Row, new: Row) -> None:
        self._open_period(table, old, "записать")
        self._open_period(table, new, "записать")
        if not new.text("Number").strip():
            new.values["Number"] = self._base.numbering.number(table, new)
        self._unique(table, new)
        if new.flag("DeletionMark") and new.flag("Posted"):
            if self._base.settings.mark_posted == "refused" and not self._load:
                raise self._refused(table, old, "записать", "Проведенный документ не может быть помечен на удаление!")
            new.values["Posted"] = False
            replace_records(self._base, table, new, {})

    def _unique(self, table: Table, row: Row) -> None:
        if self._load or not self._base.settings.unique_numbers:
            return
        holder = self._base.numbering.holder(table, row, row.text("Number"))
        if holder not in (None, row.text("Ref_Key")):
            raise self._refused(table, row, "записать", 'Значение поля "Номер" не уникально')

    def _open_period(self, table: Table, row: Row, what: str) -> None:
        closed = self._base.closed_until
        if closed is None or self._load or date.fromisoformat((row.text("Date") or ZERO_DATE)[:10]) > closed:
            return
        day = presented_date(f"{closed.isoformat()}T00:00:00").split(" ")[0]
        reason = f"Изменение данных запрещено. Дата запрета изменения данных: {day} (общая дата для всех пользователей)"
        raise self._refused(table, row, what, reason)

    def _refused(self, table: Table, row: Row, what: str, reason: str) -> ODataError:
        return internal(f'Не удалось {what}: "{presented(table, row)}"!\n{reason}')

    def _complete(self, table: Table, body: Body) -> None:
        for name in table.properties:
            if name not in _KEPT and name not in table.key and name not in body.values:
                raise missing_value(name)

    def _own_rows(self, row: Row) -> None:
        for rows in row.parts.values():
            for number, each in enumerate(rows, 1):
                each.values["Ref_Key"] = row.values["Ref_Key"]
                each.values["LineNumber"] = number

    def _set_posted(self, table: Table, key: Key, row: Row, *, posted: bool) -> None:
        old, new = row, row.copy()
        new.values["Posted"] = posted
        new.values["DataVersion"] = version_text(version_number(old.text("DataVersion")) + 1)
        self._replace(table, key, old, new, _difference(old, new), "post" if posted else "unpost")

    def _replace(
        self,
        table: Table,
        key: Key,
        old: Row,
        new: Row,
        changed: Mapping[str, tuple[Scalar | None, Scalar | None]],
        what: str = "update",
    ) -> None:
        if table.is_document:
            self._base.numbering.free(table, old)
        if key_of(table, new) != key:
            self._base.store.drop(table, key)
        self._keep(table, new, what, changed)

    def _keep(
        self, table: Table, row: Row, what: str, changed: Mapping[str, tuple[Scalar | None, Scalar | None]]
    ) -> None:
        self._base.store.put(table, row)
        if table.is_document:
            self._base.numbering.take(table, row)
        self._base.exchange.register(table, key_of(table, row), deleted=False)
        if changed:
            self._log(what, table, row, changed)

    def _log(
        self, what: str, table: Table, row: Row, changed: Mapping[str, tuple[Scalar | None, Scalar | None]]
    ) -> None:
        shown = {name: (plain(old), plain(new)) for name, (old, new) in changed.items()}
        self._base.log(self._source, self._method or what, address_of(table, row), shown, table.name)


def plain(value: Scalar | None) -> Json:
    """A value for the write log: numbers as text, exactly."""
    return str(value) if isinstance(value, Decimal) else value


def _difference(old: Row, new: Row) -> dict[str, tuple[Scalar | None, Scalar | None]]:
    changed: dict[str, tuple[Scalar | None, Scalar | None]] = {
        name: (old.values.get(name), value) for name, value in new.values.items() if old.values.get(name) != value
    }
    for name, rows in new.parts.items():
        before = [row.values for row in old.parts.get(name, ())]
        after = [row.values for row in rows]
        if before != after:
            changed[name] = (_rows(before), _rows(after))
    return changed


def _rows(rows: list[dict[str, Scalar]]) -> str:
    return "; ".join(", ".join(f"{name}={value}" for name, value in row.items() if name != "Ref_Key") for row in rows)
