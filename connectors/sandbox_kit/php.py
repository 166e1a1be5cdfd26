"""PHP habits of the vendors' servers: bracket keys in forms, both ways, and the list rule of the JSON encoder."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import parse_qsl, quote, urlencode

from connectors.sandbox_kit.jsontypes import Json, as_text

_KEY = re.compile(r"^([^\[]+)((?:\[[^\]]*\])*)")
_STEP = re.compile(r"\[([^\]]*)\]")


def parse_query(text: str) -> dict[str, Json]:
    """A query string or urlencoded form with bracket keys as PHP reads it: nested maps, all leaves text."""
    return nest(parse_qsl(text, keep_blank_values=True))


def nest(pairs: Iterable[tuple[str, str]]) -> dict[str, Json]:
    """Pairs with bracket keys as nested maps; an empty bracket takes the next free number."""
    tree: dict[str, Json] = {}
    for key, value in pairs:
        found = _KEY.match(key)
        if found is None:
            continue
        _put(tree, [found.group(1), *_STEP.findall(found.group(2))], value)
    return tree


def _put(tree: dict[str, Json], path: list[str], value: str) -> None:
    node = tree
    for step in path[:-1]:
        name = step or _next_number(node)
        child = node.get(name)
        if not isinstance(child, dict):
            child = {}
            node[name] = child
        node = child
    node[path[-1] or _next_number(node)] = value


def _next_number(node: Mapping[str, Json]) -> str:
    numbers = [int(key) for key in node if key.isdigit()]
    return str(max(numbers) + 1 if numbers else 0)


def encode_map(entries: Mapping[str, Json]) -> Json:
    """A PHP array as its JSON: empty is ``[]``, keys exactly 0..n-1 in order are a list, else an object."""
    if list(entries) == [str(number) for number in range(len(entries))]:
        return list(entries.values())
    return dict(entries)


def to_form(tree: Mapping[str, Json]) -> str:
    """A nested structure as an urlencoded form with bracket keys; all leaves text, null is empty, true is ``1``."""
    return urlencode(list(_flat("", tree)), quote_via=quote)


def _flat(prefix: str, node: Json) -> Iterator[tuple[str, str]]:
    if isinstance(node, Mapping):
        entries: Iterable[tuple[str, Json]] = node.items()
    elif isinstance(node, Sequence) and not isinstance(node, str):
        entries = ((str(number), item) for number, item in enumerate(node))
    else:
        yield prefix, as_text(node)
        return
    for key, value in entries:
        yield from _flat(f"{prefix}[{key}]" if prefix else key, value)
