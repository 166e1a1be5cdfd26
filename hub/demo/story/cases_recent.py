"""The last days: money that banks tell by themselves, by API and by hook, beside files of the same days.

Tochka keeps the account of the company on amoCRM, T-Bank one of the company on Bitrix24.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.demo.story import purposes
from hub.demo.story.book import Book, marker
from hub.demo.story.calendar import FIRST, MAIN, TBANK, TOCHKA
from hub.demo.story.cases_other import bank_as_party
from hub.demo.story.days import TODAY, ago
from hub.demo.story.ledger import RETAIL, WHOLESALE, Company, Invoice, Line

#: Wordings whose dates are written in full: dates of the last days are moved to those of the run.
NAMING: Final = tuple(text for text in purposes.FULL if "{d2}" not in text and "{dw}" not in text)
_NAMELESS: Final = tuple(text for text in purposes.NAMELESS if " 2026" not in text)


def tell(book: Book) -> None:
    """All of them."""
    tochka_by_hook(book)
    tochka_by_poll(book)
    three_sources(book)
    tbank_by_api(book)
    tbank_and_file(book)
    part_by_hook(book)
    twins_by_hook(book)
    twins_in_file_and_api(book)
    same_number_in_both(book)
    other_entity(book)
    overpaid_by_hook(book)
    tie_by_api(book)
    strangers(book)
    not_ours(book)
    still_to_come(book)


def _hooked(line: Line, *, in_file: bool = False) -> Line:
    """The bank tells of it while the hub works; the export of the day was made before or after that."""
    line.hooked, line.late = True, not in_file
    return line


def _named(book: Book, invoice: Invoice, amount: Decimal) -> str:
    return book.words(NAMING, invoice, amount)


def tochka_by_hook(book: Book) -> None:
    """A hook of today pays an invoice in amoCRM by number, amount and client."""
    for category in (RETAIL, WHOLESALE):
        invoice = book.sale(TODAY, client=book.amo_client(), category=category)
        purpose = _named(book, invoice, invoice.amount)
        _hooked(book.paid("tochka_hook", TOCHKA, TODAY, [(invoice, invoice.amount)], purpose))


def tochka_by_poll(book: Book) -> None:
    """Yesterday's money, read when the hub started, stands in the file too."""
    invoice = book.sale(ago(1), client=book.amo_client(), category=RETAIL)
    purpose = _named(book, invoice, invoice.amount)
    book.paid("api_and_file", TOCHKA, ago(1), [(invoice, invoice.amount)], purpose)


def three_sources(book: Book) -> None:
    """In the file of this noon first, then the bank's hook, then its API: one payment."""
    invoice = book.sale(TODAY, client=book.amo_client(), category=RETAIL)
    purpose = _named(book, invoice, invoice.amount)
    line = book.paid("three_sources", TOCHKA, TODAY, [(invoice, invoice.amount)], purpose)
    _hooked(line, in_file=True)


def tbank_by_api(book: Book) -> None:
    """Polling alone shows it: the file begins a day later."""
    for category in (RETAIL, WHOLESALE, RETAIL):
        invoice = book.sale(ago(3), category=category)
        purpose = _named(book, invoice, invoice.amount)
        book.paid("tbank_api", TBANK, ago(3), [(invoice, invoice.amount)], purpose)


def tbank_and_file(book: Book) -> None:
    """The API was first, the file shows the same money: one payment with two sources."""
    for days in (2, 2, 1):
        invoice = book.sale(ago(days))
        purpose = _named(book, invoice, invoice.amount)
        book.paid("api_and_file", TBANK, ago(days), [(invoice, invoice.amount)], purpose)
    invoice = book.sale(ago(1), category=WHOLESALE)
    amount = book.share(invoice.amount, 40)
    purpose = book.words(purposes.PART[:1], invoice, amount)
    book.paid("part", TBANK, ago(1), [(invoice, amount)], purpose)
    invoice = book.sale(ago(2))
    purpose = book.writer.write(_NAMELESS, invoice.amount, issued=invoice.issued)
    book.paid("amount_and_client", TBANK, ago(2), [(invoice, invoice.amount)], purpose)


def part_by_hook(book: Book) -> None:
    """A part of an invoice in amoCRM; the rest does not come."""
    invoice = book.sale(TODAY, client=book.amo_client(), category=WHOLESALE)
    amount = book.share(invoice.amount, 50)
    purpose = book.words(purposes.PART[:1], invoice, amount)
    _hooked(book.paid("part", TOCHKA, TODAY, [(invoice, amount)], purpose))


def twins_by_hook(book: Book) -> None:
    """Two equal payments of one day, number and all, told by two hooks: two thirds of the invoice, not one."""
    _twins(book, book.amo_client(), hooked=True)


