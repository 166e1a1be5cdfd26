"""A person at the desk of a live hub, over a real socket: signs in, uploads statements, fast or slowly."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

import httpx

from hub.store.users import SqlUsers
from hub.web.security.passwords import hash_password
from tests.support.live import LiveHub

_CSRF: Final = re.compile(r'name="csrf" value="([0-9a-f]{64})"')
_BOUNDARY: Final = "desk-boundary-7c1f"
LOGIN: Final = "olga"
_PASSWORD: Final = "correct horse battery staple"


class DeskClient:
    """Somebody who signs in at the first upload and stays signed in over restarts of the hub."""

    def __init__(self, hub: LiveHub) -> None:
        self._hub = hub
        self._http = httpx.Client(base_url=hub.address, headers={"Origin": hub.address}, timeout=60, trust_env=False)
        self._signed_in = False

    def sign_in(self) -> None:
        """Make the account and sign in."""
        with self._hub.opened() as database:
            SqlUsers(database).add(LOGIN, "Ольга", hash_password(_PASSWORD), datetime.now(UTC))
        form = {"login": LOGIN, "password": _PASSWORD, "csrf": self._csrf("/sign-in")}
        assert self._http.post("/sign-in", data=form).status_code == 303
        self._signed_in = True

    def __enter__(self) -> DeskClient:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()

    def _csrf(self, page: str) -> str:
        found = _CSRF.search(self._http.get(page).text)
        assert found is not None
        return found[1]

    def page(self, path: str) -> str:
        """A page's text as a signed-in person sees it."""
        if not self._signed_in:
            self.sign_in()
        return self._http.get(path).text

    def upload(self, raw: bytes, name: str = "kl_to_1c.txt", bytes_per_s: float | None = None) -> int:
        """Send a file as the form does; the answer's status. Raises httpx.HTTPError when nobody answers."""
        if not self._signed_in:
            self.sign_in()
        body = _form(self._csrf("/uploads"), raw, name)
        headers = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}", "Content-Length": str(len(body))}
        content = body if bytes_per_s is None else _paced(body, bytes_per_s)
        return self._http.post("/uploads", content=content, headers=headers).status_code


def _form(csrf: str, raw: bytes, name: str) -> bytes:
    head = (
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="csrf"\r\n\r\n{csrf}\r\n'
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
        "Content-Type: text/plain\r\n\r\n"
    )
    return head.encode() + raw + f"\r\n--{_BOUNDARY}--\r\n".encode()


def _paced(body: bytes, bytes_per_s: float, chunk: int = 8192) -> Iterator[bytes]:
    for start in range(0, len(body), chunk):
        yield body[start : start + chunk]
        time.sleep(chunk / bytes_per_s)
