"""Judges where a receiver's name may lead, by the zone of every address: the world, our own network, or nowhere."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from connectors.shared.addresses import Addresses, ForbiddenAddress, Resolve, system_resolver

_Address = IPv4Address | IPv6Address

# Addresses that carry an IPv4 one to a translator (RFC 6052, RFC 8215) or simply contain it (RFC 4291).
_CARRIERS: Final = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/96", "::/96")))


class Zone(Enum):
    """Where an address lies."""

    PUBLIC = "public"
    OWN = "own"
    NOWHERE = "nowhere"


def zone_of(text: str) -> Zone:
    """Public; of this computer or a private network; or one that nobody may call.

    Link-local ones (a cloud's metadata service among them), multicast, unspecified and reserved ones are nobody's. What
    an IPv6 address only wraps counts as what is inside.

    Raises:
        ValueError: not an IP address.
    """
    address = _carried(ip_address(text.partition("%")[0]))
    if address.is_loopback:
        return Zone.OWN
    if address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved:
        return Zone.NOWHERE
    if isinstance(address, IPv6Address) and address.is_site_local:
        return Zone.OWN
    return Zone.PUBLIC if address.is_global else Zone.OWN


def _carried(address: _Address) -> _Address:
    """The IPv4 address that an IPv6 one only wraps."""
    if not isinstance(address, IPv6Address) or address.is_loopback or address.is_unspecified:
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is None and any(address in network for network in _CARRIERS):
        inner = IPv4Address(int(address) & 0xFFFFFFFF)
    return inner or address


class ReceiverAddresses(Addresses):
    """Addresses of a host that the settings name and that nobody at home vouches for.

    Args:
        own: the host may stand on this computer or in a private network.
        public: it may stand outside; plain http never leaves our own network.
    """

    def __init__(self, host: str, *, own: bool, public: bool, resolve: Resolve = system_resolver) -> None:
        super().__init__(host, private=own, resolve=resolve)
        self._host_name = host
        self._zones = ({Zone.OWN} if own else set()) | ({Zone.PUBLIC} if public else set())

    def find(self, timeout_s: float) -> Sequence[str]:
        """Addresses to call, best first; when even one of them lies elsewhere, none is.

        Raises:
            NameNotFound: no address within `timeout_s`.
            ForbiddenAddress: the name leads to a zone that is not allowed.
        """
        found = super().find(timeout_s)
        for address in found:
            if zone_of(address) not in self._zones:
                raise ForbiddenAddress(f"{self._host_name} leads to {address}")
        return found
