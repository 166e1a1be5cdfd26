"""What every bank's client does alike: a bearer token, a rate, a fuse, errors of five kinds, repeats of reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Annotated, Final
from urllib.parse import urlencode, urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from connectors.shared.fuse import Fuses, Fusing
from connectors.shared.http import Failure, HttpClient, HttpFailure, HttpReply, Limits, Origin
from connectors.shared.jsontypes import Json, JsonObject, Params, dump_json, parse_json
from connectors.shared.outcomes import Action, Answer, OutcomeTable, error_for
from connectors.shared.quota import Bucket, Budgets, Pacer, named_wait_s, repeat_read
from connectors.shared.runtime import Runtime
from hub.domain.errors import ConnectorError, Reauthorise, Unavailable

#: Name of a bank's token in the token store.
TOKEN: Final = "bank_token"  # noqa: S105
_NO_LIMIT: Final = 1e9
#: A day of a busy account in one answer.
_BODY_BYTES: Final = 64 << 20
_HEADROOM: Final = 0.9


class Timeouts(BaseModel):
    """Seconds.

    Attributes:
        deadline_s: of one request, in all.
        patience_s: the longest wait for a turn under the rate limit.
        read_within_s: repeats of a read begin within this.
        prepare_s: how long a statement may be in the making before the next run is left to fetch it.
        rest_s: after five failures in a row nothing is sent for so long; it doubles up to `rest_max_s`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    deadline_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    patience_s: Annotated[float, Field(ge=0, le=120)] = 15.0
    read_within_s: Annotated[float, Field(ge=0, le=600)] = 30.0
    prepare_s: Annotated[float, Field(ge=0, le=600)] = 45.0
    rest_s: Annotated[float, Field(gt=0, le=600)] = 5.0
    rest_max_s: Annotated[float, Field(gt=0, le=600)] = 120.0


@dataclass(frozen=True, slots=True)
class Words:
    """What a bank's troubles are called for a person; `denied` holds a place for the `{command}` that connects anew."""

    bank: str
    denied: str
    codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Service:
    """One bank's API: what the command line calls it, where it is, what its errors mean, how often it may be called."""

    system: str
    api_url: str
    table: OutcomeTable
    words: Words
    code_keys: tuple[str, ...]
    rate: tuple[float, float]


