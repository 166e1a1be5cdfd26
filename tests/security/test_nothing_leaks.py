"""A day's work with known secrets and known people: nothing of them stands where it must not."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.support.live import CONNECTION, LiveHub, Portal, wait_for
from tests.support.portal import seed
from tests.support.statements import CLIENT_ACCOUNT, Received, statement

PASSWORD = "zvezdochka-nad-morem-1912"
HOOK_SECRET = "hook-secret-6b1f0c9d"
METRICS_TOKEN = "metrics-token-7d2e9a11"
PEOPLE = ("Фиалка", "Чижиков", "Вымпелкин", "7700000016", "500100732259", CLIENT_ACCOUNT, "чернозём")
LINES = [
    Received("51", "1000.00", "Оплата по счету № 701 от 10.03.2026 за чернозём от Чижиков П. И."),
    Received("52", "17.00", "чернозём без номера", tax_id="500100732259", name="ИП Вымпелкин Антон Ильич"),
    Received("53", "2000.50", "Оплата по счету № 702 <script>чернозём</script>"),
]
_CSRF = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


@dataclass
class Day:
    """A hub after a day of good and bad things, still at work.

    Attributes:
        pages: every page of the desk that was opened, by its path.
        said: what commands printed, by command.
    """

    hub: LiveHub
    secrets: tuple[str, ...]
    pages: dict[str, str]
    said: dict[str, str]

    def logs(self) -> str:
        """Log file and what the processes printed."""
        return "\n".join(
            path.read_text(encoding="utf-8")
            for path in (self.hub.folder / "data" / "sverka.log", self.hub.folder / "up.log")
        )


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """Live through the day once."""
    folder = tmp_path_factory.mktemp("day")
    with Portal(folder, seed(["1000.00", "2000.50"])) as portal:
        hooks = {"application_token": portal.address["application_token"], "hook_secret": HOOK_SECRET}
        settings = {"metrics": {"token": METRICS_TOKEN}, "log": {"level": "debug"}}
        hub = LiveHub(folder / "hub", portal.address["webhook_url"], connection=hooks, more=settings)
        hub.start()
        try:
            yield _live(hub, portal)
        finally:
            hub.stop()


def _live(hub: LiveHub, portal: Portal) -> Day:
    said = {"user add": _said(hub, "user", "add", "buh", "--password-stdin", stdin=f"{PASSWORD}\n")}
    with httpx.Client(base_url=hub.address, headers={"Origin": hub.address}, timeout=30, trust_env=False) as browser:
        csrf = _sign_in(browser, "wrong-password-0001")
        assert csrf == ""
        csrf = _sign_in(browser, PASSWORD)
        cookie = next(iter(browser.cookies.values()))
        _hooks(hub, portal)
        _trouble(portal)
        for name, raw in {"good.txt": statement(LINES), "bad.txt": "чернозём от Чижиков\n".encode()}.items():
            browser.post("/uploads", data={"csrf": csrf}, files={"files": (name, raw)})
        broken = statement(LINES).replace(b"2000.50", b"two thousand")
        browser.post("/uploads", data={"csrf": csrf}, files={"files": ("broken.txt", broken)})
        _wait_for_the_moves(portal)
        _refuse(hub, portal)
        pages = _pages(browser)
    for command in (["status"], ["status", "--json"], ["doctor"], ["check"], ["resume"], ["act", "нет-такого"]):
        said[" ".join(command)] = _said(hub, *command)
    key = (hub.folder / "data" / "secret.key").read_text().strip()
    secrets = (*portal.secrets, PASSWORD, HOOK_SECRET, METRICS_TOKEN, cookie, csrf, key)
    return Day(hub, secrets, pages, said)


def _said(hub: LiveHub, *arguments: str, stdin: str = "") -> str:
    result = hub.run(*arguments, stdin=stdin)
    return result.stdout + result.stderr


def _sign_in(browser: httpx.Client, password: str) -> str:
    """Sign in; the CSRF token of the session, empty when refused."""
    found = _CSRF.search(browser.get("/sign-in").text)
    assert found is not None
    answer = browser.post("/sign-in", data={"csrf": found[1], "login": "buh", "password": password})
    found = _CSRF.search(browser.get("/status").text) if answer.status_code == 303 else None
    return found[1] if found is not None else ""


def _hooks(hub: LiveHub, portal: Portal) -> None:
    """A good hook, one with a wrong token, one at a wrong address, one that is no form."""
    door = f"{hub.address}/hooks/{CONNECTION}/{HOOK_SECRET}"
    token = portal.address["application_token"]
    form = {"event": "ONCRMDEALUPDATE", "data[FIELDS][ID]": "9001", "auth[application_token]": token}
    assert httpx.post(door, data=form, trust_env=False).status_code == 204
    assert httpx.post(door, data=form | {"auth[application_token]": "guess"}, trust_env=False).status_code == 401
    assert httpx.post(f"{door}x", data=form, trust_env=False).status_code == 404
    odd = "event=ONCRMDEALUPDATE&data[FIELDS][ID]=9002&%61uth[application_token]=" + token
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    assert httpx.post(door, content=odd, headers=headers, trust_env=False).status_code == 204
    httpx.post(door, content=b"\xff\x00 Bearer " + token.encode(), trust_env=False)


def _trouble(portal: Portal) -> None:
    """The CRM fails in ways that quote what it was sent."""
    fail = {"kind": "refuse", "status": 500, "code": "FAIL", "description": "ООО «Фиалка» ИНН 7700000016 чернозём"}
    half = {"kind": "half_reply"}
    for action in (fail, half):
        portal.control("faults", {"match": {"method": "crm.item.update"}, "times": 1, "action": action})


def _wait_for_the_moves(portal: Portal) -> None:
    moved = {"deal"}
    wait_for(lambda: moved <= {row["entity_type"] for row in portal.writes()}, 60, "a deal is moved")


def _refuse(hub: LiveHub, portal: Portal) -> None:
    """At last the webhook is refused."""
    refused = {"kind": "refuse", "status": 401, "code": "NO_AUTH_FOUND", "description": "Wrong authorization data"}
    portal.control("faults", {"match": {"method": "*"}, "times": None, "action": refused})
    wait_for(lambda: "NO_AUTH_FOUND" in _log(hub), 60, "the refusal is seen")


def _log(hub: LiveHub) -> str:
    return (hub.folder / "data" / "sverka.log").read_text(encoding="utf-8")


def _pages(browser: httpx.Client) -> dict[str, str]:
    paths = ["/", "/status", "/planned", "/stopped", "/uploads", "/nowhere", *(f"/payments/p{n}" for n in (1, 2, 3))]
    paths += [f"/uploads/{n}" for n in range(1, 9)]
    return {path: browser.get(path).text for path in paths}


def _found(text: str, needles: tuple[str, ...]) -> list[str]:
    return [needle for needle in needles if needle and needle in text]


@pytest.mark.chaos
def test_the_day_was_lived(day: Day) -> None:
    """The other tests say something only if the paths were really gone."""
    log = day.logs()
    assert "connection.trouble" in log
    assert "Фиалка" in day.pages["/payments/p1"]
    assert any("не читается" in page or "не выписка" in page.lower() for page in day.pages.values())


@pytest.mark.chaos
def test_no_secret_stands_in_a_log(day: Day) -> None:
    assert _found(day.logs(), day.secrets) == []


@pytest.mark.chaos
def test_no_payer_and_no_purpose_stands_in_a_log(day: Day) -> None:
    log = day.logs()
    assert _found(log, PEOPLE) == []
    assert _found(log.encode().decode("unicode-escape", "replace"), PEOPLE) == []


@pytest.mark.chaos
@pytest.mark.row(33)
def test_every_line_of_the_log_is_one_event(day: Day) -> None:
    import json

    events = [json.loads(line)["event"] for line in _log(day.hub).splitlines()]
    assert all(isinstance(event, str) for event in events)
    assert {"sign_in.refused", "connection.trouble"} <= set(events)


@pytest.mark.chaos
def test_no_secret_stands_on_a_page(day: Day) -> None:
    own_form = day.secrets[-2]
    for path, page in day.pages.items():
        # The form's own token belongs to the page and to this session alone.
        assert _found(page.replace(own_form, ""), day.secrets) == [], path


@pytest.mark.chaos
def test_no_command_prints_a_secret(day: Day) -> None:
    for command, text in day.said.items():
        assert text, command
        assert _found(text, day.secrets) == [], command


@pytest.mark.chaos
def test_machines_are_told_figures_only(day: Day) -> None:
    bearer = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    for path in ("/health", "/ready", "/metrics"):
        text = httpx.get(f"{day.hub.address}{path}", headers=bearer, trust_env=False).text
        assert len(text) > 20, path
        assert _found(text, (*day.secrets, *PEOPLE, "buh")) == [], path


@pytest.mark.chaos
def test_the_live_hub_counts_hooks_and_calls_and_its_timer_ticks(day: Day) -> None:
    bearer = {"Authorization": f"Bearer {METRICS_TOKEN}"}
    text = httpx.get(f"{day.hub.address}/metrics", headers=bearer, trust_env=False).text
    assert f'sverka_hooks_total{{connection="{CONNECTION}",status="204"}} 2.0' in text
    assert re.search(rf'sverka_crm_calls_total{{connection="{CONNECTION}",outcome="200"}} [1-9]', text)
    assert f'sverka_crm_calls_total{{connection="{CONNECTION}",outcome="401"}}' in text
    ready = httpx.get(f"{day.hub.address}/ready", trust_env=False).json()
    assert ready["db"]
    assert "timer" not in ready["lagging"]


@pytest.mark.chaos
def test_a_dump_of_the_database_opens_nothing(day: Day) -> None:
    file = day.hub.folder / "data" / "hub.sqlite3"
    with closing(sqlite3.connect(file)) as connection:
        rows = [row for (name,) in _tables(connection) for row in connection.execute(f'SELECT * FROM "{name}"')]
    text = "\n".join(str(value) if not isinstance(value, bytes) else _text(value) for row in rows for value in row)
    assert len(text) > 1000
    assert _found(text, day.secrets) == []
    raw = b"".join(Path(f"{file}{end}").read_bytes() for end in ("", "-wal") if Path(f"{file}{end}").exists())
    assert [secret for secret in day.secrets if secret.encode() in raw] == []


def _tables(connection: sqlite3.Connection) -> list[tuple[str]]:
    return list(connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'"))


def _text(value: bytes) -> str:
    return value.decode("utf-8", "replace") + value.decode("cp1251", "replace")
