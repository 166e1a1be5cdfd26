"""amoCRM behind the CRM port."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from connectors.amocrm import webhook
from connectors.amocrm.client import ApiClient
from connectors.amocrm.config import AmoConfig, InvoiceSource
from connectors.amocrm.credential import LONG_LIVED, PAIR, account_in, load_pair
from connectors.amocrm.directory import Directory
from connectors.amocrm.filling import CustomFieldFilling
from connectors.amocrm.hooks import Hooks
from connectors.amocrm.lookup import Lookup
from connectors.amocrm.mapper import owner_of_key
from connectors.amocrm.notes import Notes
from connectors.amocrm.probe import run_probe
from connectors.amocrm.reader import Harvest, Reader
from connectors.amocrm.sink import Sink
from connectors.amocrm.source import Source
from connectors.shared.filling import FillsFields
from connectors.shared.http import HttpClient
from connectors.shared.runtime import Runtime
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
    Removed,
    StageChange,
    TaskDraft,
)
from hub.ports.hooks import Admission

_log = logging.getLogger(__name__)
_VENDOR_HOSTS = (".amocrm.ru", ".amocrm.com", ".kommo.com")


class AmoCrm(FillsFields, CrmPort):
    """One account. Thread-safe.

    Ids: deals and elements of the list of invoices by their numbers; a deal that is its own invoice `D_5`; clients
    `CO_5` (company) and `C_5` (contact). A hint to an invoice names its list too: `7301/5`.
    """

    def __init__(self, config: AmoConfig, runtime: Runtime, http: HttpClient | None = None) -> None:
        self._config = config
        self._clock = runtime.clock
        self._client = ApiClient(config, runtime, http)
        self._lookup = Lookup(self._client)
        self._directory = Directory(config, self._client, runtime.clock)
        self._reader = Reader(config, self._lookup, self._directory)
        self._source = Source(
            self._client, self._directory, self._lookup, self._reader, runtime.clock, config.reconcile_every_h
        )
        self._sink = Sink(
            self._client,
            self._directory,
            self._lookup,
            runtime.clock,
            writes_day=config.invoices.payment_date,
        )
        self._notes = Notes(self._client, self._directory, runtime.clock)
        self._filling = CustomFieldFilling(config, self._client, self._directory, self._lookup, runtime.clock)
        self._hooks = Hooks(config, self._client)
        self._sender = _sender(config, runtime)

    def capabilities(self) -> frozenset[Capability]:
        """Everything but what the settings leave out: paid marks where invoices live in deals, hooks, fields."""
        able = {Capability.INVOICES, Capability.TASKS, Capability.COMMENTS, Capability.HISTORY}
        if self._config.invoices.source is InvoiceSource.LIST:
            able.add(Capability.MARK_PAID)
        if self._config.hooks:
            able.add(Capability.HOOKS)
        if self._filling.is_on:
            able.add(Capability.FILL_FIELDS)
        return frozenset(able)

    def probe(self) -> Probe:
        """Check the access, its rights, and the fields that accounting fills, by reading."""
        found = run_probe(self._config, self._client, self._directory, self._clock)
        # Without the right to read, the fields would only refuse once more.
        return found if found.missing_rights else replace(found, unfit_fields=tuple(self._filling.faults()))

    def pipelines(self) -> tuple[Pipeline, ...]:
        """Deal pipelines, read now; only watched ones that are in use."""
        return tuple(pipeline for pipeline in self._directory.pipelines() if self._config.watches(pipeline.id))

    def invoice_pipelines(self) -> tuple[Pipeline, ...]:
        """The states of invoices as one pipeline, read now."""
        return self._directory.invoice_pipelines()

    def changes(self, mark: str | None) -> ChangePage:
        """The next page; see `source`."""
        return self._source.changes(mark)

    def deal(self, deal_id: str) -> Deal:
        """Read a deal now, with its invoices' sum where the deal's own is rounded."""
        row = self._lookup.lead(deal_id)
        found = self._reader.changes(Harvest(leads={row.id: row}), first_time=True)
        deal = next((change for change in found if isinstance(change, Deal)), None)
        return deal if deal is not None else self._directory.mapper().deal(row)

    def reread(self, kind: ItemKind, item_id: str) -> tuple[Change, ...]:
        """Read what a hint named: a deal with its invoices, an invoice with its deals, a client."""
        harvest = Harvest()
        if kind is ItemKind.CLIENT:
            harvest.owner_ids.add(owner_of_key(item_id))
        elif kind is ItemKind.DEAL or item_id.startswith("D_"):
            harvest.lead_ids.add(int(item_id.removeprefix("D_")))
        else:
            known = self._directory.invoices()
            catalog_id, _, number = item_id.rpartition("/")
            if known is None or catalog_id not in ("", str(known.catalog.id)):
                return ()
            self._source.with_deals(harvest, known.catalog.id, [int(number)])
        return self._reader.changes(harvest)

    def recheck(self, kind: ItemKind, item_ids: Sequence[str]) -> tuple[Change, ...]:
        """What became of these: deals anew with their invoices, which invoices and clients are gone (merged away too).

        Neither a deletion nor a loss is promised to leave an event, a list of invoices tells of no deletion at all, and
        of a merge only the survivor is told.
        """
        harvest = Harvest()
        if kind is ItemKind.DEAL:
            harvest.lead_ids = {int(id_) for id_ in item_ids}
            return self._reader.changes(harvest)
        if kind is ItemKind.CLIENT:
            harvest.owner_ids = {owner_of_key(id_) for id_ in item_ids}
            return self._reader.changes(harvest)
        known = self._directory.invoices()
        # An invoice in a deal is read with its deal.
        numbers = {int(id_) for id_ in item_ids if not id_.startswith("D_")}
        if known is None or not numbers:
            return ()
        there = self._lookup.elements(known.catalog.id, numbers)
        return tuple(Removed(ItemKind.INVOICE, str(id_)) for id_ in sorted(numbers - there.keys()))

    def move(self, deal_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        """Move a deal. The account takes no key; a deal that stands there already is not written to."""
        return self._told(operation_key, f"deal {deal_id}", self._sink.move(deal_id, expected, target))

    def history(self, deal_id: str) -> tuple[StageChange, ...]:
        """Stage history of a deal out of the account's events."""
        return self._sink.history(deal_id)

    def invoice_now(self, invoice_id: str) -> InvoiceNow:
        """Which status an invoice has now, and its sum."""
        return InvoiceNow() if invoice_id.startswith("D_") else self._sink.invoice_now(invoice_id)

    def invoice_history(self, invoice_id: str) -> tuple[StageChange, ...]:  # noqa: ARG002
        """None is kept: no document promises events of an element's status."""
        return ()

    def mark_paid(self, invoice_id: str, operation_key: str, paid_on: date | None = None) -> MoveResult:
        """Give an invoice the status «paid», and the day of the money where the settings want it."""
        return self._told(operation_key, f"invoice {invoice_id}", self._sink.mark_paid(invoice_id, paid_on))

    def restore_invoice(self, invoice_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        """Take our paid mark back while the invoice stands at `expected`."""
        return self._told(operation_key, f"invoice {invoice_id}", self._sink.restore(invoice_id, expected, target))

    def comment(self, deal_id: str, text: str, operation_key: str) -> str:
        """Leave a note in the deal's feed."""
        return self._notes.comment(deal_id, text, operation_key)

    def find_comment(self, deal_id: str, operation_key: str) -> str | None:
        """The note left under that key."""
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
        """Hints of a hook that names our account; the secret of its address was checked before."""
        return webhook.verify(request, self._sender)

    def hints(self, request: HookRequest) -> tuple[Hint, ...]:
        """Hints of a hook that was admitted before."""
        return webhook.hints(request)

    def admit(self, request: HookRequest) -> Admission | None:
        """What the inbox keeps of a hook (`hub.ports.hooks.HookDoor`)."""
        return webhook.admit(request, self._sender)

    def keep_hooks(self) -> bool:
        """Subscribe again where the account stopped calling us (`hub.ports.hooks.HookKeeper`)."""
        return self._hooks.keep()

    def close(self) -> None:
        """Release sockets."""
        self._client.close()

    @staticmethod
    def _told(operation_key: str, what: str, result: MoveResult) -> MoveResult:
        _log.info("operation %s: %s %s at %s", operation_key, what, result.outcome, result.position)
        return result


def _sender(config: AmoConfig, runtime: Runtime) -> webhook.Sender:
    """Whose hooks are believed: by the number that the access names, else by the account's name."""
    host = config.origin.host
    subdomain = host.partition(".")[0] if host.endswith(_VENDOR_HOSTS) else ""
    token = config.token.get_secret_value() if config.token is not None else _stored(runtime)
    return webhook.Sender(account_in(token), subdomain)


def _stored(runtime: Runtime) -> str:
    if runtime.tokens is None:
        return ""
    pair = load_pair(runtime.tokens.get(runtime.connection, PAIR) or "")
    return runtime.tokens.get(runtime.connection, LONG_LIVED) or (pair.access.get_secret_value() if pair else "")


def build(config: AmoConfig, runtime: Runtime) -> CrmPort:
    """A connector from valid settings."""
    return AmoCrm(config, runtime)
