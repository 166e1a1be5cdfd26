"""Stories in which something is wrong or missing: a person must decide."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Final

from tests.worlds.kinds_named import named_text
from tests.worlds.life import Life, Situation
from tests.worlds.numbering import by_hand
from tests.worlds.records import KOPECK, Bill, ClientKind, Said, Written
from tests.worlds.wording import FIELD

_HOME: Final = (ClientKind.COMPANY, ClientKind.SOLE)


def _over(life: Life) -> None:
    bill = life.bill(*_HOME)
    text, said = named_text(life, bill, bill.amount)
    extra = life.rng.choice((KOPECK, Decimal("0.50"), Decimal(100), Decimal(5000)))
    life.pay(bill, text, life.soon(bill), said, amount=bill.amount + extra)


def _vat_changed(life: Life) -> None:
    """The client counted 22 % where the invoice was made at 20 %."""
    bill = life.bill(*_HOME)
    bill.amount = Decimal(life.rng.randrange(10, 9000) * 120).quantize(KOPECK)
    amount = bill.amount * 122 / 120
    text, said = named_text(life, bill, amount)
    life.pay(bill, text, life.soon(bill), said, amount=amount)


def _second_payment(life: Life) -> None:
    bill = life.bill(*_HOME)
    day = life.soon(bill, within=6)
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, day, said)
    later = day + timedelta(days=life.rng.randrange(1, 30))
    life.pay((), text, later, said, amount=bill.amount, alike=[bill])


def _duplicate_line(life: Life) -> None:
    bill = life.bill(*_HOME)
    day = life.soon(bill, within=6)
    text, said = named_text(life, bill, bill.amount)
    for _ in range(2):
        life.pay(bill, text, day, said)


def _cancelled(life: Life) -> None:
    bill = life.bill(*_HOME)
    bill.status = "cancelled"
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, life.soon(bill), said)


def _before_invoice(life: Life) -> None:
    bill = life.bill(*_HOME)
    text, said = named_text(life, bill, bill.amount, dated=0)
    life.pay(bill, text, bill.issued_on - timedelta(days=life.rng.randrange(1, 20)), said)


def _other_entity(life: Life) -> None:
    bill = life.bill(*_HOME)
    text, said = named_text(life, bill, bill.amount)
    if life.chance(0.3):
        text, said = life.pen.goods_only(), Said()
    life.pay(bill, text, life.soon(bill), said, to=life.book.other_organisation(bill.organisation))


def _other_currency(life: Life) -> None:
    bill = life.bill(*_HOME)
    bill.currency = life.rng.choice(("USD", "EUR", "CNY"))
    text, said = named_text(life, bill, bill.amount)
    rate = life.rng.choice((Decimal(1), Decimal("92.5"), Decimal("11.2")))
    life.pay(bill, text, life.soon(bill), said, amount=bill.amount * rate, currency="RUB")


def _two_equal(life: Life) -> None:
    bill, other = life.bills(2, *_HOME)
    other.amount, bill.references, other.references = bill.amount, (), ()
    life.pay(bill, life.pen.goods_only() + life.pen.vat(bill.amount), life.soon(bill, other), Said(), alike=[other])


def _typo(life: Life) -> None:
    """Two digits of the number changed places, or one is lost, doubled or wrong."""
    bill = life.bill(*_HOME, wanted=lambda one: len(one.number.core) > 2 and one.number.core.isdigit())
    core = bill.number.core
    place = life.rng.randrange(len(core))
    wrong = life.rng.choice(
        (
            core[:place] + core[place:][::-1],
            core + core[-1],
            core[:place] + str(9 - int(core[place])) + core[place + 1 :],
        )
    )
    if wrong == core or wrong.startswith("0"):
        wrong = core + "7"
    written = Written(bill.number.text.replace(core, wrong), bill.number.prefix, wrong, bill.number.year)
    text, said = named_text(life, bill, bill.amount, dated=0, written=written)
    life.pay(bill, text, life.soon(bill), said)


def _another_clients_number(life: Life) -> None:
    bill = life.bill(*_HOME)
    other = life.bill(
        *_HOME, wanted=lambda one: one.organisation is bill.organisation and one.client is not bill.client
    )
    text, said = named_text(life, other, bill.amount, dated=0.4)
    life.pay(bill, text, life.soon(bill, other), said, alike=[other])


def _another_clients_invoice(life: Life) -> None:
    """The payer names somebody's invoice to the kopeck; nothing says that it pays for that client."""
    bill, payer = life.bill(*_HOME), life.book.registry.client(ClientKind.COMPANY)
    text, said = named_text(life, bill, bill.amount)
    life.pay((), text, life.soon(bill), said, amount=bill.amount, by=payer, alike=[bill])


