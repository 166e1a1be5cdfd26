"""What each decision was made from, so that it can be made once more."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Add it; what was decided before keeps its verdicts alone."""
    op.add_column("decisions", sa.Column("ground", sa.JSON().with_variant(JSONB(), "postgresql")))


def downgrade() -> None:
    """Take it away."""
    op.drop_column("decisions", "ground")
