"""The journal as a file: JSON Lines that can be checked without the hub, or a table for a spreadsheet."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TextIO

from hub.domain.journal import GENESIS, block_hash, canonical, line_hash, read_body

if TYPE_CHECKING:
    from hub.store.queries import JournalBlock

_VERSION: Final = 1
_COLUMNS: Final = ("id", "at", "event", "actor", "subject", "data", "block", "line_sha256", "block_sha256")
#: What a spreadsheet would run as a formula (OWASP, "CSV Injection").
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")


def write_jsonl(stream: TextIO, header: Mapping[str, object], blocks: Iterable[JournalBlock]) -> int:
    """Header, then every block before its lines, then the counts; returns how many lines there are."""
    _write(stream, {"kind": "journal", "version": _VERSION, **header})
    lines = sealed = 0
    for block in blocks:
        if block.seal is not None:
            sealed += 1
            _write(stream, {"kind": "block", **block.seal})
        for line in block.lines:
            _write(stream, {"kind": "line", "block": block.number, **line})
        lines += len(block.lines)
    _write(stream, {"kind": "end", "lines": lines, "blocks": sealed})
    return lines


def _write(stream: TextIO, document: Mapping[str, object]) -> None:
    stream.write(json.dumps(document, ensure_ascii=False) + "\n")


def write_csv(stream: TextIO, blocks: Iterable[JournalBlock]) -> int:
    """A table with the hash of every line and of its block; returns how many lines there are."""
    table = csv.writer(stream)
    table.writerow(_COLUMNS)
    lines = 0
    digest: object = ""
    for block in blocks:
        number = "" if block.number is None else block.number
        digest = "" if block.number is None else block.seal["hash"] if block.seal is not None else digest
        for line in block.lines:
            words = [line["id"], line["at"], line["event"], line["actor"], line["subject"], canonical(line["data"])]
            table.writerow([safe_cell(str(cell)) for cell in (*words, number, line_hash(line), digest)])
        lines += len(block.lines)
    return lines


def safe_cell(text: str) -> str:
    """The text as a spreadsheet shows it and never runs it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


@dataclass(slots=True)
class Checked:
    """What a file's chain says.

    Attributes:
        fault: the first thing that does not fit, Russian; None when all fits.
        head: number and hash of the newest block in the file.
        unsealed: lines after the last block, which nothing proves yet.
    """

    blocks: int = 0
    lines: int = 0
    unsealed: int = 0
    fault: str | None = None
    head: tuple[int, str] = field(default=(0, GENESIS))


class _Broken(Exception):
    """The file does not fit; the text says where."""


def check_file(lines: Iterable[str]) -> Checked:
    """Check a JSON Lines export: every line against its block, every block against the one before, the counts."""
    checked = Checked()
    try:
        _check(checked, _documents(lines))
    except _Broken as broken:
        checked.fault = str(broken)
    except (KeyError, TypeError, ValueError) as error:
        checked.fault = f"строка файла испорчена ({error})"
    return checked


def _documents(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, Any]]]:
    for place, text in enumerate(lines, 1):
        try:
            yield place, dict(json.loads(text))
        except ValueError as error:
            raise _Broken(f"строка {place} файла: это не JSON") from error


def _check(checked: Checked, documents: Iterator[tuple[int, dict[str, Any]]]) -> None:
    _, header = next(documents, (0, {}))
    if header.get("kind") != "journal" or header.get("version") != _VERSION:
        raise _Broken('это не выгрузка журнала: первая строка должна быть вида {"kind": "journal", …}')
    whole = header["since"] is None and header["until"] is None and header["subject"] is None
    body: dict[int, str] | None = None
    absent: set[int] = set()
    for place, item in documents:
        match item["kind"]:
            case "block":
                _require_all(absent)
                body = _check_block(checked, place, item, first=1 if whole else None)
                absent = set(body) if whole else set()
            case "line":
                _check_line(checked, place, item, body)
                absent.discard(item["id"])
            case "end":
                _require_all(absent)
                _check_end(checked, item, header, whole=whole)
                return
            case kind:
                raise _Broken(f"строка {place} файла: неизвестный вид записи «{kind}»")
    raise _Broken(f"файл обрезан: нет последней строки с итогами (прочитано записей {checked.lines})")


def _check_block(checked: Checked, place: int, item: dict[str, Any], first: int | None) -> dict[int, str]:
    number = item["number"]
    known = checked.head if checked.blocks else ((first - 1, GENESIS) if first is not None else None)
    if known is not None and (number, item["previous_hash"]) != (known[0] + 1, known[1]):
        raise _Broken(f"строка {place} файла: блок {number} не продолжает блок {known[0]}")
    if block_hash(number, item["sealed_at"], item["previous_hash"], item["body"]) != item["hash"]:
        raise _Broken(f"строка {place} файла: блок {number} изменён, его хеш не сходится")
    checked.blocks += 1
    checked.head = number, item["hash"]
    return read_body(item["body"])


def _check_line(checked: Checked, place: int, item: dict[str, Any], body: dict[int, str] | None) -> None:
    number = item["id"]
    checked.lines += 1
    if item["block"] is None and number not in (body or {}):
        checked.unsealed += 1
        return
    sealed = (body or {}).get(number)
    if item["block"] != checked.head[0] or sealed is None:
        raise _Broken(f"строка {place} файла: запись журнала {number} вставлена: блок {item['block']} её не знает")
    if sealed != line_hash(item):
        raise _Broken(f"строка {place} файла: запись журнала {number} изменена после того, как была сделана")


def _require_all(absent: set[int]) -> None:
    if absent:
        raise _Broken(f"запись журнала {min(absent)} удалена: блок её называет, а в файле её нет")


def _check_end(checked: Checked, item: dict[str, Any], header: dict[str, Any], *, whole: bool) -> None:
    if (item["lines"], item["blocks"]) != (checked.lines, checked.blocks):
        raise _Broken(f"в файле записей {checked.lines} и блоков {checked.blocks}, а в итогах другое")
    head = header["head"]
    if whole and (head["number"], head["hash"]) != checked.head:
        raise _Broken(f"конец журнала отрезан: последний блок {head['number']}, в файле только {checked.head[0]}")
