from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from connectors.amocrm.access import ask_for_pair
from connectors.amocrm.config import AmoConfig
from connectors.amocrm.connector import AmoCrm
from connectors.amocrm.credential import LONG_LIVED, PAIR, Pair, account_in, load_pair
from connectors.amocrm.sandbox.testing import RunningSandbox
from connectors.shared.http import HttpClient, Origin
from connectors.shared.memory import MemoryTokens
from connectors.shared.runtime import Runtime
from hub.domain.errors import Reauthorise, RetryLater
from hub.ports.crm import MoveOutcome
from hub.ports.state import Clock, KeptSecret

from .account import PAID, WAITING, Account, AccountClock, seed, served

TOKEN = "POST /oauth2/access_token"


def exchanged(account: Account, code: str = "") -> Pair:
    """A pair for a code, a fresh one unless told, as the command line gets it."""
    return pair_of(account.sandbox, account.clock, code)


def pair_of(sandbox: RunningSandbox, clock: Clock, code: str = "") -> Pair:
    """The same, its times told by that clock."""
    empty = Pair.model_validate(
        {
            "client_id": sandbox.client_id,
            "client_secret": sandbox.client_secret,
            "redirect_uri": sandbox.redirect_uri,
            "access": "",
            "refresh": "",
            "expires_at": clock.now(),
        }
    )
    http = HttpClient(Origin.of(sandbox.url), user_agent="test")
    try:
        proof = {"grant_type": "authorization_code", "code": code or sandbox.control.new_code()}
        return ask_for_pair(http, empty, proof, clock, "refused")
    finally:
        http.close()


@contextmanager
def integrated(**settings: Any) -> Iterator[tuple[Account, AmoCrm, MemoryTokens]]:
    """An account with a connector that has a pair of tokens."""
    with served(seed(**settings)) as account:
        tokens = account.tokens
        tokens.put("main", PAIR, exchanged(account).dump())
        crm = another(account)
        try:
            yield account, crm, tokens
        finally:
            crm.close()


def another(account: Account, clock: AccountClock | None = None) -> AmoCrm:
    """A connector as another process would have it: only the stored tokens and the quota are common."""
    config = AmoConfig.model_validate({"address": account.sandbox.url})
    return AmoCrm(config, Runtime("main", clock or account.clock, account.quota, "test", tokens=account.tokens))


def pair_in(tokens: MemoryTokens) -> Pair:
    pair = load_pair(tokens.get("main", PAIR) or "")
    assert pair is not None
    return pair


def age(account: Account, tokens: MemoryTokens) -> Pair:
    """Let the access token come to its end."""
    pair = pair_in(tokens)
    account.sandbox.control.advance((pair.expires_at - account.clock.now()).total_seconds() + 1)
    return pair


def test_a_code_gives_a_pair_that_reads_the_account() -> None:
    with integrated() as (_, crm, tokens):
        assert crm.deal("70001").id == "70001"
        assert account_in(pair_in(tokens).access.get_secret_value()) == "300100"


def test_a_code_is_good_for_once(account: Account) -> None:
    code = account.sandbox.control.new_code()
    assert exchanged(account, code).refresh
    with pytest.raises(Reauthorise):
        exchanged(account, code)


@pytest.mark.parametrize("grace", ["until_new_used", "strict"])
def test_a_pair_is_renewed_before_it_ends_and_kept(grace: str) -> None:
    with integrated(settings={"oauth": {"refresh_grace": grace}}) as (account, crm, tokens):
        old = age(account, tokens)
        assert crm.deal("70001").id == "70001"
        fresh = pair_in(tokens)
        assert fresh.refresh != old.refresh
        assert fresh.expires_at - account.clock.now() > timedelta(hours=23)
        assert crm.deal("70001").id == "70001"
        assert account.requests(TOKEN) == 2


class RealSleep(AccountClock):
    """The account's clock for several threads: one that waits must not make the time of the others pass."""

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


@pytest.mark.parametrize("grace", ["until_new_used", "strict"])
def test_two_processes_renew_the_pair_once(grace: str) -> None:
    with integrated(settings={"oauth": {"refresh_grace": grace}}) as (account, _, tokens):
        age(account, tokens)
        asked = account.requests(TOKEN)
        ports = [another(account, RealSleep(account.sandbox)) for _ in range(2)]
        with ThreadPoolExecutor(6) as pool:
            found = list(pool.map(lambda port: len(port.pipelines()), ports * 3))
        for port in ports:
            port.close()
        assert found == [2] * 6
        assert account.requests(TOKEN) == asked + 1


