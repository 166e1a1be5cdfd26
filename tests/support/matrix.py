"""The fault matrix as a report: tests name their row, tell their figures, and one line a row says how it stands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

import pytest

#: What each row puts the hub through.
ROWS: Final = {
    1: "kill -9 at every named step",
    2: "random kill -9 under load",
    3: "SIGTERM with work in hand",
    4: "the process dies under its supervisor",
    7: "poison and foreign messages in the queue",
    8: "5 000 far retries and a near one",
    9: "database locked, restarted, cut in commit, big log",
    10: "disk full",
    11: "CRM 429, with and without Retry-After",
    12: "CRM 401, 403, blocked account",
    13: "CRM 5xx for an hour",
    14: "timeout before, after and long after apply",
    15: "half replies, 200 with HTML, 200 with an error",
    16: "slow drip, endless body, gzip bomb",
    17: "stale keep-alive, small pool, DNS, TLS name",
    18: "one hook a hundred times in parallel",
    19: "events out of order",
    20: "a hook three days late",
    21: "no hooks at all",
    22: "rows at the cursor's edge, corrected and deleted lines",
    23: "clock jumps, DST, zones, leap day",
    24: "a human moves the deal between read and write",
    25: "pipeline or stage renamed, removed, reordered",
    26: "echo of our own writes",
    27: "tokens renewed by several at once, and lost on the way",
    28: "wrong, missing, empty, foreign signature",
    29: "replayed request, old and future timestamp",
    30: "huge and endless bodies, headers, slowloris",
    31: "malformed payloads",
    32: "XML and archive bombs",
    33: "hostile texts",
    34: "money traps",
    35: "equal invoices, number inside a number",
    36: "server-side request forgery",
    40: "yesterday's backup restored",
    41: "the journal edited by hand",
    44: "model of everything at once",
    45: "24 hours of CRM outage",
}
Way = Literal["max", "min", "sum"]
_ROW: Final = "row"
_PREFIX: Final = "figure"
_JOIN: Final[dict[str, Callable[[Iterable[float]], float]]] = {"max": max, "min": min, "sum": sum}


class Figures:
    """What a test measured, for its row's line."""

    def __init__(self, record: Callable[[str, object], None]) -> None:
        self._record = record

    def most(self, name: str, value: float) -> None:
        """The row shows the largest."""
        self._record(f"{_PREFIX}:max:{name}", value)

    def least(self, name: str, value: float) -> None:
        """The row shows the smallest."""
        self._record(f"{_PREFIX}:min:{name}", value)

    def total(self, name: str, value: float) -> None:
        """The row shows the sum."""
        self._record(f"{_PREFIX}:sum:{name}", value)

    def note(self, text: str) -> None:
        """The row shows the text once."""
        self._record(f"{_PREFIX}:note:{text}", 0)


@pytest.fixture
def figures(record_property: Callable[[str, object], None]) -> Figures:
    """Where a test of a row leaves its figures."""
    return Figures(record_property)


@dataclass
class _Line:
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    values: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))

    def text(self, number: int) -> str:
        state = "FAILED" if self.failed else "ok" if self.passed else "skipped"
        shown = [f"{name} {_number(_JOIN[way](found))}" for (way, name), found in self.values.items() if way in _JOIN]
        shown += [name for way, name in self.values if way == "note"]
        counts = f"{self.passed} cases, {self.failed} violations" + (f", {self.skipped} skipped" * bool(self.skipped))
        return f"row {number:>2}  {state:<7} {ROWS[number]}: {counts}, {self.seconds:.1f} s" + "".join(
            f"; {item}" for item in shown
        )


def _number(value: float) -> str:
    return f"{value:,.0f}".replace(",", " ") if value == int(value) else f"{value:.2f}"


class Matrix:
    """pytest plugin: gathers outcomes and figures by row, prints them at the end."""

    def __init__(self) -> None:
        self._lines: dict[int, _Line] = defaultdict(_Line)

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Write on each test which rows it belongs to (its report carries it between processes)."""
        for item in items:
            numbers = [number for mark in item.iter_markers("row") for number in mark.args]
            unknown = set(numbers) - set(ROWS)
            if unknown:
                raise pytest.UsageError(f"{item.nodeid}: no such row {sorted(unknown)}")
            item.user_properties.extend((_ROW, number) for number in numbers)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count an outcome and take its figures."""
        for number in [value for name, value in report.user_properties if name == _ROW and isinstance(value, int)]:
            line = self._lines[number]
            line.seconds += report.duration
            line.failed += report.failed
            line.skipped += report.skipped
            if report.when == "call":
                line.passed += report.passed
                self._take(line, report)

    def _take(self, line: _Line, report: pytest.TestReport) -> None:
        for name, value in report.user_properties:
            prefix, _, rest = name.partition(":")
            if prefix == _PREFIX and isinstance(value, int | float):
                way, _, what = rest.partition(":")
                line.values[way, what].append(float(value))

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line a row."""
        if self._lines:
            terminalreporter.section("fault matrix")
        for number in sorted(self._lines):
            terminalreporter.write_line(self._lines[number].text(number))


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--soak` runs the long sweeps alone, `--thorough` also what `./run test` leaves to `./run chaos`."""
    parser.addoption("--soak", action="store_true", help="run the long sweeps (./run soak)")
    parser.addoption("--thorough", action="store_true", help="run every case of the fault matrix (./run chaos)")


def pytest_configure(config: pytest.Config) -> None:
    """Install the report."""
    config.pluginmanager.register(Matrix(), "matrix")


def _is_wanted(item: pytest.Item, config: pytest.Config) -> bool:
    if (item.get_closest_marker("soak") is not None) != config.getoption("--soak"):
        return False
    return item.get_closest_marker("thorough") is None or bool(config.getoption("--thorough"))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Sweeps and thorough cases have commands of their own."""
    chosen = [item for item in items if _is_wanted(item, config)]
    kept = set(chosen)
    others = [item for item in items if item not in kept]
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = chosen
