"""A connection to a bank's API, as the owner set it up."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class BankSource:
    """How a bank is read. Seconds are scaled already.

    Attributes:
        title: what the bank is called on pages.
        accounts: only these accounts; empty means all that the credential shows.
        tax_ids: legal entities of ours that own them.
        read_from: the first day to be read; None takes some weeks before the first poll.
        is_books: what an accountant writes down of the bank's movements, not the bank's own word of them.
        mode_in_file: the settings file says whether its money may move deals.
        look_every_s: how often it is asked between two polls whether it still lets us in.
        lease_s: longer than a read of one day may take.
        retry_s: first pause before a hook's day is read again; it doubles up to `retry_max_s`.
    """

    id: str
    title: str
    accounts: Collection[str] = ()
    tax_ids: Collection[str] = ()
    read_from: date | None = None
    poll_every_s: float = 300.0
    look_every_s: float = 60.0
    is_books: bool = False
    mode_in_file: bool = False
    lease_s: float = 300.0
    retry_s: float = 10.0
    retry_max_s: float = 600.0

    def backoff(self, attempts: int) -> float:
        """Pause before the next attempt."""
        return float(min(self.retry_max_s, self.retry_s * 2 ** min(attempts, 20)))
