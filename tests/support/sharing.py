"""How the tests share two cores: whole files go to whoever is free, all that kills or times processes to one of them.

Run with `-n 2 --dist loadgroup --no-loadscope-reorder` (`./run test` does): groups are handed out in the order below,
the longest first, so that neither process waits for the other at the end.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Final

import pytest

#: Tests whose processes, sockets or browsers want a core for themselves run one after another, in one process.
_ALONE: Final = ("chaos", "browser")
#: Long files, begun first.
_LONG: Final = ("tests/model/", "tests/worlds/", "tests/chaos/rows/", "tests/property/", "tests/store/")


def _group(item: pytest.Item) -> str:
    if any(item.get_closest_marker(name) for name in _ALONE):
        return "alone"
    return item.nodeid.partition("::")[0]


def _turn(item: pytest.Item) -> int:
    group = _group(item)
    if group == "alone":
        return 0
    return next((index for index, start in enumerate(_LONG, 1) if group.startswith(start)), len(_LONG) + 1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Name each test's group; one process alone keeps the order of the files."""
    if config.getoption("numprocesses", None) is None and not hasattr(config, "workerinput"):
        return
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    items.sort(key=_turn)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Spell out what UTF-8 cannot carry from process to process: tests of hostile texts print such texts."""
    report = yield
    report.sections = [(name, text.encode("utf-8", "backslashreplace").decode()) for name, text in report.sections]
    return report
