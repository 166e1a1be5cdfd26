"""Invoices that stand in 1C, where both companies keep their books: beside the CRM's own, or alone.

Clients hold what 1C printed, so that their purposes quote its numbers.
"""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from hub.demo.story import purposes
from hub.demo.story.book import Book, marker
from hub.demo.story.calendar import ACTING, OTHER_ENTITY, TBANK, TOCHKA
from hub.demo.story.cases_recent import NAMING
from hub.demo.story.days import TODAY, ago
from hub.demo.story.ledger import RETAIL, WHOLESALE, Company, Deal, Invoice, Line, Numbering, OwnAccount

#: How far the CRM's invoice is from the document in 1C: kopecks by another rounding of VAT, days between the two.
_KOPECKS: Final = (Decimal("0.40"), Decimal("-0.17"))
#: Kopecks that a CRM of whole roubles rounds up.
_ROUNDED_UP: Final = Decimal("0.60")
_DAYS: Final = (timedelta(days=1), timedelta(days=-2))


def tell(book: Book) -> None:
    """All of them."""
    by_key(book)
    by_number(book)
    disagreeing(book)
    in_two_goes(book)
    alone_and_named(book)
    alone_by_contract(book)
    alone_by_client(book)
    alone_without_deal(book)
    told_by_banks(book)
    other_sum(book)
    two_deals(book)
    never_paid(book)


def _pay(book: Book, case: str, own: OwnAccount, booked: date, invoice: Invoice, *, recent: bool = False) -> Line:
    """All of the invoice, by the number that 1C printed."""
    purpose = book.words(NAMING if recent else purposes.FULL, invoice, invoice.amount)
    return book.paid(case, own, booked, [(invoice, invoice.amount)], purpose)


def _whole(book: Book) -> Decimal:
    """A sum without kopecks: amoCRM keeps no others of a deal."""
    while True:
        amount = book.sum()
        if amount == amount.to_integral_value():
            return amount


def _in_both(
    book: Book,
    booked: date,
    numbering: Numbering,
    client: Company | None = None,
    *,
    keeps_key: bool = False,
    has_inn: bool = True,
    category: int | None = None,
) -> Invoice:
    """A sale with a document in 1C and an invoice in the CRM."""
    chosen = client or book.client()
    amount = _whole(book) if chosen.crm == "amocrm" else book.sum()
    deal = book.deal(chosen, amount, category=category)
    invoice = book.paper(deal, book.days_before(booked), has_inn=has_inn)
    book.copied(invoice, numbering, keeps_key=keeps_key)
    return invoice


def by_key(book: Book) -> None:
    """Bitrix24 keeps the reference of the document in 1C; it counts by itself, so that the numbers differ."""
    for index in range(8):
        own, booked = book.slot()
        invoice = _in_both(book, booked, "own", keeps_key=True)
        if index == 3:
            # Made in the CRM a month before the accountant made it in 1C: the reference is what counts.
            invoice.as_in_crm.issued -= timedelta(days=20)
        _pay(book, "books_key", own, booked, invoice)


def by_number(book: Book) -> None:
    """No reference: one number, which the CRM writes with the prefix of 1C or without it."""
    for is_bare in (True, False, True, False, True):
        own, booked = book.slot()
        _pay(book, "books_number", own, booked, _in_both(book, booked, _numbering(is_bare)))
    for day, is_bare, category in ((3, True, RETAIL), (10, False, RETAIL), (16, True, WHOLESALE)):
        invoice = _in_both(book, ACTING[day], _numbering(is_bare), book.amo_client(), category=category)
        _pay(book, "books_number", OTHER_ENTITY, ACTING[day], invoice)


def _numbering(is_bare: bool) -> Numbering:
    return "bare" if is_bare else "same"


def disagreeing(book: Book) -> None:
    """One thing is not the same in both: kopecks, the day, a client without ИНН. It is still one sale."""
    for kopecks in _KOPECKS:
        own, booked = book.slot()
        invoice = _in_both(book, booked, "same")
        invoice.as_in_crm.amount += kopecks
        invoice.deal.amount += kopecks
        _pay(book, "books_disagree", own, booked, invoice)
    for days, client in ((_DAYS[0], book.client()), (_DAYS[1], book.client()), (_DAYS[0], book.amo_client())):
        own, booked = book.slot() if client.crm == "bitrix24" else (OTHER_ENTITY, ACTING[12])
        invoice = _in_both(book, booked, "same", client, category=RETAIL)
        invoice.as_in_crm.issued -= days
        _pay(book, "books_disagree", own, booked, invoice)
    for client in (book.client(), book.amo_client()):
        own, booked = book.slot() if client.crm == "bitrix24" else (OTHER_ENTITY, ACTING[7])
        invoice = _in_both(book, booked, "same", client, has_inn=False, category=RETAIL)
        _pay(book, "books_disagree", own, booked, invoice)


def in_two_goes(book: Book) -> None:
    """A part first: neither system is told «paid» before the rest has come."""
    own, _ = book.slot()
    first, last = ACTING[4], ACTING[11]
    invoice = _in_both(book, first, "own", keeps_key=True, category=WHOLESALE)
    amount = book.share(invoice.amount, 40)
    for booked, part, templates in (
        (first, amount, purposes.PART[:-1]),
        (last, invoice.amount - amount, purposes.REST),
    ):
        book.paid("books_part", own, booked, [(invoice, part)], book.words(templates, invoice, part))


