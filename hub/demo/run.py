"""`sverka demo`: two CRMs, a 1C base and two banks next door, a real hub between them, and a check of every figure."""

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
from hub.demo.guide import guide
from hub.demo.observe import Observer
from hub.demo.processes import Child, DemoError, call
from hub.demo.seen import Seen, Writes
from hub.demo.told import BankLine
from hub.demo.verify import Difference, verify
from hub.demo.world import Doors, World, make_world, write_config
from hub.demo.write_logs import read_write_logs

_SANDBOX_S: Final = 20.0
_HEALTH_S: Final = 20.0
_FIRST_POLL_S: Final = 60.0
_IMPORT_S: Final = 60.0
_SETTLED_S: Final = 120.0
_LOOK_EVERY_S: Final = 0.2
_LOGIN: Final = "demo"
_PROVED: Final = (
    "\nКаждая цифра сошлась с журналами записей обеих CRM, 1С и банков: двинулись все нужные сделки, счета "
    "отмечены в CRM и в 1С, лишнего не записано."
)
#: Stand-ins by name: title, name of the sandbox.
_STAND_INS: Final = {
    "portal": ("Местный Битрикс24", "bitrix24"),
    "amo": ("Местный amoCRM", "amocrm"),
    "books": ("Местная 1С", "1c"),
    "banks": ("Местные банки", "bank"),
}
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Stage:
    """The running world of one demo."""

    world: World
    expected: Expectations
    doors: Doors
    hub: Child
    address: str
    observer: Observer
    bank: BankLine


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
    expected = load_expectations(world.today)
    doors = _stand_ins(stack, world)
    say(f"Местный Битрикс24 работает: {doors.portal['url']}")
    say(f"Местный amoCRM работает: {doors.amo['url']}")
    say(f"Местная 1С:Бухгалтерия работает: {doors.books['url']}")
    say(f"Местные Точка и Т-Банк работают: {doors.banks['url']}")
    write_config(world, expected, doors, port)
    address = f"http://127.0.0.1:{port}"
    began = time.monotonic()
    hub = stack.enter_context(Child("Хаб", ["hub", "up", "--config", str(world.config)], world.log_of("hub")))
    hub.wait_until_answers(f"{address}/health", _HEALTH_S)
    say(f"Хаб отвечает через {time.monotonic() - began:.1f} с: {address}")
    observer = stack.enter_context(Observer.open(world.config))
    _wait(hub, observer.first_poll_is_done, _FIRST_POLL_S, lambda: "не прочитал CRM, 1С и банки")
    bank = BankLine(str(doors.banks["control_url"]), f"{address}/hooks/tochka/{world.hook_secret}")
    return _Stage(world, expected, doors, hub, address, observer, bank)


def _stand_ins(stack: ExitStack, world: World) -> Doors:
    """Start all of them at once, then hear what each announces."""
    children = {}
    for name, (title, system) in _STAND_INS.items():
        arguments = ["hub", "sandbox", system, "--seed", str(world.seed_of(name))]
        arguments += ["--write-log", str(world.writes_of(name))]
        if name == "books":
            arguments += ["--config", "bp30"]
        if name == "banks":
            arguments += ["--faults", str(world.bank_faults)]
        children[name] = stack.enter_context(Child(title, arguments, world.log_of(name), announces=True))
    return Doors(**{name: child.announcement(_SANDBOX_S) for name, child in children.items()})


def _play(stage: _Stage, say: Say) -> list[Difference]:
    """Import the statements, let the bank tell of more, wait for rest, show the tables; what is not as told."""
    files = sorted(stage.world.statements.iterdir())
    began = time.monotonic()
    _import(stage, files)
    stage.bank.subscribe()
    hooks = stage.bank.tell(stage.world.hooks)
    _rest(stage)
    seconds = time.monotonic() - began
    say(f"Прочитаны Точка и Т-Банк, загружено выписок: {len(files)}, вебхуков пришло: {hooks}.")
    say(f"Всё решено и записано в CRM и 1С за {seconds:.1f} с.\n")
    seen = Seen(
        stage.observer.payments(),
        stage.observer.files(),
        stage.observer.papers(item.key for item in stage.expected.papers),
        _writes(stage),
    )
    say(report.table(stage.expected.payments, seen))
    say(f"\n{report.sources(seen.payments)}")
    say(f"\n{report.sales(seen.papers)}")
    say(f"\n{report.crms(seen.writes.effects)}")
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
    _rest(stage)
    added = len(stage.observer.payments()) - known
    written = len(_writes(stage).effects) - len(before.effects)
    say(f"\nТе же выписки ещё раз: новых платежей {added}, новых записей в CRM и 1С {written}.")
    found = [] if not added else [Difference("Повторная загрузка", "новых платежей 0", f"новых платежей {added}")]
    if _writes(stage) != before:
        found.append(Difference("Повторная загрузка", "новых записей 0", f"новых записей {written}"))
    return found


def _import(stage: _Stage, files: list[Path]) -> None:
    """As a user does it; exit code 1 only says that a document was put aside, the files are compared later."""
    names = [str(path) for path in files]
    call(["hub", "import", "--config", str(stage.world.config), *names], _IMPORT_S, allowed=(0, 1))


def _rest(stage: _Stage) -> None:
    """Wait until the bank has told everything and the hub has worked on all of it."""
    observer = stage.observer
    _wait(stage.hub, stage.bank.is_silent, _SETTLED_S, lambda: "не принял вебхуки банка")
    _wait(stage.hub, observer.is_at_rest, _SETTLED_S, lambda: f"не закончил работу ({observer.unfinished()})")


def _writes(stage: _Stage) -> Writes:
    return read_write_logs(stage.world, stage.expected)


def _wait(hub: Child, condition: Callable[[], bool], timeout_s: float, complaint: Callable[[], str]) -> None:
    ends_at = time.monotonic() + timeout_s
    while not condition():
        if hub.ended_within(_LOOK_EVERY_S):
            raise hub.failed("остановился сам")
        if time.monotonic() > ends_at:
            raise hub.failed(f"{complaint()} за {timeout_s:.0f} с")


def _say_verdict(differences: list[Difference], say: Say) -> None:
    if not differences:
        say(_PROVED)
        return
    say(f"\nНе сошлось: {len(differences)}")
    say(report.differences(differences))


def _serve(stage: _Stage, say: Say) -> None:
    """Keep serving until Ctrl-C or the hub's own end."""
    password = secrets.token_urlsafe(9)
    arguments = ["hub", "user", "add", _LOGIN, "--full-name", "Бухгалтер (демо)", "--password-stdin"]
    call([*arguments, "--config", str(stage.world.config)], _IMPORT_S, stdin=password + "\n")
    say(f"\nСтраница бухгалтера: {stage.address}\nВход: {_LOGIN}, пароль: {password}")
    say(guide(stage.address, stage.world, stage.doors, stage.expected.payments, stage.observer.payments()))
    say("Остановить: Ctrl+C")
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
