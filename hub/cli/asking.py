"""Questions to the person at the terminal: every one is asked, and a wrong answer told, in the call's language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from hub.cli.session import Session

_YES: Final = frozenset({"y", "yes", "д", "да"})
_NO: Final = frozenset({"", "n", "no", "н", "нет"})


def agreed(session: Session, russian: str, english: str) -> bool:
    """Ask yes or no, in Russian or English whatever the call's language; plain Enter is no."""
    question = f"{session.text(russian, english)} [{session.text('да/НЕТ', 'yes/NO')}]"
    while True:
        answer = click.prompt(question, default="", show_default=False).strip().casefold()
        if answer in _YES or answer in _NO:
            return answer in _YES
        session.say("Ответьте «да» или «нет».", "Answer yes or no.")


def require_agreement(session: Session, russian: str, english: str) -> None:
    """Ask yes or no; no ends the command.

    Raises:
        click.Abort: the person did not agree.
    """
    if not agreed(session, russian, english):
        raise click.Abort


def one_of(session: Session, russian: str, english: str, known: Sequence[str]) -> str:
    """Ask for one of the known words."""
    while True:
        answer = str(click.prompt(session.text(russian, english))).strip()
        if answer in known:
            return answer
        session.say(f"Можно: {', '.join(known)}.", f"Possible: {', '.join(known)}.")


def new_password(session: Session) -> str:
    """Ask for a password twice, until both are the same."""
    while True:
        first = str(click.prompt(session.text("Пароль", "Password"), hide_input=True))
        if first == click.prompt(session.text("Ещё раз", "Repeat"), hide_input=True):
            return first
        session.say("Пароли не совпали, введите ещё раз.", "They differ, type again.")
