"""Invoices of several systems that are one sale; every system is read anew for the references that tell them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0012"
down_revision: str | None = "0011"
branch_labels: None = None
depends_on: None = None


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Add what an invoice knows of its copies, and what was found of each pair."""
    op.add_column("invoices", sa.Column("from_accounting", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("invoices", sa.Column("guid", sa.Text()))
    op.add_column("invoices", sa.Column("main_id", sa.Text()))
    op.add_column("invoices", sa.Column("has_copies", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_index("ix_invoices_guid", "invoices", ["guid"])
    op.create_index("ix_invoices_main_id", "invoices", ["main_id"])
    op.create_index(
        "ix_invoices_papers",
        "invoices",
        ["amount_minor"],
        sqlite_where=sa.text("from_accounting IS 1"),
        postgresql_where=sa.text("from_accounting IS true"),
    )
    op.create_index("ix_deals_amount_minor", "deals", ["amount_minor"])
    op.create_index("ix_deals_client_id", "deals", ["client_id"])
    op.create_table(
        "sale_links",
        *(_word(name) for name in ("kind", "left_id", "right_id", "state", "decided_by")),
        sa.Column("traits", sa.JSON().with_variant(JSONB(), "postgresql"), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "left_id", "right_id", name="pk_sale_links"),
    )
    op.create_index("ix_sale_links_right_id", "sale_links", ["right_id"])
    op.create_index("ix_sale_links_state_kind", "sale_links", ["state", "kind"])
    op.execute(sa.text("DELETE FROM cursors WHERE name = 'changes'"))
    op.execute(sa.text("UPDATE connections SET polled_at = NULL"))


def downgrade() -> None:
    """Take them away: each invoice stands alone again, and is found by its own keys once its system is read."""
    # An invoice that looks changed gets its keys.
    op.execute(sa.text("UPDATE invoices SET search = '' WHERE main_id IS NOT NULL OR has_copies"))
    op.drop_table("sale_links")
    op.drop_index("ix_invoices_papers", "invoices")
    op.drop_index("ix_deals_client_id", "deals")
    op.drop_index("ix_deals_amount_minor", "deals")
    op.drop_index("ix_invoices_main_id", "invoices")
    op.drop_index("ix_invoices_guid", "invoices")
    for name in ("has_copies", "main_id", "guid", "from_accounting"):
        op.drop_column("invoices", name)
    op.execute(sa.text("DELETE FROM cursors WHERE name = 'changes'"))
    op.execute(sa.text("UPDATE connections SET polled_at = NULL"))
