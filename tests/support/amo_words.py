"""The local amoCRM's write log in the words of `tests.support.invariants`, which are those of the local Bitrix24."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from connectors.amocrm.sandbox.control import Control
from connectors.sandbox_kit.write_log import WriteRecord

_KINDS: Final = {"lead": "deal", "note": "comment"}
_STATUS: Final = "BILL_STATUS"
_MOVING: Final = "crm.item.update"


def in_crm_words(control: Control) -> list[dict[str, Any]]:
    """Every line of the log; stages and statuses are told by the numbers that the hub knows them by."""
    numbers = _statuses(control)
    return [_translated(record, numbers) for record in control.write_log.records()]


def _statuses(control: Control) -> Mapping[str, str]:
    account = control.account
    spec = account.fields.of(f"catalogs:{account.invoices_catalog_id}").find(_STATUS)
    return {choice.code or choice.value: str(choice.id) for choice in spec.choices} if spec is not None else {}


def _translated(record: WriteRecord, numbers: Mapping[str, str]) -> dict[str, Any]:
    row = record.model_dump(mode="json")
    row["entity_type"] = _KINDS.get(str(record.entity_type), record.entity_type)
    if record.owner:
        kind, _, number = record.owner.partition(":")
        row["owner"] = f"{_KINDS.get(kind, kind)}:{number}"
    changed = record.changed
    if "status_id" in changed:
        row["changed"] = {"stageId": [str(value) for value in changed["status_id"]]}
    elif _STATUS in changed:
        row["changed"] = {"stageId": [numbers.get(str(value), "") for value in changed[_STATUS]]}
    if record.kind == "call" and record.method.startswith(("PATCH /api/v4/leads", "PATCH /api/v4/catalogs")):
        row["method"] = _MOVING
    return row
