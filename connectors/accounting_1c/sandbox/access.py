"""Who may call, what they may do, which rows they see."""

import base64
import binascii
from collections.abc import Iterable
from fnmatch import fnmatchcase

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.errors import ServerPage, no_rights
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.seed import User
from connectors.accounting_1c.sandbox.values import Row

_ORGANISATION = "Организация_Key"


def admit(base: Base, header: str | None) -> User:
    """The user of a request. Raises ServerPage 401, without any OData: that is how bad credentials look."""
    name, password = _credentials(header)
    for user in base.seed.users:
        if (user.name, user.password) == (name, password) and user.name not in base.dead_users:
            return user
    raise ServerPage(
        401, "Неправильное имя или пароль пользователя", {"www-authenticate": 'Basic realm="1C:Enterprise 8.3"'}
    )


def may(base: Base, user: User, right: str, table: Table) -> None:
    """Raises ODataError 20 when the user's roles do not allow `read`, `write` or `post` on a set."""
    masks: list[str] = getattr(user, right)
    name = base.configuration.owner(table).name
    if not any(fnmatchcase(name, mask) for mask in masks):
        raise no_rights(name)


def sees(user: User, row: Row) -> bool:
    """False for a row that restrictions hide."""
    hidden = user.hidden
    if hidden and (row.values.get("Ref_Key") in hidden or row.values.get("Recorder") in hidden):
        return False
    if user.organisations is None or _ORGANISATION not in row.values:
        return True
    return row.values[_ORGANISATION] in user.organisations


def visible(user: User, table: Table, rows: Iterable[Row], *, allowed_only: bool) -> list[Row]:
    """The rows a user sees. One hidden row fails the whole read unless only allowed ones are asked for."""
    found = list(rows)
    if not user.hidden and user.organisations is None:
        return found
    seen = [row for row in found if sees(user, row)]
    if len(seen) < len(found) and not allowed_only:
        raise no_rights(table.name)
    return seen


def _credentials(header: str | None) -> tuple[str, str]:
    scheme, _, coded = (header or "").partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        # UTF-8: names of users are Cyrillic more often than not.
        name, _, password = base64.b64decode(coded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return "", ""
    return name, password
