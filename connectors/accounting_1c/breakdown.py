"""The breakdown of a payment that is not posted yet: the one row of it is told which invoice it pays.

A document that is posted is never changed, nor one whose row names something already. Read, compare, write, read back:
`If-Match` is sent and not relied upon, real bases ignore it without a word.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Final

from connectors.accounting_1c import query
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.links import linked
from connectors.accounting_1c.lookup import HEADER, REF, Lookup
from connectors.accounting_1c.mapper import account_of, amount_of_row, client_of
from connectors.accounting_1c.names import Base
from connectors.accounting_1c.values import day_of, money, objects_of, reference_of, text_of, wire_type
from connectors.shared.jsontypes import JsonObject
from hub.domain.errors import ConnectorError, Gone, Refused, UnknownOutcome
from hub.domain.money import MoneyError
from hub.ports.accounting import PaymentPaper
from hub.ports.crm import MoveOutcome, MoveResult

#: The accountant's document may bear the day before or after the bank's.
_AROUND: Final = timedelta(days=4)
_OFF: Final = "Запись в 1С выключена: расшифровку поступлений хаб не заполняет (link_payments в подключении)."
_NONE: Final = "Поступления с этим номером и суммой в 1С нет."
_POSTED: Final = "Поступление в 1С уже проведено: проведённый документ хаб не меняет. Разнесите его сами."
_SEVERAL: Final = "В 1С несколько поступлений с этим номером и суммой: разнесите сами."
_ROWS: Final = "В расшифровке поступления не одна строка или другая сумма: разнесите сами."
_OTHER: Final = "В 1С это поступление отнесено к другому документу."
_NOT_KEPT: Final = "1С приняла запись, но расшифровка осталась прежней: проверьте поступление."
_POSTED_MEANWHILE: Final = "Пока хаб писал, поступление провели: проверьте его проводки."


class Breakdown:
    """Links drafts of payments of one base."""

    def __init__(self, config: OneCConfig, client: OdataClient, directory: Directory, lookup: Lookup) -> None:
        self._is_on = config.link_payments
        self._client = client
        self._directory = directory
        self._lookup = lookup

    def link(self, paper: PaymentPaper, invoice: str) -> MoveResult:
        """Put the draft of a payment to an invoice. Raises Gone while there is no document of that payment."""
        if not self._is_on:
            raise Refused("writing is off", _OFF)
        base = self._directory.base()
        found = [row for row in self._candidates(base, paper) if self._is_of(base, row, paper)]
        linked_already = [row for row in found if self._target(base, row) == invoice]
        if linked_already:
            return MoveResult(MoveOutcome.ALREADY_THERE)
        if not found:
            raise Gone(f"no document of payment {paper.number}", _NONE)
        if len(found) > 1:
            return MoveResult(MoveOutcome.REFUSED, reason=_SEVERAL)
        return self._write(base, found[0], paper, invoice)

    # Finding

    def _candidates(self, base: Base, paper: PaymentPaper) -> Iterable[JsonObject]:
        """Documents of these days that bear the bank's number; the sum and the rest are compared here."""
        of = base.payments
        if not (of.has("bank_number") and of.has("amount")):
            return
        start, end = (
            query.moment(datetime.combine(day, time()))
            for day in (paper.booked_on - _AROUND, paper.booked_on + _AROUND)
        )
        options = {
            "$filter": f"{of['date']} ge {start} and {of['date']} lt {end}"
            f" and {of['bank_number']} eq {query.text(paper.number)}",
            "$orderby": f"{of['date']},{REF}",
            "$select": query.listed([*of.selected(*HEADER), base.payment_table]),
        }
        yield from self._lookup.paged(of.set, options)

    def _is_of(self, base: Base, row: JsonObject, paper: PaymentPaper) -> bool:
        of = base.payments
        if row.get("DeletionMark") is True or text_of(row.get(of["bank_number"])) != paper.number:
            return False
        try:
            same_sum = money(row.get(of["amount"]), paper.amount.currency) == paper.amount
        except MoneyError:
            return False
        bank_date = of.get("bank_date")
        dated = day_of(row.get(bank_date)) if bank_date is not None else None
        same_date = dated is None or paper.dated is None or dated == paper.dated
        return same_sum and same_date and self._same_parties(base, row, paper)

    def _same_parties(self, base: Base, row: JsonObject, paper: PaymentPaper) -> bool:
        """The payer and our account, as far as both sides name them."""
        of = base.payments
        client = linked(of, row, "client", base.clients.set)
        if client is not None and paper.payer_tax_id:
            rows = self._lookup.by_reference(base.clients, {client}, REF)
            inn = client_of(base.clients, client, rows[client]).main_tax_id if client in rows else None
            if inn is not None and inn != paper.payer_tax_id:
                return False
        account = linked(of, row, "account")
        if account is None or paper.account is None or base.own_accounts is None:
            return True
        rows = self._lookup.by_reference(base.own_accounts, {account}, REF)
        number = account_of(base.own_accounts, rows[account]) if account in rows else None
        return number is None or number == paper.account

    def _target(self, base: Base, row: JsonObject) -> str | None:
        rows = objects_of(row.get(base.payment_table))
        found = {linked(base.payment_rows, item, "link", base.invoices.set) for item in rows}
        return next(iter(found)) if len(found) == 1 else None

    # Writing

    def _write(self, base: Base, found: JsonObject, paper: PaymentPaper, invoice: str) -> MoveResult:
        reference = reference_of(found.get(REF)) or ""
        key = query.guid(reference)
        row = self._client.entity(base.payments.set, key)
        if row.get("Posted") is True:
            return MoveResult(MoveOutcome.REFUSED, reason=_POSTED)
        if row.get("DataVersion") != found.get("DataVersion"):
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, reason="Поступление в 1С как раз меняют.")
        rows = objects_of(row.get(base.payment_table))
        if len(rows) != 1 or amount_of_row(base.payment_rows, rows[0]) != paper.amount.amount:
            return MoveResult(MoveOutcome.REFUSED, reason=_ROWS)
        link = base.payment_rows["link"]
        if reference_of(rows[0].get(link)) is not None:
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, reason=_OTHER)
        body: JsonObject = {base.payment_table: [self._linked_row(base, rows[0], invoice)]}
        try:
            self._client.write("PATCH", base.payments.set, key, body, version=text_of(row.get("DataVersion")))
        except UnknownOutcome as error:
            return MoveResult(MoveOutcome.UNKNOWN, reason=error.for_person)
        except Refused as error:
            # In 1C's own words: a closed period, a right that is missing. Nobody repeats it but a person.
            return MoveResult(MoveOutcome.REFUSED, reason=error.for_person)
        return self._read_back(base, key, invoice)

    def _linked_row(self, base: Base, row: JsonObject, invoice: str) -> JsonObject:
        """The row as it was, with the link: a table is replaced as a whole, and what is left out would be lost."""
        link = base.payment_rows["link"]
        kept = {name: value for name, value in row.items() if name != REF}
        kept[link] = invoice
        if link in base.payment_rows.composite:
            kept[f"{link}_Type"] = wire_type(base.invoices.set)
        return kept

    def _read_back(self, base: Base, key: str, invoice: str) -> MoveResult:
        try:
            row = self._client.entity(base.payments.set, key)
        except ConnectorError as error:
            return MoveResult(MoveOutcome.MOVED, reason=f"Прочитать поступление после записи не удалось: {error.text}")
        if self._target(base, row) != invoice:
            return MoveResult(MoveOutcome.REFUSED, reason=_NOT_KEPT)
        if row.get("Posted") is True:
            return MoveResult(MoveOutcome.CHANGED_BY_OTHER, reason=_POSTED_MEANWHILE)
        return MoveResult(MoveOutcome.MOVED)
