"""Texts of the decision tables that ever decided, by version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0007"
down_revision: str | None = "0006"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Add them; the hub fills in the ones that it decides by when it starts."""
    op.create_table(
        "decision_tables",
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", name="pk_decision_tables"),
    )


def downgrade() -> None:
    """Take them away."""
    op.drop_table("decision_tables")
