"""Where a receiver's name may lead, judged address by address."""

from __future__ import annotations

import pytest

from connectors.shared.addresses import ForbiddenAddress, NameNotFound
from connectors.shared.reach import ReceiverAddresses, Zone, zone_of

OWN = [
    "127.0.0.1",
    "127.9.9.9",
    "::1",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "100.64.0.1",
    "fc00::1",
    "fec0::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
]
NOWHERE = [
    "0.0.0.0",
    "::",
    "169.254.169.254",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "fe80::1",
    "fe80::1%eth0",
    "224.0.0.1",
    "ff02::1",
    "240.0.0.1",
    "255.255.255.255",
]
PUBLIC = ["8.8.8.8", "2a02:6b8::2:242", "64:ff9b::808:808", "::ffff:8.8.8.8"]

pytestmark = pytest.mark.row(36)


@pytest.mark.parametrize(
    ("address", "zone"),
    [
        *((address, Zone.OWN) for address in OWN),
        *((address, Zone.NOWHERE) for address in NOWHERE),
        *((address, Zone.PUBLIC) for address in PUBLIC),
    ],
)
def test_an_address_lies_where_what_it_wraps_lies(address: str, zone: Zone) -> None:
    assert zone_of(address) is zone


def find(*addresses: str, own: bool = False, public: bool = True) -> list[str]:
    judged = ReceiverAddresses("receiver.example", own=own, public=public, resolve=lambda _host: addresses)
    return list(judged.find(5))


@pytest.mark.parametrize("address", [*OWN, *NOWHERE])
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    with pytest.raises(ForbiddenAddress):
        find(address)


@pytest.mark.parametrize("address", [*OWN, *NOWHERE])
def test_a_name_that_leads_inside_beside_a_good_address_is_refused_whole(address: str) -> None:
    with pytest.raises(ForbiddenAddress):
        find("8.8.8.8", address)


@pytest.mark.parametrize("address", NOWHERE)
def test_what_belongs_to_nobody_is_refused_even_where_our_own_network_is_allowed(address: str) -> None:
    with pytest.raises(ForbiddenAddress):
        find(address, own=True)


def test_our_own_network_is_reached_where_it_is_allowed() -> None:
    assert find("10.1.2.3", own=True) == ["10.1.2.3"]
    assert find("8.8.8.8", own=True) == ["8.8.8.8"]


def test_plain_http_never_leaves_our_own_network() -> None:
    with pytest.raises(ForbiddenAddress):
        find("8.8.8.8", own=True, public=False)


@pytest.mark.parametrize("literal", ["127.0.0.1", "169.254.169.254", "10.0.0.1"])
def test_an_address_written_out_is_judged_too(literal: str) -> None:
    with pytest.raises(ForbiddenAddress):
        ReceiverAddresses(literal, own=False, public=True).find(5)


def test_a_name_without_an_address_is_not_found() -> None:
    with pytest.raises(NameNotFound):
        find()
