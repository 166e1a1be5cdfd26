from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.amocrm import webhook
from connectors.amocrm.webhook import Sender
from hub.ports.crm import Capability, Hint, HookRequest, ItemKind
from hub.ports.hooks import HookDoor, HookKeeper

from .account import INVOICES, Account, deals_in, invoices_in, opened, seed, served

URL = "http://127.0.0.1:9/hooks/main/secretsecretsecret"
FORM = {"content-type": "application/x-www-form-urlencoded"}


def hook(*pairs: tuple[str, Any], account_id: int = 300100, subdomain: str = "sandbox") -> HookRequest:
    tail = [("account[id]", account_id), ("account[subdomain]", subdomain)]
    return HookRequest("POST", {}, FORM, urlencode([*pairs, *tail]).encode())


def test_a_hook_of_the_account_is_a_hint(account: Account) -> None:
    request = hook(("leads[status][0][id]", 70001), ("leads[status][0][status_id]", 61003))
    assert account.crm.verify(request) == (Hint(ItemKind.DEAL, "70001", "leads.status"),)


def test_a_hook_of_another_account_is_not_believed(account: Account) -> None:
    assert account.crm.verify(hook(("leads[add][0][id]", 1), account_id=1)) is None
    assert account.crm.admit(hook(("leads[add][0][id]", 1), account_id=1)) is None


@pytest.mark.parametrize(
    ("sender", "believed"),
    [
        (Sender("300100", "other"), True),
        (Sender("300101", "sandbox"), False),
        (Sender("", "sandbox"), True),
        (Sender("", "other"), False),
        (Sender("", ""), True),
    ],
)
def test_the_accounts_number_decides_and_its_name_where_there_is_none(sender: Sender, believed: bool) -> None:
    assert (webhook.verify(hook(("leads[add][0][id]", 1)), sender) is not None) is believed


def test_every_record_of_every_event_counts(account: Account) -> None:
    request = hook(
        ("leads[update][0][id]", 1),
        ("leads[update][1][id]", 2),
        ("leads[status][0][id]", 2),
        ("contacts[update][0][id]", 3),
        ("contacts[update][0][type]", "contact"),
        ("contacts[add][0][id]", 4),
        ("contacts[add][0][type]", "company"),
        ("catalogs[update][0][id]", 5),
        ("catalogs[update][0][catalog_id]", INVOICES),
        ("task[add][0][id]", 6),
        ("unsorted[add][0][id]", 7),
    )
    hints = account.crm.verify(request)
    assert hints is not None
    assert {(hint.kind, hint.id) for hint in hints} == {
        (ItemKind.DEAL, "1"),
        (ItemKind.DEAL, "2"),
        (ItemKind.CLIENT, "C_3"),
        (ItemKind.CLIENT, "CO_4"),
        (ItemKind.INVOICE, f"{INVOICES}/5"),
    }


def test_a_note_hints_at_its_deal(account: Account) -> None:
    request = hook(
        ("leads[note][0][note][id]", 9),
        ("leads[note][0][note][element_id]", 70001),
        ("leads[note][0][note][text]", "секрет"),
    )
    assert account.crm.verify(request) == (Hint(ItemKind.DEAL, "70001", "leads.note"),)


def test_the_inbox_keeps_numbers_and_nothing_else(account: Account) -> None:
    request = hook(
        ("leads[status][0][id]", 70001),
        ("leads[status][0][name]", "Иван Петров +79990000000"),
        ("leads[status][0][custom_fields][0][values][0][value]", "7701234567"),
    )
    assert isinstance(account.crm, HookDoor)
    admission = account.crm.admit(request)
    assert admission is not None
    assert admission.kept is not None
    assert b"7701234567" not in admission.kept
    assert "Иван".encode() not in admission.kept
    kept = HookRequest("POST", {}, {"content-type": admission.name}, admission.kept)
    assert account.crm.hints(kept) == account.crm.verify(request)


