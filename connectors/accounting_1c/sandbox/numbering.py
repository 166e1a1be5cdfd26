"""Numbers of documents and codes of catalogs: prefix of the organisation and the base, zeros, a new count each year."""

import re

from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.store import Store
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row

_DIGITS = 6
_INFOBASE = "00"
_NUMBER = re.compile(r"(\w{4}-)(\d{6})")
_CODE = re.compile(rf"{_INFOBASE}-(\d+)")


class Numbering:
    """Gives out numbers over one store; the next is one more than the greatest of its series."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: dict[tuple[str, str, str], int] = {}
        self._taken: dict[tuple[str, str, str], dict[str, str]] = {}

    def number(self, table: Table, row: Row) -> str:
        """The next number of a document in its organisation and year."""
        prefix = f"{self._prefix(row.text(table.numbered_by))}{_INFOBASE}-"
        last = self._last.get((table.name, prefix, row.text("Date")[:4]), 0)
        return f"{prefix}{last + 1:0{_DIGITS}}"

    def holder(self, table: Table, row: Row, number: str) -> str | None:
        """The reference of the document that has this number in the year and organisation of `row`."""
        return self._taken.get(self._series(table, row), {}).get(number.strip())

    def take(self, table: Table, row: Row) -> None:
        """The document has its number now."""
        number = row.text("Number").strip()
        self._taken.setdefault(self._series(table, row), {}).setdefault(number, row.text("Ref_Key"))
        known = _NUMBER.fullmatch(number)
        if known:
            series = (table.name, known.group(1), row.text("Date")[:4])
            self._last[series] = max(self._last.get(series, 0), int(known.group(2)))

    def free(self, table: Table, row: Row) -> None:
        """The document has it no longer."""
        numbers = self._taken.get(self._series(table, row), {})
        if numbers.get(row.text("Number").strip()) == row.text("Ref_Key"):
            del numbers[row.text("Number").strip()]

    def code(self, table: Table) -> str:
        """The next code of a catalog."""
        series = (table.name, "", "")
        if series not in self._last:
            self._last[series] = max(map(_code_number, self._store.all(table)), default=0)
        self._last[series] += 1
        digits = max(1, table.code_length - len(_INFOBASE) - 1)
        return f"{_INFOBASE}-{self._last[series]:0{digits}}"[-table.code_length :]

    def _series(self, table: Table, row: Row) -> tuple[str, str, str]:
        return table.name, row.text(table.numbered_by) or ZERO_GUID, row.text("Date")[:4]

    def _prefix(self, organisation: str) -> str:
        found = self._store.follow(("Catalog_Организации",), organisation)
        text = found[1].text("Префикс") if found else ""
        return f"{text:0>2}"[:2]


def _code_number(row: Row) -> int:
    known = _CODE.fullmatch(row.text("Code"))
    return int(known.group(1)) if known else 0
