"""What connecting any CRM has in common: trying the access, proposing rules, writing settings, the first reading."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hub.cli.base import actor
from hub.cli.session import Problem, Session

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.config import Config
    from hub.domain.models import Pipeline
    from hub.ports.crm import CrmPort


def refuse_field(config: Config, name: str, field: str, message: str, section: str = "connections") -> None:
    """End the command at a field of the connection in the settings file."""
    from mappings.yaml_reader import read_file

    raise Problem(str(read_file(config.file).fault((section, name, field), message)))


def refuse_taken(config: Config, name: str, *others: str) -> None:
    """End the command where the name is taken in another section of the settings: names are shared by all of them."""
    for section in others:
        if name in getattr(config, section):
            raise Problem(f"Имя «{name}» уже занято в {config.file} ({section}.{name}): выберите другое, --name ИМЯ.")


def try_out(session: Session, crm: CrmPort) -> tuple[Pipeline, ...]:
    """Ask who the access is and what it may read; closes the port. Nothing is saved where rights are missing."""
    try:
        probe = crm.probe()
        if probe.missing_rights:
            rights = "\n".join(f"  - {right}" for right in probe.missing_rights)
            raise Problem(f"{probe.account} отвечает, но не хватает прав:\n{rights}\nНичего не сохранено.")
        pipelines = crm.pipelines()
    finally:
        crm.close()
    session.say(f"Доступ есть: {probe.account}, {probe.user}.", f"Access works: {probe.account}, {probe.user}.")
    for fault in probe.unfit_fields:
        session.say(f"Внимание: {fault}.", f"Look: {fault}.")
    show_pipelines(session, pipelines)
    return pipelines


def show_pipelines(session: Session, pipelines: tuple[Pipeline, ...]) -> None:
    """Print the pipelines with their stages in order."""
    session.say(f"Воронки: {len(pipelines)}.", f"Pipelines: {len(pipelines)}.")
    for pipeline in pipelines:
        click.echo(f"  {pipeline.id}  {pipeline.name}: {' → '.join(stage.name for stage in pipeline.stages)}")


def write_rules(session: Session, path: Path, pipelines: tuple[Pipeline, ...], system: str) -> None:
    """Propose rules by the names of the stages, where there are none yet."""
    from mappings import propose

    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(propose(pipelines, system))
    except FileExistsError:
        session.say(f"Правила {path} уже есть, они остались как были.", f"The rules {path} are kept as they were.")
        return
    session.say(f"Предложены правила: {path}. Прочитайте их.", f"Rules proposed: {path}. Read them.")


def note_connected(hub: Hub, name: str) -> None:
    """A line of the journal: who connected what. A connection that was dead is tried at its usual pace again."""
    from hub.ports.records import AuditEntry, Health

    now = hub.clock.now()
    with hub.rt.store.write() as uow:
        uow.audit.append(AuditEntry("connection.connected", actor(), name), now)
        if uow.connections.ensure(name).health is Health.DEAD:
            uow.connections.report(name, Health.UNKNOWN, None, now)


def add_to_settings(session: Session, config: Config, name: str, fields: Mapping[str, str]) -> int:
    """Write the connection into the settings; 1 when the person must do it."""
    from hub.config.editing import connection_block, with_connection

    if name in config.connections:
        return 0
    with config.file.open(encoding="utf-8", newline="") as stream:
        text = stream.read()
    edited = with_connection(text, name, fields)
    if edited is not None:
        write_settings(config, edited)
        session.say(f"Подключение «{name}» добавлено в {config.file}.", f"“{name}” is added to {config.file}.")
        return 0
    click.echo(f"Впишите сами в {config.file}, под «connections:»:\n\n{connection_block(name, fields)}")
    session.say("Потом выполните sverka check и sverka up.", "Then run sverka check and sverka up.")
    return 1


def write_settings(config: Config, edited: str) -> None:
    """Put the edited text in the settings' place; text that the hub would refuse is never written."""
    from hub.config import ConfigError, parse_config
    from hub.config.editing import replace_file

    try:
        parse_config(edited, config.file)
    except ConfigError as error:
        raise Problem(f"{config.file} не изменён: с новой записью настройки не годятся:\n{error}") from None
    replace_file(config.file, edited)


def first_read(session: Session, name: str) -> int:
    """Read clients, invoices and deals now, and tell how many payers are known by them."""
    from hub.services.poll_source import poll_source
    from hub.store.queries.payers import recognised_payers

    session.say("Чтение клиентов, счетов и сделок…", "Reading clients, invoices and deals…")
    session.read_again()
    with session.hub(connect=True) as hub:
        result = poll_source(hub.rt, name)
        payers = recognised_payers(hub.database)
    if not result.complete:
        session.say("Прочитано не всё: sverka up продолжит с этого места.", "Not all was read: sverka up goes on.")
    if payers.total:
        session.say(
            f"Узнано {payers.known} из последних {payers.total} плательщиков.",
            f"Recognised {payers.known} of the last {payers.total} payers.",
        )
    session.say(
        "Дальше: sverka check и sverka up (работающий хаб перезапустите). Подключение только наблюдает.",
        "Next: sverka check and sverka up (restart a running hub). The connection only observes.",
    )
    return 0
