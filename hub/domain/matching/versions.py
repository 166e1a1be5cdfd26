"""What `Decision.version` says: by which reader of purposes and by which table a decision was made."""

from __future__ import annotations

from typing import Final

from hub.domain.matching.reader import READER_VERSION

_READER: Final = "reader "
#: Stands between the reader's version and the table's.
TABLE_MARK: Final = ", table "


def decision_version(table: str, reader: str = READER_VERSION) -> str:
    """The version of decisions made by a reader (that of now) and a table of these versions."""
    return f"{_READER}{reader}{TABLE_MARK}{table}"


def table_version(decision: str) -> str | None:
    """The table's part of a decision's version; None where no table decided."""
    _, mark, table = decision.partition(TABLE_MARK)
    return table if mark else None


def reader_version(decision: str) -> str | None:
    """The reader's part of a decision's version; None where no purpose was read."""
    reader, _, _ = decision.partition(TABLE_MARK)
    return reader.removeprefix(_READER) if reader.startswith(_READER) else None
