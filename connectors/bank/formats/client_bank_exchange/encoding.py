"""Read bytes whatever their encoding: the key of each line tells what the line is in.

The header's `Кодировка` is often wrong and one file may mix encodings, so it only breaks ties. A known Russian key has
different bytes in cp1251, cp866 and UTF-8, which decides its line beyond doubt.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from connectors.bank.formats.client_bank_exchange.keys import CANONICAL, FOLDED, MARKERS, fold

UTF8: Final = "utf-8"
CP1251: Final = "cp1251"
CP866: Final = "cp866"
CODECS: Final = (UTF8, CP1251, CP866)
BOM: Final = b"\xef\xbb\xbf"

_LONGEST_KEY: Final = 120
_REMEMBERED: Final = 4096
# Three Russian letters of UTF-8 in a row; in cp1251 they would be a letter and a sign, thrice: «С№Р»С№».
_UTF8_WORD: Final = re.compile(rb"(?:[\xd0\xd1][\x80-\xbf]){3}")
# A key that this reader does not know yet: one word in CamelCase.
_NEW_KEY: Final = re.compile(r"[А-ЯЁ][а-яё]+[А-ЯЁа-яё0-9_]*")
_CP866_ONLY: Final = re.compile(rb"[\x80-\xaf]")
_CP1251_ONLY: Final = re.compile(rb"[\xc0-\xdf\xf0-\xff]")


class KnownKey(NamedTuple):
    """A key found at the start of a line."""

    name: str
    spelling: str
    codec: str | None


Line = tuple[str, str, str]
"""Key, value and text of a decoded line; the key is empty when the line continues the one before."""


_BY_BYTES: Final = {
    spelling.encode(codec): KnownKey(name, spelling, codec) for spelling, name in CANONICAL.items() for codec in CODECS
}


def declared_codec(text: str | None) -> str | None:
    """The codec that a header's `Кодировка` names (`Windows`, `DOS`, `UTF-8` in their many spellings)."""
    word = fold(text or "").replace("-", "").replace("_", "")
    if word.startswith("utf"):
        return UTF8
    if word in {"dos", "oem", "cp866", "866", "ibm866"}:
        return CP866
    return CP1251 if word.startswith(("win", "cp1251", "ansi", "1251")) else None


def likely_single_byte(raw: bytes) -> str:
    """Of cp1251 and cp866, the one in which these bytes hold more Russian letters."""
    return CP866 if len(_CP866_ONLY.findall(raw)) > len(_CP1251_ONLY.findall(raw)) else CP1251


def decode_text(raw: bytes, codec: str | None, fallback: str | None = None) -> str:
    """Decode a value whose line is in `codec`; never fails.

    A value may still be in another encoding than its key (two programs wrote one line), and a bank that cuts a
    purpose by bytes may leave half a letter at the end.
    """
    if raw.isascii():
        return raw.decode("ascii")
    if (codec or fallback) in (None, UTF8) or _UTF8_WORD.search(raw):
        text = _utf8(raw)
        if text is not None:
            return text
    single = next((name for name in (codec, fallback) if name in (CP1251, CP866)), None)
    return raw.decode(single or likely_single_byte(raw), "replace")


def _utf8(raw: bytes) -> str | None:
    try:
        return raw.decode(UTF8)
    except UnicodeDecodeError as error:
        cut_letter = error.reason == "unexpected end of data" and error.start > 0
        return raw[: error.start].decode(UTF8) if cut_letter else None


class LineDecoder:
    """Splits raw lines of one file into key, value and text. `fallback` serves lines whose key tells nothing."""

    def __init__(self, fallback: str | None = None) -> None:
        self.fallback = fallback
        self._learned: dict[bytes, KnownKey | None] = {}

    def key_of(self, raw: bytes) -> KnownKey | None:
        """The known key that a line starts with; markers count without `=`, other keys only with it."""
        head, mark, _ = raw.partition(b"=")
        known = _BY_BYTES.get(head) or self._learn(head)
        return known if known and (mark or known.name in MARKERS) else None

    def split(self, raw: bytes) -> Line:
        """Split at the first `=`; the value keeps any further ones."""
        head, mark, tail = raw.partition(b"=")
        known = _BY_BYTES.get(head) or self._learn(head)
        if known is None:
            return self._unknown(raw)
        name, spelling, codec = known
        if not mark:
            return (name, "", spelling) if name in MARKERS else self._unknown(raw)
        value = tail.decode("ascii") if tail.isascii() else decode_text(tail, codec, self.fallback)
        return name, value.strip(), f"{spelling}={value}"

    def _unknown(self, raw: bytes) -> Line:
        text = decode_text(raw, None, self.fallback).rstrip()
        key, mark, value = text.partition("=")
        if mark and _NEW_KEY.fullmatch(key.strip()):
            return key.strip(), value.strip(), text
        return "", text.strip(), text

    def _learn(self, head: bytes) -> KnownKey | None:
        """Keys in odd case, with spaces or a mark of byte order; remembered, since a file repeats its oddities."""
        if len(head) > _LONGEST_KEY:
            return None
        if head in self._learned:
            return self._learned[head]
        known = _fold_key(head.removeprefix(BOM).strip())
        if len(self._learned) < _REMEMBERED:
            self._learned[head] = known
        return known


def _fold_key(head: bytes) -> KnownKey | None:
    for codec in CODECS:
        try:
            spelling = head.decode(codec)
        except UnicodeDecodeError:
            continue
        name = FOLDED.get(fold(spelling))
        if name is not None:
            return KnownKey(name, spelling, codec)
    return None
