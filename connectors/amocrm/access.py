"""What a call proves itself with: a long-lived token, or a pair of tokens that one process at a time renews."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hmac import compare_digest
from typing import Final, Protocol

from pydantic import SecretStr

from connectors.amocrm.credential import LONG_LIVED, PAIR, Pair, connect_command, load_pair
from connectors.amocrm.envelope import BadReply, object_at, read_reply
from connectors.amocrm.outcomes import classify, for_person
from connectors.shared.http import HttpClient, HttpFailure
from connectors.shared.jsontypes import dump_json
from connectors.shared.outcomes import Action
from connectors.shared.runtime import Runtime
from hub.domain.errors import ConnectorError, Paced, Reauthorise, RetryLater, Unavailable
from hub.ports.state import Clock, KeptSecret

_PATH: Final = "/oauth2/access_token"
# An access token that ends within this is renewed before it is used: a call must not outlive it.
_SPARE: Final = timedelta(seconds=120)
_LOOK_AGAIN_S: Final = 0.25
_DEAD: Final = (
    "amoCRM больше не принимает доступ хаба: его отозвали или он истёк. Подключите заново одной командой: {command}."
)
_NO_PAIR: Final = "Доступа к amoCRM в базе нет. Подключите: {command}."
_NO_ANSWER: Final = "amoCRM не ответила на обновление доступа. Повторим сами."
_SHUT_S: Final = 600.0
_THROTTLED_S: Final = 300.0
_WAITING: Final = "Доступ к amoCRM сейчас обновляется. Повторим сами."


@dataclass(frozen=True, slots=True)
class Waits:
    """How long what lasts when a pair of tokens is renewed, in seconds.

    Attributes:
        ask_s: one request for a new pair.
        patience_s: a call waits while somebody else renews the pair.
        turn_s: a turn lasts so long and is taken anew before each request; then another process may try.
        dead_s: a pair that was refused is not asked about again before.
    """

    ask_s: float
    patience_s: float
    turn_s: float
    dead_s: float


class Access(Protocol):
    """Gives the token of the next call."""

    @property
    def command(self) -> str:
        """What a person runs to replace it."""

    def token(self) -> str:
        """The token to send. Secret."""

    def after_refusal(self, token: str) -> bool:
        """The account refused that token; True when there is another one to try now."""


class LongLived:
    """A token that is never renewed."""

    def __init__(self, token: SecretStr, connection: str) -> None:
        self._token = token
        self.command = connect_command(connection, oauth=False)

    def token(self) -> str:
        """The token."""
        return self._token.get_secret_value()

    def after_refusal(self, token: str) -> bool:  # noqa: ARG002
        """There is no other one."""
        return False


class Stored:
    """Whatever access the token store holds just now: connecting anew needs no restart of the hub."""

    def __init__(self, runtime: Runtime, pair: Renewing) -> None:
        if runtime.tokens is None:
            raise ValueError("a stored access needs a token store")
        self._tokens = runtime.tokens
        self._connection = runtime.connection
        self._pair = pair

    @property
    def command(self) -> str:
        """Connects by what is stored: a long-lived token is replaced by one, a pair by a pair."""
        return connect_command(self._connection, oauth=not self._long_lived())

    def token(self) -> str:
        """The long-lived token, else the access token of the pair; raises as `Renewing.token` does."""
        return self._long_lived() or self._pair.token()

    def after_refusal(self, token: str) -> bool:
        """True when another one is stored by now, or could be had."""
        stored = self._long_lived()
        return not compare_digest(stored.encode(), token.encode()) if stored else self._pair.after_refusal(token)

    def _long_lived(self) -> str | None:
        return self._tokens.get(self._connection, LONG_LIVED)


class Renewing:
    """A pair of tokens in the token store, read anew for each call: another process may have renewed it.

    The vendor changes the refresh token at every renewal, so a lost race would cost the access. One process asks at a
    time, stores the new pair before anybody uses it, and after a lost answer asks once more with the same old token.

    Args:
        pace: takes a place under the account's limit, which counts renewals too.
    """

    def __init__(self, runtime: Runtime, http: HttpClient, pace: Callable[[], None], waits: Waits) -> None:
        if runtime.tokens is None:
            raise ValueError("a renewing access needs a token store")
        self._tokens = runtime.tokens
        self._connection = runtime.connection
        self._clock = runtime.clock
        self._http = http
        self._pace = pace
        self._waits = waits
        # One call of this process renews, the others wait for it here: the store is asked by one and not by fifty.
        self._renewing = threading.Lock()
        self._failures = 0
        self._failure: ConnectorError | None = None
        self._refused: int | None = None
        # A version whose renewal the vendor refused, and until when: it is asked about seldom, another one at once.
        self._dead: tuple[int, float] | None = None

    def token(self) -> str:
        """The access token, renewed first when it is about to end.

        Raises:
            Reauthorise: the pair is dead, or there is none.
            RetryLater: it could not be renewed now.
        """
        kept, pair = self._read()
        if pair.expires_at - _SPARE > self._clock.now() and kept.version != self._refused:
            return pair.access.get_secret_value()
        return self._renewed(kept.version).access.get_secret_value()

    def after_refusal(self, token: str) -> bool:
        """Renew the pair that the token is of, unless somebody has done so.

        Raises:
            Reauthorise: the pair is dead.
            RetryLater: it could not be renewed now.
        """
        kept, pair = self._read()
        if compare_digest(pair.access.get_secret_value().encode(), token.encode()):
            # Calls that still wait for their turn need not find out for themselves.
            self._refused = kept.version
            self._renewed(kept.version)
        return True

    def _read(self) -> tuple[KeptSecret, Pair]:
        kept = self._tokens.read(self._connection, PAIR)
        pair = load_pair(kept.value) if kept is not None else None
        if kept is None or pair is None:
            command = connect_command(self._connection, oauth=kept is not None)
            raise Reauthorise("no pair of tokens is stored", _NO_PAIR.format(command=command))
        if self._is_dead(kept.version):
            raise Reauthorise("the pair of tokens was refused", self._dead_text, "revoked")
        return kept, pair

    def _is_dead(self, version: int) -> bool:
        dead = self._dead
        return dead is not None and dead[0] == version and self._clock.monotonic() < dead[1]

    @property
    def _dead_text(self) -> str:
        return _DEAD.format(command=connect_command(self._connection, oauth=True))

    def _renewed(self, version: int) -> Pair:
        """The pair after that version: renewed by us, or by whoever was quicker."""
        seen, give_up_at = self._failures, self._clock.monotonic() + self._waits.patience_s
        if not self._renewing.acquire(timeout=self._waits.patience_s):
            raise Paced("another call renews the pair of tokens", _WAITING)
        try:
            if self._failure is not None and self._failures != seen and self._read()[0].version == version:
                # Whoever we waited for has just failed: asking once more each would be fifty times as much.
                raise self._failure
            return self._in_turn(version, give_up_at)
        except ConnectorError as error:
            self._failures, self._failure = self._failures + 1, error
            raise
        finally:
            self._renewing.release()

    def _in_turn(self, version: int, give_up_at: float) -> Pair:
        owner = secrets.token_hex(8)
        while True:
            kept, pair = self._read()
            if kept.version != version:
                return pair
            if self._take_turn(version, owner):
                return self._renew(kept, pair, owner)
            if self._clock.monotonic() >= give_up_at:
                raise Paced("somebody else renews the pair of tokens", _WAITING)
            self._clock.sleep(_LOOK_AGAIN_S)

    def _take_turn(self, version: int, owner: str) -> bool:
        return self._tokens.take_turn(self._connection, PAIR, version, owner, self._waits.turn_s)

    def _renew(self, kept: KeptSecret, pair: Pair, owner: str) -> Pair:
        try:
            fresh = self._ask_twice(kept.version, pair, owner)
        except ConnectorError as error:
            self._tokens.end_turn(self._connection, PAIR, owner)
            again, other = self._read()
            if again.version != kept.version:
                return other
            if isinstance(error, Reauthorise):
                self._dead = kept.version, self._clock.monotonic() + self._waits.dead_s
            raise
        if self._tokens.replace(self._connection, PAIR, kept.version, owner, fresh.dump()):
            return fresh
        # Somebody connected anew meanwhile, or our turn was over: what is stored is what counts.
        return self._read()[1]

    def _ask_twice(self, version: int, pair: Pair, owner: str) -> Pair:
        """After a lost answer the old refresh token works until the new one is used: it is sent once more."""
        proof = {"grant_type": "refresh_token", "refresh_token": pair.refresh.get_secret_value()}
        try:
            return self._ask(version, pair, owner, proof)
        except RetryLater as error:
            if isinstance(error, Unavailable | Paced):
                raise
            return self._ask(version, pair, owner, proof)

    def _ask(self, version: int, pair: Pair, owner: str, proof: Mapping[str, str]) -> Pair:
        self._pace()
        if not self._take_turn(version, owner):
            raise Paced("the turn to renew the pair of tokens was over", _WAITING)
        return ask_for_pair(self._http, pair, proof, self._clock, self._dead_text, self._waits.ask_s)


def ask_for_pair(
    http: HttpClient,
    pair: Pair,
    proof: Mapping[str, str],
    clock: Clock,
    refused: str,
    deadline_s: float | None = None,
) -> Pair:
    """A new pair for an integration, in exchange for a code or for the old refresh token.

    Args:
        pair: of the integration; its tokens may be empty.
        proof: what entitles us (RFC 6749, 4.1.3 and 6).
        refused: words for a person where the vendor does not take the proof.

    Raises:
        Reauthorise: the vendor refuses for good.
        Unavailable: the account is shut to us.
        RetryLater: no answer that can be read.
    """
    body = {
        "client_id": pair.client_id,
        "client_secret": pair.client_secret.get_secret_value(),
        "redirect_uri": pair.redirect_uri,
        **proof,
    }
    asked = clock.now()
    try:
        reply = http.post(_PATH, dump_json(body), content_type="application/json", write=True, deadline_s=deadline_s)
        answer = object_at(read_reply(reply))
    except HttpFailure as error:
        raise RetryLater(f"{_PATH}: {error.text}", _NO_ANSWER) from error
    except BadReply as bad:
        raise _refusal(bad, refused) from None
    access, refresh, lasts = answer.get("access_token"), answer.get("refresh_token"), answer.get("expires_in")
    if not (isinstance(access, str) and isinstance(refresh, str) and isinstance(lasts, int)):
        raise RetryLater(f"{_PATH}: a pair is missing in the reply", _NO_ANSWER)
    fresh = {"access": SecretStr(access), "refresh": SecretStr(refresh), "expires_at": asked + timedelta(seconds=lasts)}
    return pair.model_copy(update=fresh)


def _refusal(bad: BadReply, refused: str) -> ConnectorError:
    """What a refusal of the token service means; its texts may repeat what was sent, so they are not kept."""
    action, code = classify(bad.answer), bad.answer.code or ""
    text = f"{_PATH}: {bad.answer.status} {code}".strip()
    if action is Action.BLOCKED or action is Action.SUSPENDED:
        return Unavailable(text, for_person(action, bad.answer, "", ""), code, _SHUT_S)
    if action is Action.THROTTLED:
        return Unavailable(text, for_person(action, bad.answer, "", ""), code, bad.retry_after_s or _THROTTLED_S)
    if action in (Action.REAUTHORISE, Action.REFUSED, Action.GONE):
        moved = bad.answer.status not in (400, 401, 403)
        return Reauthorise(text, for_person(action, bad.answer, "", "") if moved else refused, code)
    return RetryLater(text, _NO_ANSWER, code)
