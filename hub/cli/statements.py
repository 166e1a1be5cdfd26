"""`sverka import`: bank files into the hub, with what became of every line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hub.cli.base import Command, actor, session_options
from hub.cli.failures import FOUND
from hub.cli.paths import READABLE_FILE
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.config import Config
    from hub.ports.records import InboxRow

_PATIENCE_S = 60.0
_LOOK_EVERY_S = 0.1


@click.command("import", cls=Command)
@click.argument("files", metavar="ФАЙЛ…", nargs=-1, type=READABLE_FILE)
@click.option(
    "--invoices",
    "lists",
    metavar="ФАЙЛ",
    multiple=True,
    type=READABLE_FILE,
    help="Список счетов: CSV, XLSX, EnterpriseData (XML).",
)
@click.option(
    "--column", "columns", metavar="ЧТО=ЗАГОЛОВОК", multiple=True, help="Столбец списка: number, amount, inn …"
)
@click.option("--paid-as-open", is_flag=True, help="Искать платежи и по счетам, которые в списке уже оплачены.")
@click.option("--yes", is_flag=True, help="Не спрашивать, верно ли прочитан список счетов.")
@session_options
@click.pass_obj
def import_(
    session: Session,
    files: tuple[Path, ...],
    lists: tuple[Path, ...],
    columns: tuple[str, ...],
    paid_as_open: bool,
    yes: bool,
) -> int:
    """Загрузить файлы выписок банка или список счетов.

    \b
    Пример:
      sverka import kl_to_1c.txt
      sverka import выписки/*.txt
      sverka import --invoices счета.xlsx
      sverka import --invoices счета.csv --column number="№ док." --yes
      sverka import --invoices Message_БП.xml

    Понимает формат обмена 1С (1CClientBankExchange) в любой кодировке. Один и тот же файл или пересекающиеся периоды
    ничего не удваивают. Документ, который не читается, назван строкой и отложен, остальные загружены; тогда код
    выхода 1. Дальше: sverka status или страница бухгалтера; сопоставлением займётся работающий хаб (sverka up).

    Список счетов (--invoices) — то, что сохраняет «Вывести список» в 1С и другие программы, или сообщение обмена
    EnterpriseData (XML), для компаний без подключения к учётной системе. Хаб сам угадывает столбцы, показывает первые
    десять счетов и спрашивает, верно ли; тот же файл ещё раз ничего не меняет и не удваивает, новый обновляет счета.
    """
    from hub.cli.invoice_lists import Wanted, take_in_list
    from hub.services.match_payments import match_payments

    if not files and not lists:
        raise click.UsageError("не хватает параметра ФАЙЛ… или --invoices ФАЙЛ")
    code = 0
    wanted = Wanted(columns, paid_as_open=paid_as_open, sure=yes)
    with session.hub() as hub:
        for path in lists:
            code = max(code, take_in_list(session, hub, path, _read(hub.config, path), wanted))
        for number, path in enumerate(files, 1):
            click.echo(f"[{number}/{len(files)}] {path}")
            code = max(code, _take_in(session, hub, path))
        match_payments(hub.rt)
    return code


def _take_in(session: Session, hub: Hub, path: Path) -> int:
    from hub.services.import_statement import import_statement
    from hub.services.read_inbox import read_inbox

    result = import_statement(hub.rt, _read(hub.config, path), path.name, actor())
    if not result.created:
        session.say("  такой файл уже загружен, ничего не добавлено", "  this very file is known, nothing was added")
    else:
        read_inbox(hub.rt, result.inbox_id)
    row = _read_by_somebody(hub, result.inbox_id)
    if row is None or row.summary is None:
        reason = row.error if row is not None and row.error else "файл ещё не разобран: это сделает sverka up"
        click.echo(f"  {reason}")
        return FOUND
    return _show(session, hub, row, row.summary)


def _read_by_somebody(hub: Hub, inbox_id: int) -> InboxRow | None:
    """The file's row once it is read; a running hub may have been faster and be at it just now."""
    from hub.ports.records import InboxState

    give_up_at = hub.clock.monotonic() + _PATIENCE_S
    while True:
        with hub.rt.store.read() as uow:
            row = uow.inbox.get(inbox_id)
        if row is None or row.state is not InboxState.NEW or hub.clock.monotonic() > give_up_at:
            return row
        hub.clock.sleep(_LOOK_EVERY_S)


def _read(config: Config, path: Path) -> bytes:
    limit = config.limits.statement_mb * 1024 * 1024
    with path.open("rb") as stream:
        raw = stream.read(limit + 1)
    if len(raw) > limit:
        raise Problem(f"{path}: файл больше {config.limits.statement_mb} МБ (limits.statement_mb в настройках)")
    return raw


def _show(session: Session, hub: Hub, row: InboxRow, summary: Any) -> int:
    for account in summary["accounts"]:
        counts = (
            f"поступлений {account['incoming']} на {account['incoming_sum']}, "
            f"списаний {account['outgoing']} на {account['outgoing_sum']}, прочих {account['other']}"
        )
        click.echo(f"  {account['account']}: {counts}; {account['check']}")
    for warning in summary["warnings"]:
        click.echo(f"  внимание: {warning}")
    session.say(
        f"  новых {summary['added']}, известных {summary['known']}, "
        f"с ошибкой {summary['broken']}, не движений {summary['skipped']}",
        f"  added {summary['added']}, known {summary['known']}, "
        f"broken {summary['broken']}, skipped {summary['skipped']}",
    )
    if not summary["broken"]:
        return 0
    found = hub.queries.imported(row.id)
    for item in found[1] if found is not None else ():
        click.echo(f"  {row.name}:{item.line}: {item.key}: {item.message}")
    return FOUND
