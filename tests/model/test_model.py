"""Row 44: everything at once. A state machine over the services with the laws checked after every step."""

from __future__ import annotations

import gc
import os
import shutil
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from hub.store.engine import open_database
from tests.model.machine import STEPS, Hub
from tests.support.databases import PostgresServer
from tests.support.matrix import Figures

IN_A_RUN = 50
CI_STEPS = 10_000
SOAK_STEPS = int(os.environ.get("SVERKA_MODEL_STEPS", "1000000"))
# Some runs end early.
SPARE = 1.2


@pytest.fixture
def on_sqlite(sqlite_template: Path) -> Callable[[], Hub]:
    """Makes a hub on a new SQLite file, in memory where there is such a file system."""
    fast = Path("/dev/shm")
    root = fast if fast.is_dir() and os.access(fast, os.W_OK) else None

    def make() -> Hub:
        folder = tempfile.mkdtemp(prefix="sverka-model-", dir=root)
        path = shutil.copy(sqlite_template, Path(folder) / "hub.sqlite3")
        database = open_database(f"sqlite:///{path}")

        def close() -> None:
            database.close()
            shutil.rmtree(folder)

        return Hub(database, close)

    return make


@pytest.fixture
def on_postgres(postgres: PostgresServer) -> Callable[[], Hub]:
    """Makes a hub on an empty PostgreSQL database."""

    def make() -> Hub:
        stack = ExitStack()
        database = open_database(stack.enter_context(postgres.database()))
        stack.callback(database.close)
        return Hub(database, stack.close)

    return make


def sweep_over(make: Callable[[], Hub], steps: int, figures: Figures) -> None:
    """Run at least so many steps and leave the figures."""
    Hub.seen.clear()
    chosen = settings(
        max_examples=int(steps * SPARE / IN_A_RUN),
        stateful_step_count=IN_A_RUN,
        deadline=None,
        # CI plays the same runs every time; `./run chaos` and `./run soak` look for new ones.
        derandomize=bool(os.environ.get("CI")),
        print_blob=True,
        suppress_health_check=list(HealthCheck),
    )
    # Everything imported so far is looked through at every collection otherwise: a third of the time.
    gc.collect()
    gc.freeze()
    try:
        # It asks for a class and only calls it.
        run_state_machine_as_test(make, settings=chosen)  # type: ignore[arg-type]
    finally:
        gc.unfreeze()
    for name, count in Hub.seen.items():
        figures.total(name, count)


@pytest.mark.row(44)
@pytest.mark.timeout(900)
def test_whatever_happens_in_whatever_order_the_laws_hold(on_sqlite: Callable[[], Hub], figures: Figures) -> None:
    sweep_over(on_sqlite, CI_STEPS, figures)
    assert Hub.seen[STEPS] >= CI_STEPS


@pytest.mark.row(44)
@pytest.mark.thorough
@pytest.mark.timeout(900)
def test_the_laws_hold_on_postgresql_too(on_postgres: Callable[[], Hub], figures: Figures) -> None:
    sweep_over(on_postgres, 1000, figures)


@pytest.mark.row(44)
@pytest.mark.soak
@pytest.mark.timeout(0)
def test_the_laws_hold_for_a_million_steps(on_sqlite: Callable[[], Hub], figures: Figures) -> None:
    """SVERKA_MODEL_STEPS says how many."""
    sweep_over(on_sqlite, SOAK_STEPS, figures)
