"""Row 1 on 1C: the hub is killed at each point of the cycle that follows a base's documents, and follows them still.

The cycle: the plan of exchange is asked and a window of days is read (`page_read`), the page is stored
(`before_cursor_commit`), the mark stands (`after_cursor_commit`; with a plan that is before the acknowledgement), the
message is acknowledged (`message_acknowledged`), the next page. The hub is killed while it waits for an answer, too:
to the plan's `changes`, to a page of the `window` or of `payments`, to the `acknowledgement`. Each is met by an
ordinary poll, by the first reading (`cold`) and by the nightly pass (`night`), with a plan of exchange and without.

Meanwhile documents are edited, marked, deleted, dated otherwise, renumbered, unposted and posted again, before the kill
and while the hub is dead. What happens within one process stands in `tests/integration/test_1c_story.py` and
`tests/contract/accounting_1c_connector/test_1c_base_following.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.support.base_life import Followed, live_through
from tests.support.matrix import Figures
from tests.support.side_by_side import SideBySide, begin_chosen

#: What every run of the tests takes.
TELLING: Final = (
    "page_read:1@plan",
    "before_cursor_commit:1@plan",
    "message_acknowledged:1@plan",
    "acknowledgement:1@plan",
    "after_cursor_commit:1@night",
)
MORE: Final = (
    "after_cursor_commit:1@plan",
    "before_cursor_commit:2",
    "after_cursor_commit:2@cold",
    "message_acknowledged:1@plan night",
    "page_read:1",
    "page_read:3",
    "before_cursor_commit:1",
    "after_cursor_commit:1",
    "after_cursor_commit:3",
    "window:1",
    "window:3",
    "payments:1",
    "page_read:3@plan",
    "before_cursor_commit:2@plan",
    "before_cursor_commit:4@plan",
    "after_cursor_commit:3@plan",
    "changes:1@plan",
    "window:2@plan",
    "page_read:2@cold",
    "before_cursor_commit:1@cold",
    "before_cursor_commit:3@cold",
    "after_cursor_commit:4@plan cold",
    "page_read:3@night",
    "before_cursor_commit:2@night",
    "before_cursor_commit:5@night",
    "after_cursor_commit:3@night",
    "page_read:3@plan night",
    "before_cursor_commit:3@plan night",
    "after_cursor_commit:5@plan night",
)
ON_POSTGRES: Final = ("before_cursor_commit:1@plan", "after_cursor_commit:1@plan", "before_cursor_commit:2@night")
AT_ONCE: Final = 4
#: The lease of a poll (30 s) and two polls (60 s) at the scale of these tests, and the work itself on a busy machine.
RECOVERY_S: Final = (30 + 2 * 60) * 0.05 + 40


def cases() -> list[Any]:
    """The telling ones on SQLite in every run, the rest and PostgreSQL in a thorough one."""
    later = [("sqlite", case) for case in MORE] + [("postgres", case) for case in ON_POSTGRES]
    return [("sqlite", case) for case in TELLING] + [pytest.param(case, marks=pytest.mark.thorough) for case in later]


@pytest.fixture(scope="module")
def lives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SideBySide[Followed]]:
    running = begin_chosen(request, tmp_path_factory.mktemp("lives"), live_through, AT_ONCE)
    yield running
    running.close()


@pytest.mark.chaos
@pytest.mark.row(1)
@pytest.mark.parametrize("case", cases(), ids=lambda case: "-".join(case))
def test_a_kill_at_any_point_of_the_cycle_loses_and_doubles_no_document(
    case: tuple[str, str], lives: SideBySide[Followed], figures: Figures
) -> None:
    followed = lives.outcome(*case)
    assert followed.broken == []
    assert followed.recovery_s <= RECOVERY_S
    figures.total("1C: kills", 1)
    figures.total("1C: documents compared", followed.documents)
    figures.most("1C: s until all is known again", followed.recovery_s)
