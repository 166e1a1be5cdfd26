"""Faults of files that people write: where they are, and in one Russian sentence what to do."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum


class Severity(StrEnum):
    """`error`: the file cannot be used. `warning`: it can, but a person should look."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a file.

    Attributes:
        file: the path as the user gave it.
        line: counted from 1; 0 when the whole file is meant.
        field: dotted path of the field (`pipelines.0.deal_paid.stage`), empty for the whole file.
        message: Russian, never holds the value of a secret.
        column: counted from 1; 0 when unknown.
    """

    file: str
    line: int
    field: str
    message: str
    column: int = 0
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        warning = "предупреждение: " if self.severity is Severity.WARNING else ""
        field = f"{self.field}: " if self.field else ""
        return f"{place}: {warning}{field}{self.message}"


class FaultsError(Exception):
    """A file cannot be used; `faults` holds everything found, not only the first."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


class MappingError(FaultsError):
    """A rule file has faults."""


def errors_of(faults: Iterable[Fault]) -> list[Fault]:
    """Only the faults that forbid to go on."""
    return [fault for fault in faults if fault.severity is Severity.ERROR]


def in_file_order(faults: Iterable[Fault]) -> list[Fault]:
    """Faults as a reader meets them."""
    return sorted(faults, key=lambda fault: (fault.file, fault.line, fault.column, fault.field))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that a misspelt one most likely means."""
    found = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return found[0] if found else None


def unknown_name(word: str, known: Sequence[str]) -> str:
    """Russian clause for a name that nobody knows: the nearest one, or all that are possible."""
    near = nearest(word, known)
    return f"может быть, «{near}»?" if near else f"можно: {', '.join(known)}"


def why_unreadable(error: OSError) -> str:
    """Russian clause for a file that cannot be read or written."""
    reasons: list[tuple[type[OSError], str]] = [
        (FileNotFoundError, "такого файла нет"),
        (PermissionError, "нет прав"),
        (IsADirectoryError, "это папка"),
        (NotADirectoryError, "в пути вместо папки файл"),
        (FileExistsError, "уже есть"),
    ]
    found = next((text for kind, text in reasons if isinstance(error, kind)), None)
    return found or error.strerror or "ошибка ввода-вывода"
