"""A row of a table, under the number by which a person finds it in the file."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """Cells as texts.

    Attributes:
        number: of the row of a sheet, or of the line of a text where the row begins.
        fault: why the row is not read (Russian); it has no cells then.
    """

    number: int
    cells: list[str] = field(default_factory=list)
    fault: str = ""
