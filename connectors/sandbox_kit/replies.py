"""Sends a reply over ASGI, properly or spoilt the way a fault action asks."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field

from starlette.types import Receive, Scope, Send

from connectors.sandbox_kit.faults import (
    Delay,
    EndlessBody,
    GzipBomb,
    HalfReply,
    SlowDrip,
)
from connectors.sandbox_kit.server import drop_connection

SpoilingAction = HalfReply | Delay | SlowDrip | EndlessBody | GzipBomb
Headers = list[tuple[bytes, bytes]]

_MEGABYTE = bytes(1024 * 1024)


@dataclass(frozen=True, slots=True)
class Reply:
    """A complete HTTP reply. `body` is empty where the status allows none."""

    status: int
    body: bytes
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)


def html_reply(status: int, body: str) -> Reply:
    """A web server's own page, as proxies send when the application fails."""
    return Reply(status, body.encode(), "text/html; charset=utf-8")


async def send_reply(reply: Reply, send: Send) -> None:
    """Send the reply whole, with its length."""
    await _start(reply, send, len(reply.body))
    await send({"type": "http.response.body", "body": reply.body})


async def send_spoilt(reply: Reply, action: SpoilingAction, scope: Scope, receive: Receive, send: Send) -> None:
    """Send the reply spoilt by `action`; returns once the reply is out or the client has left."""
    match action:
        case Delay(seconds=seconds):
            await asyncio.sleep(seconds)
            await send_reply(reply, send)
        case HalfReply():
            await _send_half(reply, action, scope, receive, send)
        case SlowDrip():
            await _send_slowly(reply, action, receive, send)
        case EndlessBody():
            await _start(reply, send, None)
            await _stream(_forever(), receive, send)
        case GzipBomb(megabytes=megabytes):
            await _send_bomb(reply, megabytes, send)


async def _send_half(reply: Reply, action: HalfReply, scope: Scope, receive: Receive, send: Send) -> None:
    part = reply.body[: int(len(reply.body) * action.share)]
    await _start(reply, send, len(reply.body) if action.content_length else None)
    await send({"type": "http.response.body", "body": part, "more_body": True})
    await drop_connection(scope, receive, flush=True)


async def _send_slowly(reply: Reply, action: SlowDrip, receive: Receive, send: Send) -> None:
    await _start(reply, send, len(reply.body))
    step = action.chunk_bytes
    chunks = (reply.body[at : at + step] for at in range(0, len(reply.body), step))
    await _stream(_paced(chunks, action.pause_s), receive, send)


async def _send_bomb(reply: Reply, megabytes: int, send: Send) -> None:
    packed = await asyncio.to_thread(_packed_zeros, megabytes)
    headers = {**reply.headers, "content-encoding": "gzip"}
    await send_reply(Reply(reply.status, packed, reply.content_type, headers), send)


async def _stream(chunks: AsyncIterator[bytes], receive: Receive, send: Send) -> None:
    left = asyncio.create_task(_client_left(receive))
    try:
        async for chunk in chunks:
            if left.done():
                return
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": b""})
    finally:
        left.cancel()


async def _client_left(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _paced(chunks: Iterator[bytes], pause_s: float) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
        await asyncio.sleep(pause_s)


async def _forever() -> AsyncIterator[bytes]:
    while True:
        yield b" " * 65536
        await asyncio.sleep(0.01)


def _packed_zeros(megabytes: int) -> bytes:
    return gzip.compress(_MEGABYTE, 6) * megabytes


async def _start(reply: Reply, send: Send, length: int | None) -> None:
    headers: Headers = [(b"content-type", reply.content_type.encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in reply.headers.items()]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
