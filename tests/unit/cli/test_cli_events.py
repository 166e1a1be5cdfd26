"""`sverka events`: lists, shows, sends again after a preview, tests and enables a receiver, never shows a secret."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.composition.hub import Hub, open_hub
from hub.config import create_key_file, load_config
from hub.ports.events import DeliveryState, EventFilter, EventType, NewEvent
from tests.support.receiver import SECRET, HttpReceiver, http_receiver

SETTINGS = """\
company:
  name: Ромашка
events:
  books:
    url: {url}?token=topsecret
    secret: {secret}
    allow_private: true
  chat:
    url: https://chat.example/hook
    secret: {secret}
    types: [item.needs_you]
"""
UNTIL_NOW = ("--since", "2026-03-01")


@pytest.fixture
def receiver() -> Iterator[HttpReceiver]:
    with http_receiver() as found:
        yield found


@pytest.fixture
def config_path(tmp_path: Path, receiver: HttpReceiver) -> Path:
    path = tmp_path / "sverka.yaml"
    path.write_text(SETTINGS.format(url=receiver.url, secret=SECRET), encoding="utf-8")
    create_key_file(tmp_path / "data" / "secret.key")
    return path


def run(config_path: Path, *arguments: str, typed: str | None = None) -> Result:
    result = CliRunner().invoke(cli, ["events", *arguments, "--config", str(config_path)], input=typed)
    assert "topsecret" not in result.output + result.stderr
    assert SECRET not in result.output + result.stderr
    return result


def record(config_path: Path, kind: EventType = EventType.PAYMENT_MATCHED, subject: str = "p1") -> str:
    """An event as a service records it; its id."""
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.write() as uow:
        wanting = [name for name, endpoint in hub.rt.endpoints.items() if kind in endpoint.types]
        return uow.events.add(NewEvent(kind, subject, {"amount": "1000.00"}), wanting, hub.clock.now())


def settle(hub: Hub, state: DeliveryState, status: int) -> None:
    """What a sender wrote down about the next event of `books`."""
    now = hub.clock.now()
    with hub.rt.store.write() as uow:
        row = uow.events.claim("books", "test", now, 60)
        assert row is not None
        if state is DeliveryState.DONE:
            uow.events.done(row.id, "test", status, now)
        else:
            uow.events.postpone(row.id, "test", f"Получатель ответил {status}.", status, now + timedelta(hours=1))
        uow.events.release("books", "test")


def states(config_path: Path) -> list[DeliveryState]:
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        found = uow.events.deliveries([event.number for event in uow.events.find(EventFilter(), 10)])
    return [row.state for rows in found.values() for row in rows]


def test_the_list_says_what_became_of_each_event(config_path: Path) -> None:
    first = record(config_path)
    second = record(config_path, EventType.DEAL_MOVED, "main/9")
    with open_hub(load_config(config_path), connect=False) as hub:
        settle(hub, DeliveryState.DONE, 204)
        settle(hub, DeliveryState.QUEUED, 500)
    newest, oldest = run(config_path, "list").output.splitlines()
    assert newest.startswith(second)
    assert "deal.moved  main/9  books: ждёт, попыток 1, Получатель ответил 500., следующая" in newest
    assert oldest.startswith(first)
    assert oldest.endswith("payment.matched  p1  books: принято (204)")


def test_the_list_is_narrowed_by_type_state_receiver_and_day(config_path: Path) -> None:
    record(config_path)
    needs = record(config_path, EventType.ITEM_NEEDS_YOU, "p2")
    for arguments in (["--type", "item.needs_you"], ["--endpoint", "chat", "--state", "queued"]):
        (line,) = run(config_path, "list", *arguments).output.splitlines()
        assert line.startswith(needs)
    assert run(config_path, "list", "--until", "2026-01-01").output == "Таких событий нет.\n"
    assert run(config_path, "list", "--state", "failed", "--lang", "en").output == "No such events.\n"


def test_an_unknown_receiver_is_named_with_those_there_are(config_path: Path) -> None:
    result = run(config_path, "list", "--endpoint", "nobody")
    assert result.exit_code == 1
    assert "Получателя «nobody»" in result.stderr
    assert "Есть: books, chat." in result.stderr


def test_show_prints_the_body_as_it_is_received(config_path: Path) -> None:
    event_id = record(config_path)
    body, delivery = run(config_path, "show", event_id).output.splitlines()
    assert json.loads(body)["data"] == {"amount": "1000.00"}
    assert (json.loads(body)["id"], json.loads(body)["type"]) == (event_id, "payment.matched")
    assert delivery == "books: ждёт"


@pytest.mark.parametrize("command", ["show", "send"])
def test_an_unknown_event_is_said(config_path: Path, command: str) -> None:
    result = run(config_path, command, "evt_no")
    assert (result.exit_code, "evt_no нет" in result.stderr) == (1, True)


def test_one_event_is_queued_again(config_path: Path) -> None:
    event_id = record(config_path)
    with open_hub(load_config(config_path), connect=False) as hub:
        settle(hub, DeliveryState.DONE, 200)
    result = run(config_path, "send", event_id)
    assert (result.exit_code, result.stderr) == (0, "")
    assert "books: поставлено в очередь 1." in result.output
    assert states(config_path) == [DeliveryState.QUEUED]


def test_an_event_that_nobody_wants_is_not_queued(config_path: Path) -> None:
    event_id = record(config_path)
    result = run(config_path, "send", event_id, "--endpoint", "chat")
    assert result.exit_code == 1
    assert "Никто из получателей не ждёт payment.matched" in result.stderr


def test_a_replay_says_how_much_and_asks_first(config_path: Path) -> None:
    record(config_path)
    with open_hub(load_config(config_path), connect=False) as hub:
        settle(hub, DeliveryState.DONE, 200)
    refused = run(config_path, "replay", *UNTIL_NOW, typed="n\n")
    assert refused.exit_code == 1
    assert "books: событий 1" in refused.output
    assert states(config_path) == [DeliveryState.DONE]
    assert run(config_path, "replay", *UNTIL_NOW, "--yes").exit_code == 0
    assert states(config_path) == [DeliveryState.QUEUED]
    assert run(config_path, "replay", *UNTIL_NOW, "--failed", "--yes").output == "Отправлять нечего.\n"


def test_a_replay_that_ends_before_it_begins_is_a_wrong_call(config_path: Path) -> None:
    result = run(config_path, "replay", "--since", "2026-03-02", "--until", "2026-03-01")
    assert (result.exit_code, "--until раньше" in result.stderr) == (2, True)


def test_a_ping_is_sent_at_once_with_a_true_signature(config_path: Path, receiver: HttpReceiver) -> None:
    result = run(config_path, "test", "books")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "принято, ответ 204." in result.output
    (message,) = receiver.received
    assert message.json["type"] == "ping"
    assert receiver.forged == []


def test_a_ping_that_is_refused_or_unanswered_is_a_problem(config_path: Path, receiver: HttpReceiver) -> None:
    receiver.statuses.append(500)
    result = run(config_path, "test", "books")
    assert (result.exit_code, "ответил 500" in result.stderr) == (1, True)
    receiver.close()
    result = run(config_path, "test", "books")
    assert (result.exit_code, "не принимает соединение" in result.stderr) == (1, True)


def test_a_disabled_receiver_is_enabled_by_a_person(config_path: Path) -> None:
    event_id = record(config_path)
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.write() as uow:
        uow.events.disable("books", "Получатель ответил 410.", hub.clock.now())
    assert "sverka events enable books" in run(config_path, "send", event_id).output
    assert "снова получает" in run(config_path, "enable", "books").output
    assert "и не был отключён" in run(config_path, "enable", "books").output


def test_a_new_secret_is_one_of_the_standards(config_path: Path) -> None:
    made = CliRunner().invoke(cli, ["events", "secret"]).output.strip()
    assert made.startswith("whsec_")
    assert len(base64.b64decode(made.removeprefix("whsec_"))) == 32
