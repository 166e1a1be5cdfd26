"""The page of reported payments: what waits for its line of a statement, what found it, what could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.ports.claims import ClaimRow, ClaimState
from hub.services.settle_claim import CannotDismiss, dismiss_claim
from hub.web.desk.effects import Badge, Tone
from hub.web.locale import Words
from hub.web.paging import page_number, pages
from hub.web.visit import Visit, see_other

_PAGE: Final = 30
_LARGEST: Final = 2**63 - 1
_WAITING: Final = (ClaimState.OPEN, ClaimState.OVERDUE)
#: Tabs of the page: the word in the address, its name, what it shows.
_TABS: Final = {
    "waiting": ("Ждут выписки", _WAITING),
    "covered": ("Подтверждены", (ClaimState.COVERED,)),
    "dismissed": ("Убраны", (ClaimState.DISMISSED,)),
}
_BADGES: Final = {
    ClaimState.OPEN: (Tone.WAIT, "ждёт строки выписки"),
    ClaimState.OVERDUE: (Tone.STOP, "строки нет дольше обычного"),
    ClaimState.COVERED: (Tone.GOOD, "подтверждено выпиской"),
    ClaimState.DISMISSED: (Tone.CALM, "убрано человеком"),
}


@dataclass(frozen=True, slots=True)
class TabView:
    """One tab with how much lies there."""

    key: str
    name: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class ClaimView:
    """A claim as the page shows it; `note` says what its being counted means for a person."""

    row: ClaimRow
    badge: Badge
    note: str

    @property
    def waits(self) -> bool:
        """A person may put it aside."""
        return self.row.state in _WAITING


def show(visit: Visit) -> Response:
    """List the claims of one tab."""
    return _show(visit)


def _show(visit: Visit, problem: str = "", status: int = 200) -> Response:
    queries, say = visit.site.context.queries, visit.site.words
    asked_tab = visit.query("tab")
    tab = asked_tab if asked_tab in _TABS else "waiting"
    asked = page_number(visit.query("page"))
    found = queries.claims(_TABS[tab][1], offset=(asked - 1) * _PAGE, limit=_PAGE)
    counts = queries.claim_counts()
    return visit.html(
        "claims.html",
        "claims",
        status,
        problem=problem,
        tab=tab,
        tabs=[
            TabView(key, say(name), f"/claims?tab={key}", sum(counts.get(state, 0) for state in states))
            for key, (name, states) in _TABS.items()
        ],
        claims=[_view(row, say) for row in found.rows],
        unread=queries.unread_reports(),
        pages=pages(asked, found.total, _PAGE, "/claims", {"tab": tab}),
    )


def _view(row: ClaimRow, say: Words) -> ClaimView:
    tone, word = _BADGES[row.state]
    return ClaimView(row, Badge(tone, say(word)), _note(row, say))


def _note(row: ClaimRow, say: Words) -> str:
    if row.counted_as is None:
        return ""
    if row.state is ClaimState.COVERED:
        return say("Учтено по сообщению; строка выписки второй раз не считается.")
    if row.state is ClaimState.OVERDUE:
        return say("Деньги учтены по одному сообщению, а в выписке их нет. Проверьте платёж: хаб сам ничего не вернёт.")
    return say("Деньги уже учтены по этому сообщению.")


def dismiss(visit: Visit) -> Response:
    """Put a claim aside."""
    claim_id = int(visit.path("claim"))
    if claim_id > _LARGEST:
        raise HTTPException(404)
    try:
        dismiss_claim(visit.site.context.rt, claim_id, visit.user.login)
    except CannotDismiss as error:
        return _show(visit, str(error), 409)
    return see_other("/claims?done=claim_dismissed")


def link_count(visit: Visit) -> int | None:
    """How many reports wait, for the link to the page; None where nobody reports anything."""
    counts = visit.site.context.queries.claim_counts()
    if not counts and not visit.site.context.rt.reports:
        return None
    return sum(counts.get(state, 0) for state in _WAITING)
