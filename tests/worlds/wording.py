"""How accountants and banks write: openings, dates, sums, VAT, numbers, and what a bank does to a text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from random import Random
from typing import Final

from tests.worlds.records import KOPECK, Bill, Written

FIELD: Final = 210
_MONTHS: Final = [
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
]
_GOODS: Final = (
    "доски",
    "кирпич М150",
    "трубы 57х3,5",
    "стройматериалы",
    "услуги связи",
    "консультационные услуги",
    "щебень фр. 5-20",
    "арматуру А500С ф12",
    "ремонт а/м ГАЗ 3302",
    "канцтовары",
    "картриджи HP 12A",
    "обслуживание ПО",
    "рекламные услуги",
    "аренду за 03.2026",
    "аренду помещения за март 2026 г.",
    "транспортные услуги Москва-Тула 15 тонн",
    "запчасти",
    "мебель",
    "электроэнергию за 02.2026 г.",
    "доставку",
    "ТМЦ",
    "лицензию 1С",
    "монтаж окон",
    "подшипники 6205 10 шт",
    "бумагу А4 50 пачек",
    "услуги спецтехники",
    "продукты питания",
    "кабель ВВГнг 3х2,5",
    "хозтовары",
    "обучение 2 чел.",
)
_OPENINGS: Final = ("Оплата ", "Опл. ", "", "Оплата за {g} ", "За {g} ", "Платеж ", "Перечисление ", "Оплачено за {g} ")
_NOUNS: Final = (
    "по счету",
    "по счёту",
    "по сч.",
    "счет",
    "сч",
    "по сч",
    "по счету на оплату",
    "согласно счета",
    "по счету-договору",
    "по счету-оферте",
    "счета",
    "за {g} согласно счету",
)
_SIGNS: Final = (" № ", " №", " N ", " N", "№", " #", " ", " No ", " номер ")
_FROM: Final = (" от ", " от ", " от ", "  от ", " ОТ ")
_LOOK_ALIKE: Final = str.maketrans("АВЕКМНОРСТХаеорсух", "ABEKMHOPCTXaeopcyx")
_DATES: Final[Sequence[Callable[[date], str]]] = (
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d:%d.%m.%Y}",
    lambda d: f"{d:%d.%m.%Y}г.",
    lambda d: f"{d:%d.%m.%Y} г.",
    lambda d: f"{d:%d.%m.%y}",
    lambda d: f"{d:%d.%m.%y}г",
    lambda d: f"{d.day} {_MONTHS[d.month - 1]} {d.year} г.",
    lambda d: f"{d.day:02d} {_MONTHS[d.month - 1]} {d.year}г",
    lambda d: f"{d:%d/%m/%Y}",
    lambda d: f"{d:%Y-%m-%d}",
)
_NO_VAT: Final = (" НДС не облагается", " Без НДС", ". Без налога (НДС)", "; НДС не обл.", " (без ндс)")
_RATES: Final = (22, 22, 22, 20, 20, 10, 5, 7)


class Pen:
    """Writes purposes; the same seed writes the same."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng

    def one_of(self, *texts: str) -> str:
        return self.rng.choice(texts)

    def goods(self) -> str:
        return self.rng.choice(_GOODS)

    def day(self, day: date) -> str:
        return self.rng.choice(_DATES)(day)

    def sum(self, amount: Decimal) -> str:
        whole, kopecks = f"{amount:.2f}".split(".")
        grouped = f"{int(whole):,}".replace(",", " ")
        return self.one_of(
            f"{grouped},{kopecks}",
            f"{whole}-{kopecks}",
            f"{whole}.{kopecks}",
            f"{whole}={kopecks}",
            f"{whole},{kopecks}",
            f"{grouped} руб. {kopecks} коп.",
            f"{whole}-{kopecks} руб.",
        )

    def vat(self, amount: Decimal) -> str:
        dice = self.rng.random()
        if dice < 0.15:
            return ""
        if dice < 0.4:
            return self.rng.choice(_NO_VAT)
        rate = self.rng.choice(_RATES)
        tax = self.sum((amount * rate / (100 + rate)).quantize(KOPECK))
        return self.one_of(
            f" В т.ч. НДС {rate}% {tax}",
            f" в том числе НДС {rate} % - {tax}",
            f", НДС ({rate}%) {tax}",
            f". В том числе НДС({rate}.00%) {tax}",
            f" НДС {rate}%",
            f" Сумма {self.sum(amount)} В т.ч. НДС ({rate}%) {tax}",
        )

    def number(self, bill: Bill) -> Written:
        """One of the ways in which the number is written; mostly as it is printed."""
        return bill.number if self.rng.random() < 0.5 else self.rng.choice(bill.spellings)

    def named(self, written: Written, day: date | None = None) -> str:
        """The number with the word before it and, where given, the date of the invoice."""
        text = self.rng.choice(_NOUNS).format(g=self.goods()) + self.rng.choice(_SIGNS) + written.text
        return text + self.dated(day)

    def dated(self, day: date | None) -> str:
        return "" if day is None else self.rng.choice(_FROM) + self.day(day)

    def opening(self) -> str:
        return self.rng.choice(_OPENINGS).format(g=self.goods())

    def goods_only(self) -> str:
        goods = self.goods()
        return self.one_of(
            f"Оплата за {goods}", f"За {goods}", f"{goods}", f"Оплата за {goods} по договору", "Оплата за товар"
        )

    def glued(self, written: Written, day: date) -> str:
        """Spaces lost between words, number and date."""
        return self.one_of(
            f"ПО СЧЕТУ{written.text}ОТ {day:%d.%m.%y}",
            f"сч{written.text}от{day:%d.%m}",
            f"Оплата по счету№{written.text}от{day:%d.%m.%Y}",
            f"Оплатапосчету №{written.text} от {day:%d.%m.%Y}г.",
            f"сч.№{written.text}от{day:%d.%m.%y}г",
        )

    def through_bank(self, text: str) -> str:
        """The text as it comes out of the bank: case, line breaks, look-alike letters, codes, 210 characters."""
        dice = self.rng.random()
        if dice < 0.12:
            text = text.upper()
        elif dice < 0.18:
            text = text.lower()
        dice = self.rng.random()
        if dice < 0.04:
            text = "".join(one.translate(_LOOK_ALIKE) if self.rng.random() < 0.3 else one for one in text)
        elif dice < 0.08:
            words = text.split(" ")
            place = self.rng.randrange(1, len(words)) if len(words) > 1 else 0
            text = " ".join(words[:place]) + "\n" * bool(place) + " ".join(words[place:])
        elif dice < 0.11:
            text = "{VO20100}" + text
        elif dice < 0.14:
            text = text.replace(" ", "  ", 2)
        return text[:FIELD]
