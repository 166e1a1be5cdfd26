"""All REST methods by name, and the two methods that tell about them."""

from connectors.bitrix24.sandbox.context import Answer, Context, Method, Params
from connectors.bitrix24.sandbox.methods import (
    crm_classic,
    crm_item,
    directories,
    products,
    requisites,
    system,
    tasks,
    timeline,
)
from connectors.bitrix24.sandbox.methods.arguments import get
from connectors.sandbox_kit.jsontypes import as_text

# Known to webhooks only by their refusal: they need an application.
_APP_ONLY = (
    "event.bind",
    "event.unbind",
    "event.get",
    "event.offline.get",
    "event.offline.list",
    "event.offline.clear",
    "event.offline.error",
    "placement.bind",
    "crm.automation.trigger.add",
    "crm.automation.trigger.execute",
    "bizproc.robot.add",
)


def _methods(ctx: Context, params: Params) -> Answer:
    """methods: the names this webhook may call."""
    del params
    return Answer([m.name for m in METHODS.values() if not m.scope or m.scope in ctx.webhook.scopes])


def _method_get(ctx: Context, params: Params) -> Answer:
    """method.get: whether a method exists and is open to this webhook."""
    method = METHODS.get(as_text(get(params, "name")).lower())
    available = method is not None and (not method.scope or method.scope in ctx.webhook.scopes)
    return Answer({"isExisting": method is not None, "isAvailable": available})


def _unreachable(ctx: Context, params: Params) -> Answer:
    del ctx, params
    raise AssertionError("an application method is refused before it runs")


def _collect() -> dict[str, Method]:
    families = (system, crm_item, crm_classic, directories, requisites, products, timeline, tasks)
    listed = [method for family in families for method in family.METHODS]
    listed += [Method("methods", "", _methods), Method("method.get", "", _method_get)]
    listed += [Method(name, "", _unreachable, app_only=True) for name in _APP_ONLY]
    return {method.name: method for method in listed}


METHODS = _collect()
