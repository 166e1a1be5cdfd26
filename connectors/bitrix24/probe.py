"""A live check of a connection by reading: who the webhook is, what it lacks, how far the clocks are apart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.bitrix24 import clients
from connectors.bitrix24.batching import Command
from connectors.bitrix24.client import RestClient
from connectors.bitrix24.dates import portal_time
from connectors.bitrix24.envelope import as_map
from connectors.bitrix24.mapper import COMPANY, CONTACT, DEAL, INVOICE
from connectors.bitrix24.source import stage_history
from connectors.shared.jsontypes import Json, Param
from hub.domain.errors import ConnectorError
from hub.ports.crm import Probe
from hub.ports.state import Clock

_SCOPES: Final = {
    "crm": "crm — отметьте «CRM (crm)» в правах вебхука",
    "task": "task — отметьте «Задачи (task)» в правах вебхука",
}
_NAMES: Final = {
    "deals": "сделки",
    "invoices": "счета",
    "companies": "компании",
    "contacts": "контакты",
    "requisites": "реквизиты",
    "accounts": "банковские реквизиты",
    "history": "история стадий",
    "pipelines": "воронки сделок",
}


def _reads(smart_invoices: bool) -> dict[str, Command]:
    def items(entity_type_id: int) -> Command:
        params: dict[str, Param] = {
            "entityTypeId": entity_type_id,
            "select": ["id"],
            "order": {"id": "ASC"},
            "start": -1,
        }
        return Command("crm.item.list", params)

    reads = {
        "pipelines": Command("crm.category.list", {"entityTypeId": DEAL}),
        "deals": items(DEAL),
        "companies": items(COMPANY),
        "contacts": items(CONTACT),
        "requisites": clients.requisites().page(0),
        "accounts": clients.bank_details().page(0),
        "history": stage_history(DEAL).page(0),
    }
    return {**reads, "invoices": items(INVOICE)} if smart_invoices else reads


def run_probe(client: RestClient, clock: Clock, *, smart_invoices: bool, tasks: bool = True) -> Probe:
    """Read a little of everything.

    Raises:
        ConnectorError: the portal does not let us in at all, or does not answer.
    """
    asked = clock.now()
    now = portal_time(client.read("server.time").result, asked)
    skew_s = (now - (asked + (clock.now() - asked) / 2)).total_seconds()
    granted = client.batch_outcomes({"scope": Command("scope", {}), "profile": Command("profile", {})})
    reads = client.batch_outcomes(_reads(smart_invoices))
    profile = granted["profile"]
    user = as_map(profile) if isinstance(profile, dict) else {}
    user_id = str(user.get("ID") or client.webhook.user_id)
    name = " ".join(str(user[key]) for key in ("NAME", "LAST_NAME") if user.get(key))
    return Probe(
        account=client.webhook.origin.netloc,
        user=name or f"сотрудник {user_id}",
        user_id=user_id,
        missing_rights=(*_missing_scopes(granted["scope"], tasks), *_missing_reads(reads)),
        clock_skew_s=skew_s,
    )


def _missing_scopes(scope: Json | ConnectorError, tasks: bool) -> tuple[str, ...]:
    if not isinstance(scope, list):
        return ()
    given = {str(item) for item in scope}
    # Newer portals name the same right in the plural.
    given |= {"task"} if "tasks" in given else set()
    wanted = ("crm", "task") if tasks else ("crm",)
    return tuple(_SCOPES[name] for name in wanted if name not in given)


def _missing_reads(reads: Mapping[str, Json | ConnectorError]) -> tuple[str, ...]:
    return tuple(
        f"{_NAMES[key]}: {part.code or 'отказ'} — дайте сотруднику, создавшему вебхук, право чтения в CRM"
        for key, part in reads.items()
        if isinstance(part, ConnectorError)
    )
