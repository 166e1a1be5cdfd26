"""The outbox in the order of its turns: an index of unsettled rows alone."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None

_NAME: Final = "ix_outbox_turns"
_UNSETTLED: Final = sa.text("state IN ('queued', 'intent')")


def upgrade() -> None:
    """Add it."""
    columns = ["connection", "next_attempt_at", "id"]
    op.create_index(_NAME, "outbox", columns, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED)


def downgrade() -> None:
    """Drop it."""
    op.drop_index(_NAME, "outbox")
