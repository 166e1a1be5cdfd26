"""The language of $filter: text to a tree. Raises ODataError 14 for what cannot be parsed."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, TypeAlias

from connectors.accounting_1c.sandbox.errors import ODataError, bad_option
from connectors.accounting_1c.sandbox.values import as_date, as_guid

LiteralKind = Literal["string", "number", "bool", "date", "guid", "null"]

_TOKEN = re.compile(
    r"(?P<space>[ \t]+)"
    r"|(?P<typed>(?:guid|datetime)'[^']*')"
    r"|(?P<string>'(?:[^']|'')*')"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[dDfFmMlL]?(?!\w))"
    r"|(?P<name>[^\W\d]\w*)"
    r"|(?P<mark>[(),/:-])"
)
#: From the weakest; operators of one level are taken from left to right.
_LEVELS = (("or",), ("and",), ("eq", "ne"), ("gt", "ge", "lt", "le"), ("add", "sub"), ("mul", "div"))
_WORDS = {operator for level in _LEVELS for operator in level} | {"not"}


@dataclass(frozen=True, slots=True)
class Constant:
    """A literal."""

    kind: LiteralKind
    value: str | Decimal | bool | None


@dataclass(frozen=True, slots=True)
class Path:
    """Names joined by slashes, after the result of a call when there is one."""

    names: tuple[str, ...]
    root: "Call | None" = None


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments."""

    name: str
    arguments: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Unary:
    """`not` or a minus."""

    operator: str
    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """An operator between two operands."""

    operator: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Lambda:
    """`Товары/any(d: …)`; without a body, whether there are rows."""

    part: str
    which: Literal["any", "all"]
    variable: str
    body: "Node | None"


Node: TypeAlias = "Constant | Path | Call | Unary | Binary | Lambda"


def parse_filter(text: str, option: str = "$filter") -> Node:
    """The tree of an expression."""
    reader = _Reader(text, option)
    node = reader.expression(0)
    reader.end()
    return node


def parse_order(text: str) -> list[tuple[Node, bool]]:
    """Expressions of $orderby, each with True when it goes down."""
    reader = _Reader(text, "$orderby")
    found = [reader.ordering()]
    while reader.take(","):
        found.append(reader.ordering())
    reader.end()
    return found


class _Reader:
    def __init__(self, text: str, option: str) -> None:
        self._option = option
        self._tokens = self._split(text)
        self._at = 0

    def expression(self, level: int) -> Node:
        if level == len(_LEVELS):
            return self._unary()
        left = self.expression(level + 1)
        while (operator := self._word_of(_LEVELS[level])) is not None:
            left = Binary(operator, left, self.expression(level + 1))
        return left

    def ordering(self) -> tuple[Node, bool]:
        node = self.expression(4)
        direction = self._word_of(("asc", "desc"))
        return node, direction == "desc"

    def end(self) -> None:
        if self._at < len(self._tokens):
            raise self._error(f"лишнее «{self._tokens[self._at][1]}»")

    def take(self, mark: str) -> bool:
        if self._peek() == ("mark", mark):
            self._at += 1
            return True
        return False

    def _split(self, text: str) -> list[tuple[str, str]]:
        found, at = [], 0
        while at < len(text):
            token = _TOKEN.match(text, at)
            if token is None:
                raise self._error(f"неожиданный символ «{text[at]}» в позиции {at + 1}")
            if token.lastgroup != "space":
                found.append((str(token.lastgroup), token.group()))
            at = token.end()
        if not found:
            raise self._error("выражение пусто")
        return found

    def _unary(self) -> Node:
        if self._word_of(("not",)):
            return Unary("not", self._unary())
        if self.take("-"):
            return Unary("-", self._unary())
        return self._primary()

    def _primary(self) -> Node:
        kind, text = self._next()
        if kind == "mark" and text == "(":
            inner = self.expression(0)
            self._expect(")")
            return inner
        if kind == "name" and text not in _WORDS:
            return self._named(text)
        if kind in ("typed", "string", "number"):
            return self._literal(kind, text)
        raise self._error(f"неожиданное «{text}»")

    def _named(self, name: str) -> Node:
        if name in ("true", "false"):
            return Constant("bool", name == "true")
        if name == "null":
            return Constant("null", None)
        if self.take("("):
            call = Call(name, tuple(self._arguments()))
            return Path(self._rest(), call) if self._peek() == ("mark", "/") else call
        names = [name]
        while self.take("/"):
            kind, step = self._next()
            if kind != "name":
                raise self._error(f"неожиданное «{step}»")
            if step in ("any", "all") and self.take("("):
                return self._lambda(names, step)
            names.append(step)
        return Path(tuple(names))

    def _rest(self) -> tuple[str, ...]:
        names = []
        while self.take("/"):
            kind, step = self._next()
            if kind != "name":
                raise self._error(f"неожиданное «{step}»")
            names.append(step)
        return tuple(names)

    def _lambda(self, names: list[str], which: str) -> Lambda:
        if len(names) != 1:
            raise self._error(f"«{'/'.join(names)}» не табличная часть")
        quantifier: Literal["any", "all"] = "any" if which == "any" else "all"
        if self.take(")"):
            return Lambda(names[0], quantifier, "", None)
        kind, variable = self._next()
        if kind != "name":
            raise self._error(f"неожиданное «{variable}»")
        self._expect(":")
        body = self.expression(0)
        self._expect(")")
        return Lambda(names[0], quantifier, variable, body)

    def _arguments(self) -> list[Node]:
        if self.take(")"):
            return []
        found = [self.expression(0)]
        while self.take(","):
            found.append(self.expression(0))
        self._expect(")")
        return found

    def _literal(self, kind: str, text: str) -> Constant:
        if kind == "number":
            return Constant("number", Decimal(text.rstrip("dDfFmMlL")))
        if kind == "string":
            return Constant("string", text[1:-1].replace("''", "'"))
        word, inner = text[:-1].split("'", 1)
        value = as_guid(inner) if word == "guid" else as_date(inner)
        if value is None:
            raise self._error(f"неверное значение {text}")
        return Constant("guid" if word == "guid" else "date", value)

    def _word_of(self, words: tuple[str, ...]) -> str | None:
        kind, text = self._peek()
        if kind == "name" and text in words:
            self._at += 1
            return text
        return None

    def _expect(self, mark: str) -> None:
        if not self.take(mark):
            raise self._error(f"не хватает «{mark}»")

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._at] if self._at < len(self._tokens) else ("end", "")

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        if token[0] == "end":
            raise self._error("выражение оборвано")
        self._at += 1
        return token

    def _error(self, why: str) -> ODataError:
        return bad_option(self._option, why)