def test_a_lost_answer_is_asked_for_again_with_the_same_old_token() -> None:
    with integrated() as (account, crm, tokens):
        age(account, tokens)
        account.fault(TOKEN, kind="lose_reply", applied=True)
        assert crm.deal("70001").id == "70001"
        assert account.requests(TOKEN) == 3


def test_after_many_lost_answers_the_old_token_still_works_later() -> None:
    with integrated() as (account, crm, tokens):
        old = age(account, tokens)
        # Every attempt of a read asks twice.
        account.fault(TOKEN, times=8, kind="lose_reply", applied=True)
        with pytest.raises(RetryLater):
            crm.deal("70001")
        assert pair_in(tokens) == old
        assert crm.deal("70001").id == "70001"


def test_a_lost_answer_where_the_old_token_dies_at_once_ends_in_a_clear_alarm() -> None:
    with integrated(settings={"oauth": {"refresh_grace": "strict"}}) as (account, crm, tokens):
        age(account, tokens)
        account.fault(TOKEN, kind="lose_reply", applied=True)
        with pytest.raises(Reauthorise) as raised:
            crm.deal("70001")
        assert "sverka connect amocrm --oauth" in raised.value.for_person
        asked = account.requests(TOKEN)
        with pytest.raises(Reauthorise):
            crm.deal("70001")
        assert account.requests(TOKEN) == asked


def test_a_dead_pair_is_asked_about_once_in_ten_minutes_and_lives_again_where_the_vendor_takes_it() -> None:
    with integrated() as (account, crm, tokens):
        age(account, tokens)
        # The front of the token service stands in for it: a page instead of an answer.
        account.fault(TOKEN, times=3, kind="refuse", status=403)
        asked = account.requests(TOKEN)
        for _ in range(59):
            with pytest.raises(Reauthorise):
                crm.deal("70001")
            account.sandbox.control.advance(10)
        assert account.requests(TOKEN) == asked + 1
        account.sandbox.control.clear_faults()
        account.sandbox.control.advance(10)
        assert crm.deal("70001").id == "70001"


def test_the_alarm_names_the_whole_command_of_its_connection() -> None:
    with integrated() as (account, _, tokens):
        tokens.put("opt", PAIR, exchanged(account).dump())
        account.sandbox.control.revoke()
        config = AmoConfig.model_validate({"address": account.sandbox.url})
        crm = AmoCrm(config, Runtime("opt", account.clock, account.quota, "test", tokens=tokens))
        with pytest.raises(Reauthorise) as raised:
            crm.deal("70001")
        assert raised.value.for_person.endswith("sverka connect amocrm --name opt --oauth.")
        tokens.put("opt", LONG_LIVED, "stale")
        with pytest.raises(Reauthorise) as raised:
            crm.deal("70001")
        assert raised.value.for_person.endswith("sverka connect amocrm --name opt.")
        crm.close()


class Overtaken(MemoryTokens):
    """A store where somebody else renews the pair while ours is being asked for: the turn came to its end meanwhile."""

    overtake: Callable[[KeptSecret], str] | None = None
    turns = 0

    def take_turn(self, connection: str, name: str, version: int, owner: str, seconds: float) -> bool:
        taken = super().take_turn(connection, name, version, owner, seconds)
        kept, overtake = self.read(connection, name), self.overtake
        self.turns += taken
        # The first is taken to begin, the second to ask.
        if self.turns == 2 and kept is not None and overtake is not None:
            self.overtake = None
            self.put(connection, name, overtake(kept))
        return taken


def test_a_token_that_was_spent_by_somebody_quicker_is_read_anew_without_an_alarm() -> None:
    with served(seed(settings={"oauth": {"refresh_grace": "strict"}})) as account:
        tokens = Overtaken(account.clock)
        tokens.put("main", PAIR, exchanged(account).dump())
        config = AmoConfig.model_validate({"address": account.sandbox.url})
        crm = AmoCrm(config, Runtime("main", account.clock, account.quota, "test", tokens=tokens))
        age(account, tokens)
        tokens.overtake = lambda kept: renewed(account, kept.value)
        assert crm.deal("70001").id == "70001"
        assert [r.status for r in account.sandbox.control.requests if r.method == TOKEN] == [200, 200, 401]
        crm.close()


