"""`sverka replay --verify`: does every kept decision follow once more from its verdicts and its own table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

import click

from hub.cli.failures import FOUND
from hub.cli.session import Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.domain.matching import DecisionTable
    from hub.domain.matching.rederive import Rederived, Verified
    from hub.store.queries import KeptDecision


def verify_decisions(session: Session, hub: Hub, payments: Collection[str] | None) -> int:
    """Look at the decisions about these payments, at all without any; the answer is the exit code."""
    from hub.domain.matching.rederive import Rederived

    counts: Counter[Rederived] = Counter()
    without_table: Counter[str] = Counter()
    with hub.queries.kept_decisions(payments) as (texts, decisions):
        for kept, version, found in _verified(texts, decisions):
            if found is None:
                without_table[version] += 1
                continue
            counts[found.how] += 1
            if found.how is Rederived.DIFFERS:
                click.echo(_difference(session, kept, version, found))
    _say_counts(session, counts, without_table)
    return FOUND if counts[Rederived.DIFFERS] else 0


def _verified(
    texts: Mapping[str, str], decisions: Iterator[KeptDecision]
) -> Iterator[tuple[KeptDecision, str, Verified | None]]:
    """Each decision with the version of its table and what follows from it; None where that table is not to be had."""
    from hub.domain.matching.rederive import Rederived, Verified, verify
    from hub.domain.matching.versions import table_version

    tables: dict[str, DecisionTable | None] = {}
    for kept in decisions:
        version = table_version(kept.decision.version)
        if version is None:
            yield kept, "", Verified(Rederived.BESIDE_TABLE)
            continue
        if version not in tables:
            tables[version] = _table(version, texts.get(version))
        table = tables[version]
        yield kept, version, None if table is None else verify(kept.decision, table)


def _table(version: str, text: str | None) -> DecisionTable | None:
    from hub.domain.matching.table import TableError, kept_table

    try:
        return None if text is None else kept_table(version, text)
    except TableError:
        return None


def _difference(session: Session, kept: KeptDecision, version: str, found: Verified) -> str:
    place = f"{kept.decision.payment_id}, {kept.decided_at:%d.%m.%Y %H:%M} UTC"
    return session.text(
        f"НЕ СОШЛОСЬ {place}: записано {found.kept}, по таблице {version} следует {found.follows}",
        f"DIFFERS {place}: {found.kept} is kept, {found.follows} follows by table {version}",
    )


def _say_counts(session: Session, counts: Counter[Rederived], without_table: Counter[str]) -> None:
    from hub.domain.matching.rederive import Rederived

    total = counts.total() + without_table.total()
    same, differs = counts[Rederived.SAME], counts[Rederived.DIFFERS]
    beside, forgotten = counts[Rederived.BESIDE_TABLE], counts[Rederived.FORGOTTEN]
    session.say(
        f"Решений {total}: сошлось {same}, не сошлось {differs}; принято без таблицы {beside}, доводы стёрты по сроку "
        f"{forgotten}",
        f"Decisions {total}: the same {same}, other {differs}; made beside the table {beside}, verdicts forgotten "
        f"{forgotten}",
    )
    for version, count in sorted(without_table.items()):
        session.say(
            f"Таблицы версии {version} в базе нет: не проверено решений {count}",
            f"Table {version} is not kept: {count} decisions not looked at",
        )
