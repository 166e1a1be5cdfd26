"""The outbox in the order of its turns, and payments by sum and day."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0004"
down_revision: str | None = "0003"
branch_labels: None = None
depends_on: None = None

_NAME: Final = "ix_outbox_turns"
_SUMS: Final = "ix_payments_amount_minor_booked_on"
_UNSETTLED: Final = sa.text("state IN ('queued', 'intent')")


def upgrade() -> None:
    """Add it."""
    columns = ["connection", "next_attempt_at", "id"]
    op.create_index(_NAME, "outbox", columns, sqlite_where=_UNSETTLED, postgresql_where=_UNSETTLED)
    op.create_index(_SUMS, "payments", ["amount_minor", "booked_on"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index(_SUMS, "payments")
    op.drop_index(_NAME, "outbox")