def test_the_same_hook_twice_is_stored_once(account: Account) -> None:
    request = hook(("leads[status][0][id]", 70001))
    first, second = account.crm.admit(request), account.crm.admit(request)
    assert first is not None
    assert second is not None
    assert first.digest == second.digest


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(HookRequest("GET", {}, FORM, b"leads[add][0][id]=1"), id="not a POST"),
        pytest.param(HookRequest("POST", {}, {"content-type": "application/json"}, b"{}"), id="not a form"),
        pytest.param(HookRequest("POST", {}, FORM, b""), id="empty"),
        pytest.param(HookRequest("POST", {}, FORM, b"\xff\xfe=1"), id="no text"),
        pytest.param(HookRequest("POST", {}, FORM, b"leads=" + b"[a]" * 40), id="flat"),
        pytest.param(HookRequest("POST", {}, FORM, b"leads" + b"[a]" * 40 + b"=1"), id="too deep"),
        pytest.param(HookRequest("POST", {}, FORM, b"&".join([b"a[b]=1"] * 30_000)), id="too many"),
    ],
)
def test_what_is_no_hook_is_not_believed(account: Account, request_: HookRequest) -> None:
    assert account.crm.verify(request_) is None


@pytest.mark.parametrize("id_", ["", "-1", "1e3", "٣", "9" * 40, "1/2", "x"])
def test_a_number_that_is_none_hints_at_nothing(account: Account, id_: str) -> None:
    assert account.crm.verify(hook(("leads[add][0][id]", id_))) == ()


def test_hints_lead_to_what_changed(account: Account) -> None:
    account.human(act="edit", id=70001, fields={"name": "Новое имя"})
    assert deals_in(account.crm.reread(ItemKind.DEAL, "70001"))["70001"].title == "Новое имя"
    assert "880101" in invoices_in(account.crm.reread(ItemKind.INVOICE, f"{INVOICES}/880101"))


def test_hooks_that_the_account_sends_are_understood() -> None:
    import http.server
    import threading

    bodies: list[bytes] = []

    class Door(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door) as door:
        thread = threading.Thread(target=door.serve_forever, daemon=True)
        thread.start()
        address = f"http://127.0.0.1:{door.server_port}/hooks/main/secret"
        with served(seed(), hooks=True, hook_url=address) as account:
            assert account.crm.keep_hooks() is True
            account.human(act="move", id=70001, status_id=61003)
            account.human(act="edit", entity="company", id=512, fields={"name": "Вектор плюс"})
            account.human(act="edit", entity="contact", id=800, fields={"name": "Пётр"})
            account.human(act="delete", id=70001)
            account.sandbox.control.wait_hooks()
            found = set()
            for body in bodies:
                hints = account.crm.verify(HookRequest("POST", {}, FORM, body))
                assert hints is not None
                found |= {(hint.kind, hint.id) for hint in hints}
        door.shutdown()
    assert found == {(ItemKind.DEAL, "70001"), (ItemKind.CLIENT, "CO_512"), (ItemKind.CLIENT, "C_800")}


# The subscription


def test_hooks_are_promised_only_where_the_address_is_open(account: Account) -> None:
    assert Capability.HOOKS not in account.crm.capabilities()
    with opened(account.sandbox, hooks=True) as other:
        assert Capability.HOOKS in other.crm.capabilities()
        assert isinstance(other.crm, HookKeeper)
        assert other.crm.keep_hooks() is False


def test_a_subscription_is_made_once(account: Account) -> None:
    with opened(account.sandbox, hooks=True, hook_url=URL) as other:
        assert other.crm.keep_hooks() is True
        assert other.crm.keep_hooks() is False
    (row,) = account.sandbox.control.webhooks()
    assert row["destination"] == URL
    assert "status_lead" in str(row["settings"])


def test_a_disabled_subscription_is_made_anew_with_what_people_added(account: Account) -> None:
    account.sandbox.control.add_webhook({"destination": URL, "settings": ["status_lead", "update_catalog_7301"]})
    account.sandbox.control.add_webhook({"destination": "https://other.example/", "settings": ["add_lead"]})
    with opened(account.sandbox, hooks=True, hook_url=URL) as other:
        assert other.crm.keep_hooks() is True
        row = next(row for row in account.sandbox.control.webhooks() if row["destination"] == URL)
        assert "update_catalog_7301" in str(row["settings"])
        with account.sandbox.control.account.lock:
            for stored in account.sandbox.control.account.webhooks.listed():
                stored["disabled"] = True
        assert other.crm.keep_hooks() is True
        row = next(row for row in account.sandbox.control.webhooks() if row["destination"] == URL)
        assert row["disabled"] is False
        assert other.crm.keep_hooks() is False
    assert account.requests("DELETE /api/v4/webhooks") == 0
