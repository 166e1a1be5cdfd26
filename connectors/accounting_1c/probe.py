"""A live check of a base by reading: is it published, what is missing, what the user may not read, whose clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Final

from connectors.accounting_1c import query
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import OneCConfig
from connectors.accounting_1c.directory import Directory
from connectors.accounting_1c.links import link_to
from connectors.accounting_1c.names import TICK, Base
from connectors.accounting_1c.outcomes import NO_OBJECT, NO_RIGHT
from connectors.shared.http import HttpReply
from hub.domain.errors import Gone, Refused
from hub.ports.crm import Probe
from hub.ports.state import Clock

_RIGHT: Final = "дайте пользователю 1С право чтения (роль с просмотром и ограничением доступа без лишних условий)"
_NO_CAST: Final = "отбор по составному полю не работает: проверьте версию платформы (нужна 8.3.8 или новее)"
_NO_REGISTER: Final = (
    "«{title}» ({name}) — {tick}: без него mark_paid не работает, уберите mark_paid или включите регистр в состав"
)
#: No document has it: the question is whether the server understands it.
_NOBODY: Final = "00000000-0000-0000-0000-000000000001"


def run_probe(config: OneCConfig, client: OdataClient, directory: Directory, clock: Clock) -> Probe:
    """Read a little of everything.

    Raises:
        ConnectorError: the base does not let us in at all, or does not answer.
    """
    published, reply = client.root()
    account = f"{config.names.title}, {config.origin.netloc}{config.root.removesuffix('/odata/standard.odata')}"
    skew_s = _skew_s(reply, clock.now())
    if not published:
        missing: tuple[str, ...] = (f"в публикации нет ни одного объекта — {TICK}",)
        return Probe(account, config.login, "", missing, skew_s)
    try:
        base = directory.base(max_age_s=0.0)
    except Refused as error:
        return Probe(account, config.login, "", error.missing or (error.for_person,), skew_s)
    missing = (
        *_unreadable(client, base),
        *_unfilterable(client, directory, base),
        *_unwritable(config, base),
        *_planless(config, client),
    )
    return Probe(account, config.login, "", missing, skew_s)


def _unreadable(client: OdataClient, base: Base) -> Iterator[str]:
    for item in base.sets():
        try:
            client.rows(item.set, {"$top": "1", "$select": query.listed(item.selected())})
        except Refused as error:
            if error.code == NO_RIGHT:
                yield f"«{item.title}» ({item.set}) — {_RIGHT}"
            elif error.code == NO_OBJECT:
                yield f"«{item.title}» ({item.set}) — {TICK}"
            else:
                yield f"«{item.title}» ({item.set}) — {error.for_person}"


def _unfilterable(client: OdataClient, directory: Directory, base: Base) -> Iterator[str]:
    """Rows of payments can be found by a composite field only; owners and states are found in other ways too."""
    item = base.payment_rows
    if item["link"] not in item.composite:
        return
    try:
        client.rows(item.set, {"$top": "1", "$filter": link_to(item, "link", _NOBODY, base.invoices.set)})
    except Refused as error:
        if error.code != NO_RIGHT:
            yield f"«{item.title}» ({item.set}) — {_NO_CAST}"
    else:
        if not directory.casts():
            yield f"«{item.title}» ({item.set}) — {_NO_CAST}"


def _unwritable(config: OneCConfig, base: Base) -> Iterator[str]:
    words = config.names.statuses
    if not config.mark_paid:
        return
    if words is None:
        yield f"в «{config.names.title}» нет регистра с отметкой об оплате: уберите mark_paid"
    elif base.statuses is None:
        yield _NO_REGISTER.format(title=words.title, name=words.object[0], tick=TICK)


def _planless(config: OneCConfig, client: OdataClient) -> Iterator[str]:
    """Whether the plan of exchange is published, with our node in it and not the base's own."""
    plan = config.exchange_plan
    if plan is None:
        return
    try:
        node = client.entity(plan.plan, query.guid(plan.node))
    except Gone:
        yield f"план обмена {plan.plan}: узла {plan.node} в нём нет — создайте узел для хаба и впишите его GUID"
    except Refused as error:
        advice = TICK if error.code == NO_OBJECT else _RIGHT if error.code == NO_RIGHT else error.for_person
        yield f"план обмена ({plan.plan}) — {advice}"
    else:
        if node.get("ThisNode") is True:
            yield f"план обмена {plan.plan}: узел {plan.node} — узел самой базы, нужен отдельный узел для хаба"


def _skew_s(reply: HttpReply, now: datetime) -> float:
    """The web server's clock minus ours, by the date of its answer: whole seconds, and half a second on the way."""
    try:
        theirs = parsedate_to_datetime(reply.headers.get("date", ""))
        return (theirs - now).total_seconds() + 0.5
    except (ValueError, TypeError):
        return 0.0
