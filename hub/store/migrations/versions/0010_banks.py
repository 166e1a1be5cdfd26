"""What the APIs of banks show: movements by the banks' own ids, other names of payments, proofs of days."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | None = "0009"
branch_labels: None = None
depends_on: None = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _word(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "bank_lines",
        *(_word(name) for name in ("connection", "account", "source_id")),
        sa.Column("payment_id", _NUMBER, sa.ForeignKey("payments.id", name="fk_bank_lines_payment_id"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        _word("content"),
        sa.Column("signed_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("read_in", sa.BigInteger(), nullable=False),
        sa.Column("gone", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("connection", "account", "source_id", name="pk_bank_lines"),
    )
    op.create_index("ix_bank_lines_payment_id", "bank_lines", ["payment_id"])
    op.create_index("ix_bank_lines_account_day", "bank_lines", ["account", "day"])
    op.create_table(
        "payment_names",
        *(_word(name) for name in ("own_account", "fingerprint")),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        sa.Column(
            "payment_id", _NUMBER, sa.ForeignKey("payments.id", name="fk_payment_names_payment_id"), nullable=False
        ),
        sa.PrimaryKeyConstraint("own_account", "fingerprint", "occurrence", name="pk_payment_names"),
    )
    op.create_index("ix_payment_names_fingerprint", "payment_names", ["fingerprint"])
    op.create_index("ix_payment_names_payment_id", "payment_names", ["payment_id"])
    op.create_table(
        "bank_days",
        *(_word(name) for name in ("connection", "account")),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("opening_minor", sa.BigInteger()),
        sa.Column("credited_minor", sa.BigInteger(), nullable=False),
        sa.Column("debited_minor", sa.BigInteger(), nullable=False),
        sa.Column("closing_minor", sa.BigInteger()),
        sa.Column("jump_minor", sa.BigInteger()),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("broken", sa.Integer(), nullable=False),
        _word("state"),
        sa.Column("read_in", sa.BigInteger(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("connection", "account", "day", name="pk_bank_days"),
    )
    op.create_index("ix_bank_days_state_day", "bank_days", ["state", "day"])


def downgrade() -> None:
    """Take them away; the payments stay."""
    for table in ("bank_days", "payment_names", "bank_lines"):
        op.drop_table(table)
