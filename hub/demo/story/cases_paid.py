"""Money that finds its invoice by machine: each function tells one kind of case and what must come of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.demo.story import purposes
from hub.demo.story.book import Book, marker
from hub.demo.story.calendar import ACTING, BEFORE, DOLLAR, FIRST, OTHER_ENTITY, SECOND
from hub.demo.story.ledger import RETAIL, WHOLESALE, Company

#: Four clients pay the same monthly price: only the payer tells their invoices apart.
_PRICE: Final = Decimal("48000.00")


def tell(book: Book) -> None:
    """All of them."""
    full(book)
    full_to_other_accounts(book)
    amount_and_client(book)
    part(book)
    advance_then_rest(book)
    several_invoices(book)
    several_payments(book)
    glued(book)
    masked(book)
    known_account(book)
    treasury(book)
    twins(book)
    older(book)
    deal_further(book)
    deal_without_sum(book)
    never_paid(book)


def full(book: Book) -> None:
    """Number, amount and client agree."""
    for _ in range(60):
        own, booked = book.slot()
        invoice = book.sale(booked)
        book.paid("full", own, booked, [(invoice, invoice.amount)], book.words(purposes.FULL, invoice, invoice.amount))


def full_to_other_accounts(book: Book) -> None:
    """The same on the account of our second company, which keeps amoCRM, and, for one client, in dollars."""
    for day, category in ((1, RETAIL), (6, WHOLESALE)):
        booked = ACTING[day]
        invoice = book.sale(booked, client=book.amo_client(), category=category)
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        book.paid("amo_by_file", OTHER_ENTITY, booked, [(invoice, invoice.amount)], purpose)
    booked = ACTING[9]
    deal = book.deal(book.client(), book.sum(2_000, 9_000), category=WHOLESALE, currency="USD")
    invoice = book.invoice(deal, book.days_before(booked))
    purpose = f"{{VO10100}} PAYMENT FOR TIMBER, INVOICE {marker(invoice)} DD {invoice.issued:%d.%m.%Y}. БЕЗ НДС"
    book.paid("full", DOLLAR, booked, [(invoice, invoice.amount)], purpose)


def amount_and_client(book: Book) -> None:
    """No number: exactly one open invoice of the payer has this sum. Some have other invoices open too."""
    for index in range(16):
        own, booked = book.slot()
        invoice = book.sale(booked, _PRICE if index % 4 == 0 else None)
        if index % 2:
            book.sale(booked, client=invoice.deal.client)
        purpose = book.writer.write(purposes.NAMELESS, invoice.amount, issued=invoice.issued)
        book.paid("amount_and_client", own, booked, [(invoice, invoice.amount)], purpose)


def part(book: Book) -> None:
    """A part of one invoice; the rest does not come."""
    for percent in (50, 40, 25, 60, 50, 35, 20):
        own, booked = book.slot()
        invoice = book.sale(booked)
        amount = book.share(invoice.amount, percent)
        templates = purposes.PART if percent == 50 else purposes.PART[:-1]
        book.paid("part", own, booked, [(invoice, amount)], book.words(templates, invoice, amount))


def advance_then_rest(book: Book) -> None:
    """A 30 % advance invoice, then one for the rest: the goods wait until both are paid. Two rests never come."""
    for index in range(8):
        own, first = book.slot()
        if ACTING.index(first) > 11:
            first = ACTING[index]
        deal = book.deal(book.client(), book.sum(60_000, 900_000))
        issued = book.days_before(first)
        advance = book.invoice(deal, issued, book.share(deal.amount, 30))
        rest = book.invoice(deal, issued, deal.amount - advance.amount)
        purpose = book.words(purposes.ADVANCE, advance, advance.amount)
        book.paid("advance", own, first, [(advance, advance.amount)], purpose)
        if index < 6:
            last = ACTING[ACTING.index(first) + 3 + index % 3]
            purpose = book.words(purposes.BALANCE, rest, rest.amount)
            book.paid("rest_after_advance", own, last, [(rest, rest.amount)], purpose)


def several_invoices(book: Book) -> None:
    """One payment names two or three invoices, of one deal or of several."""
    wordings = (
        "Оплата по счетам № {0}, {1} за материалы. НДС не облагается",
        "Опл. по сч.№ {0} и {1} в т.ч. НДС 22%",
        "ОПЛАТА ПО СЧЕТАМ N{0},{1},{2}. БЕЗ НДС",
        "Оплата по счету № {0} от {3} и счету № {1} от {4} за погонаж. Без НДС",
        "Оплата счетов {0}, {1} и {2} за брус. НДС не предусмотрен",
        "По счетам {0}; {1} за доставку, без налога (НДС)",
    )
    for index, wording in enumerate(wordings):
        own, booked = book.slot()
        client = book.client()
        amounts = [book.sum() for _ in range(3 if "{2}" in wording else 2)]
        if index % 2:
            deal = book.deal(client, sum(amounts, Decimal(0)))
            invoices = [book.invoice(deal, book.days_before(booked), amount) for amount in amounts]
        else:
            category = WHOLESALE if index == 4 else RETAIL
            invoices = [book.sale(booked, amount, client, category) for amount in amounts]
        slots = [marker(invoice) for invoice in invoices] + [""] * (3 - len(invoices))
        dates = [f"{invoice.issued:%d.%m.%Y}" for invoice in invoices]
        purpose = wording.format(*slots, *dates)
        book.paid("several_invoices", own, booked, [(item, item.amount) for item in invoices], purpose)


def several_payments(book: Book) -> None:
    """An invoice paid in two or three goes, on different days."""
    for index, percents in enumerate(((40, 60), (30, 30, 40), (50, 50), (25, 75), (20, 30, 50))):
        own, _ = book.slot()
        days = ACTING[index::5]
        invoice = book.sale(days[0])
        left = invoice.amount
        for turn, percent in enumerate(percents):
            last = turn == len(percents) - 1
            amount = left if last else book.share(invoice.amount, percent)
            left -= amount
            purpose = book.words(purposes.REST if last else purposes.PART[:-1], invoice, amount)
            book.paid("several_payments", own, days[turn], [(invoice, amount)], purpose)


def glued(book: Book) -> None:
    """Words, numbers and dates without spaces, codes in front, Latin look-alikes."""
    for index in range(8):
        own, booked = book.slot()
        invoice = book.sale(booked, category=WHOLESALE if index % 3 == 1 else RETAIL)
        spelling = "latin" if index > 1 else ""
        number = marker(invoice, spelling)
        purpose = book.writer.write(purposes.GLUED, invoice.amount, number, invoice.issued)
        book.paid("glued", own, booked, [(invoice, invoice.amount)], purpose)


def masked(book: Book) -> None:
    """The bank hides the payer's account behind stars; the ИНН is there."""
    for day in (12, 13, 14, 15):
        invoice = book.sale(ACTING[day])
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        line = book.paid("masked_account", SECOND, ACTING[day], [(invoice, invoice.amount)], purpose)
        line.masked = True


