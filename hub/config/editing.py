"""Adds a connection to a settings file as text, so that every comment of the person survives."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mappings.yaml_reader import Value, read_text

_CONNECTIONS: Final = re.compile(r"^connections:[ \t]*(\{[ \t]*\}|~|null)?[ \t]*(#.*)?\r?$", re.MULTILINE)


def connection_block(name: str, fields: Mapping[str, str], indent: int = 2) -> str:
    """The lines of one connection, to insert under `connections:`."""
    lead = " " * indent
    return "".join([f"{lead}{name}:\n", *(f"{lead * 2}{field}: {value}\n" for field, value in fields.items())])


def with_connection(text: str, name: str, fields: Mapping[str, str]) -> str | None:
    """The file's text with the connection added; None when it cannot be done surely."""
    before = read_text(text, "")
    tree = {} if before.value is None else before.value
    if before.faults or not isinstance(tree, dict):
        return None
    present = tree.get("connections") or {}
    if not isinstance(present, dict) or name in present:
        return None
    edited = _inserted(text, name, fields, has_key="connections" in tree, indent=_indent(before.marks, present))
    return edited if edited is not None and _is_only_addition(edited, tree, name, fields) else None


def _indent(marks: Mapping[tuple[str | int, ...], object], present: Mapping[str, Value]) -> int:
    columns = [getattr(marks[("connections", name)], "column", 3) - 1 for name in present]
    return columns[0] if columns and columns[0] > 0 else 2


def _inserted(text: str, name: str, fields: Mapping[str, str], *, has_key: bool, indent: int) -> str | None:
    newline = "\r\n" if "\r\n" in text else "\n"
    block = connection_block(name, fields, indent).replace("\n", newline)
    if not has_key:
        gap = "" if not text or text.endswith("\n") else newline
        return f"{text}{gap}{newline}connections:{newline}{block}"
    found = _CONNECTIONS.search(text)
    if found is None:
        return None
    comment = f"  {found[2].rstrip()}" if found[2] else ""
    tail = text[found.end() :]
    rest = tail if tail.startswith("\n") or not tail else f"\n{tail}"
    return f"{text[: found.start()]}connections:{comment}{newline}{block}{rest.removeprefix(chr(10))}"


def _is_only_addition(edited: str, tree: Mapping[str, Value], name: str, fields: Mapping[str, str]) -> bool:
    """Whether the edited text reads as the old settings plus this connection and nothing else."""
    after = read_text(edited, "")
    if after.faults or not isinstance(after.value, dict):
        return False
    old = tree.get("connections") or {}
    connections = {**old, name: dict(fields)} if isinstance(old, dict) else None
    return after.value == {**tree, "connections": connections}


def replace_file(path: Path, text: str) -> None:
    """Put the text in the file's place at once, keeping its rights: a cut leaves the old file or the new one."""
    target = path.resolve()
    draft = target.with_name(f".{target.name}.new")
    with draft.open("w", encoding="utf-8", newline="") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())
    draft.chmod(stat.S_IMODE(target.stat().st_mode))
    draft.replace(target)
