"""Questions of the commands: answers in Russian and English, wrong ones told in the call's language."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner

from hub.cli.asking import agreed, new_password, one_of, require_agreement
from hub.cli.session import Session


def asked(ask: Callable[[Session], object], typed: str, language: str = "ru") -> str:
    @click.command
    def command() -> None:
        session = Session()
        session.choose(None, language)
        click.echo(f"={ask(session)}")

    return CliRunner().invoke(command, input=typed).output


@pytest.mark.parametrize("answer", ["да", "Да", " ДА ", "д", "y", "YES"])
def test_yes_in_two_languages(answer: str) -> None:
    assert asked(lambda session: agreed(session, "Сделать?", "Do it?"), f"{answer}\n").endswith("=True\n")


@pytest.mark.parametrize("answer", ["нет", "Н", "n", "No", ""])
def test_no_in_two_languages_and_by_enter(answer: str) -> None:
    assert asked(lambda session: agreed(session, "Сделать?", "Do it?"), f"{answer}\n").endswith("=False\n")


def test_anything_else_is_asked_again_in_the_calls_language() -> None:
    said = asked(lambda session: agreed(session, "Сделать?", "Do it?"), "ага\nда\n")
    assert "Сделать? [да/НЕТ]: " in said
    assert "Ответьте «да» или «нет».\n" in said
    said = asked(lambda session: agreed(session, "Сделать?", "Do it?"), "sure\nyes\n", "en")
    assert "Do it? [yes/NO]: " in said
    assert "Answer yes or no.\n" in said


@pytest.mark.parametrize("typed", ["нет\n", ""])
def test_without_agreement_nothing_goes_on(typed: str) -> None:
    assert "Aborted" in asked(lambda session: require_agreement(session, "Сделать?", "Do it?"), typed)


def test_one_of_the_known_words() -> None:
    said = asked(lambda session: one_of(session, "Какая", "Which", ("bp30", "ut11")), "buh\nut11\n")
    assert "Можно: bp30, ut11.\n" in said
    assert said.endswith("=ut11\n")


def test_a_password_is_typed_twice() -> None:
    said = asked(new_password, "one\ntwo\none\none\n")
    assert "Пароли не совпали" in said
    assert said.endswith("=one\n")
