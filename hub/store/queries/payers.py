"""How many of the last payers a CRM's requisites let us recognise."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, exists, func, literal, or_, select

from hub.domain.models import Direction, TaxIdKind
from hub.store import tables as t
from hub.store.engine import Database


@dataclass(frozen=True, slots=True)
class RecognisedPayers:
    """Of `total` different payers of the last incoming payments `known` are clients by tax id, account or alias."""

    known: int
    total: int


def recognised_payers(database: Database, limit: int = 500) -> RecognisedPayers:
    """Compare the last `limit` payers (by tax id and account) with the clients of every connection."""
    payer = (t.payments.c.payer_tax_id, t.payments.c.payer_account)
    incoming = and_(t.payments.c.direction == Direction.IN, or_(*(column.is_not(None) for column in payer)))
    last = select(*payer).where(incoming).group_by(*payer).order_by(func.max(t.payments.c.id).desc()).limit(limit)
    seen = last.subquery()
    by_tax_id = exists().where(
        t.client_tax_ids.c.value == seen.c.payer_tax_id, t.client_tax_ids.c.kind != TaxIdKind.RU_KPP
    )
    by_account = exists().where(t.client_accounts.c.account == seen.c.payer_account)
    keys = (literal("t:").concat(seen.c.payer_tax_id), literal("a:").concat(seen.c.payer_account))
    by_alias = exists().where(t.aliases.c.removed_at.is_(None), t.aliases.c.payer_key.in_(keys))
    with database.read() as connection:
        total = connection.execute(select(func.count()).select_from(seen)).scalar_one()
        known = connection.execute(
            select(func.count()).select_from(seen).where(or_(by_tax_id, by_account, by_alias))
        ).scalar_one()
    return RecognisedPayers(known, total)
