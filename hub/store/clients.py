"""Clients of the CRMs with the look-up rows of their tax ids and accounts."""

from __future__ import annotations

from sqlalchemy import delete, select, update

from hub.domain.models import Client
from hub.store import tables as t
from hub.store.codec import dump_client
from hub.store.ids import hub_id
from hub.store.search import searchable
from hub.store.sql import Repository, insert


def client_search_text(client: Client) -> str:
    """What a person may type to find the client's invoices."""
    return searchable(*client.names, *(item.value for item in client.tax_ids))


class SqlClients(Repository):
    """`hub.ports.store.Clients` over SQL."""

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
        identity = hub_id(connection, external_id)
        self._connection.execute(update(t.clients).where(t.clients.c.id == identity).values(removed=True))
        self._drop_look_ups(identity)

    def own_tax_ids(self) -> frozenset[str]:
        """Tax ids seen as our own organisations on invoices."""
        own = t.invoices.c.organisation_tax_id
        found = select(own).where(own.is_not(None), t.invoices.c.removed.is_(False)).distinct()
        return frozenset(tax_id for tax_id in self._connection.scalars(found) if tax_id)
