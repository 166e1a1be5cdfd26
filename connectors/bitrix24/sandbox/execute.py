"""Runs one REST method with the checks in the vendor's order, bills it and logs write calls."""

from dataclasses import dataclass

from connectors.bitrix24.sandbox import human
from connectors.bitrix24.sandbox.context import Answer, Context, Method, Params
from connectors.bitrix24.sandbox.envelope import Meter
from connectors.bitrix24.sandbox.errors import RequestCut, RestError
from connectors.bitrix24.sandbox.faults import COMMAND_KINDS, FaultRule, Human, HumanAct
from connectors.bitrix24.sandbox.methods.arguments import get
from connectors.bitrix24.sandbox.methods.registry import METHODS
from connectors.bitrix24.sandbox.portal import Portal
from connectors.sandbox_kit.faults import Call, Refuse
from connectors.sandbox_kit.jsontypes import as_int, as_list, as_map, as_text

_ID_NAMES = ("id", "taskId", "ownerId", "entityId")
CUT_CODE = "504"


@dataclass(frozen=True, slots=True)
class Ran:
    """An answer and what running it cost."""

    answer: Answer
    meter: Meter


def find_method(name: str) -> Method:
    """The method by its name in any case. Raises ERROR_METHOD_NOT_FOUND, 404."""
    method = METHODS.get(name.lower())
    if method is None:
        raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)
    return method


def call_of(name: str, params: Params) -> Call:
    """The call as fault rules see it: which record it is about, where that can be told."""
    for key in _ID_NAMES:
        number = as_int(get(params, key))
        if number is not None:
            return Call(name, number)
    fields = as_map(get(params, "fields"))
    number = as_int(fields.get("ENTITY_ID"), as_int(fields.get("entityId")))
    links = [as_text(link).rpartition("_")[2] for link in as_list(fields.get("UF_CRM_TASK", fields.get("crmItemIds")))]
    return Call(name, number if number is not None else as_int(links[0]) if links else None)


def run_method(ctx: Context, name: str, params: Params, *, billed: bool = True) -> Ran:
    """Run a method as the webhook's user. Raises RestError, or RequestCut when the run time is used up."""
    method = find_method(name)
    effects = ctx.portal.write_log.effect_count
    try:
        ran = _run(ctx, method, params, billed=billed)
    except (RestError, RequestCut) as error:
        code = CUT_CODE if isinstance(error, RequestCut) else str(error.code)
        _log_call(ctx, method, params, effects, code)
        raise
    _log_call(ctx, method, params, effects, None)
    return ran


def log_unapplied(portal: Portal, user_id: int, request_id: str, name: str, params: Params, error: str) -> None:
    """Log a write call that never ran: refused by a limit, lost, or answered by a fault."""
    method = METHODS.get(name.lower())
    if method is not None and method.writes:
        _append_call(portal, user_id, request_id, method, params, {"applied": False, "error": error})


def _run(ctx: Context, method: Method, params: Params, *, billed: bool) -> Ran:
    portal, now = ctx.portal, ctx.portal.clock.timestamp()
    _check_access(ctx, method)
    metered = portal.operating.enabled and billed
    if metered and portal.operating.blocked(ctx.credential, method.name, now):
        raise RestError("OPERATION_TIME_LIMIT", "Method is blocked due to operation time limit.", 429)
    call = call_of(method.name, params)
    rule = portal.faults.take([call], COMMAND_KINDS)
    _before(portal, rule, call)
    spent_before = ctx.budget.spent_s
    ctx.budget.spend(portal.operating.cost(method.name))
    try:
        answer = method.handler(ctx, params)
    finally:
        cost = ctx.budget.spent_s - spent_before
        if metered:
            portal.operating.bill(ctx.credential, method.name, cost, now)
    _after(portal, rule, call)
    if not metered:
        return Ran(answer, Meter(now, cost))
    spent = portal.operating.spent(ctx.credential, method.name, now)
    return Ran(answer, Meter(now, cost, spent, portal.operating.reset_at(ctx.credential, method.name, now)))


def _check_access(ctx: Context, method: Method) -> None:
    if method.app_only:
        raise RestError("WRONG_AUTH_TYPE", "Application context required", 403)
    scopes = ctx.webhook.scopes
    if method.scope and method.scope not in scopes and not (method.scope == "user" and "user_brief" in scopes):
        text = "The request requires higher privileges than provided by the access token"
        raise RestError("insufficient_scope", text, 403)


def _before(portal: Portal, rule: FaultRule | None, call: Call) -> None:
    match rule.action if rule else None:
        case Human(timing="before", do=deed):
            _let_act(portal, deed, call)
        case Refuse(applied=False) as refusal:
            raise refused(refusal)


def _after(portal: Portal, rule: FaultRule | None, call: Call) -> None:
    match rule.action if rule else None:
        case Human(timing="after", do=deed):
            _let_act(portal, deed, call)
        case Refuse(applied=True) as refusal:
            raise refused(refusal)


def _let_act(portal: Portal, deed: HumanAct, call: Call) -> None:
    try:
        human.act(portal, deed, call.entity_id)
    except RestError as error:
        # Named apart from the vendor's codes: the mistake is in the script, not in the caller's request.
        raise RestError("SANDBOX_FAULT_SCRIPT", f"The human act cannot be done: {error}", 500) from error


def refused(action: Refuse) -> RestError:
    """The error a fault rule asks for."""
    return RestError(action.code, action.description, action.status, dict(action.headers))


def _log_call(ctx: Context, method: Method, params: Params, effects_before: int, error: str | None) -> None:
    # The line of a delayed write call was written when the call came in.
    if not method.writes or ctx.source == "late":
        return
    changed = ctx.portal.write_log.effect_count > effects_before
    outcome: dict[str, object] = {
        "source": ctx.source,
        "applied": changed or error is None,
        "no_op": error is None and not changed,
        "error": error,
    }
    _append_call(ctx.portal, ctx.user.id, ctx.request_id, method, params, outcome)


def _append_call(
    portal: Portal, user_id: int, request_id: str, method: Method, params: Params, outcome: dict[str, object]
) -> None:
    call = call_of(method.name, params)
    portal.write_log.append(
        {
            "kind": "call",
            "source": "rest",
            "user_id": user_id,
            "method": method.name,
            "entity_id": call.entity_id,
            "request_id": request_id,
            **outcome,
        }
    )
