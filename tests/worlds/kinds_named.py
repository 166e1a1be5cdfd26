"""Stories of payments that name what they are for, or whose sum tells it."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from tests.worlds.life import Life, OutOfInvoices, Situation
from tests.worlds.numbering import by_hand
from tests.worlds.records import KOPECK, Bill, ClientKind, Said, Side, Written

_HOME: Final = (ClientKind.COMPANY, ClientKind.SOLE)


def named_text(
    life: Life, bill: Bill, amount: Decimal, *, lead: str = "", dated: float = 0.7, written: Written | None = None
) -> tuple[str, Said]:
    """A usual purpose with the number of an invoice, and what it says."""
    pen = life.pen
    written = written or pen.number(bill)
    day = bill.issued_on if life.chance(dated) else None
    text = (lead or pen.opening()) + pen.named(written, day)
    reference = bill.references[0] if bill.references and life.chance(0.4) else None
    if reference is not None:
        word = "по договору" if reference[0] == "contract" else "заказ"
        text += f" {word} № {reference[1]}"
    elif life.chance(0.3):
        text += pen.one_of(" за ", ", ", " ") + pen.goods()
    return text + pen.vat(amount), Said(numbers=(written,), dated=day, reference=reference)


def _one_to_one(life: Life) -> None:
    bill = life.bill(*_HOME)
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, life.soon(bill), said)


def _sum_and_client(life: Life) -> None:
    bill = life.bill(*_HOME)
    life.pay(bill, life.pen.goods_only() + life.pen.vat(bill.amount), life.soon(bill), Said())


def _name_only(life: Life) -> None:
    bill = life.bill(*_HOME)
    text, said = named_text(life, bill, bill.amount)
    side = life.side(bill.client)
    life.pay(bill, text, life.soon(bill), said, side=Side(side.name, None, None, side.account))


def _no_payer(life: Life) -> None:
    bill = life.bill(*_HOME, wanted=lambda one: len(one.number.core) > 3)
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, life.soon(bill), said, side=Side())


def _glued(life: Life) -> None:
    bill = life.bill(*_HOME)
    text = life.pen.glued(bill.number, bill.issued_on) + life.pen.vat(bill.amount)
    life.pay(bill, text, life.soon(bill), Said(numbers=(bill.number,), dated=bill.issued_on))


def _unsigned(life: Life) -> None:
    bill = life.bill(*_HOME)
    pen, number, day = life.pen, bill.number, bill.issued_on
    text = pen.one_of(
        f"{number.text} от {pen.day(day)}", f"опл {number.text} от {pen.day(day)}", f"№ {number.text} от {pen.day(day)}"
    )
    life.pay(bill, text + pen.vat(bill.amount), life.soon(bill), Said(numbers=(number,), unsigned=True, dated=day))


def _part_and_rest(life: Life) -> None:
    bill = life.bill(*_HOME)
    pen = life.pen
    bill.amount = Decimal(life.rng.randrange(100, 9000) * 100).quantize(KOPECK)
    share = life.rng.choice((30, 50, 70))
    part = bill.amount * share / 100
    lead, stated = life.rng.choice(
        ((f"Предоплата {share}% ", True), (f"Аванс {share} % ", True), ("Частичная оплата ", True), ("Оплата ", False))
    )
    text, said = named_text(life, bill, part, lead=lead)
    first_day = life.soon(bill, within=10)
    life.pay(bill, text, first_day, _stated(said) if stated else said, amount=part)
    rest = bill.amount - part
    later = first_day + timedelta(days=life.rng.randrange(1, 20))
    if life.chance(0.6):
        text, said = named_text(life, bill, rest, lead=pen.one_of("Доплата ", "Окончательный расчет ", "Остаток "))
        life.pay(bill, text, later, said, amount=rest)
    else:
        life.pay(bill, f"Окончательный расчет за {pen.goods()}{pen.vat(rest)}", later, Said(), amount=rest)


def _stated(said: Said) -> Said:
    return Said(said.numbers, said.unsigned, said.dated, said.reference, part_stated=True)


def _many_for_one(life: Life) -> None:
    bill = life.bill(*_HOME)
    bill.amount = Decimal(life.rng.randrange(100, 900) * 300).quantize(KOPECK)
    part, day = bill.amount / 3, life.soon(bill, within=5)
    for place in range(3):
        text, said = named_text(life, bill, part, lead=f"Платеж {place + 1} из 3 частями ")
        life.pay(bill, text, day + timedelta(days=3 * place), _stated(said), amount=part)


def _named_set(life: Life) -> None:
    bills = life.bills(life.rng.choice((2, 2, 2, 3, 4)), *_HOME)
    pen = life.pen
    written = [pen.number(bill) for bill in bills]
    numbers = [one.text for one in written]
    dated = [f"№ {text} от {pen.day(bill.issued_on)}" for text, bill in zip(numbers, bills, strict=True)]
    priced = [f"{text} - {pen.sum(bill.amount)}" for text, bill in zip(numbers, bills, strict=True)]
    text = pen.one_of(
        "Оплата по счетам № " + ", ".join(numbers[:-1]) + " и " + numbers[-1],
        "Оплата по счетам " + ", ".join(dated),
        "по " + " и ".join(f"счету {one}" for one in dated),
        "Оплата по сч. " + "; ".join(priced),
        "Оплата сч№" + ",".join(numbers),
    )
    total = sum((bill.amount for bill in bills), Decimal(0))
    life.pay(bills, text + pen.vat(total), life.soon(*bills), Said(numbers=tuple(written)))


def _range(life: Life) -> None:
    row = life.book.take_row(life.rng.choice((3, 3, 4)), _HOME)
    if row is None or row[0].number.year:
        raise OutOfInvoices
    first, last = row[0].number.core, row[-1].number.core
    text = life.pen.one_of(
        f"Оплата по счетам № {first}-{last}", f"По счетам с {first} по {last}", f"Оплата счетов №№ {first} - {last}"
    )
    short = tuple(Written(bill.number.core, "", bill.number.core) for bill in row)
    life.pay(row, text + life.pen.vat(row[0].amount), life.soon(*row), Said(numbers=short))


def _unnamed_set(life: Life) -> None:
    bills = life.bills(2, *_HOME)
    for bill in bills:
        bill.requisites = bill.client.tax_id is not None
    text = f"Оплата за {life.pen.goods()}{life.pen.vat(bills[0].amount)}"
    life.pay(bills, text, life.soon(*bills), Said())


def _other_digits(life: Life) -> None:
    """Numbers of other documents and goods beside the invoice's; one of them is another invoice's number."""
    bill, other = life.bills(2, *_HOME)
    pen = life.pen
    written, digits = pen.number(bill), other.number.core
    named = pen.named(written, bill.issued_on)
    text = pen.one_of(
        f"Оплата {named} за трубу {digits} мм",
        f"Оплата {named} за {digits} шт",
        f"{named} по акту {digits}",
        f"{named}, договор № {digits}",
        f"Оплата за {digits} кг {named}",
        f"Оплата {named} (накладная №{digits})",
        f"л/с {digits} {named}",
        f"УПД {digits} {named}",
        f"Заявка {digits}, {named}",
        f"{named} п/п {digits}",
    )
    if bill.references:
        bill.references = ()
    life.pay(bill, text, life.soon(bill, other), Said(numbers=(written,), dated=bill.issued_on))


def _vat_is_another_sum(life: Life) -> None:
    """The VAT in the text is exactly the sum of another invoice of the client."""
    bill, other = life.bills(2, *_HOME)
    other.amount = Decimal(life.rng.randrange(1000, 9000) * 11).quantize(KOPECK)
    bill.amount = (other.amount * 122 / 22).quantize(KOPECK)
    text = f"Оплата за {life.pen.goods()}, в т.ч. НДС 22% {life.pen.sum(other.amount)}"
    life.pay(bill, text, life.soon(bill, other), Said())


def _kopeck_less(life: Life) -> None:
    bill = life.bill(*_HOME)
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, life.soon(bill), said, amount=bill.amount - KOPECK)


def _foreign_client(life: Life) -> None:
    bill = life.bill(ClientKind.FOREIGN)
    written, pen = bill.number, life.pen
    day = bill.issued_on if life.chance(0.6) else None
    dated = f" dd {day:%d.%m.%Y}" if day else ""
    text = pen.one_of(
        f"Payment for invoice {written.text}{dated}",
        f"PAYMENT AS PER INVOICE No {written.text}{dated}",
        f"Invoice No. {written.text}{dated} for goods",
        f"{{VO10100}} Payment by invoice {written.text}{dated}",
    )
    life.pay(bill, text, life.soon(bill), Said(numbers=(written,), dated=day))


def _order_tells_apart(life: Life) -> None:
    bill, other = life.bills(2, *_HOME)
    other.amount = bill.amount
    bill.references = (("order", f"{70_000 + bill.index}"),)
    other.references = (("order", f"{70_000 + other.index}"),)
    word = life.pen.one_of("Оплата по заказу № ", "Оплата заказа №", "За заказ ", "Оплата по заказу покупателя № ")
    text = word + bill.references[0][1] + life.pen.vat(bill.amount)
    life.pay(bill, text, life.soon(bill, other), Said(reference=bill.references[0]))


def _date_tells_apart(life: Life) -> None:
    bill, other = life.bills(2, *_HOME)
    other.amount = bill.amount
    word = life.pen.one_of("счету", "счёту", "сч.")
    text = f"Оплата по {word} от {life.pen.day(bill.issued_on)}{life.pen.vat(bill.amount)}"
    life.pay(bill, text, life.soon(bill, other), Said(dated=bill.issued_on))


def _number_of_last_year(life: Life) -> None:
    """The client's invoice of last year has the same number; the date may or may not tell them apart."""
    bill = life.bill(*_HOME)
    twin = life.book.twin_of_last_year(bill)
    if twin is None:
        raise OutOfInvoices
    life.book.give(twin, bill.client)
    if life.chance(0.3):
        twin.amount = bill.amount
    if life.chance(0.5):
        twin.status, twin.paid = "paid", twin.amount
    text, said = named_text(life, bill, bill.amount, dated=0.5)
    life.pay(bill, text, life.soon(bill), said)


