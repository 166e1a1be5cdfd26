"""`sverka replay --verify`: is every kept decision, made once more from what it was made from, the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import click

from hub.cli.failures import FOUND
from hub.cli.session import Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.domain.matching import DecisionTable
    from hub.domain.matching.rederive import Part, Recheck, Rederived
    from hub.store.queries import KeptDecision


@dataclass(slots=True)
class _Counts:
    hows: Counter[Rederived] = field(default_factory=Counter)
    as_kept: Counter[Part] = field(default_factory=Counter)
    without_ground: int = 0
    without_table: Counter[str] = field(default_factory=Counter)


def verify_decisions(session: Session, hub: Hub, payments: Collection[str] | None) -> int:
    """Look at the decisions about these payments, at all without any; the answer is the exit code."""
    from hub.domain.matching.rederive import Rederived

    counts = _Counts()
    with hub.queries.kept_decisions(payments) as (texts, decisions):
        for kept, version, found in _rechecked(texts, decisions):
            if found is None:
                counts.without_table[version] += 1
                continue
            counts.hows[found.how] += 1
            counts.as_kept.update(found.as_kept)
            counts.without_ground += found.by_verdicts
            for item in found.differences:
                click.echo(_difference(session, kept, version, (item.field, item.kept, item.derived)))
    _say_counts(session, counts)
    return FOUND if counts.hows[Rederived.DIFFERS] else 0


def _rechecked(
    texts: Mapping[str, str], decisions: Iterator[KeptDecision]
) -> Iterator[tuple[KeptDecision, str, Recheck | None]]:
    """Each decision with the version of its table and what follows from it; None where that table is not to be had."""
    from hub.domain.matching.rederive import Recheck, Rederived, recheck
    from hub.domain.matching.versions import table_version

    tables: dict[str, tuple[DecisionTable, ...]] = {}
    for kept in decisions:
        version = table_version(kept.decision.version)
        if version is None:
            yield kept, "", Recheck(Rederived.BESIDE_TABLE)
            continue
        if version not in tables:
            tables[version] = _tables(version, texts.get(version))
        yield kept, version, recheck(kept.decision, kept.payment, kept.ground, tables[version])


def _tables(version: str, text: str | None) -> tuple[DecisionTable, ...]:
    """The table that decided under this version, as the database keeps it and as the hub shipped it."""
    from hub.domain.matching.old_tables import shipped_texts
    from hub.domain.matching.table import TableError, kept_table

    found = []
    for body in dict.fromkeys(([] if text is None else [text]) + list(shipped_texts(version))):
        try:
            found.append(kept_table(version, body))
        except TableError:
            continue
    return tuple(found)


def _difference(session: Session, kept: KeptDecision, version: str, found: tuple[str, str, str]) -> str:
    name, before, after = found
    place = f"{kept.decision.payment_id}, {kept.decided_at:%d.%m.%Y %H:%M} UTC"
    return session.text(
        f"НЕ СОШЛОСЬ {place}, таблица {version}, {name}: записано «{before}», следует «{after}»",
        f"DIFFERS {place}, table {version}, {name}: “{before}” is kept, “{after}” follows",
    )


def _say_counts(session: Session, counts: _Counts) -> None:
    from hub.domain.matching.rederive import Part, Rederived

    hows = counts.hows
    total = hows.total() + counts.without_table.total()
    same, differs = hows[Rederived.SAME], hows[Rederived.DIFFERS]
    beside, forgotten = hows[Rederived.BESIDE_TABLE], hows[Rederived.FORGOTTEN]
    session.say(
        f"Решений {total}: сошлось {same}, не сошлось {differs}; принято без таблицы {beside}, доводы стёрты по сроку "
        f"{forgotten}",
        f"Decisions {total}: the same {same}, other {differs}; made beside the table {beside}, verdicts forgotten "
        f"{forgotten}",
    )
    if counts.without_ground:
        session.say(
            f"Из них приняты раньше, чем хранились основания: {counts.without_ground} — по записанным вердиктам "
            "сверены только строка таблицы и решение",
            f"Of these, decided before grounds were kept: {counts.without_ground}; only the row and the outcome were "
            "derived, from the verdicts kept",
        )
    if count := counts.as_kept[Part.READING]:
        session.say(
            f"Прочитаны другой версией чтения: {count} — прочитанное в назначении и вердикты взяты как записаны, "
            "остальное выведено",
            f"Read by another version of the reader: {count}; what was read and the verdicts are taken as kept, the "
            "rest is derived",
        )
    if count := counts.as_kept[Part.WORDS]:
        session.say(
            f"Записаны другими фразами хаба: {count} — тексты взяты как записаны, остальное выведено",
            f"Told in other sentences of the hub: {count}; texts are taken as kept, the rest is derived",
        )
    _say_without_table(session, counts.without_table)


def _say_without_table(session: Session, counts: Counter[str]) -> None:
    from hub.domain.matching.old_tables import WITHOUT_TEXT

    for version, count in sorted(counts.items()):
        if version in WITHOUT_TEXT:
            session.say(
                f"По таблице версии {version} решено раньше, чем таблицы стали храниться: не проверено решений {count}",
                f"Table {version} decided before tables were kept: {count} decisions not looked at",
            )
        else:
            session.say(
                f"Таблицы версии {version} в базе нет: не проверено решений {count}",
                f"Table {version} is not kept: {count} decisions not looked at",
            )
