"""A process that can die at any point: after death nothing of it reaches the store, what it held stays held."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from hub.ports.store import Store, UnitOfWork


class Crash(BaseException):
    """The process is killed here."""


@dataclass
class MortalStore:
    """The store as one process sees it.

    Attributes:
        commits_left: the process dies at the commit after so many more; None when nothing is planned.
        commit_stands: whether that last commit reaches the disk.
        deaths, writes: how many there were.
        point: name of the fail point where the process dies; None when nothing is planned.
    """

    store: Store
    commits_left: int | None = None
    commit_stands: bool = True
    point: str | None = None
    is_dead: bool = False
    deaths: int = 0
    writes: int = 0

    @contextmanager
    def write(self) -> Iterator[UnitOfWork]:
        """A writing transaction of a process that lives."""
        self.must_live()
        self.writes += 1
        dies = self.commits_left == 0
        if self.commits_left is not None:
            self.commits_left -= 1
        with self.store.write() as uow:
            yield uow
            self.must_live()
            if dies and not self.commit_stands:
                self.die()
        if dies:
            self.die()

    @contextmanager
    def read(self) -> Iterator[UnitOfWork]:
        """A reading transaction of a process that lives."""
        self.must_live()
        with self.store.read() as uow:
            yield uow

    def reach(self, name: str) -> None:
        """Listener of `hub.failpoints`."""
        if name == self.point and not self.is_dead:
            self.die()

    def die(self) -> None:
        """Nothing more comes from this process."""
        self.is_dead = True
        self.deaths += 1
        raise Crash

    def restart(self) -> None:
        """The supervisor starts it anew."""
        self.is_dead = False
        self.commits_left = self.point = None

    def must_live(self) -> None:
        """Who is dead does nothing."""
        if self.is_dead:
            raise Crash

    def ping(self) -> None:
        """As the store."""
        self.store.ping()

    def close(self) -> None:
        """As the store."""
        self.store.close()