class BankRest:
    """Calls of one credential. Thread-safe.

    Args:
        token: None for the one that the token store holds at the moment of a call: connecting anew needs no restart.
    """

    def __init__(
        self,
        service: Service,
        token: SecretStr | None,
        timeouts: Timeouts,
        runtime: Runtime,
        headers: Mapping[str, str] | None = None,
        http: HttpClient | None = None,
    ) -> None:
        self._service = service
        self._clock = runtime.clock
        self._timeouts = timeouts
        self._prefix = urlsplit(service.api_url).path.rstrip("/")
        self._token = token
        self._tokens = runtime.tokens
        self._connection = runtime.connection
        self._headers = headers or {}
        # Two connections of one bank are two credentials, each with a rate of its own.
        self._scope = f"bank:{runtime.connection}"
        capacity, drain = service.rate
        bucket = Bucket(self._scope, max(1.0, capacity * _HEADROOM), drain * _HEADROOM)
        self._pacer = Pacer(runtime.quota, runtime.clock, bucket, timeouts.patience_s)
        self._budgets = Budgets(runtime.quota, runtime.clock, _NO_LIMIT)
        self._fuses = Fuses(
            runtime.clock,
            Fusing(rest_s=timeouts.rest_s, rest_max_s=timeouts.rest_max_s, probe_s=timeouts.deadline_s),
        )
        self._http = http or HttpClient(
            Origin.of(service.api_url),
            user_agent=f"sverka/{runtime.version}",
            limits=Limits(deadline_s=timeouts.deadline_s, body_bytes=_BODY_BYTES),
            private=False,
            observe=runtime.observe,
        )

    def get(self, path: str, query: Mapping[str, str] | None = None) -> JsonObject | list[Json]:
        """Read something, repeated within bounds after passing trouble."""
        target = f"{path}?{urlencode(query)}" if query else path
        return self._repeat("GET", target, None)

    def ask(self, path: str, body: Params) -> JsonObject | list[Json]:
        """A POST that only asks (to prepare a statement): safe to repeat."""
        return self._repeat("POST", path, dump_json(body))

    def send(self, method: str, path: str, body: Params) -> None:
        """A call with an effect at the bank (a subscription), sent once; whatever it answers is not read."""
        self._call(method, path, dump_json(body), write=True)

    def close(self) -> None:
        """Release sockets."""
        self._http.close()

    def _repeat(self, method: str, path: str, body: bytes | None) -> JsonObject | list[Json]:
        def once() -> JsonObject | list[Json]:
            return self._parsed(path, self._call(method, path, body, write=False))

        return repeat_read(once, self._clock, within_s=self._timeouts.read_within_s)

    def _parsed(self, path: str, reply: HttpReply) -> JsonObject | list[Json]:
        try:
            found = parse_json(reply.body)
        except ValueError:
            found = None
        if isinstance(found, dict | list):
            return found
        raise self._error(path, Answer(reply.status), reply, write=False)

    def _call(self, method: str, path: str, body: bytes | None, *, write: bool) -> HttpReply:
        self._budgets.require(self._scope)
        with self._fuses.guard(write=write):
            self._pacer.wait_turn()
            return self._once(method, path, body, write=write)

    def _once(self, method: str, path: str, body: bytes | None, *, write: bool) -> HttpReply:
        headers = {"Authorization": f"Bearer {self._bearer()}", **self._headers}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            reply = self._http.request(method, f"{self._prefix}{path}", body, headers=headers, write=write)
        except HttpFailure as error:
            raise self._error(path, Answer(failure=error.failure), None, write=write, told=error.text) from error
        if not 200 <= reply.status < 300:
            raise self._error(path, Answer(reply.status, self._code(reply)), reply, write=write)
        return reply

    def _bearer(self) -> str:
        if self._token is not None:
            return self._token.get_secret_value()
        kept = self._tokens.get(self._connection, TOKEN) if self._tokens is not None else None
        if kept is None:
            raise Reauthorise("no token is stored", self._denied)
        return kept

    @property
    def _denied(self) -> str:
        name = "" if self._connection == self._service.system else f" --name {self._connection}"
        return self._service.words.denied.format(command=f"sverka connect bank {self._service.system}{name}")

    def _code(self, reply: HttpReply) -> str | None:
        """The bank's own code of an error, whichever field it stands in."""
        try:
            found = parse_json(reply.body)
        except ValueError:
            return None
        if not isinstance(found, dict):
            return None
        nested = found.get("Errors")
        first = nested[0] if isinstance(nested, list) and nested and isinstance(nested[0], dict) else {}
        named = [holder.get(key) for holder in (first, found) for key in self._service.code_keys]
        codes = [value for value in named if isinstance(value, str) and value]
        known = {row.code.casefold() for row in self._service.table.rows if row.code is not None}
        known |= set(self._service.words.codes)
        return next((code for code in codes if code.casefold() in known), codes[0] if codes else None)

    def _error(
        self, path: str, answer: Answer, reply: HttpReply | None, *, write: bool, told: str = ""
    ) -> ConnectorError:
        action = self._service.table.classify(answer)
        named_s = named_wait_s(reply, self._clock.now()) if reply is not None else None
        if action is Action.THROTTLED:
            self._pacer.refused()
        place = path.partition("?")[0]
        text = f"{place}: {told or f'HTTP {answer.status}, code {answer.code}'}"
        person = self._for_person(action, answer)
        if named_s is not None and action in (Action.THROTTLED, Action.RETRY):
            until = self._clock.now() + timedelta(seconds=named_s)
            after_s = self._budgets.block(self._scope, until, named_s)
            return Unavailable(text, person, answer.code or "", after_s)
        return error_for(action, write=write, text=text, for_person=person, code=answer.code or "")

    def _for_person(self, action: Action, answer: Answer) -> str:
        words = self._service.words
        known = words.codes.get((answer.code or "").casefold())
        if known is not None:
            return known
        if answer.failure is not None:
            return _UNREACHABLE.get(answer.failure, "{bank} не отвечает. Повторим сами.").format(bank=words.bank)
        if action is Action.REAUTHORISE:
            return self._denied
        if action is Action.REFUSED:
            return f"{words.bank} не принимает запрос ({answer.status}, {answer.code or 'без кода'})."
        if action is Action.THROTTLED:
            return f"{words.bank} просит подождать: слишком частые запросы. Повторим сами."
        return f"{words.bank} отвечает ошибкой ({answer.status or 'без ответа'}). Повторим сами."


_UNREACHABLE: Final[Mapping[Failure, str]] = {
    Failure.NO_NAME: "{bank}: имя сервера не находится (DNS). Проверьте сеть хаба; повторим сами.",
    Failure.FORBIDDEN_ADDRESS: "{bank}: имя сервера ведёт на внутренний адрес, запрос не отправлен. Проверьте DNS.",
    Failure.UNTRUSTED: (
        "{bank}: сертификат сервера не прошёл проверку, запрос не отправлен. Проверьте корневые сертификаты на машине."
    ),
    Failure.OVERSIZED: "{bank} прислал ответ больше 64 МБ: он не прочитан.",
}
