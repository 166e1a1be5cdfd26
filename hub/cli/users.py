"""`sverka user`: who may sign in to the accountant's page."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final

import click

from hub.cli.asking import new_password
from hub.cli.base import Command, Group, actor, session_options
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub

MIN_PASSWORD: Final = 10
MAX_PASSWORD: Final = 1024
MAX_LOGIN: Final = 100


@click.group(cls=Group)
def user() -> None:
    """Люди, которые входят на страницу бухгалтера.

    \b
    Пример:
      sverka user add olga
      sverka user passwd olga
    """


@user.command("add", cls=Command)
@click.argument("login", metavar="ИМЯ")
@click.option("--full-name", metavar="ТЕКСТ", help="Как подписывать решения (обычно само ИМЯ).")
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Взять пароль из первой строки ввода.")
@session_options
@click.pass_obj
def add(session: Session, login: str, full_name: str | None, from_stdin: bool) -> None:
    """Завести человека.

    \b
    Пример:
      sverka user add olga --full-name "Ольга Петрова"

    Пароль спрашивается и не виден на экране. Дальше: sverka up, откройте страницу и войдите.
    """

    from hub.web.security.passwords import hash_password

    _check_login(login)
    session.config()  # its faults are said before a password is asked for
    password = _password(session, from_stdin=from_stdin)
    with session.hub() as hub:
        if hub.users.add(login, full_name or login, hash_password(password), hub.clock.now()) is None:
            raise Problem(f"«{login}» уже есть. Сменить пароль: sverka user passwd {login}")
        _write_down(hub, "user.added", login)
    session.say(f"«{login}» может войти.", f"“{login}” may sign in.")


@user.command("passwd", cls=Command)
@click.argument("login", metavar="ИМЯ")
@click.option("--password-stdin", "from_stdin", is_flag=True, help="Взять пароль из первой строки ввода.")
@session_options
@click.pass_obj
def passwd(session: Session, login: str, from_stdin: bool) -> None:
    """Сменить пароль; прежние входы этого человека закрываются.

    \b
    Пример:
      sverka user passwd olga
    """

    from hub.web.security.passwords import hash_password

    session.config()  # its faults are said before a password is asked for
    password = _password(session, from_stdin=from_stdin)
    with session.hub() as hub:
        if not hub.users.set_password(login, hash_password(password)):
            raise Problem(f"«{login}» не заведён: sverka user add {login}")
        _write_down(hub, "user.password_changed", login)
    session.say("Пароль сменён.", "The password is changed.")


def _check_login(login: str) -> None:
    if not login or login != login.strip() or not login.isprintable() or len(login) > MAX_LOGIN:
        raise click.UsageError(f"ИМЯ для входа: от 1 до {MAX_LOGIN} печатных знаков, без пробелов по краям")


def _write_down(hub: Hub, event: str, login: str) -> None:
    from hub.ports.records import AuditEntry

    with hub.rt.store.write() as uow:
        uow.audit.append(AuditEntry(event, actor(), f"user/{login.casefold()}"), hub.clock.now())


def _password(session: Session, *, from_stdin: bool) -> str:
    password = sys.stdin.readline().rstrip("\r\n") if from_stdin else new_password(session)
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise Problem(f"Нужен пароль от {MIN_PASSWORD} до {MAX_PASSWORD} знаков.")
    return password
