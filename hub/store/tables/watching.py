"""Tables of what watches the hub itself: when something last gave a sign of life, and what is silent."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, Integer, Table

from hub.store.tables.base import metadata, moment, word

pulses: Final = Table(
    "pulses",
    metadata,
    word("name", primary_key=True),
    # first and newest beat since the pulse was last stilled, and how many there were
    moment("since"),
    moment("at"),
    Column("beats", Integer, nullable=False),
)

alarms: Final = Table(
    "alarms",
    metadata,
    word("name", primary_key=True),
    word("kind"),
    word("source"),
    # the last sign of life; when the silence was noticed
    moment("since"),
    moment("rung_at"),
)
