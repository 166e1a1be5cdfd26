"""T-Bank's subscription to operations, and the webhooks it causes."""

import base64

from pydantic import ValidationError

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.book import Change, Row
from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.errors import ApiError
from connectors.bank.sandbox.faults import ForgeHook
from connectors.bank.sandbox.hooks import HookSender, Letter, Post
from connectors.bank.sandbox.seed import TBankWebhook
from connectors.bank.sandbox.tbank.envelope import invalid
from connectors.bank.sandbox.tbank.rows import hook_form, operation
from connectors.bank.sandbox.wire import dump
from connectors.sandbox_kit.jsontypes import as_text

EVENT = "oper-feed-operation"


def subscribe(ask: Ask) -> Answer:
    """POST api/v1/webhook?eventType=oper-feed-operation."""
    if ask.query("eventType") != EVENT:
        raise invalid(f"eventType: {EVENT}")
    wanted = _wanted(ask)
    with ask.banks.lock:
        kept = [webhook for webhook in ask.banks.tbank.webhooks if webhook.url != wanted.url]
        ask.banks.tbank.webhooks = [*kept, wanted]
        ask.banks.log_effect("rest", "tbank.webhook", "webhook", None, url=(None, wanted.url))
    return Answer({})


class TBankTeller:
    """Turns changes of the book into webhooks: for each new and each changed operation, holds included."""

    def __init__(self, banks: Banks, sender: HookSender) -> None:
        self._banks = banks
        self._sender = sender

    def on_change(self, change: Change) -> None:
        """Tell every subscriber. A cancelled operation is not told."""
        if self._banks.book.owner_of(change.entry).bank != "tbank" or change.what == "cancelled":
            return
        row = change.entry.as_row()
        for webhook in self._banks.tbank.webhooks:
            for _ in range(self._banks.settings.tbank.hook_copies):
                self._sender.plan(self._letter(webhook, row))

    def _letter(self, webhook: TBankWebhook, row: Row) -> Letter:
        settings = self._banks.settings.tbank

        def write(forge: ForgeHook | None) -> Post:
            return _post(self._banks, webhook, row, forge)

        return Letter("tbank", EVENT, row.number, write, _is_ok, settings.hook_retry_delays_s, settings.hook_delay_s)


def _post(banks: Banks, webhook: TBankWebhook, row: Row, forge: ForgeHook | None) -> Post:
    settings = banks.settings.tbank
    listed = banks.book.account("tbank", row.operation.account)
    assert listed is not None
    told = Row(row.number, row.at, row.operation, forge.amount, row.copy) if forge and forge.how == "amount" else row
    body = dump(operation(settings, hook_form(settings), listed, told)).encode()
    forged = forge is not None and forge.how != "amount"
    headers = {"Content-Type": "application/json", "Authorization": _credential(webhook, forged=forged)}
    if webhook.has_signature:
        headers[settings.hook_signature_header] = base64.b64encode(banks.key.sign(body)).decode()
    if settings.hook_forwarded_for:
        headers["X-Forwarded-For"] = settings.hook_forwarded_for
    return Post(webhook.url, headers, body)


def _credential(webhook: TBankWebhook, *, forged: bool) -> str:
    secret = "forged" if forged else webhook.auth_secret
    if webhook.auth_type == "Bearer":
        return f"Bearer {secret}"
    # A secret with a colon is login and password in the clear; anything else is taken as already encoded.
    return f"Basic {base64.b64encode(secret.encode()).decode() if ':' in secret else secret}"


def _is_ok(status: int) -> bool:
    return 200 <= status < 300


def _wanted(ask: Ask) -> TBankWebhook:
    body = ask.body()
    url, secret = as_text(body.get("url")), as_text(body.get("authSecret"))
    if not url.startswith(("http://", "https://")):
        raise invalid("url: нужен адрес http или https")
    if not secret:
        raise ApiError(422, "VALIDATION_ERROR", "authSecret: не задан")
    try:
        return TBankWebhook.model_validate(
            {
                "url": url,
                "auth_type": as_text(body.get("authType")),
                "auth_secret": secret,
                "has_signature": body.get("hasSignature") is True,
                "email": as_text(body.get("email")),
            }
        )
    except ValidationError:
        raise ApiError(422, "VALIDATION_ERROR", "authType: Basic или Bearer") from None
