"""Texts of the decision tables that ever decided."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from hub.store import tables as t
from hub.store.sql import Repository, insert


class SqlDecisionTables(Repository):
    """`hub.ports.store.DecisionTables` over SQL."""

    def keep(self, version: str, text: str, now: datetime) -> None:
        """Keep the text of a version; one that is kept already stays as it is."""
        adding = insert(self._connection, t.decision_tables).values(version=version, body=text, kept_at=now)
        self._connection.execute(adding.on_conflict_do_nothing())

    def text(self, version: str) -> str | None:
        """The text of a version."""
        query = select(t.decision_tables.c.body).where(t.decision_tables.c.version == version)
        return self._connection.scalar(query)
