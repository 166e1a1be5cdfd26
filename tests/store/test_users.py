"""Accounts, sessions that end on the server, failed sign-ins."""

from __future__ import annotations

from datetime import timedelta

import pytest

from hub.store.engine import Database
from hub.store.users import SqlUsers
from tests.store.builders import NOW, later

HASH = "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$aGFzaA"
IDLE = timedelta(minutes=30)


@pytest.fixture
def users(database: Database) -> SqlUsers:
    return SqlUsers(database)


def add(users: SqlUsers, login: str = "Olga") -> int:
    number = users.add(login, "Ольга Петрова", HASH, NOW)
    assert number is not None
    return number


def test_a_login_is_taken_once_whatever_its_case(users: SqlUsers) -> None:
    number = add(users)
    assert users.add("OLGA", "Другая", HASH, NOW) is None
    found = users.find("oLGa")
    assert found is not None
    assert (found.id, found.login, found.name, found.password_hash) == (number, "olga", "Ольга Петрова", HASH)
    assert users.find("anna") is None
    assert [item.login for item in users.all()] == ["olga"]


def test_a_password_that_is_no_hash_is_refused(users: SqlUsers) -> None:
    with pytest.raises(ValueError, match="Argon2"):
        users.add("olga", "Ольга", "correct horse", NOW)
    add(users)
    with pytest.raises(ValueError, match="Argon2"):
        users.set_password("olga", "correct horse")


def test_a_new_password_ends_the_sessions(users: SqlUsers) -> None:
    users.open_session("h1", add(users), NOW, later(9999))
    assert users.set_password("olga", HASH + "2")
    assert users.session("h1", NOW, IDLE) is None
    assert not users.set_password("anna", HASH)


def test_a_disabled_person_neither_signs_in_nor_stays_in(users: SqlUsers) -> None:
    users.open_session("h1", add(users), NOW, later(9999))
    assert users.set_disabled("olga", True)
    assert users.find("olga") is None
    assert users.session("h1", NOW, IDLE) is None
    assert users.set_disabled("olga", False)
    assert users.find("olga") is not None
    assert users.session("h1", NOW, IDLE) is None


def test_a_session_lives_while_it_is_used_and_at_most_to_its_end(users: SqlUsers) -> None:
    users.open_session("h1", add(users), NOW, later(3600))
    for minute in (20, 40, 59):
        person = users.session("h1", later(minute * 60), IDLE)
        assert person is not None
        assert person.login == "olga"
    assert users.session("h1", later(3600), IDLE) is None


def test_a_silent_session_ends(users: SqlUsers) -> None:
    users.open_session("h1", add(users), NOW, later(99999))
    assert users.session("h1", later(1799), IDLE) is not None
    assert users.session("h1", later(1799 + 1800), IDLE) is None


def test_signing_out_ends_the_session_on_the_server(users: SqlUsers) -> None:
    number = add(users)
    users.open_session("h1", number, NOW, later(9999))
    users.open_session("h2", number, NOW, later(9999))
    users.close_session("h1")
    users.close_session("h1")
    assert users.session("h1", NOW, IDLE) is None
    assert users.session("h2", NOW, IDLE) is not None


def test_an_unknown_session_is_nobodys(users: SqlUsers) -> None:
    assert users.session("h404", NOW, IDLE) is None


def test_failed_sign_ins_are_counted_by_key_and_forgotten(users: SqlUsers) -> None:
    for at in (0, 10, 20):
        users.record_failure("login:olga", later(at))
    users.record_failure("address:10.0.0.1", later(5))
    assert users.failures("login:olga", NOW) == 3
    assert users.failures("login:olga", later(10)) == 2
    users.forget_failures("login:olga")
    assert users.failures("login:olga", NOW) == 0
    assert users.failures("address:10.0.0.1", NOW) == 1
    users.record_failure("login:anna", later(2 * 86400))
    assert users.failures("address:10.0.0.1", NOW) == 0
