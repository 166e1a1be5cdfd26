"""Hooks of an account as bytes: what is admitted, what of it is kept, and what it hints at. No account is asked."""

from __future__ import annotations

import hashlib
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest

from connectors.amocrm import webhook
from connectors.amocrm.webhook import FORM, Sender
from hub.ports.crm import Hint, HookRequest, ItemKind
from hub.ports.records import InboxKind

Pairs = tuple[tuple[str, Any], ...]

OURS = Sender("300100", "acme")
ACCOUNT: Pairs = (("account[id]", 300100), ("account[subdomain]", "acme"))


def hook(*pairs: tuple[str, Any], account: Pairs = ACCOUNT, method: str = "POST", **headers: str) -> HookRequest:
    named = {name.replace("_", "-"): value for name, value in headers.items()} or {"content-type": FORM}
    return HookRequest(method, {}, named, urlencode([*pairs, *account]).encode())


def hints(*pairs: tuple[str, Any]) -> list[tuple[ItemKind, str, str]]:
    found = webhook.verify(hook(*pairs), OURS)
    assert found is not None
    return [(hint.kind, hint.id, hint.event) for hint in found]


LEAD = ("leads[status][0][id]", 70001)


# Whose hooks are believed


@pytest.mark.parametrize(
    ("sender", "account", "believed"),
    [
        (Sender("300100", "other"), ACCOUNT, True),
        (Sender("300101", "acme"), ACCOUNT, False),
        (Sender("", "acme"), ACCOUNT, True),
        (Sender("", "acme"), (("account[subdomain]", "ACME"),), True),
        (Sender("", "other"), ACCOUNT, False),
        (Sender("", ""), ACCOUNT, True),
        (Sender("", ""), (), True),
        (Sender("300100", "acme"), (("account[subdomain]", "acme"),), True),
        (Sender("300100", "acme"), (("account[subdomain]", "other"),), False),
        (Sender("300100", "acme"), (), False),
        (Sender("300100", ""), (), True),
        (Sender("", "acme"), (("account[id]", 300100),), False),
    ],
)
def test_the_accounts_number_decides_and_its_name_where_there_is_none(
    sender: Sender, account: Pairs, believed: bool
) -> None:
    request = hook(LEAD, account=account)
    assert (webhook.verify(request, sender) is not None) is believed
    assert (webhook.admit(request, sender) is not None) is believed


@pytest.mark.parametrize(
    ("request_", "believed"),
    [
        (hook(LEAD), True),
        (hook(LEAD, method="post"), True),
        (hook(LEAD, method="GET"), False),
        (hook(LEAD, Content_Type=f"{FORM.upper()}; charset=utf-8"), True),
        (hook(LEAD, X_Other="1", CONTENT_TYPE=FORM), True),
        (hook(LEAD, content_type="application/json"), False),
        (hook(LEAD, X_Other=FORM), False),
    ],
)
def test_a_hook_is_a_posted_form(request_: HookRequest, believed: bool) -> None:
    assert (webhook.verify(request_, OURS) is not None) is believed


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"a=1&b=2", id="nothing but words"),
        pytest.param(b"\xff\xfe=1&account[id]=300100", id="no text"),
        pytest.param(b"leads" + b"[a]" * 12 + b"=1&account[id]=300100", id="too deep"),
        pytest.param(b"account[id]=300100" + b"&a[b]=1" * 20_000, id="too many fields"),
        pytest.param(b"account[id]=300100&a=" + b"1" * 1024 * 1024, id="too long"),
    ],
)
def test_what_is_no_hook_is_not_believed(body: bytes) -> None:
    request = HookRequest("POST", {}, {"content-type": FORM}, body)
    assert webhook.verify(request, Sender()) is None
    assert webhook.admit(request, Sender()) is None
    assert webhook.hints(request) == ()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"leads" + b"[a]" * 11 + b"=1&account[id]=300100", id="as deep as may be"),
        pytest.param(b"account[id]=300100" + b"&a[b]=1" * 19_999, id="as many fields as may be"),
        pytest.param(b"account[id]=300100&a=" + b"1" * (1024 * 1024 - 21), id="as long as may be"),
    ],
)
def test_a_large_hook_is_believed(body: bytes) -> None:
    assert webhook.verify(HookRequest("POST", {}, {"content-type": FORM}, body), OURS) == ()


# What a hook hints at


