"""Fills a base from its seed, naming each faulty field."""

from typing import Any

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.bodies import Body, body_of
from connectors.accounting_1c.sandbox.errors import ODataError
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.registers import records_of, replace_records
from connectors.accounting_1c.sandbox.store import key_of
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row, version_text
from connectors.sandbox_kit.documents import DocumentError


def fill(base: Base) -> None:
    """Everything of the seed, with nothing registered for exchange. Raises DocumentError."""
    base.clear()
    faults = _composition(base)
    for name, objects in base.seed.objects.items():
        table = base.configuration.tables.get(name)
        if table is None or table.kind in ("part", "recorder"):
            faults.append(f"seed: objects.{name}: такого набора в конфигурации {base.seed.config} нет")
            continue
        for place, fields in enumerate(objects):
            faults += [f"seed: objects.{name}[{place}]{fault}" for fault in _object(base, table, fields)]
    if faults:
        raise DocumentError("\n".join(faults))
    base.exchange.forget()


def put(base: Base, table: Table, row: Row) -> None:
    """Keep a row without any check: the seed may hold what nobody could write."""
    base.store.put(table, row)
    if table.is_document:
        base.numbering.take(table, row)


def post(base: Base, table: Table, row: Row) -> None:
    """The records of a posted document."""
    records = records_of(base, table, row)
    if not isinstance(records, str):
        replace_records(base, table, row, records)


def _composition(base: Base) -> list[str]:
    known = base.configuration.tables
    return [
        f"seed: settings.composition[{place}]: набора {name} в конфигурации {base.seed.config} нет"
        for place, name in enumerate(base.settings.composition or [])
        if name not in known or known[name].kind == "part"
    ]


def _object(base: Base, table: Table, fields: dict[str, Any]) -> list[str]:
    try:
        body = body_of(table, fields)
    except ODataError as error:
        return [f": {error.russian}"]
    if body.unknown:
        return [f".{name}: такого свойства у набора нет" for name in body.unknown]
    row = _row(base, table, body)
    if base.store.find(table, key_of(table, row)) is not None and table.kind != "constant":
        return [": такой ключ уже есть"]
    put(base, table, row)
    if row.flag("Posted"):
        post(base, table, row)
    return []


def _row(base: Base, table: Table, body: Body) -> Row:
    row = Row(body.values, body.parts)
    if table.kind == "constant":
        row.values["SurrogateKey"] = ZERO_GUID
    if table.kind != "object":
        return row
    if row.values.get("Ref_Key", ZERO_GUID) == ZERO_GUID:
        row.values["Ref_Key"] = base.new_guid()
    row.values.setdefault("DataVersion", version_text(1))
    if table.is_document:
        row.values.setdefault("Date", base.local_now())
        if "Number" not in row.values:
            row.values["Number"] = base.numbering.number(table, row)
    for rows in row.parts.values():
        for number, each in enumerate(rows, 1):
            each.values |= {"Ref_Key": row.values["Ref_Key"], "LineNumber": number}
    return row
