"""Calls to API v4 of one account: one pace for all processes, pauses as the account asks, errors of five kinds."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final, TypeVar

from connectors.amocrm.access import Access, LongLived, Renewing, Stored, Waits
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.envelope import BadReply, Fault, read_answer
from connectors.amocrm.outcomes import HTML, classify, for_person
from connectors.shared import php_form
from connectors.shared.fuse import Fuses, Fusing
from connectors.shared.http import Failure, HttpClient, HttpFailure, HttpReply, Limits
from connectors.shared.jsontypes import Json, Param, Params, dump_json
from connectors.shared.outcomes import Action, Answer, error_for
from connectors.shared.quota import Bucket, Pacer, named_wait_s, repeat_read
from connectors.shared.runtime import Runtime
from hub.domain.errors import ConnectorError, Refused, Unavailable
from hub.ports.state import Clock

T = TypeVar("T")

#: The largest page of a list (https://www.amocrm.ru/developers/content/crm_platform/leads-api).
PAGE: Final = 250
_ACCOUNT: Final = "/api/v4/account"
# Of the seven a second that the vendor counts a burst takes one and a half; the rest leaves room for late arrivals.
_BURST: Final = 1.5
_FIRST_PAUSE_S: Final = 10.0
_LONGEST_PAUSE_S: Final = 900.0
# So many refusals within this time: somebody else uses the account up, and we go half as fast.
_HALVE_AFTER: Final = 3
_HALVED_FOR_S: Final = 3600.0
_UNPAID_S: Final = 900.0
_CUT_OFF: Final = 504
_TURN_MARGIN: Final = 4 / 3
# A call that has waited for its turn so long asks for its token again: it may have been renewed meanwhile.
_LONG_WAIT_S: Final = 0.2


class RefusedFields(Refused):
    """A refusal that names fields."""

    def __init__(self, error: Refused, faults: tuple[Fault, ...]) -> None:
        super().__init__(error.text, error.for_person, error.code)
        self.faults = faults


class TooHeavy(Unavailable):
    """The account cut a reading off because it took too long: the same again will fail again, a smaller one may not."""


@dataclass(slots=True)
class _Proof:
    """The token that a call is sent with."""

    token: str = field(repr=False)


class Throttling:
    """Pauses that grow while the account goes on refusing, and a slower pace after several. Thread-safe."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._in_a_row = 0
        self._refusals: deque[float] = deque(maxlen=_HALVE_AFTER)

    def refused(self, named_s: float) -> float:
        """The account said 429 and named a time, or none (0): seconds to be silent."""
        with self._lock:
            grown: float = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2.0**self._in_a_row)
            self._in_a_row = min(self._in_a_row + 1, 20)
            self._refusals.append(self._clock.monotonic())
        return max(named_s, grown)

    def accepted(self) -> None:
        """A call went through."""
        self._in_a_row = 0

    @property
    def share(self) -> float:
        """Which share of our pace to go at."""
        with self._lock:
            often = len(self._refusals) == _HALVE_AFTER
            return 0.5 if often and self._clock.monotonic() - self._refusals[0] < _HALVED_FOR_S else 1.0


