"""`sverka demo`: a local Bitrix24, a real hub beside it, a month of statements, and a check of every figure."""

from __future__ import annotations

import secrets
import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Final

import click

from hub.demo import report
from hub.demo.expectations import Expectations, load_expectations
from hub.demo.observe import Observer
from hub.demo.processes import Child, DemoError, call
from hub.demo.seen import Seen, Writes, read_write_log
from hub.demo.verify import Difference, verify
from hub.demo.world import World, make_world, write_config

_SANDBOX_S: Final = 20.0
_HEALTH_S: Final = 20.0
_FIRST_POLL_S: Final = 30.0
_IMPORT_S: Final = 60.0
_SETTLED_S: Final = 120.0
_LOOK_EVERY_S: Final = 0.2
_LOGIN: Final = "demo"
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Stage:
    """The running world of one demo."""

    world: World
    expected: Expectations
    hub: Child
    address: str
    observer: Observer


def run(
    *,
    once: bool,
    statements: Path | None = None,
    port: int | None = None,
    keep: Path | None = None,
    say: Say = click.echo,
) -> int:
    """Run the demo.

    Args:
        once: check everything and end; otherwise serve until Ctrl-C.
        statements: a folder of statement files in place of the shipped ones.
        port: of the desk; None and 0 take a free one.
        keep: a folder to work in that stays afterwards; else a temporary one.

    Returns:
        0 when everything is as the story tells, 1 when anything differs.

    Raises:
        DemoError: a process did not start, ended by itself or did not come to rest in time.
    """
    with _interrupted_by_termination(), ExitStack() as stack:
        folder = keep or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="sverka-demo-")))
        stage = _start(stack, make_world(folder, statements), port or _free_port(), say)
        differences = _play(stage, say)
        if once:
            differences += _play_again(stage, say)
        _say_verdict(differences, say)
        if not once:
            _serve(stage, say)
        return 1 if differences else 0


def _start(stack: ExitStack, world: World, port: int, say: Say) -> _Stage:
    expected = load_expectations()
    portal = stack.enter_context(
        Child(
            "Местный Битрикс24",
            ["hub", "sandbox", "bitrix24", "--seed", str(world.seed), "--write-log", str(world.write_log)],
            world.log_of("portal"),
            announces=True,
        )
    )
    announced = portal.announcement(_SANDBOX_S)
    say(f"Местный Битрикс24 работает: {announced['url']}")
    write_config(world, expected, str(announced["webhook_url"]), port)
    address = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    hub = stack.enter_context(Child("Хаб", ["hub", "up", "--config", str(world.config)], world.log_of("hub")))
    hub.wait_until_answers(f"{address}/health", _HEALTH_S)
    say(f"Хаб отвечает через {time.monotonic() - began:.1f} с: {address}")
    observer = stack.enter_context(Observer.open(world.config))
    _wait(hub, observer.first_poll_is_done, _FIRST_POLL_S, lambda: "не прочитал CRM")
    return _Stage(world, expected, hub, address, observer)


def _play(stage: _Stage, say: Say) -> list[Difference]:
    """Import the statements, wait for rest, show the table; the differences from the story."""
    files = sorted(stage.world.statements.iterdir())
    began = time.monotonic()
    _import(stage, files)
    seconds = time.monotonic() - began
    say(f"Выписки загружены: файлов {len(files)}. Всё решено и записано в CRM за {seconds:.1f} с.\n")
    seen = Seen(stage.observer.payments(), stage.observer.files(), _writes(stage))
    say(report.table(stage.expected.payments, seen))
    return verify(stage.expected, seen)


def _play_again(stage: _Stage, say: Say) -> list[Difference]:
    """The same money once more, in files that differ by a blank line: nothing may come of it."""
    before, known = _writes(stage), len(stage.observer.payments())
    again = stage.world.folder / "again"
    again.mkdir()
    copies = []
    for source in sorted(stage.world.statements.iterdir()):
        copy = again / f"снова-{source.name}"
        copy.write_bytes(source.read_bytes() + b"\r\n")
        copies.append(copy)
    _import(stage, copies)
    added = len(stage.observer.payments()) - known
    written = len(_writes(stage).effects) - len(before.effects)
    say(f"\nТе же выписки ещё раз: новых платежей {added}, новых записей в CRM {written}.")
    found = [] if not added else [Difference("Повторная загрузка", "новых платежей 0", f"новых платежей {added}")]
    if _writes(stage) != before:
        found.append(Difference("Повторная загрузка", "новых записей в CRM 0", f"новых записей в CRM {written}"))
    return found


def _import(stage: _Stage, files: list[Path]) -> None:
    """As a user does it; exit code 1 only says that a document was put aside, the files are compared later."""
    names = [str(path) for path in files]
    call(["hub", "import", "--config", str(stage.world.config), *names], _IMPORT_S, allowed=(0, 1))
    observer = stage.observer
    _wait(stage.hub, observer.is_at_rest, _SETTLED_S, lambda: f"не закончил работу ({observer.unfinished()})")


def _writes(stage: _Stage) -> Writes:
    return read_write_log(stage.world.write_log, stage.expected.invoices, stage.expected.paid_stage)


def _wait(hub: Child, condition: Callable[[], bool], timeout_s: float, complaint: Callable[[], str]) -> None:
    ends_at = time.monotonic() + timeout_s
    while not condition():
        if hub.ended_within(_LOOK_EVERY_S):
            raise hub.failed("остановился сам")
        if time.monotonic() > ends_at:
            raise hub.failed(f"{complaint()} за {timeout_s:.0f} с")


def _say_verdict(differences: list[Difference], say: Say) -> None:
    if not differences:
        say("\nКаждая цифра сошлась с журналом записей CRM: двинулись все нужные сделки, лишнего не записано.")
        return
    say(f"\nНе сошлось: {len(differences)}")
    say(report.differences(differences))


def _serve(stage: _Stage, say: Say) -> None:
    """Keep serving until Ctrl-C or the hub's own end."""
    password = secrets.token_urlsafe(9)
    arguments = ["hub", "user", "add", _LOGIN, "--full-name", "Бухгалтер (демо)", "--password-stdin"]
    call([*arguments, "--config", str(stage.world.config)], _IMPORT_S, stdin=password + "\n")
    say(f"\nСтраница бухгалтера: {stage.address}\nВход: {_LOGIN}, пароль: {password}\nОстановить: Ctrl+C")
    try:
        while not stage.hub.ended_within(3600):
            pass
    except KeyboardInterrupt:
        say("\nОстановлено.")
        return
    raise stage.hub.failed("остановился сам")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _interrupted_by_termination() -> Iterator[None]:
    """SIGTERM ends the demo as Ctrl-C does, so that its processes are stopped too."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


__all__ = ["DemoError", "run"]
