"""Tell a statement file by its first bytes, and say in Russian what to do with a file that is none."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final


class FileFormat(StrEnum):
    """Kinds of files that people bring; only `CLIENT_BANK_EXCHANGE` is read."""

    CLIENT_BANK_EXCHANGE = "1c_file"
    EMPTY = "empty"
    BELARUS_TEXT = "belarus_text"
    DIRECT_BANK = "direct_bank"
    CAMT = "camt"
    MT940 = "mt940"
    XML = "xml"
    XLSX = "xlsx"
    XLS = "xls"
    ARCHIVE = "archive"
    PDF = "pdf"
    HTML = "html"
    CSV = "csv"


_ASK: Final = "Выгрузите выписку в интернет-банке в формате «1С» (1CClientBankExchange, обычно kl_to_1c.txt)."
_MESSAGES: Final = {
    FileFormat.EMPTY: f"Файл пуст. {_ASK}",
    FileFormat.BELARUS_TEXT: f"Это выписка белорусского «Клиент-банка» (поля вида ^Type=4^), она не читается. {_ASK}",
    FileFormat.DIRECT_BANK: f"Это XML прямого обмена «1С:ДиректБанк», а не файл выписки. {_ASK}",
    FileFormat.CAMT: f"Это выписка ISO 20022 (camt, XML), она пока не читается. {_ASK}",
    FileFormat.MT940: f"Это выписка SWIFT MT940, она пока не читается. {_ASK}",
    FileFormat.XML: f"Это XML, а не текстовая выписка. {_ASK}",
    FileFormat.XLSX: f"Это таблица Excel. Таблицы не читаются: в них нет единого порядка столбцов. {_ASK}",
    FileFormat.XLS: f"Это документ старого Microsoft Office (xls или doc). {_ASK}",
    FileFormat.ARCHIVE: "Это архив. Распакуйте его и загрузите сам файл выписки (обычно kl_to_1c.txt).",
    FileFormat.PDF: f"Это PDF: он для печати, а не для обмена. {_ASK}",
    FileFormat.HTML: "Это веб-страница, а не выписка: вход истёк. Войдите в интернет-банк и скачайте файл снова.",
    FileFormat.CSV: f"Это таблица CSV, она не читается: в ней нет единого порядка столбцов. {_ASK}",
}
_UNKNOWN: Final = f"Это не выписка: в первой строке нет слова 1CClientBankExchange. {_ASK}"

_MAGIC: Final = re.compile(rb"\A(?:\xef\xbb\xbf)*[\s\x00]*1CClientBankExchange", re.IGNORECASE)
_UTF16_MAGIC: Final = tuple("1CClientBank".encode(codec) for codec in ("utf-16-le", "utf-16-be"))
_MT940: Final = re.compile(rb"(?:\A|\n)[ \t]*(?:\{1:|:20:)")


def recognise(first_bytes: bytes) -> FileFormat | None:
    """The format of a file whose first few kilobytes these are; None when it is nothing known."""
    head = first_bytes[:8192]
    if _MAGIC.match(head) or any(magic in head[:64] for magic in _UTF16_MAGIC):
        return FileFormat.CLIENT_BANK_EXCHANGE
    return _binary(head) or _markup(head) or _text(head)


def refusal(found: FileFormat | None) -> str | None:
    """What the file is and what to do, in Russian; None when the format is read."""
    if found is FileFormat.CLIENT_BANK_EXCHANGE:
        return None
    return _UNKNOWN if found is None else _MESSAGES[found]


def _binary(head: bytes) -> FileFormat | None:
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        return FileFormat.EMPTY
    if head.startswith(b"PK\x03\x04"):
        is_workbook = b"[Content_Types].xml" in head or b"xl/" in head
        return FileFormat.XLSX if is_workbook else FileFormat.ARCHIVE
    if head.startswith((b"Rar!", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"PK")):
        return FileFormat.ARCHIVE
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return FileFormat.XLS
    return FileFormat.PDF if b"%PDF-" in head[:1024] else None


def _markup(head: bytes) -> FileFormat | None:
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if not text.startswith(b"<"):
        return None
    if b"<!doctype html" in text or b"<html" in text:
        return FileFormat.HTML
    if b"directbank.1c.ru" in text:
        return FileFormat.DIRECT_BANK
    if b"camt.05" in text or b"bktocstmr" in text:
        return FileFormat.CAMT
    return FileFormat.XML


def _text(head: bytes) -> FileFormat | None:
    if b"^Type=" in head or b"^Acc=" in head:
        return FileFormat.BELARUS_TEXT
    if _MT940.search(head):
        return FileFormat.MT940
    first = head.lstrip(b"\xef\xbb\xbf\r\n ").partition(b"\n")[0]
    is_table = max(first.count(b";"), first.count(b"\t")) >= 2 or first.replace(b", ", b"").count(b",") >= 3
    return FileFormat.CSV if is_table else None
