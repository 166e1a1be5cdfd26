"""Secrets: unreadable in the database, bound to their place, kept through a change of keys."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

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


def test_a_secret_is_renewed_by_one_at_a_time(database: Database) -> None:
    tokens = SqlTokens(database, [new_key()], CLOCK)
    tokens.put("amo", "oauth", "first")
    kept = tokens.read("amo", "oauth")
    assert kept is not None
    assert tokens.take_turn("amo", "oauth", kept.version, "a", 60)
    assert tokens.take_turn("amo", "oauth", kept.version, "a", 60)
    assert not tokens.take_turn("amo", "oauth", kept.version, "b", 60)
    assert not tokens.replace("amo", "oauth", kept.version, "b", "stolen")
    assert tokens.replace("amo", "oauth", kept.version, "a", "second")
    fresh = tokens.read("amo", "oauth")
    assert fresh is not None
    assert (fresh.value, fresh.version) == ("second", kept.version + 1)
    assert not tokens.take_turn("amo", "oauth", kept.version, "b", 60)
    assert tokens.take_turn("amo", "oauth", fresh.version, "b", 60)


def test_a_turn_ends_by_itself_or_when_it_is_given_back(database: Database) -> None:
    tokens = SqlTokens(database, [new_key()], CLOCK)
    tokens.put("amo", "oauth", "first")
    assert tokens.take_turn("amo", "oauth", 1, "dead", 0)
    assert tokens.take_turn("amo", "oauth", 1, "a", 60)
    tokens.end_turn("amo", "oauth", "somebody else")
    assert not tokens.take_turn("amo", "oauth", 1, "b", 60)
    tokens.end_turn("amo", "oauth", "a")
    assert tokens.take_turn("amo", "oauth", 1, "b", 60)


def test_connecting_anew_takes_the_turn_away(database: Database) -> None:
    tokens = SqlTokens(database, [new_key()], CLOCK)
    tokens.put("amo", "oauth", "first")
    assert tokens.take_turn("amo", "oauth", 1, "a", 60)
    tokens.put("amo", "oauth", "by hand")
    assert not tokens.replace("amo", "oauth", 1, "a", "late")
    assert tokens.get("amo", "oauth") == "by hand"


def test_a_change_of_keys_leaves_a_turn_alone(database: Database) -> None:
    old, new = new_key(), new_key()
    SqlTokens(database, [old], CLOCK).put("amo", "oauth", "first")
    tokens = SqlTokens(database, [new, old], CLOCK)
    assert tokens.take_turn("amo", "oauth", 1, "a", 60)
    assert tokens.rotate() == 1
    assert tokens.replace("amo", "oauth", 1, "a", "second")


def test_of_many_at_once_one_gets_the_turn(database: Database) -> None:
    tokens = SqlTokens(database, [new_key()], CLOCK)
    tokens.put("amo", "oauth", "first")
    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(lambda who: tokens.take_turn("amo", "oauth", 1, str(who), 60), range(8)))
    assert taken.count(True) == 1
