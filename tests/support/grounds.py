"""Every decision of a database, made again from its ground: what does not come out the same to the last sign."""

from __future__ import annotations

from hub.domain.matching.old_tables import shipped_texts
from hub.domain.matching.rederive import recheck
from hub.domain.matching.table import kept_table
from hub.domain.matching.versions import table_version
from hub.store.engine import Database
from hub.store.queries import KeptDecision, Queries


def unfounded(database: Database) -> list[str]:
    """A sentence for each decision that does not follow from its ground, and for each that has none and should."""
    with Queries(database).kept_decisions() as (texts, decisions):
        return [found for kept in decisions if (found := _trouble(kept, texts)) is not None]


def _trouble(kept: KeptDecision, texts: dict[str, str]) -> str | None:
    version = table_version(kept.decision.version)
    if kept.ground is None or version is None:
        return None
    bodies = [texts[version]] if version in texts else list(shipped_texts(version))
    found = recheck(kept.decision, kept.payment, kept.ground, [kept_table(version, body) for body in bodies])
    if found is None or not found.differences:
        return None
    return f"decision {kept.id} about {kept.payment.id} does not follow: {found.differences}"
