"""Webhooks out: form posts in the v2 form, retried by the table, disabled after too many invalid answers."""

import http.client
import queue
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from connectors.amocrm.sandbox.account import Account, HookEvent, Record
from connectors.amocrm.sandbox.cards import number
from connectors.sandbox_kit.faults import HOOK_KINDS, Call, DelayHook, DoubleHook, DropHook, ShuffleHooks
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.php import to_form

_FORM = "application/x-www-form-urlencoded"
_STAGE_HOOK = "digital_pipeline"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST: where it went, its subscription, its body, and the status answered (None: no answer in time)."""

    url: str
    event: str
    body: str
    status: int | None
    attempt: int


@dataclass(slots=True)
class _Task:
    url: str
    event: str
    body: str
    retries: Sequence[float]
    webhook_id: int | None = None
    attempt: int = 1


@dataclass(slots=True)
class _Invalid:
    """Moments of a webhook's invalid answers."""

    moments: deque[float] = field(default_factory=deque)


class HookSender:
    """Sends the account's changes to its webhooks from one thread, in order unless a fault says else."""

    def __init__(self, account: Account) -> None:
        self._account = account
        self._queue: queue.Queue[_Task | None] = queue.Queue()
        self._held: list[_Task] = []
        self._window = 0
        self._era = 0
        self._invalid: dict[int, _Invalid] = {}
        self._thread = threading.Thread(target=self._work, name="sandbox-hooks", daemon=True)
        self.deliveries: list[Delivery] = []
        account.listeners.append(self.on_events)

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is queued and stop."""
        self._queue.put(None)
        self._thread.join(timeout=self._account.settings.hooks.timeout_s + 1)

    def wait_sent(self) -> None:
        """Return once everything queued so far was sent."""
        self._queue.join()

    def reset(self) -> None:
        """Forget what is held, queued or on its way: it belongs to an account that is no more."""
        self._held, self._window = [], 0
        self._era += 1
        self._invalid.clear()
        with suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
                self._queue.task_done()
        self.deliveries.clear()

    def on_events(self, events: list[HookEvent]) -> None:
        """Queue the changes of one call for every webhook that asked for them."""
        for webhook in self._account.webhooks.listed():
            wanted = [event for event in events if not webhook["disabled"] and _asked(webhook, event)]
            if self._account.settings.hooks.grouping == "batch":
                groups: dict[str, list[HookEvent]] = {}
                for event in wanted:
                    groups.setdefault(event.setting, []).append(event)
                for setting, group in groups.items():
                    self._plan(webhook, setting, group)
            else:
                for event in wanted:
                    self._plan(webhook, event.setting, [event])
        self._stage_hooks(events)

    def _stage_hooks(self, events: list[HookEvent]) -> None:
        retries = self._account.settings.hooks.digital_pipeline_retries_s
        for event in events:
            if event.setting != "status_lead":
                continue
            record = {
                name: event.record.get(name)
                for name in ("id", "status_id", "pipeline_id", "old_status_id", "old_pipeline_id")
            }
            for hook in self._account.seed.stage_hooks:
                if (hook.pipeline_id, hook.status_id) == (record["pipeline_id"], record["status_id"]):
                    body = self._body({"leads": {"status": [record]}})
                    self._decide(_Task(hook.url, _STAGE_HOOK, body, retries), event.record_id)

    def _plan(self, webhook: Record, setting: str, events: list[HookEvent]) -> None:
        first = events[0]
        body = self._body({first.entity: {first.action: [dict(event.record) for event in events]}})
        retries = self._account.settings.hooks.retries_s
        task = _Task(str(webhook["destination"]), setting, body, retries, number(webhook["id"]))
        self._decide(task, first.record_id)

    def _body(self, payload: dict[str, Json]) -> str:
        account = self._account
        link = f"https://{account.host}"
        who: Json = {"subdomain": account.subdomain, "id": account.account_id, "_links": {"self": link}}
        return to_form({**payload, "account": who})

    def _decide(self, task: _Task, record_id: int) -> None:
        if self._held:
            self._hold(task)
            return
        rule = self._account.faults.take([Call(task.event, record_id)], HOOK_KINDS)
        match rule.action if rule else None:
            case DropHook():
                return
            case DoubleHook(copies=copies):
                for _ in range(copies):
                    self._send_later(task)
            case DelayHook(seconds=seconds):
                self._account.timers.after(seconds, lambda: self._queue.put(task))
            case ShuffleHooks(window=window):
                self._window = window
                self._hold(task)
            case _:
                self._send_later(task)

    def _send_later(self, task: _Task) -> None:
        delay = self._account.settings.hooks.delay_s
        if delay:
            self._account.timers.after(delay, lambda: self._queue.put(task))
        else:
            self._queue.put(task)

    def _hold(self, task: _Task) -> None:
        self._held.append(task)
        if len(self._held) >= self._window:
            held, self._held = self._held, []
            for position in self._account.faults.shuffled(len(held)):
                self._send_later(held[position])

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            self._deliver(task)
            self._queue.task_done()
        self._queue.task_done()

    def _deliver(self, task: _Task) -> None:
        era = self._era
        webhook = self._account.webhooks.rows.get(task.webhook_id) if task.webhook_id else None
        if task.webhook_id is not None and (webhook is None or webhook["disabled"]):
            return
        status = post_form(task.url, task.body, self._account.settings.hooks.timeout_s)
        if era != self._era:
            return
        self.deliveries.append(Delivery(task.url, task.event, task.body, status, task.attempt))
        valid = status is not None and 100 <= status < 300
        if webhook is not None:
            self._count(webhook, valid=valid)
        if not valid and task.attempt <= len(task.retries):
            again = _Task(task.url, task.event, task.body, task.retries, task.webhook_id, task.attempt + 1)
            self._account.timers.after(task.retries[task.attempt - 1], lambda: self._queue.put(again))

    def _count(self, webhook: Record, *, valid: bool) -> None:
        """More than `disable_after` invalid answers in the window, the last one invalid too, switch it off."""
        if valid:
            return
        rules, now = self._account.settings.hooks, self._account.clock.timestamp()
        moments = self._invalid.setdefault(number(webhook["id"]), _Invalid()).moments
        moments.append(now)
        while moments and moments[0] <= now - rules.disable_window_s:
            moments.popleft()
        if len(moments) > rules.disable_after:
            webhook["disabled"] = True
            moments.clear()


def _asked(webhook: Record, event: HookEvent) -> bool:
    settings = webhook["settings"]
    assert isinstance(settings, list)
    return event.setting in settings or (
        event.catalog_id is not None and f"{event.setting}_{event.catalog_id}" in settings
    )


def post_form(url: str, body: str, timeout_s: float) -> int | None:
    """POST a form without following redirects; None when nobody answered in time."""
    return _call("POST", url, timeout_s, body.encode(), {"Content-Type": _FORM, "User-Agent": "amoCRM-Webhooks/3.0"})


def get(url: str, agent: str, timeout_s: float) -> int | None:
    """GET an address; None when nobody answered in time."""
    return _call("GET", url, timeout_s, None, {"User-Agent": agent})


def _call(verb: str, url: str, timeout_s: float, body: bytes | None, headers: dict[str, str]) -> int | None:
    parts = urlsplit(url)
    secure = parts.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(verb, path, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        # The vendor counts it as an invalid answer and tries again.
        return None
    finally:
        connection.close()
