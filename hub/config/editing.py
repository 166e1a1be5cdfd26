"""Adds a connection to a settings file as text, so that every comment of the person survives."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from mappings.yaml_reader import Value, read_text

_KEY: Final = r"^{section}:[ \t]*(\{{[ \t]*\}}|~|null)?[ \t]*(#.*)?\r?$"
CONNECTIONS: Final = "connections"
BANKS: Final = "banks"


def connection_block(name: str, fields: Mapping[str, str], indent: int = 2) -> str:
    """The lines of one connection, to insert under `connections:` or `banks:`."""
    lead = " " * indent
    return "".join([f"{lead}{name}:\n", *(f"{lead * 2}{field}: {value}\n" for field, value in fields.items())])


def with_connection(text: str, name: str, fields: Mapping[str, str], section: str = CONNECTIONS) -> str | None:
    """The file's text with the connection added to a section; None when it cannot be done surely."""
    before = read_text(text, "")
    tree = {} if before.value is None else before.value
    if before.faults or not isinstance(tree, dict):
        return None
    present = tree.get(section) or {}
    if not isinstance(present, dict) or name in present:
        return None
    indent = _indent(before.marks, present, section)
    edited = _inserted(text, connection_block(name, fields, indent), section, has_key=section in tree)
    return edited if edited is not None and _is_only_addition(edited, tree, name, fields, section) else None


def _indent(marks: Mapping[tuple[str | int, ...], object], present: Mapping[str, Value], section: str) -> int:
    columns = [getattr(marks[(section, name)], "column", 3) - 1 for name in present]
    return columns[0] if columns and columns[0] > 0 else 2


def _inserted(text: str, block: str, section: str, *, has_key: bool) -> str | None:
    newline = "\r\n" if "\r\n" in text else "\n"
    block = block.replace("\n", newline)
    if not has_key:
        gap = "" if not text or text.endswith("\n") else newline
        return f"{text}{gap}{newline}{section}:{newline}{block}"
    found = re.search(_KEY.format(section=section), text, re.MULTILINE)
    if found is None:
        return None
    comment = f"  {found[2].rstrip()}" if found[2] else ""
    tail = text[found.end() :]
    rest = tail if tail.startswith("\n") or not tail else f"\n{tail}"
    return f"{text[: found.start()]}{section}:{comment}{newline}{block}{rest.removeprefix(chr(10))}"


def _is_only_addition(
    edited: str, tree: Mapping[str, Value], name: str, fields: Mapping[str, str], section: str
) -> bool:
    """Whether the edited text reads as the old settings plus this connection and nothing else."""
    after = read_text(edited, "")
    if after.faults or not isinstance(after.value, dict):
        return False
    old = tree.get(section) or {}
    written = read_text(connection_block(name, fields), "").value
    if not isinstance(old, dict) or not isinstance(written, dict):
        return False
    return after.value == {**tree, section: {**old, **written}}


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
