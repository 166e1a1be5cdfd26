"""The reader of payment purposes: a walk over tokens that asks, at each place, what starts here."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from hub.domain.matching.amounts import amount_at, percent_at
from hub.domain.matching.dates import date_at, skip_from
from hub.domain.matching.documents import list_at
from hub.domain.matching.glue import unglued
from hub.domain.matching.marks import marks_of
from hub.domain.matching.nouns import Noun, NounKind, noun_at, settles_doubt
from hub.domain.matching.parties import tax_id_at, third_party_at
from hub.domain.matching.reading import Mark, NamedDate, NamedDocument, NamedNumber, PurposeReading, ThirdParty, Vat
from hub.domain.matching.scan import names_something, number_at, skip_sign
from hub.domain.matching.tokens import Token, clean, tokenise
from hub.domain.matching.words import CODE_WORDS, SUM_WORDS, VAT
from hub.domain.models import ReferenceKind

READER_VERSION: Final = "1"
#: Field 24 of a payment order; banks cut longer texts (Bank of Russia Regulation 762-P).
PURPOSE_LIMIT: Final = 210
_VAT_REACH: Final = 12
_VAT_FILLERS: Final = frozenset(
    {
        "(",
        ")",
        "-",
        ":",
        "=",
        ".",
        ",",
        "в",
        "размере",
        "сумма",
        "сумме",
        "сумму",
        "по",
        "ставке",
        "ставка",
        "т",
        "ч",
        "тч",
        "и",
    }
    | {"составляет", "том", "числе", "из", "расчета", "руб"}
)
_PAYMENT_WORDS: Final = frozenset(
    {"оплата", "опл", "оплату", "предоплата", "доплата", "по", "согласно", "оплачено", "платеж", "плата", "payment"}
)
_OPENERS: Final = frozenset({"}", ")", ";", "("})
_AFTER_NUMBER: Final = VAT | SUM_WORDS | {",", ";", "(", ")", ".", "в", "за", "без"}
_VO: Final = frozenset({"vo", "во", "vо"})


@lru_cache(maxsize=1024)
def read_purpose(text: str) -> PurposeReading:
    """Read a purpose; never fails, an empty or senseless text gives an empty reading."""
    return _Reader(text).read()


class _Reader:
    """One walk over one purpose."""

    def __init__(self, text: str) -> None:
        self.text = clean(text)
        self.tokens: tuple[Token, ...] = unglued(tokenise(self.text))
        self.at = 0
        self.numbers: list[NamedNumber] = []
        self.bare: list[NamedNumber] = []
        self.documents: list[NamedDocument] = []
        self.invoice_dates: list[NamedDate] = []
        self.dates: list[date] = []
        self.amounts: list[Decimal] = []
        self.vat: Vat | None = None
        self.percent: Decimal | None = None
        self.tax_ids: list[str] = []
        self.third_party: ThirdParty | None = None
        self.marks: set[Mark] = set()

    def read(self) -> PurposeReading:
        steps: tuple[Callable[[], bool], ...] = (
            self._currency_code,
            self._vat,
            self._tax_id,
            self._third_party,
            self._code,
            self._sum,
            self._document,
            self._date,
            self._percent,
            self._money,
            self._bare_number,
            self._unsigned_number,
        )
        while self.at < len(self.tokens):
            if not any(step() for step in steps):
                self.at += 1
        self.marks |= marks_of(self.text)
        return PurposeReading(
            numbers=_unique(self.numbers),
            bare=_unique(self.bare),
            documents=tuple(dict.fromkeys(self.documents)),
            invoice_dates=tuple(self.invoice_dates),
            dates=tuple(dict.fromkeys(self.dates)),
            amounts=tuple(self.amounts),
            vat=self.vat,
            percent=self.percent,
            tax_ids=tuple(dict.fromkeys(self.tax_ids)),
            third_party=self.third_party,
            marks=frozenset(self.marks),
        )

    @property
    def _token(self) -> Token:
        return self.tokens[self.at]

    def _norm(self, index: int) -> str:
        return self.tokens[index].norm if 0 <= index < len(self.tokens) else ""

    def _currency_code(self) -> bool:
        """`{VO20100}`: a currency control code, not a number."""
        if self._token.norm not in _VO or not self._norm(self.at + 1).isdigit():
            return False
        self.at += 2
        return True

    def _vat(self) -> bool:
        if self._token.norm not in VAT:
            return False
        before = {self._norm(self.at - 1), self._norm(self.at - 2), self._norm(self.at - 3)}
        after = (self._norm(self.at + 1), self._norm(self.at + 2))
        if "без" in before or after[0] in {"нет", "не"} or after[1] == "не":
            self.vat = Vat(none=True)
            self.at += 3 if after[0] == "не" else 2 if after[0] == "нет" else 1
            return True
        rate, amount, end = self._vat_figures(self.at + 1)
        known = self.vat or Vat()
        self.vat = Vat(
            rate=rate if rate is not None else known.rate, amount=amount if amount is not None else known.amount
        )
        self.at = end
        return True

    def _vat_figures(self, start: int) -> tuple[Decimal | None, Decimal | None, int]:
        rate: Decimal | None = None
        at = end = start
        while at < min(len(self.tokens), start + _VAT_REACH):
            percent = percent_at(self.tokens, at)
            if percent is not None:
                rate, at = percent.value, percent.end
                end = at
                continue
            if date_at(self.tokens, at) is not None:
                break
            money = amount_at(self.tokens, at)
            if money is not None:
                return rate, money.value, money.end
            if self.tokens[at].norm not in _VAT_FILLERS:
                break
            at += 1
        return rate, None, end

    def _tax_id(self) -> bool:
        hit = tax_id_at(self.tokens, self.at)
        if hit is None:
            return False
        self.tax_ids.extend(hit.values)
        self.at = hit.end
        return True

    def _third_party(self) -> bool:
        hit = third_party_at(self.tokens, self.text, self.at)
        if hit is None:
            return False
        self.third_party = self.third_party or hit.party
        self.at = hit.end
        return True

    def _code(self) -> bool:
        """КПП, БИК, telephone: the digits behind are consumed."""
        if self._token.norm not in CODE_WORDS:
            return False
        at = self.at + 1
        while at < len(self.tokens) and (
            self.tokens[at].text in {":", ".", "№", "+", "-", "/", "(", ")", "="} or self.tokens[at].is_digits
        ):
            at += 1
        self.at = at
        return True

    def _sum(self) -> bool:
        """«Сумма 1234-56»: after the word even bare digits are money."""
        if self._token.norm not in SUM_WORDS:
            return False
        at = self.at + 1
        while self._norm(at) in {
            ":",
            "-",
            "=",
            ".",
            "(",
            "платежа",
            "оплаты",
            "руб",
            "в",
            "к",
            "оплате",
            "счета",
            "договора",
        }:
            at += 1
        hit = amount_at(self.tokens, at)
        if hit is None or date_at(self.tokens, at) is not None:
            return False
        self.amounts.append(hit.value)
        self.at = hit.end
        return True

    def _document(self) -> bool:
        noun = noun_at(self.tokens, self.at)
        if noun is None:
            return False
        if noun.kind is NounKind.ACCOUNT:
            self._skip_account_number(noun.end)
            return True
        invoice = noun.kind is NounKind.INVOICE
        if invoice and noun.doubtful and not settles_doubt(self.tokens, noun.end):
            self.at = noun.end
            return True
        found = list_at(self.tokens, self.text, noun.end, plural=noun.plural, invoice=invoice)
        self.at = max(found.end, noun.end)
        numbers = [number for number in found.numbers if not self._is_cut(number, found.end)]
        for number in numbers:
            self._note_date(number.on)
            if number.amount is not None:
                self.amounts.append(number.amount)
            self.documents.append(NamedDocument(noun.reference, number.text, number.on))
        if invoice:
            self.numbers.extend(numbers)
            if not found.numbers and found.lone_date is None and names_something(self.tokens, noun.end):
                self.marks.add(Mark.UNREAD)
        if found.lone_date is not None:
            self._note_date(found.lone_date)
            self._lone_date(noun, found.lone_date)
        return True

    def _lone_date(self, noun: Noun, day: NamedDate) -> None:
        if noun.reference is not ReferenceKind.OTHER:
            self.documents.append(NamedDocument(noun.reference, None, day))
        if noun.kind is NounKind.INVOICE:
            self.invoice_dates.append(day)

    def _is_cut(self, number: NamedNumber, end: int) -> bool:
        """The last number of a text that fills the field may have lost its tail."""
        last = self.tokens[end - 1]
        cut = len(self.text) >= PURPOSE_LIMIT and last.end >= len(self.text) and last.end >= PURPOSE_LIMIT
        if cut and number.on is None and self.text.endswith(number.text):
            self.marks.add(Mark.TRUNCATED)
            return True
        return False

    def _note_date(self, named: NamedDate | None) -> None:
        if named is not None and named.value is not None:
            self.dates.append(named.value)

    def _skip_account_number(self, index: int) -> None:
        sign = skip_sign(self.tokens, index)
        at = index if sign is None else sign
        hit = number_at(self.tokens, self.text, at, signed=True)
        if hit is not None and not hit.plain:
            self.at = hit.end
            return
        while at < len(self.tokens) and self.tokens[at].is_digits and (at in {sign, index} or self.tokens[at].glued):
            at += 1
        self.at = at

    def _date(self) -> bool:
        after = skip_from(self.tokens, self.at)
        hit = date_at(self.tokens, self.at if after is None else after, after_from=after is not None)
        if hit is None:
            return False
        self._note_date(hit.named)
        self.at = hit.end
        return True

    def _percent(self) -> bool:
        hit = percent_at(self.tokens, self.at)
        if hit is None:
            return False
        if self._norm(hit.end) in VAT:
            self.vat = Vat(rate=hit.value, amount=self.vat.amount if self.vat else None)
        elif self.percent is None and 0 < hit.value <= 100:
            self.percent = hit.value
        self.at = hit.end
        return True

    def _money(self) -> bool:
        hit = amount_at(self.tokens, self.at)
        if hit is None:
            return False
        if hit.sure or (hit.has_kopecks and not self._token.glued):
            self.amounts.append(hit.value)
            self.at = hit.end
            return True
        return False

    def _bare_number(self) -> bool:
        """«Оплата № 45 от 03.02.26»: a sign straight after a word of payment, or with a date behind."""
        sign = skip_sign(self.tokens, self.at)
        if sign is None:
            return False
        hit = number_at(self.tokens, self.text, sign, signed=True)
        if hit is None:
            self.at = sign
            return True
        behind = skip_from(self.tokens, hit.end)
        day = date_at(self.tokens, behind, after_from=True) if behind is not None else None
        if self._opens(self._word_before()) or day is not None:
            self._note_date(day.named if day else None)
            self.bare.append(NamedNumber(hit.text, day.named if day else None))
        self.at = hit.end if day is None else day.end
        return True

    def _word_before(self) -> Token | None:
        """The token before this one, the dot of an abbreviation left out."""
        at = self.at - 1
        if at > 0 and self.tokens[at].text == ".":
            at -= 1
        return self.tokens[at] if at >= 0 else None

    @staticmethod
    def _opens(before: Token | None) -> bool:
        """A number may stand here on its own: at the start, after a word of payment, after a bracket."""
        return before is None or before.norm in _PAYMENT_WORDS or before.text in _OPENERS

    def _unsigned_number(self) -> bool:
        """«Опл. ЦБ-45», «45 от 03.02.26»: no noun and no sign, but it stands where the number belongs."""
        before = self._word_before()
        hit = number_at(self.tokens, self.text, self.at) if self._opens(before) else None
        if hit is None:
            return False
        behind = skip_from(self.tokens, hit.end)
        day = date_at(self.tokens, behind, after_from=True) if behind is not None else None
        digits = sum(char.isdigit() for char in hit.text)
        closes = hit.end >= len(self.tokens) or self.tokens[hit.end].norm in _AFTER_NUMBER
        if day is None and not (closes and digits > 1 and before is not None and before.is_word):
            return False
        self._note_date(day.named if day else None)
        self.bare.append(NamedNumber(hit.text, day.named if day else None))
        self.at = hit.end if day is None else day.end
        return True


def _unique(numbers: list[NamedNumber]) -> tuple[NamedNumber, ...]:
    """One entry a number; the one that carries a date or a sum wins over a bare repetition."""
    best: dict[str, NamedNumber] = {}
    for number in numbers:
        known = best.get(number.text)
        if known is None:
            best[number.text] = number
        elif known.on is None or known.amount is None:
            best[number.text] = NamedNumber(number.text, known.on or number.on, known.amount or number.amount)
    return tuple(best.values())
