"""An outside system that reports payments, as the owner set it up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from hub.ports.claims import ReadReport


@dataclass(frozen=True, slots=True)
class ReportSource:
    """How the reports of one system are read and what its word is worth.

    Attributes:
        counts_to: our account: a report counts as money on it at once, before a statement shows the line. None: a
            report is only shown.
        organisation_tax_id: ИНН of our legal entity that owns the account, where known.
        patience: how long a line of a statement may be on its way before a person is asked.
    """

    read: ReadReport
    counts_to: str | None = None
    organisation_tax_id: str | None = None
    patience: timedelta = timedelta(days=7)
