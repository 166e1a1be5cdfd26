"""The command line of every stand-in: `sverka sandbox …`, or `python -m connectors.….sandbox`."""

from collections.abc import Callable, Sequence
from pathlib import Path
from socket import socket
from typing import Any

import click

from connectors.sandbox_kit.documents import DocumentError, load_document
from connectors.sandbox_kit.server import TlsFiles, listen, port_of, serve_until_signal
from connectors.sandbox_kit.standin import Sandbox, StandIn, certificate_of

Option = Callable[[Callable[..., None]], Callable[..., None]]
_FILE = click.Path(path_type=Path, dir_okay=False)


def sandbox_command(
    kind: StandIn[Any, Any, Any],
    *,
    about: str,
    seed_help: str,
    more: Sequence[Option] = (),
    seeded: Callable[..., Any] | None = None,
) -> click.Command:
    """The command that serves a stand-in until it is told to stop.

    Args:
        about: what it is, one Russian sentence.
        seed_help: what its seed file says (Russian).
        more: options of this stand-in alone.
        seeded: makes the seed of the one that the file holds (None without a file) and of those options.
    """
    options: list[Option] = [
        *more,
        click.option(
            "--port", type=click.IntRange(0, 65535), default=0, help="Порт на 127.0.0.1; 0 — любой свободный."
        ),
        click.option("--seed", type=_FILE, help=f"{seed_help} (JSON, seed.schema.json)."),
        click.option("--faults", type=_FILE, help="Сценарий сбоев (JSON, faults.schema.json)."),
        click.option("--write-log", type=_FILE, help="Файл журнала записей (JSON по строке на запись)."),
        click.option(
            "--tls", is_flag=True, help="Отвечать по https; сертификат самоподписанный, путь к нему в первой строке."
        ),
        click.option("--schema", type=click.Choice(sorted(kind.formats)), help="Напечатать схему формата и выйти."),
    ]

    def run(
        port: int,
        seed: Path | None,
        faults: Path | None,
        write_log: Path | None,
        *,
        tls: bool,
        schema: str | None,
        **own: object,
    ) -> None:
        if schema is not None:
            click.echo(kind.schema(schema), nl=False)
            return

        def made_seed() -> Any:
            given = load_document(seed, kind.seed) if seed else None
            return seeded(given, **own) if seeded else given or kind.default_seed()

        sandbox = _made(kind, made_seed, faults, write_log)
        sock = _listening(port, sandbox)
        with certificate_of(sandbox, tls=tls) as files:
            _serve(sandbox, sock, files)

    for option in reversed(options):
        run = option(run)
    words = f"{about}\n\nПечатает одну строку JSON с адресами и ключами и работает до SIGTERM или Ctrl+C."
    return click.command(kind.system, help=words)(run)


def run_command(command: click.Command, argv: Sequence[str] | None) -> None:
    """Run it with these arguments (those of the process for None)."""
    command.main(args=None if argv is None else list(argv), prog_name=f"sverka sandbox {command.name}")


def _made(
    kind: StandIn[Any, Any, Any], seed: Callable[[], Any], faults: Path | None, write_log: Path | None
) -> Sandbox:
    try:
        script = load_document(faults, kind.script) if faults else None
        sandbox: Sandbox = kind.sandbox(seed(), script, write_log)
    except DocumentError as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{write_log}: журнал записей не открывается ({error.strerror})") from error
    return sandbox


def _listening(port: int, sandbox: Sandbox) -> socket:
    try:
        return listen(port)
    except OSError as error:
        sandbox.control.write_log.close()
        raise click.ClickException(f"Порт {port} не открывается ({error.strerror}); задайте другой --port") from error


def _serve(sandbox: Sandbox, sock: socket, files: TlsFiles | None) -> None:
    sandbox.start()
    try:
        fields = sandbox.announcement(f"{'https' if files else 'http'}://127.0.0.1:{port_of(sock)}")
        if files is not None:
            fields["certificate"] = str(files.certificate)
        serve_until_signal(sandbox.app, sock, fields, files)
    finally:
        sandbox.stop()
