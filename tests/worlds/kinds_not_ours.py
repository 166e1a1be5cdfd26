"""Money that no client paid for an invoice: it must never settle one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from tests.worlds.book import YEAR, money
from tests.worlds.life import Life, Situation
from tests.worlds.records import ClientKind, Side

#: Kind, name and tax id of the payer, purposes; `{n}` is a number, `{s}` a sum, `{d}` a date.
_PAYERS: Final[tuple[tuple[str, str | None, str | None, tuple[str, ...]], ...]] = (
    (
        "taxes",
        "Казначейство России (ФНС России)",
        "7727406020",
        (
            "Возврат налога на прибыль по решению № {n} от {d}",
            "Возврат излишне уплаченного НДС по решению {n}",
            "Возврат переплаты по единому налоговому счету, решение № {n}",
        ),
    ),
    (
        "loans",
        None,
        None,
        (
            "Возврат займа по договору № {n} от {d}",
            "Предоставление займа по договору займа № {n} от {d}. НДС не облагается",
            "Выдача кредита по кредитному договору № {n}",
            "Погашение займа, договор {n}",
        ),
    ),
    (
        "interest",
        "ПАО СБЕРБАНК",
        "7707083893",
        (
            "Выплата процентов по депозиту, договор {n} от {d}",
            "Проценты на остаток по счету за март 2026",
            "Начисленные проценты по договору банковского вклада № {n}",
        ),
    ),
    (
        "acquirer",
        "ПАО СБЕРБАНК",
        "7707083893",
        (
            "Возмещение по эквайрингу, реестр {n} от {d}. Комиссия {s}",
            "Зачисление средств по операциям с МБК (на основании реестров платежей) Мерчант №{n}",
            "Перевод средств по договору эквайринга № {n}, удержана комиссия {s}",
        ),
    ),
    (
        "marketplace",
        'ООО "Вайлдберриз"',
        "7721546864",
        (
            "Перечисление по агентскому договору, отчет о реализации № {n} за неделю",
            "Выплата за реализованный товар по оферте маркетплейса, отчет {n}",
        ),
    ),
    (
        "salary_return",
        None,
        None,
        (
            "Возврат подотчетных сумм",
            "Возврат излишне выплаченной заработной платы",
            "Возврат неиспользованного аванса под отчет",
        ),
    ),
    (
        "cash",
        "ПАО СБЕРБАНК",
        "7707083893",
        ("Взнос наличных. Торговая выручка за {d}", "Инкассация. Торговая выручка", "Внесение наличных через банкомат"),
    ),
    (
        "founder",
        None,
        None,
        (
            "Финансовая помощь учредителя",
            "Взнос в уставный капитал по решению № {n}",
            "Вклад в имущество общества от учредителя",
        ),
    ),
    (
        "courts",
        "УФССП России",
        "7709576929",
        ("Взыскание по исполнительному листу № {n}", "Перечисление взысканных средств по ИП {n}/26/77001-ИП"),
    ),
    (
        "subsidy",
        "Министерство экономики",
        "7710349494",
        ("Субсидия по соглашению № {n} от {d}", "Грант по договору № {n}"),
    ),
    (
        "insurance",
        'СПАО "Ингосстрах"',
        "7705042179",
        ("Страховое возмещение по договору ОСАГО № {n}", "Выплата страхового возмещения по убытку {n}"),
    ),
    (
        "tender",
        "Оператор площадки",
        "7707704692",
        ("Возврат обеспечения заявки на участие в аукционе № {n}", "Возврат задатка по процедуре {n}"),
    ),
)


def _when(life: Life) -> date:
    return date(YEAR, 1, 12) + timedelta(days=life.rng.randrange(340))


def _text(life: Life, texts: tuple[str, ...]) -> str:
    """A purpose; its number is often the number of some invoice of ours."""
    number = life.rng.choice(life.book.bills).number.core if life.chance(0.5) else f"{life.rng.randrange(10**5)}"
    filled = life.rng.choice(texts).replace("{n}", number).replace("{s}", life.pen.sum(money(life.rng)))
    return filled.replace("{d}", life.pen.day(_when(life)))


def _amount(life: Life) -> Decimal:
    """A sum; often exactly some invoice's."""
    return life.rng.choice(life.book.bills).amount if life.chance(0.5) else money(life.rng)


def _received(name: str | None, tax_id: str | None, texts: tuple[str, ...], life: Life) -> None:
    if name is None:
        side = life.side(life.book.registry.client(life.rng.choice((ClientKind.COMPANY, ClientKind.PERSON))))
    else:
        side = Side(name, tax_id, None, life.book.registry.account("302328" if "БАНК" in name else "407028"))
    life.not_ours(_text(life, texts), _amount(life), _when(life), side, life.rng.choice(life.book.organisations))


def _own_transfer(life: Life) -> None:
    ours, other = life.rng.sample(life.book.organisations, 2)
    payer = life.rng.choice((ours, other))
    text = life.pen.one_of(
        "Перевод собственных средств",
        "Пополнение расчетного счета",
        "Внутреннее перемещение средств. НДС не облагается",
    )
    side = Side(payer.name, payer.tax_id, payer.kpp, life.book.registry.account())
    life.not_ours(text, _amount(life), _when(life), side, ours)


def _to_supplier(life: Life) -> None:
    """We pay somebody by the invoice of that somebody; its number may be one of ours."""
    number = life.rng.choice(life.book.bills).number
    text = f"Оплата {life.pen.named(number, _when(life))}{life.pen.vat(Decimal(1000))}"
    seller = life.book.stranger() if life.chance(0.3) else life.book.registry.client(ClientKind.COMPANY)
    life.not_ours(
        text, _amount(life), _when(life), life.side(seller), life.rng.choice(life.book.organisations), outgoing=True
    )


def _refund_to_client(life: Life) -> None:
    bill = life.bill(ClientKind.COMPANY)
    text = f"Возврат оплаты {life.pen.named(bill.number, bill.issued_on)}"
    life.not_ours(text, bill.amount, life.soon(bill), life.side(bill.client), bill.organisation, outgoing=True)


def _refund_from_supplier(life: Life) -> None:
    supplier = life.book.registry.client(ClientKind.COMPANY)
    text = life.pen.one_of(
        "Возврат ошибочно перечисленных денежных средств по п/п {n} от {d}",
        "Возврат аванса по договору № {n} от {d}",
        "Возврат излишне перечисленной суммы по акту сверки {n}",
    )
    life.not_ours(
        _text(life, (text,)), _amount(life), _when(life), life.side(supplier), life.rng.choice(life.book.organisations)
    )


def _teller(name: str | None, tax_id: str | None, texts: tuple[str, ...]) -> Callable[[Life], None]:
    return partial(_received, name, tax_id, texts)


SITUATIONS: Final = (
    *(Situation(f"not_ours_{kind}", 1, _teller(name, tax_id, texts)) for kind, name, tax_id, texts in _PAYERS),
    Situation("not_ours_own_transfer", 2, _own_transfer),
    Situation("not_ours_to_supplier", 3, _to_supplier),
    Situation("refund_to_client", 2, _refund_to_client),
    Situation("refund_from_supplier", 2, _refund_from_supplier),
)
