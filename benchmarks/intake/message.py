"""The hook that is sent: an outgoing webhook of Bitrix24 of about 420 bytes, made unique by a counter."""

from __future__ import annotations

from typing import Final

CONNECTION: Final = "portal"
SECRET: Final = "b3nchs3cr3tb3nchs3cr3t"
TOKEN: Final = "51856fefc120afa4b628cc82d3935cce"
PATH: Final = f"/hooks/{CONNECTION}/{SECRET}"
_DIGITS: Final = 12
_HEAD: Final = b"event=ONCRMDEALUPDATE&event_handler_id=185&data%5BFIELDS%5D%5BID%5D="
_TAIL: Final = (
    b"&ts=1790000000&auth%5Bdomain%5D=torgovyi-dom-romashka.bitrix24.ru"
    b"&auth%5Bclient_endpoint%5D=https%3A%2F%2Ftorgovyi-dom-romashka.bitrix24.ru%2Frest%2F"
    b"&auth%5Bserver_endpoint%5D=https%3A%2F%2Foauth.bitrix.info%2Frest%2F"
    b"&auth%5Bmember_id%5D=5d0c9f4b8a7e6d5c4b3a29180716f5e4"
    b"&auth%5Bapplication_token%5D=" + TOKEN.encode()
)
BODY_BYTES: Final = len(_HEAD) + _DIGITS + len(_TAIL)
_BEFORE: Final = (
    f"POST {PATH} HTTP/1.1\r\nHost: hub.example\r\nUser-Agent: Bitrix24 Webhook Engine\r\nAccept: */*\r\n"
    f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {BODY_BYTES}\r\n\r\n"
).encode() + _HEAD


def request(number: int) -> bytes:
    """The whole request of that number: a deal of that id has changed."""
    return b"%b%012d%b" % (_BEFORE, number, _TAIL)


def number_of(body: bytes) -> int:
    """The number that a stored body carries."""
    return int(body[len(_HEAD) : len(_HEAD) + _DIGITS])
