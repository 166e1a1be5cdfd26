"""The page «Один ли это счёт?»: two sides of each question, the answers of people, and what the hub joined itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.domain.models import Client
from hub.domain.wording import date_text, money_text
from hub.ports.records import AUTO, DealRow, InvoiceRow
from hub.ports.sales import LinkKind, LinkState
from hub.services.runtime import Runtime
from hub.services.settle_sale import Asked, CannotSettleSale, mark, say_apart, say_same, take_answer_back
from hub.store.queries import SaleLine, SaleTab
from hub.web.desk.effects import Badge, Tone
from hub.web.desk.sale_words import DIFFERENCES, FOR_DEAL, rows_that_differ
from hub.web.desk.systems import kept_by, system_name
from hub.web.locale import Words
from hub.web.paging import page_number, pages
from hub.web.visit import Visit, see_other

_PAGE: Final = 20
_TABS: Final = {
    SaleTab.ASKED: "Ждут вас",
    SaleTab.ANSWERED: "Решённые",
    SaleTab.JOINED: "Объединил хаб",
}
_BADGES: Final = {
    (LinkKind.INVOICE, LinkState.JOINED): (Tone.GOOD, "один счёт"),
    (LinkKind.INVOICE, LinkState.APART): (Tone.CALM, "разные счета"),
    (LinkKind.DEAL, LinkState.JOINED): (Tone.GOOD, "эта сделка"),
    (LinkKind.DEAL, LinkState.APART): (Tone.CALM, "не эта сделка"),
}
_ANSWERS: Final[dict[str, Callable[[Runtime, Asked, str], None]]] = {
    "same": say_same,
    "apart": say_apart,
    "back": take_answer_back,
}


@dataclass(frozen=True, slots=True)
class TabView:
    """One tab with how much lies there."""

    key: str
    name: str
    href: str
    count: int


@dataclass(frozen=True, slots=True)
class DealLink:
    """A deal with its card in the CRM, where that can be told."""

    title: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Row:
    """A named line of one side; `differs` where the other side says otherwise."""

    name: str
    value: str
    differs: bool = False


@dataclass(frozen=True, slots=True)
class SideView:
    """One side of a question.

    Attributes:
        name: what it is, in one line.
        joined: the sale as every system keeps it, where the invoice was joined already.
    """

    system: str
    name: str
    rows: tuple[Row, ...]
    deals: tuple[DealLink, ...] = ()
    joined: str = ""
    payments: tuple[str, ...] = ()
    removed: bool = False


@dataclass(frozen=True, slots=True)
class SaleView:
    """A question, or its answer, as the page shows it."""

    line: SaleLine
    seen: str
    title: str
    sides: tuple[SideView, ...]
    told_title: str
    told: tuple[str, ...]
    badge: Badge | None
    who: str

    @property
    def is_deal(self) -> bool:
        """Asked about a deal, not about another invoice."""
        return self.line.link.kind is LinkKind.DEAL

    @property
    def asked(self) -> bool:
        """It waits for a person."""
        return self.line.link.state is LinkState.ASKED

    @property
    def by_machine(self) -> bool:
        """The hub joined them itself."""
        return not self.asked and self.line.link.decided_by == AUTO


def show(visit: Visit) -> Response:
    """List the pairs of one tab."""
    return _show(visit, _tab(visit.query("tab")))


def answer(visit: Visit) -> Response:
    """Take a person's answer, or take one back."""
    form, tab = visit.form, _tab(visit.form.text("tab"))
    said, kind = _ANSWERS.get(form.text("answer")), form.text("kind")
    if said is None or kind not in list(LinkKind):
        raise HTTPException(400)
    asked = Asked(LinkKind(kind), form.text("left"), form.text("right"), form.text("seen"))
    try:
        said(visit.site.context.rt, asked, visit.user.login)
    except CannotSettleSale as error:
        return _show(visit, tab, str(error), 409)
    return see_other(f"/sales?tab={tab.value}&done={_notice(form.text('answer'), asked.kind)}")


def _notice(said: str, kind: LinkKind) -> str:
    if said == "same":
        return "sale_deal" if kind is LinkKind.DEAL else "sale_same"
    return "sale_apart" if said == "apart" else "sale_taken_back"


def _tab(asked: str) -> SaleTab:
    return SaleTab(asked) if asked in list(SaleTab) else SaleTab.ASKED


