"""What is said of VAT around the word: none at all, a rate, a sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from hub.domain.matching.amounts import amount_at, percent_at
from hub.domain.matching.dates import date_at
from hub.domain.matching.tokens import Token
from hub.domain.matching.words import VAT, word_set

_REACH: Final = 12
_FILLERS: Final = word_set(
    "( ) - : = . , в размере сумма сумме сумму по ставке ставка т ч тч и составляет том числе из расчета руб включ вкл "
    "включая включен включено включительно учтен налог уплачен уплачивается исчислен қоса мен пен бен"
)
_BETWEEN: Final = word_set("налога нал ( . уплаты учета / - начисления")
_MARKS: Final = word_set(": - = ( . , /")
_NOT: Final = word_set(
    "нет не отсутствует необлагается сыз сіз есептелмейді салынбайды жоқ ne net no not none exempt free n няма"
)
_WITHOUT: Final = word_set("без bez without no бяз б")
_RATES: Final = frozenset({"0", "5", "7", "10", "12", "16", "18", "20", "22"})
_LONGEST_BRACKET: Final = 8


@dataclass(frozen=True, slots=True)
class VatHit:
    """What the word says; `end` is the token after it."""

    none: bool
    rate: Decimal | None
    amount: Decimal | None
    end: int


def vat_at(tokens: Sequence[Token], index: int) -> VatHit | None:
    """«НДС 22 %», «без НДС», «НДС не облагается», «налог на добавленную стоимость», «ҚҚС-сыз»."""
    after = _word(tokens, index)
    if after is None:
        return None
    said = _says_not(tokens, after)
    if said is not None or _none_before(tokens, index):
        return VatHit(True, None, None, said or after)
    rate, amount, end = _figures(tokens, after)
    if rate is None and amount == 0:
        return VatHit(True, None, None, end)
    return VatHit(False, rate, amount, end)


def cut_off(tokens: Sequence[Token], index: int) -> bool:
    """«… без нало»: the end of the field cut «без налога (НДС)»."""
    last = index + 2 == len(tokens) and tokens[index].norm == "без"
    return last and len(tokens[index + 1].norm) >= 2 and "налога".startswith(tokens[index + 1].norm)


def _norm(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].norm if 0 <= index < len(tokens) else ""


def _word(tokens: Sequence[Token], index: int) -> int | None:
    norm = tokens[index].norm
    if norm in VAT:
        return index + 1
    spelled = norm.startswith("налог") and _norm(tokens, index + 1) == "на"
    if spelled and _norm(tokens, index + 2).startswith("добав") and _norm(tokens, index + 3).startswith("стоим"):
        return index + 4
    return None


def _says_not(tokens: Sequence[Token], index: int) -> int | None:
    """The token after «не облагается», «: нет», «-сыз»."""
    at = index
    while at < len(tokens) and tokens[at].text in _MARKS and at - index < 2:
        at += 1
    word = _norm(tokens, at)
    if word not in _NOT or (word == "n" and not (_norm(tokens, at + 1) == "/" and _norm(tokens, at + 2) in {"a", "а"})):
        return _not_close(tokens, index)
    return at + 2 if word in {"не", "ne", "not"} else at + 1


def _not_close(tokens: Sequence[Token], index: int) -> int | None:
    """«НДС (УСН) не облагается», «НДС н/о»: «не» one word further."""
    if _norm(tokens, index + 1) == "не" and not (index < len(tokens) and tokens[index].is_digits):
        return index + 3
    return None


def _none_before(tokens: Sequence[Token], index: int) -> bool:
    at = index - 1
    while at >= 0 and index - at <= 4 and tokens[at].norm in _BETWEEN:
        at -= 1
    word, before = _norm(tokens, at), _norm(tokens, at - 1)
    if word in _WITHOUT:
        return word != "б" or at == index - 2
    if word.startswith(("облаг", "плательщик")):
        return before == "не" or _norm(tokens, at - 2) == "не" or before.startswith("явля")
    return word.startswith("неплательщик") or (word == "от" and before.startswith("освобожд"))


def _figures(tokens: Sequence[Token], start: int) -> tuple[Decimal | None, Decimal | None, int]:
    rate: Decimal | None = None
    at = end = start
    while at < min(len(tokens), start + _REACH):
        percent = percent_at(tokens, at)
        if percent is not None:
            rate, at = percent.value, percent.end
            end = at
            continue
        if date_at(tokens, at) is not None:
            break
        money = amount_at(tokens, at)
        if money is not None:
            if rate is None and not money.has_kopecks and not money.sure and tokens[at].text in _RATES:
                rate, at = Decimal(tokens[at].text), at + 1
                end = at
                continue
            return rate, money.value, money.end
        words = _bracketed_words(tokens, at)
        if words is None and tokens[at].norm not in _FILLERS:
            break
        at = at + 1 if words is None else words
    return rate, None, end


def _bracketed_words(tokens: Sequence[Token], index: int) -> int | None:
    """«(двадцать два процента)»."""
    if tokens[index].text != "(":
        return None
    for at in range(index + 1, min(len(tokens), index + _LONGEST_BRACKET)):
        if tokens[at].text == ")":
            return at + 1
        if not tokens[at].is_word:
            return None
    return None
