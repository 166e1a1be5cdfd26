"""PHP bracket forms (`data[FIELDS][ID]=7`): written for batch commands, read from hooks within caps."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, quote

from connectors.shared.jsontypes import Param, Params

Form: TypeAlias = "str | dict[str, Form]"
FormObject: TypeAlias = dict[str, Form]

_KEY: Final = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)\Z")
_PART: Final = re.compile(r"\[([^\[\]]*)\]")


def encode(params: Params) -> str:
    """A query string with bracket keys; flags become Y and N, absent values are left out (a form has no null)."""
    return "&".join(f"{key}={quote(value, safe='')}" for key, value in _pairs("", params))


def _pairs(prefix: str, value: Param) -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if isinstance(value, bool):
        yield prefix, "Y" if value else "N"
    elif isinstance(value, str | int):
        yield prefix, str(value)
    else:
        pairs = value.items() if isinstance(value, Mapping) else ((str(i), item) for i, item in enumerate(value))
        for key, item in pairs:
            part = quote(key, safe="")
            yield from _pairs(f"{prefix}[{part}]" if prefix else part, item)


def decode(body: bytes, *, max_bytes: int = 65536, max_fields: int = 500, max_depth: int = 6) -> FormObject:
    """Read a form as PHP does: nested by brackets, the last of equal keys wins.

    Raises:
        ValueError: not UTF-8, or beyond a cap.
    """
    if len(body) > max_bytes:
        raise ValueError(f"the form is larger than {max_bytes} bytes")
    form: FormObject = {}
    for key, value in parse_qsl(body.decode("utf-8"), keep_blank_values=True, max_num_fields=max_fields):
        _put(form, _path(key, max_depth), value)
    return form


def _path(key: str, max_depth: int) -> list[str]:
    match = _KEY.match(key)
    if match is None:
        return [key]
    path = [match.group(1), *_PART.findall(match.group(2))]
    if len(path) > max_depth:
        raise ValueError(f"the form is nested deeper than {max_depth}")
    return path


def _put(form: FormObject, path: Sequence[str], value: str) -> None:
    node = form
    for part in path[:-1]:
        child = node.get(part or str(len(node)))
        if not isinstance(child, dict):
            child = {}
            node[part or str(len(node))] = child
        node = child
    node[path[-1] or str(len(node))] = value


def dig(form: Form, *path: str) -> str:
    """The text under a path, "" where there is none."""
    node: Form = form
    for part in path:
        if not isinstance(node, dict) or part not in node:
            return ""
        node = node[part]
    return node if isinstance(node, str) else ""
