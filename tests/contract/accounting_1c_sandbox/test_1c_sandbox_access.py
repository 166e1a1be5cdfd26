"""Who may enter and see what; sessions, licences, the web server in front, the three families of errors."""

import threading
from typing import Any

import httpx
import pytest

from .client import CLIENTS, INVOICES, PAYMENTS, OData, at
from .conftest import Served, Start

READER = {"name": "Читатель", "password": "пароль", "write": [], "post": []}
OWNER = {"name": "Обмен", "password": "песочница"}


def test_a_bad_login_gets_401_without_a_word_of_odata(start: Start) -> None:
    served = start()
    for client in (served.client_as("Обмен", "нет"), served.client_as("чужой", "песочница")):
        answer = client.call("GET", INVOICES)
        assert (answer.status_code, answer.headers["content-type"]) == (401, "text/html; charset=utf-8")
        assert answer.headers["www-authenticate"].startswith("Basic")
    assert httpx.get(served.odata.root, trust_env=False).status_code == 401
    served.control.kill_user("Обмен")
    assert served.odata.call("GET", INVOICES).status_code == 401
    served.control.revive_user("Обмен")
    assert served.odata.call("GET", INVOICES).status_code == 200


def test_missing_rights_get_401_too_but_with_code_20(start: Start) -> None:
    served = start(users=[OWNER, READER, {"name": "Слепой", "password": "x", "read": ["Catalog_*"]}])
    reader = served.client_as("Читатель", "пароль")
    key = reader.rows(INVOICES, top=1)[0]["Ref_Key"]
    assert reader.refused("PATCH", at(INVOICES, key), {"Комментарий": "x"}) == (401, "20")
    assert reader.refused("POST", CLIENTS, {"Description": "x"}) == (401, "20")
    assert reader.refused("DELETE", at(INVOICES, key)) == (401, "20")
    assert reader.refused("POST", f"{at(INVOICES, key)}/Post") == (401, "20")
    blind = served.client_as("Слепой", "x")
    assert blind.refused("GET", INVOICES) == (401, "20")
    assert blind.refused("GET", f"{INVOICES}_Товары") == (401, "20")
    assert len(blind.rows(CLIENTS)) == 5


def test_one_hidden_row_fails_the_read_unless_only_allowed_ones_are_asked_for(start: Start) -> None:
    hidden = start().odata.one(INVOICES, "Number eq 'АБ00-000118'")["Ref_Key"]
    served = start(users=[{**OWNER, "hidden": [hidden]}])
    odata = served.odata
    assert odata.refused("GET", INVOICES) == (401, "20")
    assert len(odata.rows(INVOICES, allowedOnly="true")) == 4
    assert len(odata.rows(INVOICES, filter="Number eq 'АБ00-000117'")) == 1
    assert odata.refused("GET", at(INVOICES, hidden)) == (401, "20")
    assert odata.call("GET", f"{INVOICES}/$count", allowedOnly="true").text == "\ufeff4"


def test_users_of_some_organisations_see_only_those(start: Start) -> None:
    odata = start(users=[{**OWNER, "organisations": ["00000000-0000-4000-8000-000000000001"]}]).odata
    assert odata.rows(PAYMENTS, allowedOnly="true") == []
    assert odata.refused("GET", PAYMENTS) == (401, "20")


def test_a_session_is_kept_by_its_cookie_and_ends(start: Start) -> None:
    served = start()
    odata = served.odata
    started = odata.call("GET", "", None, {"IBSession": "start"})
    name = started.cookies["ibsession"]
    odata.http.cookies.clear()
    cookie = {"Cookie": f"ibsession={name}"}
    assert odata.call("GET", CLIENTS, None, cookie).status_code == 200
    assert served.control.state()["sessions"] == 1
    assert odata.call("GET", CLIENTS, None, cookie | {"IBSession": "finish"}).status_code == 200
    assert odata.call("GET", CLIENTS, None, cookie).status_code == 400
    assert odata.call("GET", CLIENTS, None, {"Cookie": "ibsession=чужая".encode()}).status_code == 400


