"""1C behind the accounting port."""

from __future__ import annotations

import logging
from datetime import date

from connectors.accounting_1c.breakdown import Breakdown
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.exchange import ExchangeReader
from connectors.accounting_1c.lookup import Lookup
from connectors.accounting_1c.names import Documents
from connectors.accounting_1c.probe import run_probe
from connectors.accounting_1c.reader import Reader
from connectors.accounting_1c.sink import Sink
from connectors.accounting_1c.source import Source
from connectors.accounting_1c.values import reference_of
from connectors.shared.http import HttpClient
from connectors.shared.runtime import Runtime
from hub.domain.models import Pipeline
from hub.ports.accounting import AccountingPort, PaymentPaper
from hub.ports.crm import Capability, Change, ChangePage, CrmPort, InvoiceNow, ItemKind, MoveResult, Position, Probe

_log = logging.getLogger(__name__)


class OneC(AccountingPort):
    """One base. Thread-safe. Ids are 1C's references (guids in small letters): numbers begin anew each year."""

    def __init__(self, config: OneCConfig, runtime: Runtime, http: HttpClient | None = None) -> None:
        self._config = config
        self._clock = runtime.clock
        self._client = OdataClient(config, runtime, http)
        lookup = Lookup(config, self._client)
        self._directory = Directory(config, self._client, lookup, runtime.clock)
        self._reader = Reader(config, self._client, self._directory, lookup, runtime.clock)
        plan = config.exchange_plan
        exchange = ExchangeReader(config, plan, self._client) if plan is not None else None
        self._source = Source(config, self._directory, lookup, self._reader, exchange, runtime.clock)
        self._breakdown = Breakdown(config, self._client, self._directory, lookup)
        self._sink = Sink(config, self._client, self._directory, self._reader)

    def capabilities(self) -> frozenset[Capability]:
        """Invoices; the paid mark only where the settings switch it on and the configuration keeps states."""
        able = {Capability.INVOICES}
        config = self._config
        if config.mark_paid and config.names.statuses is not None and config.documents is Documents.INVOICES:
            able.add(Capability.MARK_PAID)
        if config.link_payments:
            able.add(Capability.LINK_PAYMENTS)
        return frozenset(able)

    def probe(self) -> Probe:
        """Check the access, what is published and what may be read, by reading."""
        return run_probe(self._config, self._client, self._directory, self._clock)

    def changes(self, mark: str | None) -> ChangePage:
        """The next page; see `source`."""
        return self._source.changes(mark)

    def reread(self, kind: ItemKind, item_id: str) -> tuple[Change, ...]:
        """Read an invoice or a client now."""
        reference = reference_of(item_id)
        if reference is None or kind is ItemKind.DEAL:
            return ()
        if kind is ItemKind.CLIENT:
            return tuple(self._reader.clients([reference]))
        return tuple(self._reader.read([reference], self._reader.rows([reference])))

    def invoice_pipelines(self) -> tuple[Pipeline, ...]:
        """The states of invoices as one pipeline, where they are written."""
        return self._sink.pipelines() if Capability.MARK_PAID in self.capabilities() else ()

    def invoice_now(self, invoice_id: str) -> InvoiceNow:
        """Which state an invoice has now, and its sum."""
        return self._sink.now(invoice_id) if Capability.MARK_PAID in self.capabilities() else InvoiceNow()

    def mark_paid(self, invoice_id: str, operation_key: str, paid_on: date | None = None) -> MoveResult:
        """Give an invoice the state «paid»; the register has no day of the money."""
        del paid_on
        return self._told(operation_key, invoice_id, self._sink.mark_paid(invoice_id))

    def restore_invoice(self, invoice_id: str, expected: Position, target: Position, operation_key: str) -> MoveResult:
        """Take our paid mark back while the invoice stands at `expected`."""
        return self._told(operation_key, invoice_id, self._sink.restore(invoice_id, expected, target))

    def link_payment(self, paper: PaymentPaper, invoice_id: str, operation_key: str) -> MoveResult:
        """Put the draft of a payment to an invoice (`hub.ports.accounting.PaymentLinker`)."""
        return self._told(operation_key, invoice_id, self._breakdown.link(paper, invoice_id))

    def close(self) -> None:
        """Release sockets."""
        self._client.close()

    @staticmethod
    def _told(operation_key: str, invoice_id: str, result: MoveResult) -> MoveResult:
        _log.info("operation %s: invoice %s %s at %s", operation_key, invoice_id, result.outcome, result.position)
        return result


def build(config: OneCConfig, runtime: Runtime) -> CrmPort:
    """A connector from valid settings."""
    return OneC(config, runtime)
