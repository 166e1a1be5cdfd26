"""Money that a person must look at: something contradicts, or two answers are equally good."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.demo.story import purposes
from hub.demo.story.book import Book, marker
from hub.demo.story.calendar import ACTING, DOLLAR, FIRST, OTHER_ENTITY
from hub.demo.story.ledger import RETAIL, Invoice, Line

#: Numbers that no invoice of the story has.
_UNKNOWN: Final = ("1988", "4417", "778-К", "ТМ00-000911", "3120", "1602/2")


def tell(book: Book) -> None:
    """All of them."""
    wrong_number(book)
    number_of_another(book)
    tie(book)
    third_party(book)
    other_currency(book)
    other_entity(book)
    paid_already(book)
    cancelled(book)
    overpaid(book)
    refund_of_invoice(book)


def _for_person(line: Line, *candidates: Invoice) -> Line:
    line.decision = "suggest"
    line.candidates = list(candidates)
    return line


def wrong_number(book: Book) -> None:
    """Client and amount agree with an open invoice, but the purpose names a number we never issued."""
    for number in _UNKNOWN:
        own, booked = book.slot()
        invoice = book.sale(booked)
        purpose = book.writer.write(purposes.FULL[:8], invoice.amount, number, invoice.issued)
        _for_person(book.line("wrong_number", own, booked, invoice.amount, invoice.deal.client, purpose), invoice)


def number_of_another(book: Book) -> None:
    """The number is another client's; twice the sum is that invoice's to the kopeck."""
    for index in range(4):
        own, booked = book.slot()
        invoice = book.sale(booked)
        amount = invoice.amount if index % 2 else book.sum()
        purpose = book.words(purposes.FULL, invoice, amount)
        _for_person(book.line("number_of_another", own, booked, amount, book.client(), purpose))


def tie(book: Book) -> None:
    """Two open invoices of the payer have this sum and the purpose names neither."""
    for _ in range(4):
        own, booked = book.slot()
        first = book.sale(booked)
        second = book.sale(booked, first.amount, first.deal.client)
        purpose = book.writer.write(purposes.NAMELESS[:3], first.amount, issued=first.issued)
        line = book.line("tie", own, booked, first.amount, first.deal.client, purpose)
        _for_person(line, first, second)


def third_party(book: Book) -> None:
    """Somebody pays for our client: the ИНН is not the client's, so a person says yes."""
    payers = (
        "ООО «Кругосветный Хомяк»",
        "ООО «Медный Одуванчик»",
        "ИП Запрудина Василиса Фомична",
        "ООО «Северный Пончик»",
        "ООО «Шёлковый Ёж»",
    )
    wordings = (
        "Оплата за {0} по счету № {1} от {2} по письму б/н от {2}. НДС не облагается",
        "За {0} по сч.№ {1} от {2}, по письму исх. 12. Без НДС",
        "ОПЛАТА ПО СЧЕТУ N {1} ОТ {2} ЗА {0} В СЧЕТ ВЗАИМОРАСЧЕТОВ. БЕЗ НДС",
        "Оплата по сч. {1} за третье лицо {0}, без налога (НДС)",
        "За {0} оплата счета № {1} от {2} согласно письму № 4. НДС не предусмотрен",
    )
    for index, (name, wording) in enumerate(zip(payers, wordings, strict=True)):
        own, booked = book.slot()
        invoice = book.sale(booked)
        client = invoice.deal.client.plain_name
        purpose = wording.format(client, marker(invoice), f"{invoice.issued:%d.%m.%Y}")
        payer = book.stranger(name, index % 4)
        _for_person(book.line("third_party", own, booked, invoice.amount, payer, purpose), invoice)


def other_currency(book: Book) -> None:
    """The invoice asks for roubles, the money came in dollars."""
    for day in (2, 7, 13):
        booked = ACTING[day]
        invoice = book.sale(booked)
        amount = book.share(invoice.amount, 1)
        purpose = f"{{VO10100}} ОПЛАТА ПО СЧЕТУ N {marker(invoice)} ОТ {invoice.issued:%d.%m.%Y}. БЕЗ НДС"
        line = book.line("other_currency", DOLLAR, booked, amount, invoice.deal.client, purpose)
        _for_person(line, invoice)


def other_entity(book: Book) -> None:
    """One company of ours sent the invoice, the money came to the other."""
    for day in (1, 8, 14):
        booked = ACTING[day]
        invoice = book.sale(booked)
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        line = book.line("other_entity", OTHER_ENTITY, booked, invoice.amount, invoice.deal.client, purpose)
        _for_person(line, invoice)


def paid_already(book: Book) -> None:
    """The invoice was paid before: in the CRM already, or by a payment of some days ago."""
    for day in (5, 11):
        invoice = book.sale(ACTING[day])
        invoice.stage = "P"
        invoice.deal.stage = "EXECUTING"
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        line = book.line("paid_already", FIRST, ACTING[day], invoice.amount, invoice.deal.client, purpose)
        _for_person(line)
    invoice = book.sale(ACTING[2])
    purpose = book.words(purposes.FULL, invoice, invoice.amount)
    book.paid("full", FIRST, ACTING[2], [(invoice, invoice.amount)], purpose)
    again = book.line("paid_already", FIRST, ACTING[9], invoice.amount, invoice.deal.client, purpose)
    _for_person(again)


def cancelled(book: Book) -> None:
    """The invoice was withdrawn before the money came."""
    for day in (6, 13):
        deal = book.deal(book.client(), Decimal(0), category=RETAIL, stage="PREPARATION")
        invoice = book.invoice(deal, book.days_before(ACTING[day]), book.sum(), stage="D")
        deal.amount = invoice.amount
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        line = book.line("cancelled_invoice", FIRST, ACTING[day], invoice.amount, deal.client, purpose)
        _for_person(line)


def overpaid(book: Book) -> None:
    """The named invoice asks for less than what came: where the rest belongs is for a person to say."""
    for extra in (Decimal("350.00"), Decimal("10000.00"), Decimal("1.00")):
        own, booked = book.slot()
        invoice = book.sale(booked)
        amount = invoice.amount + extra
        purpose = book.words(purposes.FULL, invoice, amount)
        _for_person(book.line("overpaid", own, booked, amount, invoice.deal.client, purpose), invoice)


def refund_of_invoice(book: Book) -> None:
    """We give a part back for an invoice that was paid: the machine shows it and leaves it to a person."""
    for day, percent in ((7, 20), (16, 100)):
        invoice = book.sale(ACTING[1], category=RETAIL)
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        book.paid("full", FIRST, ACTING[1], [(invoice, invoice.amount)], purpose)
        amount = book.share(invoice.amount, percent)
        text = f"Возврат денежных средств по счету № {marker(invoice)} от {invoice.issued:%d.%m.%Y} по письму. Без НДС"
        line = book.line("refund", FIRST, ACTING[day], amount, invoice.deal.client, text, "out")
        line.pile = "needs_you"
        _for_person(line, invoice)