def _alone(book: Book, client: Company, booked: date, kopecks: Decimal = Decimal(0)) -> Invoice:
    """A sale with a deal in the CRM and its invoice in 1C only."""
    deal = book.deal(client, _whole(book) + kopecks, category=RETAIL)
    return book.paper(deal, book.days_before(booked))


def _account_for(book: Book, client: Company, day: int) -> tuple[OwnAccount, date]:
    return book.slot() if client.crm == "bitrix24" else (OTHER_ENTITY, ACTING[day])


def alone_and_named(book: Book) -> None:
    """No CRM has the invoice, but the deal's title names it. The client has another deal of the sum.

    amoCRM rounds the deal up to whole roubles: paid in full by the document, it is paid.
    """
    for day, client in ((2, book.client()), (5, book.amo_client()), (9, book.client()), (14, book.amo_client())):
        own, booked = _account_for(book, client, day)
        invoice = _alone(book, client, booked, _ROUNDED_UP if client.crm == "amocrm" else Decimal(0))
        invoice.deal.title += f", счёт {marker(invoice)}"
        book.deal(client, invoice.deal.amount, category=RETAIL)
        _pay(book, "books_named", own, booked, invoice)


def alone_by_contract(book: Book) -> None:
    """Two deals of the client have this sum; one of them names the contract of the document."""
    own, booked = book.slot()
    client = book.client()
    other = book.deal(client, _whole(book), category=RETAIL)
    deal = book.deal(client, other.amount, category=RETAIL)
    deal.title += " по договору № 18/26"
    other.title += " по договору № 19/26"
    invoice = book.paper(deal, book.days_before(booked), contract="18/26")
    # Wordings that invent a contract would contradict this one.
    purpose = f"Оплата по договору № 18/26, счет № {marker(invoice)} от {invoice.issued:%d.%m.%Y}. НДС не облагается"
    book.paid("books_contract", own, booked, [(invoice, invoice.amount)], purpose)


def alone_by_client(book: Book) -> None:
    """The client's only deal of this sum, and nothing else tells of it."""
    for day, client in ((4, book.client()), (8, book.amo_client()), (13, book.client()), (15, book.amo_client())):
        own, booked = _account_for(book, client, day)
        _pay(book, "books_client", own, booked, _alone(book, client, booked))


def alone_without_deal(book: Book) -> None:
    """The accountant sold it herself: there is no deal to move, and the document is marked."""
    own, booked = book.slot()
    invoice = _unknown_deal(book, _nowhere(book.client()), booked, book.sum())
    _pay(book, "books_no_deal", own, booked, invoice)


def _nowhere(client: Company) -> Deal:
    """Stands for a deal where there is none; it is in no CRM."""
    return Deal(0, "", RETAIL, "PREPARATION", Decimal(0), client)


def _unknown_deal(book: Book, deal: Deal, booked: date, amount: Decimal) -> Invoice:
    return book.paper(deal, book.days_before(booked), amount, deal_is_known=False)


def told_by_banks(book: Book) -> None:
    """The last days: a hook of Tochka, the API of T-Bank; the accountant has entered the latter's money in 1C too."""
    for is_bare, category in ((True, RETAIL), (False, WHOLESALE)):
        invoice = _in_both(book, TODAY, _numbering(is_bare), book.amo_client(), category=category)
        line = _pay(book, "books_hook", TOCHKA, TODAY, invoice, recent=True)
        line.hooked = line.late = True
    invoice = _in_both(book, ago(3), "own", keeps_key=True, category=RETAIL)
    _pay(book, "books_api", TBANK, ago(3), invoice, recent=True)
    invoice = _in_both(book, ago(2), "bare", category=RETAIL)
    assert invoice.paper is not None
    invoice.paper.received = True
    _pay(book, "books_received", TBANK, ago(2), invoice, recent=True)


def other_sum(book: Book) -> None:
    """1C and Bitrix24 have one number for one client, and sums a tenth apart: a person says whether it is one sale.

    The money is exactly what 1C printed, so the document is paid; the deal waits for that person.
    """
    own, booked = book.slot()
    amount = _whole(book)
    deal = book.deal(book.client(), amount * 11 / 10, category=RETAIL)
    invoice = _unknown_deal(book, deal, booked, amount)
    billed = book.invoice(deal, invoice.issued)
    billed.namesake = invoice
    assert invoice.paper is not None
    invoice.paper.asked.append(billed)
    purpose = f"Оплата по счету № {marker(invoice)} от {invoice.issued:%d.%m.%Y} за брус клееный. Без НДС"
    book.paid("books_asked", own, booked, [(invoice, invoice.amount)], purpose)


def two_deals(book: Book) -> None:
    """Two deals of the client have the sum of the document, and nothing tells them apart: a person says which."""
    own, booked = book.slot()
    client, amount = book.client(), _whole(book)
    deals = [book.deal(client, amount, category=RETAIL) for _ in range(2)]
    invoice = _unknown_deal(book, deals[0], booked, amount)
    assert invoice.paper is not None
    invoice.paper.asked += deals
    _pay(book, "books_asked", own, booked, invoice)


def never_paid(book: Book) -> None:
    """Documents of 1C that nobody pays: with an invoice in a CRM, with a deal alone, and with nothing."""
    for index, keeps_key in enumerate((True, False, True)):
        _in_both(book, ACTING[index * 5], "own" if keeps_key else "bare", keeps_key=keeps_key)
    _in_both(book, ACTING[6], "same", book.amo_client())
    _alone(book, book.client(), ACTING[9])
    _unknown_deal(book, _nowhere(book.client()), ACTING[17], book.sum())
