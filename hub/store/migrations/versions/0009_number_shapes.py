"""Shapes of our invoice numbers, learned from the invoices that are there."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from hub.domain.matching.shape_counts import Counted, ShapeCounts
from hub.domain.matching.shapes import NO_YEAR

revision: str = "0009"
down_revision: str | None = "0008"
branch_labels: None = None
depends_on: None = None

_ROWS_AT_ONCE = 10_000


def upgrade() -> None:
    """Add them and learn."""
    table = op.create_table(
        "number_shapes",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("mask", sa.Text(), nullable=False),
        sa.Column("example", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("organisation", "year", "mask", name="pk_number_shapes"),
    )
    found = _learned(op.get_bind())
    rows = [
        {"organisation": shape.organisation, "year": shape.year, "mask": shape.mask, "example": found.examples[shape]}
        for shape in sorted(found.shapes())
    ]
    op.bulk_insert(table, rows)


def _learned(connection: sa.Connection) -> Counted:
    counts = ShapeCounts()
    invoices = sa.table(
        "invoices",
        sa.column("number", sa.Text()),
        sa.column("issued_on", sa.Date()),
        sa.column("organisation_tax_id", sa.Text()),
        sa.column("removed", sa.Boolean()),
    )
    query = sa.select(invoices.c.number, invoices.c.issued_on, invoices.c.organisation_tax_id).where(
        invoices.c.removed.is_(False), invoices.c.number.is_not(None)
    )
    for rows in connection.execute(query).partitions(_ROWS_AT_ONCE):
        for number, issued_on, organisation in rows:
            counts.note(number, organisation, NO_YEAR if issued_on is None else issued_on.year)
    return counts.counted()


def downgrade() -> None:
    """Forget them."""
    op.drop_table("number_shapes")
