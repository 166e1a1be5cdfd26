"""Claims of external systems, and events told to them."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels: None = None
depends_on: None = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT: Final = sa.DateTime(timezone=True)
_DOCUMENT: Final = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add the tables."""
    _add_claims()
    _add_events()


def downgrade() -> None:
    """Drop them."""
    for table in ("event_deliveries", "events", "claims"):
        op.drop_table(table)


def _add_claims() -> None:
    op.create_table(
        "claims",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("connection", sa.Text(), nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("inbox_id", _NUMBER, sa.ForeignKey("inbox.id", name="fk_claims_inbox_id")),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("paid_on", sa.Date(), nullable=False),
        *(sa.Column(name, sa.Text()) for name in ("payer_name", "payer_tax_id", "document_number")),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("invoice_number", sa.Text()),
        sa.Column("details", _DOCUMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("payment_id", _NUMBER, sa.ForeignKey("payments.id", name="fk_claims_payment_id")),
        sa.Column("settled_by", sa.Text()),
        sa.Column("settled_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("connection", "external_id", name="uq_claims_connection_external_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_claims_state_amount_minor", "claims", ["state", "amount_minor"])
    op.create_index("ix_claims_payment_id", "claims", ["payment_id"])


def _add_events() -> None:
    op.create_table(
        "events",
        sa.Column("id", _NUMBER, primary_key=True),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("event_id", "type", "subject")),
        sa.Column("data", _DOCUMENT, nullable=False),
        sa.Column("occurred_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("event_id", name="uq_events_event_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_events_occurred_at", "events", ["occurred_at"])
    op.create_table(
        "event_deliveries",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("event", _NUMBER, sa.ForeignKey("events.id", name="fk_event_deliveries_event"), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.Column("lease_owner", sa.Text()),
        sa.Column("lease_until", _MOMENT),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("settled_at", _MOMENT),
        sa.UniqueConstraint("event", "endpoint", name="uq_event_deliveries_event_endpoint"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_deliveries_state_next_attempt_at", "event_deliveries", ["state", "next_attempt_at"])
