"""Secrets that renew themselves: their version, and who renews them just now."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | None = "0010"
branch_labels: None = None
depends_on: None = None

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Number every stored secret; nobody renews one yet."""
    op.add_column("tokens", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
    op.add_column("tokens", sa.Column("turn_owner", sa.Text()))
    op.add_column("tokens", sa.Column("turn_until", _MOMENT))


def downgrade() -> None:
    """Forget both."""
    op.drop_column("tokens", "turn_until")
    op.drop_column("tokens", "turn_owner")
    op.drop_column("tokens", "version")