def known_account(book: Book) -> None:
    """The bank gives no ИНН, but the CRM knows the payer's account."""
    for day in (3, 8):
        invoice = book.sale(ACTING[day])
        client = invoice.deal.client
        payer = Company(client.id, client.name, "", "", client.account, client.bank)
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        book.paid("known_account", FIRST, ACTING[day], [(invoice, invoice.amount)], purpose, payer=payer)


def treasury(book: Book) -> None:
    """Schools pay through the treasury: one account for all of them, so only the ИНН tells them apart."""
    for index, school in enumerate(book.schools):
        booked = ACTING[4 + index * 4]
        invoice = book.sale(booked, client=school)
        payer = Company(
            school.id,
            f"УФК по Лукоморской области ({school.name}, л/с 20996Х{school.id}130)",
            school.inn,
            school.kpp,
            school.account,
            school.bank,
        )
        numbers = f"({index + 3}0996Х{school.id}130/тр.2026) "
        purpose = numbers + book.writer.write(purposes.FULL[:1], invoice.amount, marker(invoice), invoice.issued)
        book.paid("treasury", FIRST, booked, [(invoice, invoice.amount)], purpose, payer=payer)


def twins(book: Book) -> None:
    """Two equal payments of one day are two: with one order number, in files that overlap, and with two numbers.

    Which of the second pair is first nobody can tell, so neither of them pays the deal off.
    """
    for day, same_number, parts in ((3, True, 2), (10, False, 3)):
        booked = ACTING[day]
        share = book.sum(10_000, 90_000)
        deal = book.deal(book.client(), share * parts, category=RETAIL)
        invoice = book.invoice(deal, book.days_before(booked))
        purpose = book.words(purposes.PART[1:2], invoice, share)
        first, second = (book.paid("equal_twins", FIRST, booked, [(invoice, share)], purpose) for _ in range(2))
        if same_number:
            second.number = first.number
            second.document_date = first.document_date


def older(book: Book) -> None:
    """Money from before the hub may act: recorded, and nothing moves; a later rest moves the deal by itself."""
    for _ in range(9):
        own, booked = book.slot(old=True)
        invoice = book.sale(booked)
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        book.paid("older_than_act_from", own, booked, [(invoice, invoice.amount)], purpose)
    for day in (2, 6):
        deal = book.deal(book.client(), book.sum(60_000, 600_000))
        issued = book.days_before(BEFORE[0])
        advance = book.invoice(deal, issued, book.share(deal.amount, 30))
        rest = book.invoice(deal, issued, deal.amount - advance.amount)
        purpose = book.words(purposes.ADVANCE, advance, advance.amount)
        book.paid("older_than_act_from", FIRST, BEFORE[1], [(advance, advance.amount)], purpose)
        purpose = book.words(purposes.BALANCE, rest, rest.amount)
        book.paid("rest_after_older", FIRST, ACTING[day], [(rest, rest.amount)], purpose)


def deal_further(book: Book) -> None:
    """The deal was shipped or lost before its money came: the invoice is paid, the stage stays."""
    for stage, case in (
        ("FINAL_INVOICE", "deal_ahead"),
        ("WON", "deal_ahead"),
        ("FINAL_INVOICE", "deal_ahead"),
        ("LOSE", "deal_lost"),
        ("LOSE", "deal_lost"),
    ):
        own, booked = book.slot()
        deal = book.deal(book.client(), book.sum(), stage=stage)
        invoice = book.invoice(deal, book.days_before(booked))
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        book.paid(case, own, booked, [(invoice, invoice.amount)], purpose)


def deal_without_sum(book: Book) -> None:
    """Nobody wrote the deal's sum: a paid invoice is noted, the stage is left to a person."""
    for _ in range(2):
        own, booked = book.slot()
        deal = book.deal(book.client(), Decimal(0), category=RETAIL)
        invoice = book.invoice(deal, book.days_before(booked), book.sum())
        purpose = book.words(purposes.FULL, invoice, invoice.amount)
        book.paid("deal_without_sum", own, booked, [(invoice, invoice.amount)], purpose)


def never_paid(book: Book) -> None:
    """Invoices that nobody pays this month, beside the others."""
    for index in range(24):
        book.sale(ACTING[index % len(ACTING)])
