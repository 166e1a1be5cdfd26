"""The key that encrypts stored tokens: a file of Fernet keys, the current one first."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from pydantic import SecretStr

from hub.config.models import Config
from mappings.faults import why_unreadable

_KEY_BYTES: Final = 32
_FILE_BYTES: Final = 16 * 1024


class SecretKeyError(Exception):
    """The key cannot be used; the message (Russian) says what to do and never shows the key."""


def new_key() -> str:
    """A fresh key: 32 random bytes in URL-safe base64 (https://github.com/fernet/spec)."""
    return base64.urlsafe_b64encode(secrets.token_bytes(_KEY_BYTES)).decode("ascii")


def create_key_file(path: Path) -> bool:
    """Write a new key readable by its owner only; False when the file is already there."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(new_key() + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    return True


def key_file_is_private(path: Path) -> bool:
    """Whether only the owner may read the file; where the system keeps no such rights, it counts as private."""
    return os.name != "posix" or not stat.S_IMODE(path.stat().st_mode) & 0o077


def secret_keys(config: Config) -> tuple[SecretStr, ...]:
    """The keys, current first; older ones (one a line) only decrypt.

    Raises:
        SecretKeyError: no key, or not a key.
    """
    if config.environment_key is not None:
        return _parse(config.environment_key.get_secret_value(), "SVERKA_SECRET_KEY")
    path = config.secret_key_file
    try:
        with path.open("rb") as stream:
            text = stream.read(_FILE_BYTES).decode("ascii", errors="replace")
    except FileNotFoundError:
        raise SecretKeyError(
            f"файла ключа {path} нет: потерянный верните из копии; если копии нет, новый создаст sverka init, и "
            "сохранённые токены и пароли надо будет ввести заново"
        ) from None
    except OSError as error:
        raise SecretKeyError(f"файл ключа {path} не читается: {why_unreadable(error)}") from None
    return _parse(text, str(path))


def _parse(text: str, source: str) -> tuple[SecretStr, ...]:
    keys = tuple(line.strip() for line in text.splitlines() if line.strip() and not line.startswith("#"))
    if not keys or not all(_is_key(key) for key in keys):
        raise SecretKeyError(f"{source}: здесь не ключ; нужна строка, которую пишет sverka init")
    return tuple(SecretStr(key) for key in keys)


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, altchars=b"-_", validate=True)) == _KEY_BYTES
    except (binascii.Error, ValueError):
        return False
