"""The page of one payment, and the page where a person picks its invoices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.domain.models import Invoice
from hub.domain.money import Money
from hub.ports.store import UnitOfWork
from hub.web.desk.effects import read_stages
from hub.web.desk.payment_view import PaymentView, payment_view
from hub.web.desk.remember import offers
from hub.web.desk.systems import kept_by
from hub.web.visit import Visit

_FOUND_AT_ONCE: Final = 30
_PICKED_AT_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Picked:
    """An invoice picked for the payment, with what it would take and where its links lead."""

    invoice: Invoice
    takes: Money | None
    up: str
    drop: str
    kept: str


@dataclass(frozen=True, slots=True)
class Found:
    """An invoice that the search found."""

    invoice: Invoice
    add: str
    kept: str


def read_view(visit: Visit, payment_id: str = "") -> PaymentView:
    """The payment of the path (or of the id); 404 when there is none."""
    context = visit.site.context
    card = context.queries.payment(payment_id or visit.path("payment"))
    if card is None:
        raise HTTPException(404)
    stages = read_stages(context.rt, {item.connection for item in card.effects})
    say = visit.site.words
    kept = {key: kept_by(context.rt, members, say) for key, members in card.members.items()}
    return payment_view(card, stages, context.deal_url, offers(context.rt, card, say), say, kept)


def payment(visit: Visit) -> Response:
    """Show a payment."""
    return show_payment(visit)


def show_payment(visit: Visit, problem: str = "", status: int = 200, payment_id: str = "") -> Response:
    """Show a payment, with a sentence on top when something could not be done."""
    view = read_view(visit, payment_id)
    return visit.html(
        "payment.html", "payments", status, view=view, payment=view.payment, problem=visit.site.words(problem)
    )


def choose_page(visit: Visit) -> Response:
    """Search open invoices and put them in order; the picks live in the address, so nothing is lost on the way."""
    view = read_view(visit)
    text = visit.query("q")[:200]
    ids = list(dict.fromkeys(visit.request.query_params.getlist("picked")))[:_PICKED_AT_MOST]
    with visit.site.context.rt.store.read() as uow:
        picked_invoices = _read(uow, ids)
        found = uow.invoices.search(text, _FOUND_AT_ONCE) if text else []
    links = _Links(view.payment.id, tuple(item.id for item in picked_invoices), text)
    kept = _kept(visit, [*picked_invoices, *found])
    picked, rest = _spread(picked_invoices, view.room, links, kept)
    open_ones = (item for item in found if item.open_amount.is_positive and item.id not in links.picked)
    results = [Found(item, links.adding(item.id), kept.get(item.id, "")) for item in open_ones]
    return visit.html(
        "choose.html",
        "payments",
        view=view,
        payment=view.payment,
        text=text,
        picked=picked,
        results=results,
        left=rest if rest.is_positive else None,
    )


def _read(uow: UnitOfWork, ids: Sequence[str]) -> list[Invoice]:
    """What was picked; of a sale that several systems keep, the invoice that stands for it, once."""
    rows = [row for invoice_id in ids if (row := uow.invoices.get(invoice_id)) is not None and not row.is_gone]
    return list({row.sale_id: replace(row.invoice, id=row.sale_id) for row in rows}.values())


def _kept(visit: Visit, invoices: Sequence[Invoice]) -> dict[str, str]:
    context, say = visit.site.context, visit.site.words
    members = context.queries.sale_members([item.id for item in invoices])
    return {key: kept_by(context.rt, rows, say) for key, rows in members.items()}


def _spread(
    invoices: Sequence[Invoice], left: Money, links: _Links, kept: Mapping[str, str]
) -> tuple[list[Picked], Money]:
    """What each picked invoice would take, in order, as the service gives it out."""
    picked = []
    for place, invoice in enumerate(invoices):
        fits = invoice.amount.currency == left.currency and left.is_positive and invoice.open_amount.is_positive
        takes = min(left, invoice.open_amount) if fits else None
        left = left - takes if takes is not None else left
        picked.append(Picked(invoice, takes, links.raising(place), links.dropping(place), kept.get(invoice.id, "")))
    return picked, left


@dataclass(frozen=True, slots=True)
class _Links:
    """Addresses of the choosing page with another list of picks."""

    payment_id: str
    picked: tuple[str, ...]
    text: str

    def adding(self, invoice_id: str) -> str:
        return self._to((*self.picked, invoice_id))

    def dropping(self, place: int) -> str:
        return self._to(self.picked[:place] + self.picked[place + 1 :])

    def raising(self, place: int) -> str:
        if place == 0:
            return self._to(self.picked)
        before, above, here = self.picked[: place - 1], self.picked[place - 1], self.picked[place]
        return self._to((*before, here, above, *self.picked[place + 1 :]))

    def _to(self, picked: tuple[str, ...]) -> str:
        query = [("q", self.text)] if self.text else []
        return f"/payments/{self.payment_id}/choose?" + urlencode(query + [("picked", item) for item in picked])
