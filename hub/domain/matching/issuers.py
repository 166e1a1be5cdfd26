"""What stands between «счёт» and its number: who issued it and in what program, for what, for which period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hub.domain.matching.amounts import amount_at
from hub.domain.matching.dates import date_at, skip_from
from hub.domain.matching.items import Item, dated, item_at
from hub.domain.matching.scan import NumberHit, is_sure_sign, number_at, skip_sign
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import AND, INVOICE, KIND_OF, LEGAL_FORMS, MONTHS, STOPPERS, YEAR_WORDS, word_set

_LONGEST_NAME: Final = 8
_OF_GOODS: Final = frozenset({"товар", "услуги", "работы", "материалы", "в", "для", "на", "и", "с"})
_LEADS: Final = frozenset({"за", "от", "из"})
_PERIODS: Final = word_set("месяц месяца месяцев мес квартал квартала кв полугодие")
_COMPANIES: Final = word_set("ооо ип ао зао пао оао тоо чп llc ltd")
_LONGEST_SHORT: Final = 5
_GROUP: Final = 3
_LEAST_DIGITS: Final = 2
#: A word with digits behind these is more often goods: «за бетон М-300».
_GOODS_BEHIND: Final = frozenset({"за", "на", "для"})


def is_year(token: Token) -> bool:
    """Four digits that can be nothing but a year here."""
    return token.is_digits and len(token.text) == 4 and token.text.startswith("20")


def behind_period(tokens: Sequence[Token], index: int) -> int:
    """«счета за февраль 2026: 61 и 74», «за 1 квартал № 8», «за март 45 от 01.04»: the token after the period."""
    if index + 2 >= len(tokens) or tokens[index].norm != "за":
        return index
    at, told = index + 1, index
    while at < len(tokens) and (_of_period(tokens[at]) or tokens[at].text in {".", "-", ",", "и", "/"}):
        tells = tokens[at].norm in MONTHS or tokens[at].norm in _PERIODS | YEAR_WORDS or is_year(tokens[at])
        at += 1
        told = at if tells else told
    if told == index or at >= len(tokens):
        return index
    if tokens[at].text == ":":
        return at + 1
    if skip_sign(tokens, at) is not None:
        return at
    told += 1 if tokens[told].text == "." else 0
    if told == at and _listed_digits(tokens, at):
        return at
    dated_number = told < at and tokens[told].is_digits and skip_from(tokens, told + 1) is not None
    return told if dated_number or (told == at and _dated_digits(tokens, at)) else index


def _of_period(token: Token) -> bool:
    if token.is_digits:
        return len(token.text) <= 2 or is_year(token)
    return token.norm in MONTHS or token.norm in _PERIODS or token.norm in YEAR_WORDS


def _listed_digits(tokens: Sequence[Token], index: int) -> bool:
    """«за сентябрь 145, 146»: numbers of one length with a comma between; «за январь 15000,00» is a sum."""
    if index + 2 >= len(tokens) or not (tokens[index].is_digits and tokens[index + 2].is_digits):
        return False
    parted = tokens[index + 1].text == "," or tokens[index + 1].norm in AND
    alike = len(tokens[index].text) == len(tokens[index + 2].text) > 2
    money = amount_at(tokens, index + 2)
    return parted and alike and not (money is not None and (money.sure or money.has_kopecks))


def _dated_digits(tokens: Sequence[Token], index: int) -> bool:
    return index < len(tokens) and tokens[index].is_digits and skip_from(tokens, index + 1) is not None


def behind_issuer(tokens: Sequence[Token], text: str, index: int, plural: bool) -> int:
    """«счёт ООО «Пион» за воду № 45 от 03.02», «счёт из Битрикс24 № 45»: a few words, then the number with its date."""
    at = index
    while at < len(tokens) and at - index < _LONGEST_NAME and _may_describe(tokens, at, index):
        at = _behind_quotes(tokens, at) if at > index and tokens[at].text == '"' else at + 1
        if at > index + 1 and at < len(tokens) and _numbered(tokens, text, at):
            break
    if at == index or at >= len(tokens) or number_at(tokens, text, index) is not None:
        return index
    if tokens[at].norm == "за" and behind_period(tokens, at) > at:
        return behind_period(tokens, at)
    if tokens[at].text == "(" and skip_sign(tokens, at + 1) is not None and (plural or _closed_by_date(tokens, at + 1)):
        return at + 1  # «счетов за материалы (№ 45, № 46)», «счёт ИП Иванова (№ 45) от 01.02»
    if is_sure_sign(tokens[at]):
        return at if _closed_by_date(tokens, at) or _is_name(tokens, index, at) else index
    item = item_at(tokens, text, at, signed=False) if not tokens[at].glued else None
    if item is None or item.on is None or not _says_from(tokens, item.hit.end):
        return index
    goods = not item.hit.plain and any(token.norm in _GOODS_BEHIND for token in tokens[index:at])
    return index if goods or len(item.hit.text) < _LEAST_DIGITS else at


def _says_from(tokens: Sequence[Token], index: int) -> bool:
    """«от …», «(от …»."""
    return skip_from(tokens, index + 1 if tokens[index].text == "(" else index) is not None


def _behind_quotes(tokens: Sequence[Token], index: int) -> int:
    """«ООО "СМУ-45"»: what stands between quotes is the name, digits and signs with it."""
    for at in range(index + 1, min(len(tokens), index + _LONGEST_NAME)):
        if tokens[at].text == '"':
            return at + 1
    return index + 1


def _numbered(tokens: Sequence[Token], text: str, index: int) -> bool:
    """`Б-3012-1` behind the name of a program: letters with a joint that lead a number."""
    joined = tokens[index].is_word and index + 1 < len(tokens) and tokens[index + 1].text in {"-", "/"}
    apart = joined and not tokens[index].glued and tokens[index + 1].glued
    return apart and number_at(tokens, text, index) is not None


def _closed_by_date(tokens: Sequence[Token], index: int) -> bool:
    sign = skip_sign(tokens, index)
    end = len(tokens) if sign is None else min(len(tokens), sign + _LONGEST_NAME)
    day = next((here for here in range(index + 1, end) if skip_from(tokens, here) is not None), None)
    closed = day is not None and all(token.glued or token.text in {"№", "("} for token in tokens[index + 2 : day])
    return day is not None and closed and dated(tokens, day) is not None


def _is_name(tokens: Sequence[Token], start: int, end: int) -> bool:
    """«счёт ИП Иванова № 45»: nothing but a company or a program is named, so the number needs no date."""
    first = start + 1 if tokens[start].norm in {"от", "из"} else start
    if any(token.norm in STOPPERS for token in tokens[first:end]):
        return False
    dotted = any(token.text == "." for token in tokens[first:end])
    last = tokens[end - 1]
    # «ГБУЗ ГКБ № 12», «ООО ЧОП № 3»: the number is of the institution.
    numbered = last.text.isupper() and last.is_word and len(last.text) <= _LONGEST_SHORT and tokens[first].norm != "ип"
    return (tokens[first].norm in _COMPANIES and not numbered) or first > start or dotted


def _may_describe(tokens: Sequence[Token], index: int, start: int) -> bool:
    token = tokens[index]
    if token.text == '"' or token.norm in LEGAL_FORMS or (token.text == "." and index > start):
        return True
    if token.text == ",":
        return skip_sign(tokens, index + 1) is not None or _is_told(tokens, index + 1)
    if token.text == "/":
        return index > start and len(tokens[index - 1].text) == 1  # «э/э», «з/части»
    if token.text == "-" or token.is_digits:
        behind = index + 1 < len(tokens) and tokens[index + 1].glued
        return index > start and token.glued and tokens[index - 1].is_word and (token.is_digits or behind)
    if not token.is_word or token.norm in INVOICE or token.norm in KIND_OF or is_sure_sign(token):
        return False
    return token.norm not in STOPPERS or token.norm in _OF_GOODS or (token.norm in _LEADS and index == start)


def _is_told(tokens: Sequence[Token], index: int) -> bool:
    """«счёту, выставленному …»."""
    return index < len(tokens) and tokens[index].norm.startswith(("выстав", "предъяв", "получен"))


def widened(tokens: Sequence[Token], item: Item) -> Item:
    """`12 345 от 01.03`, `УТ 000 118 от 01.03`: spaces inside one number, told by the date behind all of it."""
    end = item.hit.end
    lead = tokens[end - 1].text
    at = _behind_groups(tokens, end)
    short = lead.isdigit() and (lead.startswith("0") or (item.hit.plain and len(lead) < _GROUP))
    if at == end and item.hit.plain and short and at < len(tokens) and tokens[at].is_digits:
        at += 1 if len(tokens[at].text) < _GROUP and len(tokens[at].text) != len(lead) else 0  # «№ 11 8 от»
    parted = at < len(tokens) and tokens[at].text in {",", "("}
    after = skip_from(tokens, at + 1 if parted else at) if at > item.hit.end and short else None
    day = date_at(tokens, after, after_from=True) if after is not None else None
    if day is None:
        return item
    written = item.hit.text + "".join(token.text for token in tokens[item.hit.end : at])
    return replace(item, hit=NumberHit(written, at, item.hit.plain), on=day.named, end=day.end)


def _behind_groups(tokens: Sequence[Token], index: int) -> int:
    at = index
    while at < len(tokens) and tokens[at].is_digits and len(tokens[at].text) == _GROUP:
        if tokens[at].start != tokens[at - 1].end + 1:
            break
        at += 1
    return at
