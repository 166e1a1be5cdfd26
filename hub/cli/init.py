"""`sverka init`: a folder ready for the first connection."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import click

from hub.cli.base import Command
from hub.cli.session import DEFAULT_FILE, Problem, Session


@click.command(cls=Command)
@click.argument("folder", metavar="[ПАПКА]", default=".", type=click.Path(file_okay=False, path_type=Path))
@click.pass_obj
def init(session: Session, folder: Path) -> None:
    """Создать файл настроек sverka.yaml, ключ и папки.

    \b
    Пример:
      sverka init            в этой папке
      sverka init сверка     в папке «сверка»

    Создаёт sverka.yaml с пояснениями к каждому полю, папки data и mappings и ключ data/secret.key, который видите
    только вы. Готовый файл никогда не перезаписывается. Дальше: впишите свои ИНН и счета и выполните
    sverka connect bitrix24 или sverka connect amocrm.
    """
    from hub.config import create_key_file

    target = folder / DEFAULT_FILE
    folder.mkdir(parents=True, exist_ok=True)
    _write_new(target, files("hub.config").joinpath("template.yaml").read_text("utf-8"))
    (folder / "data").mkdir(mode=0o700, exist_ok=True)
    (folder / "mappings").mkdir(exist_ok=True)
    key = folder / "data" / "secret.key"
    is_new = create_key_file(key)
    _say_created(session, target, key, is_new)


def _write_new(target: Path, text: str) -> None:
    try:
        with target.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError:
        raise Problem(f"{target} уже есть, ничего не изменено. Проверить его: sverka check") from None


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
