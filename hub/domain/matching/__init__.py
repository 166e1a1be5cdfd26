"""The matcher: reads a purpose, finds invoices by keys, decides by a table of verdicts. Pure, deterministic."""

from hub.domain.matching.book import Book, InMemoryBook
from hub.domain.matching.context import MatchContext, alias_keys
from hub.domain.matching.day import decide_all, decide_day, decide_one, rivals_of_day
from hub.domain.matching.keys import deciding_keys, invoice_keys, payment_keys
from hub.domain.matching.reader import read_purpose
from hub.domain.matching.reading import Mark, NamedDocument, NamedNumber, PurposeReading, Vat
from hub.domain.matching.table import SHIPPED, DecisionTable

__all__ = [
    "SHIPPED",
    "Book",
    "DecisionTable",
    "InMemoryBook",
    "Mark",
    "MatchContext",
    "NamedDocument",
    "NamedNumber",
    "PurposeReading",
    "Vat",
    "alias_keys",
    "decide_all",
    "decide_day",
    "decide_one",
    "deciding_keys",
    "invoice_keys",
    "payment_keys",
    "read_purpose",
    "rivals_of_day",
]
