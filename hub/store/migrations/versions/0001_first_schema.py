"""The first schema."""

from datetime import datetime
from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision: str = "0001"
down_revision: str | None = None
branch_labels: None = None
depends_on: None = None

# Types of their own, not the program's: a revision says for ever what it said when it was made.
_NUMBER: Final = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT: Final = sa.DateTime(timezone=True)
_DOCUMENT: Final = sa.JSON().with_variant(JSONB(), "postgresql")

_TABLES: Final = (
    "inbox",
    "inbox_quarantine",
    "payments",
    "payment_sources",
    "payment_keys",
    "decisions",
    "clients",
    "client_tax_ids",
    "client_accounts",
    "invoices",
    "invoice_keys",
    "invoice_deals",
    "deals",
    "bindings",
    "matches",
    "adjustments",
    "outbox",
    "outbox_after",
    "connections",
    "cursors",
    "tokens",
    "quota",
    "schedule",
    "leases",
    "switches",
    "audit",
    "audit_blocks",
    "users",
    "sessions",
    "login_attempts",
)


def _texts(*names: str, nullable: bool = False) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text(), nullable=nullable) for name in names]


def _moments(*names: str, nullable: bool = False) -> list[sa.Column[datetime]]:
    return [sa.Column(name, _MOMENT, nullable=nullable) for name in names]


def upgrade() -> None:
    """Make every table."""
    _intake()
    _sales()
    _matching()
    _system()
    _desk()


def downgrade() -> None:
    """Drop every table, those that refer to others first."""
    for table in reversed(_TABLES):
        op.drop_table(table)


