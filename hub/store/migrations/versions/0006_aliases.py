"""Who pays for whom by the word of a person, and which payments were decided by it."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: None = None
depends_on: None = None

_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT: Final = sa.DateTime(timezone=True)
_ACTIVE: Final = sa.text("removed_at IS NULL")
_UNIQUE: Final = "uq_aliases_active"


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "aliases",
        sa.Column("id", _NUMBER, primary_key=True),
        sa.Column("payer_key", sa.Text(), nullable=False),
        *(sa.Column(f"payer_{part}", sa.Text()) for part in ("name", "tax_id", "account")),
        *(sa.Column(name, sa.Text(), nullable=False) for name in ("target", "client_name", "note")),
        sa.Column("payment_id", _NUMBER, sa.ForeignKey("payments.id", name="fk_aliases_payment_id")),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("removed_by", sa.Text()),
        sa.Column("removed_at", _MOMENT),
        sqlite_autoincrement=True,
    )
    columns = ["payer_key", "target"]
    op.create_index(_UNIQUE, "aliases", columns, unique=True, sqlite_where=_ACTIVE, postgresql_where=_ACTIVE)
    op.create_index("ix_aliases_payment_id", "aliases", ["payment_id"])
    op.create_table(
        "alias_uses",
        sa.Column("alias_id", _NUMBER, sa.ForeignKey("aliases.id", name="fk_alias_uses_alias_id"), nullable=False),
        sa.Column("payment_id", _NUMBER, sa.ForeignKey("payments.id", name="fk_alias_uses_payment_id"), nullable=False),
        sa.PrimaryKeyConstraint("alias_id", "payment_id", name="pk_alias_uses"),
    )
    op.create_index("ix_alias_uses_payment_id", "alias_uses", ["payment_id"])


def downgrade() -> None:
    """Drop them."""
    for table in ("alias_uses", "aliases"):
        op.drop_table(table)
