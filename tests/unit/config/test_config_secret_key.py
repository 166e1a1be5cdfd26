"""The key file: made once, private, checked before use."""

from __future__ import annotations

import base64
import stat
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from hub.config import (
    Company,
    Config,
    SecretKeyError,
    create_key_file,
    inspect_config,
    key_file_is_private,
    secret_keys,
)


def config_with(path: Path) -> Config:
    return Config(company=Company(name="x"), secret_key_file=path)


def test_a_new_key_fits_fernet_and_is_for_the_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret.key"
    assert create_key_file(path)
    (key,) = secret_keys(config_with(path))
    Fernet(key.get_secret_value())
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert key_file_is_private(path)


def test_an_existing_key_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    create_key_file(path)
    before = path.read_bytes()
    assert not create_key_file(path)
    assert path.read_bytes() == before


def test_older_keys_follow_the_current_one(tmp_path: Path) -> None:
    path = tmp_path / "secret.key"
    keys = [Fernet.generate_key().decode() for _ in range(2)]
    path.write_text("# current\n" + "\n\n".join(keys) + "\n")
    assert [key.get_secret_value() for key in secret_keys(config_with(path))] == keys


_WHOLE = base64.urlsafe_b64encode(bytes(range(32))).decode()


@pytest.mark.parametrize("text", ["", "abc", "я" * 44, "A" * 44, _WHOLE + "\nbroken"])
def test_what_is_no_key_is_refused_without_showing_it(tmp_path: Path, text: str) -> None:
    path = tmp_path / "secret.key"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SecretKeyError, match="не ключ") as caught:
        secret_keys(config_with(path))
    assert not text or text not in str(caught.value)


def test_a_missing_key_says_where_it_comes_from(tmp_path: Path) -> None:
    with pytest.raises(SecretKeyError, match="sverka init"):
        secret_keys(config_with(tmp_path / "no.key"))


def test_a_key_that_others_may_read_is_warned_of(tmp_path: Path) -> None:
    create_key_file(tmp_path / "data" / "secret.key")
    (tmp_path / "data" / "secret.key").chmod(0o644)
    (tmp_path / "sverka.yaml").write_text("company: {name: x}\n")
    _, faults = inspect_config(tmp_path / "sverka.yaml")
    assert any("chmod 600" in fault.message for fault in faults)