def _show(visit: Visit, tab: SaleTab, problem: str = "", status: int = 200) -> Response:
    queries, say = visit.site.context.queries, visit.site.words
    asked = page_number(visit.query("page"))
    found = queries.sales(tab, offset=(asked - 1) * _PAGE, limit=_PAGE)
    counts = queries.sale_counts()
    return visit.html(
        "sales.html",
        "sales",
        status,
        problem=problem,
        tab=tab.value,
        tabs=[TabView(key.value, say(name), f"/sales?tab={key.value}", counts[key]) for key, name in _TABS.items()],
        sales=[_view(visit, line) for line in found.rows],
        pages=pages(asked, found.total, _PAGE, "/sales", {"tab": tab.value}),
    )


def _view(visit: Visit, line: SaleLine) -> SaleView:
    say, link = visit.site.words, line.link
    is_deal = link.kind is LinkKind.DEAL
    differing = frozenset[str]() if is_deal else rows_that_differ(link.traits)
    left = _invoice_side(visit, line, line.left, differing)
    right = _deal_side(visit, line.deal, line.deal_client) if is_deal else None
    tone, word = _BADGES.get((link.kind, link.state), (Tone.WAIT, ""))
    return SaleView(
        line=line,
        seen=mark(link, line.left, line.deal if is_deal else line.right),
        title=say("Эта ли сделка?") if is_deal else say("Один ли это счёт?"),
        sides=(left, right or _invoice_side(visit, line, line.right, differing)),
        told_title=say("Что совпало") if is_deal else say("Что расходится"),
        told=tuple(_told(line, say)),
        badge=Badge(tone, say(word)) if word else None,
        who=link.decided_by.removeprefix("person:") if link.decided_by != AUTO else "",
    )


def _told(line: SaleLine, say: Words) -> Iterator[str]:
    words = FOR_DEAL if line.link.kind is LinkKind.DEAL else DIFFERENCES
    for trait in line.link.traits:
        yield say(words[trait]) if trait in words else trait
    if line.left is not None and line.right is not None:
        if line.left.invoice.guid is not None and line.left.invoice.guid == line.right.invoice.guid:
            yield say("При этом в CRM записана ссылка именно на этот документ 1С.")
        elif not line.link.traits:
            yield say("Ничего: так же хорошо подходит ещё один счёт, поэтому решаете вы.")
    elif line.link.state is LinkState.ASKED:
        yield say("Наверняка этого мало: решаете вы.")


def _invoice_side(visit: Visit, line: SaleLine, row: InvoiceRow | None, differing: frozenset[str]) -> SideView:
    say, rt = visit.site.words, visit.site.context.rt
    if row is None:
        return SideView("—", say("Счёта больше нет"), ())
    invoice = row.invoice
    dated = date_text(invoice.issued_on) if invoice.issued_on else say("не указана")
    rows = [
        Row(say("Номер"), invoice.number or say("нет"), "number" in differing),
        Row(say("Дата"), dated, "date" in differing),
        Row(say("Клиент"), _client(invoice.client, say), "client" in differing),
        Row(say("Сумма"), money_text(invoice.amount), "sum" in differing),
    ]
    if "organisation" in differing:
        rows.append(Row(say("ИНН нашего юрлица"), invoice.organisation_tax_id or say("не указан"), True))
    deals = tuple(_deal_link(visit, line.deals[key]) for key in invoice.deals if key in line.deals)
    name = say("Счёт № {number}", number=invoice.number) if invoice.number else say("Счёт сделки")
    joined = kept_by(rt, line.members.get(invoice.id, ()), say)
    payments = line.payments.get(invoice.id, ())
    return SideView(system_name(rt, row.connection, say), name, tuple(rows), deals, joined, payments, row.removed)


def _deal_side(visit: Visit, row: DealRow | None, client: Client | None) -> SideView:
    say = visit.site.words
    if row is None:
        return SideView("—", say("Сделки больше нет"), ())
    amount = money_text(row.deal.amount) if row.deal.amount else say("не указана")
    rows = (Row(say("Клиент"), _client(client, say)), Row(say("Сумма"), amount))
    system = system_name(visit.site.context.rt, row.connection, say)
    name = say("Сделка № {deal}", deal=row.deal.id)
    return SideView(system, name, rows, (_deal_link(visit, row),), removed=row.removed)


def _deal_link(visit: Visit, row: DealRow) -> DealLink:
    title = row.deal.title or visit.site.words("Сделка № {deal}", deal=row.deal.id)
    return DealLink(title, visit.site.context.deal_url(row.connection, row.deal.id))


def _client(client: Client | None, say: Words) -> str:
    if client is None:
        return say("не указан")
    parts = [client.names[0] if client.names else say("без названия")]
    if client.main_tax_id:
        parts.append(f"{say('ИНН')} {client.main_tax_id}")
    if client.kpp:
        parts.append(f"{say('КПП')} {client.kpp}")
    return ", ".join(parts)
