"""Row 16: replies that drip, never end, or blow up; measured in a process of its own."""

from __future__ import annotations

import gzip
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import pytest

from tests.support.matrix import Figures
from tests.unit.shared.raw_server import RawServer, raw_server, says

pytestmark = pytest.mark.row(16)
MIB: Final = 1 << 20
DEADLINE_S: Final = 2.0
GROWTH_MIB: Final = 64
CALLER: Final = """
import json, re, sys, time
from pathlib import Path
from connectors.shared.http import HttpClient, HttpFailure, Limits, Origin

def peak_kib():
    return int(re.search("VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text()).group(1))

client = HttpClient(Origin.of(sys.argv[1]), user_agent="sverka/test", limits=Limits(deadline_s=float(sys.argv[2])))
before, began = peak_kib(), time.monotonic()
try:
    client.post("/rest/m", b"{}", content_type="application/json", write=False)
    failure = None
except HttpFailure as error:
    failure = error.failure.value
print(json.dumps({"failure": failure, "grown_kib": peak_kib() - before, "took_s": time.monotonic() - began}))
"""


def call(server: RawServer) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", CALLER, server.url, str(DEADLINE_S)], capture_output=True, check=True, timeout=60
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def drip(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    for _ in range(200):
        connection.sendall(b" ")
        time.sleep(0.1)


def pour(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    while True:
        connection.sendall(chunk)


@contextmanager
def bomb(megabytes: int) -> Iterator[RawServer]:
    packed = gzip.compress(bytes(megabytes * MIB))
    assert megabytes * MIB / len(packed) > 1000
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(packed)}\r\n\r\n".encode()
    with raw_server(says(head + packed)) as server:
        yield server


def test_a_dripping_reply_is_cut_at_the_total_deadline(figures: Figures) -> None:
    with raw_server(drip) as server:
        found = call(server)
    figures.most("seconds of a drip, deadline 2", found["took_s"])
    assert found["failure"] == "deadline"
    assert found["took_s"] < DEADLINE_S + 1


def test_an_endless_reply_is_cut_at_ten_megabytes(figures: Figures) -> None:
    with raw_server(pour) as server:
        found = call(server)
    figures.most("MiB grown by an endless body", found["grown_kib"] / 1024)
    assert found["failure"] in ("oversized", "deadline")
    assert found["grown_kib"] < GROWTH_MIB * 1024


def test_a_bomb_of_a_thousand_to_one_is_cut_at_ten_megabytes(figures: Figures) -> None:
    with bomb(400) as server:
        found = call(server)
    figures.most("MiB grown by a bomb of 400 MiB", found["grown_kib"] / 1024)
    assert found["failure"] == "oversized"
    assert found["grown_kib"] < GROWTH_MIB * 1024
