"""A live check of a connection by reading: whose access it is, what it may not read, how far the clocks are apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.amocrm.client import ApiClient
from connectors.amocrm.config import AmoConfig, InvoiceSource
from connectors.amocrm.directory import Directory, account_of
from connectors.amocrm.envelope import object_at
from connectors.shared.http import HttpReply
from hub.domain.errors import Gone, Refused
from hub.ports.crm import Probe
from hub.ports.state import Clock

_READS: Final = {
    "воронки сделок": "/leads/pipelines",
    "сделки": "/leads",
    "компании": "/companies",
    "контакты": "/contacts",
    "события": "/events",
    "задачи": "/tasks",
}
_RIGHT: Final = "дайте пользователю, от имени которого работает хаб, право на чтение"
_NO_LIST: Final = (
    "счета: в аккаунте не включён раздел «Счета/покупки» — включите его "
    "или укажите invoices.source: deal_fields или deal"
)
_NO_STATUS: Final = "счета: в списке «Счета» удалено поле «Статус» — хаб не сможет отмечать оплату; верните поле"


def run_probe(config: AmoConfig, client: ApiClient, directory: Directory, clock: Clock) -> Probe:
    """Read a little of everything.

    Raises:
        ConnectorError: the account does not let us in at all, or does not answer.
    """
    document, reply = client.get_reply("/account", {"with": "is_api_filter_enabled,invoices_settings"})
    skew_s = _skew_s(reply, clock.now())
    account = account_of(document, config.default_currency)
    return Probe(
        account=account.name or account.subdomain or client.origin.netloc,
        user=_user_name(client, account.user_id),
        user_id=account.user_id,
        missing_rights=(*_unreadable(client), *_without_invoices(config, directory)),
        clock_skew_s=skew_s,
    )


def _skew_s(reply: HttpReply, now: datetime) -> float:
    """The account's clock minus ours, by the date of its answer: whole seconds, and half a second on the way."""
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
        skew_s = (theirs - now).total_seconds()
    except (ValueError, TypeError):
        return 0.0
    return skew_s + 0.5


def _user_name(client: ApiClient, user_id: str) -> str:
    """The user's name; only administrators may read it."""
    fallback = f"пользователь {user_id}" if user_id else "пользователь интеграции"
    try:
        name = object_at(client.get(f"/users/{user_id}")).get("name") if user_id else None
    except (Refused, Gone):
        return fallback
    return str(name) if name else fallback


def _unreadable(client: ApiClient) -> Iterator[str]:
    for what, path in _READS.items():
        try:
            client.get(path, {"limit": 1})
        except Refused:
            yield f"{what} — {_RIGHT}"


def _without_invoices(config: AmoConfig, directory: Directory) -> Iterator[str]:
    if config.invoices.source is not InvoiceSource.LIST:
        return
    try:
        known = directory.invoices(max_age_s=0.0)
    except Refused:
        yield f"счета — {_RIGHT}"
        return
    if known is None:
        yield _NO_LIST
    elif known.status is None:
        yield _NO_STATUS
