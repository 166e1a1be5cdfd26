"""Outgoing webhooks: one form POST per change, from a queue, never retried."""

import queue
import threading
import urllib.error
import urllib.request
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from connectors.bitrix24.sandbox.portal import Portal, PortalEvent
from connectors.bitrix24.sandbox.seed import OutgoingWebhook
from connectors.sandbox_kit.faults import HOOK_KINDS, Call, DelayHook, DoubleHook, DropHook, ShuffleHooks

_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One POST: where it went, its body, and the status answered (None when nobody answered)."""

    url: str
    event: str
    body: str
    status: int | None


class HookSender:
    """Sends the portal's events to its outgoing webhooks from one thread, in order unless a fault says else."""

    def __init__(self, portal: Portal) -> None:
        self._portal = portal
        self._queue: queue.Queue[tuple[OutgoingWebhook, PortalEvent] | None] = queue.Queue()
        self._held: list[tuple[OutgoingWebhook, PortalEvent]] = []
        self._window = 0
        self._era = 0
        self._thread = threading.Thread(target=self._work, name="sandbox-hooks", daemon=True)
        # Local receivers only: a proxy from the environment must not get them.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self.deliveries: list[Delivery] = []
        portal.listeners.append(self.on_event)

    def start(self) -> None:
        """Start sending."""
        self._thread.start()

    def stop(self) -> None:
        """Send what is queued and stop."""
        self._queue.put(None)
        self._thread.join(timeout=self._portal.settings.hook_timeout_s + 1)

    def wait_sent(self) -> None:
        """Return once everything queued so far was sent."""
        self._queue.join()

    def reset(self) -> None:
        """Forget what is held, queued or on its way: it belongs to a portal that is no more."""
        self._held, self._window = [], 0
        self._era += 1
        with suppress(queue.Empty):
            while True:
                self._queue.get_nowait()
                self._queue.task_done()
        self.deliveries.clear()

    def on_event(self, event: PortalEvent) -> None:
        """Queue the event for every webhook that asked for it. Events for applications only are left out."""
        if event.app_only:
            return
        suffixed = f"{event.name}_{event.fields['ENTITY_TYPE_ID']}" if "ENTITY_TYPE_ID" in event.fields else ""
        for hook in self._portal.outgoing:
            for name in (event.name, suffixed):
                if name and name in hook.events:
                    self._plan(hook, PortalEvent(name, event.fields, event.user_id))

    def _plan(self, hook: OutgoingWebhook, event: PortalEvent) -> None:
        if self._held:
            self._hold(hook, event)
            return
        number = event.fields.get("ID")
        rule = self._portal.faults.take([Call(event.name, int(number) if number else None)], HOOK_KINDS)
        match rule.action if rule else None:
            case DropHook():
                return
            case DoubleHook(copies=copies):
                for _ in range(copies):
                    self._send_later(hook, event)
            case DelayHook(seconds=seconds):
                self._portal.timers.after(seconds, lambda: self._queue.put((hook, event)))
            case ShuffleHooks(window=window):
                self._window = window
                self._hold(hook, event)
            case _:
                self._send_later(hook, event)

    def _send_later(self, hook: OutgoingWebhook, event: PortalEvent) -> None:
        delay = self._portal.settings.hook_delay_s
        if delay:
            self._portal.timers.after(delay, lambda: self._queue.put((hook, event)))
        else:
            self._queue.put((hook, event))

    def _hold(self, hook: OutgoingWebhook, event: PortalEvent) -> None:
        self._held.append((hook, event))
        if len(self._held) >= self._window:
            held, self._held = self._held, []
            for position in self._portal.faults.shuffled(len(held)):
                self._send_later(*held[position])

    def _work(self) -> None:
        while (task := self._queue.get()) is not None:
            self._deliver(*task)
            self._queue.task_done()
        self._queue.task_done()

    def _deliver(self, hook: OutgoingWebhook, event: PortalEvent) -> None:
        era, body = self._era, self._body(hook, event)
        request = urllib.request.Request(hook.url, body.encode(), {"Content-Type": _FORM})  # noqa: S310
        status: int | None = None
        try:
            with self._opener.open(request, timeout=self._portal.settings.hook_timeout_s) as answer:
                status = answer.status
        except urllib.error.HTTPError as error:
            status = error.code
            error.close()
        except OSError:
            # The vendor logs a failed delivery and forgets it; the record below is that log.
            status = None
        if era == self._era:
            self.deliveries.append(Delivery(hook.url, event.name, body, status))

    def _body(self, hook: OutgoingWebhook, event: PortalEvent) -> str:
        settings = self._portal.settings
        pairs = [("event", event.name), ("event_handler_id", str(hook.id))]
        pairs += [(f"data[FIELDS][{name}]", str(value)) for name, value in event.fields.items()]
        pairs += [
            ("ts", str(int(self._portal.clock.timestamp()))),
            ("auth[domain]", settings.domain),
            ("auth[client_endpoint]", f"https://{settings.domain}/rest/"),
            ("auth[server_endpoint]", "https://oauth.bitrix.info/rest/"),
            ("auth[member_id]", settings.member_id),
            ("auth[application_token]", hook.application_token),
        ]
        return urlencode(pairs, quote_via=quote)
