"""Clients of the CRMs with the look-up rows of their tax ids and accounts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Connection, bindparam, delete, func, select, true, union_all, update

from hub.domain.models import Client, TaxIdKind
from hub.store import tables as t
from hub.store.codec import dump_client, load_client
from hub.store.held import held_ids
from hub.store.ids import hub_id
from hub.store.invoice_rows import InvoiceReader
from hub.store.search import fold, searchable, typed
from hub.store.sql import Repository, insert
from hub.store.standing import standing

_SAID: Final = bindparam("identity", type_=t.clients.c.id.type)
_HOLDERS: Final = select(t.client_tax_ids.c.client_id).where(
    t.client_tax_ids.c.value == _SAID, t.client_tax_ids.c.kind != TaxIdKind.RU_KPP
)
# An OR of the two would make PostgreSQL read every client.
_KNOWN: Final = (
    select(t.clients)
    .where(t.clients.c.id.in_(union_all(select(_SAID), _HOLDERS)), t.clients.c.removed.is_(False))
    .order_by(t.clients.c.id)
    .limit(1)
)


def client_search_text(client: Client) -> str:
    """What a person may type to find the client's invoices."""
    return searchable(*client.names, *(item.value for item in client.tax_ids))


class SqlClients(Repository):
    """`hub.ports.store.Clients` over SQL."""

    def __init__(self, connection: Connection, *, writing: bool, reader: InvoiceReader) -> None:
        super().__init__(connection, writing=writing)
        self._reader = reader

    def upsert(self, connection: str, client: Client) -> bool:
        """Store; True when something changed."""
        identity = hub_id(connection, client.id)
        body = dump_client(client)
        self._lock(t.clients, t.clients.c.id == identity)
        kept = self._connection.execute(
            select(t.clients.c.body, t.clients.c.removed).where(t.clients.c.id == identity)
        ).one_or_none()
        if kept is not None and kept.body == body and not kept.removed:
            return False
        self._reader.forget()
        values = {"body": body, "search": client_search_text(client), "removed": False}
        adding = insert(self._connection, t.clients).values(
            id=identity, connection=connection, external_id=client.id, **values
        )
        self._connection.execute(adding.on_conflict_do_update(index_elements=[t.clients.c.id], set_=values))
        self._keep_look_ups(identity, client)
        return True

    def _keep_look_ups(self, identity: str, client: Client) -> None:
        self._drop_look_ups(identity)
        tax_ids = {(item.kind.value, item.value) for item in client.tax_ids}
        rows = [{"kind": kind, "value": value, "client_id": identity} for kind, value in sorted(tax_ids)]
        if rows:
            self._connection.execute(insert(self._connection, t.client_tax_ids), rows)
        rows = [{"account": account, "client_id": identity} for account in sorted(set(client.accounts))]
        if rows:
            self._connection.execute(insert(self._connection, t.client_accounts), rows)

    def _drop_look_ups(self, identity: str) -> None:
        for table in (t.client_tax_ids, t.client_accounts):
            self._connection.execute(delete(table).where(table.c.client_id == identity))

    def remove(self, connection: str, external_id: str) -> None:
        """The source deleted it: its invoices keep what was known of it, look-ups find it no more."""
        self._reader.forget()
        identity = hub_id(connection, external_id)
        self._connection.execute(update(t.clients).where(t.clients.c.id == identity).values(removed=True))
        self._drop_look_ups(identity)

    def held(self, connection: str, after: str, limit: int) -> list[str]:
        """The CRM's ids of clients that are there, in order, after that one."""
        return held_ids(self._connection, t.clients, connection, after, limit, true())

    def own_tax_ids(self) -> frozenset[str]:
        """Tax ids seen as our own organisations on invoices."""
        return standing(self._connection).own_tax_ids

    def known(self, identity: str) -> Client | None:
        """The client with that tax id or hub id; the first of several."""
        row = self._connection.execute(_KNOWN, {"identity": identity}).one_or_none()
        return load_client(row.id, row.body) if row is not None else None

    def search(self, text: str, limit: int) -> list[Client]:
        """Clients by name or tax id; what says little besides the text typed comes first."""
        if not fold(text):
            return []
        found = select(t.clients).where(typed(t.clients.c.search, text), t.clients.c.removed.is_(False))
        rows = self._connection.execute(found.order_by(func.length(t.clients.c.search), t.clients.c.id).limit(limit))
        return [load_client(row.id, row.body) for row in rows]
