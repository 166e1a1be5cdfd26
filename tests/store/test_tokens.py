"""Secrets: unreadable in the database, bound to their place, kept through a change of keys."""

from __future__ import annotations

import pytest
from sqlalchemy import select, text

from connectors.shared.memory import SystemClock
from hub.store import tables as t
from hub.store.engine import Database
from hub.store.tokens import BadKey, SecretUnreadable, SqlTokens, new_key

SECRET = "https://portal.example/rest/1/s3cr3t-value/"
CLOCK = SystemClock()


def test_a_secret_comes_back_and_is_replaced(database: Database) -> None:
    tokens = SqlTokens(database, [new_key()], CLOCK)
    assert tokens.get("b24", "webhook") is None
    tokens.put("b24", "webhook", "old")
    tokens.put("b24", "webhook", SECRET)
    assert tokens.get("b24", "webhook") == SECRET
    assert tokens.get("b24", "other") is None


def test_the_database_holds_no_secret(database: Database) -> None:
    SqlTokens(database, [new_key()], CLOCK).put("b24", "webhook", SECRET)
    with database.read() as connection:
        row = connection.execute(select(t.tokens)).one()
    assert "s3cr3t" not in str(row)


def test_a_row_moved_to_another_place_does_not_open_there(database: Database) -> None:
    tokens = SqlTokens(database, [new_key()], CLOCK)
    tokens.put("b24", "webhook", SECRET)
    with database.write() as connection:
        connection.execute(text("UPDATE tokens SET connection = 'amo'"))
    with pytest.raises(SecretUnreadable, match=r"«amo».*перенесена") as failure:
        tokens.get("amo", "webhook")
    assert "s3cr3t" not in str(failure.value)


def test_another_key_does_not_open_and_the_reason_is_told(database: Database) -> None:
    key = new_key()
    SqlTokens(database, [key], CLOCK).put("b24", "webhook", SECRET)
    with pytest.raises(SecretUnreadable, match="другим ключом"):
        SqlTokens(database, [new_key()], CLOCK).get("b24", "webhook")
    with database.write() as connection:
        connection.execute(text("UPDATE tokens SET secret = 'gAAAAA'"))
    with pytest.raises(SecretUnreadable, match="повреждена"):
        SqlTokens(database, [key], CLOCK).get("b24", "webhook")


def test_keys_are_changed_in_turn(database: Database) -> None:
    old, new = new_key(), new_key()
    before = SqlTokens(database, [old], CLOCK)
    before.put("b24", "webhook", SECRET)
    before.put("b24", "application", "app")
    both = SqlTokens(database, [new, old], CLOCK)
    both.put("b24", "application", "app2")
    assert both.get("b24", "webhook") == SECRET
    assert both.rotate() == 1
    assert both.rotate() == 0
    after = SqlTokens(database, [new], CLOCK)
    assert (after.get("b24", "webhook"), after.get("b24", "application")) == (SECRET, "app2")


def test_a_rotation_that_cannot_open_everything_changes_nothing(database: Database) -> None:
    old, lost, new = new_key(), new_key(), new_key()
    SqlTokens(database, [old], CLOCK).put("a", "token", "1")
    SqlTokens(database, [lost], CLOCK).put("b", "token", "2")
    with pytest.raises(SecretUnreadable, match="«b»"):
        SqlTokens(database, [new, old], CLOCK).rotate()
    assert SqlTokens(database, [old], CLOCK).get("a", "token") == "1"


def test_a_forgotten_connection_has_no_secrets(database: Database) -> None:
    tokens = SqlTokens(database, [new_key()], CLOCK)
    tokens.put("b24", "webhook", SECRET)
    tokens.put("amo", "refresh", "r")
    assert tokens.drop("b24") == 1
    assert tokens.get("b24", "webhook") is None
    assert tokens.get("amo", "refresh") == "r"


@pytest.mark.parametrize("keys", [[], ["short"], ["ключ"]])
def test_a_key_that_is_none_is_refused_without_printing_it(database: Database, keys: list[str]) -> None:
    with pytest.raises(BadKey) as failure:
        SqlTokens(database, keys, CLOCK)
    assert not any(key in str(failure.value) for key in keys if key != "ключ")