def test_an_idle_session_dies(start: Start) -> None:
    served = start(session_idle_s=20)
    name = served.odata.call("GET", "", None, {"IBSession": "start"}).cookies["ibsession"]
    served.odata.http.cookies.clear()
    served.control.advance(19)
    assert served.odata.call("GET", CLIENTS, None, {"Cookie": f"ibsession={name}"}).status_code == 200
    served.control.advance(21)
    assert served.odata.call("GET", CLIENTS, None, {"Cookie": f"ibsession={name}"}).status_code == 400


def together(served: Served, calls: int) -> list[int]:
    """Statuses of calls made at the same time."""
    found: list[int] = []

    def one() -> None:
        client = OData(served.sandbox)
        found.append(client.call("GET", CLIENTS).status_code)
        client.http.close()

    threads = [threading.Thread(target=one) for _ in range(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(found)


def test_a_full_pool_of_sessions_answers_406(start: Start) -> None:
    assert together(start(session_pool=1, latency_s=0.5), 3) == [200, 406, 406]
    assert together(start(session_pool=1, latency_s=0.1, pool_timeout_s=10), 3) == [200, 200, 200]
    assert together(start(latency_s=0.1), 3) == [200, 200, 200]


@pytest.mark.parametrize(("switch", "status"), [("406", 406), ("500", 500), ("html", 200)])
def test_a_missing_licence_has_three_faces(start: Start, switch: str, status: int) -> None:
    odata = start(licences=1, no_licence=switch).odata
    assert odata.call("GET", CLIENTS).status_code == 200
    odata.call("GET", "", None, {"IBSession": "start"})
    odata.http.cookies.clear()
    answer = odata.call("GET", CLIENTS)
    assert (answer.status_code, "лицензия" in answer.text) == (status, True)


def test_iis_refuses_long_segments_and_posts_without_their_length(start: Start) -> None:
    odata = start(front="iis").odata
    long = "Condition='" + " or ".join(f"Курс eq {number}" for number in range(30)) + "'"
    path = f"InformationRegister_КурсыВалют/SliceLast({long})"
    assert odata.call("GET", path).status_code == 400
    assert start().odata.call("GET", path).status_code == 200
    key = odata.rows(INVOICES, top=1)[0]["Ref_Key"]
    request = odata.http.build_request("POST", f"{odata.root}/{at(INVOICES, key)}/Post")
    del request.headers["content-length"]
    assert odata.http.send(request).status_code == 411


def test_an_address_has_a_longest_length(start: Start) -> None:
    odata = start().odata
    answer = odata.call("GET", CLIENTS, filter=" or ".join("ИНН eq '7700000016'" for _ in range(300)))
    assert (answer.status_code, "text/html" in answer.headers["content-type"]) == (414, True)


def refusals(served: Served) -> tuple[httpx.Response, httpx.Response, httpx.Response]:
    """A refusal of 1C, an exception inside it, a failed login."""
    odata = served.odata
    return (
        odata.call("GET", "Catalog_Нет"),
        odata.call("POST", INVOICES, {}),
        served.client_as("Обмен", "нет").call("GET", CLIENTS),
    )


def test_errors_come_in_three_families_of_bodies(start: Start) -> None:
    known, inner, login = refusals(start())
    assert known.json()["odata.error"] == {
        "code": "8",
        "message": {"lang": "ru", "value": 'Сущность "Catalog_Нет" не найдена'},
    }
    assert (inner.status_code, inner.json()["odata.error"]["code"], login.status_code) == (500, "-1", 401)
    known, inner, login = refusals(start(error_body="html500"))
    assert (known.status_code, inner.status_code, inner.text[:9]) == (404, 500, "<!DOCTYPE")
    known, inner, login = refusals(start(error_body="exception"))
    assert "Дата" in inner.json()["exception"]["descr"]
    known, inner, login = refusals(start(error_body="html200"))
    assert (login.status_code, login.text[:9]) == (200, "<!DOCTYPE")


def test_refusals_of_atom_clients_are_atom(start: Start) -> None:
    answer: Any = start().odata.call("GET", "Catalog_Нет", format=None)
    assert "<m:code>8</m:code>" in answer.text
