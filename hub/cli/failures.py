"""Turns every failure into one sentence for the person and an exit code; the trace goes to the log file."""

from __future__ import annotations

import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Final

import click

from hub.cli.database_trouble import database_trouble
from hub.cli.session import Problem, Session
from hub.domain.errors import ConnectorError
from mappings.faults import FaultsError, why_unreadable

USAGE: Final = 2
FOUND: Final = 1
_CYRILLIC: Final = re.compile("[А-Яа-яЁё]")
_EXTRA: Final = re.compile(r"extra arguments? \((.*)\)")


def report(error: Exception, session: Session) -> int:
    """Say what happened; the answer is the process's exit code."""
    from hub.logs import scrub

    text, code = _explain(error, session)
    if text:
        # Our own texts name fields like `application_token:` and hold no secret; other people's may.
        click.echo(text if isinstance(error, FaultsError | Problem) else scrub(text), err=True)
    return code


def _explain(error: Exception, session: Session) -> tuple[str, int]:
    known = next((explain for kind, explain in _KNOWN if isinstance(error, kind)), None)
    if known is not None:
        return known(error)
    if type(error).__module__.startswith("hub.") and _CYRILLIC.search(str(error)):
        return str(error), FOUND
    trouble = database_trouble(error, session.loaded) if session.loaded is not None else None
    if trouble is not None:
        return f"{trouble[0].upper()}{trouble[1:]}.", FOUND
    log = _log_trace(error, session)
    where = f" Подробности в журнале: {log}." if log else ""
    return f"Внутренняя ошибка ({type(error).__name__}), команда не закончена.{where}", FOUND


def _explain_faults(error: Exception) -> tuple[str, int]:
    return str(error), USAGE


def _explain_problem(error: Exception) -> tuple[str, int]:
    return str(error), error.code if isinstance(error, Problem) else FOUND


def _explain_connector(error: Exception) -> tuple[str, int]:
    return (error.for_person if isinstance(error, ConnectorError) else str(error)), FOUND


def _explain_os(error: Exception) -> tuple[str, int]:
    if not isinstance(error, OSError):
        return str(error), FOUND
    name = f"{error.filename}: " if error.filename else ""
    return f"{name}{why_unreadable(error)}", FOUND


def _explain_abort(_error: Exception) -> tuple[str, int]:
    return "Прервано.", FOUND


def _explain_click(error: Exception) -> tuple[str, int]:
    if not isinstance(error, click.UsageError):
        return str(error), FOUND
    path = error.ctx.command_path if error.ctx is not None else "sverka"
    return f"{path}: {_usage_text(error)}\nСправка: {path} --help", USAGE


def _usage_text(error: click.UsageError) -> str:
    name = _parameter_name(error)
    if isinstance(error, click.MissingParameter):
        return f"не хватает параметра {name}"
    if isinstance(error, click.NoSuchOption):
        return f"нет параметра {error.option_name}{_similar(error.possibilities)}"
    if isinstance(error, click.exceptions.NoSuchCommand):
        return f"нет команды {error.command_name}{_similar(_near_commands(error))}"
    if isinstance(error, click.BadParameter):
        return f"{name}: {_expected(error)}"
    if isinstance(error, click.BadOptionUsage):
        return f"параметру {error.option_name} нужно значение"
    if (extra := _EXTRA.search(error.message)) is not None:
        return f"лишнее в строке: {extra[1]}"
    return error.message if _CYRILLIC.search(error.message) else "команда вызвана неверно"


def _parameter_name(error: click.UsageError) -> str:
    parameter = error.param if isinstance(error, click.BadParameter) else None
    if parameter is None:
        return "значение"
    if isinstance(parameter, click.Argument) and error.ctx is not None:
        return parameter.make_metavar(error.ctx)
    return parameter.opts[-1]


def _near_commands(error: click.exceptions.NoSuchCommand) -> list[str]:
    command = error.ctx.command if error.ctx is not None else None
    known = command.list_commands(error.ctx) if isinstance(command, click.Group) and error.ctx is not None else []
    return get_close_matches(error.command_name, known)


def _similar(names: list[str] | None) -> str:
    return f"; похоже: {', '.join(names)}" if names else ""


def _expected(error: click.BadParameter) -> str:
    if _CYRILLIC.search(error.message):
        return error.message
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return f"можно: {', '.join(map(str, kind.choices))}"
    return "нужно целое число" if "integer" in error.message else "значение не подходит"


def _log_trace(error: Exception, session: Session) -> Path | None:
    """Append the trace, without secrets, to the log file; None when no file can be written."""
    import structlog

    from hub.logs import processors

    path = session.loaded.log_file if session.loaded is not None else Path.cwd() / "sverka.log"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as stream:
            log = structlog.wrap_logger(structlog.WriteLogger(stream), processors=processors())
            log.error("cli.failed", exc_info=error)
    except OSError:
        return None
    return path


_KNOWN: Final[tuple[tuple[type[Exception], Callable[[Exception], tuple[str, int]]], ...]] = (
    (FaultsError, _explain_faults),
    (Problem, _explain_problem),
    (ConnectorError, _explain_connector),
    (click.Abort, _explain_abort),
    (click.ClickException, _explain_click),
    (OSError, _explain_os),
)
