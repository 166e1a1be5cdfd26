"""Reads the text of a decision table: TOML into rows, with every fault named by row and field. Judges no meaning."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from string import Formatter
from typing import Any, Final

from hub.domain.matching.codes import BESIDE_TABLE
from hub.domain.matching.rows import Outcome, Row, make_row
from hub.domain.matching.said import Said
from hub.domain.matching.sentences import PLACEHOLDERS, SENTENCES
from hub.domain.matching.verdicts import ASPECTS, Verdict

MOST_SIGNS: Final = 256 * 1024
_MOST_ROWS: Final = 500
_LONGEST_TEXT: Final = 500
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,63}\Z")
_VERSION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}\Z")
_TEXTS: Final = ("text_ru", "text_en", "hint_ru", "hint_en")
_FIELDS: Final = ("code", "outcome", "veto", *ASPECTS, *_TEXTS)
_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class TableFault:
    """One fault of a table.

    Attributes:
        row: the row's place, counted from 1; 0 where no row is meant.
        code: what the row calls itself, empty where it does not.
        field: the field meant, empty for the whole row or file.
        line: where tomllib stopped; 0 where it did not.
    """

    said: Said
    row: int = 0
    code: str = ""
    field: str = ""
    line: int = 0


@dataclass(slots=True)
class TableReading:
    """What a text says: the version it declares, rows as far as they can be read, faults."""

    version: str = ""
    rows: list[Row] = field(default_factory=list)
    faults: list[TableFault] = field(default_factory=list)


def read_text(text: str, *, kept: bool = False) -> TableReading:
    """Read a table; where there are faults the rows are not to be used.

    Args:
        kept: it decided once: that a code or a placeholder of it is no longer known does not matter.
    """
    reading = TableReading()
    document = _parsed(text, reading)
    if document is None:
        return reading
    for name in document:
        if name not in ("version", "sets", "row"):
            _blame(reading, _no_field(name, ("version", "sets", "row")), name)
    reading.version = _version(document.get("version"), reading)
    sets = _sets(document.get("sets", {}), reading)
    rows = document.get("row")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows) or not rows:
        _blame(reading, Said("нужны строки таблицы, каждая под [[row]]", "rows are needed, each under [[row]]"), "row")
        return reading
    if len(rows) > _MOST_ROWS:
        said = Said(f"строк больше {_MOST_ROWS}: объедините их", f"more than {_MOST_ROWS} rows: join some")
        _blame(reading, said, "row")
        return reading
    for number, row in enumerate(rows, start=1):
        _RowReader(number, row, sets, reading, kept).read()
    return reading


def _parsed(text: str, reading: TableReading) -> dict[str, Any] | None:
    if len(text) > MOST_SIGNS:
        said = Said(f"файл больше {MOST_SIGNS // 1024} КиБ", f"the file is over {MOST_SIGNS // 1024} KiB")
        _blame(reading, said)
        return None
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        place = _PLACE.search(str(error))
        said = Said(f"файл не читается как TOML: {error}", f"the file is no TOML: {error}")
        reading.faults.append(TableFault(said, line=int(place[1]) if place else 0))
    except RecursionError:
        _blame(reading, Said("слишком глубокая вложенность", "too deeply nested"))
    return None


def _version(value: object, reading: TableReading) -> str:
    if isinstance(value, str) and _VERSION.match(value):
        return value
    said = Said(
        'нужна версия в кавычках: латинские буквы, цифры, «.» и «-», до 32 знаков, например "2026-03"',
        'a version in quotes is needed: Latin letters, digits, "." and "-", up to 32 signs, such as "2026-03"',
    )
    _blame(reading, said, "version")
    return ""


def _sets(value: object, reading: TableReading) -> dict[str, dict[str, frozenset[Verdict]]]:
    """Named sets by aspect; a set may name one of the same aspect that stands above it."""
    found: dict[str, dict[str, frozenset[Verdict]]] = {aspect: {} for aspect in ASPECTS}
    if not isinstance(value, dict):
        _blame(reading, Said("нужны наборы вида number.sure = [...]", "sets such as number.sure = [...]"), "sets")
        return found
    for aspect, named in value.items():
        if aspect not in ASPECTS or not isinstance(named, dict):
            _blame(reading, _no_aspect(aspect), f"sets.{aspect}")
            continue
        for name, members in named.items():
            where = f"sets.{aspect}.{name}"
            words = {verdict.value for verdict in ASPECTS[aspect]}
            if not _NAME.match(name) or name in words:
                _blame(reading, _bad_name(name, taken=name in words), where)
            elif not isinstance(members, list):
                _blame(reading, Said("нужен список в квадратных скобках", "a list in brackets is needed"), where)
            else:
                found[aspect][name], faults = _members(aspect, members, found[aspect])
                for said in faults:
                    _blame(reading, said, where)
    return found


def _members(
    aspect: str, words: Iterable[object], sets: Mapping[str, frozenset[Verdict]]
) -> tuple[frozenset[Verdict], list[Said]]:
    """Verdicts that a list of verdicts and set names means, and what is wrong with it."""
    known = {verdict.value: verdict for verdict in ASPECTS[aspect]}
    found: set[Verdict] = set()
    faults: list[Said] = []
    for word in words:
        if isinstance(word, str) and word in known:
            found.add(known[word])
        elif isinstance(word, str) and word in sets:
            found |= sets[word]
        else:
            faults.append(_no_verdict(aspect, word, (*known, *sets)))
    if not found and not faults:
        said = Said(
            "список пуст: такая строка не подходит ни к чему; уберите поле, если вердикт может быть любым",
            "the list is empty: the row fits nothing; drop the field if any verdict will do",
        )
        faults.append(said)
    return frozenset(found), faults


@dataclass(slots=True)
class _RowReader:
    number: int
    row: Mapping[str, Any]
    sets: Mapping[str, Mapping[str, frozenset[Verdict]]]
    reading: TableReading
    kept: bool

    @property
    def code(self) -> str:
        code = self.row.get("code")
        return code if isinstance(code, str) and _NAME.match(code) else ""

    def read(self) -> None:
        before = len(self.reading.faults)
        for name in self.row:
            if name not in _FIELDS:
                self._blame(_no_field(name, _FIELDS), name)
        self._check_code()
        outcome, veto = self._outcome(), self._veto()
        conditions = {aspect: self._wanted(aspect) for aspect in ASPECTS if aspect in self.row}
        said, hint = self._texts("text"), self._texts("hint")
        if outcome is Outcome.AUTO and veto:
            text = "veto — для того, чему что-то противоречит: auto с ним не бывает"
            self._blame(Said(text, "veto is for what something contradicts: never with auto"), "veto")
        if outcome not in (None, Outcome.DROP) and said is None and self.code and not self._has_sentence():
            self._blame(_NO_SENTENCE, "code")
        if len(self.reading.faults) == before and outcome is not None:
            row = make_row(self.code, outcome, conditions, veto=veto, said=said, hint=hint)
            self.reading.rows.append(row)

    def _check_code(self) -> None:
        if not self.code:
            self._blame(_BAD_CODE, "code")
        elif self.code in BESIDE_TABLE and not self.kept:
            text = "этот код хаб даёт решениям сверх таблицы: назовите строку иначе"
            self._blame(Said(text, "the hub gives this code to decisions beside the table: take another"), "code")

    def _has_sentence(self) -> bool:
        return self.kept or self.code in SENTENCES

    def _outcome(self) -> Outcome | None:
        value = self.row.get("outcome")
        known = tuple(outcome.value for outcome in Outcome)
        if isinstance(value, str) and value in known:
            return Outcome(value)
        ru, en = _near(str(value), known)
        missing = Said(f"нужно решение строки: {', '.join(known)}", f"an outcome is needed: {', '.join(known)}")
        unknown = Said(f"решения «{value}» нет: {ru}", f"there is no outcome “{value}”: {en}")
        self._blame(missing if value is None else unknown, "outcome")
        return None

    def _veto(self) -> bool:
        value = self.row.get("veto", False)
        if isinstance(value, bool):
            return value
        self._blame(Said("нужно true или false, без кавычек", "true or false is needed, without quotes"), "veto")
        return False

    def _wanted(self, aspect: str) -> frozenset[Verdict]:
        value = self.row[aspect]
        words = [value] if isinstance(value, str) else value
        if not isinstance(words, list):
            said = Said("нужен список вердиктов или имя набора", "a list of verdicts or the name of a set is needed")
            self._blame(said, aspect)
            return frozenset()
        found, faults = _members(aspect, words, self.sets[aspect])
        for said in faults:
            self._blame(said, aspect)
        return found

    def _texts(self, kind: str) -> Said | None:
        """The row's own sentence or hint; what is said in one language only is said so in both."""
        texts = {language: self.row.get(f"{kind}_{language}") for language in ("ru", "en")}
        for language, text in texts.items():
            problem = None if text is None or self.kept else _trouble_of(text)
            if problem is not None:
                self._blame(problem, f"{kind}_{language}")
                return None
        told = [text for text in texts.values() if isinstance(text, str)]
        return Said(told[0], told[-1]) if told else None

    def _blame(self, said: Said, field_name: str) -> None:
        self.reading.faults.append(TableFault(said, self.number, self.code, field_name))


