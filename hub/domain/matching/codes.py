"""Codes of decisions that stand beside the table: no row may bear one of them."""

from __future__ import annotations

from typing import Final

from hub.domain.matching.reading import Mark

#: An outgoing payment is a refund that some row of no table proposes.
OUTGOING_REFUND: Final = "outgoing_refund"

#: What the matcher and the services around it decide without the table, kinds of other money included.
BESIDE_TABLE: Final = frozenset(mark.value for mark in Mark) | {
    *("no_amount", "own_transfer", "outgoing", OUTGOING_REFUND, "outgoing_refund_unknown", "refund_in"),
    *("tie", "contested", "number_not_found", "nothing_fits", "repeats_paid", "direction_unknown", "own_payer"),
    *("refund_words", "mistake_words", "register_words", "foreign_words", "unread_number", "share_of_unknown"),
    *("held_by_person", "may_be_counted", "covers_claim", "replaced_by_line", "replayed"),
}
