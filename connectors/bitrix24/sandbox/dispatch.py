"""From an incoming request to its reply: limits, authorisation, batch, REST v3, the 60-second cut."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from connectors.bitrix24.sandbox.batch import commands_of, run_batch, split_command
from connectors.bitrix24.sandbox.context import Answer, Budget, Context
from connectors.bitrix24.sandbox.envelope import Meter, failure, success
from connectors.bitrix24.sandbox.errors import RequestCut, RestError
from connectors.bitrix24.sandbox.execute import Ran, call_of, find_method, log_unapplied, refused, run_method
from connectors.bitrix24.sandbox.methods.tasks import V3_METHODS
from connectors.bitrix24.sandbox.portal import Portal
from connectors.bitrix24.sandbox.seed import Webhook
from connectors.sandbox_kit.faults import Call, Refuse
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.replies import Reply, html_reply
from connectors.sandbox_kit.write_log import Source

_REPLAY_FOR = timedelta(hours=24)
GATEWAY_TIMEOUT = (
    "<html><head><title>504 Gateway Time-out</title></head><body><h1>504 Gateway Time-out</h1></body></html>"
)


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request as parsed from the wire. `user_id` and `code` are the webhook's, from the path."""

    method: str
    params: Mapping[str, Json]
    request_id: str
    address: str
    user_id: int | None = None
    code: str = ""
    version: int = 2
    secure: bool = False
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Handled:
    """The reply and the simulated run time behind it."""

    reply: Reply
    cost_s: float = 0.0


def calls_of(incoming: Incoming) -> list[Call]:
    """The request and, for a batch, its commands, as fault rules see them."""
    if incoming.method != "batch":
        return [call_of(incoming.method, incoming.params)]
    nested = [split_command(command) for command in commands_of(incoming.params).values()]
    return [Call("batch"), *(call_of(name, params) for name, params in nested)]


def log_lost(portal: Portal, incoming: Incoming, error: str) -> None:
    """Log the write calls of a request that never ran."""
    named = [(incoming.method, incoming.params)]
    if incoming.method == "batch":
        named = [split_command(command) for command in commands_of(incoming.params).values()]
    for name, params in named:
        log_unapplied(portal, incoming.user_id or 0, incoming.request_id, name, params, error)


def admit(portal: Portal, incoming: Incoming) -> Reply | None:
    """The refusal of a request that may not even be looked at, or None."""
    error: RestError | None = None
    if not portal.buckets.admit(incoming.address, portal.clock.timestamp()):
        error = RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)
    elif portal.settings.require_https and not incoming.secure:
        error = RestError("INVALID_REQUEST", "Https required", 400)
    elif portal.settings.plan == "no_rest":
        error = RestError("ACCESS_DENIED", "REST is available only on commercial plans.", 403)
    if error is None:
        return None
    log_lost(portal, incoming, str(error.code))
    return failure(error, incoming.version)


def handle(portal: Portal, incoming: Incoming, source: Source = "rest") -> Handled:
    """Run the request and build its reply."""
    budget = Budget(portal.settings.request_cut_s)
    with portal.lock:
        try:
            return _run(portal, incoming, source, budget)
        except RestError as error:
            return Handled(failure(error, incoming.version), budget.spent_s)
        except RequestCut:
            return Handled(html_reply(504, GATEWAY_TIMEOUT), portal.settings.request_cut_s)


def _run(portal: Portal, incoming: Incoming, source: Source, budget: Budget) -> Handled:
    try:
        if incoming.method != "batch":
            find_method(incoming.method)
        webhook = _authorise(portal, incoming)
    except RestError as error:
        log_lost(portal, incoming, str(error.code))
        raise
    user = portal.users[webhook.user_id]
    ctx = Context(portal, webhook, user, incoming.request_id, budget, source, incoming.version)
    if incoming.version == 3:
        return _run_v3(ctx, incoming)
    ran = _batch(ctx, incoming) if incoming.method == "batch" else run_method(ctx, incoming.method, incoming.params)
    return Handled(success(portal, ran.answer, ran.meter), budget.spent_s)


def _authorise(portal: Portal, incoming: Incoming) -> Webhook:
    webhook = portal.webhooks.get((incoming.user_id or 0, incoming.code))
    if webhook is None or (webhook.expires_at is not None and webhook.expires_at <= portal.clock.now()):
        raise RestError("NO_AUTH_FOUND", "Wrong authorization data", 401)
    if not portal.users[webhook.user_id].active:
        raise RestError("user_access_error", "The user does not have access to the application.", 403)
    return webhook


def _batch(ctx: Context, incoming: Incoming) -> Ran:
    portal, started = ctx.portal, ctx.portal.clock.timestamp()
    rule = portal.faults.take([Call("batch")], {"refuse"})
    refusal = rule.action if rule and isinstance(rule.action, Refuse) else None
    if refusal and not refusal.applied:
        log_lost(portal, incoming, refusal.code)
        raise refused(refusal)
    whole = portal.operating.enabled and not portal.operating.bills_nested
    if whole and portal.operating.blocked(ctx.credential, "batch", started):
        log_lost(portal, incoming, "OPERATION_TIME_LIMIT")
        raise RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)
    try:
        answer = run_batch(ctx, incoming.params)
    finally:
        if whole:
            portal.operating.bill(ctx.credential, "batch", ctx.budget.spent_s, started)
    if refusal:
        raise refused(refusal)
    return Ran(answer, _batch_meter(ctx, started, whole=whole))


def _batch_meter(ctx: Context, started: float, *, whole: bool) -> Meter:
    if not whole:
        return Meter(started, ctx.budget.spent_s)
    meter = ctx.portal.operating
    spent = meter.spent(ctx.credential, "batch", started)
    return Meter(started, ctx.budget.spent_s, spent, meter.reset_at(ctx.credential, "batch", started))


def _run_v3(ctx: Context, incoming: Incoming) -> Handled:
    if incoming.method not in V3_METHODS or not ctx.portal.settings.rest_v3:
        raise RestError("BITRIX_REST_V3_EXCEPTION_METHODNOTFOUNDEXCEPTION", "Method not found", 400)
    key = incoming.idempotency_key
    replayed = _replay(ctx.portal, incoming) if key else None
    headers = {"idempotent-replayed": "true"} if replayed else {}
    started = ctx.portal.clock.timestamp()
    ran = Ran(replayed, Meter(started, 0.0)) if replayed else run_method(ctx, incoming.method, incoming.params)
    if key and not replayed:
        digest = _digest(incoming)
        ctx.portal.idempotent[key] = (ctx.portal.clock.now(), digest, ran.answer.result)
    return Handled(success(ctx.portal, ran.answer, ran.meter, headers), ctx.budget.spent_s)


def _replay(portal: Portal, incoming: Incoming) -> Answer | None:
    stored = portal.idempotent.get(incoming.idempotency_key or "")
    if stored is None or portal.clock.now() - stored[0] > _REPLAY_FOR:
        return None
    if stored[1] != _digest(incoming):
        code = "BITRIX_REST_V3_EXCEPTION_IDEMPOTENCYKEYREUSEDEXCEPTION"
        raise RestError(code, "The key was used with another request", 422)
    return Answer(stored[2])


def _digest(incoming: Incoming) -> str:
    text = json.dumps([incoming.method, incoming.params], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
