"""Rules of trade: sales, money, statement files, and the hooks that tell of the CRM's changes."""

from __future__ import annotations

import hashlib
from datetime import date

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule
from sqlalchemy import select

from hub import failpoints
from hub.domain.models import Direction, Invoice
from hub.domain.money import Money, total
from hub.ports.records import InboxKind
from hub.services.import_statement import import_statement
from hub.services.poll_source import poll_source
from hub.services.runtime import Work
from hub.store import tables as t
from tests.model.outside import CLIENTS, DAYS, FIRST_DAY, Sale
from tests.model.scene import INDEX, WHO, Scene, pick
from tests.support.world import CRM

SUMS = ("1000.00", "1000.00", "2500.50")
KINDS = ("exact", "part", "over", "both", "nameless", "stranger", "refund", "again")


class Trade(Scene):
    """What brings facts to the hub."""

    @initialize(advance=st.booleans(), rounds=st.integers(0, 1))
    def a_customer_has_paid(self, advance: bool, rounds: int) -> None:
        """The hub acts, and is some way into its first case."""
        self.world.act(date(2026, 3, 1))
        self.crm.put(*CLIENTS)
        self.sell_and_be_paid(0, 1)
        self.sell_and_be_paid(1, 2 if advance else 1)
        poll_source(self.rt, CRM)
        for _ in range(rounds):
            self.work_a_round()

    @rule(client=INDEX, count=st.integers(1, 2))
    def sell_and_be_paid(self, client: int, count: int) -> None:
        """A deal with its invoices is in the CRM, the first one is paid."""
        sale = self.office.sell(pick(CLIENTS, client), SUMS[:count])
        self._publish(sale)
        self._pay(sale, sale.invoices[:1], sale.invoices[0].amount)
        self._show_day()

    @rule(index=INDEX, how=st.sampled_from(["outside the CRM", "the CRM gets it", "twin"]))
    def sell(self, index: int, how: str) -> None:
        """Money may come before the CRM knows of the sale; a twin has the number, sum and client of another."""
        drafts = self.drafts()
        if how == "twin":
            sale = pick(self.office.sales, index)
            self._publish(self.office.sell(sale.client, (), sale.invoices[0]))
        elif drafts and how == "the CRM gets it":
            self._publish(pick(drafts, index))
        else:
            self.office.sell(pick(CLIENTS, index), SUMS[1 : 2 + index % 2])

    def _publish(self, sale: Sale) -> None:
        self.crm.put(sale.deal, *sale.invoices)

    def _pay(self, sale: Sale, invoices: tuple[Invoice, ...], amount: Money) -> None:
        named = [item.number for item in invoices if item.number]
        self.bank.add(amount, f"Оплата по счету № {', '.join(named)} от 01.03.2026", sale.client, named)

    @rule(index=INDEX, kind=st.sampled_from(KINDS))
    def money_comes(self, index: int, kind: str) -> None:
        """As asked, or in one of the ways that are not; the day's statement may be brought at once."""
        sale = pick(self.office.sales, index)
        first = pick(sale.invoices, index)
        half = Money.from_minor(first.amount.minor // 2, "RUB")
        match kind:
            case "exact":
                self._pay(sale, (first,), first.amount)
            case "part":
                self._pay(sale, (first,), half)
            case "over":
                self._pay(sale, (first,), first.amount + half)
            case "both":
                self._pay(sale, sale.invoices, total((item.amount for item in sale.invoices), "RUB"))
            case "again":  # a line like another one is money of its own
                self.bank.again(pick(self.bank.lines, index))
            case "nameless":
                self.bank.add(half, "За услуги", None)
            case "stranger":
                other = CLIENTS[sale.client == CLIENTS[0]]
                self.bank.add(first.amount, f"Оплата по счету № {first.number} от 01.03.2026", other)
            case _:
                self.bank.add(half, f"Возврат по счету № {first.number}", sale.client, (), Direction.OUT)
        if index % 2:
            self._show_day()

    @rule(first=st.integers(0, DAYS - 1), last=st.integers(0, DAYS - 1), again=st.booleans())
    def bring_a_file(self, first: int, last: int, again: bool) -> None:
        """A statement of some days, overlapping earlier ones; or the very bytes of an earlier one."""
        old = list(self.laws.files.values())
        self._bring(pick(old, first) if again and old else self.bank.file(min(first, last), max(first, last)))

    def _show_day(self) -> None:
        day = (self.bank.lines[-1].day - FIRST_DAY).days
        self._bring(self.bank.file(day, day))

    def _bring(self, raw: bytes) -> None:
        self.alive(lambda: import_statement(self.rt, raw, "file.txt", WHO))
        with self.database.read() as connection:
            found = select(t.inbox.c.id, t.inbox.c.raw).where(t.inbox.c.kind == InboxKind.STATEMENT_FILE)
            self.laws.files = {row.id: row.raw for row in connection.execute(found)}

    @precondition(lambda self: self.crm.hooks)
    @rule(index=INDEX, times=st.integers(0, 2))
    def a_hook_comes(self, index: int, times: int) -> None:
        """In any order, late, twice or never."""
        body = self.crm.hooks.pop(index % len(self.crm.hooks))
        for _ in range(times):
            self.alive(lambda: self._take(body.encode()))

    def _take(self, body: bytes) -> None:
        digest = hashlib.sha256(body).hexdigest()
        with self.rt.store.write() as uow:
            _, created = uow.inbox.add(CRM, InboxKind.HOOK, "text/plain", body, digest, self.clock.now())
        failpoints.reach("after_inbox_commit")
        if created:
            self.rt.wake(Work.HOOKS, CRM)
