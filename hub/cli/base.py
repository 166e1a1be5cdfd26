"""Commands whose help speaks Russian, and the options that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.config import Config

_Function = TypeVar("_Function", bound=Callable[..., Any])


class RussianHelp(click.Command):
    """A command's help page with Russian headings."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The call, in one line."""
        pieces = [piece.replace("[OPTIONS]", "[ПАРАМЕТРЫ]") for piece in self.collect_usage_pieces(ctx)]
        pieces = [piece.replace("COMMAND [ARGS]...", "КОМАНДА …") for piece in pieces]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="Вызов: ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The options, and the commands of a group."""
        rows = [row for parameter in self.get_params(ctx) if (row := parameter.get_help_record(ctx)) is not None]
        with formatter.section("Параметры"):
            formatter.write_dl(rows)
        if isinstance(self, click.Group):
            self.format_commands(ctx, formatter)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """`--help`, explained in Russian."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "Эта справка."
        return option


class Command(RussianHelp):
    """A plain command."""


class Group(RussianHelp, click.Group):
    """A command with commands of its own."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands with their first sentences."""
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Команды"):
            formatter.write_dl([(name, found.get_short_help_str(90)) for name, found in commands if found is not None])


class IsoDate(click.ParamType[date]):
    """A date written 2026-03-01."""

    name = "ГГГГ-ММ-ДД"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date:
        """Read the date."""
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail("нужна дата вида 2026-03-01", param, ctx)


class ConnectionName(click.ParamType[str]):
    """A name that the settings can hold: files and addresses are named after it, so nothing else may go on."""

    name = "ИМЯ"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Check the name by the settings' own rule."""
        from hub.config.values import check_id

        try:
            return check_id(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


ISO_DATE: Final = IsoDate()
CONNECTION_NAME: Final = ConnectionName()


def _set_config(ctx: click.Context, _param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(Session).choose(value, None)


def _set_language(ctx: click.Context, _param: click.Parameter, value: str | None) -> None:
    if value is not None:
        ctx.ensure_object(Session).choose(None, value)


def session_options(function: _Function) -> _Function:
    """Add `--config` and `--lang`, so that they may follow the command's name too."""
    config = click.option(
        "--config",
        type=click.Path(path_type=Path),
        expose_value=False,
        callback=_set_config,
        help="Файл настроек (обычно ./sverka.yaml).",
    )
    language = click.option(
        "--lang",
        type=click.Choice(["ru", "en"]),
        expose_value=False,
        callback=_set_language,
        help="Язык сообщений: ru или en.",
    )
    return config(language(function))


def refuse_backwards(since: date | None, until: date | None) -> None:
    """End the command when the period ends before it begins: nothing would be found, and that would look well.

    Raises:
        click.UsageError: it does.
    """
    if since is not None and until is not None and until < since:
        raise click.UsageError("--until раньше, чем --since")


def refuse_unknown(config: Config, connection: str | None, also: Iterable[str] = ()) -> None:
    """End the command at a connection that nobody knows.

    Raises:
        Problem: neither the settings nor `also` have it.
    """
    if connection is None or connection in config.connections or connection in also:
        return
    names = ", ".join(config.connections) or "ни одного"
    raise Problem(f"Подключения «{connection}» в {config.file} нет. Есть: {names}.")


def actor() -> str:
    """Who gives the command, for the journal: the system's user name."""
    import getpass

    try:
        return f"cli:{getpass.getuser()}"
    except (KeyError, OSError):
        return "cli"
