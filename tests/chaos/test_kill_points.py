"""Row 1: the hub is killed at each named point of its work and started again; nothing is lost or done twice.

The twelve steps of the matrix and the points that stand for them here. `@hook` and `@upload` say who brought the work.

1 after verify: after_verify. 2 after inbox commit: after_inbox_commit, by hook and by upload. 3 before enqueue, between
a commit and its hint: after_match_commit (the inbox's own commit and hint are 2). 4 after claim: after_claim, and for a
file after_lines_stored. 5 after read: after_read. 6 after intent: after_intent. 7 request sent: request_sent. 8 reply
read: reply_read. 9 before settle, 10 after settle: the same names. 11 before cursor commit: before_cursor_commit.
12 after token reply: an incoming webhook has no token that a reply could renew; amoCRM has, see test_token_reply.py.
Here the second kind of outgoing write (comment, task, paid mark) is killed too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.kill_case import Outcome, live_through
from tests.support.matrix import Figures
from tests.support.side_by_side import SideBySide, begin_chosen

STEPS: Final = (
    "after_verify@hook",
    "after_inbox_commit@upload",
    "after_lines_stored",
    "after_match_commit",
    "after_claim",
    "after_read",
    "after_intent",
    "request_sent",
    "reply_read",
    "before_settle",
    "after_settle",
    "before_cursor_commit",
    "comment_sent",
)
MORE_ON_SQLITE: Final = (
    "after_inbox_commit@hook",
    "request_sent:2",
    "request_sent:4",
    "reply_read:2",
    "reply_read:5",
    "comment_intent",
    "task_sent",
    "mark_paid_sent",
)
CASES: Final = [*(("sqlite", point) for point in STEPS + MORE_ON_SQLITE), *(("postgres", point) for point in STEPS)]
#: Hubs that live and die at the same time: most of a life is waiting for a dead one's lease.
AT_ONCE: Final = 4
#: Lease (140 s) and sweep (1 s) at the scale of these tests, and 10 s for the work itself.
RECOVERY_S: Final = (140 + 1) * 0.05 + 10


@pytest.fixture(scope="module")
def lives(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SideBySide[Outcome]]:
    running = begin_chosen(request, tmp_path_factory.mktemp("lives"), live_through, AT_ONCE)
    yield running
    running.close()


@pytest.mark.chaos
@pytest.mark.row(1)
@pytest.mark.parametrize("case", CASES, ids=lambda case: "-".join(case))
def test_a_kill_at_any_point_changes_nothing_in_the_end(
    case: tuple[str, str], lives: SideBySide[Outcome], figures: Figures
) -> None:
    outcome = lives.outcome(*case)
    assert outcome.broken == []
    assert outcome.recovery_s <= RECOVERY_S
    figures.total("kills", 1)
    figures.most("recovery s", outcome.recovery_s)
    figures.total("repeat writes", outcome.repeats)
