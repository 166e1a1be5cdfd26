"""The reader of payment purposes: a walk over tokens that asks, at each place, what starts here."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from hub.domain.matching.ahead import noun_behind
from hub.domain.matching.amounts import amount_at, percent_at, stands_alone
from hub.domain.matching.bare import (
    begins,
    closes,
    goes_on,
    goes_on_unsigned,
    late_date,
    leads_on,
    leads_to,
    may_be_a_sum,
    opens,
    vat_follows,
    word_before,
)
from hub.domain.matching.dates import PURPOSE_LIMIT, date_at, skip_from
from hub.domain.matching.documents import list_at
from hub.domain.matching.glue import unglued
from hub.domain.matching.lists import NumberList
from hub.domain.matching.marks import marks_of
from hub.domain.matching.nouns import Noun, NounKind, noun_at, settles_doubt, spaced_account
from hub.domain.matching.parties import tax_id_at, third_party_at
from hub.domain.matching.reading import Mark, NamedDate, NamedDocument, NamedNumber, PurposeReading, ThirdParty, Vat
from hub.domain.matching.scan import NumberHit, is_cut_off, names_something, number_at, plural_sign, skip_sign
from hub.domain.matching.tokens import Token, clean, tokenise
from hub.domain.matching.vat import cut_off, vat_at
from hub.domain.matching.words import AND, CODE_WORDS, SUM_WORDS, TAX_ID_WORDS, VAT, word_set
from hub.domain.models import ReferenceKind

#: Raised when a purpose is read, or an invoice judged by it, otherwise than before: what an older one decided is then
#: derived from what is kept of it (`rederive`).
READER_VERSION: Final = "6"
_VO: Final = frozenset({"vo", "во", "vо"})
_ALL: Final = frozenset({"оба", "обе", "все"})
_CODE_SIGNS: Final = frozenset(":.№+-/()=")
_BEFORE_SUM: Final = word_set(": - = . ( платежа оплаты руб в к оплате счета договора")
# IBAN: two letters of the country, two digits, up to thirty letters and digits (ISO 13616).
_IBAN: Final = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}(?![^\W_])")


@lru_cache(maxsize=1024)
def read_purpose(text: str) -> PurposeReading:
    """Read a purpose; never fails, an empty or senseless text gives an empty reading."""
    return _Reader(text).read()


class _Reader:
    """One walk over one purpose."""

    def __init__(self, text: str) -> None:
        self.written = text
        self.text = clean(text)
        self.tokens: tuple[Token, ...] = unglued(tokenise(self.text), self.text)
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
        # The date read last and the token after it; the end of the invoice list read last.
        self.day: tuple[NamedDate, int, int] | None = None
        self.list_end: int | None = None
        self.list_start = 0
        self.list_many = False
        # An invoice noun waits for its number: «счёт к договору № 12 от 11.01 № 455 от 02.03».
        self.waiting = False
        self.document_end = -1
        self.noun_end = 0
        # Where a noun stands that shares its number with an invoice before it.
        self.paired = -1

    def read(self) -> PurposeReading:
        while self.at < len(self.tokens):
            token = self.tokens[self.at]
            read = self._word() if token.is_word else self._digits() if token.is_digits else self._sign()
            if not read:
                self.at += 1
        self.marks |= marks_of(self.text)
        return PurposeReading(
            numbers=self._unique(self.numbers),
            bare=self._unique(self.bare),
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

    def _word(self) -> bool:
        norm = self._token.norm
        return (
            self._currency_code()
            or self._vat()
            or (norm in TAX_ID_WORDS and self._tax_id())
            or self._third_party()
            or (norm in CODE_WORDS and self._code())
            or (norm in SUM_WORDS and self._sum())
            or self._document()
            or (norm in _ALL and self._date_of_all())
            or self._date()
            or self._signed_number()
            or self._unsigned_number()
        )

    def _digits(self) -> bool:
        return self._date() or self._percent() or self._money() or self._unsigned_number() or self._measure()

    def _sign(self) -> bool:
        return self._date() if self._token.text == '"' else self._signed_number()

    @property
    def _token(self) -> Token:
        return self.tokens[self.at]

    def _norm(self, index: int) -> str:
        return self.tokens[index].norm if 0 <= index < len(self.tokens) else ""

    def _currency_code(self) -> bool:
        """`{VO20100}`, an IBAN: a code, not a number."""
        if self._token.norm in _VO and self._norm(self.at + 1).isdigit():
            self.at += 2
            return True
        token = self._token
        code = _IBAN.match(self.text, token.start) if len(token.text) == 2 and token.text.isupper() else None
        if code is None:
            return False
        while self.at < len(self.tokens) and self._token.end <= code.end():
            self.at += 1
        return True

    def _vat(self) -> bool:
        if cut_off(self.tokens, self.at):
            self.vat, self.at = Vat(none=True), self.at + 2
            return True
        hit = vat_at(self.tokens, self.at)
        if hit is None:
            return False
        known = self.vat or Vat()
        self.at = hit.end
        if hit.none:
            self.vat = Vat(none=True)
        else:
            self.vat = Vat(
                rate=known.rate if hit.rate is None else hit.rate,
                amount=known.amount if hit.amount is None else hit.amount,
            )
        return True

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
        at = self.at + 1
        while at < len(self.tokens) and (self.tokens[at].text in _CODE_SIGNS or self.tokens[at].is_digits):
            at += 1
        self.at = at
        return True

    def _sum(self) -> bool:
        """«Сумма 1234-56»: after the word even bare digits are money."""
        at = self.at + 1
        while self._norm(at) in _BEFORE_SUM:
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
        noun = self._closer(noun)
        start, list_end, self.list_end = self.at, self.list_end, None
        if noun.kind is NounKind.ACCOUNT:
            self._skip_account_number(noun.end)
            return True
        invoice = noun.kind is NounKind.INVOICE
        if invoice and noun.doubtful and not settles_doubt(self.tokens, noun.end):
            self.at = noun.end
            return True
        short = invoice and (len(self.tokens[start].text) <= 2 or self.tokens[start].norm == "счета")
        found = list_at(
            self.tokens,
            self.text,
            noun.end,
            plural=noun.plural,
            invoice=invoice,
            short=short,
            single=self.waiting and not noun.plural,
        )
        self.at = max(found.end, noun.end)
        self._named(noun.reference, found)
        if start == self.paired and noun.reference in _SAME_NUMBER and found.numbers:
            self._named(ReferenceKind.INVOICE, found)  # «по счёту и акту № 45»
        shares = (invoice or start == self.paired) and not found.numbers and self._norm(noun.end) in _ALIKE
        self.paired = noun.end + 1 if shares else -1
        self.list_many = noun.plural
        if not invoice and list_end == start - 1 and self._norm(start - 1) == "(" and self._norm(self.at) == ")":
            self.list_end = self.at + 1  # «45 от 01.02 (дог. 5), 46 от 02.02 (дог. 6)»
        if invoice and not found.numbers and found.lone_date is None:
            self._note_unread(noun)
        self.waiting = not found.numbers and found.lone_date is None if invoice else self.waiting
        self.noun_end = noun.end if invoice else self.noun_end
        if found.lone_date is not None:
            self._note_date(found.lone_date)
            self._lone_date(noun, found.lone_date)
        return True

    def _note_unread(self, noun: Noun) -> None:
        """An invoice noun without a number that may have one."""
        full = len(self.text) >= PURPOSE_LIMIT
        if names_something(self.tokens, noun.end):
            self.marks.add(Mark.UNREAD)
        elif is_cut_off(self.tokens, noun.end, full):
            self.marks.add(Mark.TRUNCATED if full else Mark.UNREAD)

    def _closer(self, noun: Noun) -> Noun:
        """«накладная ТОРГ-12 № 45», «счёт инвойс № 45»: the second noun for the same; not the prefix of `INV-77`."""
        bracketed = self._in_brackets(noun) if self._norm(noun.end) == "(" else None
        if bracketed is not None:
            return bracketed
        behind = noun_at(self.tokens, noun.end) if noun.end < len(self.tokens) else None
        if behind is None or behind.reference is not noun.reference or noun.reference is ReferenceKind.OTHER:
            return noun
        prefix = behind.end == noun.end + 1 < len(self.tokens) and self.tokens[behind.end].glued
        return noun if prefix else behind

    def _in_brackets(self, noun: Noun) -> Noun | None:
        """«по заказу (счёту) № 45» is an invoice, «по УПД (счёту-фактуре) № 45» is what stands before the bracket."""
        if noun.kind is NounKind.ACCOUNT or noun.end + 1 >= len(self.tokens):
            return None
        inner = noun_at(self.tokens, noun.end + 1)
        if inner is None or inner.kind is NounKind.ACCOUNT or self._norm(inner.end) != ")":
            return None
        meant = inner if inner.kind is NounKind.INVOICE else noun
        return replace(meant, end=inner.end + 1, doubtful=False)

    def _named(self, kind: ReferenceKind, found: NumberList) -> None:
        """Numbers of a document of this kind."""
        numbers = [number for number in found.numbers if not self._is_cut(number, found.end)]
        for number in numbers:
            self._note_date(number.on)
            if number.amount is not None:
                self.amounts.append(number.amount)
            self.documents.append(NamedDocument(kind, number.text, number.on))
        if kind is ReferenceKind.INVOICE:
            self.list_start = len(self.numbers)
            self.numbers.extend(numbers)
            self.list_end = found.end if numbers else None
            self.waiting = False
        self.document_end = found.end

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
        spaced = spaced_account(self.tokens, at)
        hit = number_at(self.tokens, self.text, at, signed=True)
        if spaced is not None or (hit is not None and not hit.plain):
            self.at = spaced or (hit.end if hit is not None else at)
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
        if after is not None and self.list_end is not None and hit.named.value is not None:
            self._late_date(hit.named, self.list_end)
        self.day = (hit.named, hit.end, self.at)
        self.at = hit.end
        return True

    def _late_date(self, day: NamedDate, list_end: int) -> None:
        """The date of the invoices read last, a few words behind them."""
        if self.numbers[-1].on is not None or not late_date(self.tokens, self.at, list_end):
            return
        first = len(self.numbers)
        while first > self.list_start and self.numbers[first - 1].on is None:
            first -= 1
        late = {number.text for number in self.numbers[first:]}
        self._date_numbers(day, late)

    def _date_numbers(self, day: NamedDate, of: set[str]) -> None:
        self.numbers = [
            replace(number, on=number.on or day) if number.text in of else number for number in self.numbers
        ]
        self.documents = [
            replace(item, on=item.on or day) if item.kind is ReferenceKind.INVOICE and item.number in of else item
            for item in self.documents
        ]

    def _date_of_all(self) -> bool:
        """«счёт 45 …, счёт 46 …, оба от 03.02.26»: invoices named before without a date have this one."""
        after = skip_from(self.tokens, self.at + 1)
        hit = date_at(self.tokens, self.at + 1 if after is None else after, after_from=after is not None)
        if hit is None:
            return False
        self._date_numbers(hit.named, {number.text for number in self.numbers})
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
        if hit is None or not (hit.sure or stands_alone(self.tokens, self.at, hit)):
            return False
        self.amounts.append(hit.value)
        self.at = hit.end
        return True

    def _measure(self) -> bool:
        """`0,5мм`, `12-45`: digits on both sides of a sign are passed together."""
        hit = amount_at(self.tokens, self.at)
        if hit is None or not hit.has_kopecks:
            return False
        self.at = hit.end
        return True

    def _signed_number(self) -> bool:
        """«Оплата № 45 от 03.02.26»: a sign straight after a word of payment, or with a date behind."""
        sign = skip_sign(self.tokens, self.at)
        if sign is None:
            return False
        many = plural_sign(self.tokens, self.at)
        found = list_at(self.tokens, self.text, self.at, plural=many, invoice=True)
        first = number_at(self.tokens, self.text, sign, signed=True)
        if first is None or not found.numbers:
            self.at = sign
            return True
        behind = noun_behind(self.tokens, found.end)
        if behind is not None:
            day = behind.on or (self.day[0] if self.day is not None and self.day[1] == self.at else None)
            dated = tuple(replace(number, on=number.on or day) for number in found.numbers)
            self._named(behind.kind, NumberList(dated, None, behind.end))
            self.at = behind.end
        elif self._list_goes_on(found) or self._was_waited_for():
            self._named(ReferenceKind.INVOICE, found)
            self.at = found.end
        elif self._behind_its_date():
            day = self.day[0] if self.day is not None else None
            dated = tuple(replace(number, on=number.on or day) for number in found.numbers)
            self._named(ReferenceKind.INVOICE, NumberList(dated, None, found.end))
            self.at = found.end
        elif opens(self.tokens, self.at, dated=found.numbers[0].on is not None):
            self._keep_bare(found)
        else:
            self.at = first.end
        return True

    def _was_waited_for(self) -> bool:
        """It stands straight behind the contract, the order or the date of an invoice that has no number yet."""
        behind = self.at if self._norm(self.at - 1) not in {",", ":"} else self.at - 1
        return self.waiting and self.document_end == behind

    def _behind_its_date(self) -> bool:
        """«по счёту ИП Орлова от 03.02 № 45», «от 03.02 № 45 (5000 руб.), от 04.02 № 46»: the date leads the number."""
        if self.day is None or self.day[1] != (self.at - 1 if self._norm(self.at - 1) == "," else self.at):
            return False
        opened = self.day[2]
        if self.waiting:
            return leads_to(self.tokens, max(self.noun_end, self.document_end), opened)
        if self.list_end is None or self.numbers[-1].on is None:
            return False
        return leads_on(self.tokens, self.list_end, opened)

    def _list_goes_on(self, found: NumberList) -> bool:
        if self.list_end is None:
            return False
        last = self.numbers[-1]
        return goes_on(self.tokens, self.at, self.list_end, found, last, many=self.list_many)

    def _keep_bare(self, found: NumberList) -> None:
        for number in found.numbers:
            self._note_date(number.on)
            if number.amount is not None:
                self.amounts.append(number.amount)
        self.bare.extend(found.numbers)
        self.at = found.end

    def _unsigned_number(self) -> bool:
        """«Опл. ЦБ-45», «45 от 03.02.26»: no noun and no sign, but it stands where the number belongs."""
        if self.waiting and self._norm(self.at - 1) == ":" and self._was_waited_for() and self._listed_at_last():
            return True
        opened = begins(self.tokens, self.at)
        if not opened and not (self._token.is_digits and self._stands_apart()):
            return False
        hit = number_at(self.tokens, self.text, self.at)
        if hit is None:
            return False
        behind = noun_behind(self.tokens, hit.end)
        if behind is not None:
            self._named(behind.kind, NumberList((NamedNumber(hit.text, behind.on),), None, behind.end))
            self.at = behind.end
            return True
        found = list_at(self.tokens, self.text, self.at, plural=False, invoice=True)
        day = found.numbers[0].on if found.numbers else None
        before = word_before(self.tokens, self.at)
        listed = self.list_end is not None and goes_on_unsigned(
            self.tokens, self.at, self.list_end, found, self.numbers[-1]
        )
        if listed:
            self._named(ReferenceKind.INVOICE, found)
            self.at = found.end
            return True
        period = hit.end < len(self.tokens) and self.tokens[hit.end].text == "-"  # «за 23-27.02.2026»
        if day is not None and not period and (opened or closes(self.tokens, self.at, hit)):
            self._keep_bare(found)
            return True
        if not opened or before is None or not before.is_word or not self._stands_alone(hit):
            return False
        led = not hit.plain and len(found.numbers) > 1  # «Оплата УТ-45, УТ-46»
        self._keep_bare(found if led else NumberList((NamedNumber(hit.text),), None, hit.end))
        return True

    def _stands_alone(self, hit: NumberHit) -> bool:
        """«Оплата 455», «Опл. УТ-45 за доски»: nothing but a number, and what goes on behind it is no goods."""
        of_vat = vat_follows(self.tokens, hit.end)
        long = sum(char.isdigit() for char in hit.text) > 1
        if not (of_vat if hit.plain and not long else long and (of_vat or self._ends(hit.end))):
            return False
        day = date_at(self.tokens, self.at, after_from=True)
        return day is None and not may_be_a_sum(self.tokens, self.at, hit.text)

    def _listed_at_last(self) -> bool:
        """«счетов по договору 45: 118 от 12.02, 119 от 13.02»: the numbers behind the colon."""
        found = list_at(self.tokens, self.text, self.at, plural=True, invoice=True)
        if not found.numbers:
            return False
        self._named(ReferenceKind.INVOICE, found)
        self.at = found.end
        return True

    def _stands_apart(self) -> bool:
        """Digits behind a space, or behind a comma after invoices: «45 от 01.03 за краску,46 от 02.03 за кисти»."""
        return not self._token.glued or (self.list_end is not None and self._norm(self.at - 1) in {",", ";"})

    def _ends(self, index: int) -> bool:
        return index >= len(self.tokens) or self.tokens[index].norm in _AFTER_NUMBER

    def _unique(self, numbers: Sequence[NamedNumber]) -> tuple[NamedNumber, ...]:
        """One entry a number, in the payer's dashes; the one with a date or a sum wins over a bare repetition."""
        best: dict[str, NamedNumber] = {}
        for number in numbers:
            known = best.get(number.text)
            if known is None:
                best[number.text] = number
            elif known.on is None or known.amount is None:
                best[number.text] = replace(known, on=known.on or number.on, amount=known.amount or number.amount)
        if self.text == self.written:
            return tuple(best.values())
        return tuple(replace(number, text=self._as_written(number.text)) for number in best.values())

    def _as_written(self, number: str) -> str:
        start = self.text.find(number)
        return number if start < 0 else self.written[start : start + len(number)]


#: Papers that carry the number of the invoice they close.
_ALIKE: Final = AND | {"/"}
_SAME_NUMBER: Final = frozenset(
    {ReferenceKind.UPD, ReferenceKind.ACT, ReferenceKind.WAYBILL, ReferenceKind.VAT_INVOICE}
)
_AFTER_NUMBER: Final = VAT | SUM_WORDS | {",", ";", "(", ")", ".", "в", "за", "без"}