def _own_number_other_sum(life: Life) -> None:
    """The number is of one invoice of the client and the sum of another."""
    bill, other = life.bills(2, *_HOME)
    text, said = named_text(life, other, bill.amount, dated=0.4)
    life.pay(bill, text, life.soon(bill, other), said, alike=[other])


def _wrong_date(life: Life) -> None:
    bill = life.bill(*_HOME)
    wrong = bill.issued_on - timedelta(days=life.rng.choice((365, 30, 61, 7)))
    written = bill.number
    text = f"Оплата {life.pen.named(written, wrong)}{life.pen.vat(bill.amount)}"
    life.pay(bill, text, life.soon(bill), Said(numbers=(written,), dated=wrong))


def _wrong_contract(life: Life) -> None:
    bill = life.bill(*_HOME)
    bill.references = (("contract", f"{life.rng.randrange(100, 400)}/25"),)
    wrong = f"{life.rng.randrange(500, 900)}/25"
    written = bill.number
    named = f"{life.pen.named(written, bill.issued_on)} " if life.chance(0.5) else ""
    said = Said((written,) if named else (), dated=bill.issued_on if named else None, reference=("contract", wrong))
    life.pay(bill, f"Оплата {named}по договору № {wrong}{life.pen.vat(bill.amount)}", life.soon(bill), said)


def _same_price(life: Life) -> None:
    """A stranger pays what somebody's invoice is for."""
    bill, payer = life.bill(*_HOME), life.book.registry.client(ClientKind.COMPANY)
    life.pay(
        (),
        life.pen.goods_only() + life.pen.vat(bill.amount),
        life.soon(bill),
        Said(person_must="stranger"),
        amount=bill.amount,
        by=payer,
        to=bill.organisation,
        currency="RUB",
    )


def _nothing_fits(life: Life) -> None:
    """A client of ours pays a sum that none of its invoices has, and names nothing."""
    bill = life.bill(*_HOME)
    amount = bill.amount / 3 + Decimal("0.37")
    life.pay(bill, life.pen.goods_only(), life.soon(bill), Said(), amount=amount)


def _namesake(life: Life) -> None:
    """Another company of the same name."""
    bill = life.bill(ClientKind.COMPANY, wanted=lambda one: one.tax_id is not None)
    payer = life.book.registry.namesake(bill.client)
    text, said = named_text(life, bill, bill.amount)
    if life.chance(0.5):
        life.pay((), text, life.soon(bill), said, amount=bill.amount, by=payer, alike=[bill])
    else:
        life.pay(
            (),
            life.pen.goods_only(),
            life.soon(bill),
            Said(person_must="namesake"),
            amount=bill.amount,
            by=payer,
            to=bill.organisation,
            currency="RUB",
        )


def _second_without_tax_id(life: Life) -> None:
    bill, other = life.bills(2, ClientKind.COMPANY)
    bill.requisites, other.requisites, other.with_account = True, False, False
    other.amount = bill.amount
    life.pay(bill, life.pen.goods_only() + life.pen.vat(bill.amount), life.soon(bill, other), Said(), alike=[other])


def _third_party(life: Life) -> None:
    bill, payer = life.bill(*_HOME), life.book.stranger()
    pen, client, number = life.pen, bill.client, bill.number
    named = pen.named(number, bill.issued_on)
    whose = client.spellings[0]
    text = pen.one_of(
        f"Оплата за {whose} {named}",
        f"За {whose} ИНН {client.tax_id} {named}",
        f"Оплата от имени {whose} {named}",
        f"по поручению {whose} {named}",
        f"за третье лицо {whose} {named}",
        f"{named} за {whose}",
    )
    if payer.kind not in _HOME or payer is client:
        payer = life.book.registry.client(ClientKind.COMPANY)
    said = Said(numbers=(number,), dated=bill.issued_on, person_must="third party")
    life.pay(bill, text, life.soon(bill), said, by=payer)


def _third_party_with_own(life: Life) -> None:
    """The payer has an invoice of the same sum, but says that it pays for another."""
    bill = life.bill(*_HOME)
    own = life.bill(*_HOME, wanted=lambda one: one.client is not bill.client)
    own.amount = bill.amount
    whose = bill.client.spellings[0]
    text = f"Оплата за {whose} {life.pen.named(bill.number, bill.issued_on)}"
    said = Said(numbers=(bill.number,), dated=bill.issued_on, person_must="third party")
    life.pay(bill, text, life.soon(bill, own), said, by=own.client)


