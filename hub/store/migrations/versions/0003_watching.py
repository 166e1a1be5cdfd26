"""What watches the hub itself: pulses, alarms, when raw bytes were forgotten, and indexes for its figures.

Revision: 0003, after 0002.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0003"
down_revision: str | None = "0002"
branch_labels: None = None
depends_on: None = None

_MOMENT: Final = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "pulses",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("beats", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_pulses"),
    )
    op.create_table(
        "alarms",
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("name", "kind", "source")),
        sa.Column("since", _MOMENT, nullable=False),
        sa.Column("rung_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_alarms"),
    )
    op.add_column("inbox", sa.Column("forgotten_at", _MOMENT))
    op.create_index("ix_decisions_kind", "decisions", ["kind"])
    op.create_index("ix_outbox_connection_kind_state", "outbox", ["connection", "kind", "state"])


def downgrade() -> None:
    """Take them away."""
    op.drop_index("ix_outbox_connection_kind_state", "outbox")
    op.drop_index("ix_decisions_kind", "decisions")
    op.drop_column("inbox", "forgotten_at")
    for table in ("alarms", "pulses"):
        op.drop_table(table)
