"""Makes the demo's data from its story, always the same: `python -m hub.demo.make [FOLDER]`."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from hub.demo.story import cases_books, cases_doubt, cases_other, cases_paid, cases_recent
from hub.demo.story.account import account
from hub.demo.story.accounting import accounting
from hub.demo.story.banks import banks, hooked, later
from hub.demo.story.book import Book
from hub.demo.story.calendar import FILES
from hub.demo.story.expected import expected
from hub.demo.story.portal import portal
from hub.demo.story.statement import entries, write_file

DATA = Path(__file__).parent / "data"


def story() -> Book:
    """The whole story, told."""
    book = Book()
    cases_paid.tell(book)
    cases_doubt.tell(book)
    cases_other.tell(book)
    cases_recent.tell(book)
    cases_books.tell(book)
    book.give_numbers()
    return book


def build() -> dict[str, bytes]:
    """Every generated file of the data folder, by its path inside it."""
    book = story()
    shown = entries(book.lines)
    statements = {file.name: write_file(file, shown) for file in FILES}
    texts = {file.name: statements[file.name].decode(_reading(file.coding), "replace") for file in FILES}
    made = {f"statements/{name}": raw for name, raw in statements.items()}
    made["portal.json"] = _json(portal(book))
    made["account.json"] = _json(account(book))
    made["books.json"] = _json(accounting(book))
    made["banks.json"] = _json(banks(book))
    made["hooks.json"] = _json(hooked(book))
    made["one-more.json"] = _json(later(book))
    made["expected.json"] = _json(expected(book, texts))
    return made


def _reading(coding: str) -> str:
    return "cp1251" if coding == "mixed" else coding


def _json(document: Mapping[str, object]) -> bytes:
    return (json.dumps(document, ensure_ascii=False, indent=1) + "\n").encode()


def main(folder: Path) -> None:
    """Write the data."""
    for name, raw in build().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(raw)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else DATA)
