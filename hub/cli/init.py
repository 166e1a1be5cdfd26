"""`sverka init`: a folder ready for the first connection."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path

import click

from hub.cli.base import Command
from hub.cli.paths import NEW_FOLDER
from hub.cli.session import DEFAULT_FILE, Problem, Session


@click.command(cls=Command)
@click.argument("folder", metavar="[ПАПКА]", required=False, type=NEW_FOLDER)
@click.pass_obj
def init(session: Session, folder: Path | None) -> None:
    """Создать файл настроек sverka.yaml, ключ и папки.

    \b
    Пример:
      sverka init            в этой папке
      sverka init сверка     в папке «сверка»

    Создаёт sverka.yaml с пояснениями к каждому полю, папки data и mappings и ключ data/secret.key; файл и ключ читаете
    только вы. Готовый файл никогда не перезаписывается; если у него нет ключа, создаётся только ключ. Дальше: впишите
    свои ИНН и счета и выполните sverka connect bitrix24 или sverka connect amocrm.
    """
    from hub.config import create_key_file

    target = folder / DEFAULT_FILE if folder is not None else session.config_path
    if target.exists():
        _make_lost_key(session, target)
        return
    folder = target.parent
    folder.mkdir(parents=True, exist_ok=True)
    _write_new(target, files("hub.config").joinpath("template.yaml").read_text("utf-8"))
    (folder / "data").mkdir(mode=0o700, exist_ok=True)
    (folder / "mappings").mkdir(exist_ok=True)
    key = folder / "data" / "secret.key"
    is_new = create_key_file(key)
    _say_created(session, target, key, is_new)


def _write_new(target: Path, text: str) -> None:
    """Readable by its owner only: people write passwords into it."""
    try:
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise _unchanged(target) from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)


def _unchanged(target: Path) -> Problem:
    return Problem(f"{target} уже есть, ничего не изменено. Проверить его: sverka check")


def _make_lost_key(session: Session, target: Path) -> None:
    """Give ready settings the key that they miss; what the lost one encrypted is said to be lost."""
    from hub.config import create_key_file, inspect_config

    config, _ = inspect_config(target)
    if config is None or config.environment_key is not None or not create_key_file(config.secret_key_file):
        raise _unchanged(target)
    session.say(
        f"Создан ключ {config.secret_key_file} (читаете только вы); {target} остался как был.",
        f"Created the key {config.secret_key_file} (readable by you only); {target} is kept as it was.",
    )
    session.say(
        "Токены и пароли, которые хаб сохранил с прежним ключом, новым не прочитать. Найдётся прежний ключ — верните "
        "его на место; не найдётся — введите их заново: sverka connect. Что не читается, назовёт sverka check.",
        "Tokens and passwords stored with the old key cannot be read with the new one. If you find the old key, put "
        "it back; if not, enter them anew: sverka connect. sverka check names what cannot be read.",
    )


def _say_created(session: Session, target: Path, key: Path, is_new: bool) -> None:
    session.say(f"Создан {target}", f"Created {target}")
    if is_new:
        session.say(f"Создан ключ {key} (читаете только вы)", f"Created the key {key} (readable by you only)")
    else:
        session.say(f"Ключ {key} уже был, он остался", f"The key {key} was there and stays")
    session.say("Дальше:", "Next:")
    session.say(f"  1. впишите в {target} название, ИНН и счета компании", f"  1. fill in your company in {target}")
    session.say(
        "  2. sverka connect bitrix24 или sverka connect amocrm; банк по API — sverka connect bank tochka или tbank",
        "  2. sverka connect bitrix24 or sverka connect amocrm; a bank's API: sverka connect bank tochka or tbank",
    )
    session.say("  3. sverka user add ИМЯ и sverka up", "  3. sverka user add NAME, then sverka up")
