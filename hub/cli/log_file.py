"""While a command works, what the hub's parts log goes to the log file and not between the command's own lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hub.config import Config


@contextmanager
def logging_to(config: Config) -> Iterator[None]:
    """Log to the settings' file until the end of the block."""
    from hub.logs import log_to

    config.log_file.parent.mkdir(parents=True, exist_ok=True)
    with config.log_file.open("a", encoding="utf-8", buffering=1) as stream:
        undo = log_to(stream)
        try:
            yield
        finally:
            undo()
