"""Calls to the portal's REST v2: one pacer per portal, one budget per method, errors of five kinds."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlsplit

from connectors.bitrix24.batching import BatchSize, Command, batch_parts
from connectors.bitrix24.config import Bitrix24Config, Plan
from connectors.bitrix24.envelope import BadReply, Envelope, Timing, as_map, read_envelope, rows_in, timing_in
from connectors.bitrix24.outcomes import classify, for_person
from connectors.shared.fuse import Fuses, Fusing
from connectors.shared.http import Failure, HttpClient, HttpFailure, HttpReply, Limits
from connectors.shared.jsontypes import Json, JsonObject, Param, Params, dump_json
from connectors.shared.outcomes import Action, Answer, error_for
from connectors.shared.quota import Bucket, Budgets, Pacer, named_wait_s, repeat_read
from connectors.shared.runtime import Runtime
from hub.domain.errors import ConnectorError, RetryLater, Unavailable

T = TypeVar("T")

PAGE: Final = 50
#: drain per second, block above (https://apidocs.bitrix24.com/limits.html)
_RATES: Final = {Plan.NON_ENTERPRISE: (2.0, 50.0), Plan.ENTERPRISE: (5.0, 250.0)}
# The portal counts a request when it arrives, we when it leaves: a tenth is left for that difference.
_HEADROOM: Final = 0.9
_CLOSE_BUDGET_AT: Final = 0.98
# The sum falls when its oldest one-minute basket does, so an unknown reset is at most a minute away.
_BASKET_S: Final = 60.0
_SUSPENDED_S: Final = 900.0


@dataclass(frozen=True, slots=True)
class ListCall:
    """A list method with its habits: where rows lie, how the id is spelled in filters and in rows."""

    method: str
    params: Params = field(default_factory=dict)
    rows_key: str | None = None
    id_filter: str = "ID"
    id_row: str = "ID"

    def page(self, after: int) -> Command:
        """The page after an id, in the vendor's fast way: no count, ascending ids."""
        return self._command({f">{self.id_filter}": after})

    def span(self, after: int) -> Command:
        """The next fifty ids after an id: never more rows than a page holds."""
        return self._command({f">{self.id_filter}": after, f"<={self.id_filter}": after + PAGE})

    def _command(self, bounds: Mapping[str, Param]) -> Command:
        given = self.params.get("filter")
        conditions = {**given, **bounds} if isinstance(given, Mapping) else dict(bounds)
        params: dict[str, Param] = {
            **self.params,
            "filter": conditions,
            "order": {self.id_filter: "ASC"},
            "start": -1,
        }
        return Command(self.method, params)

    def rows(self, result: Json) -> list[JsonObject]:
        """Rows of a reply."""
        return list(rows_in(result, self.rows_key))

    def id_of(self, row: JsonObject) -> int:
        """Id of a row as a number."""
        return int(str(row.get(self.id_row) or 0))


