"""The account and its users."""

from datetime import UTC, datetime

from connectors.amocrm.sandbox import seed as s
from connectors.amocrm.sandbox.account import Record
from connectors.amocrm.sandbox.api.cards import absent
from connectors.amocrm.sandbox.context import Answer, Context, Route
from connectors.amocrm.sandbox.listing import paged
from connectors.amocrm.sandbox.render import href
from connectors.sandbox_kit.jsontypes import Json

_TASK_TYPES: list[Json] = [
    {"id": 1, "name": "Связаться", "color": None, "icon_id": None, "code": "FOLLOW_UP"},
    {"id": 2, "name": "Встреча", "color": None, "icon_id": None, "code": "MEETING"},
]


def get_account(ctx: Context) -> Answer:
    """GET /api/v4/account with what `with` asked for."""
    account, settings = ctx.account, ctx.account.settings
    admin = next((user.id for user in account.users.values() if user.admin), 0)
    shown: Record = {
        "id": account.account_id,
        "name": settings.name,
        "subdomain": account.subdomain,
        "created_at": 1609448400,
        "created_by": 0,
        "updated_at": 1609448400,
        "updated_by": admin,
        "current_user_id": ctx.user.id,
        "country": "RU",
        "currency": settings.currency,
        "currency_symbol": "₽" if settings.currency == "RUB" else settings.currency,
        "customers_mode": "disabled",
        "is_unsorted_on": True,
        "mobile_feature_version": 0,
        "is_loss_reason_enabled": True,
        "is_helpbot_enabled": False,
        "is_technical_account": False,
        "contact_name_display_order": 1,
    }
    shown |= {name: value for name, value in _optional(ctx).items() if name in ctx.wanted}
    shown["_links"] = href(ctx.base, "account")
    embedded = {name: value for name, value in _embedded(ctx).items() if name in ctx.wanted}
    if embedded:
        shown["_embedded"] = embedded
    return Answer(shown)


def _optional(ctx: Context) -> Record:
    account = ctx.account
    invoices = account.invoices_catalog_id
    return {
        "amojo_id": "5d0c9f4b-e1a8-4c0f-9e6b-000000000001",
        "uuid": "5d0c9f4b-e1a8-4c0f-9e6b-000000000002",
        "version": 12,
        "drive_url": ctx.base,
        "is_api_filter_enabled": account.api_filter_enabled,
        "invoices_settings": {"lang": account.settings.language, "invoices_catalog_id": invoices},
    }


def _embedded(ctx: Context) -> Record:
    account = ctx.account
    offset = datetime.fromtimestamp(account.now(), UTC).astimezone(account.zone).strftime("%z")
    return {
        "task_types": _TASK_TYPES,
        "users_groups": [{"id": 0, "name": "Отдел продаж", "uuid": None}],
        "datetime_settings": {
            "date_pattern": "d.m.Y H:i",
            "short_date_pattern": "d.m.Y",
            "short_time_pattern": "H:i",
            "date_format": "d.m.Y",
            "time_format": "H:i:s",
            "timezone": account.settings.time_zone,
            "timezone_offset": f"{offset[:3]}:{offset[3:]}",
        },
    }


def list_users(ctx: Context) -> Answer:
    """GET /api/v4/users; for admins."""
    users = sorted(ctx.account.users.values(), key=lambda user: user.id)
    return paged(ctx, users, "users", lambda user: _user_json(ctx, user))


def get_user(ctx: Context, user_id: int) -> Answer:
    """GET /api/v4/users/{id}; for admins."""
    user = ctx.account.users.get(user_id)
    return absent(ctx) if user is None else Answer(_user_json(ctx, user))


def _user_json(ctx: Context, user: s.User) -> Record:
    may: Json = {"view": "A", "edit": "A", "add": "A", "delete": "A", "export": "A"}
    return {
        "id": user.id,
        "name": user.name,
        "email": user.email,
        "lang": ctx.account.settings.language,
        "rights": {
            "leads": may,
            "contacts": may,
            "companies": may,
            "tasks": {"edit": "A", "delete": "A"},
            "mail_access": False,
            "catalog_access": True,
            "status_rights": None,
            "is_admin": user.admin,
            "is_free": False,
            "is_active": user.active,
            "group_id": user.group_id or None,
            "role_id": None,
        },
        "_links": href(ctx.base, f"users/{user.id}"),
    }


ROUTES = [
    Route("GET", "account", get_account),
    Route("GET", "users", list_users, admin=True),
    Route("GET", "users/{id}", get_user, admin=True),
]
