"""Row 1, step 12: the hub is killed when it holds a new pair of tokens that is not stored yet.

Where the vendor still takes the old refresh token, the next start renews by itself and nobody hears of it. Where the
old one died, the connection stops with an alarm that names one command, and that command mends it while the hub runs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox, running_sandbox
from hub.ports.records import ConnectionRow, Health
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from tests.contract.amocrm_connector.account import seed
from tests.support.desk import DeskClient
from tests.support.live import CONNECTION, LiveHub, wait_for
from tests.support.matrix import Figures
from tests.support.side_by_side import Ground

pytestmark = [pytest.mark.chaos, pytest.mark.row(1)]
TOKEN: Final = "POST /oauth2/access_token"
SCALE: Final = 0.2
#: What the alarm may take, and no more than that: a minute, at the scale of these tests.
ALARM_S: Final = 60 * SCALE
#: Starting a process on a busy machine.
START_S: Final = 15
RULES: Final = 'pipelines: {"9001": {deal_paid: {stage: "61003"}}}\n'


@dataclass
class Office:
    """An account with an integration, and a hub that is to work with it."""

    sandbox: RunningSandbox
    hub: LiveHub

    def tokens_asked(self) -> list[int]:
        """How each request for a pair was answered, in order."""
        return [record.status for record in self.sandbox.control.requests if record.method == TOKEN]

    def connect(self, command: str = "connect amocrm --oauth") -> str:
        """Run a command that takes a fresh code; the keys are asked for where the hub does not know them."""
        sandbox = self.sandbox
        done = self.hub.run(
            *command.split(),
            SVERKA_AMO_CLIENT_ID=sandbox.client_id,
            SVERKA_AMO_CLIENT_SECRET=sandbox.client_secret,
            SVERKA_AMO_REDIRECT_URI=sandbox.redirect_uri,
            SVERKA_AMO_CODE=sandbox.control.new_code(),
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def connection(self) -> ConnectionRow:
        with self.hub.opened() as database, SqlStore(database).read() as uow:
            return next(row for row in uow.connections.all() if row.id == CONNECTION)

    def is_told_as(self, health: Health) -> bool:
        return self.connection().health is health

    def alarms(self) -> list[Mapping[str, Any]]:
        """Every «dead» of the journal."""
        with self.hub.opened() as database:
            lines = Queries(database).journal(limit=500)
        return [row.data for row in lines if row.event == "connection.changed" and row.data["health"] == "dead"]

    def end_token(self) -> None:
        """The access token comes to its end; the hub learns it from the next answer."""
        self.sandbox.control.advance(86_401)

    def die_renewing(self) -> None:
        """Start a hub that is killed with the new pair in its hands."""
        self.end_token()
        self.hub.start("token_reply", wait=False)
        self.hub.wait_until_killed()


@contextmanager
def office(ground: Ground, grace: str) -> Iterator[Office]:
    settings = {"oauth": {"refresh_grace": grace}, "rate_limit": {"enabled": False}}
    with running_sandbox(seed(settings=settings)) as sandbox:
        block = {"system": "amocrm", "address": sandbox.url, "rules": "rules.yaml", "poll_every_s": 60}
        hub = LiveHub(
            ground.folder / "hub",
            "",
            ground.database,
            scale=SCALE,
            rules=RULES,
            warm=True,
            more={"connections": {CONNECTION: block}},
        )
        made = Office(sandbox, hub)
        try:
            made.connect(f"connect amocrm --name {CONNECTION} --oauth")
            yield made
        except AssertionError as error:
            error.add_note(f"{made.tokens_asked()}\n{hub.output()}")
            raise
        finally:
            hub.stop()


@pytest.fixture
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Ground:
    if request.param == "sqlite":
        return Ground(tmp_path, "sqlite:///data/hub.sqlite3")
    url = request.getfixturevalue("postgres_url")
    return Ground(tmp_path, url.render_as_string(hide_password=False))


ON_BOTH: Final = pytest.mark.parametrize("ground", ["sqlite", "postgres"], indirect=True)


@ON_BOTH
def test_a_pair_that_was_lost_with_the_process_is_asked_for_again_by_the_old_token(
    ground: Ground, figures: Figures
) -> None:
    with office(ground, "until_new_used") as it:
        it.die_renewing()
        died_at = time.monotonic()
        assert it.tokens_asked() == [200, 200], "the code, and the renewal that was lost"
        it.hub.start()
        polled = it.connection().polled_at
        wait_for(lambda: len(it.tokens_asked()) == 3, ALARM_S + START_S, "the old token is sent again")
        wait_for(lambda: it.connection().polled_at != polled, START_S, "the account is read")
        figures.most("token recovery s", time.monotonic() - died_at)
        assert it.tokens_asked() == [200, 200, 200]
        assert it.is_told_as(Health.OK)
        assert it.alarms() == []
        figures.total("kills", 1)


@ON_BOTH
def test_where_the_old_token_died_one_alarm_names_one_command_that_mends_it(ground: Ground, figures: Figures) -> None:
    with office(ground, "strict") as it:
        it.die_renewing()
        it.hub.start()
        began_at = time.monotonic()
        wait_for(lambda: it.is_told_as(Health.DEAD), ALARM_S + START_S, "the alarm")
        alarm_s = time.monotonic() - began_at
        assert alarm_s <= ALARM_S
        figures.most("alarm s at 1:5", alarm_s)
        asked = it.tokens_asked()
        assert asked == [200, 200, 401], "one question was enough"
        said = it.hub.run("status").stdout
        commands = set(re.findall(r"sverka (connect amocrm[^.;]*)\.", said))
        assert commands == {f"connect amocrm --name {CONNECTION} --oauth"}
        with DeskClient(it.hub) as desk:
            assert f"sverka connect amocrm --name {CONNECTION} --oauth" in desk.page("/status")
        # More than a poll later, by the schedule of a healthy connection.
        time.sleep(1.2 * ALARM_S)
        assert it.tokens_asked() == asked
        assert len(it.alarms()) == 1
        polled = it.connection().polled_at
        it.connect(f"{commands.pop()} --skip-read")
        wait_for(lambda: it.is_told_as(Health.OK), ALARM_S + START_S, "the connection lives again")
        wait_for(lambda: it.connection().polled_at != polled, START_S, "the account is read")
        assert it.tokens_asked() == [*asked, 200]
        assert len(it.alarms()) == 1
        figures.total("kills", 1)
