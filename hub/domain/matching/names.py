"""Names of companies and people, reduced for comparing. A name supports a decision and never carries one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from rapidfuzz import fuzz

from hub.domain.matching.tokens import normal_word
from hub.domain.matching.words import LEGAL_FORMS

_WORDS: Final = re.compile(r"[^\W_]+")
_FORM_PHRASES: Final = re.compile(
    r"общество с ограниченной ответственностью|(?:публичное |непубличное |открытое |закрытое )?акционерное общество"
    r"|индивидуальный предприниматель|индивидуального предпринимателя|глава крестьянского\W+фермерского\W+хозяйства"
    r"|товарищество с ограниченной ответственностью|автономная некоммерческая организация|обществ[оау] с о\W?о\b"
)
_NOISE: Final = frozenset(
    {"компания", "фирма", "г", "ф", "рф", "инн", "кпп", "р", "с", "в", "филиал", "москва", "пао", "the"}
)
_BRANCH_TAIL: Final = re.compile(r"//.*$|\bр/с\b.*$|\bв (?:пао|ао|банк).*$")
# «г. Казань», «г.Нижний Новгород» behind a name: where the payer sits, not who it is.
_CITY: Final = re.compile(
    r"(?<=\S)[\s,(]+г(?:\.\s*|ор\.?\s+|\s+)[^\W\d_]{3,}(?:[- ](?:на-[^\W\d_]+|новгород|челны|тагил))?\)?"
)
_DIGITS: Final = re.compile(r"\d+")
_ALIKE: Final = 90.0
_LONG_TOKEN: Final = 4
_LONGEST_DIGITS: Final = 8


@lru_cache(maxsize=32768)
def name_words(name: str) -> tuple[str, ...]:
    """The telling words of a name, sorted: without legal form, quotes, punctuation and case."""
    lowered = _CITY.sub(" ", _BRANCH_TAIL.sub("", name.lower().replace("ё", "е")))
    every = [normal_word(word) for word in _WORDS.findall(_FORM_PHRASES.sub(" ", lowered))]
    telling = [word for word in every if word not in LEGAL_FORMS and word not in _NOISE and not _is_requisite(word)]
    if sum(len(word) > 1 for word in telling) == 1:  # a surname: letters that look like noise are its initials
        telling = [word for word in every if word in telling or (len(word) == 1 and word not in LEGAL_FORMS)]
    return tuple(sorted(telling or every))


def _is_requisite(word: str) -> bool:
    return word.isdigit() and len(word) > _LONGEST_DIGITS


@lru_cache(maxsize=32768)
def normal_name(name: str) -> str:
    """One spelling for «ООО "Пион"», «Пион, ООО» and «ПИОН ООО»; empty when nothing tells it apart."""
    return " ".join(name_words(name))


def name_tokens(name: str) -> tuple[str, ...]:
    """Words long enough to look a name up by, longest first, three at most."""
    long = sorted((word for word in name_words(name) if len(word) >= _LONG_TOKEN), key=lambda word: (-len(word), word))
    return tuple(long[:3])


def names_agree(left: str, right: str) -> bool:
    """Whether two names can be the same party: equal words, initials for given names, or a small slip."""
    first, second = name_words(left), name_words(right)
    if not first or not second:
        return False
    if is_same_name(left, right):
        return True
    if _DIGITS.findall(" ".join(first)) != _DIGITS.findall(" ".join(second)):
        return False  # «Меркурий 84» and «Меркурий 86» are two shops, not a slip of the keyboard
    joined_left, joined_right = " ".join(first), " ".join(second)
    return len(joined_left) >= _LONG_TOKEN and fuzz.ratio(joined_left, joined_right) >= _ALIKE


def is_same_name(left: str, right: str) -> bool:
    """The same words, or initials for given names; no slip of the pen is forgiven."""
    first, second = name_words(left), name_words(right)
    return bool(first) and (first == second or _initials_agree(first, second))


def _initials_agree(first: tuple[str, ...], second: tuple[str, ...]) -> bool:
    """`иванов и и` and `иванов иван иванович`."""
    shared = {word for word in set(first) & set(second) if len(word) >= 3}
    if len(shared) != 1 or abs(len(first) - len(second)) > 1 or max(len(first), len(second)) > 3:
        return False
    rest_first = sorted(word[0] for word in first if word not in shared)
    rest_second = sorted(word[0] for word in second if word not in shared)
    if not rest_first or not rest_second:
        return False
    one_is_short = all(len(word) == 1 for word in first if word not in shared) or all(
        len(word) == 1 for word in second if word not in shared
    )
    shorter, longer = sorted((rest_first, rest_second), key=len)
    return one_is_short and all(letter in longer for letter in shorter)
