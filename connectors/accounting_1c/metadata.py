"""`$metadata` of a base, read as a stream: of fifteen megabytes only the objects that somebody asks about are kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final
from xml.parsers import expat

from connectors.shared.safe_xml import NotXml, safe_parser

_TYPES: Final = frozenset({"EntityType", "ComplexType"})


@dataclass(frozen=True, slots=True)
class Metadata:
    """What a base publishes.

    Attributes:
        sets: every published set.
        fields: names of the properties, of each object that was asked about and is there.
    """

    sets: frozenset[str]
    fields: Mapping[str, frozenset[str]]


class _Reader:
    def __init__(self, wanted: Collection[str]) -> None:
        self._wanted = frozenset(wanted)
        self._current: set[str] | None = None
        self.sets: set[str] = set()
        self.fields: dict[str, set[str]] = {}
        self.is_schema = False

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name, given = tag.rpartition(":")[2], attributes.get("Name", "")
        if name in _TYPES:
            self._current = self.fields.setdefault(given, set()) if given in self._wanted else None
        elif name == "Property" and self._current is not None:
            self._current.add(given)
        elif name == "EntitySet":
            self.sets.add(given)
        elif name == "Edmx":
            self.is_schema = True

    def end(self, tag: str) -> None:
        if tag.rpartition(":")[2] in _TYPES:
            self._current = None


def read_metadata(body: bytes, wanted: Collection[str]) -> Metadata:
    """Read the document.

    Raises:
        NotXml: it is none.
    """
    reader, parser = _Reader(wanted), safe_parser()
    parser.StartElementHandler, parser.EndElementHandler = reader.start, reader.end
    try:
        parser.Parse(body.removeprefix(b"\xef\xbb\xbf"), True)
    except expat.ExpatError as error:
        raise NotXml(str(error)) from None
    if not reader.is_schema:
        raise NotXml("no Edmx document")
    return Metadata(frozenset(reader.sets), {name: frozenset(properties) for name, properties in reader.fields.items()})
