"""Claims of external systems, events told to them, rests of connections, lines that vanished from a statement."""

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
    _note_journal_head()
    op.add_column("connections", sa.Column("retry_at", _MOMENT))
    op.add_column("payments", sa.Column("vanished_in", _NUMBER))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("payments", "vanished_in")
    op.drop_column("connections", "retry_at")
    for table in ("event_endpoints", "event_deliveries", "events", "claims"):
        op.drop_table(table)


def _note_journal_head() -> None:
    """The newest sealed block is noted besides from now on, so that a cut-off tail shows."""
    connection = op.get_bind()
    newest = "SELECT number, hash FROM audit_blocks ORDER BY number DESC LIMIT 1"
    head = connection.execute(sa.text(newest)).one_or_none()
    if head is not None:
        noting = sa.text("INSERT INTO cursors (connection, name, value) VALUES ('@hub', 'journal_head', :value)")
        connection.execute(noting, {"value": f"{head.number} {head.hash}"})


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
        *(sa.Column(name, sa.Text()) for name in ("invoice_number", "account")),
        sa.Column("details", _DOCUMENT, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("covered_by", _NUMBER, sa.ForeignKey("payments.id", name="fk_claims_covered_by")),
        sa.Column("counted_as", _NUMBER, sa.ForeignKey("payments.id", name="fk_claims_counted_as")),
        sa.Column("settled_by", sa.Text()),
        sa.Column("settled_at", _MOMENT),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.UniqueConstraint("connection", "external_id", name="uq_claims_connection_external_id"),
        sqlite_autoincrement=True,
    )
    for columns in (("amount_minor", "paid_on"), ("state", "created_at"), ("covered_by",), ("counted_as",)):
        op.create_index(f"ix_claims_{'_'.join(columns)}", "claims", list(columns))


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
    op.create_index("ix_events_subject", "events", ["subject"])
    op.create_table(
        "event_deliveries",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("event", _NUMBER, sa.ForeignKey("events.id", name="fk_event_deliveries_event"), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", _MOMENT, nullable=False),
        sa.Column("status", sa.Integer()),
        sa.Column("error", sa.Text()),
        sa.Column("settled_at", _MOMENT),
        sa.UniqueConstraint("event", "endpoint", name="uq_event_deliveries_event_endpoint"),
        sqlite_autoincrement=True,
    )
    columns = ["endpoint", "state", "next_attempt_at"]
    op.create_index(f"ix_event_deliveries_{'_'.join(columns)}", "event_deliveries", columns)
    op.create_table(
        "event_endpoints",
        sa.Column("name", sa.Text(), primary_key=True),
        *(sa.Column(name, sa.Text()) for name in ("lease_owner", "disabled_because")),
        *(sa.Column(name, _MOMENT) for name in ("lease_until", "held_until", "disabled_at", "succeeded_at")),
    )
