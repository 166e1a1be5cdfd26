"""Raw lines of a file of any size: bounded memory, any line ends, numbered as an editor numbers them."""

from __future__ import annotations

import codecs
import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, Final, cast

from connectors.bank.errors import StatementFileError

_BLOCK: Final = 1 << 18
_IN_MEMORY: Final = 1 << 23
_UTF16: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"} | {
    "1CClientBank".encode(codec)[:8]: codec for codec in ("utf-16-le", "utf-16-be")
}


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes beyond which a file or a part of it is refused; a year of a busy account is about 50 MB."""

    file_bytes: int = 256 << 20
    line_bytes: int = 32 << 10
    document_bytes: int = 256 << 10
    accounts: int = 2_000
    account_sections: int = 50_000


@contextmanager
def open_source(source: BinaryIO | bytes, limits: Limits) -> Iterator[BinaryIO]:
    """A seekable stream at the start of the file; a pipe is spooled to disk, UTF-16 is turned into UTF-8.

    Raises:
        StatementFileError: the file is larger than the limit.
    """
    stream: BinaryIO = io.BytesIO(source) if isinstance(source, bytes) else source
    codec = None
    if stream.seekable():
        start = stream.tell()
        _check_size(stream.seek(0, io.SEEK_END) - start, limits)
        stream.seek(start)
        codec = _utf16_codec(stream.read(8))
        stream.seek(start)
        if codec is None:
            yield stream
            return
    with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as spool:
        _copy(stream, cast("BinaryIO", spool), codec, limits)
        if codec is None and _utf16_codec(spool.read(8)):
            spool.seek(0)
            with open_source(cast("BinaryIO", spool), limits) as decoded:
                yield decoded
            return
        spool.seek(0)
        yield cast("BinaryIO", spool)


def raw_lines(stream: BinaryIO, limits: Limits) -> Iterator[tuple[int, bytes]]:
    """Lines without their ends and zero bytes, from 1; a longer one than the limit is cut to one byte more than it."""
    number = 0
    rest = b""
    while block := stream.read(_BLOCK):
        block = rest + (block.replace(b"\0", b"") if b"\0" in block else block)
        if not block:  # zero bytes and nothing else
            continue
        lines = block.splitlines()
        rest = b""
        if block[-1:] == b"\r":  # half of CRLF, or a bare CR: the next block tells
            rest = lines.pop()[: limits.line_bytes + 1] + b"\r"
        elif block[-1:] != b"\n":
            rest = lines.pop()[: limits.line_bytes + 1]
        for line in lines:
            number += 1
            yield number, line if len(line) <= limits.line_bytes else line[: limits.line_bytes + 1]
    if rest:
        yield number + 1, rest.removesuffix(b"\r")


def _utf16_codec(start: bytes) -> str | None:
    return next((codec for mark, codec in _UTF16.items() if start.startswith(mark)), None)


def _copy(stream: BinaryIO, spool: BinaryIO, codec: str | None, limits: Limits) -> None:
    decoder = codecs.getincrementaldecoder(codec)("replace") if codec else None
    size = 0
    while block := stream.read(_BLOCK):
        size += len(block)
        _check_size(size, limits)
        spool.write(decoder.decode(block).encode("utf-8", "replace") if decoder else block)
    spool.seek(0)


def _check_size(size: int, limits: Limits) -> None:
    if size > limits.file_bytes:
        raise StatementFileError(
            "too_large",
            f"Файл больше {limits.file_bytes >> 20} МБ. Выгрузите выписку за более короткий период, по частям.",
        )
