"""Backing up and restoring the hub's database by its settings."""

from __future__ import annotations

import socket
from pathlib import Path

from connectors.shared.memory import SystemClock
from hub.config import Config
from hub.services.after_restore import begin_again
from hub.store.backup import BackupError, Contents
from hub.store.restore import RestoreReport, restore
from hub.store.unit_of_work import SqlUnitOfWork

_PATIENCE_S = 1.0


def restore_hub(config: Config, path: Path, actor: str) -> RestoreReport:
    """Put the backup in the place of the settings' database; the hub then starts paused.

    Raises:
        BackupError: a hub is running, or the copy cannot be restored; nothing was changed.
    """
    if config.desk.port and _answers(config.desk.host, config.desk.port):
        where = f"{config.desk.host}:{config.desk.port}"
        raise BackupError(f"По адресу {where} отвечает работающий хаб: остановите его и повторите.")
    if config.sqlite_file is not None:
        config.sqlite_file.parent.mkdir(parents=True, exist_ok=True)
    now = SystemClock().now()

    def finish(uow: SqlUnitOfWork, contents: Contents) -> None:
        begin_again(uow, contents.taken_at, now, actor)

    return restore(config.database_url, path, now, finish)


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), _PATIENCE_S).close()
    except OSError:
        return False
    return True
