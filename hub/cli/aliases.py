"""`sverka aliases`: who pays for whom by the word of a person."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final

import click

from hub.cli.base import Command, session_options
from hub.cli.session import Session

if TYPE_CHECKING:
    from hub.store.queries import AliasLine, Queries

_AT_ONCE: Final = 200


@click.command(cls=Command)
@click.option("--all", "every", is_flag=True, help="И прекращённые правила.")
@session_options
@click.pass_obj
def aliases(session: Session, every: bool) -> None:
    """Показать, кто за кого платит: правила, которые записали люди.

    \b
    Пример:
      sverka aliases
      sverka aliases --all

    Записать, изменить и прекратить правило можно на странице бухгалтера «Кто за кого платит»: там видно, чьё оно.
    """
    with session.hub() as hub:
        lines = [*_lines(hub.queries, ended=False), *(_lines(hub.queries, ended=True) if every else ())]
    for line in lines:
        click.echo(_told(session, line))
    if not lines:
        session.say("Правил нет.", "There are no rules.")


def _lines(queries: Queries, *, ended: bool) -> Iterator[AliasLine]:
    offset = 0
    while True:
        page = queries.aliases(ended=ended, offset=offset, limit=_AT_ONCE)
        yield from page.rows
        offset += len(page.rows)
        if not page.more:
            return


def _told(session: Session, line: AliasLine) -> str:
    said, row = line.row.said, line.row
    payer = ", ".join(filter(None, (said.payer.name, said.payer.tax_id or said.payer.account))) or "—"
    client = ", ".join(filter(None, (said.client_name, said.target))) or "—"
    since = _day(row.made_at)
    parts = [
        session.text(f"{payer} платит за {client}", f"{payer} pays for {client}"),
        session.text(f"записано: {said.author}, {since}", f"recorded by {said.author}, {since}"),
        session.text(f"решено платежей: {line.uses}", f"payments decided: {line.uses}"),
    ]
    if row.removed_at is not None:
        at = _day(row.removed_at)
        parts.append(session.text(f"прекращено: {row.removed_by}, {at}", f"ended by {row.removed_by}, {at}"))
    if said.note:
        parts.append(said.note)
    return f"{row.id}: {'; '.join(parts)}"


def _day(at: datetime) -> str:
    return f"{at.astimezone():%d.%m.%Y}"
