"""Effects that follow from no payment: what accounting says goes into a deal's fields before any money came."""

from __future__ import annotations

import re
from typing import Final

import sqlalchemy as sa
from alembic import op

revision: str = "0013"
down_revision: str | None = "0012"
branch_labels: None = None
depends_on: None = None

_COLUMN: Final = re.compile(r"(\bpayment_id\s+\w+)(\s+NOT\s+NULL)?", re.IGNORECASE)
_NAME: Final = re.compile(r"(CREATE\s+TABLE\s+)[\"']?outbox[\"']?", re.IGNORECASE)
_NEW: Final = "outbox_anew"


def upgrade() -> None:
    """The payment of an effect may be absent."""
    _payment(needed=False)


def downgrade() -> None:
    """Forget effects without a payment."""
    op.execute("DELETE FROM outbox_after WHERE effect_id IN (SELECT id FROM outbox WHERE payment_id IS NULL)")
    op.execute("DELETE FROM outbox WHERE payment_id IS NULL")
    _payment(needed=True)


def _payment(*, needed: bool) -> None:
    if op.get_bind().dialect.name == "sqlite":
        _made_anew(needed=needed)
    else:
        op.alter_column("outbox", "payment_id", nullable=not needed)


def _made_anew(*, needed: bool) -> None:
    """SQLite changes no column: the table is made anew with all that it holds.

    Its indexes go with the old one and are made again as they were. Rows that refer to it step aside meanwhile: foreign
    keys cannot be switched off inside a transaction.
    """
    bind = op.get_bind()
    table = bind.scalar(sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'outbox'"))
    made = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'outbox' AND sql IS NOT NULL"
    indexes = list(bind.scalars(sa.text(made)))
    columns, found = _COLUMN.subn(rf"\1{' NOT NULL' if needed else ''}", str(table), count=1)
    renamed, named = _NAME.subn(rf"\1{_NEW}", columns, count=1)
    if not (found and named):
        raise RuntimeError("the table outbox is not as it was made")
    last = bind.scalar(sa.text("SELECT seq FROM sqlite_sequence WHERE name = 'outbox'"))
    for statement in (
        renamed,
        f"INSERT INTO {_NEW} SELECT * FROM outbox",  # noqa: S608
        "CREATE TEMPORARY TABLE outbox_after_kept AS SELECT * FROM outbox_after",
        "DELETE FROM outbox_after",
        "DROP TABLE outbox",
        f"ALTER TABLE {_NEW} RENAME TO outbox",
        *indexes,
        "INSERT INTO outbox_after SELECT * FROM outbox_after_kept",
        "DROP TABLE outbox_after_kept",
    ):
        bind.exec_driver_sql(statement)
    if last is not None:
        bind.execute(sa.text("DELETE FROM sqlite_sequence WHERE name = 'outbox'"))
        bind.execute(sa.text("INSERT INTO sqlite_sequence (name, seq) VALUES ('outbox', :last)"), {"last": last})
