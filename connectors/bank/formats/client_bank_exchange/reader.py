"""Read a statement file: header, lines, turnovers, quarantine and summary, one item at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import BinaryIO, Final

from connectors.bank.formats.client_bank_exchange import keys
from connectors.bank.formats.client_bank_exchange.balance import Ledger, read_turnover
from connectors.bank.formats.client_bank_exchange.direction import Ownership
from connectors.bank.formats.client_bank_exchange.document import (
    DocumentProblem,
    NotMovement,
    is_wrapper,
    read_movement,
)
from connectors.bank.formats.client_bank_exchange.encoding import UTF8, LineDecoder, declared_codec
from connectors.bank.formats.client_bank_exchange.lexer import Lexer, Section, SectionEnd, SectionKind
from connectors.bank.formats.client_bank_exchange.scan import Scan, scan
from connectors.bank.formats.client_bank_exchange.source import Limits, open_source, raw_lines
from connectors.bank.formats.client_bank_exchange.transfers import OwnTransfers
from connectors.bank.statement import (
    AccountTurnover,
    BrokenDocument,
    SkippedDocument,
    StatementItem,
    StatementLine,
    StatementSummary,
)

DEFAULT_LIMITS: Final = Limits()
_END_PROBLEMS: Final = {
    SectionEnd.FILE_ENDED: "Файл обрывается внутри секции: он скачан не полностью. Скачайте выписку заново.",
    SectionEnd.NEXT_BEGAN: "Секция не закрыта: следующая началась раньше строки «КонецДокумента».",
    SectionEnd.TOO_LONG: "Секция слишком велика для документа: вероятно, потеряна строка «КонецДокумента».",
}


def read_statement(
    source: BinaryIO | bytes,
    own_accounts: Collection[str] = (),
    own_tax_ids: Collection[str] = (),
    limits: Limits = DEFAULT_LIMITS,
) -> Iterator[StatementItem]:
    """Items of a 1CClientBankExchange file (v8.1c.ru/edi/edi_stnd/100/101.htm), header first, summary last.

    Own accounts are those the file names plus `own_accounts`; `own_tax_ids` are ИНН of our legal entities. The source
    is read twice and is not closed. Documents are never held together: memory grows by a key of each line only.

    Raises:
        StatementFileError: the file as a whole cannot be read; raised by the first step of the iteration.
    """
    with open_source(source, limits) as stream:
        found = scan(stream, limits)
        yield found.header
        own = Ownership.of(found.header.accounts, own_accounts, own_tax_ids)
        yield from _Reading(found, own, limits).items(stream)


class _Reading:
    """State of the second pass."""

    def __init__(self, found: Scan, own: Ownership, limits: Limits) -> None:
        self._has_balances = found.has_balances
        self._encodings = found.header.encodings
        self._own = own
        self._limits = limits
        # The encoding that most lines are in; the header's word counts only for stray lines of a UTF-8 file.
        main = found.header.encoding
        codec = declared_codec(found.header.declared_encoding) if main == UTF8 else main
        self._lexer = Lexer(LineDecoder(codec), limits)
        self._ledger = Ledger(found.header.accounts)
        self._transfers = OwnTransfers()
        self._seen: Counter[bytes] = Counter()
        self._lines = self._broken = self._skipped = 0
        self._truncated = False

    def items(self, stream: BinaryIO) -> Iterator[StatementItem]:
        for section in self._lexer.sections(raw_lines(stream, self._limits)):
            item = self._read(section)
            self._lines += isinstance(item, StatementLine)
            self._broken += isinstance(item, BrokenDocument)
            self._skipped += isinstance(item, SkippedDocument)
            yield item
        yield self._summary()

    def _read(self, section: Section) -> StatementLine | AccountTurnover | BrokenDocument | SkippedDocument:
        self._truncated = section.end is SectionEnd.FILE_ENDED and not self._lexer.closed
        try:
            self._refuse_broken(section)
            return self._turnover(section) if section.kind is SectionKind.ACCOUNT else self._document(section)
        except DocumentProblem as problem:
            line_no = section.long_line or section.line_of(problem.key)
            return BrokenDocument(line_no, problem.key, problem.value, problem.message_ru, section.text)
        except NotMovement as finding:
            return SkippedDocument(section.line_no, str(finding), section.text)

    def _refuse_broken(self, section: Section) -> None:
        if section.long_line is not None:
            kilobytes = self._limits.line_bytes >> 10
            raise DocumentProblem("", "", f"Строка длиннее {kilobytes} КБ: файл повреждён в этом месте.")
        whole = section.end in (SectionEnd.CLOSED, SectionEnd.NEXT_BEGAN)
        if whole and section.kind is SectionKind.DOCUMENT and is_wrapper(section):
            raise NotMovement(f"«{section.title}» — обёртка вокруг документов, а не платёж.")
        if section.end is SectionEnd.CLOSED or (whole and section.kind is SectionKind.ACCOUNT):
            return  # an account's section has no key that must be there, so a lost end mark loses nothing
        marker = keys.DOCUMENT_SECTION if section.kind is SectionKind.DOCUMENT else keys.ACCOUNT_SECTION
        raise DocumentProblem(marker, section.title, _END_PROBLEMS[section.end])

    def _turnover(self, section: Section) -> AccountTurnover:
        turnover = read_turnover(section)
        self._ledger.add_turnover(turnover)
        return turnover

    def _document(self, section: Section) -> StatementLine:
        movement = read_movement(section, self._own, is_statement=self._has_balances)
        line = movement.line
        if movement.is_transfer and (first := self._transfers.first_side(movement)) is not None:
            self._ledger.prove_transfer(movement, first)
            raise NotMovement(f"Вторая сторона перевода между своими счетами: он уже учтён, строка {first.line_no}.")
        self._ledger.add(movement)
        key = bytes.fromhex(line.fingerprint)[:16]
        self._seen[key] += 1
        return replace(line, occurrence=self._seen[key]) if self._seen[key] > 1 else line

    def _summary(self) -> StatementSummary:
        return StatementSummary(
            accounts=self._ledger.summaries(self._broken),
            lines=self._lines,
            broken=self._broken,
            skipped=self._skipped,
            truncated=self._truncated,
            warnings_ru=tuple(self._warnings()),
        )

    def _warnings(self) -> Iterator[str]:
        if self._truncated:
            yield "Файл обрывается на полуслове: скачайте выписку заново, иначе часть платежей не попадёт в учёт."
        elif not self._lexer.closed:
            yield "В файле нет строки «КонецФайла»: возможно, он скачан не полностью. Сверьте суммы с оборотами."
        if self._lexer.trailing_line is not None:
            yield f"После строки «КонецФайла» есть ещё текст (со строки {self._lexer.trailing_line}), он не прочитан."
        if len(self._encodings) > 1:
            yield f"В файле смешаны кодировки ({', '.join(self._encodings)}); каждая строка прочитана в своей."
        if not self._has_balances and self._lines == 0 and self._skipped:
            yield "Похоже, это поручения в банк, а не выписка: проведённых платежей в файле нет."
