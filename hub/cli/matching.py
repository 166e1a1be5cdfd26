"""`sverka match` and `sverka purpose`: the matcher on files, with nothing stored and nothing moved."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

import click

from hub.cli.base import Command
from hub.cli.failures import FOUND
from hub.cli.lines import refuse_table
from hub.cli.paths import READABLE_FILE, WRITABLE_FILE
from hub.cli.session import Session

if TYPE_CHECKING:
    from hub.domain.matching import MatchContext
    from hub.domain.models import Payment
    from hub.match_files import MatchSummary, Report

_STATEMENT_BYTES: Final = 1 << 30


@click.command(cls=Command)
@click.argument("more", metavar="[ФАЙЛ…]", nargs=-1, type=READABLE_FILE)
@click.option("--payments", metavar="ФАЙЛ", multiple=True, type=READABLE_FILE, help="Платежи: JSONL или выписка банка.")
@click.option("--invoices", metavar="ФАЙЛ", type=READABLE_FILE, help="Счета: JSONL.")
@click.option("--bundles", metavar="ФАЙЛ", type=READABLE_FILE, help="Наборы: в строке свои платежи и свои счета.")
@click.option("--out", metavar="ФАЙЛ", type=WRITABLE_FILE, help="Куда писать; иначе на экран.")
@click.option("--table", metavar="ФАЙЛ", type=READABLE_FILE, help="Своя таблица решений вместо таблицы хаба.")
@click.option(
    "--recognition", is_flag=True, help="Ещё сказать, сколько плательщиков узнано и почему не узнаны остальные."
)
@click.option("--shapes", is_flag=True, help="Ещё показать, какие номера бывают у ваших счетов; можно без --payments.")
@click.pass_obj
def match(
    session: Session,
    more: tuple[Path, ...],
    payments: tuple[Path, ...],
    invoices: Path | None,
    bundles: Path | None,
    out: Path | None,
    table: Path | None,
    recognition: bool,
    shapes: bool,
) -> int:
    """Найти счета для платежей из файлов, ничего не сохраняя.

    \b
    Пример:
      sverka match --payments платежи.jsonl --invoices счета.jsonl --out решения.jsonl
      sverka match --payments март.txt апрель.txt --invoices счета.jsonl
      sverka match --payments март.txt --invoices счета.jsonl --out решения.jsonl --recognition
      sverka match --invoices счета.jsonl --shapes
      sverka match --bundles наборы.jsonl
      sverka match --payments март.txt --invoices счета.jsonl --table таблица.toml

    Настройки не нужны и не читаются. На каждый платёж — строка JSON в порядке входа: решение (auto — машина уверена,
    suggest — решает человек, none — не наше), сколько на какой счёт, кандидаты с доводами и причина одной фразой.
    Строка, которую нельзя прочитать, названа в stderr и пропущена; тогда код выхода 1. Причины и доводы
    по-английски: sverka --lang en match …
    """
    from hub.cli.recognition import recognition_lines
    from hub.cli.shapes import shape_lines
    from hub.match_files import learned_from, run_bundles, run_match, run_recognition

    context = _context(session, table)
    for path in filter(None, (invoices, bundles)):
        refuse_table(session, path)
    if bundles is not None:
        if payments or more or invoices is not None or recognition or shapes:
            raise click.UsageError("--bundles задают без --payments, --invoices, --recognition и --shapes")
        with _output(out) as stream:
            return _result(session, run_bundles(bundles, stream, report=_report, context=context))
    if shapes and invoices is not None and not payments and not more:
        for line in shape_lines(session, learned_from(invoices, context)):
            click.echo(line)
        return 0
    if not payments or invoices is None:
        raise click.UsageError("нужны --payments и --invoices либо --bundles")
    paths = [*payments, *more]
    with _output(out) as stream:
        summary = run_match(paths, invoices, stream, report=_report, context=context, statement_reader=_read_statement)
    if recognition:
        found = run_recognition(paths, invoices, context=context, statement_reader=_read_statement)
        for line in recognition_lines(session, found):
            click.echo(line, err=True)
    if shapes:
        for line in shape_lines(session, learned_from(invoices, context)):
            click.echo(line, err=True)
    return _result(session, summary)


@click.command(cls=Command)
@click.option(
    "--invoices", metavar="ФАЙЛ", type=READABLE_FILE, help="Счета: сказать, бывают ли у них номера без слова «счёт»."
)
@click.pass_obj
def purpose(session: Session, invoices: Path | None) -> None:
    """Разобрать назначения платежей: номера, документы, даты, суммы.

    \b
    Пример:
      echo "Оплата по счету № 45 от 01.03.2026, в т.ч. НДС 20% 200-00" | sverka purpose

    Читает назначения по одному в строке и на каждое печатает строку JSON: номера счетов, документы, даты, суммы, НДС.
    С --invoices — ещё номера, перед которыми нет слова «счёт» («Оплата 45»), и бывают ли такие у ваших счетов (fits).
    """
    from hub.match_files import learned_shapes, purpose_line

    shapes = None
    if invoices is not None:
        refuse_table(session, invoices)
        shapes = learned_shapes(invoices, _context(session, None), report=_report)
    broken: list[int] = []
    with _output(None) as stream:
        for number, raw in enumerate(sys.stdin.buffer, start=1):
            line = purpose_line(_decoded(raw, number, broken).rstrip("\r\n"), shapes)
            stream.write(json.dumps(line, ensure_ascii=False) + "\n")
    if broken:
        _report(
            session.text(
                f"Строк не в UTF-8: {len(broken)}, первая — {broken[0]}; буквы в них потеряны. Если это Windows-1251, "
                "перекодируйте ввод: iconv -f CP1251 -t UTF-8",
                f"Lines not in UTF-8: {len(broken)}, the first is {broken[0]}; letters are lost there. If it is "
                "Windows-1251, convert the input: iconv -f CP1251 -t UTF-8",
            )
        )


def _decoded(raw: bytes, number: int, broken: list[int]) -> str:
    """The line as text; the number of one that is no UTF-8 goes to the broken ones."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        broken.append(number)
        return raw.decode("utf-8", "replace")


