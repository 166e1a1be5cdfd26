"""Numbers of documents and codes of catalogs: prefix of the organisation and the base, zeros, a new count each year."""

import re

from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.store import Store
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row

_DIGITS = 6
_INFOBASE = "00"
_TAIL = re.compile(r"\d+$")


class Numbering:
    """Gives out numbers over one store; remembers the last of each series."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[tuple[str, str, str], int] = {}
        self._taken: dict[tuple[str, str, str], dict[str, str]] = {}

    def number(self, table: Table, row: Row) -> str:
        """The next number of a document in its organisation and year."""
        prefix = f"{self._prefix(row.text(table.numbered_by))}{_INFOBASE}-"
        series = (table.name, prefix, row.text("Date")[:4])
        self._last[series] = self._last.get(series, 0) + 1
        while self.holder(table, row, f"{prefix}{self._last[series]:0{_DIGITS}}") is not None:
            self._last[series] += 1
        return f"{prefix}{self._last[series]:0{_DIGITS}}"

    def holder(self, table: Table, row: Row, number: str) -> str | None:
        """The reference of the document that has this number in the year and organisation of `row`."""
        return self._taken.get(self._series(table, row), {}).get(number.strip())

    def take(self, table: Table, row: Row) -> None:
        """The document has its number now."""
        self._taken.setdefault(self._series(table, row), {}).setdefault(row.text("Number").strip(), row.text("Ref_Key"))

    def free(self, table: Table, row: Row) -> None:
        """The document has it no longer."""
        numbers = self._taken.get(self._series(table, row), {})
        if numbers.get(row.text("Number").strip()) == row.text("Ref_Key"):
            del numbers[row.text("Number").strip()]

    def code(self, table: Table) -> str:
        """The next code of a catalog."""
        series = (table.name, "", "")
        self._last[series] = self._last.get(series, 0) + 1
        digits = max(1, table.code_length - 3)
        return f"{_INFOBASE}-{self._last[series]:0{digits}}"[-table.code_length :]

    def _series(self, table: Table, row: Row) -> tuple[str, str, str]:
        return table.name, row.text(table.numbered_by) or ZERO_GUID, row.text("Date")[:4]

    def _prefix(self, organisation: str) -> str:
        found = self._store.follow(("Catalog_Организации",), organisation)
        text = found[1].text("Префикс") if found else ""
        return f"{text:0>2}"[:2]
