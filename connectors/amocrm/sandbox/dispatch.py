"""From an incoming request to its reply: limits, host, token, plan, rights, route, faults, write log."""

from collections.abc import Mapping

from connectors.amocrm.sandbox import human
from connectors.amocrm.sandbox.account import Account
from connectors.amocrm.sandbox.api.registry import find_route
from connectors.amocrm.sandbox.changes import Actor
from connectors.amocrm.sandbox.context import Context, Route
from connectors.amocrm.sandbox.errors import ApiError, bad_request, forbidden, unauthorized
from connectors.amocrm.sandbox.faults import CALL_KINDS, FaultRule, Human, HumanAct, Refuse
from connectors.amocrm.sandbox.oauth import answer_oauth, is_loopback
from connectors.amocrm.sandbox.replies import failure, nginx, problem, success
from connectors.amocrm.sandbox.requests import Incoming
from connectors.amocrm.sandbox.seed import User
from connectors.sandbox_kit.faults import Call
from connectors.sandbox_kit.jsontypes import as_int
from connectors.sandbox_kit.replies import Reply
from connectors.sandbox_kit.write_log import Source

API = "/api/v4/"


def call_of(incoming: Incoming) -> Call:
    """The request as fault rules see it."""
    ids = incoming.record_ids
    return Call(incoming.method, ids[0] if ids else None, frozenset(ids[1:]))


def admit(account: Account, incoming: Incoming) -> Reply | None:
    """The refusal of a request that may not even be looked at, or None."""
    rules = account.settings.rate_limit
    caller = {"account": "all", "ip": incoming.address, "token": incoming.bearer}[rules.counted_by]
    status = account.limiter.admit(caller, account.clock.timestamp())
    if status == 200:
        return None
    log_lost(account, incoming, str(status))
    if status == 403:
        return nginx(403, "Forbidden")
    if rules.answer == "html":
        return nginx(429, "Too Many Requests")
    detail = "Your request has been throttled"
    return problem(429, "Too Many Requests", detail, {"retry_after": rules.retry_after_s}, {})


def handle(account: Account, incoming: Incoming, source: Source = "rest") -> Reply:
    """Run the request and build its reply."""
    with account.lock:
        try:
            if _moved_away(account, incoming):
                return nginx(404, "Not Found")
            if incoming.path.startswith("/oauth"):
                return _oauth(account, incoming)
            return _api(account, incoming, source)
        except ApiError as error:
            return failure(error)


def _moved_away(account: Account, incoming: Incoming) -> bool:
    """A renamed account answers under its new name only; the question for that name is answered anywhere."""
    if incoming.path.startswith("/oauth2/account/"):
        return False
    if account.domain is not None:
        return incoming.host != account.domain
    return not is_loopback(incoming.host) and incoming.host.partition(":")[0] not in _names(account)


def _names(account: Account) -> tuple[str, ...]:
    return (account.host, f"{account.subdomain}.localhost")


def _oauth(account: Account, incoming: Incoming) -> Reply:
    rule = account.faults.take([call_of(incoming)], CALL_KINDS)
    refusal = rule.action if rule and isinstance(rule.action, Refuse) else None
    if refusal is not None and not refusal.applied:
        return _refused(refusal)
    reply = answer_oauth(account, incoming)
    return reply if refusal is None else _refused(refusal)


def _api(account: Account, incoming: Incoming, source: Source) -> Reply:
    try:
        user = _authorise(account, incoming)
        if not account.paid:
            raise ApiError(402, "Payment Required", "Аккаунт не оплачен")
        path = _api_path(incoming)
        route, parts = find_route(incoming.verb, path)
        if route.admin and not user.admin:
            raise forbidden()
        if incoming.broken:
            raise bad_request("Invalid JSON")
    except ApiError as error:
        log_lost(account, incoming, error.code)
        raise
    return _run(account, incoming, route, parts, user, source)


def _api_path(incoming: Incoming) -> str:
    if incoming.path.startswith(API):
        return incoming.path.removeprefix(API)
    if incoming.path.startswith("/api/v2/"):
        return incoming.path.removeprefix("/api/")
    raise ApiError(404, "Not Found", f"Cannot {incoming.method}")


