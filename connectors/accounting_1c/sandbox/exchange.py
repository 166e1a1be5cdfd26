"""The exchange plan: what changed since a node took its last message, and what it has taken."""

from dataclasses import dataclass, field

from connectors.accounting_1c.sandbox.configurations.common import EXCHANGE_PLAN
from connectors.accounting_1c.sandbox.errors import internal, no_such_instance
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.seed import Node
from connectors.accounting_1c.sandbox.store import Key, Store
from connectors.accounting_1c.sandbox.values import Row, version_text

OWN_NODE = "00000000-0000-0000-0000-0000000000aa"


@dataclass(frozen=True, slots=True)
class Changed:
    """A record of the plan: `row` None says that it is gone."""

    table: Table
    key: Key
    row: Row | None


@dataclass(slots=True)
class _Registered:
    table: Table
    deleted: bool = False
    message: int | None = None


@dataclass(slots=True)
class _Queue:
    changes: dict[tuple[str, Key], _Registered] = field(default_factory=dict)


class Exchange:
    """Registers changes for the node of the hub. Not thread-safe by itself."""

    def __init__(self, store: Store, node: Node) -> None:
        self._store, self._queue, self._key = store, _Queue(), node.key
        self.table = store.configuration.tables.get(EXCHANGE_PLAN)
        if self.table is not None:
            own = self.table.properties.get("ThisNode") is not None
            self._node(OWN_NODE, "БАЗА", "Эта база", this=own)
            self._node(node.key, node.code, node.description)

    def register(self, table: Table, key: Key, *, deleted: bool) -> None:
        """Something was written or deleted; what a message carried before has to go again."""
        if self.table is not None and table.kind != "constant" and table.name != self.table.name:
            self._queue.changes[(table.name, key)] = _Registered(table, deleted)

    def pending(self) -> int:
        """How many changes the node has not confirmed."""
        return len(self._queue.changes)

    def waiting(self) -> list[tuple[str, Key]]:
        """What the node has not confirmed: sets and keys."""
        return list(self._queue.changes)

    def select(self, node: str, message: int) -> list[Changed]:
        """The message of this number: what it carried before and what came since. Raises ODataError 9, -1."""
        row = self._known(node)
        if message <= int(row.values.get("ReceivedNo", 0)):
            raise internal("Номер сообщения меньше или равен номеру принятого сообщения")
        row.values["SentNo"] = max(message, int(row.values.get("SentNo", 0)))
        found = []
        for (_, key), change in self._queue.changes.items():
            change.message = message if change.message is None else min(change.message, message)
            gone = change.deleted or self._store.find(change.table, key) is None
            found.append(Changed(change.table, key, None if gone else self._store.find(change.table, key)))
        return found

    def confirm(self, node: str, message: int) -> None:
        """The node has what messages up to this one carried. Raises ODataError 9, -1."""
        row = self._known(node)
        if message > int(row.values.get("SentNo", 0)):
            raise internal("Номер сообщения больше номера отправленного сообщения")
        row.values["ReceivedNo"] = max(message, int(row.values.get("ReceivedNo", 0)))
        queue = self._queue.changes
        done = [name for name, change in queue.items() if change.message is not None and change.message <= message]
        for name in done:
            del queue[name]

    def forget(self) -> None:
        """Nothing is registered: the seed is no change."""
        self._queue.changes.clear()

    def _known(self, node: str) -> Row:
        found = self._store.find(self.table, (node,)) if self.table is not None else None
        if found is None or node == OWN_NODE:
            raise no_such_instance(EXCHANGE_PLAN)
        return found

    def _node(self, key: str, code: str, description: str, *, this: bool = False) -> None:
        assert self.table is not None
        row = Row({"Ref_Key": key, "DataVersion": version_text(1), "Code": code, "Description": description})
        if this:
            row.values["ThisNode"] = True
        self._store.put(self.table, row)
