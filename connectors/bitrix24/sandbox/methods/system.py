"""System methods: time, profile, users, scopes, method discovery, features."""

from connectors.bitrix24.sandbox.context import Answer, Context, Method, Params
from connectors.bitrix24.sandbox.methods.arguments import get
from connectors.bitrix24.sandbox.methods.rows import fetch
from connectors.bitrix24.sandbox.values import stamp
from connectors.sandbox_kit.jsontypes import Json, as_text

_FEATURES_FROM_PROFESSIONAL = {"rest_offline_extended", "rest_auth_connector"}


def server_time(ctx: Context, params: Params) -> Answer:
    """server.time: the portal's clock with its offset."""
    del params
    return Answer(stamp(ctx.portal.now(), ctx.portal.zone))


def profile(ctx: Context, params: Params) -> Answer:
    """profile: the acting user in short."""
    del params
    user = ctx.user
    return Answer(
        {
            "ID": str(user.id),
            "ADMIN": user.admin,
            "NAME": user.name,
            "LAST_NAME": user.last_name,
            "PERSONAL_GENDER": "",
            "TIME_ZONE": ctx.portal.settings.time_zone,
        }
    )


def user_current(ctx: Context, params: Params) -> Answer:
    """user.current: the acting user."""
    del params
    return Answer(_user(ctx, ctx.user.id))


def user_get(ctx: Context, params: Params) -> Answer:
    """user.get: users by FILTER, in pages."""
    wanted = get(params, "filter")
    own: dict[str, Json] = {"filter": wanted if wanted is not None else {}}
    if as_text(get(params, "ID")):
        own["filter"] = {"ID": get(params, "ID")}
    own["start"] = get(params, "start")
    page = fetch(ctx, ctx.portal.tables.users, own)
    return page.answer([_user(ctx, int(str(row["id"]))) for row in page.items])


def _user(ctx: Context, user_id: int) -> dict[str, Json]:
    user = ctx.portal.users[user_id]
    return {
        "ID": str(user.id),
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "EMAIL": user.email,
        "USER_TYPE": "employee",
        "UF_DEPARTMENT": user.departments,
    }


def scope(ctx: Context, params: Params) -> Answer:
    """scope: scopes of the webhook, or all of the portal with full=true."""
    del params
    return Answer(list(ctx.webhook.scopes))


def feature_get(ctx: Context, params: Params) -> Answer:
    """feature.get: whether the plan has a feature."""
    code = as_text(get(params, "CODE"))
    rich = ctx.portal.settings.plan in {"professional", "enterprise"}
    return Answer({"value": "Y" if rich and code in _FEATURES_FROM_PROFESSIONAL else "N"})


METHODS = (
    Method("server.time", "", server_time),
    Method("profile", "", profile),
    Method("user.current", "user", user_current),
    Method("user.get", "user", user_get),
    Method("scope", "", scope),
    Method("feature.get", "", feature_get),
)
