"""The book of the story: makes companies, deals, invoices and statement lines with unique sums and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, cycle
from random import Random
from typing import Final

from hub.demo.story import names
from hub.demo.story.calendar import ACTING, BANKS, BEFORE, FIRST, MAIN, SECOND, TREASURY, TREASURY_ACCOUNT
from hub.demo.story.law import follow
from hub.demo.story.ledger import RETAIL, WHOLESALE, Company, Deal, Invoice, Line, OwnAccount, Way
from hub.demo.story.purposes import Writer
from hub.demo.story.requisites import account, company_inn, person_inn

_SEED: Final = 20260305
_MARKER: Final = re.compile(r"<(\d+)(?::(\w+))?>")
_LATIN: Final = str.maketrans("ТМ", "TM")


def marker(invoice: Invoice, spelling: str = "") -> str:
    """Stands in a purpose for the number of an invoice until numbers are given; see `spell`."""
    return f"<{invoice.id}:{spelling}>" if spelling else f"<{invoice.id}>"


def spell(number: str, spelling: str) -> str:
    """A number as a client may write it: as printed, `short` without the zeros, `latin`, `lower`, `bare` digits."""
    head, _, tail = number.rpartition("-")
    match spelling if head else "":
        case "short":
            return f"{head.removesuffix('00')}-{int(tail)}"
        case "latin":
            return number.translate(_LATIN)
        case "lower":
            return number.lower()
        case "bare":
            return tail
        case _:
            return number


class Book:
    """Everything of the story, in the order it was told."""

    def __init__(self) -> None:
        self.clients: list[Company] = []
        self.deals: list[Deal] = []
        self.invoices: list[Invoice] = []
        self.lines: list[Line] = []
        self.writer = Writer()
        self._random = Random(_SEED)  # noqa: S311 - invented sums, not secrets
        self._sums: set[Decimal] = set()
        self._found_clients()
        self._turn = cycle(self.companies)
        self._slots = cycle(self._plan(ACTING))
        self._old_slots = cycle(self._plan(BEFORE))
        self._company_serial = count(7001)
        self._document_number = count(17)
        self._category = cycle((RETAIL, RETAIL, WHOLESALE))
        self._project = cycle(names.PROJECTS)
        self._spelling = cycle(("", "", "short", "", "latin", "bare", ""))

    def _found_clients(self) -> None:
        serial = count(11)
        for name in names.company_names()[:66]:
            self._add_client(next(serial), f"ООО «{name}»", "40702")
        for name in names.TRADERS:
            self._add_client(next(serial), f"ИП {name}", "40802")
        for name in names.SCHOOLS:
            self._add_client(next(serial), name, "")

    def _add_client(self, number: int, name: str, balance: str) -> None:
        bank = BANKS[number % len(BANKS)] if balance else TREASURY
        own = account(balance, "810", 5000 + number, bank.bic) if balance else TREASURY_ACCOUNT
        trader = balance == "40802"
        inn = person_inn(number) if trader else company_inn(number)
        kpp = "" if trader else f"0099{number % 4 + 1:02d}001"
        self.clients.append(Company(number, name, inn, kpp, own, bank))

    @property
    def companies(self) -> list[Company]:
        """Clients with an account of their own in a bank."""
        return [client for client in self.clients if client.bank is not TREASURY]

    @property
    def schools(self) -> list[Company]:
        """Clients that pay through the treasury's one account."""
        return [client for client in self.clients if client.bank is TREASURY]

    @staticmethod
    def _plan(days: Sequence[date]) -> list[tuple[OwnAccount, date]]:
        return [(own, day) for turn, own in enumerate((FIRST, SECOND, FIRST)) for day in (*days[turn:], *days[:turn])]

    def client(self) -> Company:
        """The next client in turn."""
        return next(self._turn)

    def stranger(self, name: str, bank: int = 0, balance: str = "40702") -> Company:
        """A company that the CRM does not know."""
        serial = next(self._company_serial)
        own = account(balance, "810", serial, BANKS[bank].bic)
        return Company(0, name, company_inn(serial), "009902001", own, BANKS[bank])

    def slot(self, *, old: bool = False) -> tuple[OwnAccount, date]:
        """An account of ours and a bank day, in turn; `old` is before the hub may act."""
        return next(self._old_slots if old else self._slots)

    def sum(self, low: int = 4_000, high: int = 380_000) -> Decimal:
        """An amount nobody else in the story has."""
        while True:
            amount = Decimal(self._random.randrange(low, high, 10))
            if self._random.randrange(3) == 0:
                amount += Decimal(self._random.randrange(100)) / 100
            amount = amount.quantize(Decimal("0.01"))
            if amount not in self._sums:
                self._sums.add(amount)
                return amount

    def share(self, amount: Decimal, percent: int) -> Decimal:
        """A share of a sum, to the kopeck, taken out of the sums that may still be drawn."""
        part = (amount * percent / 100).quantize(Decimal("0.01"))
        self._sums.add(part)
        return part

    def days_before(self, booked: date) -> date:
        """A day from two to twelve days before."""
        return booked - timedelta(days=2 + self._random.randrange(11))

    def deal(
        self,
        client: Company,
        amount: Decimal,
        *,
        category: int | None = None,
        stage: str = "PREPARATION",
        currency: str = "RUB",
    ) -> Deal:
        """A new deal; the pipeline in turn where none is named."""
        number = 9001 + len(self.deals)
        chosen = next(self._category) if category is None else category
        deal = Deal(number, f"{next(self._project)}, заказ {number - 8500}", chosen, stage, amount, client, currency)
        self.deals.append(deal)
        return deal

    def invoice(
        self, deal: Deal, issued: date, amount: Decimal | None = None, *, by: Company = MAIN, stage: str = "S"
    ) -> Invoice:
        """A new invoice of a deal, for the deal's whole sum where none is named."""
        whole = deal.amount if amount is None else amount
        invoice = Invoice(len(self.invoices) + 301, deal, whole, issued, by, stage, deal.currency)
        deal.invoices.append(invoice)
        self.invoices.append(invoice)
        return invoice

    def sale(
        self,
        booked: date,
        amount: Decimal | None = None,
        client: Company | None = None,
        category: int | None = None,
    ) -> Invoice:
        """The usual: one deal with one invoice for all of it, sent some days before it is paid."""
        deal = self.deal(client or self.client(), amount or self.sum(), category=category)
        return self.invoice(deal, self.days_before(booked))

    def words(self, templates: Sequence[str], invoice: Invoice, amount: Decimal) -> str:
        """A purpose that names the invoice, its number spelled in turn."""
        return self.writer.write(templates, amount, marker(invoice, next(self._spelling)), invoice.issued)

    def line(
        self, case: str, own: OwnAccount, booked: date, amount: Decimal, other: Company, purpose: str, way: Way = "in"
    ) -> Line:
        """A statement line that must not be decided by machine unless the case says so."""
        serial = next(self._document_number)
        document_date = booked - timedelta(days=serial % 2)
        line = Line(case, own, booked, str(serial * 7 % 1873 + 1), amount, way, other, purpose, "none")
        line.pile = "needs_you" if way == "in" else "not_ours"
        line.document_date = document_date
        self.lines.append(line)
        return line

    def paid(
        self,
        case: str,
        own: OwnAccount,
        booked: date,
        parts: Sequence[tuple[Invoice, Decimal]],
        purpose: str,
        *,
        payer: Company | None = None,
    ) -> Line:
        """Money that the machine must give to these invoices."""
        amount = sum((part for _, part in parts), Decimal(0))
        line = self.line(case, own, booked, amount, payer or parts[0][0].deal.client, purpose)
        line.decision = "auto"
        line.allocations = list(parts)
        follow(line)
        return line

    def give_numbers(self) -> None:
        """Number the invoices by date, each pipeline in its own way, and write the numbers into the purposes."""
        ordered = sorted(self.invoices, key=lambda invoice: (invoice.issued, invoice.id))
        retail, wholesale = count(1201), count(312)
        for invoice in ordered:
            if invoice.deal.category == RETAIL:
                invoice.number = str(next(retail))
            else:
                invoice.number = f"ТМ00-{next(wholesale):06d}"
        by_id = {str(invoice.id): invoice.number for invoice in self.invoices}
        for line in self.lines:
            line.purpose = _MARKER.sub(lambda found: spell(by_id[found[1]], found[2] or ""), line.purpose)