def _refund_words(life: Life) -> None:
    bill = life.bill(*_HOME)
    named = life.pen.named(bill.number, bill.issued_on)
    text = life.pen.one_of(
        f"Возврат излишне уплаченной суммы {named}",
        f"Возврат ошибочно перечисленных средств {named}",
        f"Ошибочно перечислено {named}",
        f"Возврат денежных средств за {life.pen.goods()} {named}",
    )
    life.pay(
        (), text, life.soon(bill), Said(numbers=(bill.number,), person_must="refund"), amount=bill.amount, alike=[bill]
    )


def _truncated(life: Life) -> None:
    """The bank's field ends in the middle of the number."""
    bill = life.bill(*_HOME, wanted=lambda one: len(one.number.text) > 2)
    lead = "Оплата за материалы и услуги по доставке на объект по адресу: г. Москва, ул. Большая Черёмушкинская, "
    tail = f"счет № {bill.number.text}"[:-1]
    room = FIELD - len(tail) - 1
    body = lead + f"{life.pen.goods()}, {life.pen.goods()}, согласно достигнутой договоренности сторон"
    cut = Said(person_must="truncated")
    life.pay(bill, f"{body[:room].rpartition(' ')[0]:<{room}} {tail}", life.soon(bill), cut, cut=True)


def _one_of_set_unknown(life: Life) -> None:
    bills = life.bills(2, *_HOME)
    strange = by_hand(f"{life.rng.randrange(910_000, 990_000)}")
    written = (*(bill.number for bill in bills), strange)
    text = "Оплата по счетам № " + ", ".join(one.text for one in written[:-1]) + f" и {strange.text}"
    amount = sum((bill.amount for bill in bills), Decimal(1000))
    life.pay(bills, text, life.soon(*bills), Said(numbers=written), amount=amount)


def _set_with_strangers(life: Life) -> None:
    """One of the named invoices is another client's."""
    bill = life.bill(*_HOME)
    other = life.bill(
        *_HOME, wanted=lambda one: one.organisation is bill.organisation and one.client is not bill.client
    )
    text = f"Оплата по счетам {bill.number.text}, {other.number.text}"
    life.pay([bill, other], text, life.soon(bill, other), Said(numbers=(bill.number, other.number)))


def _set_short_of_money(life: Life) -> None:
    bills = life.bills(2, *_HOME)
    text = f"Оплата по счетам № {bills[0].number.text} и {bills[1].number.text}"
    amount = bills[0].amount + bills[1].amount - Decimal("1.50")
    life.pay(bills, text, life.soon(*bills), Said(numbers=tuple(bill.number for bill in bills)), amount=amount)


def _register(life: Life) -> None:
    bill: Bill = life.bill(*_HOME)
    text = f"Оплата по реестру счетов № {life.rng.randrange(1, 400)} от {life.pen.day(life.soon(bill))}"
    life.pay((), text, life.soon(bill), Said(person_must="register"), amount=bill.amount, alike=[bill])


SITUATIONS: Final = (
    Situation("over_payment", 3, _over),
    Situation("vat_changed", 2, _vat_changed),
    Situation("second_payment", 3, _second_payment),
    Situation("duplicate_line", 2, _duplicate_line),
    Situation("cancelled_invoice", 2, _cancelled),
    Situation("before_invoice", 2, _before_invoice),
    Situation("other_legal_entity", 3, _other_entity),
    Situation("other_currency", 2, _other_currency),
    Situation("two_equal_invoices", 4, _two_equal),
    Situation("typo_in_number", 4, _typo),
    Situation("another_clients_number", 3, _another_clients_number),
    Situation("another_clients_invoice", 2, _another_clients_invoice),
    Situation("own_number_other_sum", 2, _own_number_other_sum),
    Situation("wrong_date", 3, _wrong_date),
    Situation("wrong_contract", 2, _wrong_contract),
    Situation("strangers_same_price", 4, _same_price),
    Situation("sum_fits_nothing", 2, _nothing_fits),
    Situation("namesake", 2, _namesake),
    Situation("second_without_tax_id", 2, _second_without_tax_id),
    Situation("third_party", 4, _third_party),
    Situation("third_party_with_own", 2, _third_party_with_own),
    Situation("refund_words", 2, _refund_words),
    Situation("truncated_number", 2, _truncated),
    Situation("set_with_unknown", 2, _one_of_set_unknown),
    Situation("set_with_strangers", 1, _set_with_strangers),
    Situation("set_short_of_money", 1, _set_short_of_money),
    Situation("register_words", 1, _register),
)
