"""Bitrix24 behind the CRM port."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import date

from connectors.bitrix24 import webhook
from connectors.bitrix24.client import RestClient
from connectors.bitrix24.clients import ClientBook, Owner
from connectors.bitrix24.clients import bank_details as accounts_of
from connectors.bitrix24.config import Bitrix24Config
from connectors.bitrix24.directory import Directory
from connectors.bitrix24.door import Door
from connectors.bitrix24.filling import UserFieldFilling
from connectors.bitrix24.mapper import COMPANY, CONTACT, DEAL, INVOICE, Mapper
from connectors.bitrix24.notes import Notes
from connectors.bitrix24.probe import run_probe
from connectors.bitrix24.reader import Harvest, Reader
from connectors.bitrix24.schemas import BankDetailRow, ItemRow, rows_of
from connectors.bitrix24.sink import Sink, position_of
from connectors.bitrix24.source import Source
from connectors.shared.filling import FillsFields
from connectors.shared.http import HttpClient
from connectors.shared.runtime import Runtime
from hub.domain.errors import Gone, Refused
from hub.domain.models import Deal, Pipeline
from hub.ports.crm import (
    Capability,
    Change,
    ChangePage,
    CrmPort,
    Hint,
    HookRequest,
    InvoiceNow,
    ItemKind,
    MoveResult,
    Position,
    Probe,
    StageChange,
    TaskDraft,
)
from hub.ports.hooks import Admission

_log = logging.getLogger(__name__)

_NO_INVOICE_STAGES = "Счета этой компании хранятся в сделках: отметки об оплате у них нет, двигается сама сделка."


class Bitrix24(FillsFields, CrmPort):
    """One portal through one incoming webhook. Thread-safe.

    Ids: deals and smart invoices by their numbers; a deal that is its own invoice `D_5`; clients `CO_5` (company) and
    `C_5` (contact), the vendor's own short codes.
    """

    def __init__(self, config: Bitrix24Config, runtime: Runtime, http: HttpClient | None = None) -> None:
        self._config = config
        self._clock = runtime.clock
        self._client = RestClient(config, runtime, http)
        self._directory = Directory(self._client, runtime.clock)
        self._book = ClientBook(self._client, runtime.clock)
        self._reader = Reader(config, self._client, self._book, self._directory)
        self._source = Source(self._client, self._reader, self._book, runtime.clock, config.reconcile_every_h)
        self._sink = Sink(self._client, self._directory, Mapper(config).user_fields)
        self._notes = Notes(self._client)
        self._filling = UserFieldFilling(self._client, runtime.clock, config.fill_fields)
        self._door = Door(config.application_token)

    def capabilities(self) -> frozenset[Capability]:
        """Everything but what the settings leave out: invoice stages, hooks, fields filled from accounting."""
        able = {Capability.INVOICES, Capability.TASKS, Capability.COMMENTS, Capability.HISTORY}
        if self._reader.smart_invoices:
            able.add(Capability.MARK_PAID)
        if self._config.application_token.get_secret_value():
            able.add(Capability.HOOKS)
        if self._filling.is_on:
            able.add(Capability.FILL_FIELDS)
        return frozenset(able)

    def probe(self) -> Probe:
        """Check the webhook, its rights, and the fields that accounting fills, by reading."""
        found = run_probe(self._client, self._clock, smart_invoices=self._reader.smart_invoices)
        # Without the right to read, the fields would only refuse once more.
        return found if found.missing_rights else replace(found, unfit_fields=tuple(self._filling.faults()))

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Deal pipelines, read now; only watched ones."""
        return tuple(pipeline for pipeline in self._directory.read(DEAL) if self._config.watches(pipeline.id))

    def invoice_pipelines(self) -> tuple[Pipeline, ...]:
        """Invoice pipelines, read now; none where invoices live in deals."""
        return self._directory.read(INVOICE) if self._reader.smart_invoices else ()

    def changes(self, mark: str | None) -> ChangePage:
        """The next page; see `source`."""
        return self._source.changes(mark)

    def deal(self, deal_id: str) -> Deal:
        """Read a deal now."""
        return self._reader.deal(self._sink.item(DEAL, deal_id))

    def reread(self, kind: ItemKind, item_id: str) -> tuple[Change, ...]:
        """Read what a hint named: a deal with its invoices, an invoice, a client through any of its parts."""
        if kind is ItemKind.CLIENT:
            return self._reread_client(item_id)
        type_id, number = (DEAL, item_id.removeprefix("D_")) if not self._is_smart(kind) else (INVOICE, item_id)
        try:
            row = self._sink.item(type_id, number)
        except Gone:
            return tuple(self._reader.gone(type_id, int(number)))
        if type_id == INVOICE:
            return self._reader.changes(Harvest(invoices={row.id: row}))
        return self._reader.changes(Harvest(deals={row.id: row}, invoices=self._invoices_of(row.id)))

    def move(self, deal_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        """Move a deal. The portal takes no key; setting the stage where the deal stands is its own no-op."""
        return self._told(operation_key, f"deal {deal_id}", self._sink.move(DEAL, deal_id, expected, target))

    def history(self, deal_id: str) -> tuple[StageChange, ...]:
        """Stage history of a deal."""
        return self._sink.history(DEAL, deal_id)

    def invoice_now(self, invoice_id: str) -> InvoiceNow:
        """Where a smart invoice stands now, and its sum."""
        if not self._reader.smart_invoices:
            return InvoiceNow()
        row = self._sink.item(INVOICE, invoice_id)
        return InvoiceNow(position_of(row), row.opportunity)

    def invoice_history(self, invoice_id: str) -> tuple[StageChange, ...]:
        """Stage history of a smart invoice."""
        return self._sink.history(INVOICE, invoice_id) if self._reader.smart_invoices else ()

    def mark_paid(self, invoice_id: str, operation_key: str, paid_on: date | None = None) -> MoveResult:
        """Move a smart invoice to its success stage; it has no field of its own for the day of the money."""
        del paid_on
        self._need_invoice_stages()
        return self._told(operation_key, f"invoice {invoice_id}", self._sink.mark_paid(invoice_id))

    def restore_invoice(self, invoice_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        """Take our paid mark back while the invoice stands at `expected`."""
        self._need_invoice_stages()
        result = self._sink.restore(invoice_id, expected, target)
        return self._told(operation_key, f"invoice {invoice_id}", result)

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:
        """Leave a comment in the deal's timeline."""
        return self._notes.comment(deal_id, text, operation_key)

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:
        """The comment left under that key."""
        return self._notes.find_comment(deal_id, operation_key)

    def task(self, deal_id: str, draft: TaskDraft, operation_key: str) -> str:
        """Set a task bound to the deal."""
        return self._notes.task(deal_id, draft, operation_key)

    def find_task(self, deal_id: str, operation_key: str) -> str | None:
        """The task left under that key."""
        return self._notes.find_task(deal_id, operation_key)

    def complete_task(self, task_id: str) -> None:
        """Close a task."""
        self._notes.complete_task(task_id)

    def verify(self, request: HookRequest) -> tuple[Hint, ...] | None:
        """Hints of an authentic hook."""
        return webhook.verify(request, self._config.application_token)

    def hints(self, request: HookRequest) -> tuple[Hint, ...]:
        """Hints of a hook that was admitted before."""
        return webhook.hints(request)

    def admit(self, request: HookRequest) -> Admission | None:
        """What the inbox keeps of an authentic hook (`hub.ports.hooks.HookDoor`)."""
        return self._door.admit(request)

    def close(self) -> None:
        """Release sockets."""
        self._client.close()

    @staticmethod
    def _told(operation_key: str, what: str, result: MoveResult) -> MoveResult:
        _log.info("operation %s: %s %s at %s", operation_key, what, result.outcome, result.position)
        return result

    def _is_smart(self, kind: ItemKind) -> bool:
        return kind is ItemKind.INVOICE and self._reader.smart_invoices

    def _invoices_of(self, deal_id: int) -> dict[int, ItemRow]:
        if not self._reader.smart_invoices:
            return {}
        rows = rows_of(ItemRow, self._client.walk(self._reader.items(INVOICE, {"parentId2": deal_id})))
        return {row.id: row for row in rows}

    def _reread_client(self, item_id: str) -> tuple[Change, ...]:
        return self._reader.changes(Harvest(owners=self._owners(item_id)))

    def _owners(self, item_id: str) -> set[Owner]:
        """Whose part a hint names; parts that are deleted already are found by the walk."""
        prefix, _, number = item_id.rpartition("_")
        if prefix == "RQ":
            return self._book.owners_of_requisites([int(number)])
        if prefix == "BD":
            rows = rows_of(BankDetailRow, self._client.walk(accounts_of({"ID": int(number)})))
            return self._book.owners_of_requisites(row.requisite_id for row in rows)
        return {(COMPANY if prefix == "CO" else CONTACT, int(number))}

    def _need_invoice_stages(self) -> None:
        if not self._reader.smart_invoices:
            raise Refused("invoices of this connection have no stages", _NO_INVOICE_STAGES)


def build(config: Bitrix24Config, runtime: Runtime) -> CrmPort:
    """A connector from valid settings."""
    return Bitrix24(config, runtime)
