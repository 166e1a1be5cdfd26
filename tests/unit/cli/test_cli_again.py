"""`sverka replay`, `sverka redrive` and `sverka status`: shown first, done when told."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from hub.cli.app import cli
from hub.composition.hub import open_hub
from hub.config import create_key_file, load_config
from hub.domain.models import Client, Deal, Invoice, StageKind
from hub.domain.money import Money
from hub.ports.records import EffectKind, EffectState, Health, InboxState, NewEffect, PaymentState
from hub.services.apply_changes import apply_changes
from tests.unit.cli.test_cli_hub import SETTINGS, STATEMENT

RULES = """\
pipelines:
  "0":
    deal_paid:
      stage: WON
      comment: "Оплачено: {invoices}"
"""
SUM = Money.of("1500.00", "RUB")
BILL = Invoice("45", "45", date(2026, 3, 1), SUM, Money.zero("RUB"), client=Client("5"), deals=("1",))


@pytest.fixture
def config_path(tmp_path: Path) -> Path:
    """A hub that read its CRM just now; its one payment waits for a person although its invoice is there by now."""
    path = tmp_path / "sverka.yaml"
    path.write_text(SETTINGS.split("  fixed:")[0], encoding="utf-8")
    create_key_file(tmp_path / "data" / "secret.key")
    (tmp_path / "mappings").mkdir()
    (tmp_path / "mappings" / "main.yaml").write_text(RULES, encoding="utf-8")
    file = tmp_path / "март.txt"
    file.write_text(STATEMENT.format(more=""), encoding="utf-8")
    assert run(path, "import", file).exit_code == 0
    with open_hub(load_config(path), connect=False) as hub:
        deal = Deal("1", "Поставка", "0", "NEW", StageKind.OPEN, SUM, "5")
        apply_changes(hub.rt, "main", (Client("5", ("ООО Лютик",)), deal, BILL))
        with hub.rt.store.write() as uow:
            uow.payments.set_state("p1", PaymentState.NEEDS_YOU)
            uow.connections.polled("main", hub.clock.now())
            uow.connections.report("main", Health.OK, None, hub.clock.now())
    return path


def run(config_path: Path, *arguments: str | Path, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--config", str(config_path), *map(str, arguments)], input=typed)


def state_of(config_path: Path, payment_id: str = "p1") -> PaymentState:
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        row = uow.payments.get(payment_id)
    assert row is not None
    return row.state


def park(config_path: Path, reason: str) -> int:
    """An effect that stopped; its number."""
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.write() as uow:
        uow.connections.set_acting("main", True, date(2026, 3, 1))
        new = NewEffect(f"k{reason}", "main", EffectKind.COMMENT, "main/1", "p1", {"text": "Оплачено"})
        (number,) = uow.outbox.add([new], hub.clock.now())
        assert uow.outbox.claim(number, "me", hub.clock.now(), 60) is not None
        assert uow.outbox.settle(number, "me", EffectState.PARKED, {"outcome": "refused"}, reason, hub.clock.now())
    return number


def effect_state(config_path: Path, number: int) -> EffectState:
    with open_hub(load_config(config_path), connect=False) as hub, hub.rt.store.read() as uow:
        row = uow.outbox.get(number)
    assert row is not None
    return row.state


def test_a_replay_shows_before_and_after_and_writes_nothing(config_path: Path) -> None:
    result = run(config_path, "replay", "--pile", "needs_you")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "p1 02.03.2026" in result.output
    assert "было:" in result.output
    assert "стало: сопоставит машина" in result.output
    assert "+ переход main/1: WON" in result.output
    assert "решится заново 1" in result.output
    assert state_of(config_path) is PaymentState.NEEDS_YOU


def test_a_replay_is_done_after_a_yes_only(config_path: Path) -> None:
    assert run(config_path, "replay", "p1", "--apply", typed="n\n").exit_code == 1
    assert state_of(config_path) is PaymentState.NEEDS_YOU
    result = run(config_path, "replay", "p1", "--apply", typed="y\n")
    assert (result.exit_code, "Сделано" in result.output) == (0, True)
    assert state_of(config_path) is PaymentState.MATCHED
    assert '"event": "payment.replayed"' in run(config_path, "export-audit", "--subject", "p1").output
    assert "без изменений 1" in run(config_path, "replay", "p1").output


def test_payments_are_chosen_by_file_and_by_days(config_path: Path) -> None:
    assert "Платежей 1:" in run(config_path, "replay", "--file", "1").output
    assert "Платежей 0:" in run(config_path, "replay", "--file", "2").output
    assert "Платежей 1:" in run(config_path, "replay", "--since", "2026-03-02", "--until", "2026-03-02").output
    assert "Платежей 0:" in run(config_path, "replay", "--since", "2026-03-03").output


def test_another_rule_file_is_looked_at_and_not_applied(config_path: Path, tmp_path: Path) -> None:
    run(config_path, "replay", "p1", "--apply", "--yes")
    other = tmp_path / "new.yaml"
    other.write_text(RULES.replace("WON", "EXECUTING"), encoding="utf-8")
    result = run(config_path, "replay", "p1", "--rules", other)
    assert "+ переход main/1: EXECUTING" in result.output
    assert "- переход main/1: WON" in result.output
    assert run(config_path, "replay", "p1", "--rules", other, "--apply").exit_code == 2


def test_what_was_decided_is_shown_as_it_is_recorded(config_path: Path) -> None:
    run(config_path, "replay", "p1", "--apply", "--yes")
    result = run(config_path, "replay", "p1", "--as-decided")
    assert "matched" in result.output
    assert "переход main/1: WON: planned" in result.output


def test_an_unknown_payment_and_a_call_without_a_choice_are_refused(config_path: Path) -> None:
    assert "Таких платежей нет: p9" in run(config_path, "replay", "p9").stderr
    assert run(config_path, "replay").exit_code == 2
    assert run(config_path, "redrive").exit_code == 2


def test_a_file_is_read_again_and_adds_nothing(config_path: Path) -> None:
    shown = run(config_path, "replay", "--inbox", "1")
    assert "март.txt" in shown.output
    assert "Прочитает работающий хаб: 1 из 1" in run(config_path, "replay", "--inbox", "1", "--apply", "--yes").output
    from hub.services.read_inbox import read_inbox

    with open_hub(load_config(config_path), connect=False) as hub:
        read_inbox(hub.rt, 1)
        with hub.rt.store.read() as uow:
            row = uow.inbox.get(1)
    assert row is not None
    assert (row.state, row.summary and row.summary["added"], row.summary and row.summary["known"]) == (
        InboxState.DONE,
        0,
        1,
    )


def test_what_stopped_is_listed_by_its_reason_and_sent_again_when_told(config_path: Path) -> None:
    rights, gone = park(config_path, "Не хватает прав."), park(config_path, "Сделку удалили.")
    assert "Остановлено: 2" in run(config_path, "redrive", "--all").output
    listed = run(config_path, "redrive", "--reason", "ПРАВ")
    assert "Не хватает прав." in listed.output
    assert "Сделку" not in listed.output
    assert effect_state(config_path, rights) is EffectState.PARKED
    result = run(config_path, "redrive", "--reason", "прав", "--apply", typed="y\n")
    assert "Отправлено в очередь: 1" in result.output
    assert [effect_state(config_path, number) for number in (rights, gone)] == [EffectState.QUEUED, EffectState.PARKED]
    assert "не подходят: " in run(config_path, "redrive", str(rights)).stderr
    assert "Остановлено: 1" in run(config_path, "redrive", "--outcome", "refused", "--connection", "main").output
    assert "Подключения «opt» в" in run(config_path, "redrive", "--connection", "opt").stderr


def test_a_file_that_could_not_be_read_is_read_again_when_told(config_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "письмо.txt"
    file.write_text("Здравствуйте!\n", encoding="utf-8")
    run(config_path, "import", file)
    shown = run(config_path, "redrive", "--inbox")
    assert "письмо.txt" in shown.output
    assert "Прочитает работающий хаб: 1 из 1" in run(config_path, "redrive", "--inbox", "--apply", "--yes").output
    assert "Входящих: 0" in run(config_path, "redrive", "--inbox").output


def test_status_tells_how_long_a_person_is_waited_for(config_path: Path) -> None:
    park(config_path, "Не хватает прав.")
    output = run(config_path, "status").output
    assert "Дольше всех ждёт вас платёж: 0 мин" in output
    assert "Дольше всех ждёт вас действие: 0 мин" in output
    assert "main: действует с 01.03.2026; отвечает; прочитано" in output


def test_status_speaks_to_programmes(config_path: Path) -> None:
    park(config_path, "Не хватает прав.")
    document = json.loads(run(config_path, "status", "--json").output)
    assert document["queues"]["outbox"]["counts"] == {"parked": 1}
    assert document["piles"]["needs_you"] == 1
    (connection,) = document["connections"]
    assert (connection["id"], connection["acting"], connection["health"]) == ("main", True, "ok")
    assert 0 <= connection["polled_s"] < 600
    assert connection["poll_every_s"] == 60.0
