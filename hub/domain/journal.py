"""The journal's chain: how a line and a block are hashed, the same in the database and in a file for an auditor."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Final

#: What the first block names as the hash before it.
GENESIS: Final = "0" * 64

Sealed = tuple[int, str]


def line_hash(line: Mapping[str, object]) -> str:
    """SHA-256 of a line, over `id`, `at` (ISO 8601, UTC), `event`, `actor`, `subject`, `data` as canonical JSON."""
    document = {name: line[name] for name in ("id", "at", "event", "actor", "subject", "data")}
    return hashlib.sha256(canonical(document).encode()).hexdigest()


def block_hash(number: int, sealed_at: str, previous: str, body: str) -> str:
    """SHA-256 of a block: its number, time (ISO 8601, UTC), the hash before it and its body, a line of text each."""
    text = "\n".join((str(number), sealed_at, previous, body))
    return hashlib.sha256(text.encode()).hexdigest()


def block_body(lines: Iterable[Sealed]) -> str:
    """The body of a block: the number and hash of every line it seals, as canonical JSON."""
    return canonical([[number, digest] for number, digest in lines])


def read_body(body: str) -> dict[int, str]:
    """Hash by line of a block's body; nothing where the text was damaged."""
    try:
        return {int(number): str(digest) for number, digest in json.loads(body)}
    except (ValueError, TypeError):
        return {}


def canonical(document: object) -> str:
    """JSON with sorted keys, no spaces and no escapes: one text for one value."""
    return json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
