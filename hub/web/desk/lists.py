"""Lists of the desk: the three piles with their payments, and what the hub would have done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.responses import Response

from hub.domain.money import Money
from hub.domain.wording import money_text
from hub.ports.records import EffectRow, EffectState
from hub.store.queries import Filter, PaymentLine, PileName, PileTotals
from hub.web.desk.claims import link_count
from hub.web.desk.effects import Badge, effect_view, outcome_badge, read_stages
from hub.web.locale import Words
from hub.web.paging import page_number, pages
from hub.web.rendering import parse_day
from hub.web.visit import Visit

_PAGE: Final = 30
_LONGEST_TEXT: Final = 200
#: In the order of the morning: first what waits for the person.
_PILES: Final = {
    PileName.NEEDS_YOU: "Нужны вы",
    PileName.MATCHED: "Сопоставлено",
    PileName.NOT_OURS: "Не наше",
}


@dataclass(frozen=True, slots=True)
class PileView:
    """A pile as a card on top of the page."""

    key: str
    name: str
    href: str
    count: int
    sums: str


@dataclass(frozen=True, slots=True)
class FilterView:
    """The filter as the form shows it."""

    text: str
    since: date | None
    until: date | None
    account: str

    @property
    def active(self) -> bool:
        """Whether anything is narrowed."""
        return bool(self.text or self.since or self.until or self.account)

    def narrowed(self) -> Filter:
        """The same for the store."""
        return Filter(self.text, self.since, self.until, self.account or None)

    def query(self, pile: PileName) -> dict[str, str]:
        """The same as query parameters."""
        since, until = (day.isoformat() if day else "" for day in (self.since, self.until))
        return {"pile": pile.value, "q": self.text, "from": since, "to": until, "account": self.account}


@dataclass(frozen=True, slots=True)
class RowView:
    """One payment in the list."""

    id: str
    booked_on: date
    amount: Money
    party: str | None
    tax_id: str | None
    purpose: str
    reason: str | None
    invoices: Sequence[str]
    badge: Badge | None


def start(visit: Visit) -> Response:
    """The three piles and the payments of one of them."""
    queries, say = visit.site.context.queries, visit.site.words
    pile, chosen = _asked_pile(visit), _asked_filter(visit)
    totals = queries.piles()
    views = [_pile_view(totals[name], say) for name in _PILES]
    asked = page_number(visit.query("page"))
    found = queries.payments(pile, chosen.narrowed(), offset=(asked - 1) * _PAGE, limit=_PAGE)
    rows = _rows(visit, found.rows)
    place = pages(asked, found.total, _PAGE, "/", chosen.query(pile))
    return visit.html(
        "start.html",
        "payments",
        piles=views,
        pile=next(view for view in views if view.key == pile.value),
        filters=chosen,
        accounts=sorted(visit.site.context.rt.own_accounts),
        rows=rows,
        show_invoices=any(row.invoices for row in rows),
        show_outcome=any(row.badge for row in rows),
        total=found.total,
        pages=place,
        waiting=totals[PileName.WAITING].count,
        nothing_yet=totals[PileName.ALL].count == 0,
        here=place.url(place.current),
        claims=link_count(visit),
        asked_sales=queries.asked_sales(),
    )


def _asked_pile(visit: Visit) -> PileName:
    asked = visit.query("pile")
    return PileName(asked) if asked in _PILES else PileName.NEEDS_YOU


def _asked_filter(visit: Visit) -> FilterView:
    account = visit.query("account")
    return FilterView(
        text=visit.query("q")[:_LONGEST_TEXT],
        since=parse_day(visit.query("from")),
        until=parse_day(visit.query("to")),
        account=account if account in visit.site.context.rt.own_accounts else "",
    )


def _pile_view(totals: PileTotals, say: Words) -> PileView:
    sums = [money_text(money) for money in totals.incoming]
    sums += [say("списано {sum}", sum=money_text(money)) for money in totals.outgoing]
    href = "/" if totals.pile is PileName.NEEDS_YOU else f"/?pile={totals.pile.value}"
    return PileView(totals.pile.value, say(_PILES[totals.pile]), href, totals.count, " · ".join(sums))


def _rows(visit: Visit, lines: Sequence[PaymentLine]) -> list[RowView]:
    effects = _effects(visit, [line.id for line in lines if line.effects])
    return [_row(line, outcome_badge(effects.get(line.id, ()), visit.site.words)) for line in lines]


def _effects(visit: Visit, payment_ids: Sequence[str]) -> dict[str, list[EffectRow]]:
    with visit.site.context.rt.store.read() as uow:
        return {payment_id: uow.outbox.of_payment(payment_id) for payment_id in payment_ids}


def _row(line: PaymentLine, badge: Badge | None) -> RowView:
    return RowView(
        id=line.id,
        booked_on=line.booked_on,
        amount=line.amount,
        party=line.counterparty,
        tax_id=line.counterparty_tax_id,
        purpose=line.purpose,
        reason=line.reason,
        invoices=line.invoice_numbers,
        badge=badge,
    )


def planned(visit: Visit) -> Response:
    """What the hub would have done, had it been allowed to write."""
    return _effects_page(visit, EffectState.PLANNED, "planned")


def stopped(visit: Visit) -> Response:
    """What the hub could not do by itself in the CRM, with the reasons: each waits for a person."""
    return _effects_page(visit, EffectState.PARKED, "stopped")


def _effects_page(visit: Visit, state: EffectState, name: str) -> Response:
    context, say = visit.site.context, visit.site.words
    asked = page_number(visit.query("page"))
    found = context.queries.effects([state], offset=(asked - 1) * _PAGE, limit=_PAGE)
    stages = read_stages(context.rt, {line.effect.connection for line in found.rows})
    rows = [(line, effect_view(line.effect, stages, context.deal_url, say)) for line in found.rows]
    place = pages(asked, found.total, _PAGE, f"/{name}", {})
    taken_back = context.queries.taken_back() if state is EffectState.PARKED else ()
    return visit.html(f"{name}.html", name, rows=rows, pages=place, total=found.total, taken_back=taken_back)