def test_every_record_of_every_event_counts_once() -> None:
    assert hints(
        ("leads[update][0][id]", 1),
        ("leads[update][1][id]", 2),
        ("leads[update][2][id]", 1),
        ("leads[delete][0][id]", 2),
        ("contacts[update][0][id]", 3),
        ("contacts[update][0][type]", "contact"),
        ("contacts[add][0][id]", 4),
        ("contacts[add][0][type]", "company"),
        ("companies[update][0][id]", 5),
        ("catalogs[update][0][id]", 6),
        ("catalogs[update][0][catalog_id]", 7301),
        ("task[add][0][id]", 7),
        ("unsorted[add][0][id]", 8),
    ) == [
        (ItemKind.DEAL, "1", "leads.update"),
        (ItemKind.DEAL, "2", "leads.update"),
        (ItemKind.DEAL, "2", "leads.delete"),
        (ItemKind.CLIENT, "C_3", "contacts.update"),
        (ItemKind.CLIENT, "CO_4", "contacts.add"),
        (ItemKind.CLIENT, "CO_5", "companies.update"),
        (ItemKind.INVOICE, "7301/6", "catalogs.update"),
    ]


@pytest.mark.parametrize(
    ("id_", "is_number"),
    [
        *((bad, False) for bad in ("", "-1", "1e3", "٣", "1/2", "x", " 1", "1" * 19)),
        ("1", True),
        ("1" * 18, True),
    ],
)
def test_a_number_that_is_none_hints_at_nothing(id_: str, is_number: bool) -> None:
    assert bool(hints(("leads[add][0][id]", id_))) is is_number


@pytest.mark.parametrize("catalog_id", ["", "x", "٣", "1/2"])
def test_an_element_of_no_list_hints_at_nothing(catalog_id: str) -> None:
    assert hints(("catalogs[add][0][id]", 5), ("catalogs[add][0][catalog_id]", catalog_id)) == []
    assert hints(("catalogs[add][0][id]", 5)) == []


@pytest.mark.parametrize("pair", [("leads", "1"), ("leads[add]", "1"), ("leads[add][0]", "1"), ("leads[note][0]", "1")])
def test_a_record_of_another_shape_hints_at_nothing(pair: tuple[str, str]) -> None:
    assert hints(pair) == []


def test_a_record_without_a_number_hints_at_nothing() -> None:
    assert hints(("contacts[add][0][type]", "company"), ("leads[note][0][note][id]", 9)) == []


NOTE = (
    ("leads[note][0][note][id]", 9),
    ("leads[note][0][note][element_id]", 70001),
    ("leads[note][0][note][text]", "секрет"),
)


def test_a_note_hints_at_its_deal() -> None:
    assert hints(*NOTE) == [(ItemKind.DEAL, "70001", "leads.note")]
    # Only a note wraps its record.
    assert hints(("leads[add][0][note][id]", 9)) == []


# What the inbox keeps


def test_the_inbox_keeps_numbers_and_nothing_else() -> None:
    request = hook(
        LEAD,
        ("leads[status][0][name]", "Иван Петров +79990000000"),
        ("leads[status][0][custom_fields][0][values][0][value]", "7701234567"),
        ("contacts[add][1][id]", 4),
        ("contacts[add][1][type]", "company"),
        ("catalogs[update][0][id]", 6),
        ("catalogs[update][0][catalog_id]", 7301),
    )
    admission = webhook.admit(request, OURS)
    assert admission is not None
    assert (admission.kind, admission.name) == (InboxKind.HOOK, FORM)
    assert admission.digest == hashlib.sha256(request.body).hexdigest()
    assert admission.kept is not None
    assert parse_qsl(admission.kept.decode()) == [
        ("leads[status][0][id]", "70001"),
        ("contacts[add][1][id]", "4"),
        ("contacts[add][1][type]", "company"),
        ("catalogs[update][0][id]", "6"),
        ("catalogs[update][0][catalog_id]", "7301"),
    ]


@pytest.mark.parametrize(
    "pairs",
    [
        pytest.param((LEAD,), id="a deal"),
        pytest.param(NOTE, id="a note"),
        pytest.param((("contacts[add][0][id]", 4), ("contacts[add][0][type]", "company")), id="a company"),
        pytest.param((("catalogs[add][0][id]", 5), ("catalogs[add][0][catalog_id]", 7301)), id="an invoice"),
    ],
)
def test_what_was_kept_hints_at_the_same(pairs: Pairs) -> None:
    request = hook(*pairs)
    admission = webhook.admit(request, OURS)
    assert admission is not None
    assert admission.kept is not None
    assert "секрет" not in dict(parse_qsl(admission.kept.decode())).values()
    kept = HookRequest("POST", {}, {"content-type": admission.name}, admission.kept)
    found = webhook.hints(kept)
    assert found
    assert found == webhook.verify(request, OURS)
    assert isinstance(found[0], Hint)
