"""Hooks of the account: unsigned, so the secret path and the account's own number admit them, as hints and no more."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from connectors.amocrm.mapper import COMPANY, CONTACT, client_key
from connectors.shared import php_form
from connectors.shared.php_form import Form, FormObject, dig
from hub.ports.crm import Hint, HookRequest, ItemKind
from hub.ports.hooks import Admission
from hub.ports.records import InboxKind

FORM: Final = "application/x-www-form-urlencoded"
_MAX_BYTES: Final = 1024 * 1024
_MAX_FIELDS: Final = 20_000
_MAX_DEPTH: Final = 12
_ID_SIGNS: Final = 18
#: Of everything that a hook says only this is kept: names, sums and phones are read from the account.
_KEPT: Final = ("id", "type", "catalog_id", "element_id", "element_type")
_LEADS: Final = "leads"
_CONTACTS: Final = "contacts"
_CATALOGS: Final = "catalogs"
_COMPANIES: Final = "companies"
#: A note wraps its record once more.
_NOTE: Final = "note"


@dataclass(frozen=True, slots=True)
class Sender:
    """Whose hooks are believed.

    Attributes:
        account_id: the account's number, "" where it is not known before a call.
        subdomain: the first part of the account's name, "" where the address is not the vendor's.
    """

    account_id: str = ""
    subdomain: str = ""

    def fits(self, form: FormObject) -> bool:
        """Whether a hook names this account; it must name what we know, and nothing else will do."""
        account_id, subdomain = dig(form, "account", "id"), dig(form, "account", "subdomain")
        if self.account_id and account_id:
            return account_id == self.account_id
        return not self.subdomain or subdomain.casefold() == self.subdomain


@dataclass(frozen=True, slots=True)
class _Item:
    """One record that a hook speaks of."""

    entity: str
    event: str
    index: str
    values: Mapping[str, str]

    @property
    def place(self) -> str:
        """Where its values stand in a form."""
        place = f"{self.entity}[{self.event}][{self.index}]"
        return f"{place}[{_NOTE}]" if self.event == _NOTE else place


def admit(request: HookRequest, sender: Sender) -> Admission | None:
    """What the inbox keeps of a hook that can be ours: numbers, and not a word of what the account says of them."""
    form = _form(request, sender)
    if form is None:
        return None
    kept = [(f"{item.place}[{name}]", value) for item in _items(form) for name, value in item.values.items()]
    return Admission(InboxKind.HOOK, FORM, hashlib.sha256(request.body).hexdigest(), urlencode(kept).encode())


def verify(request: HookRequest, sender: Sender) -> tuple[Hint, ...] | None:
    """Hints of a hook that can be ours, None for any other."""
    form = _form(request, sender)
    return tuple(_hints(form)) if form is not None else None


def hints(request: HookRequest) -> tuple[Hint, ...]:
    """Hints of a hook that was admitted before; what nobody can read hints at nothing."""
    try:
        return tuple(_hints(_decoded(request.body)))
    except ValueError:
        return ()


def _form(request: HookRequest, sender: Sender) -> FormObject | None:
    kind = next((value for name, value in request.headers.items() if name.lower() == "content-type"), "")
    if request.method.upper() != "POST" or not kind.lower().startswith(FORM):
        return None
    try:
        form = _decoded(request.body)
    except ValueError:
        return None
    return form if sender.fits(form) and any(isinstance(value, dict) for value in form.values()) else None


def _decoded(body: bytes) -> FormObject:
    return php_form.decode(body, max_bytes=_MAX_BYTES, max_fields=_MAX_FIELDS, max_depth=_MAX_DEPTH)


def _items(form: FormObject) -> Iterator[_Item]:
    """Every record under every event: a hook may carry several of each."""
    for entity in (_LEADS, _CONTACTS, _COMPANIES, _CATALOGS):
        for event, records in _children(form.get(entity)):
            for index, record in _children(records):
                inner = record.get(_NOTE) if isinstance(record, dict) and event == _NOTE else record
                values = {name: text for name in _KEPT if (text := dig(inner or {}, name))}
                if values:
                    yield _Item(entity, event, index, values)


def _children(value: Form | None) -> Iterator[tuple[str, Form]]:
    if isinstance(value, dict):
        yield from value.items()


def _hints(form: FormObject) -> Iterator[Hint]:
    yield from dict.fromkeys(hint for found in _items(form) for hint in _hint(found))


def _hint(item: _Item) -> Iterator[Hint]:
    name = f"{item.entity}.{item.event}"
    record_id = item.values.get("element_id" if item.event == _NOTE else "id", "")
    if not (record_id.isascii() and record_id.isdigit()) or len(record_id) > _ID_SIGNS:
        return
    if item.entity == _LEADS:
        yield Hint(ItemKind.DEAL, record_id, name)
    elif item.entity == _CATALOGS:
        # The list is named, so that elements of other lists are no invoices.
        catalog_id = item.values.get("catalog_id", "")
        if catalog_id.isascii() and catalog_id.isdigit():
            yield Hint(ItemKind.INVOICE, element_key(catalog_id, record_id), name)
    else:
        is_company = item.entity == _COMPANIES or item.values.get("type") == "company"
        yield Hint(ItemKind.CLIENT, client_key(COMPANY if is_company else CONTACT, int(record_id)), name)


def element_key(catalog_id: str, element_id: str) -> str:
    """An element of some list, as a hint names it."""
    return f"{catalog_id}/{element_id}"
