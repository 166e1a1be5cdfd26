"""One document number at a place in the tokens: where it ends and what may never be taken for it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from hub.domain.matching.amounts import amount_at, percent_at
from hub.domain.matching.dates import date_at, skip_from
from hub.domain.matching.measures import is_quantity
from hub.domain.matching.runs import dotted_date, ends_number, is_dotted, is_money, month_and_year, opens_period
from hub.domain.matching.tokens import Token, normal_word
from hub.domain.matching.words import (
    AND,
    FROM,
    INVOICE,
    INVOICE_TAILS,
    KIND_OF,
    LEGAL_FORMS,
    LOOSE_FROM,
    MONTHS,
    NOTES,
    NUMBER_SIGNS,
    PLURAL_SIGNS,
    SOFT_STOPPERS,
    STOPPERS,
    SUM_WORDS,
    UNITS,
    VAT,
    VAT_INVOICE,
)

_JOINTS: Final = frozenset({"-", "/", "\\", "_"})
_LONGEST_PREFIX: Final = 6
_LONGEST_SUFFIX: Final = 3
LONGEST_DIGITS: Final = 15
_SPACED_PREFIX: Final = 4
_ORDINAL: Final = re.compile(
    r"\d{1,2}-?(?:й|ый|ой|го|ого|му|ому|ю|ую|ых|st|nd|rd|th)\Z|\d{3,4}-(?:й|го|му|Й|ГО|МУ)\Z"
    r"|\d+[мmМ][23]\Z|\d{1,3}-?[Фф][Зз]\Z"
)
_PHONE: Final = re.compile(r"(?:[78]-)?\d{3}-\d{3}-\d\d-\d\d\Z")
_PHONE_HYPHENS: Final = 3
_PROGRAM: Final = "1с"  # the maker of accounting programs, met in every second purpose for licences
_PADDED: Final = 4
_LETTERS: Final = frozenset({"а", "б"})  # no preposition that could stand before «от»
_BEHIND_SIGN: Final = frozenset({".", ":", "°", '"', "'", "(", "[", "<", "_"})
_SURE_SIGNS: Final = frozenset({"№", "#", "N"})
_SURE_WORDS: Final = frozenset({"no", "nо", "номер"})
_LONGEST_TOWN: Final = 10
_SPACED_OUT: Final = 2
_HALF: Final = 2
_NEAR: Final = 4
# What comes behind these is not the number of the noun before.
_TURNS: Final = VAT | SUM_WORDS | {"за", "для", "в", "по", "согласно", ";"}
_INCLUDING: Final = frozenset({"т", "тч", "том"})


@dataclass(frozen=True, slots=True)
class NumberHit:
    """A number as written and the index of the token after it."""

    text: str
    end: int
    plain: bool


def skip_sign(tokens: Sequence[Token], index: int) -> int | None:
    """Index after «№», «N», «No.», «№№», «номер»; None when no sign stands here."""
    at = index
    while at < len(tokens) and _is_sign(tokens, at):
        at += 1
        while at < len(tokens) and tokens[at].text in _BEHIND_SIGN:
            at += 1
    if at == index:
        return None
    if at < len(tokens) and tokens[at].text == "-" and at + 1 < len(tokens) and tokens[at + 1].glued:
        at += 1
    return at


def is_sure_sign(token: Token) -> bool:
    """«№», «No», «номер»: nothing but a sign; a small «n» may be anything."""
    return token.text in _SURE_SIGNS or token.norm in _SURE_WORDS


def plural_sign(tokens: Sequence[Token], index: int) -> bool:
    """«№№», «nos», «номерам»: several numbers follow."""
    if index + 1 >= len(tokens):
        return False
    doubled = tokens[index].text == "№" and tokens[index + 1].text == "№" and tokens[index + 1].glued
    return doubled or tokens[index].norm in PLURAL_SIGNS


def _is_sign(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.norm not in NUMBER_SIGNS:
        return False
    if token.norm != "n" or index + 1 >= len(tokens):
        return True
    return tokens[index + 1].text != "-" or not tokens[index + 1].glued


def is_cut_off(tokens: Sequence[Token], index: int, full: bool) -> bool:
    """The text ends where the number of a noun begins: «по счету №», «счет № УТ-».

    Args:
        full: the text fills the field, so that its end may be lost even right behind the noun.
    """
    sign = skip_sign(tokens, index)
    at = index if sign is None else sign
    prefix = at < len(tokens) and tokens[at].is_word and len(tokens[at].text) <= _LONGEST_PREFIX
    at += prefix
    dash = at < len(tokens) and tokens[at].text in _JOINTS
    return at + dash == len(tokens) and (sign is not None or (prefix and dash) or full)


def names_something(tokens: Sequence[Token], index: int) -> bool:
    """Digits close behind a noun that are no date, sum, rate or quantity: some number may stand here unread."""
    for at in range(index, min(len(tokens), index + _NEAR)):
        if tokens[at].norm in _TURNS or tokens[at].norm in INVOICE or tokens[at].norm in KIND_OF:
            return False
        if tokens[at].is_digits:
            return not (_is_something_else(tokens, at, False) or is_quantity(tokens, at + 1, tokens[at].text, False))
    return False


def number_at(
    tokens: Sequence[Token], text: str, index: int, *, signed: bool = False, longest: int = LONGEST_DIGITS
) -> NumberHit | None:
    """The document number that starts at a token; None for dates, rates, sums, quantities and bank accounts.

    Args:
        signed: a number sign stands before, so a spaced prefix (`№ ТД 00-000123`) and slashed dates are numbers.
        longest: digits that a number may have; longer runs are accounts and codes.
    """
    if index >= len(tokens) or _is_something_else(tokens, index, signed) or (signed and _is_spaced_out(tokens, index)):
        return None
    end = _end_of_number(tokens, index, signed)
    if end is None or _is_middle(tokens, end):
        return None
    end = _behind_zeros(tokens, index, _with_version(tokens, end))
    written = text[tokens[index].start : tokens[end - 1].end]
    if not signed and (normal_word(written) == _PROGRAM or _ORDINAL.match(written)):
        return None
    plain = written.isdigit()
    if not any("0" <= char <= "9" for char in written) or (plain and len(written) > longest):
        return None
    if plain and is_quantity(tokens, end, written, signed):
        return None
    if not signed and written.count("-") >= _PHONE_HYPHENS and _PHONE.match(written) is not None:
        return None
    return NumberHit(written, end, plain)


def _is_spaced_out(tokens: Sequence[Token], index: int) -> bool:
    """«№ 1 6 7», «№ 4 5 от 02.02»: 167, or a list of three. The first digit alone is neither."""
    at = index
    while at < len(tokens) and tokens[at].is_digits and len(tokens[at].text) == 1:
        at += 1
    return at - index > _SPACED_OUT or (at - index == _SPACED_OUT and _norm(tokens, at) in FROM)


def _behind_zeros(tokens: Sequence[Token], index: int, end: int) -> int:
    """`УТ-00 000317`, which a line broke: zeros behind letters are half of a number."""
    if end >= len(tokens) or not tokens[end].is_digits or not any(token.is_word for token in tokens[index:end]):
        return end
    digits = "".join(token.text for token in tokens[index:end] if token.is_digits)
    rest = tokens[end].text
    if digits.strip("0") or min(len(digits), len(rest)) < _HALF or _is_something_else(tokens, end, False):
        return end
    return end if is_quantity(tokens, end + 1, rest, False) else end + 1


def _is_something_else(tokens: Sequence[Token], index: int, signed: bool) -> bool:
    if percent_at(tokens, index) is not None:
        return True
    dotted = not signed and index + 2 < len(tokens) and tokens[index + 1].text == "."
    if dotted and (month_and_year(tokens, index) or opens_period(tokens, index)):
        return True
    date = date_at(tokens, index)
    if date is not None and not (signed and _slashed(tokens, index)):
        return True
    money = amount_at(tokens, index)
    if money is None or not money.sure:
        return False
    # «№ 95 800 р.»: no sum stands behind a sign, so the sum begins with the next group.
    return not (signed and (money.end == index + 1 or tokens[index + 1].is_digits))


def _slashed(tokens: Sequence[Token], index: int) -> bool:
    return index + 1 < len(tokens) and tokens[index + 1].text in {"/", "-"}


def _end_of_number(tokens: Sequence[Token], index: int, signed: bool) -> int | None:
    at = _start(tokens, index, signed)
    if at is None:
        return None
    while at < len(tokens) and tokens[at].glued:
        token = tokens[at]
        if token.is_digits or (token.is_word and _may_join(tokens, at)):
            at += 1
            continue
        if token.text in _JOINTS and _continues(tokens, at + 1) and not ends_number(tokens, at + 1):
            at += 2
            continue
        if token.text == "." and (is_dotted(tokens, at) or _initials(tokens, at)):
            at += 2
            continue
        break
    return at + 2 if _spaced_joint(tokens, at) else _behind_letter(tokens, at)


def _initials(tokens: Sequence[Token], index: int) -> bool:
    """`М.О.-118`, `СПБ.118`: a dot between letters in capitals, digits soon behind."""
    before = tokens[index - 1]
    if not before.is_word or not before.text.isupper() or index + 1 >= len(tokens):
        return False
    behind = tokens[index + 1]
    if behind.text in {"-", "/"}:
        return behind.glued and _digits_soon(tokens, index + 2)
    return behind.is_word and len(behind.text) == 1 and behind.text.isupper() and _digits_soon(tokens, index + 2)


def _behind_letter(tokens: Sequence[Token], index: int) -> int:
    """`118 А от 01.03`, `118 - П от 01.03`: capitals apart from the digits, the date straight behind them."""
    if index >= len(tokens) or tokens[index].glued:
        return index
    joined = tokens[index].text in {"-", "/"}
    at = index + 1 if joined else index
    if at >= len(tokens) or not tokens[index - 1].is_digits or not tokens[at].is_word:
        return index
    if not tokens[at].text.isupper() and tokens[at].norm not in _LETTERS:
        return index
    longest = _LONGEST_SUFFIX if joined or _is_series(tokens, at) else 1
    apart = len(tokens[at].text) <= longest
    return at + 1 if apart and tokens[at].norm not in FROM and _dated_here(tokens, at + 1) else index


def _is_series(tokens: Sequence[Token], index: int) -> bool:
    """`118 АВ от 01.03` in mixed case: no form of a company, no document, no month."""
    norm = tokens[index].norm
    known = norm in STOPPERS or norm in SOFT_STOPPERS or norm in KIND_OF or norm in MONTHS or norm in UNITS
    return not known and index + 1 < len(tokens) and tokens[index + 1].text.islower()


def _dated_here(tokens: Sequence[Token], index: int) -> bool:
    """«от 03.02», «(от 03.02)», «, от 03.02»."""
    parted = index < len(tokens) and tokens[index].text in {"(", ","}
    after = skip_from(tokens, index + 1 if parted else index)
    return after is not None and date_at(tokens, after, after_from=True) is not None


def _is_middle(tokens: Sequence[Token], end: int) -> bool:
    """`INV(2026).001`: the bracket closes and the number goes on, so what stands in it is no number of its own."""
    rest = tokens[end : end + 3]
    if len(rest) < 3 or rest[0].text != ")" or rest[1].text not in {".", "-", "/"}:
        return False
    return rest[1].glued and rest[2].glued and rest[2].is_digits and date_at(tokens, end + 2) is None


def _with_version(tokens: Sequence[Token], end: int) -> int:
    """`45(2)` and `45:1` are not 45."""
    rest = tokens[end : end + 3]
    if len(rest) < 2 or not (rest[0].glued and rest[1].glued and rest[1].is_digits):
        return end
    if len(rest[1].text) > _LONGEST_SUFFIX or is_money(tokens, end + 1) or date_at(tokens, end + 1) is not None:
        return end
    if rest[0].text == ":" and len(rest[1].text) == 1:  # two digits may be minutes
        return end + 2
    return end + 3 if rest[0].text == "(" and len(rest) == 3 and rest[2].text == ")" else end


def _spaced_joint(tokens: Sequence[Token], index: int) -> bool:
    """`ТД00 - 000123`, `12 / 3`: spaces around the sign; the digits behind are padded or short."""
    if index + 1 >= len(tokens) or tokens[index].text not in {"-", "/"} or not tokens[index + 1].is_digits:
        return False
    digits = tokens[index + 1].text
    if date_at(tokens, index + 1) is not None or dotted_date(tokens, index + 1) or is_money(tokens, index + 1):
        return False
    if tokens[index].text == "/":
        return tokens[index - 1].is_digits and len(digits) <= _LONGEST_SUFFIX
    return digits.startswith("0") and len(digits) > _PADDED


def _start(tokens: Sequence[Token], index: int, signed: bool) -> int | None:
    token = tokens[index]
    if token.is_digits:
        return index + 1
    if not token.is_word or index + 1 >= len(tokens):
        return None
    follower = tokens[index + 1]
    town = signed and (token.text.istitle() or follower.text == "-")
    if len(token.text) > (_LONGEST_TOWN if town else _LONGEST_PREFIX):
        return None
    if follower.glued:
        holds = follower.is_digits or (follower.text in _JOINTS and _continues(tokens, index + 1 + 1))
        holds = holds or (follower.is_word and _digits_soon(tokens, index + 1))
        if follower.text == "." and _dotted_prefix(tokens, index, signed):
            holds = True
        if not holds and follower.text == "-" and _spaced_hyphen(tokens, index, signed):
            return index + 3
        return index + 1 if holds and _may_lead(token, follower, signed) else None
    if follower.text == "-":
        return index + 3 if _spaced_hyphen(tokens, index, signed) else None
    led = follower.is_digits and len(token.text) <= _SPACED_PREFIX and _leads_apart(tokens, index, signed)
    return index + 2 if led else None


def _leads_apart(tokens: Sequence[Token], index: int, signed: bool) -> bool:
    """`ТД 00-000123`, «№ цб 318 от 01.02»: a prefix with a space behind it."""
    token, follower = tokens[index], tokens[index + 1]
    named = token.norm in SOFT_STOPPERS or token.norm in KIND_OF
    if not token.text.isupper():
        known = named or token.norm in UNITS or token.norm in STOPPERS
        return signed and not known and _dated_soon(tokens, index + 2)
    joined = index + 2 < len(tokens) and tokens[index + 2].text == "-" and _continues(tokens, index + 3)
    padded = follower.text.startswith("0") and (len(follower.text) >= _PADDED or joined)
    told = signed or padded or (not named and (_dated_soon(tokens, index + 2) or _behind_noun(tokens, index)))
    if token.norm not in STOPPERS or not told:
        return told
    # In mixed case a lone capital is no preposition: «счет А 1045 от 12.02».
    mixed = index > 0 and (tokens[index - 1].text.islower() or (signed and tokens[index - 2].text[1:].islower()))
    return len(token.text) == 1 and (padded or (mixed and _dated_soon(tokens, index + 2)))


def _behind_noun(tokens: Sequence[Token], index: int) -> bool:
    """«по счету АБ 118»: in mixed case capitals straight behind the noun lead its number, which closes the phrase."""
    before = tokens[index - 1] if index > 0 else None
    if before is None or before.norm not in INVOICE or not before.text[1:].islower():
        return False
    behind = tokens[index + 2] if index + 2 < len(tokens) else None
    return behind is None or behind.text in {",", ";", ")"} or behind.norm in _TURNS


def _dotted_prefix(tokens: Sequence[Token], index: int, signed: bool) -> bool:
    """`Ф.2026.0045`, `СПБ.118`: capitals with a dot lead the digits; without a sign a date stands behind them."""
    token = tokens[index]
    if len(token.text) > _SPACED_PREFIX or not _digits_soon(tokens, index + 2):
        return False
    if not token.text.isupper() and not (signed and len(token.text) > 1 and _dated_soon(tokens, index + 3)):
        return False
    if signed:
        return len(token.text) == 1 or token.norm not in STOPPERS
    known = token.norm in STOPPERS | SOFT_STOPPERS | NUMBER_SIGNS or token.norm in KIND_OF
    return not known and len(token.text) > 1 and tokens[index + 2].is_digits and _dated_soon(tokens, index + 3)


def _spaced_hyphen(tokens: Sequence[Token], index: int, signed: bool) -> bool:
    """`УТ - 0905`, `УТ- 905`: a prefix in capitals and digits that are signed, padded or dated."""
    token = tokens[index]
    if index + 2 >= len(tokens) or tokens[index + 1].text != "-" or not tokens[index + 2].is_digits:
        return False
    if len(token.text) > _SPACED_PREFIX or token.norm in STOPPERS | SOFT_STOPPERS:
        return False
    digits = tokens[index + 2].text
    small = not token.text.isupper() and not (_dated_soon(tokens, index + 3) and token.norm not in UNITS)
    if small or token.norm in KIND_OF or is_money(tokens, index + 2) or date_at(tokens, index + 2) is not None:
        return False
    return signed or (digits.startswith("0") and len(digits) > 1) or _dated_soon(tokens, index + 3)


def _dated_soon(tokens: Sequence[Token], index: int) -> bool:
    """«от …» stands close behind, after nothing but glued pieces."""
    at = index
    while at < len(tokens) and tokens[at].glued and at - index < _NEAR and tokens[at].norm not in FROM:
        at += 1
    return _dated_here(tokens, at)


def _may_lead(token: Token, follower: Token, signed: bool) -> bool:
    """Letters before the digits: `УТ-45`; a preposition or a noun only in capitals and tied (`К-45`, `ИП-45`)."""
    if token.norm in STOPPERS:
        tied = follower.text == "-" or (token.norm == "а" and follower.text == "/")
        if len(token.text) == 1 and (signed or tied or follower.text.startswith("0")):
            return True
        if token.norm == "а" and follower.is_digits and len(follower.text) > 1:
            return True  # «по счету а4057»: the prefix of a number that was written small
        return token.text.isupper() and (follower.text in _JOINTS or len(token.text) == 1)
    if token.norm in SOFT_STOPPERS or token.norm in KIND_OF:
        return signed or token.text.isupper() or (token.norm in LEGAL_FORMS and follower.text == "-")
    return True


def _digits_soon(tokens: Sequence[Token], index: int) -> bool:
    for token in tokens[index : index + 4]:
        if not token.glued:
            return False
        if token.is_digits:
            return True
        if token.is_word and (len(token.text) > _LONGEST_PREFIX or token.norm in STOPPERS):
            return False
    return False


def _opens_another(tokens: Sequence[Token], index: int) -> bool:
    """`PO#77812/INV#1045`, `45/сф 46`: a noun with its own number stands behind the slash."""
    norm = tokens[index].norm
    if (norm not in INVOICE and norm not in KIND_OF and norm not in VAT_INVOICE) or index + 1 >= len(tokens):
        return False
    behind = tokens[index + 1]
    return skip_sign(tokens, index + 1) is not None or (behind.is_digits and not behind.glued)


def _continues(tokens: Sequence[Token], index: int) -> bool:
    """What stands after a hyphen or a slash belongs to the number."""
    if index >= len(tokens) or not tokens[index].glued:
        return False
    token = tokens[index]
    if _opens_another(tokens, index):
        return False
    if token.is_digits:
        return True
    if not token.is_word or not _may_follow(tokens, index):
        return False
    return _short_enough(tokens, index, _LONGEST_SUFFIX + 1) or _is_town(tokens, index)


def _is_town(tokens: Sequence[Token], index: int) -> bool:
    """`118-Москва от 01.03`: a name behind the hyphen, the date straight behind it."""
    token = tokens[index]
    named = token.text[:1].isupper() and len(token.text) <= _LONGEST_TOWN
    return (
        named and tokens[index - 1].text in {"-", "/"} and token.norm not in KIND_OF and _dated_here(tokens, index + 1)
    )


def _may_join(tokens: Sequence[Token], index: int) -> bool:
    """Letters straight behind digits or letters of the number belong to it."""
    token = tokens[index]
    if token.norm in LOOSE_FROM and skip_from(tokens, index) is not None:
        return False
    unit = token.norm in UNITS or token.norm in INVOICE_TAILS or token.norm in MONTHS
    if unit and not _digits_soon(tokens, index + 1):
        return token.text.isupper() and len(token.text) == 1
    soft = token.norm in SOFT_STOPPERS and not _digits_soon(tokens, index + 1)
    return not soft and _may_follow(tokens, index) and _short_enough(tokens, index, _LONGEST_SUFFIX)


def _may_follow(tokens: Sequence[Token], index: int) -> bool:
    token = tokens[index]
    if token.norm in NOTES:
        return False
    if token.norm in STOPPERS:
        return _is_suffix(tokens, index) if len(token.text) == 1 else _is_tied(tokens, index)
    return token.norm not in SOFT_STOPPERS or token.text.isupper()


def _is_tied(tokens: Sequence[Token], index: int) -> bool:
    """`5102/ДО`, `118-ПО`: two capitals that would be a preposition close the number; a date or nothing is behind."""
    token = tokens[index]
    if len(token.text) != 2 or not token.text.isupper() or token.norm in FROM or tokens[index - 1].text not in _JOINTS:
        return False
    behind = index + 1
    return behind >= len(tokens) or tokens[behind].text in {",", ";", ")"} or _dated_here(tokens, behind)


def _short_enough(tokens: Sequence[Token], index: int, longest: int) -> bool:
    return len(tokens[index].text) <= (_LONGEST_PREFIX if _digits_soon(tokens, index + 1) else longest)


def _is_suffix(tokens: Sequence[Token], index: int) -> bool:
    """A lone letter that could be a preposition or an abbreviation belongs to the number: `34-а за`, `45К и 46К`."""
    letter, hyphened = tokens[index], tokens[index - 1].text in _JOINTS
    behind = tokens[index + 1] if index + 1 < len(tokens) else None
    if behind is None or behind.norm in FROM | AND | VAT | SUM_WORDS or behind.text in {",", ";", "(", ")"}:
        return True
    if behind.text == "-" and behind.glued and letter.norm == "с" and _continues(tokens, index + 2):
        return True  # `1с-118`
    if behind.is_digits and behind.glued:  # «1234к5» is no 1234; «45и46» are two, «45т01.02.26» lost a letter
        return letter.norm != "и" and date_at(tokens, index + 1) is None
    if behind.norm in _INCLUDING and letter.norm == "в":
        return False
    if behind.norm == "в" and (behind.glued or _norm(tokens, index + 2) in _INCLUDING):
        return True
    if behind.text == "." and letter.text.isupper() and _opens_sentence(tokens, index + 2):
        return True
    if behind.glued and (behind.is_word or (behind.text == "." and not hyphened)):
        return False
    if hyphened:
        return True
    # In mixed case a capital before a small letter is no preposition: «45К за доски».
    follows = behind.is_word or behind.text == "."
    return letter.text.isupper() and (not follows or behind.text.islower())


def _opens_sentence(tokens: Sequence[Token], index: int) -> bool:
    return index >= len(tokens) or (tokens[index].is_word and not tokens[index].glued and tokens[index].text.istitle())


def _norm(tokens: Sequence[Token], index: int) -> str:
    return tokens[index].norm if index < len(tokens) else ""
