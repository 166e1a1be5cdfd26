"""Payment purposes as accountants write them: many hands, many habits, VAT said in a dozen ways."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import cycle
from typing import Final

from hub.demo.story.names import GOODS

_MONTHS: Final = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
_VAT: Final = (
    "В т.ч. НДС 22% {vat-}",
    "В том числе НДС 22 % - {vat.} рублей.",
    "НДС не облагается",
    "в т.ч. НДС (22%): {vat,} руб.",
    "Сумма {sum-} В т.ч. НДС(22%) {vat-}",
    "Без НДС",
    "НДС 22%={vat=}",
    "Без налога (НДС)",
    "в том числе НДС(22%) - {vat.}",
    "Сумма {sum.} руб., в т.ч. НДС 22% - {vat.} руб.",
    "НДС не предусмотрен",
)
FULL: Final = (
    "Оплата по счету № {n} от {d} за {g}. {v}",
    "Опл. по сч.№ {n} от {d2}г. за {g} {v}",
    "ОПЛАТА ПО СЧЕТУ N {n} ОТ {d} ЗА {G}. {V}",
    "Оплата счета {n} от {dw}, {g}, {v}",
    "За {g} согласно счета №{n} от {d}г. {v}",
    "оплата по счёту {n}, {v}",
    "Сч.{n} от {d} {g} {v}",
    "По счету на оплату № {n} от {dw} за {g}. {v}",
    "Оплата за {g} по сч. № {n} от {d} (дог. № {c} от {cd}). {v}",
    "100% предоплата по счету № {n} от {d} за {g} {v}",
    "Оплата по договору поставки № {c} от {cd}, счет № {n} от {d}. {v}",
    "Платеж по счету-договору № {n} от {d}. {v}",
    "Перечисление денежных средств по счету № {n} от {d} г. за {g}. {v}",
    "(сч. {n} от {d2}) за {g}, {v}",
    "Оплата за {g}, УПД № {u} от {ud}, счет {n} от {d}. {v}",
    "Оплата согласно выставленному счету № {n}, {g}. {v}",
    "{v}. Оплата счета N {n} от {d} за {g}",
    "за {g} по сч {n} {v}",
    "Оплата счёта No {n} от {d} по заявке, {g}. {v}",
    "Опл.сч.{n} от {d2} {g}. {v}",
)
NAMELESS: Final = (
    "Оплата за {g}. {v}",
    "Оплата за {g} по договору № {c} от {cd}. {v}",
    "За {g} за март 2026 г. {v}",
    "Оплата по счету от {d} за {g}. {v}",
    "Оплата по счету. {v}",
    "Предоплата за {g} по дог. {c}. {v}",
    "Перечисление оплаты за {g}, {v}",
    "оплата по договору {c} за {g} {v}",
)
PART: Final = (
    "Частичная оплата по счету № {n} от {d} за {g}. {v}",
    "Оплата части счета {n} от {d2} {v}",
    "Аванс по сч. № {n} от {d}. {v}",
    "Част. опл. сч.{n} от {d} за {g} {v}",
    "ЧАСТИЧНАЯ ОПЛАТА СЧЕТА N {n} ОТ {d}. {V}",
    "Оплата 50% по счету № {n} от {d} за {g}. {v}",
)
REST: Final = (
    "Доплата по счету № {n} от {d} за {g}. {v}",
    "Окончательный расчет по счету №{n} от {d}. {v}",
    "Остаток по сч. {n} от {d2} {v}",
    "Оплата остатка по счету {n} за {g}. {v}",
)
ADVANCE: Final = (
    "Предоплата 30% по счету № {n} от {d} за {g}. {v}",
    "Аванс 30 % по сч.№{n} от {d2}г. {v}",
    "АВАНС 30% ПО СЧЕТУ {n} ОТ {d} ЗА {G}. {V}",
    "Авансовый платеж по счету № {n} от {dw} (30 процентов). {v}",
)
BALANCE: Final = (
    "Оплата 70% по счету № {n} от {d} за {g}. {v}",
    "Окончательная оплата по сч.№{n} от {d2}г. {v}",
    "Доплата 70 % за {g}, счет {n} от {d}. {v}",
)
GLUED: Final = (
    "ОПЛАТА ПО СЧЕТУ{n}ОТ{d}СУММА {sum-} В Т.Ч. НДС 22% {vat-}",
    "Оплата по счету№{n}от{d}за {g} {v}",
    "опл по сч{n}от{d2}за {g},{v}",
    "ПО СЧЕТУ{n} ОТ {d}Г.СУММА {sum-}В Т.Ч.НДС(22%) {vat-}",
    "{{VO10100}}Оплата по счету № {n} от {d} за {g}. {v}",
    "Оплата по счету № {n} от {d}=за {g}= {v}",
    "Оплата по счёту  № {n}  от  {d}   за {g} ,{v}",
    "Опл. по сч {n}от {d},{g} {v}",
)


def roubles(amount: Decimal, point: str) -> str:
    """`12200-00`, `12200.00`, `12 200,00` or `12200=00`, by the sign between roubles and kopecks."""
    whole, kopecks = f"{amount:.2f}".split(".")
    if point == ",":
        whole = f"{int(whole):,}".replace(",", " ")
    return f"{whole}{point}{kopecks}"


def vat_of(amount: Decimal) -> Decimal:
    """The VAT inside a sum at 22 %."""
    return (amount * 22 / 122).quantize(Decimal("0.01"))


def with_amounts(text: str, amount: Decimal) -> str:
    """Fill `{sum-}`, `{vat,}` and the like: the payment's sum or its VAT, in the spelling of that sign."""
    for point in "-.,=":
        text = text.replace(f"{{sum{point}}}", roubles(amount, point))
        text = text.replace(f"{{vat{point}}}", roubles(vat_of(amount), point))
    return text


class Writer:
    """Writes purposes, going round its wordings so that neighbours differ."""

    def __init__(self) -> None:
        self._turns: dict[Sequence[str], Iterator[str]] = {}
        self._vat = cycle(_VAT)
        self._goods = cycle(GOODS)
        self._serial = 0

    def write(
        self, templates: Sequence[str], amount: Decimal, number: str = "", issued: date = date(2026, 2, 20)
    ) -> str:
        """The next wording of a family, filled for this sum and invoice."""
        template = next(self._turns.setdefault(templates, cycle(templates)))
        goods = next(self._goods)
        vat = with_amounts(next(self._vat), amount)
        text = with_amounts(template, amount)
        text = text.format(n=number, g=goods, G=goods.upper(), v=vat, V=vat.upper(), **self._dates(issued))
        return text.replace("..", ".")

    def _dates(self, issued: date) -> dict[str, str]:
        self._serial += 1
        contract = date(2025, 9, 1) + timedelta(days=self._serial * 3 % 150)
        handed = issued + timedelta(days=2)
        return {
            "d": issued.strftime("%d.%m.%Y"),
            "d2": issued.strftime("%d.%m.%y"),
            "dw": f"{issued.day} {_MONTHS[issued.month - 1]} {issued.year} г.",
            "c": f"{self._serial % 60 + 1}/{contract.year % 100}",
            "cd": contract.strftime("%d.%m.%Y"),
            "u": str(40 + self._serial % 50),
            "ud": handed.strftime("%d.%m.%Y"),
        }
