"""Numbers of invoices: one folded form for equal spellings, and the weaker spellings a client may quote.

1C builds `ТД00-000123` from a prefix of the organisation (2), a prefix of the infobase (2) and padded digits, and
prints it without the padding and often without the prefix (БСП, «ПрефиксацияОбъектов»).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

_RUNS: Final = re.compile(r"[0-9]+|[^\W\d_]+")
_LATIN_TWINS: Final = str.maketrans("ABCEHKMOPTXYI", "АВСЕНКМОРТХУІ")
_ZERO_LETTERS: Final = frozenset("ОO")
_INNER_DIGITS: Final[dict[str, str]] = {"З": "3", "I": "1", "І": "1", "l": "1", "|": "1"}
# «ООО0123» and «ТДОО-000123»: padding and the empty half of a prefix, typed with the letter.
_ZEROS_OF_LETTERS: Final = re.compile(r"(?<![^\W_])[ОOоo]{2,}(?=[0-9])")
_PREFIX_WITH_LETTERS: Final = re.compile(r"(?<![^\W_])((?![ОOоo]{2})[^\W\d_]{2})[ОOоo]{2}(?=[-/ ]?[0-9ОOоo])")
_MISREAD: Final = re.compile("[ОOоoЗзIІl|]")
_DIGIT_RUN: Final = re.compile("[0-9]+")
# Capitals without those that are read as digits, are Latin twins' twins or have a dot over them.
_PADDED_BY_1C: Final = re.compile("([АБВГДЕЖИЙКЛМНПРСТУФХЦЧШЩЪЫЬЭЮЯ]{2})00-0*([1-9][0-9]*)")
# Not a year in front: `2026/145` means the second number.
_BEFORE_A_SLASH: Final = re.compile("([1-9][0-9]{0,2}|[1-9][0-9]{4,})/([1-9][0-9]?|20[0-9]{2})")
_NO_SPELLINGS: Final[frozenset[str]] = frozenset()
_PADDED: Final = 5
_ORGANISATION_PREFIX: Final = 2
_FULL_PREFIX: Final = 4


@dataclass(frozen=True, slots=True)
class Spelling:
    """A document number reduced to what identifies it.

    Attributes:
        folded: equal for every full spelling of one number.
        short: spellings with a prefix left out; they may belong to several invoices.
        loose: spellings that drop a part that may matter (`12` of `12/3`, `15` of `15-К`, `145` of `2026/0145`).
        digits: how many digits the folded form has.
    """

    folded: str
    short: frozenset[str]
    loose: frozenset[str]
    digits: int


class _Group(NamedTuple):
    text: str
    is_digits: bool
    mark: str  # what stands before the group: "" when glued, else the separator


@lru_cache(maxsize=4096)
def spelling(number: str) -> Spelling | None:
    """Reduce a number as written; None when it holds no digit and so names nothing.

    Look-alike letters are folded, zero padding and separators next to letters are dropped; separators between two runs
    of digits stay, so that `12/3` is never `123`.
    """
    if number.isascii() and number.isdigit():
        plain = number.lstrip("0") or "0"
        return Spelling(plain, _NO_SPELLINGS, _NO_SPELLINGS, len(plain))
    return _usual(number) or _any(number)


def _usual(number: str) -> Spelling | None:
    """The two shapes that most numbers have, `ТД00-000123` of 1C and `123/26`, without taking them to pieces."""
    padded = _PADDED_BY_1C.fullmatch(number)
    if padded is not None:
        tail = padded[2]
        return Spelling(padded[1] + tail, frozenset((tail,)), _NO_SPELLINGS, len(tail))
    slashed = _BEFORE_A_SLASH.fullmatch(number)
    if slashed is None:
        return None
    head, tail = slashed[1], slashed[2]
    return Spelling(f"{head}-{tail}", _NO_SPELLINGS, frozenset((head,)), len(head) + len(tail))


def _any(number: str) -> Spelling | None:
    groups = _groups(number)
    if not any(group.is_digits for group in groups):
        return None
    folded = _join(groups)
    short = frozenset(_prefix_dropped(groups)) - {folded}
    loose = frozenset(_part_dropped(groups)) - {folded} - short
    return Spelling(folded, short, loose, sum(char.isdigit() for char in folded))


def digit_runs(number: str) -> list[str] | None:
    """Runs of digits without leading zeros, of which every spelling of the number is made.

    None where letters may be read as digits, so that the runs cannot be told without reading the number.
    """
    return None if _MISREAD.search(number) is not None else runs_in(number)


def runs_in(text: str) -> list[str]:
    """Runs of digits in a text without their leading zeros."""
    return [run.lstrip("0") or "0" for run in _DIGIT_RUN.findall(text)]


def folded(number: str) -> str | None:
    """The folded form alone."""
    found = spelling(number)
    return None if found is None else found.folded


def _groups(number: str) -> list[_Group]:
    text = letters_as_digits(number)
    groups: list[_Group] = []
    end = 0
    for run in _RUNS.finditer(text):
        mark = "" if run.start() == end else _separator(text[end : run.start()])
        body = run[0]
        is_digits = body[0].isdigit()
        groups.append(_Group(body if is_digits else plain_letters(body), is_digits, mark if groups else ""))
        end = run.end()
    return groups


def _separator(text: str) -> str:
    stripped = text.strip()
    return "/" if stripped in {"/", "\\"} else "-"


def plain_letters(body: str) -> str:
    return body.upper().replace("Ё", "Е").translate(_LATIN_TWINS)


# Prefixes that only repeat the word «invoice» and tell nothing.
_GENERIC_PREFIXES: Final = frozenset(
    plain_letters(word) for word in ("С", "СЧ", "СЧЕТ", "СЧТ", "INV", "INVOICE", "N", "NO", "Б")
)


def letters_as_digits(number: str) -> str:
    """О next to digits is a zero; З, I and l only between digits, where no letter belongs."""
    if _MISREAD.search(number) is None:
        return number
    chars = list(_PREFIX_WITH_LETTERS.sub(r"\g<1>00", number))
    chars = list(_ZEROS_OF_LETTERS.sub(lambda run: "0" * len(run[0]), "".join(chars)))
    for index, char in enumerate(chars):
        before = index > 0 and chars[index - 1].isdigit()
        after = index + 1 < len(chars) and number[index + 1].isdigit()
        lone = (index == 0 or not number[index - 1].isalpha()) and not (
            index + 1 < len(chars) and number[index + 1].isalpha() and number[index + 1].upper() not in _ZERO_LETTERS
        )
        if char.upper() in _ZERO_LETTERS and lone and (before or after):
            chars[index] = "0"
        elif before and after and (char in _INNER_DIGITS or char.upper() == "З"):
            chars[index] = _INNER_DIGITS.get(char, "3")
    return "".join(chars)


def _join(groups: list[_Group]) -> str:
    """Without zero padding; a group of zeros only is an unused prefix unless it is the last of digits."""
    last = max(index for index, group in enumerate(groups) if group.is_digits)
    parts: list[str] = []
    behind_digits = False
    for index, group in enumerate(groups):
        text = group.text
        if group.is_digits:
            text = text.lstrip("0") or ("0" if index == last else "")
            if not text:
                continue
            if behind_digits:
                parts.append("-")
        parts.append(text)
        behind_digits = group.is_digits
    return "".join(parts)


def _prefix_dropped(groups: list[_Group]) -> list[str]:
    found: list[str] = []
    for start in range(1, len(groups)):
        tail, head = groups[start:], groups[:start]
        if not any(group.is_digits for group in tail):
            break
        if _is_prefix(head, tail):
            found.append(_join(tail))
    first = groups[0]
    if not first.is_digits and len(first.text) == _FULL_PREFIX and len(groups) > 1:
        rest = _Group(first.text[_ORGANISATION_PREFIX:], False, "")
        found.append(_join([rest, *groups[1:]]))
    return found


def _is_prefix(head: list[_Group], tail: list[_Group]) -> bool:
    """Letters are a prefix; digits are one only before a padded number (`21-00101161069`) or when they are zeros."""
    telling_digits = any(group.is_digits and group.text.strip("0") for group in head)
    if not head[-1].is_digits:
        return not telling_digits or _padded(tail[-1])
    if not tail[0].is_digits:
        return not telling_digits or _padded(tail[-1])
    if all(not group.text.strip("0") for group in head if group.is_digits):
        return True
    return len(tail) == 1 and _padded(tail[0])


def _padded(group: _Group) -> bool:
    return group.is_digits and len(group.text) >= _PADDED and group.text.startswith("0")


def _part_dropped(groups: list[_Group]) -> list[str]:
    if len(groups) < 2:
        return []
    if _opens_with_year(groups):
        return [_join(groups[1:])]
    last = groups[-1]
    head = groups[:-1]
    if not any(group.is_digits for group in head):
        return []
    if not last.is_digits:
        return [_join(head), *_prefix_dropped(head)] if len(last.text) <= 3 else []
    is_index_or_year = len(last.text) <= 2 or (len(last.text) == 4 and last.text.startswith("20"))
    if last.mark == "/" and is_index_or_year and head[-1].is_digits:
        return [_join(head), *_prefix_dropped(head)]
    return []


def _opens_with_year(groups: list[_Group]) -> bool:
    """`2026/145` and `2026-000145`; a year and a short tail («2026-15») may be anything."""
    year, tail = groups[0], groups[1]
    if len(groups) != 2 or not (year.is_digits and tail.is_digits and _is_year(year.text) and len(year.text) == 4):
        return False
    return tail.mark == "/" or tail.text.startswith("0")


@lru_cache(maxsize=4096)
def simpler_readings(number: str) -> frozenset[str]:
    """Folded forms of a quoted number without what payers add: the word for invoice, the year, a letter at the end."""
    groups = _groups(number)
    if not any(group.is_digits for group in groups):
        return frozenset()
    found: set[str] = set(_part_dropped(groups))
    if not groups[0].is_digits and groups[0].text in _GENERIC_PREFIXES and len(groups) > 1:
        found.add(_join(groups[1:]))
    if len(groups) > 1 and groups[-1].is_digits and groups[-2].is_digits and _is_year(groups[-1].text):
        found.add(_join(groups[:-1]))
    return frozenset(found) - {_join(groups)}


def _is_year(text: str) -> bool:
    return (len(text) == 2 and 20 <= int(text) <= 39) or (len(text) == 4 and 2020 <= int(text) <= 2039)
