"""Hooks as the local amoCRM and banks really send them, caught on their way, to be sent again, altered or late."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from connectors.bank.sandbox.jose import token
from hub.ports.crm import HookRequest
from hub.ports.hooks import Arrival
from hub.services.receive_event import admit_event
from tests.intake.raw import post
from tests.support.house import AMO, HOOK_SECRETS, HOOK_TOKEN, TBANK, TOCHKA, House

#: Nobody listens at the port of discarded bytes.
NOWHERE: Final = "http://127.0.0.1:9/nowhere"
HEADERS: Final[Mapping[str, Mapping[str, str]]] = {
    AMO: {"Content-Type": "application/x-www-form-urlencoded"},
    TOCHKA: {"Content-Type": "text/plain"},
    TBANK: {"Content-Type": "application/json", "Authorization": f"Bearer {HOOK_TOKEN}"},
}
#: What each sender takes for «received».
TAKEN: Final = {AMO: 204, TOCHKA: 200, TBANK: 204}


def catch(house: House) -> None:
    """From now on everything that would be told is told to nobody, and kept by `bodies`."""
    house.subscribe(NOWHERE)


def bodies(house: House, name: str) -> list[bytes]:
    """Bodies of the hooks that a system sent to nobody so far, in its order; each once, however often it was tried."""
    house.hooks_sent()
    if name == AMO:
        sent = [item.body for item in house.control.deliveries if item.url == NOWHERE]
    else:
        sent = [item.body for item in house.bank.deliveries if item.url == NOWHERE and item.bank == name]
    return [body.encode() for body in dict.fromkeys(sent)]


def caught(house: House, name: str, act: Callable[[], object]) -> list[bytes]:
    """Bodies of the hooks that an act causes; none of them reaches the hub."""
    catch(house)
    before = len(bodies(house, name))
    act()
    # A bank's statement shows no row of the very second that it is asked in.
    house.clock.sleep(1)
    return bodies(house, name)[before:]


def send(
    house: House, name: str, body: bytes, headers: Mapping[str, str] | None = None, path: str | None = None
) -> int:
    """POST a hook to the door over a socket of its own; the status of the answer."""
    assert house.site is not None
    address = path if path is not None else f"/hooks/{name}/{HOOK_SECRETS[name]}"
    return post(house.site.port, address, body, HEADERS[name] if headers is None else headers)


def put(house: House, name: str, body: bytes) -> bool:
    """Take a hook in as the door does, without a socket; False where it was there before."""
    arrival = admit_event(house.rt, name, HookRequest("POST", {}, _lower(HEADERS[name]), body))
    assert isinstance(arrival, Arrival), arrival
    with house.store.write() as uow:
        return uow.inbox.add(*arrival)[1]


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {key.lower(): value for key, value in headers.items()}


def claims_in(body: bytes) -> dict[str, Any]:
    """What a token of Tochka says."""
    payload = body.split(b".")[1]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(payload + b"=" * (-len(payload) % 4)))
    return found


def signed_by_bank(house: House, claims: Mapping[str, Any]) -> bytes:
    """A token with the bank's own signature."""
    return token(claims, "RS256", house.bank.banks.key.sign).encode()
