"""PHP habits of the vendor's server: bracket keys in forms and the list rule of its JSON encoder."""

import re
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl

from connectors.sandbox_kit.jsontypes import Json

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
