"""`sverka export-audit`: the journal as a file for an auditor, and the check of such a file."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import click

from hub.cli.base import ISO_DATE, Command, refuse_backwards, session_options
from hub.cli.failures import FOUND
from hub.cli.paths import READABLE_FILE, WRITABLE_FILE
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.store.queries import JournalFilter

_STANDARD_OUTPUT: Final = Path("-")


@click.command("export-audit", cls=Command)
@click.option("--since", type=ISO_DATE, help="С этого дня (по UTC).")
@click.option("--until", type=ISO_DATE, help="По этот день включительно (по UTC).")
@click.option("--subject", metavar="ИМЯ", help="Только о нём: платёж p123, сделка main/9001, подключение main.")
@click.option(
    "--format",
    "layout",
    type=click.Choice(["jsonl", "csv"]),
    default="jsonl",
    help="jsonl проверяется без хаба, csv — для таблицы.",
)
@click.option("--out", type=WRITABLE_FILE, default=_STANDARD_OUTPUT, help="Файл; «-» — на экран.")
@click.option("--verify", "checked", type=READABLE_FILE, help="Не выгружать, а проверить готовый файл jsonl.")
@session_options
@click.pass_obj
def export_audit(
    session: Session,
    since: date | None,
    until: date | None,
    subject: str | None,
    layout: str,
    out: Path,
    checked: Path | None,
) -> int:
    """Выгрузить журнал для аудитора или проверить выгруженное.

    \b
    Пример:
      sverka export-audit --out journal.jsonl
      sverka export-audit --since 2026-03-01 --until 2026-03-31 --format csv --out март.csv
      sverka export-audit --verify journal.jsonl

    Файл jsonl несёт и записи, и скрепляющие их блоки с хешами: правка, удаление или вставка записи видны без доступа
    к базе. Проверке не нужны ни настройки, ни база. Код выхода 1, если цепочка не сходится.
    """
    if checked is not None:
        return _verify(session, checked)
    refuse_backwards(since, until)
    with _opened(out) as stream:
        lines = _export(session, _wanted(since, until, subject), layout, stream)
    if out != _STANDARD_OUTPUT:
        session.say(f"Записей: {lines}, файл {out}", f"{lines} lines in {out}")
    return 0


def _wanted(since: date | None, until: date | None, subject: str | None) -> JournalFilter:
    from hub.store.queries import JournalFilter

    before = until + timedelta(days=1) if until is not None else None
    return JournalFilter(_midnight(since), _midnight(before), subject)


def _midnight(day: date | None) -> datetime | None:
    return datetime.combine(day, time(), UTC) if day is not None else None


@contextmanager
def _opened(out: Path) -> Iterator[TextIO]:
    """The stream; a file appears under its name only when it is whole, readable by its owner alone."""
    if out == _STANDARD_OUTPUT:
        yield sys.stdout
        return
    partial = out.with_name(f"{out.name}.part")
    try:
        handle = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(handle, "w", encoding="utf-8", newline="") as stream:
            yield stream
        partial.replace(out)
    finally:
        partial.unlink(missing_ok=True)


def _export(session: Session, wanted: JournalFilter, layout: str, stream: TextIO) -> int:
    from hub.cli.journal_file import write_csv, write_jsonl

    with session.hub() as hub, hub.queries.journal_export(wanted) as (head, blocks):
        if layout == "csv":
            return write_csv(stream, blocks)
        header = {
            "made_at": hub.clock.now().isoformat(),
            "since": wanted.since.isoformat() if wanted.since is not None else None,
            "until": wanted.until.isoformat() if wanted.until is not None else None,
            "subject": wanted.subject,
            "head": {"number": head[0], "hash": head[1]},
        }
        return write_jsonl(stream, header, blocks)


def _verify(session: Session, path: Path) -> int:
    from hub.cli.journal_file import check_file

    try:
        with path.open(encoding="utf-8") as stream:
            found = check_file(stream)
    except UnicodeDecodeError as error:
        raise Problem(f"{path}: это не выгрузка журнала (не UTF-8)") from error
    if found.fault is not None:
        session.say(f"{path}: цепочка не сходится: {found.fault}", f"{path}: the chain is broken: {found.fault}")
        return FOUND
    number, digest = found.head
    session.say(
        f"{path}: цепочка цела: записей {found.lines}, блоков {found.blocks}, последний блок {number} {digest}",
        f"{path}: the chain holds: {found.lines} lines, {found.blocks} blocks, newest block {number} {digest}",
    )
    if found.unsealed:
        session.say(f"Ещё не скреплены блоком: {found.unsealed}", f"Not sealed by a block yet: {found.unsealed}")
    return 0
