"""Which representation a client asked for: Atom unless it says JSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from connectors.accounting_1c.sandbox.errors import bad_format

Level = Literal["none", "minimal", "full"]
_LEVELS: dict[str, Level] = {"nometadata": "none", "minimalmetadata": "minimal", "fullmetadata": "full"}


@dataclass(frozen=True, slots=True)
class Representation:
    """JSON with its level of metadata, or Atom."""

    json: bool
    level: Level = "minimal"

    @property
    def content_type(self) -> str:
        """The header of a reply with a body of data."""
        if not self.json:
            return "application/atom+xml;type=feed;charset=utf-8"
        odata = {"none": "nometadata", "minimal": "minimalmetadata", "full": "fullmetadata"}[self.level]
        return f"application/json;odata={odata};charset=utf-8"


ATOM = Representation(json=False)


def chosen(query: Mapping[str, str], accept: str) -> Representation:
    """`$format` before `Accept`. Raises ODataError 3."""
    asked = query.get("$format")
    if asked is not None:
        found = _read(asked)
        if found is None:
            raise bad_format(asked)
        return found
    for part in accept.split(","):
        if part.strip().startswith("application/json"):
            return _read(part) or Representation(json=True)
    return ATOM


def _read(text: str) -> Representation | None:
    name, *parameters = (part.strip() for part in text.split(";"))
    if name in ("atom", "application/atom+xml", "application/xml"):
        return ATOM
    if name not in ("json", "application/json"):
        return None
    level: Level = "minimal"
    for parameter in parameters:
        key, _, value = parameter.partition("=")
        if key == "odata" and value in _LEVELS:
            level = _LEVELS[value]
        elif key == "odata":
            return None
    return Representation(json=True, level=level)
