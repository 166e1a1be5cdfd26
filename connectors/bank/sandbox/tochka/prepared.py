"""A statement that Tochka prepares: asked for, polled until it is ready, gone after a day."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from connectors.bank.sandbox.book import Row

Status = Literal["Created", "Processing", "Ready", "Error"]


@dataclass(slots=True)
class Prepared:
    """`polls` counts the readings so far; the rows are there once they were taken from the book."""

    number: int
    account: str
    start: date
    end: date
    created_at: datetime
    ends: Literal["Ready", "Error", "never"] = "Ready"
    polls: int = 0
    status: Status = "Created"
    opening: Decimal | None = None
    closing: Decimal | None = None
    rows: list[Row] | None = None