def _trouble_of(text: object) -> Said | None:
    """What is wrong with a sentence; names in braces are all that it may hold besides words."""
    if not isinstance(text, str) or not text.strip():
        return Said("нужна фраза в кавычках", "a sentence in quotes is needed")
    if len(text) > _LONGEST_TEXT or not text.isprintable():
        said = f"нужна одна строка до {_LONGEST_TEXT} знаков"
        return Said(said, f"one line of up to {_LONGEST_TEXT} signs is needed")
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return _BAD_BRACES
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if spec or conversion or (name not in PLACEHOLDERS and not _NAME.match(name)):
            return _BAD_BRACES
        if name not in PLACEHOLDERS:
            ru, en = _near(name, PLACEHOLDERS)
            return Said(f"подстановки «{{{name}}}» нет: {ru}", f"there is no placeholder “{{{name}}}”: {en}")
    return None


def _blame(reading: TableReading, said: Said, field_name: str = "") -> None:
    reading.faults.append(TableFault(said, field=field_name))


def _near(word: str, known: Iterable[str]) -> Said:
    """A clause for a name that nobody knows: the nearest one, or all that are possible."""
    names = tuple(known)
    found = get_close_matches(word.lower(), names, n=1, cutoff=0.6)
    if found:
        return Said(f"может быть, «{found[0]}»?", f"perhaps “{found[0]}”?")
    return Said(f"можно: {', '.join(names)}", f"possible: {', '.join(names)}")