def _authorise(account: Account, incoming: Incoming) -> User:
    access = account.tokens.authorise(incoming.bearer)
    user = account.users.get(access.user_id) if access else None
    if user is None or not user.active:
        raise unauthorized()
    wanted = as_int(incoming.headers.get("x-context-user-id"))
    if wanted is None:
        return user
    other = account.users.get(wanted)
    if not user.admin or other is None or not other.active:
        raise forbidden()
    return other


def _run(
    account: Account, incoming: Incoming, route: Route, parts: tuple[int | str, ...], user: User, source: Source
) -> Reply:
    actor = Actor(user.id, source, incoming.method, incoming.request_id)
    ctx = Context(
        account, user, actor, incoming.base, incoming.path, incoming.query, incoming.query_text, incoming.body
    )
    call = call_of(incoming)
    rule = account.faults.take([call], CALL_KINDS)
    heavy = _is_heavy(account, incoming)
    if heavy and not account.settings.heavy_batch.applied:
        log_lost(account, incoming, "504")
        return nginx(504, "Gateway Time-out")
    try:
        _before(account, rule, call)
        reply = success(route.handler(ctx, *parts))
        refusal = _after(account, rule, call)
    except ApiError as error:
        _log_calls(account, incoming, route, actor, error.code)
        actor.flush(account)
        raise
    except _Refusal as error:
        _log_calls(account, incoming, route, actor, str(error.action.status))
        return _refused(error.action)
    _log_calls(account, incoming, route, actor, str(refusal.status) if refusal else None)
    actor.flush(account)
    if heavy:
        return nginx(504, "Gateway Time-out")
    return _refused(refusal) if refusal else reply


def _is_heavy(account: Account, incoming: Incoming) -> bool:
    above = account.settings.heavy_batch.above
    return above is not None and isinstance(incoming.body, list) and len(incoming.body) > above


class _Refusal(Exception):
    """A fault answers in the handler's place."""

    def __init__(self, action: Refuse) -> None:
        super().__init__(action.title)
        self.action = action


def _before(account: Account, rule: FaultRule | None, call: Call) -> None:
    match rule.action if rule else None:
        case Human(timing="before", do=deed):
            _let_act(account, deed, call)
        case Refuse(applied=False) as refusal:
            raise _Refusal(refusal)


def _after(account: Account, rule: FaultRule | None, call: Call) -> Refuse | None:
    match rule.action if rule else None:
        case Human(timing="after", do=deed):
            _let_act(account, deed, call)
        case Refuse(applied=True) as refusal:
            return refusal
    return None


def _let_act(account: Account, deed: HumanAct, call: Call) -> None:
    try:
        human.act(account, deed, call.entity_id)
    except ApiError as error:
        # Named apart from the vendor's errors: the mistake is in the script, not in the caller's request.
        raise ApiError(500, "SandboxFaultScript", f"The human act cannot be done: {error}") from error


def _refused(action: Refuse) -> Reply:
    return problem(action.status, action.title, action.detail, dict(action.extra), dict(action.headers))


def log_lost(account: Account, incoming: Incoming, error: str) -> None:
    """Log a write call that never ran."""
    if not incoming.path.startswith(API):
        return
    try:
        route, _ = find_route(incoming.verb, incoming.path.removeprefix(API))
    except ApiError:
        return
    if route.writes:
        for record_id in _named(incoming):
            _append_call(account, incoming, 0, record_id, {"applied": False, "error": error})


def _log_calls(account: Account, incoming: Incoming, route: Route, actor: Actor, error: str | None) -> None:
    # The line of a delayed write call was written when the call came in.
    if not route.writes or actor.source == "late":
        return
    touched = set(actor.touched)
    for record_id in _named(incoming):
        changed = record_id in touched if route.per_card else bool(touched)
        outcome = {"applied": changed or error is None, "no_op": error is None and not changed, "error": error}
        _append_call(account, incoming, actor.user_id, record_id, outcome)


def _named(incoming: Incoming) -> list[int | None]:
    return [*incoming.record_ids] or [None]


def _append_call(
    account: Account, incoming: Incoming, user_id: int, record_id: int | None, outcome: Mapping[str, object]
) -> None:
    account.write_log.append(
        {
            "kind": "call",
            "source": "rest",
            "user_id": user_id,
            "method": incoming.method,
            "entity_id": record_id,
            "request_id": incoming.request_id,
            **outcome,
        }
    )
