"""Sends the banks' webhooks from one thread and repeats what the receiver did not accept."""

import queue
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.faults import ForgeHook
from connectors.bank.sandbox.seed import Bank
from connectors.sandbox_kit.faults import HOOK_KINDS, Call, DelayHook, DoubleHook, DropHook, ShuffleHooks

_KINDS = HOOK_KINDS | {"forge_hook"}


@dataclass(frozen=True, slots=True)
class Post:
    """One POST as it goes over the wire."""

    url: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """A webhook to be delivered: `write` makes it, honest or forged; `pauses_s` are the waits between attempts."""

    bank: Bank
    event: str
    number: int | None
    write: Callable[[ForgeHook | None], Post]
    accepts: Callable[[int], bool]
    pauses_s: Sequence[float]
    delay_s: float = 0


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt: where it went, its body, and the status answered (None when nobody answered)."""

    bank: Bank
    event: str
    number: int | None
    attempt: int
    url: str
    body: str
    status: int | None


@dataclass(frozen=True, slots=True)
class _Attempt:
    letter: Letter
    post: Post
    number: int = 1


class HookSender:
    """Delivers in order unless a fault says else; a failed attempt waits its pause on the sandbox clock."""

    def __init__(self, banks: Banks) -> None:
        self._banks = banks
        self._queue: queue.Queue[_Attempt | None] = queue.Queue()
        self._held: list[Letter] = []
        self._window = 0
        self._era = 0
        self._thread = threading.Thread(target=self._work, name="bank-hooks", daemon=True)
        # Local receivers only: a proxy from the environment must not get them.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.deliveries: list[Delivery] = []

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is queued and stop."""
        self._queue.put(None)
        self._thread.join(timeout=self._banks.settings.hook_timeout_s + 1)

    def wait_sent(self) -> None:
        """Return once everything queued so far was sent."""
        self._queue.join()

    def reset(self) -> None:
        """Forget what is held, queued or on its way: it belongs to banks that are no more."""
        self._held, self._window = [], 0
        self._era += 1
        with suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
                self._queue.task_done()
        self.deliveries.clear()

    def plan(self, letter: Letter) -> None:
        """Take a webhook to be sent; the fault script may drop, double, delay, shuffle or forge it."""
        if self._held:
            self._hold(letter)
            return
        rule = self._banks.faults.take([Call(f"{letter.bank}.{letter.event}", letter.number)], _KINDS)
        match rule.action if rule else None:
            case DropHook():
                return
            case DoubleHook(copies=copies):
                for _ in range(copies):
                    self._send(letter)
            case DelayHook(seconds=seconds):
                self._send(letter, extra_s=seconds)
            case ShuffleHooks(window=window):
                self._window = window
                self._hold(letter)
            case ForgeHook() as forge:
                self._send(letter, forge)
            case _:
                self._send(letter)

    def post_now(self, letter: Letter) -> int | None:
        """Send a test webhook and wait for its status; it is not repeated."""
        return self._deliver(_Attempt(letter, letter.write(None)))

    def _send(self, letter: Letter, forge: ForgeHook | None = None, extra_s: float = 0) -> None:
        attempt = _Attempt(letter, letter.write(forge))
        self._later(attempt, letter.delay_s + extra_s)

    def _later(self, attempt: _Attempt, seconds: float) -> None:
        if seconds:
            self._banks.timers.after(seconds, lambda: self._queue.put(attempt))
        else:
            self._queue.put(attempt)

    def _hold(self, letter: Letter) -> None:
        self._held.append(letter)
        if len(self._held) >= self._window:
            held, self._held = self._held, []
            for position in self._banks.faults.shuffled(len(held)):
                self._send(held[position])

    def _work(self) -> None:
        while (attempt := self._queue.get()) is not None:
            self._try(attempt)
            self._queue.task_done()
        self._queue.task_done()

    def _try(self, attempt: _Attempt) -> None:
        letter, era = attempt.letter, self._era
        status = self._deliver(attempt)
        accepted = status is not None and letter.accepts(status)
        if accepted or era != self._era or attempt.number > len(letter.pauses_s):
            return
        self._later(_Attempt(letter, attempt.post, attempt.number + 1), letter.pauses_s[attempt.number - 1])

    def _deliver(self, attempt: _Attempt) -> int | None:
        letter, post, era = attempt.letter, attempt.post, self._era
        status = self._post(post)
        if era == self._era:
            text = post.body.decode("utf-8", "replace")
            done = Delivery(letter.bank, letter.event, letter.number, attempt.number, post.url, text, status)
            self.deliveries.append(done)
        return status

    def _post(self, post: Post) -> int | None:
        request = urllib.request.Request(post.url, post.body, dict(post.headers))  # noqa: S310
        try:
            with self._opener.open(request, timeout=self._banks.settings.hook_timeout_s) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code
        except (OSError, ValueError):
            # Nobody there, or no address at all: the bank notes a failed attempt and goes on.
            return None
