"""Bank files for the services: the reader of the bank connector behind the statement port."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from connectors.bank import statement as bank
from connectors.bank.errors import StatementFileError
from connectors.bank.formats.client_bank_exchange import Limits, read_statement
from hub.domain.wording import money_text
from hub.ports.statement import (
    AccountSummary,
    BrokenItem,
    CoveredDays,
    FileWarning,
    SkippedItem,
    StatementItem,
    StatementReader,
    UnreadableFile,
)

_HIDDEN_ACCOUNT = "счёт скрыт банком"


def statement_reader(max_bytes: int) -> StatementReader:
    """A reader of every statement file format there is, with a cap on the file's size."""
    limits = Limits(file_bytes=max_bytes)

    def read(raw: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> Iterator[StatementItem]:
        header: bank.StatementHeader | None = None
        try:
            for item in read_statement(raw, own_accounts, own_tax_ids, limits):
                header = item if isinstance(item, bank.StatementHeader) else header
                yield from _items(item)
                if isinstance(item, bank.StatementSummary) and header is not None:
                    yield from _covered(header, item)
        except StatementFileError as error:
            raise UnreadableFile(error.for_person) from error

    return read


def _items(item: bank.StatementItem) -> Iterator[StatementItem]:
    match item:
        case bank.StatementLine():
            yield item.received()
        case bank.BrokenDocument():
            yield BrokenItem(item.line_no, item.key, item.message_ru, item.raw)
        case bank.SkippedDocument():
            yield SkippedItem(item.line_no, item.reason_ru)
        case bank.StatementSummary():
            yield from (FileWarning(text) for text in item.warnings_ru)
            yield from (_account(account) for account in item.accounts)
        case bank.StatementHeader() | bank.AccountTurnover():
            # The header's accounts come back in the summary; turnovers are judged there too.
            return


def _covered(header: bank.StatementHeader, summary: bank.StatementSummary) -> Iterator[CoveredDays]:
    """Days that the file speaks for; one that is cut off, or holds something unreadable, proves nothing missing."""
    if summary.truncated or summary.broken:
        return
    for account in summary.accounts:
        state = account.check.state
        if account.account is not None and state is not bank.CheckState.DIFFERENCE:
            proved, period = state is bank.CheckState.GREEN, header.period
            yield CoveredDays(account.account, period.start, period.end, header.created_on, proved)


def _account(account: bank.AccountSummary) -> AccountSummary:
    return AccountSummary(
        account=account.account or _HIDDEN_ACCOUNT,
        incoming=account.incoming,
        incoming_sum=money_text(account.incoming_sum),
        outgoing=account.outgoing,
        outgoing_sum=money_text(account.outgoing_sum),
        other=account.own_transfers + account.unknown,
        check=account.check.message_ru,
    )
