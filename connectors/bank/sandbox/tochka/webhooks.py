"""Tochka's methods that manage the one webhook of a client_id."""

from typing import get_args
from urllib.parse import urlsplit

from pydantic import TypeAdapter, ValidationError

from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.seed import Event, TochkaWebhook
from connectors.bank.sandbox.tochka.envelope import absent, forbidden, invalid
from connectors.bank.sandbox.tochka.telling import TochkaTeller
from connectors.sandbox_kit.jsontypes import as_list, as_text

_LONGEST_URL = 2083
_EVENT: TypeAdapter[Event] = TypeAdapter(Event)


class Webhooks:
    """PUT, POST, GET, DELETE and test_send. They run unlocked: a test webhook may come back to this server."""

    def __init__(self, teller: TochkaTeller) -> None:
        self._teller = teller

    def create(self, ask: Ask) -> Answer:
        """PUT: subscribe."""
        return self._save(ask, "tochka.webhooks.create")

    def edit(self, ask: Ask) -> Answer:
        """POST: change address or events of the subscription."""
        self._current(ask)
        return self._save(ask, "tochka.webhooks.edit")

    def read(self, ask: Ask) -> Answer:
        """GET: the subscription."""
        return _shown(self._current(ask))

    def delete(self, ask: Ask) -> Answer:
        """DELETE: unsubscribe."""
        old = self._current(ask)
        with ask.banks.lock:
            ask.banks.tochka.webhook = None
            ask.banks.log_effect("rest", "tochka.webhooks.delete", "webhook", None, url=(old.url, None))
        return Answer({"result": True})

    def test_send(self, ask: Ask) -> Answer:
        """POST test_send: one test webhook of the wanted kind."""
        webhook = self._current(ask)
        event = _event(as_text(ask.body().get("webhookType")))
        return Answer({"result": self._teller.test(webhook.url, event)})

    def _current(self, ask: Ask) -> TochkaWebhook:
        _check_client(ask)
        webhook = ask.banks.tochka.webhook
        if webhook is None:
            raise absent("Вебхук не настроен")
        return webhook

    def _save(self, ask: Ask, method: str) -> Answer:
        _check_client(ask)
        wanted = _wanted(ask)
        if ask.banks.settings.tochka.hook_test_on_save:
            self._try_out(wanted)
        with ask.banks.lock:
            old = ask.banks.tochka.webhook
            ask.banks.tochka.webhook = wanted
            url = (old.url if old else None, wanted.url)
            events = (list(old.events) if old else None, list(wanted.events))
            ask.banks.log_effect("rest", method, "webhook", None, url=url, events=events)
        return _shown(wanted)

    def _try_out(self, wanted: TochkaWebhook) -> None:
        # Every event is tried, as the bank promises, even when the first one already failed.
        answered = [self._teller.test(wanted.url, event) for event in wanted.events]
        if not all(answered):
            raise invalid(f"Адрес {wanted.url} не ответил кодом 200 на тестовый вебхук")


def _check_client(ask: Ask) -> None:
    if ask.params["client_id"] != ask.banks.seed.tochka.client_id:
        raise forbidden("client_id не принадлежит этому токену")


def _wanted(ask: Ask) -> TochkaWebhook:
    body = ask.body()
    url = as_text(body.get("url"))
    events = [_event(as_text(name)) for name in as_list(body.get("webhooksList"))]
    if not events:
        raise invalid("webhooksList пуст")
    _check_url(ask, url)
    return TochkaWebhook(url=url, events=list(dict.fromkeys(events)))


def _event(name: str) -> Event:
    try:
        return _EVENT.validate_python(name)
    except ValidationError:
        raise invalid(f"Событие {name!r} неизвестно; есть {', '.join(get_args(Event))}") from None


def _check_url(ask: Ask, url: str) -> None:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise invalid("url не читается") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > _LONGEST_URL:
        raise invalid("url должен быть адресом http или https")
    strict = ask.banks.settings.tochka.hook_https_443
    if strict and (parts.scheme != "https" or port not in (None, 443)):
        raise invalid("Вебхук можно подключить только по HTTPS на порт 443")


def _shown(webhook: TochkaWebhook) -> Answer:
    return Answer({"webhooksList": list(webhook.events), "url": webhook.url})
