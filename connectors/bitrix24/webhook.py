"""Outgoing webhooks of the portal: proved by the application token, taken as hints and nothing more."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from pydantic import SecretStr

from connectors.bitrix24.mapper import COMPANY, CONTACT, INVOICE, client_key
from connectors.shared import php_form
from hub.ports.crm import Hint, HookRequest, ItemKind

_MAX_BYTES: Final = 65536
_MAX_FIELDS: Final = 500
_MAX_DEPTH: Final = 6
FORM: Final = "application/x-www-form-urlencoded"
#: Hints to a client through one of its parts; the part is read to learn whose it is.
REQUISITE_PREFIX: Final = "RQ_"
BANK_DETAIL_PREFIX: Final = "BD_"

_CLIENT_IDS: Final[dict[str, Callable[[str], str]]] = {
    "ONCRMCOMPANY": lambda id_: client_key(COMPANY, int(id_)),
    "ONCRMCONTACT": lambda id_: client_key(CONTACT, int(id_)),
    "ONCRMREQUISITE": lambda id_: f"{REQUISITE_PREFIX}{id_}",
    "ONCRMBANKDETAIL": lambda id_: f"{BANK_DETAIL_PREFIX}{id_}",
}


_NAMED: Final = ("ID", "ENTITY_TYPE_ID")
#: How every pair of the group `auth` begins.
_AUTH: Final = (b"auth[", b"auth%5B", b"auth%5b")
#: A letter, digit or sign of ASCII written as an escape, brackets aside: no portal does so, and a key could hide in it.
_HIDDEN: Final = re.compile(rb"%(?:[467]|5[^BbDd])")


def without_proof(body: bytes, token: bytes) -> bytes:
    """The form without its group `auth`: the token is a secret, and the portal's own address in it is never called."""
    kept = b"&".join([pair for pair in body.split(b"&") if not pair.startswith(_AUTH)])
    if b"auth" not in kept and token not in kept and not _HIDDEN.search(kept):
        return kept
    # Written in an unusual way: only what hints are made of is kept.
    form = {name: value.replace(token.decode(), "") for name, value in _decoded(body).items()}
    return urlencode({"event": form["event"], **{f"data[FIELDS][{name}]": form[name] for name in _NAMED}}).encode()


def verify(request: HookRequest, token: SecretStr) -> tuple[Hint, ...] | None:
    """Hints of an authentic hook, None for any other; without a configured token nothing is authentic."""
    expected = token.get_secret_value()
    if not expected or request.method.upper() != "POST":
        return None
    if not content_type(request).lower().startswith(FORM):
        return None
    try:
        form = _decoded(request.body)
    except ValueError:
        return None
    if not hmac.compare_digest(form["token"].encode(), expected.encode()):
        return None
    return _hints(form)


def hints(request: HookRequest) -> tuple[Hint, ...]:
    """Hints of a hook that was admitted before; what nobody can read hints at nothing."""
    try:
        return _hints(_decoded(request.body))
    except ValueError:
        return ()


def _decoded(body: bytes) -> dict[str, str]:
    """What matters of the form; a missing part is empty.

    Raises:
        ValueError: it is not a form, or passes a cap.
    """
    form = php_form.decode(body, max_bytes=_MAX_BYTES, max_fields=_MAX_FIELDS, max_depth=_MAX_DEPTH)
    named = {name: php_form.dig(form, "data", "FIELDS", name) for name in _NAMED}
    return named | {"event": php_form.dig(form, "event"), "token": php_form.dig(form, "auth", "application_token")}


def _hints(form: Mapping[str, str]) -> tuple[Hint, ...]:
    hint = _hint(form["event"].upper(), form["ID"], form["ENTITY_TYPE_ID"])
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


def content_type(request: HookRequest) -> str:
    """The content type as it was sent, whatever the case of its header's name."""
    return next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
