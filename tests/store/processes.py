"""What the tests run in processes of their own: `python -m tests.store.processes COMMAND URL`."""

from __future__ import annotations

import sys

from hub.ports.records import InboxKind
from hub.store.engine import open_database
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, later, received


def claim_everything(store: SqlStore, owner: str) -> None:
    """Claim whatever is due, row by row, until nothing is left; print what was had."""
    print("ready", flush=True)
    sys.stdin.readline()
    with store.read() as uow:
        inbox, outbox = uow.inbox.due(NOW, 1000), uow.outbox.due(NOW, 1000)
    for number in inbox:
        with store.write() as uow:
            if uow.inbox.claim(number, owner, NOW, 600) is not None:
                print("inbox", number, flush=True)
    for number in outbox:
        with store.write() as uow:
            if uow.outbox.claim(number, owner, NOW, 600) is not None:
                print("outbox", number, flush=True)


def die_half_way(store: SqlStore, owner: str) -> None:
    """Write to many tables and wait, the transaction still open, until somebody kills the process."""
    with store.write() as uow:
        inbox_id, _ = uow.inbox.add("file", InboxKind.STATEMENT_FILE, "a.txt", b"a", "half", NOW)
        uow.payments.add([received(f"платёж {number}") for number in range(300)], inbox_id, NOW)
        uow.cursors.put(CRM, "deals", owner)
        uow.switches.lease("timer", owner, later(0), 600)
        print("ready", flush=True)
        sys.stdin.readline()


def main() -> None:
    """Run a command against a database."""
    command, url, owner = sys.argv[1:]
    store = SqlStore(open_database(url))
    {"claim": claim_everything, "die": die_half_way}[command](store, owner)
    store.close()


if __name__ == "__main__":
    main()
