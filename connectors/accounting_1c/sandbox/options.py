"""Query options: which a request has, and what they say."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote

from connectors.accounting_1c.sandbox.errors import bad_option, not_supported

_KNOWN = frozenset(
    {"$format", "$filter", "$select", "$orderby", "$top", "$skip", "$expand", "$inlinecount", "$allowedOnly"}
)


@dataclass(slots=True)
class Selection:
    """What of an entity is shown.

    Attributes:
        names: properties and tabular parts; None is all.
        without_parts: all but the tabular parts.
        presentations: fields whose presentation is shown; `*` is every field.
        inner: what of tabular parts and of expanded objects is shown.
        expanded: what is put in place of a reference.
    """

    names: set[str] | None = None
    without_parts: bool = False
    presentations: set[str] = field(default_factory=set)
    inner: "dict[str, Selection]" = field(default_factory=dict)
    expanded: "dict[str, Selection]" = field(default_factory=dict)

    def within(self, name: str) -> "Selection":
        """What is shown of a tabular part or an expanded object."""
        return self.inner.get(name) or Selection()


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a request to a set."""

    filter: str | None = None
    orderby: str | None = None
    top: int | None = None
    skip: int = 0
    count: bool = False
    allowed_only: bool = False
    select: tuple[str, ...] = ()
    expand: tuple[str, ...] = ()


def read_query(text: str, *, plus_is_space: bool) -> dict[str, str]:
    """The parameters of a query; a plus is a plus unless the switch says otherwise."""
    found = {}
    for pair in text.split("&"):
        name, _, value = pair.partition("=")
        if name:
            found[unquote(name)] = unquote(value.replace("+", " ") if plus_is_space else value)
    return found


def read_options(query: Mapping[str, str]) -> Options:
    """Raises ODataError 0 for an unknown option and 14 for a wrong value."""
    for name in query:
        if name.startswith("$") and name not in _KNOWN:
            raise not_supported(name)
    allowed = query.get("allowedOnly", query.get("$allowedOnly", "false"))
    if query.get("$inlinecount", "none") not in ("none", "allpages"):
        raise bad_option("$inlinecount")
    return Options(
        filter=query.get("$filter"),
        orderby=query.get("$orderby"),
        top=_count(query, "$top"),
        skip=_count(query, "$skip") or 0,
        count=query.get("$inlinecount") == "allpages",
        allowed_only=allowed == "true",
        select=_names(query.get("$select")),
        expand=_names(query.get("$expand")),
    )


def _count(query: Mapping[str, str], name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.strip().isdecimal():
        raise bad_option(name)
    return int(text)


def _names(text: str | None) -> tuple[str, ...]:
    return tuple(name.strip() for name in (text or "").split(",") if name.strip())
