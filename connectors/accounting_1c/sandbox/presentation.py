"""How 1C names an object or a value in a sentence."""

from datetime import datetime

from connectors.accounting_1c.sandbox.model import Property, Table
from connectors.accounting_1c.sandbox.store import Store
from connectors.accounting_1c.sandbox.values import ZERO_DATE, Row, Scalar


def presented(table: Table, row: Row) -> str:
    """An object: a document by number and date, anything else by its description."""
    if table.is_document:
        return f"{table.title} {row.text('Number').strip()} от {presented_date(row.text('Date') or ZERO_DATE)}"
    return row.text("Description")


def presented_date(text: str) -> str:
    """A date the Russian way; the hour without a leading zero. The empty date is shown as nothing."""
    if text == ZERO_DATE:
        return ""
    moment = datetime.fromisoformat(text)
    return f"{moment:%d.%m.%Y} {moment.hour}:{moment:%M:%S}"


def presented_field(store: Store, known: Property, row: Row) -> str:
    """The value of a property."""
    value = row.values.get(known.name, known.empty)
    targets = known.targets
    if known.role == "composite":
        targets = (row.text(f"{known.field}_Type").removeprefix("StandardODATA."),)
    if known.role in ("reference", "composite"):
        found = store.follow(targets, str(value))
        return presented(*found) if found else ""
    return presented_scalar(known, value)


def presented_scalar(known: Property, value: Scalar) -> str:
    """A plain value."""
    if isinstance(value, bool):
        return "Да" if value else "Нет"
    if known.edm == "Edm.DateTime":
        return presented_date(str(value))
    return str(value)
