"""The book of the story: makes companies, deals, invoices and statement lines with unique sums and numbers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count, cycle
from random import Random
from typing import Final
from uuid import UUID, uuid5

from hub.demo.story import names
from hub.demo.story.calendar import (
    ACTING,
    BANKS,
    BEFORE,
    FIRST,
    MAIN,
    SECOND,
    SERVICE,
    TREASURY,
    TREASURY_ACCOUNT,
)
from hub.demo.story.law import follow
from hub.demo.story.ledger import (
    RETAIL,
    WHOLESALE,
    Company,
    Copy,
    Crm,
    Deal,
    Invoice,
    Line,
    Numbering,
    OwnAccount,
    Paper,
    Way,
)
from hub.demo.story.numbering import give_numbers
from hub.demo.story.purposes import Writer
from hub.demo.story.requisites import account, company_inn, person_inn

_SEED: Final = 20260305
_MARKER: Final = re.compile(r"<(\d+)(?::(\w+))?>")
_LATIN: Final = str.maketrans("ТМ", "TM")
#: Whose invoices a CRM holds, and its first numbers: of deals, of invoices.
_SELLERS: Final[dict[Crm, Company]] = {"bitrix24": MAIN, "amocrm": SERVICE}
_FIRST_DEAL: Final[dict[Crm, int]] = {"bitrix24": 9001, "amocrm": 70001}
_FIRST_INVOICE: Final[dict[Crm, int]] = {"bitrix24": 301, "amocrm": 880001}
#: Documents of 1C that no CRM keeps are told apart by numbers of the story's own.
_FIRST_PAPER: Final = 500_001
#: Of which references in 1C are made.
_BASE: Final = UUID("5b1e7a60-1c8b-4f0e-9b53-0050560000c1")
_FIRST_ORDER: Final[dict[Crm, int]] = {"bitrix24": 501, "amocrm": 21}


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
        self.amo_clients: list[Company] = []
        self.deals: list[Deal] = []
        self.invoices: list[Invoice] = []
        self.lines: list[Line] = []
        self.later: list[Line] = []
        self.writer = Writer()
        self._random = Random(_SEED)  # noqa: S311 - invented sums, not secrets
        self._sums: set[Decimal] = set()
        self._found_clients()
        self._turn = cycle(self.companies)
        self._amo_turn = cycle(self.amo_clients)
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
        self._found_amo_clients()

    def _found_amo_clients(self) -> None:
        """Companies of the second CRM; the last one is a client of both, with a card in each."""
        for index, name in enumerate(names.AMO_CLIENTS):
            serial, bank = 301 + index, BANKS[index % len(BANKS)]
            own = account("40702", "810", 6000 + index, bank.bic)
            self.amo_clients.append(
                Company(40001 + index, f"ООО «{name}»", company_inn(serial), "009901001", own, bank, "amocrm")
            )
        both = self.clients[0]
        number = 40001 + len(self.amo_clients)
        self.amo_clients.append(replace(both, id=number, crm="amocrm"))

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

    def amo_client(self) -> Company:
        """The next client of the company that keeps amoCRM."""
        return next(self._amo_turn)

    @property
    def client_of_both(self) -> tuple[Company, Company]:
        """One client by its cards in Bitrix24 and in amoCRM."""
        return self.clients[0], self.amo_clients[-1]

    def deals_of(self, crm: Crm) -> list[Deal]:
        """What one CRM holds."""
        return [deal for deal in self.deals if deal.crm == crm]

    def invoices_of(self, crm: Crm) -> list[Invoice]:
        """What one CRM holds."""
        return [invoice for invoice in self.invoices if invoice.deal.crm == crm and invoice.in_crm]

    @property
    def papers(self) -> list[Invoice]:
        """What 1C holds."""
        return [invoice for invoice in self.invoices if invoice.paper is not None]

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
        """A new deal in the client's CRM; the pipeline in turn where none is named."""
        before = len(self.deals_of(client.crm))
        chosen = next(self._category) if category is None else category
        title = f"{next(self._project)}, заказ {_FIRST_ORDER[client.crm] + before}"
        deal = Deal(_FIRST_DEAL[client.crm] + before, title, chosen, stage, amount, client, currency)
        self.deals.append(deal)
        return deal

    def invoice(self, deal: Deal, issued: date, amount: Decimal | None = None, *, stage: str = "S") -> Invoice:
        """A new invoice of a deal by the company that keeps its CRM; for the deal's whole sum where none is named."""
        whole = deal.amount if amount is None else amount
        number = _FIRST_INVOICE[deal.crm] + len(self.invoices_of(deal.crm))
        invoice = Invoice(number, deal, whole, issued, _SELLERS[deal.crm], stage, deal.currency)
        deal.invoices.append(invoice)
        self.invoices.append(invoice)
        return invoice

    def paper(
        self,
        deal: Deal,
        issued: date,
        amount: Decimal | None = None,
        *,
        deal_is_known: bool = True,
        has_inn: bool = True,
        contract: str = "",
    ) -> Invoice:
        """A new document of 1C that no CRM keeps, by the company that keeps the deal's CRM."""
        whole = deal.amount if amount is None else amount
        number = _FIRST_PAPER + len(self.papers)
        invoice = Invoice(number, deal, whole, issued, _SELLERS[deal.crm], deal_is_known=deal_is_known)
        invoice.paper = Paper(str(uuid5(_BASE, f"счёт {number}")), has_inn, contract)
        if deal_is_known:
            deal.invoices.append(invoice)
        self.invoices.append(invoice)
        return invoice

    def copied(self, invoice: Invoice, numbering: Numbering, *, keeps_key: bool = False) -> Copy:
        """The CRM has an invoice of the document's sale too; returns it, to be made to disagree."""
        ids = (item.id for item in self.invoices_of(invoice.deal.crm))
        invoice.id = max(ids, default=_FIRST_INVOICE[invoice.deal.crm] - 1) + 1
        invoice.copy = Copy(numbering, invoice.amount, invoice.issued, keeps_key)
        return invoice.copy

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

    def keep_for_later(self, line: Line) -> None:
        """Money that does not come by itself: whoever watches the demo may let it come."""
        self.lines.remove(line)
        self.later.append(line)

    def give_numbers(self) -> None:
        """Number the invoices, and write the numbers into the purposes and the titles of deals that name them."""
        give_numbers(self.invoices)
        by_id = {str(invoice.id): invoice.number for invoice in self.invoices}
        for line in (*self.lines, *self.later):
            line.purpose = _MARKER.sub(lambda found: spell(by_id[found[1]], found[2] or ""), line.purpose)
        for deal in self.deals:
            deal.title = _MARKER.sub(lambda found: spell(by_id[found[1]], found[2] or ""), deal.title)
