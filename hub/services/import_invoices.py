"""Take a list of invoices in: the same list again changes what changed and doubles nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from hub.domain.models import Client, Invoice
from hub.ports.crm import Change, ItemKind, Removed
from hub.ports.invoice_file import InvoiceList
from hub.ports.records import LISTS, AuditEntry
from hub.services.apply_changes import apply_in, in_bites
from hub.services.runtime import Runtime, Work

_AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True)
class ImportedInvoices:
    """How many invoices are new, how many changed, and how many their source has deleted."""

    added: int
    changed: int
    same: int
    removed: int = 0


@dataclass(frozen=True, slots=True)
class Rewritten:
    """An invoice of an earlier list that this one would change: what is asked, of whom, or when.

    Attributes:
        is_another: the sum and the client both differ; it is rather another invoice under the same number.
    """

    before: Invoice
    after: Invoice
    is_another: bool


def rewritten_by(rt: Runtime, found: InvoiceList) -> list[Rewritten]:
    """What a list would change of earlier ones, those first that look like other invoices; nothing is stored."""
    changes: list[Rewritten] = []
    for start in range(0, len(found.invoices), _AT_ONCE):
        with rt.store.read() as uow:
            for after in found.invoices[start : start + _AT_ONCE]:
                row = uow.invoices.get(f"{LISTS}/{after.id}")
                if row is not None and not row.removed:
                    changes += _compared(row.invoice, after)
    return sorted(changes, key=lambda change: not change.is_another)


def _compared(before: Invoice, after: Invoice) -> Iterator[Rewritten]:
    sum_differs, client_differs = before.amount != after.amount, not _same_client(before.client, after.client)
    if sum_differs or client_differs or before.issued_on != after.issued_on:
        yield Rewritten(before, after, sum_differs and client_differs)


def _same_client(before: Client | None, after: Client | None) -> bool:
    """Whether both may be one; an ИНН or a name that only one of the lists told makes no other client."""
    if before is None or after is None:
        return True
    if before.main_tax_id and after.main_tax_id:
        return before.main_tax_id == after.main_tax_id
    known = {name.casefold() for name in before.names}
    return not known or not after.names or any(name.casefold() in known for name in after.names)


def import_invoices(rt: Runtime, raw: bytes, name: str, found: InvoiceList, actor: str) -> ImportedInvoices:
    """Store invoices and their clients, few in a transaction; payments that they may answer are looked at again."""
    invoices = found.invoices
    clients = {item.client.id: item.client for item in invoices if item.client is not None and item.client.id}
    latest = {item.id: item for item in invoices}
    gone = [Removed(ItemKind.INVOICE, item_id) for item_id in found.removed]
    added = changed = removed = 0
    for bite in in_bites([*clients.values(), *latest.values(), *gone]):
        with rt.store.write() as uow:
            for change in bite:
                is_new = isinstance(change, Invoice) and uow.invoices.get(f"{LISTS}/{change.id}") is None
                differs = bool(apply_in(rt, uow, LISTS, [_lean(change)]))
                if isinstance(change, Invoice):
                    added, changed = added + is_new, changed + (differs and not is_new)
                elif isinstance(change, Removed):
                    removed += differs
    data = {"name": name, "sha256": hashlib.sha256(raw).hexdigest(), "added": added, "changed": changed}
    if removed:
        data["removed"] = removed
    with rt.store.write() as uow:
        uow.audit.append(AuditEntry("invoices.imported", actor, LISTS, data), rt.clock.now())
    rt.wake(Work.MATCH, "")
    return ImportedInvoices(added, changed, len(latest) - added - changed, removed)


def _lean(change: Change) -> Change:
    """An invoice names its client; requisites have one home, or an old ИНН would live on in each invoice."""
    if not isinstance(change, Invoice) or change.client is None:
        return change
    return replace(change, client=Client(change.client.id, change.client.names))
