"""From a call to its reply: access, session, faults, handler, envelope, write log."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from connectors.accounting_1c.sandbox import changing, reading, virtual
from connectors.accounting_1c.sandbox.access import admit
from connectors.accounting_1c.sandbox.acts import perform
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.calls import Call
from connectors.accounting_1c.sandbox.errors import ODataError, ServerPage, internal
from connectors.accounting_1c.sandbox.faults import CALL_KINDS, Act, OneCRefuse, ServerException
from connectors.accounting_1c.sandbox.replies import Replies, exception, page
from connectors.accounting_1c.sandbox.seed import User
from connectors.sandbox_kit import faults as kit
from connectors.sandbox_kit.replies import Reply
from connectors.sandbox_kit.write_log import Source

_READS: dict[str, Callable[[Base, User, Call, Replies], Reply]] = {
    "root": reading.read_root,
    "metadata": reading.read_metadata,
    "list": reading.read_set,
    "count": reading.read_count,
    "get": reading.read_entity,
    "property": reading.read_property,
    "slicelast": virtual.read_slice,
    "slicefirst": virtual.read_slice,
    "balance": virtual.read_balance,
    "turnovers": virtual.read_turnovers,
    "balanceandturnovers": virtual.read_turnovers,
}
_WRITES: dict[str, Callable[[Base, User, Call, Replies, Source], Reply]] = {
    "create": changing.create,
    "patch": changing.change,
    "put": changing.change,
    "delete": changing.delete,
    "post": changing.post,
    "unpost": changing.post,
    "changes": changing.select_changes,
    "notify": changing.notify_received,
}


def handle(base: Base, call: Call, source: Source = "rest") -> Reply:
    """Run the call and build its reply; a write leaves a line in the log."""
    replies = Replies(base, call.incoming.representation, call.incoming.root)
    effects = base.write_log.effect_count
    error: str | None = None
    try:
        reply = _admitted(base, call, replies, source)
    except ODataError as refusal:
        error = str(refusal.code)
        reply = replies.refusal(refusal)
    except _Spoilt as spoilt:
        error, reply = spoilt.code, spoilt.reply
    except RecursionError:
        error = "-1"
        reply = replies.refusal(internal("Выражение слишком сложное: стек вызовов переполнен"))
    except ServerPage as refusal:
        error = str(refusal.status)
        reply = page(_shown(base, refusal))
    log_call(base, call, error, source, no_op=base.write_log.effect_count == effects)
    return reply


def log_call(base: Base, call: Call, error: str | None, source: Source = "rest", *, no_op: bool = False) -> None:
    """Write down a write call as it was received."""
    if not call.writes:
        return
    base.write_log.append(
        {
            "kind": "call",
            "source": source,
            "user_id": 0,
            "method": call.verb,
            "entity_type": call.table.name if call.table else None,
            "entity_key": f"{call.table.name}({call.key})" if call.table and call.key else None,
            "applied": error is None,
            "no_op": error is None and no_op,
            "error": error,
            "request_id": call.incoming.request_id,
        }
    )


def _admitted(base: Base, call: Call, replies: Replies, source: Source) -> Reply:
    if isinstance(call.refusal, ServerPage):
        raise call.refusal
    user = admit(base, call.incoming.headers.get("authorization"))
    with _session(base, call) as cookie:
        if base.settings.latency_s:
            time.sleep(base.settings.latency_s)
        reply = _faulted(base, user, call, replies, source)
    headers = {**reply.headers, "set-cookie": f"ibsession={cookie}; path=/"} if cookie else reply.headers
    return Reply(reply.status, reply.body, reply.content_type, headers)


@contextmanager
def _session(base: Base, call: Call) -> Iterator[str | None]:
    """The session a call runs in; gives the name of a new one that the client keeps."""
    order = call.incoming.headers.get("ibsession", "").lower()
    kept = _cookie(call.incoming.headers.get("cookie", ""))
    if order == "start":
        yield base.sessions.start()
        return
    if kept is None:
        with base.sessions.automatic():
            yield None
        return
    base.sessions.use(kept)
    yield None
    if order == "finish":
        base.sessions.finish(kept)


def _cookie(header: str) -> str | None:
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == "ibsession":
            return value
    return None


def _faulted(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    rule = base.faults.take([kit.Call(call.name)], CALL_KINDS)
    action = rule.action if rule else None
    if isinstance(action, (OneCRefuse, ServerException)) and not action.applied:
        raise _Spoilt(_refused(action, replies), action.code if isinstance(action, OneCRefuse) else action.kind)
    if isinstance(action, Act) and action.timing == "before":
        perform(base, action.do)
    with base.lock:
        reply = _run(base, user, call, replies, source)
    if isinstance(action, (OneCRefuse, ServerException)):
        return _refused(action, replies)
    if isinstance(action, Act):
        perform(base, action.do)
    return reply


class _Spoilt(Exception):
    """The script answers in place of the call, which does not run."""

    def __init__(self, reply: Reply, code: str) -> None:
        super().__init__(code)
        self.reply, self.code = reply, code


def _refused(action: OneCRefuse | ServerException, replies: Replies) -> Reply:
    if isinstance(action, ServerException):
        return exception(action.status, action.description)
    reply = replies.refusal(ODataError(int(action.code), action.description, status=action.status))
    return Reply(reply.status, reply.body, reply.content_type, {**reply.headers, **action.headers})


def _run(base: Base, user: User, call: Call, replies: Replies, source: Source) -> Reply:
    if call.refusal is not None:
        raise call.refusal
    if call.verb in _WRITES:
        return _WRITES[call.verb](base, user, call, replies, source)
    return _READS[call.verb](base, user, call, replies)


def _shown(base: Base, refusal: ServerPage) -> ServerPage:
    if refusal.status == 401 and base.settings.error_body == "html200":
        return ServerPage(200, refusal.text)
    return refusal
