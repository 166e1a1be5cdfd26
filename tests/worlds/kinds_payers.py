"""Stories of who pays: the treasury, banks, branches, persons."""

from __future__ import annotations

from typing import Final

from tests.worlds.kinds_named import named_text
from tests.worlds.life import Life, Situation
from tests.worlds.records import ClientKind, Said, Side

_TREASURY_TAX_ID: Final = "7710568760"
_BANKS: Final = (
    ("ПАО СБЕРБАНК", "7707083893"),
    ('АО "ТБанк"', "7710140679"),
    ('АО "АЛЬФА-БАНК"', "7728168971"),
    ("Банк ВТБ (ПАО)", "7702070139"),
)
_TRANSIT: Final = ("30232810", "30233810", "40911810", "47422810")


def _treasury(life: Life) -> None:
    bill = life.bill(ClientKind.STATE)
    text, said = named_text(life, bill, bill.amount)
    region = life.pen.one_of("г. Москве", "Тульской области", "Пермскому краю", "Самарской области")
    account = f"0321464300000{life.rng.randrange(10**7):07d}"
    name, payer, tax_id = f"УФК по {region}", None, None
    if life.chance(0.7):
        name, payer = f"{name} ({bill.client.spellings[0]} л/с 20736X{life.rng.randrange(10_000, 99_999)})", bill.client
    elif bill.tax_id and life.chance(0.5):
        text, tax_id = f"ИНН {bill.tax_id} {text}", bill.tax_id
    said = Said(said.numbers, dated=said.dated, reference=said.reference, shared=True, payer=payer, named_tax_id=tax_id)
    life.pay(bill, text, life.soon(bill), said, side=Side(name, _TREASURY_TAX_ID, None, account))


def _bank_side(life: Life, who: str | None) -> Side:
    bank, tax_id = life.rng.choice(_BANKS)
    name = f"{bank}//{who}//г. Тула, ул. Ленина, д. 5//" if who else bank
    return Side(name, tax_id, None, life.rng.choice(_TRANSIT) + f"{life.rng.randrange(10**12):012d}")


def _through_bank(life: Life) -> None:
    """A person pays at a bank's counter: the payer in the line is the bank."""
    bill = life.bill(ClientKind.PERSON)
    text, said = named_text(life, bill, bill.amount)
    named = life.chance(0.7)
    said = Said(
        said.numbers, dated=said.dated, reference=said.reference, shared=True, payer=bill.client if named else None
    )
    life.pay(
        bill,
        text,
        life.soon(bill),
        said,
        side=_bank_side(life, life.pen.one_of(*bill.client.spellings) if named else None),
    )


def _through_bank_unnamed(life: Life) -> None:
    """A bank's line with the person's name and no number: a name alone decides nothing."""
    bill = life.bill(ClientKind.PERSON)
    said = Said(shared=True, payer=bill.client)
    life.pay(bill, life.pen.goods_only(), life.soon(bill), said, side=_bank_side(life, bill.client.base))


def _person(life: Life) -> None:
    bill = life.bill(ClientKind.PERSON)
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, life.soon(bill), said)


def _branch_named(life: Life) -> None:
    bill = life.bill(ClientKind.COMPANY)
    text, said = named_text(life, bill, bill.amount)
    life.pay(bill, text, life.soon(bill), said, by=life.book.registry.branch(bill.client))


def _branch_by_sum(life: Life) -> None:
    bill = life.bill(ClientKind.COMPANY, wanted=lambda one: one.requisites)
    branch = life.book.registry.branch(bill.client)
    life.pay(bill, life.pen.goods_only() + life.pen.vat(bill.amount), life.soon(bill), Said(), by=branch)


def _without_tax_id(life: Life) -> None:
    """The invoice has the client's name only."""
    bill = life.bill(ClientKind.COMPANY, ClientKind.SOLE)
    bill.requisites = bill.with_account = False
    text, said = named_text(life, bill, bill.amount)
    if life.chance(0.3):
        text, said = life.pen.goods_only(), Said()
    life.pay(bill, text, life.soon(bill), said)


SITUATIONS: Final = (
    Situation("treasury", 4, _treasury),
    Situation("person_through_bank", 4, _through_bank),
    Situation("person_through_bank_no_number", 1, _through_bank_unnamed),
    Situation("person", 3, _person),
    Situation("branch_named", 2, _branch_named),
    Situation("branch_by_sum", 2, _branch_by_sum),
    Situation("client_without_tax_id", 3, _without_tax_id),
)
