"""Reads YAML written by people into plain text values and remembers where each stood.

Every scalar stays the text that was written (`0274062111` is no octal number, `no` is no boolean); the models say the
types. Tags are refused, so nothing in a file can be executed; size, depth and expanded aliases are bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import yaml

from mappings.faults import Fault, why_unreadable

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 16
MAX_NODES: Final = 50_000

Value = str | None | list["Value"] | dict[str, "Value"]
Path_ = tuple[str | int, ...]

_STANDARD_TAG: Final = "tag:yaml.org,2002:"
_NULL_TAG: Final = "tag:yaml.org,2002:null"
_TAB_INDENT: Final = re.compile(r"^ *\t")
_STARTS: Final = "значение начинается с «{}»: возьмите его в кавычки"
_PROBLEMS: Final = (
    ("while scanning a tag", _STARTS.format("!")),
    ("while parsing a tag", _STARTS.format("!")),
    ("undefined tag handle", _STARTS.format("!")),
    ("while scanning an anchor", _STARTS.format("&")),
    ("while scanning an alias", _STARTS.format("*")),
    ("while scanning a block scalar", "значение начинается с «|» или «>»: возьмите его в кавычки"),
    ("mapping values are not allowed", "лишнее двоеточие: значение, внутри которого есть «: », возьмите в кавычки"),
    ("could not find expected ':'", "после имени поля нет двоеточия"),
    ("found unexpected end of stream", "не закрыта кавычка"),
    ("expected <block end>", "сбит отступ: поля одного уровня начинаются в одном столбце"),
    ("expected ',' or ']'", "не закрыт список: нет «]» или запятой между значениями"),
    ("expected ',' or '}'", "не закрыта фигурная скобка; текст, который начинается с «{», возьмите в кавычки"),
    ("found undefined alias", "ссылка «*» на то, чего нет; текст, который начинается с «*», возьмите в кавычки"),
    ("cannot start any token", "с этого знака значение начинаться не может: возьмите его в кавычки"),
    ("unknown escape character", "в двойных кавычках «\\» — особый знак: возьмите значение в одинарные кавычки"),
    ("but found another document", "второй документ в одном файле (строка «---»): оставьте один"),
    ("found duplicate anchor", "якорь «&» с таким именем уже есть"),
)
_BRACE_VALUE: Final = re.compile(r":\s+\{\w+\}\s*\S")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file, counted from 1."""

    line: int
    column: int


@dataclass(slots=True)
class Document:
    """A file as read: the tree of text values, the place of every value, the faults met on the way."""

    file: str
    value: Value = None
    marks: dict[Path_, Mark] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def mark(self, path: Path_) -> Mark:
        """Where the value stands, or the nearest parent that the file has."""
        while path and path not in self.marks:
            path = path[:-1]
        return self.marks.get(path, Mark(0, 0))

    def fault(self, path: Path_, message: str, mark: Mark | None = None) -> Fault:
        """A fault at that path."""
        place = mark or self.mark(path)
        return Fault(self.file, place.line, dotted(path), message, place.column)


def dotted(path: Path_) -> str:
    """`pipelines.0.deal_paid`, list items counted from 1 in brackets: `company.tax_ids[2]`."""
    text = ""
    for part in path:
        text += f"[{part + 1}]" if isinstance(part, int) else f"{'.' if text else ''}{part}"
    return text


