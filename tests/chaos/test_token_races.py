"""The pair of tokens comes to its end while two processes are busy: it is renewed once, and no call is lost by it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import URL

from connectors.amocrm.credential import PAIR, load_pair
from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox
from connectors.shared.memory import SystemClock
from hub.store.engine import Database
from hub.store.tokens import SqlTokens, new_key
from tests.contract.amocrm_connector.account import seed
from tests.contract.amocrm_connector.test_amo_access import TOKEN, pair_of
from tests.support.live import environment
from tests.support.matrix import Figures

ROOT: Final = Path(__file__).parents[2]
PROCESSES: Final = 2
CALLS: Final = 50
DEAL: Final = "GET /api/v4/leads/70001"


@contextmanager
def process(**order: Any) -> Iterator[subprocess.Popen[str]]:
    """A process with a connector of its own that is ready to read."""
    command = [sys.executable, "-m", "tests.support.token_process", json.dumps(order)]
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=ROOT, env=environment(), **pipes) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        yield started


def ends_of(sandbox: RunningSandbox, url: URL, key: str) -> list[str]:
    """Both processes read at once; how each of their calls ended."""
    order = {"address": sandbox.url, "database": url.render_as_string(hide_password=False), "key": key, "calls": CALLS}
    with ExitStack() as stack:
        started = [stack.enter_context(process(**order)) for _ in range(PROCESSES)]
        for one in started:
            assert one.stdin is not None
            one.stdin.write("go\n")
            one.stdin.flush()
        told = [one.communicate(timeout=120)[0] for one in started]
    return [end for text in told for end in json.loads(text)]


def statuses(sandbox: RunningSandbox) -> Counter[tuple[str, int]]:
    return Counter((record.method, record.status) for record in sandbox.control.requests)


@pytest.mark.chaos
@pytest.mark.row(1)
@pytest.mark.parametrize("told", ["we know", "only the vendor knows"])
def test_two_processes_with_fifty_calls_each_renew_an_expired_pair_exactly_once(
    database_url: URL, open_url: Callable[[URL], Database], told: str, figures: Figures
) -> None:
    with running_sandbox(seed(settings={"oauth": {"refresh_grace": "strict"}})) as sandbox:
        key = new_key()
        tokens = SqlTokens(open_url(database_url), [key], SystemClock())
        pair = pair_of(sandbox, SystemClock())
        ends_at = datetime.now(UTC) - timedelta(seconds=1) if told == "we know" else pair.expires_at
        tokens.put("main", PAIR, pair.model_copy(update={"expires_at": ends_at}).dump())
        sandbox.control.advance(86_401)
        before = statuses(sandbox)
        ends = ends_of(sandbox, database_url, key)
        seen = statuses(sandbox) - before
        assert Counter(ends) == {"70001": PROCESSES * CALLS}
        assert seen[TOKEN, 200] == 1
        assert [call for call in seen if call[0] == TOKEN] == [(TOKEN, 200)]
        assert seen[DEAL, 200] == PROCESSES * CALLS
        assert seen[DEAL, 429] == 0
        # Only calls that were under way with the old token are answered with 401, each once.
        assert seen[DEAL, 401] <= (0 if told == "we know" else 16)
        kept = tokens.read("main", PAIR)
        assert kept is not None
        fresh = load_pair(kept.value)
        assert fresh is not None
        assert fresh.refresh != pair.refresh
        assert kept.version == 2
        figures.total("calls at expiry", seen[DEAL, 200])
        figures.total("renewals", seen[TOKEN, 200])
