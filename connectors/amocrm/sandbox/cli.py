"""Command line of the stand-in: `sverka sandbox amocrm`, or `python -m connectors.amocrm.sandbox`."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path
from socket import socket

import click

from connectors.amocrm.sandbox.defaults import default_seed
from connectors.amocrm.sandbox.faults import FaultScript
from connectors.amocrm.sandbox.formats import FORMATS, published_schema
from connectors.amocrm.sandbox.sandbox import Sandbox, sandbox_certificate
from connectors.amocrm.sandbox.seed import Seed
from connectors.sandbox_kit.documents import DocumentError, load_document
from connectors.sandbox_kit.server import TlsFiles, listen, port_of, serve_until_signal

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("amocrm")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Порт на 127.0.0.1; 0 — любой свободный.")
@click.option("--seed", type=_FILE, help="Что есть в аккаунте при запуске (JSON, seed.schema.json).")
@click.option("--faults", type=_FILE, help="Сценарий сбоев (JSON, faults.schema.json).")
@click.option("--write-log", type=_FILE, help="Файл журнала записей (JSON по строке на запись).")
@click.option("--tls", is_flag=True, help="Отвечать по https; сертификат самоподписанный, путь к нему в первой строке.")
@click.option("--schema", type=click.Choice(sorted(FORMATS)), help="Напечатать схему формата и выйти.")
def command(
    port: int, seed: Path | None, faults: Path | None, write_log: Path | None, *, tls: bool, schema: str | None
) -> None:
    """Локальный аккаунт amoCRM для проб и тестов.

    Печатает одну строку JSON с адресами и ключами и работает до SIGTERM или Ctrl+C.
    """
    if schema is not None:
        click.echo(published_schema(schema), nl=False)
        return
    try:
        account = load_document(seed, Seed) if seed else default_seed()
        script = load_document(faults, FaultScript) if faults else None
        sandbox = Sandbox(account, script, write_log)
    except DocumentError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{write_log}: журнал записей не открывается ({error.strerror})") from error
    try:
        sock = listen(port)
    except OSError as error:
        sandbox.account.write_log.close()
        raise click.ClickException(f"Порт {port} не открывается ({error.strerror}); задайте другой --port") from error
    with sandbox_certificate(sandbox) if tls else nullcontext() as files:
        _serve(sandbox, sock, files)


def _serve(sandbox: Sandbox, sock: socket, files: TlsFiles | None) -> None:
    sandbox.start()
    try:
        fields = sandbox.announcement(f"{'https' if files else 'http'}://127.0.0.1:{port_of(sock)}")
        if files is not None:
            fields["certificate"] = str(files.certificate)
        serve_until_signal(sandbox.app, sock, fields, files)
    finally:
        sandbox.stop()


def main(argv: Sequence[str] | None = None) -> None:
    """Run the command with these arguments (those of the process by default)."""
    command.main(args=None if argv is None else list(argv), prog_name="sverka sandbox amocrm")