class ApiClient:
    """One account through one access. Thread-safe."""

    def __init__(self, config: AmoConfig, runtime: Runtime, http: HttpClient | None = None) -> None:
        self.origin = config.origin
        self._config = config
        self._clock = runtime.clock
        self._quota = runtime.quota
        self._timeouts = config.timeouts
        # Every connection to the account shares the account's limit.
        self._scope = f"amocrm:{config.origin.netloc}"
        self._throttling = Throttling(runtime.clock)
        self._http = http or HttpClient(
            config.origin,
            user_agent=f"sverka/{runtime.version}",
            limits=Limits(deadline_s=config.timeouts.deadline_s),
            private=False,
            observe=runtime.observe,
        )
        self._access = self._open_access(runtime)
        self._fuses = Fuses(runtime.clock, _fusing(config))

    def _open_access(self, runtime: Runtime) -> Access:
        if self._config.token is not None:
            return LongLived(self._config.token, runtime.connection)
        timeouts = self._timeouts
        # A little longer than one request: who died renewing is not waited for longer.
        turn_s = timeouts.renew_s * _TURN_MARGIN
        pair = Renewing(
            runtime,
            self._http,
            self._pace,
            Waits(timeouts.renew_s, timeouts.patience_s, turn_s, timeouts.blocked_s),
        )
        return Stored(runtime, pair)

    def get(self, path: str, params: Params | None = None) -> Json:
        """Read; None where the account has nothing to show. Repeated within bounds after passing trouble."""
        return self.get_reply(path, params)[0]

    def get_reply(self, path: str, params: Params | None = None) -> tuple[Json, HttpReply]:
        """Read, with the reply as it came."""
        target = f"/api/v4{path}{_query(params)}"
        return self._repeat(lambda: self._call("GET", target, None, write=False))

    def write(self, method: str, path: str, body: Param) -> Json:
        """A call with an effect, sent once.

        Raises:
            UnknownOutcome: it may or may not have taken effect.
            RefusedFields: refused, with complaints about fields.
            ConnectorError: any other kind proves that it took none.
        """
        return self._call(method, f"/api/v4{path}", body, write=True)[0]

    def close(self) -> None:
        """Release sockets."""
        self._http.close()

    def _repeat(self, call: Callable[[], T]) -> T:
        return repeat_read(call, self._clock, within_s=self._timeouts.read_within_s)

    def _call(self, method: str, target: str, body: Param, *, write: bool) -> tuple[Json, HttpReply]:
        try:
            return self._asked(method, target, body, write=write)
        except Refused as error:
            if error.code == _FORBIDDEN:
                self._require_account()
            raise

    def _require_account(self) -> None:
        """See whether one thing is forbidden or all of it: an account that is shut says nothing about a single card.

        Raises:
            Unavailable: the account as a whole is shut to us.
        """
        try:
            self._asked("GET", _ACCOUNT, None, write=False)
        except Unavailable:
            raise
        except ConnectorError:
            # Whatever else is wrong now, the refusal itself stands.
            return

    def _asked(self, method: str, target: str, body: Param, *, write: bool) -> tuple[Json, HttpReply]:
        proof = _Proof(self._proof(self._access.token))
        try:
            return self._guarded(method, target, body, proof, write=write)
        except ConnectorError as error:
            # A refused token proves that nothing ran, so even a write may be sent with another one.
            if error.code != _UNAUTHORISED or not self._proof(lambda: self._access.after_refusal(proof.token)):
                raise
        return self._guarded(method, target, body, _Proof(self._proof(self._access.token)), write=write)

    def _proof(self, get: Callable[[], T]) -> T:
        """What the access gives; where the account asks for silence meanwhile, it is kept for every call."""
        try:
            return get()
        except Unavailable as error:
            if error.after_s:
                self._quota.block(self._scope, self._clock.now() + timedelta(seconds=error.after_s))
            raise

    def _pace(self) -> None:
        """Take a place for a renewal ahead of the calls that wait: each of them would be sent with a dead token."""
        self._require_open()
        bucket = self._bucket()
        self._quota.fill(bucket.name, bucket.capacity, bucket.drain_per_s)

    def _guarded(self, method: str, target: str, body: Param, proof: _Proof, *, write: bool) -> tuple[Json, HttpReply]:
        self._require_open()
        with self._fuses.guard(write=write):
            began = self._clock.monotonic()
            self._wait_turn()
            if self._clock.monotonic() - began > _LONG_WAIT_S:
                proof.token = self._proof(self._access.token)
            return self._ask(method, target, body, proof.token, write=write)

    def _require_open(self) -> None:
        until = self._quota.blocked_until(self._scope)
        if until is not None:
            after_s = max(0.0, (until - self._clock.now()).total_seconds())
            raise Unavailable(f"{self._scope} is silent until {until.isoformat()}", _SILENT, after_s=after_s)

    def _wait_turn(self) -> None:
        Pacer(self._quota, self._clock, self._bucket(), self._timeouts.patience_s).wait_turn()

    def _bucket(self) -> Bucket:
        return Bucket(self._scope, _BURST, self._config.rate_per_s * self._throttling.share)

    def _ask(self, method: str, target: str, body: Param, token: str, *, write: bool) -> tuple[Json, HttpReply]:
        headers = {"Authorization": f"Bearer {token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            reply = self._http.request(
                method, target, dump_json(body) if body is not None else None, headers=headers, write=write
            )
        except HttpFailure as error:
            failed = BadReply(Answer(failure=error.failure), error.text)
            raise self._error(method, target, failed, None, write=write) from error
        try:
            document = read_answer(reply)
        except BadReply as bad:
            raise self._error(method, target, bad, reply, write=write) from None
        self._throttling.accepted()
        return document, reply

    def _error(
        self, method: str, target: str, bad: BadReply, reply: HttpReply | None, *, write: bool
    ) -> ConnectorError:
        """The domain's error for a bad reply, after telling the quota what the account said."""
        path = target.partition("?")[0]
        action = classify(bad.answer)
        if action is Action.REFUSED and bad.answer.status == 403 and path == _ACCOUNT:
            # Every user may read the account: who may not is shut out as a whole.
            action = Action.BLOCKED
        text = f"{method} {path}: {bad}"
        if bad.answer.failure:
            person = _no_answer(bad.answer.failure)
        else:
            command = self._access.command if action is Action.REAUTHORISE else ""
            person = for_person(action, bad.answer, _said(bad), command)
        code = _code(bad.answer)
        silence_s = self._silence_s(action, bad, reply, write=write)
        if silence_s is not None:
            self._quota.block(self._scope, self._clock.now() + timedelta(seconds=silence_s))
            return Unavailable(text, person, code, silence_s)
        if bad.answer.status == _CUT_OFF and not write:
            return TooHeavy(text, person, code)
        error = error_for(action, write=write, text=text, for_person=person, code=code)
        return RefusedFields(error, bad.faults) if isinstance(error, Refused) else error

    def _silence_s(self, action: Action, bad: BadReply, reply: HttpReply | None, *, write: bool) -> float | None:
        """Seconds in which nothing at all is sent to the account."""
        named_s = named_wait_s(reply, self._clock.now()) if reply is not None else None
        if action is Action.THROTTLED:
            return self._throttling.refused(max(bad.retry_after_s or 0.0, named_s or 0.0))
        if action is Action.BLOCKED:
            return self._timeouts.blocked_s
        if action is Action.SUSPENDED:
            return _UNPAID_S
        return None if write and action is Action.UNCERTAIN else named_s


