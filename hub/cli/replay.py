"""`sverka replay`: payments decided again, inbound facts read again; first shown, then done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hub.cli.asking import require_agreement
from hub.cli.base import ISO_DATE, Command, actor, refuse_backwards, refuse_unknown, session_options
from hub.cli.failures import FOUND, USAGE
from hub.cli.paths import READABLE_FILE
from hub.cli.session import Problem, Session
from hub.cli.verify import verify_decisions

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.domain.decision import Decision
    from hub.domain.matching import DecisionTable
    from hub.domain.rules import RuleSet
    from hub.ports.records import EffectRow, NewEffect, PaymentRow
    from hub.services.replay import Replayed

_KINDS: Final = {"auto": "сопоставит машина", "suggest": "предложит человеку", "none": "ничего не подходит"}
_CHANGES: Final = {
    "same": "без изменений",
    "decide": "решится заново",
    "doubt": "СПОРНО: сегодня решение было бы другим",
    "kept": "решил человек, не трогаем",
}
_EFFECTS: Final = {
    "move_deal": "переход",
    "comment": "комментарий",
    "task": "задача",
    "mark_paid": "отметка оплаты",
    "step_back": "возврат сделки",
    "unmark_paid": "снятие отметки",
    "link_payment": "связь поступления",
    "fill_fields": "поля сделки из учёта",
}


@click.command(cls=Command)
@click.argument("payments", metavar="[ПЛАТЁЖ]…", nargs=-1)
@click.option("--pile", type=click.Choice(["needs_you", "not_ours", "matched", "waiting"]), help="Платежи этой стопки.")
@click.option("--file", "file_id", type=int, metavar="НОМЕР", help="Платежи загруженного файла с этим номером.")
@click.option("--since", type=ISO_DATE, help="Проведённые банком с этого дня.")
@click.option("--until", type=ISO_DATE, help="По этот день включительно.")
@click.option("--rules", type=READABLE_FILE, help="Показать, что сделал бы другой файл правил (только показ).")
@click.option("--connection", metavar="ИМЯ", help="Для какого подключения этот файл правил.")
@click.option("--table", type=READABLE_FILE, help="Показать, что решила бы другая таблица решений (только показ).")
@click.option("--verify", is_flag=True, help="Сделать записанные решения ещё раз из их оснований и сличить.")
@click.option("--as-decided", is_flag=True, help="Показать, как решено и записано, ничего не решая.")
@click.option("--inbox", type=int, metavar="НОМЕР", multiple=True, help="Прочитать входящее с этим номером ещё раз.")
@click.option("--apply", "applied", is_flag=True, help="Не только показать, но и сделать (спросит).")
@click.option("--undo-changed", is_flag=True, help="Вместе с --apply: спорные сопоставления отменить от вашего имени.")
@click.option("--yes", is_flag=True, help="Не спрашивать.")
@session_options
@click.pass_obj
def replay(
    session: Session,
    payments: tuple[str, ...],
    pile: str | None,
    file_id: int | None,
    since: date | None,
    until: date | None,
    rules: Path | None,
    connection: str | None,
    table: Path | None,
    verify: bool,
    as_decided: bool,
    inbox: tuple[int, ...],
    applied: bool,
    undo_changed: bool,
    yes: bool,
) -> int:
    """Решить платежи заново или перечитать входящее; сначала показ.

    \b
    Пример:
      sverka replay --pile needs_you              что решилось бы иначе; ничего не записано
      sverka replay --pile needs_you --apply      то же и решить (спросит)
      sverka replay p17 p18 --as-decided          как было решено тогда
      sverka replay --since 2026-03-01 --rules new.yaml --connection main
      sverka replay --since 2026-03-01 --table моя.toml
      sverka replay --verify                      сходятся ли все решения с таблицами, по которым приняты
      sverka replay --inbox 12 --apply            разобрать файл или событие ещё раз

    Сопоставление, которое не изменилось бы, не трогается. Спорное сопоставление машины показывается человеку, а
    отменяется только с --undo-changed. Решённое человеком не трогается никогда. Ничего не записывается дважды.
    --verify делает записанные решения (все или названных платежей) ещё раз из того, из чего они были сделаны, по
    таблице их версии, и сличает до последнего знака; код выхода 1, если что-то не сошлось.
    """
    refuse_backwards(since, until)
    refuse_unknown(session.config(), connection)
    if inbox:
        return _read_again(session, inbox, applied=applied, yes=yes)
    if applied and rules is not None:
        raise Problem("С --rules можно только смотреть: впишите правила в файл подключения и повторите.", USAGE)
    if applied and table is not None:
        raise Problem("С --table можно только смотреть: впишите её в matching.table и перезапустите хаб.", USAGE)
    if verify and (applied or as_decided or rules is not None or table is not None):
        raise click.UsageError("--verify только сличает записанное: без --apply, --as-decided, --rules и --table")
    with session.hub() as hub:
        if verify and (pile, file_id, since, until) == (None, None, None, None):
            return verify_decisions(session, hub, payments or None)
        ids = payments or _chosen(hub, pile, file_id, since, until)
        if verify:
            return verify_decisions(session, hub, ids)
        if as_decided:
            return _show_decided(session, hub, ids)
        lines = _preview(session, hub, ids, _rules(hub, rules, connection), _table(session, table))
        if not applied or not _changes_anything(lines):
            return FOUND if any(line.change == "doubt" for line in lines) else 0
        if not yes:
            require_agreement(session, "Сделать это?", "Do it?")
        from hub.services.replay import apply

        apply(hub.rt, ids, actor(), undo_changed=undo_changed)
    session.say("Сделано; записано в журнал.", "Done and written to the journal.")
    return 0


def _chosen(hub: Hub, pile: str | None, file_id: int | None, since: date | None, until: date | None) -> tuple[str, ...]:
    from hub.store.queries import ChosenPayments, PileName

    if pile is None and file_id is None and since is None and until is None:
        raise Problem("Скажите, что повторить: номера платежей, --pile, --file, --since/--until или --inbox.", USAGE)
    name = PileName(pile) if pile is not None else None
    return hub.queries.chosen_payments(ChosenPayments(name, file_id, since, until))


def _rules(hub: Hub, path: Path | None, connection: str | None) -> dict[str, RuleSet] | None:
    if path is None:
        return None
    from mappings import read_rules

    names = list(hub.config.connections)
    if connection is None and len(names) != 1:
        raise Problem(f"Скажите, для какого подключения эти правила: --connection, есть {', '.join(names)}.", USAGE)
    return {connection or names[0]: read_rules(path).rules}


def _table(session: Session, path: Path | None) -> DecisionTable | None:
    if path is None:
        return None
    from hub.domain.matching.said import Language
    from mappings.table_file import read_table

    return read_table(path, Language.EN if session.is_english else Language.RU)


def _preview(
    session: Session,
    hub: Hub,
    ids: Sequence[str],
    rules: dict[str, RuleSet] | None,
    table: DecisionTable | None,
) -> list[Replayed]:
    from hub.services.replay import preview

    lines = preview(hub.rt, ids, rules, table)
    unknown = sorted(set(ids) - {line.row.payment.id for line in lines})
    if unknown:
        raise Problem(f"Таких платежей нет: {', '.join(unknown)}.")
    for line in lines:
        if line.change != "same" or line.added or line.withdrawn:
            _show(line)
    counts = [f"{text} {sum(line.change == name for line in lines)}" for name, text in _CHANGES.items()]
    click.echo(f"{session.text('Платежей', 'Payments')} {len(lines)}: {'; '.join(counts)}")
    return lines


def _show(line: Replayed) -> None:
    click.echo(f"{_payment(line.row)}: {_CHANGES[line.change]}")
    click.echo(f"    было:  {_decision(line.row.decision)}")
    if line.after is not None:
        click.echo(f"    стало: {_decision(line.after)}")
    for sign, effects in (("+", line.added), ("-", line.withdrawn), ("отменить с проверкой:", line.taken_back)):
        for effect in effects:
            click.echo(f"    {sign} {_effect(effect)}")


def _payment(row: PaymentRow) -> str:
    from hub.domain.wording import money_text

    payment = row.payment
    return f"{payment.id} {payment.booked_on:%d.%m.%Y} {money_text(payment.amount)} {payment.counterparty.name or ''}"


def _decision(decision: Decision | None) -> str:
    if decision is None:
        return "ещё не решался"
    return f"{_KINDS[decision.kind]} ({decision.code}): {decision.reason}"


def _effect(effect: NewEffect | EffectRow) -> str:
    from hub.services.replay import said

    return f"{_EFFECTS[effect.kind]} {effect.subject}: {said(effect)}"


def _changes_anything(lines: Iterable[Replayed]) -> bool:
    return any(line.change in ("decide", "doubt") for line in lines)


def _show_decided(session: Session, hub: Hub, ids: Iterable[str]) -> int:
    with hub.rt.store.read() as uow:
        for key in ids:
            row = uow.payments.get(key)
            if row is None:
                raise Problem(f"Такого платежа нет: {key}.")
            version = row.decision.version if row.decision is not None else "-"
            click.echo(f"{_payment(row)}: {row.state.value}, {session.text('версия правил', 'version')} {version}")
            click.echo(f"    {_decision(row.decision)}")
            for effect in uow.outbox.of_payment(key):
                click.echo(f"    {_effect(effect)}: {effect.state.value}{f' ({effect.reason})' * bool(effect.reason)}")
    return 0


def _read_again(session: Session, inbox: Iterable[int], *, applied: bool, yes: bool) -> int:
    from hub.cli.redrive import read_again

    with session.hub() as hub:
        return read_again(session, hub, inbox, applied=applied, yes=yes)
