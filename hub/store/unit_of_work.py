"""One transaction over everything: the door that services get."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection

from hub.ports import store as ports
from hub.ports.aliases import Aliases
from hub.ports.bank import BankLines
from hub.ports.claims import Claims
from hub.ports.events import Events
from hub.ports.sales import Clients, Deals, Invoices, Matches, NumberShapes, Sales
from hub.ports.upkeep import Retention, Watch
from hub.store.aliases import SqlAliases
from hub.store.audit import SqlAudit
from hub.store.bank_lines import SqlBankLines
from hub.store.claims import SqlClaims
from hub.store.clients import SqlClients
from hub.store.connections import SqlConnections
from hub.store.cursors import SqlBindings, SqlCursors
from hub.store.deals import SqlDeals
from hub.store.decision_tables import SqlDecisionTables
from hub.store.engine import Database
from hub.store.events import SqlEvents
from hub.store.inbox import SqlInbox
from hub.store.invoice_rows import InvoiceReader
from hub.store.invoices import SqlInvoices
from hub.store.matches import SqlMatches
from hub.store.number_shapes import SqlNumberShapes
from hub.store.outbox import SqlOutbox
from hub.store.payments import SqlPayments
from hub.store.retention import SqlRetention
from hub.store.sales import SqlSales
from hub.store.switches import SqlSwitches
from hub.store.watch import SqlWatch


class SqlUnitOfWork:
    """`hub.ports.store.UnitOfWork` over one connection with an open transaction."""

    def __init__(self, connection: Connection, *, writing: bool) -> None:
        reader = InvoiceReader(connection)
        self.inbox: ports.Inbox = SqlInbox(connection, writing=writing)
        self.payments: ports.Payments = SqlPayments(connection, writing=writing)
        self.decision_tables: ports.DecisionTables = SqlDecisionTables(connection, writing=writing)
        self.clients: Clients = SqlClients(connection, writing=writing, reader=reader)
        self.invoices: Invoices = SqlInvoices(connection, writing=writing, reader=reader)
        self._shapes = SqlNumberShapes(connection, writing=writing)
        self.number_shapes: NumberShapes = self._shapes
        self.deals: Deals = SqlDeals(connection, writing=writing, reader=reader)
        self.sales: Sales = SqlSales(connection, writing=writing, reader=reader)
        self.matches: Matches = SqlMatches(connection, writing=writing, reader=reader)
        self.outbox: ports.Outbox = SqlOutbox(connection, writing=writing)
        self.connections: ports.Connections = SqlConnections(connection, writing=writing)
        self.cursors: ports.Cursors = SqlCursors(connection, writing=writing)
        self._journal = SqlAudit(connection, writing=writing)
        self.audit: ports.Audit = self._journal
        self.switches: ports.Switches = SqlSwitches(connection, writing=writing)
        self.aliases: Aliases = SqlAliases(connection, writing=writing)
        self.claims: Claims = SqlClaims(connection, writing=writing)
        self.events: Events = SqlEvents(connection, writing=writing)
        self.watch: Watch = SqlWatch(connection, writing=writing)
        self.retention: Retention = SqlRetention(connection, writing=writing)
        self.banks: BankLines = SqlBankLines(connection, writing=writing)
        self.bindings = SqlBindings(connection, writing=writing)

    def flush(self) -> None:
        """Write what waits for the end of the transaction."""
        self._shapes.flush()
        self._journal.flush()


@contextmanager
def writing_unit(connection: Connection) -> Iterator[SqlUnitOfWork]:
    """A unit of work over a writing transaction that somebody else ends."""
    unit = SqlUnitOfWork(connection, writing=True)
    yield unit
    unit.flush()


class SqlStore:
    """`hub.ports.store.Store` over a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def write(self) -> Iterator[SqlUnitOfWork]:
        """A writing transaction; one at a time per process on SQLite, in the order of asking."""
        with self._database.write() as connection, writing_unit(connection) as unit:
            yield unit

    @contextmanager
    def read(self) -> Iterator[SqlUnitOfWork]:
        """A reading transaction over one snapshot; writing in it is an error."""
        with self._database.read() as connection:
            yield SqlUnitOfWork(connection, writing=False)

    def ping(self) -> None:
        """Raise when the database does not answer."""
        self._database.ping()

    def close(self) -> None:
        """Release connections."""
        self._database.close()
