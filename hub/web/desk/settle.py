"""What a person decides on a payment's page: confirm, choose, reject, put back, undo, send again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from hub.domain.decision import Candidate
from hub.ports.records import NO_PAYMENT
from hub.services.control import CannotSwitch, put_aside, send_again
from hub.services.runtime import Runtime
from hub.services.settle_payment import (
    CannotSettle,
    choose_invoices,
    confirm_candidate,
    put_back,
    reject,
    undo_match,
)
from hub.web.desk.payment_page import read_view, show_payment
from hub.web.desk.payment_view import candidate_fingerprint
from hub.web.visit import Visit, see_other

_NOTE_LIMIT: Final = 500


def confirm(visit: Visit) -> Response:
    """Accept the candidate that the person saw, and remember its payer where that was ticked."""
    payment_id, remember = visit.path("payment"), visit.form.text("remember") == "1"
    try:
        candidate = _seen_candidate(visit, payment_id)
        confirm_candidate(visit.site.context.rt, payment_id, candidate, visit.user.login, remember=remember)
    except CannotSettle as error:
        return show_payment(visit, str(error), 409)
    return _done(payment_id, "remembered" if remember else "confirmed")


def _seen_candidate(visit: Visit, payment_id: str) -> Candidate:
    """The candidate that the page showed, if it still stands: a page left open must not confirm another answer."""
    with visit.site.context.rt.store.read() as uow:
        row = uow.payments.get(payment_id)
    candidates = row.decision.candidates if row is not None and row.decision is not None else ()
    seen = visit.form.text("fingerprint")
    for candidate in candidates:
        if candidate_fingerprint(candidate) == seen:
            return candidate
    raise CannotSettle("Пока страница была открыта, варианты изменились: посмотрите их ещё раз.")


def choose(visit: Visit) -> Response:
    """Give the payment to the invoices picked, in their order."""
    payment_id = visit.path("payment")
    try:
        choose_invoices(visit.site.context.rt, payment_id, visit.form.texts("invoice"), visit.user.login)
    except CannotSettle as error:
        return show_payment(visit, str(error), 409)
    return _done(payment_id, "chosen")


def reject_payment(visit: Visit) -> Response:
    """No payment of ours."""
    payment_id = visit.path("payment")
    try:
        reject(visit.site.context.rt, payment_id, visit.user.login, visit.form.text("note")[:_NOTE_LIMIT])
    except CannotSettle as error:
        return show_payment(visit, str(error), 409)
    return _done(payment_id, "rejected")


def put_payment_back(visit: Visit) -> Response:
    """Back to the queue for a person."""
    payment_id = visit.path("payment")
    try:
        put_back(visit.site.context.rt, payment_id, visit.user.login)
    except CannotSettle as error:
        return show_payment(visit, str(error), 409)
    return _done(payment_id, "put_back")


def ask_undo(visit: Visit) -> Response:
    """Say what an undo does before it is done."""
    view = read_view(visit)
    if not view.can_undo:
        return see_other(f"/payments/{view.payment.id}")
    return visit.html("undo.html", "payments", view=view, payment=view.payment)


def undo(visit: Visit) -> Response:
    """Take the match back."""
    payment_id = visit.path("payment")
    try:
        undo_match(visit.site.context.rt, payment_id, visit.user.login)
    except CannotSettle as error:
        return show_payment(visit, str(error), 409)
    return _done(payment_id, "undone")


def send_effect_again(visit: Visit) -> Response:
    """Send a parked effect once more and return to its payment, or to the list where it follows from none."""
    return _with_effect(visit, send_again, "sent_again")


def put_effect_aside(visit: Visit) -> Response:
    """Mark a parked effect as seen to and return to its payment, or to the list where it follows from none."""
    return _with_effect(visit, put_aside, "put_aside")


def _with_effect(visit: Visit, act: Callable[[Runtime, int, str], None], done: str) -> Response:
    effect_id = int(visit.path("effect"))
    runtime = visit.site.context.rt
    with runtime.store.read() as uow:
        effect = uow.outbox.get(effect_id)
    if effect is None:
        raise HTTPException(404)
    try:
        act(runtime, effect_id, visit.user.login)
    except CannotSwitch as error:
        if effect.payment_id == NO_PAYMENT:
            return see_other("/stopped")
        return show_payment(visit, str(error), 409, payment_id=effect.payment_id)
    return _done(effect.payment_id, done) if effect.payment_id != NO_PAYMENT else see_other("/stopped")


def _done(payment_id: str, code: str) -> Response:
    return see_other(f"/payments/{payment_id}?done={code}")