class RestClient:
    """One webhook of one portal. Thread-safe."""

    def __init__(self, config: Bitrix24Config, runtime: Runtime, http: HttpClient | None = None) -> None:
        self.webhook = config.webhook
        self._clock = runtime.clock
        self._scope = f"{runtime.connection}:{self.webhook.origin.netloc}"
        self._timeouts = config.timeouts
        self._budgets = Budgets(runtime.quota, runtime.clock, config.operating_limit_s * _CLOSE_BUDGET_AT)
        self._pacer = Pacer(runtime.quota, runtime.clock, _bucket(config), config.timeouts.patience_s)
        # A portal of the vendor's cloud has a public address; only a company's own may stand in its network.
        self._http = http or HttpClient(
            self.webhook.origin,
            user_agent=f"sverka/{runtime.version}",
            limits=Limits(deadline_s=config.timeouts.deadline_s),
            private=config.plan is Plan.OFF,
            observe=runtime.observe,
        )
        self._fuses = Fuses(runtime.clock, _fusing(config))
        self._batch_size = BatchSize(slow_s=config.timeouts.slow_batch_s)
        self._resets: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def read(self, method: str, params: Params | None = None) -> Envelope:
        """A call without effect, repeated within bounds after passing trouble."""
        return self._repeat(lambda: self._call(method, params or {}, write=False))

    def write(self, method: str, params: Params) -> Envelope:
        """A call with an effect, sent once.

        Raises:
            UnknownOutcome: it may or may not have taken effect.
            ConnectorError: any other kind proves that it did not.
        """
        return self._call(method, params, write=True)

    def batch(self, commands: Mapping[str, Command]) -> dict[str, Json]:
        """Results of reading commands by their keys; keys must not be numbers.

        Raises:
            ConnectorError: of the first command that failed.
        """
        results: dict[str, Json] = {}
        for key, part in self.batch_outcomes(commands).items():
            if isinstance(part, ConnectorError):
                raise part
            results[key] = part
        return results

    def batch_outcomes(self, commands: Mapping[str, Command]) -> dict[str, Json | ConnectorError]:
        """As `batch`, but a refused command is its error and the others stand."""
        pending = list(commands.items())
        outcomes: dict[str, Json | ConnectorError] = {}
        while pending:
            done = self._repeat(lambda: self._batch_once(dict(pending[: self._batch_size.now])))
            outcomes |= done
            del pending[: len(done)]
        return outcomes

    def walk(self, call: ListCall, after: int = 0) -> Iterator[JsonObject]:
        """All rows with a greater id, page after page."""
        while True:
            command = call.page(after)
            rows = call.rows(self.read(command.method, command.params).result)
            yield from rows
            if len(rows) < PAGE:
                return
            after = max(call.id_of(row) for row in rows)

    def close(self) -> None:
        """Release sockets."""
        self._http.close()

    def _repeat(self, call: Callable[[], T]) -> T:
        return repeat_read(call, self._clock, within_s=self._timeouts.read_within_s)

    def _batch_once(self, commands: Mapping[str, Command]) -> dict[str, Json | ConnectorError]:
        for method, calls in Counter(command.method for command in commands.values()).items():
            self._budgets.require(self._budget(method), calls)
        cmd = {key: command.query() for key, command in commands.items()}
        began = self._clock.monotonic()
        try:
            envelope = self._call("batch", {"halt": 0, "cmd": cmd}, write=False)
        except RetryLater as error:
            self._batch_size.failed(uncertain=error.after_s is None and not error.code)
            raise
        self._batch_size.measured(self._clock.monotonic() - began, len(commands))
        return self._batch_parts(envelope, commands)

    def _batch_parts(self, envelope: Envelope, commands: Mapping[str, Command]) -> dict[str, Json | ConnectorError]:
        body = as_map(envelope.result)
        for key, timing in as_map(body.get("result_time")).items():
            if key in commands:
                self._record(commands[key].method, timing_in(timing))
        parts: dict[str, Json | ConnectorError] = {}
        for key, part in batch_parts(body, commands).items():
            if isinstance(part, BadReply):
                error = self._error(commands[key].method, part, write=False)
                if isinstance(error, RetryLater):
                    raise error
                parts[key] = error
            else:
                parts[key] = part
        return parts

    def _call(self, method: str, params: Params, *, write: bool) -> Envelope:
        self._budgets.require(self._scope)
        self._budgets.require(self._budget(method))
        with self._fuses.guard(write=write):
            self._pacer.wait_turn()
            envelope = self._ask(method, params, write=write)
        self._record(method, envelope.timing)
        return envelope

    def _ask(self, method: str, params: Params, *, write: bool) -> Envelope:
        try:
            reply = self._http.post(
                self.webhook.path(method), dump_json(params), content_type="application/json", write=write
            )
        except HttpFailure as error:
            failed = BadReply(Answer(failure=error.failure), error.text)
            raise self._error(method, failed, write=write) from error
        try:
            return read_envelope(reply)
        except BadReply as bad:
            raise self._error(method, bad, write=write, reply=reply) from None

    def _record(self, method: str, timing: Timing) -> None:
        if timing.operating_s is None:
            return
        if timing.reset_at is not None:
            with self._lock:
                self._resets[method] = timing.reset_at
        self._budgets.record(self._budget(method), timing.operating_s, timing.reset_at)

    def _error(self, method: str, bad: BadReply, *, write: bool, reply: HttpReply | None = None) -> ConnectorError:
        """The domain's error for a bad reply, after telling the quota what the portal said."""
        action = classify(bad.answer)
        code = bad.answer.code or ""
        named_s = named_wait_s(reply, self._clock.now()) if reply is not None else None
        after_s = self._obey(action, method, named_s)
        text, person = f"{method}: {bad}", self._for_person(action, bad, reply)
        if bad.is_redirect and reply is not None:
            text = f"{text}; redirected to {_new_host(reply) or 'nowhere'}"
        if action is Action.SUSPENDED or (named_s is not None and not (write and action is Action.UNCERTAIN)):
            return Unavailable(text, person, code, after_s)
        return error_for(action, write=write, text=text, for_person=person, code=code, after_s=after_s)

    def _for_person(self, action: Action, bad: BadReply, reply: HttpReply | None) -> str:
        if bad.answer.failure is not None:
            return _UNREACHABLE.get(bad.answer.failure, _NO_ANSWER)
        if bad.is_redirect and reply is not None:
            return self._redirected(_new_host(reply))
        told = bad.answer.code is not None and action is not Action.UNCERTAIN
        return for_person(bad.answer.code or "", bad.description) if told else _BROKEN

    def _obey(self, action: Action, method: str, named_s: float | None) -> float | None:
        """Keep what the portal asks for; returns the seconds it named, for all calls or for this method."""
        if action is Action.THROTTLED:
            self._pacer.refused()
        if action is Action.SUSPENDED or named_s is not None:
            wait_s = named_s if named_s is not None else _SUSPENDED_S
            return self._budgets.block(self._scope, self._clock.now() + timedelta(seconds=wait_s), wait_s)
        if action is Action.BLOCKED:
            with self._lock:
                reset_at = self._resets.get(method)
            known = reset_at if reset_at is not None and reset_at > self._clock.now() else None
            return self._budgets.block(self._budget(method), known, _BASKET_S)
        return None

    def _redirected(self, moved_to: str) -> str:
        if moved_to and moved_to != self.webhook.origin.netloc:
            return f"Портал переехал на {moved_to}. Подключите его заново по новому адресу."
        return "Портал отвечает страницей вместо REST (проверьте лицензию Битрикс24)."

    def _budget(self, method: str) -> str:
        return f"{self._scope}:{method.lower()}"


