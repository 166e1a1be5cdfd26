"""Takes apart words that lost the space between them: `СЧЕТУТД00-001739`, `NЦБ-45`, `45-КОТ 01.01.26`, `ТОВАРВ Т.Ч.`"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from hub.domain.matching.dates import date_at
from hub.domain.matching.tokens import Token, normal_word, word_token
from hub.domain.matching.words import FROM, INVOICE_PLURAL, INVOICE_SINGLE, KIND_OF, NUMBER_SIGNS

_WHOLE: Final = INVOICE_SINGLE | INVOICE_PLURAL
_HEADS: Final = sorted((word for word in _WHOLE if len(word) >= 4), key=len, reverse=True)
_LONGEST_PREFIX: Final = 4
_VAT_LETTERS: Final = 3
_LONGEST_SUFFIX: Final = 3
_NOT_PREFIXES: Final = ("чик", "ов", "ам", "ах", "но")
_JOINTS: Final = frozenset({"-", "/"})
# «оплатапосчету», «согласносчета»: words of payment run into the noun behind them.
_PAYMENT_RUN: Final = re.compile(r"(?:(?:предо|до)?плата|оплата|оплату|опл|платеж|согласно|согл)?(?:по|за)?")
_SHORT_NOUNS: Final = frozenset({"сч", "счет", "счету"})
_SIGNED_NOUNS: Final = _SHORT_NOUNS | {"счета", "счетам", "дог"}
#: «NINV-02937»: the sign and the usual prefix of invoices in English.
_SIGNED_INVOICE: Final = "ninv"
#: «счф», «счд»: not an invoice, or not only.
_KIND_LETTERS: Final = frozenset({"ф", "фак", "факт", "д", "дог", "к", "в"})
_RUN_ON: Final = re.compile(r"(?<=...)(?:сч|счет|счету|счета|счетам)$")
_NOUNS_LONGEST_FIRST: Final = ("счету", "счет", "сч")
# «расчёт», «подсчёт», «отсчёт»: the same letters, another word.
_COUNTED: Final = tuple(
    head + tail
    for head in ("ра", "под", "от", "об", "про", "на", "до", "пере", "суб", "спец")
    for tail in ("счет", "счету", "счета", "счетам")
)
_TWINS: Final = frozenset("авсенкмортхуі")


def unglued(tokens: Sequence[Token], text: str) -> tuple[Token, ...]:
    """The tokens with nouns, signs and prepositions parted from what was written straight behind or before them."""
    tokens = _unbroken(tokens, text) if "\n" in text else tokens
    result: list[Token] = []
    for index, token in enumerate(tokens):
        cut = _cut_of(tokens, index) if token.is_word and _may_fall(token.text) else None
        if cut is None:
            result.append(token)
            continue
        start = 0
        for end in (*cut, len(token.text)):
            piece = token.text[start:end]
            glued = token.glued if start == 0 else True
            result.append(word_token(piece, token.start + start, glued))
            start = end
    return tuple(result)


def _unbroken(tokens: Sequence[Token], text: str) -> tuple[Token, ...]:
    """«по сче⏎ту № 45»: a noun that the end of a line broke in two is one word again."""
    result: list[Token] = []
    for token in tokens:
        before = result[-1] if result else None
        broken = before is not None and before.is_word and token.is_word and not token.glued
        if before is not None and broken and text[before.end : token.start].strip(" ") == "\n":
            norm = normal_word(before.text + token.text)
            if (norm in _WHOLE or norm in KIND_OF) and not (before.norm in KIND_OF or before.norm in FROM):
                whole = before.text + token.text
                result[-1] = before._replace(text=whole, norm=norm, end=token.end)
                continue
        result.append(token)
    return tuple(result)


@lru_cache(maxsize=8192)
def _may_fall(text: str) -> bool:
    """Most words stay whole whatever stands around them: nothing below cuts them."""
    norm = normal_word(text)
    if len(text) < 2:
        return False
    return (
        norm.endswith(("в", "от"))
        or text[0] in "Nn"
        or text[-1] in "Nn"
        or text.endswith(("No", "Nо"))
        or norm.startswith("сч")
        or "ндс" in norm
        or _RUN_ON.search(norm) is not None
        or _payment_words(norm) > 0
        or _noun_end(text, norm) is not None
    )


def _cut_of(tokens: Sequence[Token], index: int) -> tuple[int, ...] | None:
    """Where a word falls into pieces; None when it is whole."""
    token = tokens[index]
    single = _beside_vat(token.norm) or _including_vat(tokens, index) or _from_behind(tokens, index)
    single = single or _sign_before(tokens, index) or _noun_before_prefix(tokens, index)
    if single is not None:
        return (single,)
    cut = _short_noun(tokens, index)
    if cut is not None:
        return (cut,)
    head = _payment_words(token.norm)
    behind = _noun_end(token.text[head:], token.norm[head:])
    if behind is not None and _number_follows(tokens, index, token.norm[head + behind :]):
        return (head, head + behind) if head else (behind,)
    if head and token.norm[head:] in _WHOLE | KIND_OF.keys():
        return (head,)
    return _from_run_on(tokens, index)


def _from_run_on(tokens: Sequence[Token], index: int) -> tuple[int, ...] | None:
    """«за водуот12.03.26»: any word with «от» and a date straight behind it."""
    norm = tokens[index].norm
    if len(norm) <= _LONGEST_SUFFIX or not norm.endswith("от") or index + 1 >= len(tokens):
        return None
    return (len(norm) - 2,) if tokens[index + 1].glued and date_at(tokens, index + 1) is not None else None


@lru_cache(maxsize=8192)
def _beside_vat(norm: str) -> int | None:
    """«безНДС», «бетонНДС 22%», «НДСне облагается»."""
    if len(norm) <= _VAT_LETTERS:
        return None
    if norm.endswith("ндс"):
        return len(norm) - _VAT_LETTERS
    return _VAT_LETTERS if norm.startswith("ндс") and norm[_VAT_LETTERS:].startswith(("не", "в", "по", "нет")) else None


def _including_vat(tokens: Sequence[Token], index: int) -> int | None:
    """«товарВ т.ч. НДС», «45-КВ том числе»."""
    behind = [token.norm for token in tokens[index + 1 : index + 4]]
    said = behind == ["т", ".", "ч"] or behind[:2] == ["том", "числе"] or behind[:1] == ["тч"]
    norm = tokens[index].norm
    return len(norm) - 1 if said and norm.endswith("в") else None


def _from_behind(tokens: Sequence[Token], index: int) -> int | None:
    """«45-Кот 01.02.26»: a suffix of the number with «от» straight behind it."""
    token = tokens[index]
    long = len(token.norm)
    if not (token.glued and 2 < long <= _LONGEST_SUFFIX + 2 and token.norm.endswith("от")) or index == 0:
        return None
    before = tokens[index - 1]
    if not (before.is_digits or before.text in _JOINTS):
        return None
    return long - 2 if date_at(tokens, index + 1, after_from=True) is not None else None


def _sign_before(tokens: Sequence[Token], index: int) -> int | None:
    """«NЦБ-45»: the sign stands straight before a Cyrillic prefix (`NA-45` counts, payers mix the alphabets)."""
    text, norm = tokens[index].text, tokens[index].norm
    if text[0] not in "Nn" or len(text) > _LONGEST_PREFIX + 1:
        return None
    if text[1:] and normal_word(text[1:]) in _SHORT_NOUNS:
        return 1
    if norm == _SIGNED_INVOICE:
        return 1 if _number_behind(tokens, index) else None
    if text[1:2] in {"o", "о"} and len(text) > 2 and text[2:].isupper():
        return 2 if _number_behind(tokens, index) else None  # «NoТД-45»
    cyrillic = not text[1:].isascii() or (len(text) == 2 and normal_word(text[1:]) in _TWINS)
    if not cyrillic or norm in NUMBER_SIGNS:
        return None
    return 1 if _number_behind(tokens, index) else None


def _noun_before_prefix(tokens: Sequence[Token], index: int) -> int | None:
    """«счТД00-000149», «сча-1446»: a short noun run together with the prefix of the number; no noun before it."""
    text, norm = tokens[index].text, tokens[index].norm
    if norm in _WHOLE or norm in KIND_OF or (index and tokens[index - 1].norm in _WHOLE | NUMBER_SIGNS):
        return None
    for noun in _NOUNS_LONGEST_FIRST:
        written, tail = text[len(noun) :], norm[len(noun) :]
        if not norm.startswith(noun) or not 0 < len(tail) <= _LONGEST_PREFIX:
            continue
        if text[len(noun) - 1].isupper() and not text.isupper():
            continue  # «счетУТ-45» is «счет УТ-45»
        one_case = written.isupper() or text.islower()
        stray = (
            tail in _KIND_LETTERS
            or tail.endswith("от")
            or tail in NUMBER_SIGNS
            or tail in FROM
            or tail.startswith(_NOT_PREFIXES)
        )
        return len(noun) if one_case and not stray and _number_behind(tokens, index) else None
    return None


def _short_noun(tokens: Sequence[Token], index: int) -> int | None:
    """«счN45», «товарсч.45», «услугисчет45»: an invoice run together with its sign or with the word before."""
    text, norm = tokens[index].text, tokens[index].norm
    # A Latin N behind a Cyrillic noun is the sign, with a space before the number or without.
    if text.endswith(("No", "Nо")) and normal_word(text[:-2]) in _SIGNED_NOUNS:
        return len(text) - 2
    if text[-1] in "Nn" and normal_word(text[:-1]) in _SIGNED_NOUNS and index + 1 < len(tokens):
        return len(text) - 1
    found = _RUN_ON.search(norm) if len(norm) > _LONGEST_PREFIX else None
    if found is None or norm in _WHOLE or norm.endswith(_COUNTED):
        return None
    at = index + 1
    while at < len(tokens) and tokens[at].text in {".", "№"}:
        at += 1
    return found.start() if at < len(tokens) and tokens[at].is_digits else None


@lru_cache(maxsize=8192)
def _payment_words(norm: str) -> int:
    if len(norm) <= _LONGEST_PREFIX or norm in _WHOLE or norm in KIND_OF:
        return 0
    found = _PAYMENT_RUN.match(norm)
    head = found.end() if found is not None else 0
    rest = norm[head:]
    return head if head and (rest in _WHOLE or rest in KIND_OF or rest.startswith("счет")) and len(rest) > 2 else 0


@lru_cache(maxsize=8192)
def _noun_end(text: str, norm: str) -> int | None:
    """Where the noun ends, when a sign, «от» or a short prefix in capitals stands behind it."""
    if len(norm) <= _LONGEST_PREFIX or norm in _WHOLE or norm in KIND_OF:
        return None
    for head in _HEADS:
        tail = norm[len(head) :]
        if not norm.startswith(head) or not tail:
            continue
        written = text[len(head) :]
        if written[0].isupper() and text[len(head) - 1].isupper() and not text.isupper():
            continue  # «счетУТ-45» is «счет УТ-45»
        prefix = len(tail) <= _LONGEST_PREFIX and written.isupper() and not tail.startswith(_NOT_PREFIXES)
        if tail in FROM or tail in NUMBER_SIGNS or prefix:
            return len(head)
    return None


def _number_follows(tokens: Sequence[Token], index: int, tail: str) -> bool:
    if index + 1 >= len(tokens):
        return False
    if tail in FROM:
        return tokens[index + 1].is_digits
    return _number_behind(tokens, index)


def _number_behind(tokens: Sequence[Token], index: int) -> bool:
    """Digits straight behind the word, behind a hyphen, or behind `-АВ`."""
    at = index + 1
    if at + 1 < len(tokens) and tokens[at].text in _JOINTS and tokens[at].glued:
        at += 1
        tied = tokens[at].is_word and tokens[at].glued and len(tokens[at].text) <= _LONGEST_PREFIX
        at += 1 if tied and at + 1 < len(tokens) else 0
    return at < len(tokens) and tokens[at].is_digits and tokens[at].glued
