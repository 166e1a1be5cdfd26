"""A process of its own on an amoCRM account: `python -m tests.support.token_process ORDER`, a JSON object."""

from __future__ import annotations

import json
import sys
import threading

from connectors.amocrm.client import ApiClient
from connectors.amocrm.config import AmoConfig
from connectors.shared.memory import SystemClock
from connectors.shared.runtime import Runtime
from hub.store.engine import open_database
from hub.store.quota import SqlQuota
from hub.store.tokens import SqlTokens


def read_at_once(client: ApiClient, calls: int) -> list[str]:
    """So many readings of a deal, begun at the same moment in threads; what each of them ended with."""
    start, ends = threading.Barrier(calls), list[str]()

    def read() -> None:
        start.wait()
        try:
            document = client.get("/leads/70001")
            ends.append(str(document["id"]) if isinstance(document, dict) else "nothing")
        except Exception as error:
            ends.append(f"{type(error).__name__}: {error}")

    threads = [threading.Thread(target=read) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


def main() -> None:
    """Say `ready`, wait for a line, read, tell the ends as one JSON line."""
    order = json.loads(sys.argv[1])
    database, clock = open_database(order["database"]), SystemClock()
    tokens = SqlTokens(database, [order["key"]], clock)
    runtime = Runtime("main", clock, SqlQuota(database), "test", tokens=tokens)
    client = ApiClient(AmoConfig.model_validate({"address": order["address"]}), runtime)
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(read_at_once(client, order["calls"])), flush=True)
    client.close()
    database.close()


if __name__ == "__main__":
    main()