def _context(session: Session, table: Path | None) -> MatchContext:
    from hub.domain.matching import MatchContext
    from hub.domain.matching.said import Language
    from mappings.table_file import read_table

    language = Language(session.text("ru", "en"))
    if table is None:
        return MatchContext(language=language)
    found = read_table(table, language)
    version = found.version
    click.echo(session.text(f"Таблица решений: {version}", f"Decision table: {version}"), err=True)
    return MatchContext(language=language, table=found)


def _report(text: str) -> None:
    click.echo(text, err=True)


@contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    if path is None:
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")
        yield sys.stdout
        sys.stdout.flush()
        return
    with path.open("w", encoding="utf-8", newline="\n") as file:
        yield file


def _read_statement(path: Path, report: Report) -> Iterator[Payment]:
    from hub.composition.statements import statement_reader
    from hub.match_files import MatchFileError
    from hub.ports.statement import BrokenItem, FileWarning, ReceivedPayment, UnreadableFile

    try:
        for item in statement_reader(_STATEMENT_BYTES)(path.read_bytes(), (), ()):
            if isinstance(item, ReceivedPayment):
                yield replace(item.payment, id="")
            elif isinstance(item, BrokenItem):
                report(f"{path.name}, строка {item.line}, {item.key}: {item.message}")
            elif isinstance(item, FileWarning):
                _report(f"{path.name}: {item.message}")
    except UnreadableFile as error:
        raise MatchFileError(f"{path}: {error}") from error


def _result(session: Session, summary: MatchSummary) -> int:
    counts = ", ".join(f"{kind.value} {count}" for kind, count in sorted(summary.decisions.items()))
    text = counts or session.text("платежей нет", "no payments")
    faults = session.text(f"; не прочитано строк: {summary.faults}", f"; unreadable lines: {summary.faults}")
    click.echo(f"{text}{faults if summary.faults else ''}", err=True)
    return FOUND if summary.faults else 0
