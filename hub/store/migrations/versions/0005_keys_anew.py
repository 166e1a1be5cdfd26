"""Keys of invoices are made otherwise: every system is read from the beginning, and nothing is matched before."""

import sqlalchemy as sa
from alembic import op

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: None = None
depends_on: None = None


def upgrade() -> None:
    """Forget how far the systems were read; reading them stores their invoices with keys of today."""
    op.execute(sa.text("DELETE FROM cursors WHERE name = 'changes'"))
    op.execute(sa.text("UPDATE connections SET polled_at = NULL"))


def downgrade() -> None:
    """Nothing: an older hub reads everything once more as well."""
    upgrade()
