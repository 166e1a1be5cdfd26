"""A message of exchange in the archive that 1C's own exchange packs it into."""

from __future__ import annotations

import io
import zipfile
from typing import Final

#: Unpacked bytes of a message at most: a bomb of a kilobyte unpacks to gigabytes.
MESSAGE_BYTES: Final = 100 << 20
_ARCHIVE: Final = b"PK"
#: Every book of tables has it, and no message does.
_BOOK: Final = "[Content_Types].xml"


class UnreadableArchive(ValueError):
    """The archive holds no message that can be taken out; the text says what to do (Russian)."""


def unpacked(raw: bytes) -> bytes:
    """The only message in an archive; a file that is no archive, or is a book of tables, stays as it is.

    Raises:
        UnreadableArchive: it is locked, too large, or holds several files or none.
    """
    if not raw.startswith(_ARCHIVE):
        return raw
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except Exception:
        # A broken book is told by who reads books.
        return raw
    with archive:
        parts = [part for part in archive.infolist() if not part.is_dir()]
        return raw if any(part.filename == _BOOK for part in parts) else _only(archive, parts)


def _only(archive: zipfile.ZipFile, parts: list[zipfile.ZipInfo]) -> bytes:
    messages = [part for part in parts if part.filename.lower().endswith(".xml")]
    if len(messages) != 1:
        raise UnreadableArchive(f"в архиве файлов XML: {len(messages)}, а нужен один: распакуйте его и загрузите файл")
    if messages[0].file_size > MESSAGE_BYTES:
        raise UnreadableArchive(f"файл в архиве больше {MESSAGE_BYTES >> 20} МБ: разделите выгрузку")
    try:
        # A part never unpacks to more than it says of itself.
        return archive.read(messages[0])
    except Exception as error:
        # Locked, packed in a way that nobody here knows, or damaged: the libraries say it in many ways.
        raise UnreadableArchive("архив не распаковывается: распакуйте его сами и загрузите файл XML") from error