_UNAUTHORISED: Final = "401"
_FORBIDDEN: Final = "403"
_SILENT: Final = "amoCRM просила паузу для всего аккаунта: хаб ждёт и продолжит сам."
_NO_ANSWER: Final = "amoCRM не ответила. Проверим, что получилось, и повторим, если нужно."
_UNREACHABLE: Final[Mapping[Failure, str]] = {
    Failure.NO_NAME: "Имя аккаунта не находится (DNS). Проверьте адрес аккаунта и сеть хаба; повторим сами.",
    Failure.FORBIDDEN_ADDRESS: "Имя аккаунта ведёт на внутренний адрес: запрос не отправлен. Проверьте адрес и DNS.",
    Failure.UNTRUSTED: (
        "Сертификат amoCRM не прошёл проверку: запрос не отправлен. "
        "Проверьте адрес и корневые сертификаты на машине хаба."
    ),
}


def _no_answer(failure: Failure) -> str:
    return _UNREACHABLE.get(failure, _NO_ANSWER)


def _said(bad: BadReply) -> str:
    """What the account's application said; a page of its front says nothing to a person."""
    return "" if bad.answer.code == HTML else bad.description


def _code(answer: Answer) -> str:
    """The code of an error: the status where somebody decides by it, else the account's own word."""
    status = str(answer.status or "")
    return status if status in (_UNAUTHORISED, _FORBIDDEN) else answer.code or status


def _query(params: Params | None) -> str:
    text = php_form.encode(params) if params else ""
    return f"?{text}" if text else ""


def _fusing(config: AmoConfig) -> Fusing:
    timeouts = config.timeouts
    return Fusing(rest_s=timeouts.rest_s, rest_max_s=timeouts.rest_max_s, probe_s=timeouts.deadline_s)
