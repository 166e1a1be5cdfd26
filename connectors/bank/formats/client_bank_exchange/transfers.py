"""A transfer between two of our accounts is printed once for each account: keep one line of the two."""

from __future__ import annotations

from collections import defaultdict
from typing import NamedTuple

from connectors.bank.formats.client_bank_exchange.document import Movement


class TransferSide(NamedTuple):
    """One print of a transfer: where it stands and which posting dates it names."""

    line_no: int
    debited: bool
    credited: bool

    @classmethod
    def of(cls, movement: Movement) -> TransferSide:
        """The side that a document shows."""
        posting = movement.posting
        return cls(movement.line.line_no, posting.debited_on is not None, posting.credited_on is not None)


class OwnTransfers:
    """Pairs the two sides of each transfer inside one file."""

    def __init__(self) -> None:
        self._waiting: defaultdict[str, list[TransferSide]] = defaultdict(list)

    def first_side(self, movement: Movement) -> TransferSide | None:
        """The print that already told of this transfer, or None when it is news."""
        line, here = movement.line, TransferSide.of(movement)
        waiting = self._waiting[line.fingerprint]
        for index, other in enumerate(waiting):
            if _are_two_sides(other, here, is_numbered=bool((line.document_number or "").strip("0"))):
                del waiting[index]
                return other
        waiting.append(here)
        return None


def _are_two_sides(first: TransferSide, second: TransferSide, *, is_numbered: bool) -> bool:
    """One left and one came; documents with both dates need a number to tell two sides from two equal transfers."""
    if first.debited != second.debited and first.credited != second.credited:
        return True
    return is_numbered and any(side.debited and side.credited for side in (first, second))
