"""A company whose shop reports payments: reports and statements come in as they do in life, through the inbox."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from connectors.signed_webhook import read_report
from hub.ports.claims import ClaimRow
from hub.ports.records import InboxKind, InboxRow, PaymentRow
from hub.ports.statement import ReceivedPayment
from hub.services.import_statement import import_statement
from hub.services.match_payments import match_payments
from hub.services.read_inbox import read_inbox
from hub.services.read_reports import read_reports
from hub.services.report_source import ReportSource
from tests.support.world import OUR_ACCOUNT, OUR_TAX_ID, World, rub

SHOP = "shop"
TAX_ID = "7700000016"


def report(number: str = "r1", amount: object = "1000.00", day: int = 5, **fields: object) -> bytes:
    """The body of a report of March 2026."""
    data = {"id": number, "amount": amount, "currency": "RUB", "paid_on": f"2026-03-{day:02}"}
    return json.dumps({"type": "payment.reported", "data": data | fields}, ensure_ascii=False).encode()


def named(number: str = "r1", amount: object = "1000.00", day: int = 5, **fields: object) -> bytes:
    """A report that says who paid for what."""
    known = {"payer": {"name": "ООО «Фиалка»", "tax_id": TAX_ID}, "purpose": "Оплата по счету 71"}
    return report(number, amount, day, **(known | fields))


@dataclass
class ReportWorld(World):
    """`World` with a shop that reports; `acting` lets its word count as money."""

    acting: bool = False
    files: dict[bytes, list[ReceivedPayment]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.trust(self.acting)

    def trust(self, acting: bool) -> None:
        """Let the shop's word count as money, or not."""
        source = ReportSource(read_report, OUR_ACCOUNT if acting else None, OUR_TAX_ID, timedelta(days=7))
        self.rt = replace(
            self.rt, reports={SHOP: source}, read_statement=lambda raw, accounts, tax_ids: iter(self.files[raw])
        )

    def tell(self, body: bytes) -> int:
        """A report comes in and is read; the inbox row's number."""
        digest = hashlib.sha256(body).hexdigest()
        with self.store.write() as uow:
            inbox_id, _ = uow.inbox.add(SHOP, InboxKind.CLAIM, "msg_1", body, digest, self.clock.now())
        read_reports(self.rt, SHOP)
        return inbox_id

    def show(self, *lines: ReceivedPayment) -> list[str]:
        """A statement with these lines comes in and is read; their ids."""
        raw = repr([line.fingerprint for line in lines]).encode()
        self.files[raw] = list(lines)
        read_inbox(self.rt, import_statement(self.rt, raw, "march.txt", "Ольга").inbox_id)
        with self.store.write() as uow:
            return [key for key, _ in uow.payments.add(lines, None, self.clock.now())]

    def decide(self) -> None:
        """The matcher works on a CRM that was just read."""
        self.sync()
        match_payments(self.rt)

    def claims(self) -> list[ClaimRow]:
        """Every claim of the year, oldest first."""
        with self.store.read() as uow:
            sums = {item.payment.amount for items in self.files.values() for item in items} | {rub("1000")}
            return uow.claims.of_amounts(sums, date(2026, 1, 1), date(2026, 12, 31))

    def counted(self, claim: ClaimRow) -> PaymentRow:
        """The payment that a claim became."""
        assert claim.counted_as is not None
        return self.payment(claim.counted_as)

    def inbox(self, inbox_id: int) -> InboxRow:
        """A row of the inbox."""
        with self.store.read() as uow:
            row = uow.inbox.get(inbox_id)
        assert row is not None
        return row