def read_file(path: Path) -> Document:
    """Read a file; one that is absent, too big or not UTF-8 gives a document with that fault."""
    name = str(path)
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return Document(name, faults=[Fault(name, 0, "", "файла нет")])
    except OSError as error:
        return Document(name, faults=[Fault(name, 0, "", f"файл не читается: {why_unreadable(error)}")])
    if len(raw) > MAX_BYTES:
        return Document(name, faults=[Fault(name, 0, "", f"файл больше {MAX_BYTES // 1024} КБ: это не настройки")])
    try:
        return read_text(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return Document(name, faults=[Fault(name, line, "", "файл не в кодировке UTF-8: сохраните его в UTF-8")])


def read_text(text: str, file: str) -> Document:
    """Read YAML text; `file` is the name to put into faults."""
    document = Document(file)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
    except yaml.YAMLError as error:
        document.faults.extend(_syntax_faults(text, file, error))
        return document
    except RecursionError:
        document.faults.append(Fault(file, 0, "", f"вложенность глубже {MAX_DEPTH} уровней"))
        return document
    if node is not None:
        _Reader(document, loader.lost()).read_root(node)
    return document


def _syntax_faults(text: str, file: str, error: yaml.YAMLError) -> Iterator[Fault]:
    lines = text.splitlines()
    tabbed = [number for number, line in enumerate(lines, 1) if _TAB_INDENT.match(line)]
    for number in tabbed:
        yield Fault(file, number, "", "отступ табуляцией: в YAML отступают пробелами", 1)
    if tabbed:
        return
    if isinstance(error, yaml.MarkedYAMLError) and (mark := error.problem_mark or error.context_mark):
        line = lines[mark.line] if mark.line < len(lines) else ""
        message = _problem_in_russian(f"{error.context or ''}: {error.problem or ''}", line)
        yield Fault(file, mark.line + 1, "", message, mark.column + 1)
    elif isinstance(error, yaml.reader.ReaderError):
        number = text.count("\n", 0, error.position) + 1
        yield Fault(file, number, "", "непечатаемый знак: удалите его")
    else:
        yield Fault(file, 0, "", "файл не похож на YAML")


def _problem_in_russian(problem: str, line: str) -> str:
    if _BRACE_VALUE.search(line):
        return "текст, который начинается с «{», возьмите в кавычки"
    for start, message in _PROBLEMS:
        if start in problem:
            return message
    return "здесь нарушен порядок YAML: проверьте отступы, двоеточия и кавычки"


class _Loader(yaml.SafeLoader):
    """Remembers words that were taken for anchors: a value `&word` is empty, and nobody would notice."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._anchored: list[tuple[str, yaml.Node]] = []
        self._referred: set[str] = set()

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]  # the stubs leave it without types
        if isinstance(event, yaml.AliasEvent) and event.anchor is not None:
            self._referred.add(event.anchor)
        return super().compose_node(parent, index)

    def compose_scalar_node(self, anchor: Any) -> yaml.ScalarNode:
        node = super().compose_scalar_node(anchor)
        if anchor is not None:
            self._anchored.append((anchor, node))
        return node

    def lost(self) -> frozenset[int]:
        """Ids of the scalars whose anchors nobody refers to: they were meant as part of the value."""
        return frozenset(id(node) for anchor, node in self._anchored if anchor not in self._referred)


class _TooMuchError(Exception):
    """The bounds of depth or size are passed; reading stops."""


class _Reader:
    """Turns a tree of nodes into values, noting places and faults."""

    def __init__(self, document: Document, lost: frozenset[int]) -> None:
        self._document = document
        self._lost = lost
        self._nodes = 0

    def read_root(self, node: yaml.Node) -> None:
        try:
            self._document.value = self._value(node, ())
        except _TooMuchError as error:
            self._document.value = None
            self._document.faults.append(Fault(self._document.file, 0, "", str(error)))

    def _value(self, node: yaml.Node, path: Path_) -> Value:
        self._count(path)
        self._document.marks.setdefault(path, _mark(node))
        if not _is_standard(node.tag):
            # The tag is not repeated: it may be a password.
            self._fault(path, node, _STARTS.format("!"))
            return None
        if id(node) in self._lost:
            self._fault(path, node, _STARTS.format("&"))
            return None
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._value(item, (*path, index)) for index, item in enumerate(node.value)]
        return None if node.tag == _NULL_TAG else str(node.value)

    def _mapping(self, node: yaml.MappingNode, path: Path_) -> dict[str, Value]:
        result: dict[str, Value] = {}
        lines: dict[str, int] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                self._fault(path, key_node, "имя поля должно быть простым словом")
                continue
            key = str(key_node.value)
            here = (*path, key)
            if key in lines:
                self._fault(here, key_node, f"поле уже есть в строке {lines[key]}: оставьте одно")
                continue
            lines[key] = _mark(key_node).line
            self._document.marks[here] = _mark(key_node)
            result[key] = self._value(value_node, here)
        return result

    def _count(self, path: Path_) -> None:
        self._nodes += 1
        if len(path) > MAX_DEPTH:
            raise _TooMuchError(f"вложенность глубже {MAX_DEPTH} уровней")
        if self._nodes > MAX_NODES:
            raise _TooMuchError(f"больше {MAX_NODES} значений, считая повторы через «*»")

    def _fault(self, path: Path_, node: yaml.Node, message: str) -> None:
        self._document.faults.append(self._document.fault(path, message, _mark(node)))


def _is_standard(tag: str) -> bool:
    kinds = ("map", "seq", "str", "null", "bool", "int", "float", "timestamp", "merge", "value")
    return tag.startswith(_STANDARD_TAG) and tag.removeprefix(_STANDARD_TAG) in kinds


def _mark(node: yaml.Node) -> Mark:
    return Mark(node.start_mark.line + 1, node.start_mark.column + 1)
