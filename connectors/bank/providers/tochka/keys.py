"""The bank's public key of hooks: kept for ten minutes, fetched once more when a signature does not fit."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from connectors.bank.providers.tochka.jwt import read_keys, verify
from hub.ports.state import Clock

_log = logging.getLogger(__name__)
#: A stranger who sends forged tokens must not make us call the bank more often.
_LEAST_BETWEEN_S: Final = 30.0


class KeyRing:
    """Keys with their age. Thread-safe.

    The door that asks it stands in the loop that answers every hook, so it never waits for the network: where the key
    may have been changed, it is fetched beside, the hook is refused, and the bank's next try (ten seconds later) is
    judged by the new key.

    Args:
        fetch: reads the bank's document of keys; raises on any trouble.
        beside: runs a call elsewhere.
    """

    def __init__(
        self,
        fetch: Callable[[], bytes],
        clock: Clock,
        keep_s: float = 600.0,
        beside: Callable[[Callable[[], None]], None] | None = None,
    ) -> None:
        self._fetch = fetch
        self._clock = clock
        self._keep_s = keep_s
        self._beside = beside or _in_thread
        self._lock = threading.Lock()
        self._keys: tuple[RSAPublicKey, ...] = ()
        self._fetched_at: float | None = None
        self._tried_at: float | None = None

    def verify(self, token: bytes) -> bytes | None:
        """The payload of an authentic token; None for a forged one, and for one that has to come again."""
        with self._lock:
            keys, is_stale = self._keys, self._is_old(self._fetched_at, self._keep_s)
        payload = verify(token, keys)
        if (payload is None or is_stale) and self._take_turn():
            self._beside(self._renew)
        return payload

    def refresh(self) -> None:
        """Fetch the key now when it is old. Waits for the network."""
        with self._lock:
            is_stale = self._is_old(self._fetched_at, self._keep_s)
        if is_stale:
            self._renew()

    def _take_turn(self) -> bool:
        with self._lock:
            if not self._is_old(self._tried_at, _LEAST_BETWEEN_S):
                return False
            self._tried_at = self._clock.monotonic()
            return True

    def _is_old(self, at: float | None, keep_s: float) -> bool:
        return at is None or not 0 <= self._clock.monotonic() - at < keep_s

    def _renew(self) -> None:
        try:
            keys = read_keys(self._fetch())
        except Exception as error:
            _log.warning("the key of the bank's hooks cannot be fetched: %s", type(error).__name__)
            return
        with self._lock:
            self._keys, self._fetched_at = keys, self._clock.monotonic()


def _in_thread(call: Callable[[], None]) -> None:
    threading.Thread(target=call, name="bank-keys", daemon=True).start()