def _no_field(name: str, known: Iterable[str]) -> Said:
    ru, en = _near(name, known)
    return Said(f"поля «{name}» нет: {ru}", f"there is no field “{name}”: {en}")


def _no_aspect(name: str) -> Said:
    ru, en = _near(name, ASPECTS)
    return Said(f"признака «{name}» нет: {ru}", f"there is no aspect “{name}”: {en}")


def _no_verdict(aspect: str, word: object, known: Iterable[str]) -> Said:
    ru, en = _near(str(word), known)
    return Said(
        f"ни вердикта, ни набора «{word}» у признака {aspect} нет: {ru}",
        f"{aspect} has neither a verdict nor a set “{word}”: {en}",
    )


def _bad_name(name: str, *, taken: bool) -> Said:
    if taken:
        return Said(f"«{name}» — уже вердикт: назовите набор иначе", f"“{name}” is a verdict: call the set otherwise")
    return Said("имя набора: латинские строчные буквы, цифры и «_»", 'a set\'s name: small Latin letters, digits, "_"')


_BAD_CODE: Final = Said(
    "нужно имя строки в кавычках: латинские строчные буквы, цифры и «_», до 64 знаков",
    'the row needs a name in quotes: small Latin letters, digits and "_", up to 64 signs',
)
_NO_SENTENCE: Final = Said(
    'для этого кода у хаба нет фразы: впишите свою, text_ru = "…" (и text_en), или возьмите код из таблицы хаба',
    'the hub has no sentence for this code: write text_ru = "…" (and text_en), or take a code of the hub\'s table',
)
_BAD_BRACES: Final = Said(
    "в фигурных скобках пишут только имя подстановки, например {sum}; сама скобка — {{ или }}",
    "braces hold the name of a placeholder alone, such as {sum}; a brace itself is {{ or }}",
)
