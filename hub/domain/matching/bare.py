"""Numbers without a noun: where one may stand for an invoice, and where it is of goods, a room or a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.issuers import is_year
from hub.domain.matching.lists import NumberList
from hub.domain.matching.reading import NamedNumber
from hub.domain.matching.scan import NumberHit, is_sure_sign
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import (
    AND,
    CURRENCIES,
    KIND_OF,
    KOPECKS,
    LEGAL_FORMS,
    MONTHS,
    PAYMENT_WORDS,
    STOPPERS,
    SUM_WORDS,
    UNITS,
    VAT,
    YEAR_WORDS,
    word_set,
)
from hub.domain.models import ReferenceKind

_OPENING_SIGNS: Final = frozenset({"}", ")", ";", "("})
_SIGNED_AFTER: Final = PAYMENT_WORDS | word_set(
    "за к аванс авансом остаток остатка доплаты долг задолженность оплатить оплачиваем для төлем"
)
#: «за услуги № 45»: no goods, places or persons are counted so.
_NAMELESS: Final = word_set("услуги товар товары работы материалы тмц")
_GOODS_AFTER: Final = frozenset({"за", "для", "к"})
_ADJECTIVE_ENDINGS: Final = ("ый", "ой", "ий", "ая")
#: A noun behind these has a number of its own: «в газете № 5 от …», «документ о приёмке № 15 от …».
_OF_PLACE: Final = word_set("в во на о об из у при для к")
_BY: Final = word_set("по согласно")
#: Behind «по» these say nothing of the kind: «по документу № 45 от …».
_ANY_PAPER: Final = word_set("документу док основанию поставке отгрузке доставке покупке")
_PHRASE: Final = 5
_VAT_REACH: Final = 5
_VAT_TALK: Final = VAT | word_set("в без с включая вкл тч")
_WORDLESS: Final = word_set("опл предопл допл предоплата оплата доплата част частично перечисление перевод погашение")
_LONGEST_SHORT: Final = 3
_YEAR: Final = re.compile(r"20[123]\d|(?:0?[1-9]|1[0-2])[/.-]20[123]\d|20[123]\d[-/]20[123]\d|[78]9\d{9}")
_ROUND: Final = re.compile(r"[1-9]\d*00|[1-9]0/[1-9]0|[1-9]0")
_PERIODS: Final = word_set("кв квартал полугодие")
_OF_YEAR: Final = MONTHS.keys() | _PERIODS | {"за", "."}
_REACH: Final = 10
_LONG_REACH: Final = 18
#: What has a day of its own.
_DATED_OTHERWISE: Final = (
    *("поставк", "отгруз", "достав", "отправ", "получ", "рейс", "перевоз", "поезд", "заезд", "решен", "аукцион"),
    *("конкурс", "торг", "прайс", "переч", "спис", "тариф", "выпис", "запрос", "редакц", "поступ", "дтп", "осмотр"),
    *("визит", "вх"),
)
_ENDS_PHRASE: Final = frozenset({"согл", "согласно", "по", "из", "до", "период", "с"})
_INSTEAD: Final = frozenset({"взамен", "вместо"})
_OF_SUMS: Final = frozenset(".,-=();:%/+")
_SUM_TALK: Final = (
    CURRENCIES | KOPECKS | VAT | SUM_WORDS | AND | word_set("в т ч тч том числе на с без включая вкл по ставке")
)


def word_before(tokens: Sequence[Token], index: int) -> Token | None:
    """The token before this one, the dot of an abbreviation and a colon left out."""
    at = index - 1
    while at > 0 and tokens[at].text in {".", ":"}:
        at -= 1
    return tokens[at] if at >= 0 else None


def begins(tokens: Sequence[Token], index: int) -> bool:
    """A number without a sign may stand here: at the start, after a word of payment, after a bracket."""
    before = word_before(tokens, index)
    if before is None or before.text in _OPENING_SIGNS:
        return True
    metered = before.norm == "по" and index > 1 and tokens[index - 2].is_digits  # «с 12450 по 12833»
    return (before.norm in PAYMENT_WORDS or before.norm == "основание") and not metered


def opens(tokens: Sequence[Token], index: int, *, dated: bool) -> bool:
    """A number with a sign may stand here; one with a date behind almost anywhere."""
    return (dated and not named_otherwise(tokens, index)) or _opens_undated(tokens, index)


def vat_follows(tokens: Sequence[Token], index: int) -> bool:
    """«опл 4 в том числе НДС», «опл. 4, без НДС»: even one digit is a number where the talk of VAT follows."""
    at = index + 1 if index < len(tokens) and tokens[index].text == "," else index
    reach = tokens[at : at + _VAT_REACH]
    return any(token.norm in VAT for token in reach) and all(token.norm in _VAT_TALK for token in reach[:1])


def _opens_undated(tokens: Sequence[Token], index: int) -> bool:
    before = word_before(tokens, index)
    if before is None or before.text in _OPENING_SIGNS:
        return True
    if (
        before.norm == "платеж"
        and index > 1
        and (tokens[index - 2].norm.endswith(_ADJECTIVE_ENDINGS) or tokens[index - 2].text == ",")
    ):
        return False  # «лизинговый платёж № 14», «по графику, платёж № 4» count the payments
    if before.norm in _GOODS_AFTER and tokens[index].is_word and len(tokens[index].text) > 2:
        return False  # «за номер 305»
    if before.norm in _NAMELESS and index > 1 and tokens[index - 2].norm == "за":
        return True
    if before.norm in MONTHS or (before.norm in YEAR_WORDS and index > 1 and not tokens[index - 1].glued):
        return True  # «за март № 45»
    return before.norm in _SIGNED_AFTER


def named_otherwise(tokens: Sequence[Token], index: int) -> bool:
    """The phrase before says whose the number is: «в газете № 5», «по заявлению № 5», «рег. № 5»; «за …» never does."""
    governing = "." if _is_shortened(tokens, index) or _is_acronym(tokens, index) else ""
    words: list[str] = []
    for at in range(index - 1, max(-1, index - 2 - 2 * _PHRASE), -1):
        token = tokens[at]
        if token.text == "." and at > 0 and tokens[at - 1].is_word and token.glued:
            continue
        if not token.is_word or token.norm == "за":
            return bool(governing) and token.norm != "за"
        if token.norm in _OF_PLACE or token.norm in _BY:
            if not words and not governing:
                return False
            governing = governing or token.norm
            if governing in _BY and words and (words[-1] in _ANY_PAPER or words[0] in _ANY_PAPER):
                return False
        elif not governing:
            if token.norm in PAYMENT_WORDS or token.norm in _WORDLESS:
                return False
            words.append(token.norm)
    return bool(governing)


def _is_shortened(tokens: Sequence[Token], index: int) -> bool:
    """«вх. № 45», «рег.№ 45»: a word cut short that says whose the number is."""
    if index < 2 or tokens[index - 1].text != "." or not tokens[index - 2].is_word or len(tokens[index - 2].text) > 4:
        return False
    return tokens[index - 2].norm not in PAYMENT_WORDS | _WORDLESS | _ANY_PAPER


def _is_acronym(tokens: Sequence[Token], index: int) -> bool:
    """«БО № 45 от …», «ТЗ № 45 от …»: capitals in mixed case name a paper; behind «ООО» they are a name."""
    before = tokens[index - 1] if index > 0 else None
    if before is None or not before.is_word or not before.text.isupper() or not 2 <= len(before.text) <= 4:
        return False
    lead = tokens[index - 2].norm if index > 1 else ""
    if before.norm in PAYMENT_WORDS | _WORDLESS | VAT or lead in LEGAL_FORMS | (PAYMENT_WORDS - _BY):
        return False  # «оплата ГСМ № 45 от …» says for what
    return any(token.text.islower() for token in tokens[max(0, index - _PHRASE) : index + _PHRASE])


def may_be_a_sum(tokens: Sequence[Token], index: int, written: str) -> bool:
    """«Оплата 15000», «Предоплата 50», «2000 л по 68,50», «Оплата 2026»: a sum, a share, a year or a telephone."""
    money = amount_at(tokens, index)
    if money is not None and money.has_kopecks and tokens[index + 1].text != "-":
        return True
    if _YEAR.fullmatch(written) is not None:
        return True
    round_one = _ROUND.fullmatch(written) is not None
    share = len(written) == 2 and not tokens[index - 1].norm.startswith(("пред", "аванс"))
    return round_one and not share


def closes(tokens: Sequence[Token], index: int, hit: NumberHit) -> bool:
    """«За мебель 1159 от 9 февраля»: a dated number behind a word that names no document and no measure."""
    before = tokens[index - 1] if index > 0 else None
    if before is None or not before.is_word or len(before.text) <= 2 or before.glued:
        return False
    if before.norm in MONTHS or before.norm in _SIGNED_AFTER | _WORDLESS:
        return not is_year(tokens[index])  # «за февраль 318 от 28.02», «аванс 318 от 28.02»
    if len(before.text) == _LONGEST_SHORT:
        return False
    known = before.norm in KIND_OF or before.norm in UNITS or before.norm in LEGAL_FORMS or before.norm in STOPPERS
    return not known and before.text.islower() and sum(char.isdigit() for char in hit.text) > 1


def goes_on(
    tokens: Sequence[Token], index: int, list_end: int, found: NumberList, last: NamedNumber, *, many: bool = False
) -> bool:
    """«счёт № 45 за доставку, № 46 за монтаж»: the list of invoices goes on after a few words of goods.

    Args:
        many: the noun was plural, so that more words may stand between two dated numbers.
    """
    if not is_sure_sign(tokens[index]) or index == 0:
        return False
    number = found.numbers[0]
    both = number.on is not None and last.on is not None
    if both and _only_sums(tokens, list_end, index):
        return True
    if index - list_end > (_LONG_REACH if many and both else _REACH):
        return False
    before = tokens[index - 1]
    if before.text not in {",", ";"} and before.norm not in AND | _INSTEAD:
        return many and both and (tokens[list_end].text in {",", ";"} or tokens[list_end].norm in AND)
    alike = len(number.text) == len(last.text) and number.text[:1].isalpha() == last.text[:1].isalpha()
    alike = alike or (tokens[list_end].norm == "за" and found.end < len(tokens) and tokens[found.end].norm == "за")
    return (number.on is not None) == (last.on is not None) and (alike or number.on is not None)


def goes_on_unsigned(tokens: Sequence[Token], index: int, list_end: int, found: NumberList, last: NamedNumber) -> bool:
    """«45 от 01.03 аренда; 46 от 02.03 вода», «45 от 01.03 5000,00 46 от 02.03»: dated like the number before."""
    if not found.numbers or index - list_end > _REACH:
        return False
    parted = tokens[index - 1].text in {",", ";"} or tokens[index - 1].norm in AND
    if found.numbers[0].on is None or last.on is None:
        return parted and _for_each(tokens, list_end, found, last)
    return _only_sums(tokens, list_end, index) or (parted and index > list_end + 1)


def _for_each(tokens: Sequence[Token], list_end: int, found: NumberList, last: NamedNumber) -> bool:
    """«145 за краску, 146 за кисти»: undated, but each says what for and they are of one length."""
    number = found.numbers[0]
    alike = number.on is None and last.on is None and len(number.text) == len(last.text) > 2
    told = tokens[list_end].norm == "за" and found.end < len(tokens) and tokens[found.end].norm == "за"
    return alike and told and number.text.isdigit() == last.text.isdigit()


def _only_sums(tokens: Sequence[Token], start: int, end: int) -> bool:
    """Nothing but a sum and its VAT stands between two numbers."""
    if not start < end <= start + _LONG_REACH:
        return False
    return all(token.is_digits or token.text in _OF_SUMS or token.norm in _SUM_TALK for token in tokens[start:end])


def late_date(tokens: Sequence[Token], index: int, list_end: int) -> bool:
    """«по счёту 45 за воду от 03.02»: only what was bought stands between the number and its date.

    A date straight behind a word of movement («за поставку от 03.02») is of the movement.
    """
    gap = tokens[list_end:index]
    if not 0 < len(gap) <= _REACH or gap[-1].norm.startswith(_DATED_OTHERWISE):
        return False
    if any(token.norm in _ENDS_PHRASE or token.text in {";", "№", "#"} for token in gap):
        return False
    brackets = [token.text for token in gap if token.text in {"(", ")"}]
    if brackets[:1] == [")"] or any(before.text == "." and behind.text.istitle() for before, behind in pairwise(gap)):
        return False
    return _only_sums(tokens, list_end, index) or not any(_counts(tokens, at) for at in range(list_end, index))


def leads_to(tokens: Sequence[Token], start: int, end: int) -> bool:
    """«счёту ИП Орлова», «счёту за материалы»: only words stand between the noun and the date of its number."""
    gap = tokens[start:end]
    if len(gap) > _REACH or _names_paper(gap):
        return False
    return not any(_counts(tokens, at) or _parts(tokens[at]) for at in range(start, end))


def leads_on(tokens: Sequence[Token], start: int, end: int) -> bool:
    """«… № 45 (5000 руб.), от 04.02 № 46», «… № 45 и за свет от 04.02 № 46»: from a dated number to the next date."""
    if _only_sums(tokens, start, end):
        return True
    gap = tokens[start:end]
    parted = not gap or gap[0].text in {",", ";"} or gap[0].norm in AND | _INSTEAD
    return parted and leads_to(tokens, start + 1, end)


def _parts(token: Token) -> bool:
    """A sign that no name and no goods have inside."""
    return not (token.is_word or token.is_digits or token.text in {".", '"', ","} or token.glued)


def _names_paper(gap: Sequence[Token]) -> bool:
    return any(token.norm in KIND_OF and KIND_OF[token.norm] is not ReferenceKind.OTHER for token in gap)


def _counts(tokens: Sequence[Token], index: int) -> bool:
    """Digits that are no period: in «за февраль 2026», «за 2 кв. 2026» nothing is counted."""
    if not tokens[index].is_digits:
        return False
    behind = tokens[index + 1].norm if index + 1 < len(tokens) else ""
    before = tokens[index - 1]
    if tokens[index].glued and (before.is_word or before.text in {"-", "."}):
        return False  # «Битрикс24», «СМУ-45», «03.2026»
    year = is_year(tokens[index]) and (tokens[index - 1].norm in _OF_YEAR or behind in YEAR_WORDS)
    return not (year or behind in _PERIODS)
