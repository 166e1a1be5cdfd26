"""Calls to the OData interface of one base: two at a time, errors of five kinds, a write sent once."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Final, TypeVar

from connectors.accounting_1c import query
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.envelope import BadReply, read_reply, rows_of
from connectors.accounting_1c.exact import dump_exact
from connectors.accounting_1c.outcomes import PAGE, classify, for_person
from connectors.shared.fuse import Fuses, Fusing
from connectors.shared.http import HttpClient, HttpFailure, HttpReply, Limits
from connectors.shared.jsontypes import Json, JsonObject
from connectors.shared.outcomes import Action, Answer, error_for
from connectors.shared.quota import Bucket, Pacer, named_wait_s, repeat_read
from connectors.shared.runtime import Runtime
from connectors.shared.safe_xml import NotXml
from hub.domain.errors import ConnectorError, RetryLater, Unavailable

T = TypeVar("T")
#: Each call at once takes a session of the publication, and each session a licence.
_AT_ONCE: Final = 2
#: `$metadata` of a full base, and what a plan of exchange may send: nobody can ask 1C for less.
_BODY_BYTES: Final = 64 << 20
_BURST: Final = 20.0
#: Of an answer: every session is taken, or there is no licence left.
_BUSY: Final = "406"
_SILENT: Final = "1С просила подождать: хаб ждёт и продолжит сам."


class OdataClient:
    """One base under one login. Thread-safe."""

    def __init__(self, config: OneCConfig, runtime: Runtime, http: HttpClient | None = None) -> None:
        self.origin = config.origin
        self._root = config.root
        self._clock = runtime.clock
        self._timeouts = config.timeouts
        # In UTF-8 before base64, so that Russian logins are admitted.
        proof = f"{config.login}:{config.password.get_secret_value()}".encode()
        self._headers = {
            "Authorization": f"Basic {base64.b64encode(proof).decode()}",
            "Accept": query.JSON,
            "Accept-Language": "ru",
        }
        self._quota = runtime.quota
        self._scope = f"1c:{config.origin.netloc}{config.root}"
        bucket = Bucket(self._scope, _BURST, config.rate_per_s)
        self._pacer = Pacer(runtime.quota, runtime.clock, bucket, config.timeouts.patience_s)
        timeouts = config.timeouts
        self._fuses = Fuses(
            runtime.clock,
            Fusing(rest_s=timeouts.rest_s, rest_max_s=timeouts.rest_max_s, probe_s=timeouts.deadline_s),
        )
        self._http = http or HttpClient(
            config.origin,
            user_agent=f"sverka/{runtime.version}",
            limits=Limits(deadline_s=timeouts.deadline_s, body_bytes=_BODY_BYTES, connections=_AT_ONCE),
            observe=runtime.observe,
        )

    def rows(self, name: str, options: Mapping[str, str]) -> list[JsonObject]:
        """Rows of a set, as many as the server gives for these options."""
        target = query.address(name, {"$format": query.JSON, **options})
        return self._read(target, rows_of)

    def entity(self, name: str, key: str, options: Mapping[str, str] | None = None) -> JsonObject:
        """One row by its key. Raises Gone when there is none."""
        target = query.address(name, {"$format": query.JSON, **(options or {})}, key)
        return self._read(target, lambda document: document)

    def root(self) -> tuple[list[JsonObject], HttpReply]:
        """The list of published sets, with the reply as it came."""
        target = query.address("", {"$format": query.JSON})

        def whole(reply: HttpReply) -> tuple[list[JsonObject], HttpReply]:
            return rows_of(read_reply(reply)), reply

        return self._repeat(lambda: self._call("GET", target, None, whole, write=False))

    def metadata(self, read: Callable[[bytes], T]) -> T:
        """`$metadata`, which is XML whatever format is asked for, read by `read`; what cannot be is asked for again."""
        return self._xml("GET", query.address("$metadata"), read)

    def feed(self, function: str, options: Mapping[str, str], read: Callable[[bytes], T]) -> T:
        """A function whose answer is an Atom feed, read by `read`; asking it again is harmless."""
        return self._xml("POST", query.address(function, options), read)

    def acknowledge(self, function: str, options: Mapping[str, str]) -> None:
        """A call whose repetition changes nothing, such as telling 1C which message was stored."""
        target = query.address(function, options)
        self._repeat(lambda: self._call("POST", target, b"", _accepted, write=False))

    def write(self, method: str, name: str, key: str, body: Mapping[str, Json], version: str = "") -> JsonObject:
        """A call with an effect, sent once; with a version, 1C may refuse what changed since, and mostly does not.

        Raises:
            UnknownOutcome: it may or may not have taken effect.
            ConnectorError: any other kind proves that it took none.
        """
        target = query.address(name, {"$format": query.JSON}, key)
        headers = {"Content-Type": "application/json; charset=utf-8", **({"If-Match": version} if version else {})}
        return self._call(method, target, dump_exact(body), read_reply, write=True, headers=headers)

    def close(self) -> None:
        """Release sockets."""
        self._http.close()

    # Inside

    def _repeat(self, call: Callable[[], T]) -> T:
        return repeat_read(call, self._clock, within_s=self._timeouts.read_within_s)

    def _read(self, target: str, read: Callable[[JsonObject], T]) -> T:
        return self._repeat(lambda: self._call("GET", target, None, lambda reply: read(read_reply(reply)), write=False))

    def _xml(self, method: str, target: str, read: Callable[[bytes], T]) -> T:
        def whole(reply: HttpReply) -> T:
            _accepted(reply)
            try:
                return read(reply.body)
            except NotXml as error:
                raise BadReply(Answer(reply.status, PAGE), str(error)) from None

        body = b"" if method == "POST" else None
        headers = {"Accept": "application/atom+xml, application/xml"}
        return self._repeat(lambda: self._call(method, target, body, whole, write=False, headers=headers))

    def _call(
        self,
        method: str,
        target: str,
        body: bytes | None,
        read: Callable[[HttpReply], T],
        *,
        write: bool,
        headers: Mapping[str, str] | None = None,
    ) -> T:
        """One call. A publication without a free session is a failure for the fuse, and gets time to free one."""
        try:
            return self._sent(method, target, body, read, write=write, headers=headers)
        except RetryLater as error:
            if error.code != _BUSY or error.after_s is not None:
                raise
            raise RetryLater(error.text, error.for_person, error.code, self._timeouts.busy_s) from error

    def _sent(
        self,
        method: str,
        target: str,
        body: bytes | None,
        read: Callable[[HttpReply], T],
        *,
        write: bool,
        headers: Mapping[str, str] | None,
    ) -> T:
        """The reply is read before the fuse hears of it: a page under 200 is a failure like any other."""
        self._require_open()
        with self._fuses.guard(write=write):
            self._pacer.wait_turn()
            try:
                reply = self._http.request(
                    method, f"{self._root}{target}", body, headers={**self._headers, **(headers or {})}, write=write
                )
            except HttpFailure as error:
                bad = BadReply(Answer(failure=error.failure), error.text)
                raise self._error(method, target, bad, None, write=write) from error
            try:
                return read(reply)
            except BadReply as bad:
                raise self._error(method, target, bad, reply, write=write) from None

    def _require_open(self) -> None:
        until = self._quota.blocked_until(self._scope)
        if until is not None:
            after_s = max(0.0, (until - self._clock.now()).total_seconds())
            raise Unavailable(f"{self._scope} is silent until {until.isoformat()}", _SILENT, after_s=after_s)

    def _error(
        self, method: str, target: str, bad: BadReply, reply: HttpReply | None, *, write: bool
    ) -> ConnectorError:
        action = classify(bad.answer)
        text = f"{method} {target.partition('?')[0]}: {bad}"
        person = for_person(bad.answer, bad.said)
        code = bad.answer.code if bad.answer.code not in (None, PAGE) else str(bad.answer.status or PAGE)
        named_s = named_wait_s(reply, self._clock.now()) if reply is not None else None
        if named_s is not None:
            self._quota.block(self._scope, self._clock.now() + timedelta(seconds=named_s))
        if named_s is None or (write and action is Action.UNCERTAIN):
            return error_for(action, write=write, text=text, for_person=person, code=code or "")
        return Unavailable(text, person, code or "", named_s)


def _accepted(reply: HttpReply) -> None:
    """Whatever a success holds is not looked at."""
    if not 200 <= reply.status < 300:
        read_reply(reply)
