"""From an incoming request to its reply: method, access, faults, handler, envelope."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from connectors.bank.sandbox.acts import perform
from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.calls import Ask, BankApi, Incoming, Method
from connectors.bank.sandbox.errors import ApiError, NoSuchOperation
from connectors.bank.sandbox.faults import CALL_KINDS, Act
from connectors.sandbox_kit.faults import Call, Refuse
from connectors.sandbox_kit.replies import Reply
from connectors.sandbox_kit.write_log import Source


@dataclass(frozen=True, slots=True)
class Routed:
    """A request with the method it means; without one it gets 404."""

    api: BankApi
    incoming: Incoming
    method: Method | None
    params: Mapping[str, str]

    @property
    def name(self) -> str:
        """The method's name for faults and records."""
        return self.method.name if self.method else f"{self.api.bank}.unknown"

    @property
    def call(self) -> Call:
        """The request as fault rules see it."""
        return Call(self.name)


def route(api: BankApi, incoming: Incoming) -> Routed:
    """Find the method."""
    found = api.find(incoming)
    return Routed(api, incoming, found[0], found[1]) if found else Routed(api, incoming, None, {})


def handle(banks: Banks, routed: Routed, source: Source = "rest") -> Reply:
    """Run the request and build its reply; a write call leaves a line in the log."""
    try:
        reply = _run(banks, routed)
        error = None
    except ApiError as refusal:
        reply = routed.api.failure(banks, routed.incoming, refusal)
        error = refusal.code
    log_call(banks, routed, error, source)
    return reply


def log_call(banks: Banks, routed: Routed, error: str | None, source: Source = "rest") -> None:
    """Write down a write call as it was received."""
    if routed.method is None or not routed.method.writes:
        return
    banks.write_log.append(
        {
            "kind": "call",
            "source": source,
            "user_id": 0,
            "method": routed.name,
            "applied": error is None,
            "error": error,
            "request_id": routed.incoming.request_id,
        }
    )


def _run(banks: Banks, routed: Routed) -> Reply:
    method, incoming = routed.method, routed.incoming
    if method is None:
        raise ApiError(404, "ENTITY_NOT_FOUND", f"Метода {incoming.http} /{'/'.join(incoming.path)} нет")
    if not method.free:
        routed.api.admit(banks, incoming, method)
    rule = banks.faults.take([routed.call], CALL_KINDS)
    action = rule.action if rule else None
    if isinstance(action, Refuse) and not action.applied:
        raise _refused(action)
    if isinstance(action, Act) and action.timing == "before":
        _perform(banks, action)
    ask = Ask(banks, incoming, routed.params)
    with _held(banks, method):
        reply = routed.api.answer(ask, method.handler(ask))
    if isinstance(action, Refuse):
        raise _refused(action)
    if isinstance(action, Act) and action.timing == "after":
        _perform(banks, action)
    return reply


def _perform(banks: Banks, action: Act) -> None:
    try:
        perform(banks, action.do)
    except NoSuchOperation as error:
        raise ApiError(500, "INTERNAL_ERROR", f"Сценарий сбоев: {error}") from error


def _held(banks: Banks, method: Method) -> AbstractContextManager[object]:
    return banks.lock if method.locked else nullcontext()


def _refused(action: Refuse) -> ApiError:
    return ApiError(action.status, action.code, action.description, dict(action.headers))
