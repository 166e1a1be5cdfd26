"""The content key that makes one movement the same in a file, an API answer and a hook."""

from __future__ import annotations

import hashlib
from datetime import date

from hub.domain.models import Direction
from hub.domain.money import Money


def fingerprint(
    own_account: str | None,
    direction: Direction,
    amount: Money,
    document_number: str | None,
    document_date: date | None,
    counterparty_account: str | None,
    counterparty_tax_id: str | None,
) -> str:
    """SHA-256 hex over the fields that no bank re-words between its channels.

    Names and the purpose are left out because banks re-space, cut and re-case them; the posting date is left out
    because it moves by a day between an API in UTC and a file in Moscow time. Two real payments may share a
    fingerprint: count them with an occurrence index.
    """
    parts = (
        own_account or "",
        direction.value,
        str(amount.minor),
        amount.currency,
        document_number or "",
        document_date.isoformat() if document_date else "",
        counterparty_account or "",
        counterparty_tax_id or "",
    )
    return hashlib.sha256("|".join(parts).encode()).hexdigest()
