"""Command line of the stand-in: `sverka sandbox 1c`, or `python -m connectors.accounting_1c.sandbox`."""

from collections.abc import Sequence
from pathlib import Path

import click

from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.accounting_1c.sandbox.faults import FaultScript
from connectors.accounting_1c.sandbox.formats import FORMATS, published_schema
from connectors.accounting_1c.sandbox.sandbox import Sandbox
from connectors.accounting_1c.sandbox.seed import ConfigName, Generate, Seed
from connectors.sandbox_kit.documents import DocumentError, load_document
from connectors.sandbox_kit.server import listen, port_of, serve_until_signal

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("1c")
@click.option("--config", type=click.Choice(["bp30", "ut11"]), help="Конфигурация: БП 3.0 (по умолчанию) или УТ 11.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Порт на 127.0.0.1; 0 — любой свободный.")
@click.option("--seed", type=_FILE, help="Что есть в базе при запуске (JSON, seed.schema.json).")
@click.option("--invoices", type=click.IntRange(0, 200_000), help="Сочинить базу на столько счетов.")
@click.option("--faults", type=_FILE, help="Сценарий сбоев (JSON, faults.schema.json).")
@click.option("--write-log", type=_FILE, help="Файл журнала записей (JSON по строке на запись).")
@click.option("--schema", type=click.Choice(sorted(FORMATS)), help="Напечатать схему формата и выйти.")
def command(
    config: ConfigName | None,
    port: int,
    seed: Path | None,
    invoices: int | None,
    faults: Path | None,
    write_log: Path | None,
    schema: str | None,
) -> None:
    """Местная база 1С с публикацией OData: Бухгалтерия предприятия 3.0 или Управление торговлей 11.

    Печатает одну строку JSON с адресом и паролем и работает до SIGTERM или Ctrl+C.
    """
    if schema is not None:
        click.echo(published_schema(schema), nl=False)
        return
    try:
        script = load_document(faults, FaultScript) if faults else None
        sandbox = Sandbox(_seed(seed, config, invoices), script, write_log)
    except DocumentError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{write_log}: журнал записей не открывается ({error.strerror})") from error
    try:
        sock = listen(port)
    except OSError as error:
        sandbox.base.write_log.close()
        raise click.ClickException(f"Порт {port} не открывается ({error.strerror}); задайте другой --port") from error
    sandbox.start()
    try:
        serve_until_signal(sandbox.app, sock, sandbox.announcement(f"http://127.0.0.1:{port_of(sock)}"))
    finally:
        sandbox.stop()


def _seed(file: Path | None, config: ConfigName | None, invoices: int | None) -> Seed:
    seed = load_document(file, Seed) if file else default_seed(config or "bp30")
    changed: dict[str, object] = {"config": config} if config else {}
    if invoices is not None:
        changed["generate"] = Generate(invoices=invoices)
    return seed.model_copy(update=changed)


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process by default)."""
    command.main(args=None if argv is None else list(argv), prog_name="sverka sandbox 1c")
