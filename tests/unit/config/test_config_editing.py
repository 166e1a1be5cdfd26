"""Adding a connection to the settings as text: comments survive, nothing else changes, doubt means no edit."""

from __future__ import annotations

import stat
from importlib.resources import files
from pathlib import Path

import pytest

from hub.config import parse_config
from hub.config.editing import replace_file, with_connection

FIELDS = {"system": "bitrix24", "rules": "mappings/main.yaml"}


def test_the_shipped_template_takes_a_connection_and_keeps_its_comments() -> None:
    template = files("hub.config").joinpath("template.yaml").read_text("utf-8")
    edited = with_connection(template, "main", FIELDS)
    assert edited is not None
    assert parse_config(edited, Path("/srv/sverka.yaml")).connections["main"].rules == Path("/srv/mappings/main.yaml")
    comments = [line for line in template.splitlines() if line.lstrip().startswith("#")]
    assert [line for line in edited.splitlines() if line.lstrip().startswith("#")] == comments


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n", "a: 1\n\nconnections:\n  main:\n    system: b\n"),
        ("a: 1", "a: 1\n\nconnections:\n  main:\n    system: b\n"),
        ("connections: {}\na: 1\n", "connections:\n  main:\n    system: b\na: 1\n"),
        ("connections:\na: 1\n", "connections:\n  main:\n    system: b\na: 1\n"),
        ("connections:", "connections:\n  main:\n    system: b\n"),
        ("connections: {}  # мои\n# дальше\n", "connections:  # мои\n  main:\n    system: b\n# дальше\n"),
        (
            "connections:\n    old: {system: b}  # старое\na: 1\n",
            "connections:\n    main:\n        system: b\n    old: {system: b}  # старое\na: 1\n",
        ),
        ("a: 1\r\nconnections: {}\r\nb: 2\r\n", "a: 1\r\nconnections:\r\n  main:\r\n    system: b\r\nb: 2\r\n"),
    ],
)
def test_the_block_goes_under_connections(text: str, expected: str) -> None:
    assert with_connection(text, "main", {"system": "b"}) == expected


@pytest.mark.parametrize(
    "text",
    [
        "connections: {old: {system: b}}\n",
        "connections:\n  main: {system: b}\n",
        "connections: [1]\n",
        "a: |\n  x\nconnections: !tag {}\n",
        "a: 'broken\n",
        "- a\n",
        '"connections": {}\n',
    ],
)
def test_a_file_that_cannot_be_edited_surely_is_left_alone(text: str) -> None:
    assert with_connection(text, "main", {"system": "b"}) is None


def test_a_line_inside_a_text_block_is_not_taken_for_the_key() -> None:
    text = "note: |\n  раз\n  connections: {}\nconnections: {}\n"
    assert with_connection(text, "main", {"system": "b"}) == text.replace(
        "\nconnections: {}\n", "\nconnections:\n  main:\n    system: b\n"
    )


def test_a_replaced_file_keeps_its_rights(tmp_path: Path) -> None:
    path = tmp_path / "sverka.yaml"
    path.write_text("a: 1\n")
    path.chmod(0o640)
    replace_file(path, "a: 2\r\n")
    assert path.read_bytes() == b"a: 2\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert [item.name for item in tmp_path.iterdir()] == ["sverka.yaml"]
