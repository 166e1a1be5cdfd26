"""What must come of the story, written from its cases: every payment, deal, invoice and file."""

from __future__ import annotations

from hub.demo.story.book import Book
from hub.demo.story.calendar import ACT_FROM, FILES, OWN_ACCOUNTS, StatementFile
from hub.demo.story.law import INVOICE_CATEGORY, stage_id
from hub.demo.story.ledger import Line
from hub.demo.story.portal import JsonObject


def expected(book: Book, texts: dict[str, str]) -> JsonObject:
    """The expectations as JSON.

    Args:
        texts: the statement files as text by name, to tell the line of the broken document.
    """
    payments = [line for line in _ordered(book) if line.fate == "payment"]
    return {
        "act_from": ACT_FROM.isoformat(),
        "own_accounts": [own.number for own in OWN_ACCOUNTS],
        "own_tax_ids": sorted({own.owner.inn for own in OWN_ACCOUNTS}),
        "files": [_file(file, book) for file in FILES],
        "quarantined": [_quarantined(line, texts) for line in book.lines if line.fate == "quarantined"],
        "payments": [_payment(line) for line in payments],
        "paid_stage": f"DT31_{INVOICE_CATEGORY}:P",
        "invoices": {str(invoice.id): invoice.number for invoice in book.invoices},
    }


def _ordered(book: Book) -> list[Line]:
    order = {file.name: index for index, file in enumerate(FILES)}
    return sorted(book.lines, key=lambda line: (order[line.files[0]], line.booked))


def _file(file: StatementFile, book: Book) -> JsonObject:
    shown = [line for line in book.lines if file.name in line.files]
    payments = [line for line in shown if line.fate == "payment"]
    new = [line for line in payments if line.files[0] == file.name]
    return {
        "name": file.name,
        "payments": len(payments),
        "new": len(new),
        "known": len(payments) - len(new),
        "quarantined": sum(line.fate == "quarantined" for line in shown),
        "skipped": sum(line.fate == "skipped" for line in shown),
    }


def _quarantined(line: Line, texts: dict[str, str]) -> JsonObject:
    rows = texts[line.files[0]].splitlines()
    row = next(index for index, text in enumerate(rows, start=1) if text == "Сумма=18 4О0.00 руб")
    return {"file": line.files[0], "line": row, "key": "Сумма", "number": line.number}


def _payment(line: Line) -> JsonObject:
    return {
        "file": line.files[0],
        "also_in": line.files[1:],
        "account": line.account.number,
        "number": line.number,
        "booked_on": line.booked.isoformat(),
        "sum": f"{line.amount:.2f}",
        "currency": line.account.currency,
        "direction": line.way,
        "case": line.case,
        "decision": line.decision,
        "allocations": {invoice.number: f"{part:.2f}" for invoice, part in line.allocations},
        "candidates": [invoice.number for invoice in line.candidates],
        "pile": "matched" if line.decision == "auto" else line.pile,
        "moves": [
            {"deal": str(deal.id), "from": stage_id(deal.category, left), "to": stage_id(deal.category, entered)}
            for deal, left, entered in line.follows.moves
        ],
        "comments": [str(deal.id) for deal in line.follows.comments],
        "tasks": [str(deal.id) for deal in line.follows.tasks],
        "paid": [invoice.number for invoice in line.follows.paid],
    }