def _intake() -> None:
    """What comes in."""
    op.create_table(
        "inbox",
        sa.Column("id", _NUMBER, nullable=False),
        *_texts("connection", "kind", "name"),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        *_texts("digest"),
        *_moments("received_at"),
        *_texts("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_moments("next_attempt_at"),
        *_texts("lease_owner", nullable=True),
        *_moments("lease_until", nullable=True),
        sa.Column("summary", _DOCUMENT, nullable=True),
        *_texts("error", nullable=True),
        *_moments("settled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox"),
        sa.UniqueConstraint("connection", "kind", "digest", name="uq_inbox_connection_kind_digest"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_inbox_kind_id", "inbox", ["kind", "id"])
    op.create_index("ix_inbox_state_next_attempt_at", "inbox", ["state", "next_attempt_at"])
    op.create_table(
        "inbox_quarantine",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("inbox_id", _NUMBER, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        *_texts("key", "message", "raw"),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_inbox_quarantine_inbox_id"),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_quarantine"),
        sa.UniqueConstraint("inbox_id", "line", name="uq_inbox_quarantine_inbox_id_line"),
    )
    op.create_table(
        "payments",
        sa.Column("id", _NUMBER, nullable=False),
        *_texts("direction"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        sa.Column("booked_on", sa.Date(), nullable=False),
        *_texts("purpose"),
        *_texts(
            "payer_name",
            "payer_tax_id",
            "payer_kpp",
            "payer_account",
            "payer_bic",
            "payer_bank_name",
            "payee_name",
            "payee_tax_id",
            "payee_kpp",
            "payee_account",
            "payee_bic",
            "payee_bank_name",
            nullable=True,
        ),
        *_texts("own_account"),
        *_texts("document_number", nullable=True),
        sa.Column("document_date", sa.Date(), nullable=True),
        *_texts("document_kind", "operation_code", "direction_reason", "organisation_tax_id", nullable=True),
        *_texts("fingerprint"),
        sa.Column("occurrence", sa.Integer(), nullable=False),
        *_texts("source_id", nullable=True),
        *_texts("raw"),
        sa.Column("warnings", _DOCUMENT, nullable=False),
        *_texts("state"),
        sa.Column("held", sa.Boolean(), nullable=False, server_default=sa.false()),
        *_texts("confirmed_by", nullable=True),
        sa.Column("decision_id", _NUMBER, nullable=True),
        *_moments("created_at"),
        *_texts("search"),
        sa.PrimaryKeyConstraint("id", name="pk_payments"),
        sa.UniqueConstraint(
            "own_account", "fingerprint", "occurrence", name="uq_payments_own_account_fingerprint_occurrence"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_payments_booked_on", "payments", ["booked_on"])
    op.create_index("ix_payments_fingerprint", "payments", ["fingerprint"])
    op.create_index("ix_payments_state_booked_on", "payments", ["state", "booked_on"])
    op.create_index(
        "ix_payments_state_direction_currency_amount_minor",
        "payments",
        ["state", "direction", "currency", "amount_minor"],
    )
    op.create_table(
        "payment_sources",
        sa.Column("payment_id", _NUMBER, nullable=False),
        sa.Column("inbox_id", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name="fk_payment_sources_inbox_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_payment_sources_payment_id"),
        sa.PrimaryKeyConstraint("payment_id", "inbox_id", name="pk_payment_sources"),
    )
    op.create_index("ix_payment_sources_inbox_id", "payment_sources", ["inbox_id"])
    op.create_table(
        "payment_keys",
        *_texts("key"),
        sa.Column("payment_id", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_payment_keys_payment_id"),
        sa.PrimaryKeyConstraint("key", "payment_id", name="pk_payment_keys"),
    )
    op.create_index("ix_payment_keys_payment_id", "payment_keys", ["payment_id"])
    op.create_table(
        "decisions",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("payment_id", _NUMBER, nullable=False),
        *_moments("decided_at"),
        *_texts("kind", "code", "reason", "version"),
        sa.Column("body", _DOCUMENT, nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_decisions_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
    )
    op.create_index("ix_decisions_payment_id", "decisions", ["payment_id"])


def _sales() -> None:
    """What the CRM and accounting systems say."""
    op.create_table(
        "clients",
        *_texts("id", "connection", "external_id"),
        sa.Column("body", _DOCUMENT, nullable=False),
        *_texts("search"),
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_clients"),
    )
    op.create_table(
        "client_tax_ids",
        *_texts("value", "kind", "client_id"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_client_tax_ids_client_id"),
        sa.PrimaryKeyConstraint("value", "kind", "client_id", name="pk_client_tax_ids"),
    )
    op.create_index("ix_client_tax_ids_client_id", "client_tax_ids", ["client_id"])
    op.create_table(
        "client_accounts",
        *_texts("account", "client_id"),
        sa.ForeignKeyConstraint(["client_id"], ["clients.id"], name="fk_client_accounts_client_id"),
        sa.PrimaryKeyConstraint("account", "client_id", name="pk_client_accounts"),
    )
    op.create_index("ix_client_accounts_client_id", "client_accounts", ["client_id"])
    op.create_table(
        "invoices",
        *_texts("id", "connection", "external_id"),
        *_texts("number", nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        *_texts("status"),
        sa.Column("due_on", sa.Date(), nullable=True),
        *_texts("client_id", nullable=True),
        sa.Column("client", _DOCUMENT, nullable=True),
        *_texts("organisation_tax_id", nullable=True),
        sa.Column("references", _DOCUMENT, nullable=False),
        sa.Column("markable", sa.Boolean(), nullable=False, server_default=sa.true()),
        *_texts("search"),
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_invoices"),
    )
    op.create_index("ix_invoices_client_id", "invoices", ["client_id"])
    op.create_index("ix_invoices_organisation_tax_id", "invoices", ["organisation_tax_id"])
    op.create_index("ix_invoices_status_issued_on", "invoices", ["status", "issued_on"])
    op.create_table(
        "invoice_keys",
        *_texts("key", "invoice_id"),
        sa.Column("of_client", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_invoice_keys_invoice_id"),
        sa.PrimaryKeyConstraint("key", "invoice_id", name="pk_invoice_keys"),
    )
    op.create_index("ix_invoice_keys_invoice_id", "invoice_keys", ["invoice_id"])
    op.create_table(
        "invoice_deals",
        *_texts("invoice_id", "deal_id"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_invoice_deals_invoice_id"),
        sa.PrimaryKeyConstraint("invoice_id", "deal_id", name="pk_invoice_deals"),
    )
    op.create_index("ix_invoice_deals_deal_id", "invoice_deals", ["deal_id"])
    op.create_table(
        "deals",
        *_texts("id", "connection", "external_id", "title", "pipeline_id", "stage_id", "stage_kind"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(3), nullable=True),
        *_texts("client_id", "responsible_id", "moved_by", nullable=True),
        sa.Column("fields", _DOCUMENT, nullable=False),
        sa.Column("removed", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("id", name="pk_deals"),
    )
    op.create_table(
        "bindings",
        *_texts("connection", "kind", "external_id", "hub_id"),
        sa.PrimaryKeyConstraint("connection", "kind", "external_id", name="pk_bindings"),
    )
    op.create_index("ix_bindings_hub_id", "bindings", ["hub_id"])


def _matching() -> None:
    """What was decided and what follows."""
    op.create_table(
        "matches",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("payment_id", _NUMBER, nullable=False),
        *_texts("invoice_id"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        *_texts("decided_by"),
        *_moments("decided_at"),
        *_moments("undone_at", nullable=True),
        *_texts("undone_by", nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_matches_invoice_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_matches_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_matches"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_matches_invoice_id", "matches", ["invoice_id"])
    op.create_index("ix_matches_payment_id", "matches", ["payment_id"])
    op.create_table(
        "adjustments",
        sa.Column("id", _NUMBER, nullable=False),
        sa.Column("payment_id", _NUMBER, nullable=False),
        *_texts("invoice_id", "kind"),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(3), nullable=False),
        *_texts("reason", "decided_by"),
        *_moments("decided_at"),
        *_moments("undone_at", nullable=True),
        *_texts("undone_by", nullable=True),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name="fk_adjustments_invoice_id"),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_adjustments_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_adjustments"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_adjustments_invoice_id", "adjustments", ["invoice_id"])
    op.create_index("ix_adjustments_payment_id", "adjustments", ["payment_id"])
    op.create_table(
        "outbox",
        sa.Column("id", _NUMBER, nullable=False),
        *_texts("operation_key", "connection", "kind", "subject"),
        sa.Column("payment_id", _NUMBER, nullable=False),
        sa.Column("payload", _DOCUMENT, nullable=False),
        *_texts("state"),
        sa.Column("attempts", sa.Integer(), nullable=False),
        *_moments("next_attempt_at"),
        *_texts("lease_owner", nullable=True),
        *_moments("lease_until", "intent_at", nullable=True),
        sa.Column("intent", _DOCUMENT, nullable=True),
        sa.Column("result", _DOCUMENT, nullable=True),
        *_texts("reason", nullable=True),
        sa.Column("orphaned", sa.Boolean(), nullable=False, server_default=sa.false()),
        *_moments("created_at"),
        *_moments("settled_at", nullable=True),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name="fk_outbox_payment_id"),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("operation_key", name="uq_outbox_operation_key"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_outbox_connection_kind_intent_at", "outbox", ["connection", "kind", "intent_at"])
    op.create_index("ix_outbox_payment_id", "outbox", ["payment_id"])
    op.create_index("ix_outbox_state_next_attempt_at", "outbox", ["state", "next_attempt_at"])
    op.create_index("ix_outbox_subject_id", "outbox", ["subject", "id"])
    op.create_table(
        "outbox_after",
        sa.Column("effect_id", _NUMBER, nullable=False),
        *_texts("operation_key"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["effect_id"], ["outbox.id"], name="fk_outbox_after_effect_id"),
        sa.PrimaryKeyConstraint("effect_id", "operation_key", name="pk_outbox_after"),
    )
    op.create_index("ix_outbox_after_operation_key", "outbox_after", ["operation_key"])


def _system() -> None:
    """The hub itself."""
    op.create_table(
        "connections",
        *_texts("id"),
        sa.Column("acting", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("act_from", sa.Date(), nullable=True),
        sa.Column("capped", sa.Boolean(), nullable=False, server_default=sa.false()),
        *_texts("health"),
        *_texts("health_reason", nullable=True),
        *_moments("checked_at", "polled_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_connections"),
    )
    op.create_table(
        "cursors",
        *_texts("connection", "name", "value"),
        sa.PrimaryKeyConstraint("connection", "name", name="pk_cursors"),
    )
    op.create_table(
        "tokens",
        *_texts("connection", "name", "key_id", "secret"),
        *_moments("updated_at"),
        sa.PrimaryKeyConstraint("connection", "name", name="pk_tokens"),
    )
    op.create_table(
        "quota",
        *_texts("name"),
        sa.Column("empty_at_us", sa.BigInteger(), nullable=True),
        sa.Column("spent_s", sa.Double(), nullable=True),
        *_moments("reset_at", "blocked_until", nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_quota"),
    )
    op.create_table(
        "schedule",
        *_texts("name"),
        *_moments("next_run_at"),
        sa.PrimaryKeyConstraint("name", name="pk_schedule"),
    )
    op.create_table(
        "leases",
        *_texts("name", "owner"),
        *_moments("until"),
        sa.PrimaryKeyConstraint("name", name="pk_leases"),
    )
    op.create_table(
        "switches",
        *_texts("name", "actor"),
        *_moments("since"),
        sa.PrimaryKeyConstraint("name", name="pk_switches"),
    )
    op.create_table(
        "audit",
        sa.Column("id", _NUMBER, nullable=False),
        *_moments("at"),
        *_texts("event", "actor", "subject"),
        sa.Column("data", _DOCUMENT, nullable=False),
        sa.Column("block", _NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_block", "audit", ["block"])
    op.create_index("ix_audit_subject", "audit", ["subject"])
    op.create_table(
        "audit_blocks",
        sa.Column("number", _NUMBER, nullable=False, autoincrement=False),
        *_moments("sealed_at"),
        sa.Column("lines", sa.Integer(), nullable=False),
        *_texts("body", "previous_hash", "hash"),
        sa.PrimaryKeyConstraint("number", name="pk_audit_blocks"),
    )


def _desk() -> None:
    """Who may sign in."""
    op.create_table(
        "users",
        sa.Column("id", _NUMBER, nullable=False),
        *_texts("login", "name", "password_hash"),
        sa.Column("disabled", sa.Boolean(), nullable=False, server_default=sa.false()),
        *_moments("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_users"),
        sa.UniqueConstraint("login", name="uq_users_login"),
    )
    op.create_table(
        "sessions",
        *_texts("token_hash"),
        sa.Column("user_id", _NUMBER, nullable=False),
        *_moments("created_at", "seen_at", "expires_at"),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name="fk_sessions_user_id"),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
    )
    op.create_index("ix_sessions_expires_at", "sessions", ["expires_at"])
    op.create_index("ix_sessions_user_id", "sessions", ["user_id"])
    op.create_table(
        "login_attempts",
        sa.Column("id", _NUMBER, nullable=False),
        *_texts("key"),
        *_moments("at"),
        sa.PrimaryKeyConstraint("id", name="pk_login_attempts"),
    )
    op.create_index("ix_login_attempts_at", "login_attempts", ["at"])
    op.create_index("ix_login_attempts_key_at", "login_attempts", ["key", "at"])
