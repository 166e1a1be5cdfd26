"""`sverka table`: the decision table in words, a company's own checked and compared, the hub's copied to start from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.base import Command, session_options
from hub.cli.failures import USAGE
from hub.cli.paths import READABLE_FILE, WRITABLE_FILE
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.domain.matching.said import Language


@click.command(cls=Command)
@click.option(
    "--check", "checked", metavar="ФАЙЛ", type=READABLE_FILE, help="Проверить таблицу и сравнить с таблицей хаба."
)
@click.option("--copy", "copied", metavar="ФАЙЛ", type=WRITABLE_FILE, help="Записать таблицу хаба в новый файл.")
@session_options
@click.pass_obj
def table(session: Session, checked: Path | None, copied: Path | None) -> None:
    """Показать таблицу решений словами, проверить свою, скопировать для правки.

    \b
    Пример:
      sverka table                       какая таблица действует: строка за строкой, если … то …
      sverka table --copy моя.toml       взять таблицу хаба за основу
      sverka table --check моя.toml      найти ошибки и сказать, чем она отличается

    Действует таблица из matching.table в sverka.yaml; без настроек — таблица хаба. --check называет каждую ошибку
    строкой «файл:строка: строка таблицы, поле: что исправить» (код выхода 2). Что изменилось бы на ваших платежах,
    показывает sverka replay --table ФАЙЛ, на файлах — sverka match --table ФАЙЛ.
    """
    if checked is not None and copied is not None:
        raise click.UsageError("--check и --copy задают по отдельности")
    if copied is not None:
        _copy(session, copied)
    elif checked is not None:
        _check(session, checked)
    else:
        _show(session)


def _language(session: Session) -> Language:
    from hub.domain.matching.said import Language

    return Language.EN if session.is_english else Language.RU


def _show(session: Session) -> None:
    from hub.config import table_of
    from hub.domain.matching import SHIPPED
    from hub.domain.matching.table_words import table_words

    found = table_of(session.config()) if session.config_path.exists() else SHIPPED
    for line in table_words(found, _language(session)):
        click.echo(line)


def _check(session: Session, path: Path) -> None:
    from hub.domain.matching import SHIPPED
    from hub.domain.matching.table_changes import changes
    from mappings.table_file import read_table

    language = _language(session)
    found = read_table(path, language)
    session.say(
        f"Ошибок нет. Версия {found.version}, строк {len(found.rows)}.",
        f"No faults. Version {found.version}, {len(found.rows)} rows.",
    )
    told = list(changes(SHIPPED, found, language))
    if not told:
        session.say("Решает так же, как таблица хаба.", "It decides as the hub's own table does.")
        return
    session.say(
        f"Отличия от таблицы хаба (версия {SHIPPED.version}):",
        f"What is other than in the hub's table {SHIPPED.version}:",
    )
    for line in told:
        click.echo(f"  {line}")


def _copy(session: Session, path: Path) -> None:
    from hub.domain.matching import SHIPPED

    try:
        with path.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(SHIPPED.text)
    except FileExistsError:
        text = session.text(f"{path} уже есть: назовите другой файл.", f"{path} is there already: name another file.")
        raise Problem(text, USAGE) from None
    session.say(
        f"Записано в {path}. Поправьте, проверьте (sverka table --check {path}) и впишите в matching.table.",
        f"Written to {path}. Change it, check it (sverka table --check {path}) and name it in matching.table.",
    )
