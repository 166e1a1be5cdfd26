"""The reply envelope: result with time, error without it."""

import json
from dataclasses import dataclass

from connectors.bitrix24.sandbox.context import Answer
from connectors.bitrix24.sandbox.errors import RestError
from connectors.bitrix24.sandbox.portal import Portal
from connectors.bitrix24.sandbox.values import stamp
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.replies import Reply


@dataclass(frozen=True, slots=True)
class Meter:
    """What the time block of one method tells. `operating` is None where the limiter does not count it."""

    started: float
    cost_s: float
    operating: float | None = None
    reset_at: int | None = None


def time_block(portal: Portal, meter: Meter) -> dict[str, Json]:
    """The `time` object; duration is the simulated run time."""
    moment = stamp(portal.now(), portal.zone)
    block: dict[str, Json] = {
        "start": round(meter.started, 6),
        "finish": round(meter.started + meter.cost_s, 6),
        "duration": round(meter.cost_s, 6),
        "processing": round(meter.cost_s, 6),
        "date_start": moment,
        "date_finish": moment,
    }
    if meter.operating is not None:
        block["operating_reset_at"] = meter.reset_at
        block["operating"] = round(meter.operating, 6)
    return block


def success(portal: Portal, answer: Answer, meter: Meter, headers: dict[str, str] | None = None) -> Reply:
    """A successful reply."""
    body: dict[str, Json] = {"result": answer.result}
    if answer.next is not None:
        body["next"] = answer.next
    if answer.total is not None:
        body["total"] = answer.total
    body["time"] = time_block(portal, meter)
    return json_reply(200, body, headers)


def error_body(error: RestError) -> dict[str, Json]:
    """The error object of v2."""
    return {"error": error.code, "error_description": error.description}


def failure(error: RestError, version: int = 2) -> Reply:
    """An error reply in the form of the REST version."""
    if version == 3:
        text = str(error.code) or "BITRIX_REST_V3_EXCEPTION"
        return json_reply(error.status, {"error": {"code": text, "message": error.description}}, error.headers)
    return json_reply(error.status, error_body(error), error.headers)


def json_reply(status: int, body: Json, headers: dict[str, str] | None = None) -> Reply:
    """A JSON reply as the vendor's server sends it."""
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), headers=headers or {})
