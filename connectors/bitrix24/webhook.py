"""Outgoing webhooks of the portal: proved by the application token, taken as hints and nothing more."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Final

from pydantic import SecretStr

from connectors.bitrix24.mapper import COMPANY, CONTACT, INVOICE, client_key
from connectors.shared import php_form
from hub.ports.crm import Hint, HookRequest, ItemKind

_MAX_BYTES: Final = 65536
_FORM: Final = "application/x-www-form-urlencoded"
#: Hints to a client through one of its parts; the part is read to learn whose it is.
REQUISITE_PREFIX: Final = "RQ_"
BANK_DETAIL_PREFIX: Final = "BD_"

_CLIENT_IDS: Final[dict[str, Callable[[str], str]]] = {
    "ONCRMCOMPANY": lambda id_: client_key(COMPANY, int(id_)),
    "ONCRMCONTACT": lambda id_: client_key(CONTACT, int(id_)),
    "ONCRMREQUISITE": lambda id_: f"{REQUISITE_PREFIX}{id_}",
    "ONCRMBANKDETAIL": lambda id_: f"{BANK_DETAIL_PREFIX}{id_}",
}


def verify(request: HookRequest, token: SecretStr) -> tuple[Hint, ...] | None:
    """Hints of an authentic hook, None for any other; without a configured token nothing is authentic."""
    expected = token.get_secret_value()
    if not expected or request.method.upper() != "POST":
        return None
    if not _header(request, "content-type").lower().startswith(_FORM):
        return None
    try:
        form = php_form.decode(request.body, max_bytes=_MAX_BYTES)
    except ValueError:
        return None
    given = php_form.dig(form, "auth", "application_token")
    if not hmac.compare_digest(given.encode(), expected.encode()):
        return None
    hint = _hint(
        php_form.dig(form, "event").upper(),
        php_form.dig(form, "data", "FIELDS", "ID"),
        php_form.dig(form, "data", "FIELDS", "ENTITY_TYPE_ID"),
    )
    return (hint,) if hint is not None else ()


def _hint(event: str, record_id: str, entity_type_id: str) -> Hint | None:
    if not (record_id.isascii() and record_id.isdigit()) or len(record_id) > 18:
        return None
    if event.startswith("ONCRMDEAL"):
        return Hint(ItemKind.DEAL, record_id, event)
    if event.startswith("ONCRMDYNAMICITEM"):
        is_invoice = event.endswith(f"_{INVOICE}") or entity_type_id == str(INVOICE)
        return Hint(ItemKind.INVOICE, record_id, event) if is_invoice else None
    for prefix, id_of in _CLIENT_IDS.items():
        if event.startswith(prefix):
            return Hint(ItemKind.CLIENT, id_of(record_id), event)
    return None


def _header(request: HookRequest, name: str) -> str:
    return next((value for key, value in request.headers.items() if key.lower() == name), "")
