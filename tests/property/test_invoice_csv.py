"""Whatever cells a program writes into a CSV file are the cells that are read; any other text is read or told."""

from __future__ import annotations

import csv
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.invoice_files.csv_rows import csv_rows

_CELLS = st.lists(st.text('абв1"; ,\t«', max_size=8), min_size=3, max_size=3)


@settings(max_examples=300, deadline=None)
@given(st.lists(_CELLS, min_size=1, max_size=6), st.sampled_from(";,\t"), st.sampled_from(["\r\n", "\n"]))
def test_cells_that_a_program_writes_come_back(rows: list[list[str]], delimiter: str, end: str) -> None:
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerows(rows)
    found = list(csv_rows(written.getvalue(), delimiter))[: len(rows)]
    assert [(row.number, row.fault) for row in found] == [(number, "") for number in range(1, len(rows) + 1)]
    assert [[cell.strip() for cell in row.cells] for row in found] == [[cell.strip() for cell in row] for row in rows]


@settings(max_examples=300, deadline=None)
@given(st.text('аб";\n\r ', max_size=60))
@example('"')
@example('a;"\n";b\n"')
@example('"a"";\n')
def test_any_text_is_read_to_its_end(text: str) -> None:
    rows = list(csv_rows(text, ";"))
    numbers = [row.number for row in rows]
    assert numbers == sorted(set(numbers))
    assert all(row.cells or row.fault for row in rows)
    # No letter is lost without a word.
    kept = "".join(cell for row in rows for cell in row.cells)
    if not any(row.fault for row in rows):
        assert kept.count("а") == text.count("а")
