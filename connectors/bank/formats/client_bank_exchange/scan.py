"""First pass over a file: its header, its own accounts, its real encoding. Documents are not read yet."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import BinaryIO

from connectors.bank.errors import StatementFileError
from connectors.bank.formats.client_bank_exchange import keys
from connectors.bank.formats.client_bank_exchange.encoding import LineDecoder
from connectors.bank.formats.client_bank_exchange.source import Limits, raw_lines
from connectors.bank.formats.client_bank_exchange.values import date_or_none, normal_account
from connectors.bank.recognise import recognise, refusal
from connectors.bank.statement import Period, StatementHeader


@dataclass(frozen=True, slots=True)
class Scan:
    """What must be known before the first document: sections of accounts may come after the documents.

    Attributes:
        has_balances: the file holds sections of accounts, so it is a bank's statement and not an order to a bank.
    """

    header: StatementHeader
    has_balances: bool


@dataclass(slots=True)
class _Found:
    header: dict[str, str] = field(default_factory=dict)
    accounts: dict[str, None] = field(default_factory=dict)
    codecs: Counter[str] = field(default_factory=Counter)
    sections: int = 0


def scan(stream: BinaryIO, limits: Limits) -> Scan:
    """Walk the whole file once and leave the stream where it was.

    Raises:
        StatementFileError: the file is no statement, its letters are lost, or it holds too many accounts.
    """
    start = stream.tell()
    head = stream.read(8192)
    problem = refusal(recognise(head))
    if problem is not None:
        raise StatementFileError("not_a_statement", problem)
    stream.seek(start)
    found = _walk(stream, limits)
    stream.seek(start)
    if not found.codecs:
        raise _no_keys(head)
    return Scan(_header(found), found.sections > 0)


def _walk(stream: BinaryIO, limits: Limits) -> _Found:
    found, decoder = _Found(), LineDecoder()
    in_header, in_document = True, False
    for _, raw in raw_lines(stream, limits):
        if in_document and b"=" in raw:  # nothing of a document counts here but its end, which has no value
            continue
        known = decoder.key_of(raw)
        if known is None:
            continue
        name = known.name
        if known.codec:
            found.codecs[known.codec] += 1
        if name in keys.MARKERS:
            in_header, in_document = False, name == keys.DOCUMENT_SECTION
            found.sections += name == keys.ACCOUNT_SECTION
            if name == keys.FILE_END:
                break
        elif name == keys.OWN_ACCOUNT and not in_document:
            _add_account(found, decoder.split(raw)[1])
        elif in_header:
            found.header.setdefault(name, decoder.split(raw)[1])
        if len(found.accounts) > limits.accounts or found.sections > limits.account_sections:
            raise _too_many(limits)
    return found


def _add_account(found: _Found, value: str) -> None:
    account = normal_account(value)
    if account is not None:
        found.accounts[account] = None


def _header(found: _Found) -> StatementHeader:
    fields: Mapping[str, str] = found.header
    ranked = [codec for codec, _ in found.codecs.most_common()]
    declared = fields.get("Кодировка") or None
    return StatementHeader(
        format_version=fields.get("ВерсияФормата") or None,
        sender=fields.get("Отправитель") or None,
        period=Period(date_or_none(fields.get("ДатаНачала", "")), date_or_none(fields.get("ДатаКонца", ""))),
        accounts=tuple(found.accounts),
        encoding=ranked[0],
        encodings=tuple(ranked),
        declared_encoding=declared,
        created_on=date_or_none(fields.get("ДатаСоздания", "")),
    )


def _no_keys(head: bytes) -> StatementFileError:
    if b"\xef\xbf\xbd" in head or head.count(b"?") > len(head) // 4:
        return StatementFileError(
            "letters_lost",
            "Русские буквы в файле потеряны: его открыли и пересохранили в чужой кодировке. "
            "Скачайте выписку из банка заново и загрузите её, не открывая.",
        )
    return StatementFileError(
        "no_content",
        "В файле есть первая строка 1CClientBankExchange, но нет ни одной строки выписки. Скачайте выписку заново.",
    )


def _too_many(limits: Limits) -> StatementFileError:
    return StatementFileError(
        "too_many_accounts",
        f"В файле больше {limits.accounts} счетов или {limits.account_sections} секций остатков. "
        "Выгрузите выписку за более короткий период или по отдельным счетам.",
    )
