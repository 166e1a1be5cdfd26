"""Reads plainly written invoice lines by the order of their fields, which an export repeats from line to line.

A line is plain where its sums have two digits after the point, its dates are as ISO has them and its texts are without
escapes. What a template reads is what the full reading of the line would tell; whatever is not plainly so matches no
template and is left to the full reading, which also says what is wrong.
"""

from __future__ import annotations

import json
import re
from typing import Final, cast

_TEXT: Final = r'"([^"\\\x00-\x1f]*+)"'
_SUM: Final = r'"([0-9]{1,12})\.([0-9]{2})"'
_DAY: Final = r'"([0-9-]{10})"'
_QUOTED: Final = r'"[^"\\]*+(?:\\.[^"\\]*+)*+"'
_NULL: Final = "null"
_SCALAR: Final = rf'(?:"[^"\\\x00-\x1f]*+"|{_NULL}|true|false)'
_MOST_TEMPLATES: Final = 4
#: A pattern costs as much as many lines: after these, only one odd line in so many is learned from.
_LEARNED_AT_ONCE: Final = 16
_THEN_ONE_IN: Final = 1_000


def _or_null(pattern: str) -> str:
    return f"(?:{_NULL}|{pattern})"


def _flat(opening: str, closing: str) -> str:
    """An object, or a list of them, as it is written; its texts may have escapes."""
    rest = rf'[^"\\\{opening}\{closing}]*+'
    return rf"(\{opening}{rest}(?:{_QUOTED}{rest})*+\{closing})"


#: Fields of a line and how each is written; the order is that of `Fields`.
_PATTERNS: Final = {
    "id": _TEXT,
    "number": _or_null(_TEXT),
    "issued_on": _or_null(_DAY),
    "due_on": _or_null(_DAY),
    "amount": _SUM,
    "paid": _or_null(_SUM),
    "currency": rf'(?:{_NULL}|"(RUB)")',
    "status": _or_null('"(open|paid|cancelled)"'),
    "client": _or_null(_flat("{", "}")),
    "organisation_tax_id": _or_null(_TEXT),
    "deal": _or_null(_TEXT),
    "references": _or_null(_flat("[", "]")),
}
_REQUIRED: Final = frozenset({"id", "amount"})


#: Fields of a plain line as they are written; None where there is nothing: id, number, day of issue, day due, roubles
#: and kopecks of the sum, roubles and kopecks paid, currency, status, client as JSON, ИНН of ours, deal, references
#: as JSON.
Fields = tuple[
    str, str | None, str | None, str | None, str, str, str | None, str | None, str | None, str | None, str | None,
    str | None, str | None, str | None,
]  # fmt: skip


class Templates:
    """Learns how lines are written from those that it meets."""

    def __init__(self) -> None:
        self._known: list[tuple[re.Pattern[str], tuple[int, ...]]] = []
        self._odd = 0

    def read(self, line: str) -> Fields | None:
        """Fields of a line; None where it is to be read in full."""
        for index, (pattern, groups) in enumerate(self._known):
            found = pattern.fullmatch(line)
            if found is not None:
                if index:  # lines of one make stand together
                    self._known.insert(0, self._known.pop(index))
                return cast(Fields, found.group(*groups))
        return self._after_learning(line)

    def _after_learning(self, line: str) -> Fields | None:
        self._odd += 1
        if self._odd > _LEARNED_AT_ONCE and self._odd % _THEN_ONE_IN:
            return None
        learned = _template_of(line)
        found = None if learned is None else learned[0].fullmatch(line)
        if learned is None or found is None:
            return None
        self._known = [learned, *self._known[: _MOST_TEMPLATES - 1]]
        return cast(Fields, found.group(*learned[1]))


def _template_of(line: str) -> tuple[re.Pattern[str], tuple[int, ...]] | None:
    """A pattern of lines that have the fields of this one in the same order, and where its groups go in `Fields`."""
    names = _names_of(line)
    if names is None or not _REQUIRED.issubset(names):
        return None
    parts, places, count = [], dict[str, list[int]](), 0
    for name in names:
        pattern = _PATTERNS.get(name, _SCALAR)
        parts.append(rf"{re.escape(json.dumps(name, ensure_ascii=False))}:[ ]?{pattern}")
        groups = re.compile(pattern).groups
        places[name] = list(range(count + 1, count + groups + 1))
        count += groups
    nothing = count + 1  # the group at the end, which never takes part: what the line does not have
    whole = re.compile(rf"[ ]*\{{[ ]?{',[ ]?'.join(parts)}[ ]?\}}(?:[ ]*\r?\n)?(?:(?!)(x))?")
    order = [
        place
        for name, pattern in _PATTERNS.items()
        for place in places.get(name, [nothing] * re.compile(pattern).groups)
    ]
    return whole, tuple(order)


def _names_of(line: str) -> list[str] | None:
    """Names of the fields in the order of the line; None where it is no object or names a field twice."""
    try:
        pairs = json.loads(line, object_pairs_hook=list)
    except (ValueError, RecursionError):
        return None
    if not isinstance(pairs, list) or not all(isinstance(pair, tuple) for pair in pairs):
        return None
    names = [name for name, _ in pairs]
    plain = all('"' not in name and "\\" not in name and name.isprintable() for name in names)
    return names if names and plain and len(set(names)) == len(names) else None