def renewed(account: Account, text: str) -> str:
    """What another process makes of a stored pair."""
    pair = load_pair(text)
    assert pair is not None
    http = HttpClient(Origin.of(account.sandbox.url), user_agent="test")
    proof = {"grant_type": "refresh_token", "refresh_token": pair.refresh.get_secret_value()}
    try:
        return ask_for_pair(http, pair, proof, account.clock, "refused").dump()
    finally:
        http.close()


def test_fifty_calls_that_wait_for_one_renewal_share_its_failure() -> None:
    with integrated() as (account, _, tokens):
        age(account, tokens)
        crm = another(account, RealSleep(account.sandbox))
        account.fault(TOKEN, times=None, kind="refuse", status=401)
        asked = account.requests(TOKEN)

        def read(_number: int) -> str:
            try:
                return crm.deal("70001").id
            except Reauthorise:
                return "reauthorise"

        with ThreadPoolExecutor(50) as pool:
            assert set(pool.map(read, range(50))) == {"reauthorise"}
        assert account.requests(TOKEN) == asked + 1
        crm.close()


def test_connecting_anew_needs_no_restart() -> None:
    with integrated() as (account, crm, tokens):
        account.sandbox.control.revoke()
        with pytest.raises(Reauthorise):
            crm.deal("70001")
        account.sandbox.control.advance(2)
        tokens.put("main", PAIR, exchanged(account).dump())
        account.sandbox.control.advance(2)
        assert crm.deal("70001").id == "70001"


def test_a_pair_that_somebody_else_renewed_meanwhile_is_taken() -> None:
    with integrated(settings={"oauth": {"refresh_grace": "strict"}}) as (account, crm, tokens):
        other = another(account)
        age(account, tokens)
        assert other.deal("70001").id == "70001"
        other.close()
        asked = account.requests(TOKEN)
        assert crm.deal("70001").id == "70001"
        assert account.requests(TOKEN) == asked


def test_an_access_token_refused_before_its_time_is_renewed_even_for_a_write() -> None:
    with integrated() as (account, crm, _):
        account.fault("GET /api/v4/leads/70001", kind="refuse", status=401)
        account.fault("PATCH /api/v4/leads/70001", kind="refuse", status=401)
        assert crm.move("70001", WAITING, PAID, "op").outcome is MoveOutcome.MOVED
        assert account.requests(TOKEN) == 3


def test_an_account_that_refuses_every_token_is_asked_once_more_and_no_oftener() -> None:
    with integrated() as (account, crm, _):
        account.fault("GET /api/v4/leads/70001", times=None, kind="refuse", status=401)
        with pytest.raises(Reauthorise):
            crm.deal("70001")
        assert account.requests("GET /api/v4/leads/70001") == 2


def test_a_refresh_token_that_was_not_used_for_three_months_is_dead() -> None:
    with integrated() as (account, crm, _):
        account.sandbox.control.advance(91 * 24 * 3600)
        with pytest.raises(Reauthorise):
            crm.deal("70001")


def test_a_block_answers_the_token_endpoint_too() -> None:
    with integrated() as (account, crm, tokens):
        age(account, tokens)
        account.sandbox.control.account.limiter.blocked = True
        with pytest.raises(RetryLater) as raised:
            crm.deal("70001")
        assert raised.value.after_s
        account.sandbox.control.unblock()


def test_a_process_that_died_renewing_holds_the_turn_for_a_while_only() -> None:
    with integrated() as (account, crm, tokens):
        age(account, tokens)
        kept = tokens.read("main", PAIR)
        assert kept is not None
        assert tokens.take_turn("main", PAIR, kept.version, "dead", 20)
        # The waiting call is over, or the turn is: whichever comes first, a later call gets through.
        try:
            crm.deal("70001")
        except RetryLater:
            account.sandbox.control.advance(20)
        assert crm.deal("70001").id == "70001"


def test_a_long_lived_token_in_the_store_is_read_for_each_call(account: Account) -> None:
    account.tokens.put("main", LONG_LIVED, "stale")
    crm = another(account)
    try:
        with pytest.raises(Reauthorise):
            crm.deal("70001")
        account.tokens.put("main", LONG_LIVED, account.sandbox.access_token)
        assert crm.deal("70001").id == "70001"
    finally:
        crm.close()


def test_without_any_access_a_person_is_asked(account: Account) -> None:
    crm = another(account)
    try:
        with pytest.raises(Reauthorise) as raised:
            crm.deal("70001")
    finally:
        crm.close()
    assert "sverka connect amocrm" in raised.value.for_person
