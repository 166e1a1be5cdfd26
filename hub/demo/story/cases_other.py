"""Money that is no customer's payment, and customers' money that has nothing to pay."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from hub.demo.story import purposes
from hub.demo.story.book import Book
from hub.demo.story.calendar import ACTING, BEFORE, DOLLAR, FIRST, MAIN, OTHER_ENTITY, SECOND, TREASURY
from hub.demo.story.ledger import Company, Line, OwnAccount
from hub.demo.story.requisites import account, company_inn

_TAX_OFFICE: Final = Company(0, "Казначейство России (ФНС России)", company_inn(900), "009901009", "", TREASURY)


def tell(book: Book) -> None:
    """All of them."""
    suppliers(book)
    refunds(book)
    supplier_refunds(book)
    own_transfers(book)
    bank_fees(book)
    taxes(book)
    wages(book)
    loans_and_interest(book)
    acquirer(book)
    nothing_to_pay(book)
    unreadable(book)
    not_carried_out(book)


def bank_as_party(own: OwnAccount) -> Company:
    """The bank itself, as the other side of its fees and interest."""
    internal = account("70601", "810", 2_810_201, own.bank.bic)
    return Company(0, own.bank.name, company_inn(800 + int(own.bank.bic[-2:])), "009901001", internal, own.bank)


def _not_ours(line: Line) -> Line:
    line.pile = "not_ours"
    return line


def suppliers(book: Book) -> None:
    """We pay our suppliers; their invoice numbers are not ours, even where they look alike."""
    purposes_out = (
        ("ООО «Дремучий Лесоповал»", "Оплата по счету № 1204 от 27.02.2026 за лес круглый. В т.ч. НДС 22% {vat-}"),
        ("ООО «Дремучий Лесоповал»", "Оплата по счету № 1250 от 10.03.2026 за лес круглый. В т.ч. НДС 22% {vat-}"),
        ("ООО «Бензин и Баранки»", "Оплата за ГСМ по договору № 77/25, счет 88. В т.ч. НДС 22% {vat.}"),
        ("ООО «Тихий Станок»", "Предоплата 50% по счету № 415 за пилы ленточные. НДС не облагается"),
        (
            "АО «Небылинские электросети»",
            "Оплата за электроэнергию за февраль 2026 по дог. 4412. В т.ч. НДС 22% {vat-}",
        ),
        (
            "ООО «Уютный Ангар»",
            "Арендная плата за март 2026 г. по договору аренды № 3 от 01.10.2025. НДС не облагается",
        ),
        ("ИП Колёсников-Заречный Пров Ильич", "Оплата за перевозку груза по счету № 31 от 12.03.2026. Без НДС"),
        ("ООО «Связь через Луну»", "Услуги связи, лицевой счет 990117 за февраль 2026. В т.ч. НДС 22% {vat-}"),
        ("ООО «Тихий Станок»", "Доплата 50% по счету № 415 за пилы ленточные. НДС не облагается"),
        ("ООО «Бумажный Кит»", "Канцтовары по сч. 1288 от 16.03.2026, в т.ч. НДС 22% - {vat.} руб."),
    )
    for index, (name, purpose) in enumerate(purposes_out):
        own, booked = book.slot()
        amount = book.sum(3_000, 160_000)
        text = purposes.with_amounts(purpose, amount)
        book.line("supplier", own, booked, amount, book.stranger(name, index % 4), text, "out")


def refunds(book: Book) -> None:
    """We give money back to clients whose payment the statements do not show."""
    wordings = (
        "Возврат излишне уплаченных денежных средств по письму от 04.03.2026. НДС не облагается",
        "ВОЗВРАТ ОШИБОЧНО ПЕРЕЧИСЛЕННЫХ СРЕДСТВ. БЕЗ НДС",
        "Возврат аванса в связи с расторжением договора. Без НДС",
    )
    for index, wording in enumerate(wordings):
        own, booked = book.slot()
        payee = book.stranger(f"ООО «Передумавший Клиент {index + 1}»", index)
        book.line("refund", own, booked, book.sum(3_000, 60_000), payee, wording, "out")


def supplier_refunds(book: Book) -> None:
    """A supplier gives our money back: incoming, yet no client's payment."""
    for name, purpose in (
        ("ООО «Тихий Станок»", "Возврат денежных средств по счету № 415 в связи с недопоставкой. НДС не облагается"),
        ("ООО «Бумажный Кит»", "Возврат излишне перечисленной суммы по п/п 118 от 02.03.2026. Без НДС"),
    ):
        own, booked = book.slot()
        _not_ours(book.line("supplier_refund", own, booked, book.sum(2_000, 40_000), book.stranger(name), purpose))


def own_transfers(book: Book) -> None:
    """Between our own accounts: both banks show it, it is one movement."""
    for day, (source, target) in ((1, (FIRST, SECOND)), (6, (SECOND, FIRST)), (10, (FIRST, SECOND))):
        other = Company(1, MAIN.name, MAIN.inn, MAIN.kpp, target.number, target.bank)
        purpose = "Перевод собственных средств между счетами. НДС не облагается"
        book.line("own_transfer", source, ACTING[day], book.sum(100_000, 500_000), other, purpose, "self")


