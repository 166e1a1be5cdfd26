"""Row 10, the log alone: a disk without room costs lines, never the work that writes them."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest
import structlog

from hub.logs import log_to
from tests.support.matrix import Figures

pytestmark = pytest.mark.row(10)


class FullDisk(io.StringIO):
    """Refuses to write while `full`."""

    full = False

    def write(self, text: str) -> int:
        if self.full:
            raise OSError(28, "No space left on device")
        return super().write(text)


@pytest.fixture
def disk() -> Iterator[FullDisk]:
    stream = FullDisk()
    undo = log_to(stream)
    yield stream
    undo()


def test_a_log_without_room_raises_into_nobodys_work_and_tells_afterwards_how_many_lines_failed(
    disk: FullDisk, figures: Figures
) -> None:
    log = structlog.get_logger("test")
    log.info("before")
    disk.full = True
    for _ in range(3):
        log.error("while.full")
    logging.getLogger("library").warning("while full")
    disk.full = False
    log.info("after")
    written = disk.getvalue()
    assert "before" in written
    assert "after" in written
    assert '"event": "log.disk_failed", "level": "error", "lines": 4' in written
    assert "while" not in written
    figures.note("log lines lost on a full disk are counted")