def twins_in_file_and_api(book: Book) -> None:
    """The same at T-Bank, where API and file both show the pair: still two payments, not one and not four."""
    _twins(book, book.client(), hooked=False)


def _twins(book: Book, client: Company, *, hooked: bool) -> None:
    own, day = (TOCHKA, TODAY) if hooked else (TBANK, ago(2))
    share = book.sum(10_000, 90_000)
    deal = book.deal(client, share * 3, category=RETAIL)
    invoice = book.invoice(deal, book.days_before(day))
    purpose = book.words(purposes.PART[:1], invoice, share)
    first, second = (book.paid("equal_twins", own, day, [(invoice, share)], purpose) for _ in range(2))
    second.number, second.document_date = first.number, first.document_date
    for line in (first, second):
        if hooked:
            _hooked(line)


def same_number_in_both(book: Book) -> None:
    """A client of both companies has an invoice of one number and one sum from each: whose account was paid decides."""
    in_bitrix, in_amo = book.client_of_both
    theirs = book.sale(TODAY, client=in_bitrix, category=RETAIL)
    ours = book.sale(TODAY, theirs.amount, in_amo, RETAIL)
    ours.namesake = theirs
    purpose = f"Оплата по счету № {marker(ours)} за материалы. НДС не облагается"
    _hooked(book.paid("same_number", TOCHKA, TODAY, [(ours, ours.amount)], purpose))


def other_entity(book: Book) -> None:
    """An invoice of one company, the money on the account of the other; once each way."""
    invoice = book.sale(TODAY, category=RETAIL)
    purpose = _named(book, invoice, invoice.amount)
    line = book.line("other_entity", TOCHKA, TODAY, invoice.amount, invoice.deal.client, purpose)
    _for_person(_hooked(line), invoice)
    invoice = book.sale(ago(1), client=book.amo_client(), category=RETAIL)
    purpose = _named(book, invoice, invoice.amount)
    line = book.line("other_entity", TBANK, ago(1), invoice.amount, invoice.deal.client, purpose)
    _for_person(line, invoice)


def overpaid_by_hook(book: Book) -> None:
    """More came than the invoice asks for: a person says where the rest belongs."""
    invoice = book.sale(TODAY, client=book.amo_client(), category=RETAIL)
    amount = invoice.amount + Decimal("500.00")
    purpose = _named(book, invoice, amount)
    line = book.line("overpaid", TOCHKA, TODAY, amount, invoice.deal.client, purpose)
    _for_person(_hooked(line), invoice)


def tie_by_api(book: Book) -> None:
    """Two open invoices of the payer have this sum and the purpose names neither."""
    first = book.sale(ago(1), category=RETAIL)
    second = book.sale(ago(1), first.amount, first.deal.client, RETAIL)
    purpose = book.writer.write(_NAMELESS[:1], first.amount)
    line = book.line("tie", TBANK, ago(1), first.amount, first.deal.client, purpose)
    _for_person(line, first, second)


def _for_person(line: Line, *candidates: Invoice) -> None:
    line.decision = "suggest"
    line.candidates = list(candidates)


def strangers(book: Book) -> None:
    """Nobody knows the payer, and the purpose names nothing."""
    amount = book.sum()
    payer = book.stranger("ООО «Заблудший Парус»")
    purpose = book.writer.write(_NAMELESS[:1], amount)
    _hooked(book.line("nothing_to_pay", TOCHKA, TODAY, amount, payer, purpose))


def not_ours(book: Book) -> None:
    """What no client paid: fees, interest, a supplier, a transfer of our own."""
    fee = "Комиссия за ведение счета. НДС не облагается"
    for own, day in ((TOCHKA, 1), (TBANK, 3)):
        line = book.line("bank_fee", own, ago(day), book.sum(60, 3_000), bank_as_party(own), fee, "out")
        line.kind, line.code, line.document_date = "Банковский ордер", "17", line.booked
    amount = book.sum(3_000, 90_000)
    purpose = purposes.with_amounts("Оплата по счету № 97 за крепёж. В т.ч. НДС 22% {vat-}", amount)
    book.line("supplier", TBANK, ago(2), amount, book.stranger("ООО «Щедрый Болт»", 1), purpose, "out")
    target = Company(1, MAIN.name, MAIN.inn, MAIN.kpp, FIRST.number, FIRST.bank)
    purpose = "Перевод собственных средств между счетами. НДС не облагается"
    book.line("own_transfer", TBANK, ago(1), book.sum(100_000, 500_000), target, purpose, "self")


def still_to_come(book: Book) -> None:
    """One more payment that Tochka would tell by hook; the demo names the command that lets it come."""
    invoice = book.sale(TODAY, client=book.amo_client(), category=WHOLESALE)
    purpose = _named(book, invoice, invoice.amount)
    book.keep_for_later(_hooked(book.paid("tochka_hook", TOCHKA, TODAY, [(invoice, invoice.amount)], purpose)))