_BROKEN: Final = "Битрикс24 прислал непонятный ответ. Проверим, что получилось, и повторим, если нужно."
_NO_ANSWER: Final = "Битрикс24 не ответил. Проверим, что получилось, и повторим, если нужно."
_UNREACHABLE: Final[Mapping[Failure, str]] = {
    Failure.NO_NAME: "Имя портала не находится (DNS). Проверьте адрес портала и сеть хаба; повторим сами.",
    Failure.FORBIDDEN_ADDRESS: (
        "Имя портала ведёт на внутренний адрес: запрос не отправлен. Проверьте адрес портала и DNS; "
        "для портала в своей сети укажите plan: off."
    ),
    Failure.UNTRUSTED: (
        "Сертификат портала не прошёл проверку: запрос не отправлен. "
        "Проверьте адрес, срок сертификата и корневые сертификаты на машине хаба."
    ),
}


def _fusing(config: Bitrix24Config) -> Fusing:
    timeouts = config.timeouts
    return Fusing(rest_s=timeouts.rest_s, rest_max_s=timeouts.rest_max_s, probe_s=timeouts.deadline_s)


def _bucket(config: Bitrix24Config) -> Bucket | None:
    if config.plan is Plan.OFF:
        return None
    drain_per_s, block_above = _RATES[config.plan]
    return Bucket(f"bitrix24:{config.webhook.origin.netloc}", block_above * _HEADROOM, drain_per_s)


def _new_host(reply: HttpReply) -> str:
    return urlsplit(reply.headers.get("location", "")).netloc.rpartition("@")[2]
