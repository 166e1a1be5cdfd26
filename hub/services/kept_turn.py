"""A turn that is kept for as long as its work lasts, and is free soon after its holder died."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hub.ports.store import StoreUnavailable
from hub.services.runtime import Runtime

#: A turn is taken anew so many times within its length: one that could not be does not lose it.
_TIMES: Final = 3


@contextmanager
def kept_turn(rt: Runtime, name: str, lease_s: float) -> Iterator[bool]:
    """Whether the turn is ours until the end of the block. A thread keeps it while a slow system is waited for."""
    with rt.store.write() as uow:
        mine = uow.switches.lease(name, rt.owner, rt.clock.now(), lease_s)
    if not mine:
        yield False
        return
    done = threading.Event()
    keeper = threading.Thread(target=_keep, args=(rt, name, lease_s, done), name=f"keeps {name}", daemon=True)
    keeper.start()
    try:
        yield True
    finally:
        done.set()
        keeper.join()
        with rt.store.write() as uow:
            uow.switches.release(name, rt.owner)


def _keep(rt: Runtime, name: str, lease_s: float, done: threading.Event) -> None:
    while not done.wait(lease_s / _TIMES):
        try:
            with rt.store.write() as uow:
                uow.switches.lease(name, rt.owner, rt.clock.now(), lease_s)
        except StoreUnavailable:
            # Whoever does the work meets the same trouble, and writes nothing without the turn.
            continue
