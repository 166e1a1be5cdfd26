"""`sverka backup` and `sverka restore`: the whole database in one file, and back."""

from __future__ import annotations

from pathlib import Path

import click

from hub.cli.asking import require_agreement
from hub.cli.base import Command, actor, session_options
from hub.cli.paths import READABLE_FILE, WRITABLE_FILE
from hub.cli.session import Problem, Session


@click.command(cls=Command)
@click.argument("file", metavar="ФАЙЛ", type=WRITABLE_FILE)
@click.option("--force", is_flag=True, help="Заменить файл, если он есть.")
@session_options
@click.pass_obj
def backup(session: Session, file: Path, force: bool) -> None:
    """Сделать резервную копию базы, не останавливая хаб.

    \b
    Пример:
      sverka backup /backup/sverka-2026-03-10.gz

    Один файл для SQLite и PostgreSQL; читать его может только владелец. Ключа (data/secret.key), sverka.yaml и правил в
    нём нет: копия без ключа не открывает доступ к CRM. Храните их отдельно от копии — без ключа подключения после
    восстановления придётся подключить заново.
    """
    if file.exists() and not force:
        raise Problem(f"{file}: такой файл уже есть. Выберите другое имя или добавьте --force.")
    from hub.store.backup import back_up

    with session.hub() as hub:
        contents = back_up(hub.database, file, hub.clock.now())
        secrets = hub.config.secret_key_file
    size = file.stat().st_size / 1024 / 1024
    rows = sum(contents.counts.values())
    session.say(
        f"Копия {file}: строк {rows}, {size:.1f} МБ, проверена чтением. Ключ {secrets} храните отдельно.",
        f"Backup {file}: {rows} rows, {size:.1f} MB, read back. Keep the key {secrets} elsewhere.",
    )


@click.command(cls=Command)
@click.argument("file", metavar="ФАЙЛ", type=READABLE_FILE)
@click.option("--yes", is_flag=True, help="Не спрашивать.")
@session_options
@click.pass_obj
def restore(session: Session, file: Path, yes: bool) -> None:
    """Вернуть базу из резервной копии; хаб должен быть остановлен.

    \b
    Пример:
      sverka restore /backup/sverka-2026-03-10.gz

    Копия проверяется до того, как что-либо изменится; прежняя база остаётся рядом под другим именем. После этого хаб
    запускается остановленным (pause): загрузите выписки за потерянные дни, посмотрите страницу, потом sverka resume.
    Сделанное в CRM после копии второй раз не делается: хаб сначала читает сделку.
    """
    from hub.store.backup import read_contents

    config = session.config()
    taken_at = read_contents(file).taken_at
    if not yes:
        where = config.sqlite_file or "PostgreSQL"
        require_agreement(
            session,
            f"Заменить базу {where} копией от {taken_at:%d.%m.%Y %H:%M} UTC?",
            f"Replace the database {where} by the copy of {taken_at:%Y-%m-%d %H:%M} UTC?",
        )
    from hub.composition.backups import restore_hub

    report = restore_hub(config, file, actor())
    rows = sum(report.contents.counts.values())
    session.say(
        f"Восстановлено строк: {rows}, журнал цел. Прежняя база: {report.aside or 'не было'}.",
        f"Restored {rows} rows, the journal holds. The replaced database: {report.aside or 'none'}.",
    )
    session.say(
        f"Дальше: sverka up, загрузите выписки начиная с {taken_at:%d.%m.%Y} по порядку, проверьте, sverka resume.",
        f"Next: sverka up, import statements from {taken_at:%Y-%m-%d} on in order, look, sverka resume.",
    )