def _longer_number(life: Life) -> None:
    """A stranger's invoice of the same sum has the number inside its own."""
    bill = life.bill(*_HOME, wanted=lambda one: not one.number.prefix and one.number.core == one.number.text)
    other = life.bill(*_HOME, wanted=lambda one: one.organisation is bill.organisation)
    longer = by_hand(life.pen.one_of(bill.number.core + "7", "1" + bill.number.core))
    other.number, other.spellings, other.amount = longer, (longer,), bill.amount
    text, said = named_text(life, bill, bill.amount)
    side = life.side(bill.client)
    if life.chance(0.5):
        side = Side(side.name, None, None, side.account)
    life.pay(bill, text, life.soon(bill, other), said, side=side)


def _digits_only_twins(life: Life) -> None:
    """«12/3» and «123» of one client and one sum."""
    bill, other = life.bills(2, *_HOME)
    base, tail = life.rng.randrange(1000, 9999), life.rng.randrange(2, 9)
    bill.number, other.number = by_hand(f"{base}/{tail}"), by_hand(f"{base}{tail}")
    if life.chance(0.5):
        bill.number, other.number = other.number, bill.number
    bill.spellings, other.spellings, other.amount = (bill.number,), (other.number,), bill.amount
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, life.soon(bill, other), said)


SITUATIONS: Final = (
    Situation("one_to_one", 34, _one_to_one),
    Situation("sum_and_client", 14, _sum_and_client),
    Situation("payer_by_name", 5, _name_only),
    Situation("payer_unknown", 2, _no_payer),
    Situation("glued_text", 3, _glued),
    Situation("number_without_words", 3, _unsigned),
    Situation("part_and_rest", 6, _part_and_rest),
    Situation("many_for_one", 2, _many_for_one),
    Situation("named_set", 7, _named_set),
    Situation("range", 6, _range),
    Situation("unnamed_set", 3, _unnamed_set),
    Situation("other_digits", 5, _other_digits),
    Situation("vat_is_another_sum", 2, _vat_is_another_sum),
    Situation("kopeck_less", 2, _kopeck_less),
    Situation("foreign_client", 3, _foreign_client),
    Situation("order_tells_apart", 2, _order_tells_apart),
    Situation("date_tells_apart", 2, _date_tells_apart),
    Situation("number_of_last_year", 3, _number_of_last_year),
    Situation("number_inside_longer", 2, _longer_number),
    Situation("digits_only_twins", 2, _digits_only_twins),
)
