"""What `Decision.version` says: by which reader of purposes and by which table a decision was made."""

from __future__ import annotations

from typing import Final

from hub.domain.matching.reader import READER_VERSION

#: Stands between the reader's version and the table's.
TABLE_MARK: Final = ", table "


def decision_version(table: str) -> str:
    """The version of decisions made by this reader and a table of this version."""
    return f"reader {READER_VERSION}{TABLE_MARK}{table}"


def table_version(decision: str) -> str | None:
    """The table's part of a decision's version; None where no table decided."""
    _, mark, table = decision.partition(TABLE_MARK)
    return table if mark else None
