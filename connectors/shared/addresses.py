"""Where a host's name may lead: names are resolved once, judged, and the very address that was judged is called."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from typing import Final

#: Addresses of a host name; raises OSError (`socket.gaierror`) when there are none.
Resolve = Callable[[str], Sequence[str]]
_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Cloud machines hand their credentials out here; the others of the kind are link-local.
_METADATA: Final = frozenset(map(ipaddress.ip_address, ("169.254.169.254", "100.100.100.200", "fd00:ec2::254")))


class NameNotFound(OSError):
    """The name has no address, or none came in time."""


class ForbiddenAddress(OSError):
    """The name leads where no such system can be; nothing was sent there."""


def system_resolver(host: str) -> list[str]:
    """Addresses by the machine's own resolver, in its order of preference."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(item[4][0]) for item in found))


def is_loopback(host: str) -> bool:
    """Whether a host name means this machine."""
    if host == "localhost":
        return True
    address = _literal(host)
    return address is not None and address.is_loopback


def _literal(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


class Addresses:
    """The addresses of one host.

    A name of this machine leads to this machine and nothing else does; private networks are for systems that a company
    runs itself; link-local and metadata addresses are for nobody.

    Args:
        private: the host may stand in a private network.
    """

    def __init__(self, host: str, *, private: bool, resolve: Resolve = system_resolver) -> None:
        self._host = host
        self._private = private
        self._resolve = resolve

    def find(self, timeout_s: float) -> Sequence[str]:
        """Addresses to call, best first; every one of them was judged.

        Raises:
            NameNotFound: no address within `timeout_s`.
            ForbiddenAddress: one of them is not to be called; then none is.
        """
        found = [self._host] if _literal(self._host) is not None else self._ask(timeout_s)
        for address in found:
            if not self._allowed(ipaddress.ip_address(address.partition("%")[0])):
                raise ForbiddenAddress(f"{self._host} leads to {address}")
        return found

    def _ask(self, timeout_s: float) -> Sequence[str]:
        """The system's resolver knows no time-out, so it is asked from a thread that may be left behind."""
        answer: list[Sequence[str] | OSError] = []

        def ask() -> None:
            try:
                answer.append(self._resolve(self._host))
            except OSError as error:
                answer.append(error)

        thread = threading.Thread(target=ask, name="resolver", daemon=True)
        thread.start()
        thread.join(timeout_s)
        found = answer[0] if answer else TimeoutError(f"no answer within {timeout_s:g} s")
        if isinstance(found, OSError) or not found:
            raise NameNotFound(f"{self._host}: {found or 'no address'}")
        return found

    def _allowed(self, address: _Address) -> bool:
        mapped = getattr(address, "ipv4_mapped", None)
        if mapped is not None:
            return self._allowed(mapped)
        if is_loopback(self._host) or address.is_loopback:
            return is_loopback(self._host) and address.is_loopback
        if address in _METADATA or address.is_link_local or address.is_multicast or address.is_unspecified:
            return False
        return address.is_global or (self._private and address.is_private)