def _ordered_by_bank(line: Line) -> None:
    line.kind = "Банковский ордер"
    line.code = "17"
    line.document_date = line.booked


def bank_fees(book: Book) -> None:
    """The bank takes its fee."""
    for own, day, purpose in (
        (FIRST, 0, "Комиссия за ведение счета за февраль 2026 г. НДС не облагается"),
        (SECOND, 2, "Комиссия за платежи по тарифу, 14 шт. за период с 01.03.2026 по 09.03.2026"),
        (FIRST, 9, "Комиссия за перевод в другой банк по п/п №204"),
        (DOLLAR, 12, "Комиссия за исполнение функций валютного контроля. В т.ч. НДС 22%"),
        (SECOND, 17, "Плата за пакет услуг «Полный вперёд» за март 2026 г."),
        (OTHER_ENTITY, 17, "Комиссия за ведение счета за март 2026 г. НДС не облагается"),
    ):
        fee = book.sum(60, 3_000)
        _ordered_by_bank(book.line("bank_fee", own, ACTING[day], fee, bank_as_party(own), purpose, "out"))


def taxes(book: Book) -> None:
    """Single tax payment and contributions."""
    for own, day, purpose in (
        (FIRST, 1, "Единый налоговый платеж"),
        (SECOND, 12, "Единый налоговый платеж за март 2026"),
        (OTHER_ENTITY, 12, "Страховые взносы на травматизм за февраль 2026, рег. № 9900112233"),
    ):
        line = book.line("tax", own, ACTING[day], book.sum(8_000, 300_000), _TAX_OFFICE, purpose, "out")
        line.tax_status = "01"


def wages(book: Book) -> None:
    """Wages by a register of the bank."""
    for own, day in ((FIRST, 1), (FIRST, 11)):
        purpose = f"Перечисление заработной платы по реестру № {day + 3} по зарплатному проекту. НДС не облагается"
        book.line("wages", own, ACTING[day], book.sum(200_000, 600_000), bank_as_party(own), purpose, "out")


def loans_and_interest(book: Book) -> None:
    """A founder's loan and the bank's interest come in; neither pays an invoice."""
    founder = book.stranger("Водянова Арина Садковна", balance="40817")
    purpose = "Предоставление займа по договору беспроцентного займа № 2 от 05.03.2026. НДС не облагается"
    _not_ours(book.line("loan", FIRST, ACTING[0], Decimal("400000.00"), founder, purpose))
    _not_ours(book.line("loan", FIRST, ACTING[13], Decimal("150000.00"), founder, purpose))
    interest = book.line(
        "interest",
        SECOND,
        ACTING[17],
        book.sum(200, 900),
        bank_as_party(SECOND),
        "Выплата процентов на остаток по счету за март 2026 г. по договору 1002-РКО. НДС не облагается",
    )
    _ordered_by_bank(_not_ours(interest))


def acquirer(book: Book) -> None:
    """Card money by registers, the fee kept; one sum happens to equal an open invoice."""
    open_invoice = book.sale(ACTING[8])
    for index, day in enumerate((2, 5, 8, 15)):
        amount = open_invoice.amount if day == 8 else book.sum(5_000, 90_000)
        purpose = (
            f"Возмещение по торговому эквайрингу, реестр № {index + 61} от {ACTING[day]:%d.%m.%Y}, "
            f"мерчант 99000417{index}. Удержана комиссия {purposes.roubles(amount * 2 / 100, '.')}. НДС не облагается"
        )
        _not_ours(book.line("acquirer", FIRST, ACTING[day], amount, bank_as_party(FIRST), purpose))


def nothing_to_pay(book: Book) -> None:
    """Strangers whose purpose names no invoice."""
    payers = ("ООО «Случайный Прохожий»", "ИП Незваный-Гость Карп Титович", "ООО «Пятая Подкова»")
    for index, name in enumerate(payers):
        own, booked = book.slot()
        amount = book.sum()
        purpose = book.writer.write(purposes.NAMELESS[:3], amount)
        book.line("nothing_to_pay", own, booked, amount, book.stranger(name, index), purpose)
    booked = BEFORE[2]
    purpose = book.writer.write(purposes.NAMELESS[:3], Decimal("9900.00"))
    book.line("nothing_to_pay", SECOND, booked, Decimal("9900.00"), book.stranger("ООО «Блуждающий Кактус»"), purpose)


def unreadable(book: Book) -> None:
    """One document whose sum has a letter in it: put aside by line and key, the others go on."""
    purpose = "Оплата по договору за щит мебельный. НДС не облагается"
    payer = book.stranger("ООО «Косая Строка»")
    book.line("unreadable", SECOND, ACTING[15], Decimal("18400.00"), payer, purpose).fate = "quarantined"


def not_carried_out(book: Book) -> None:
    """An order of ours that the bank has not carried out stands in the file without a posting date."""
    payee = book.stranger("ООО «Тихий Станок»")
    purpose = "Оплата по счету № 433 за ремонт станка. НДС не облагается"
    book.line("not_carried_out", FIRST, ACTING[1], Decimal("12500.00"), payee, purpose, "out").fate = "skipped"
