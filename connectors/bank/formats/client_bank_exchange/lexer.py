"""Cut decoded lines into sections: balances of accounts and documents."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from connectors.bank.formats.client_bank_exchange import keys
from connectors.bank.formats.client_bank_exchange.encoding import LineDecoder
from connectors.bank.formats.client_bank_exchange.source import Limits

# A purpose has 210 characters by the rules; far beyond that the lines are damage and stay in the raw text only.
_LONGEST_TEXT: Final = 4_000


class SectionKind(Enum):
    """What a section holds."""

    ACCOUNT = "account"
    DOCUMENT = "document"


class SectionEnd(Enum):
    """How a section came to its end."""

    CLOSED = "closed"
    NEXT_BEGAN = "next_began"
    FILE_ENDED = "file_ended"
    TOO_LONG = "too_long"


_ENDS: Final = {keys.DOCUMENT_END: SectionKind.DOCUMENT, keys.ACCOUNT_END: SectionKind.ACCOUNT}


@dataclass(slots=True)
class Section:
    """Keys of one section: the first non-empty value of a key wins, `raw` keeps every line."""

    kind: SectionKind
    title: str
    line_no: int
    fields: dict[str, str] = field(default_factory=dict)
    raw: list[str] = field(default_factory=list)
    end: SectionEnd = SectionEnd.CLOSED
    long_line: int | None = None
    size: int = 0

    def get(self, key: str) -> str:
        """The value of a key; empty when the key is absent."""
        return self.fields.get(key, "")

    def line_of(self, key: str) -> int:
        """The line that a value came from, else the section's first line."""
        value = self.get(key)
        spellings = {key, *(alias for alias, name in keys.CANONICAL.items() if name == key)}
        for offset, text in enumerate(self.raw):
            head, _, tail = text.partition("=")
            known = head.strip() in spellings or keys.FOLDED.get(keys.fold(head)) == key
            if known and value.startswith(tail.strip()) and (tail.strip() or not value):
                return self.line_no + offset
        return self.line_no

    @property
    def text(self) -> str:
        """The section as it came, decoded."""
        return "\n".join(self.raw)


class Lexer:
    """Sections of a file in order. After the walk: was the end mark there, and what follows it.

    Attributes:
        closed: `КонецФайла` was met.
        trailing_line: the first non-blank line after it, which is not read.
    """

    def __init__(self, decoder: LineDecoder, limits: Limits) -> None:
        self.closed = False
        self.trailing_line: int | None = None
        self._decoder = decoder
        self._limits = limits
        self._open: Section | None = None
        self._last_key = ""

    def sections(self, lines: Iterable[tuple[int, bytes]]) -> Iterator[Section]:
        """Yield each section as soon as it ends, however it ends."""
        split, add, markers, long = self._decoder.split, self._add, keys.MARKERS, self._limits.line_bytes
        for number, raw in lines:
            if self.closed:
                if raw.strip():
                    self.trailing_line = number
                    break
                continue
            key, value, text = split(raw)
            section = self._open
            if key in markers:
                yield from self._mark(key, value, text, number)
            elif section is not None:
                add(section, key, value, text)
                if len(raw) > long and section.long_line is None:
                    section.long_line = number
        if self._open is not None:
            yield self._finish(self._open, SectionEnd.FILE_ENDED)

    def _mark(self, key: str, value: str, text: str, number: int) -> Iterator[Section]:
        begins = key in (keys.DOCUMENT_SECTION, keys.ACCOUNT_SECTION)
        self.closed = key == keys.FILE_END
        if self._open is not None:
            ends = _ENDS.get(key) is self._open.kind
            if not (begins or ends or key == keys.FILE_END):
                return
            if ends:
                self._open.raw.append(text)
            closed = SectionEnd.CLOSED if ends else SectionEnd.NEXT_BEGAN if begins else SectionEnd.FILE_ENDED
            yield self._finish(self._open, closed)
        if begins:
            kind = SectionKind.DOCUMENT if key == keys.DOCUMENT_SECTION else SectionKind.ACCOUNT
            self._open = Section(kind, value, number, raw=[text], size=len(text) + 1)

    def _finish(self, section: Section, end: SectionEnd) -> Section:
        self._open, self._last_key = None, ""
        section.end = SectionEnd.TOO_LONG if section.size > self._limits.document_bytes else end
        return section

    def _add(self, section: Section, key: str, value: str, text: str) -> None:
        section.size += len(text) + 1
        if section.size > self._limits.document_bytes:
            return
        section.raw.append(text)
        fields = section.fields
        if key:
            self._last_key = key
            if not fields.get(key):
                fields[key] = value
        elif value and self._last_key:
            self._continue(fields, value)

    def _continue(self, fields: dict[str, str], value: str) -> None:
        """A wrapped line belongs to the value before it, beyond free text as a line that no number survives."""
        begun = fields[self._last_key]
        if self._last_key in keys.CONTINUED:
            if len(begun) < _LONGEST_TEXT:
                fields[self._last_key] = f"{begun} {value}".strip()
        elif "=" not in value and "\n" not in begun:
            fields[self._last_key] = f"{begun}\n{value}"
