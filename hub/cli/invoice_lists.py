"""`sverka import --invoices`: the guess of columns with its first rows, a question, and what became of the list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from hub.cli.asking import agreed
from hub.cli.base import actor
from hub.cli.failures import FOUND
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.domain.models import Invoice
    from hub.ports.invoice_file import InvoiceList
    from hub.services.import_invoices import Rewritten

_SHOWN: Final = 10
_FAULTS_SHOWN: Final = 20
_ROWS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the person wants lists to be read.

    Attributes:
        columns: `what=heading` as typed.
        sure: nothing is asked.
    """

    columns: tuple[str, ...]
    paid_as_open: bool = False
    sure: bool = False

    def named(self) -> Mapping[str, str]:
        """Column -> heading."""
        found = {}
        for item in self.columns:
            name, sign, heading = item.partition("=")
            if not sign or not heading.strip():
                raise click.UsageError(f"--column {item}: нужно ЧТО=ЗАГОЛОВОК, например number=№")
            found[name.strip()] = heading.strip()
        return found


def take_in_list(session: Session, hub: Hub, path: Path, raw: bytes, wanted: Wanted) -> int:
    """Read a list, show what was understood, and store it when the person agrees."""
    from hub.composition.invoice_files import read_invoice_list
    from hub.ports.invoice_file import UnreadableInvoices
    from hub.services.import_invoices import import_invoices, rewritten_by

    try:
        found = read_invoice_list(raw, wanted.named(), paid_as_open=wanted.paid_as_open)
    except UnreadableInvoices as error:
        raise Problem(f"{path}: {error}") from None
    _show(session, path, found)
    if not found.invoices and not found.removed:
        session.say("  счетов в файле нет", "  no invoices in the file")
        return FOUND
    _tell_changes(session, rewritten_by(hub.rt, found))
    if not wanted.sure and not agreed(session, "Список прочитан верно? Загрузить?", "Is it read rightly? Import?"):
        session.say("Ничего не загружено.", "Nothing was imported.")
        return FOUND
    done = import_invoices(hub.rt, raw, path.name, found, actor())
    session.say(
        f"  счетов: новых {done.added}, изменённых {done.changed}, прежних {done.same}, с ошибкой {len(found.faults)}",
        f"  invoices: added {done.added}, changed {done.changed}, same {done.same}, broken {len(found.faults)}",
    )
    if done.removed:
        session.say(f"  удалено в 1С и снято: {done.removed}", f"  deleted in 1C and taken off: {done.removed}")
    return FOUND if found.faults else 0


def _show(session: Session, path: Path, found: InvoiceList) -> None:
    columns = ", ".join(f"{name} ← «{heading}»" for name, heading in found.columns.items())
    click.echo(f"{path}: {columns}")
    for invoice in found.invoices[:_SHOWN]:
        click.echo(f"  {_line(invoice)}")
    if len(found.invoices) > _SHOWN:
        rest = len(found.invoices) - _SHOWN
        session.say(f"  … и ещё {rest}", f"  … and {rest} more")
    if found.removed:
        gone = len(found.removed)
        session.say(
            f"  удалено в 1С объектов: {gone}; счета, которые среди них есть, будут сняты",
            f"  deleted in 1C: {gone}; invoices among them will be taken off",
        )
    _tell_doubts(session, found)
    for fault in found.faults[:_FAULTS_SHOWN]:
        session.say(f"  строка {fault.row}: {fault.message}", f"  row {fault.row}: {fault.message}")
    if len(found.faults) > _FAULTS_SHOWN:
        rest = len(found.faults) - _FAULTS_SHOWN
        session.say(f"  … и ещё строк с ошибкой: {rest}", f"  … and {rest} more broken rows")


def _tell_doubts(session: Session, found: InvoiceList) -> None:
    """Each doubt once with its rows: a word that nobody knows usually stands in half of the list."""
    rows: dict[str, list[int]] = {}
    for doubt in found.doubts:
        rows.setdefault(doubt.message, []).append(doubt.row)
    for message, numbers in list(rows.items())[:_FAULTS_SHOWN]:
        told = ", ".join(map(str, numbers[:_ROWS_SHOWN]))
        rest = len(numbers) - _ROWS_SHOWN
        here, there = (f" и ещё {rest}", f" and {rest} more") if rest > 0 else ("", "")
        several = len(numbers) > 1
        session.say(
            f"  внимание, {'строки' if several else 'строка'} {told}{here}: {message}",
            f"  attention, {'rows' if several else 'row'} {told}{there}: {message}",
        )
    if len(rows) > _FAULTS_SHOWN:
        rest = len(rows) - _FAULTS_SHOWN
        session.say(f"  … и ещё предупреждений: {rest}", f"  … and {rest} more warnings")


def _tell_changes(session: Session, changes: Sequence[Rewritten]) -> None:
    """What the list would change, and first of all what looks like another invoice that would be lost under it."""
    others = sum(change.is_another for change in changes)
    if others:
        session.say(
            f"  ВНИМАНИЕ: другая сумма и другой покупатель у счетов из прежних списков: {others}. Если это другие "
            "счета с теми же номерами (другая организация), не загружайте: добавьте столбец «ИНН организации»",
            f"  ATTENTION: another sum and another client of invoices of earlier lists: {others}. If these are other "
            "invoices under the same numbers (another organisation), do not import: add the column «ИНН организации»",
        )
    for change in changes[:_FAULTS_SHOWN]:
        before, after = _line(change.before), _line(change.after)
        session.say(f"  изменится: {before} → {after}", f"  will change: {before} → {after}")
    if len(changes) > _FAULTS_SHOWN:
        rest = len(changes) - _FAULTS_SHOWN
        session.say(f"  … и ещё изменится: {rest}", f"  … and {rest} more will change")


def _line(invoice: Invoice) -> str:
    from hub.domain.models import InvoiceStatus
    from hub.domain.wording import date_text, money_text

    states = {InvoiceStatus.OPEN: "не оплачен", InvoiceStatus.PAID: "оплачен", InvoiceStatus.CANCELLED: "отменён"}
    issued = f" от {date_text(invoice.issued_on)}" if invoice.issued_on is not None else ""
    client = invoice.client
    who = " ".join(filter(None, [client.names[0] if client.names else "", client.main_tax_id])) if client else "—"
    return f"№ {invoice.number}{issued}, {money_text(invoice.amount)}, {who}, {states[invoice.status]}"
