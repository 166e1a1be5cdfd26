"""Paths in calls: one that does not fit is named, with what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from hub.cli.app import cli


def refused(*arguments: str | Path) -> str:
    result = CliRunner().invoke(cli, [str(item) for item in arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()[0]


def test_a_file_to_read_is_named(tmp_path: Path) -> None:
    there = tmp_path / "есть.txt"
    there.touch()
    absent = tmp_path / "нет.txt"
    assert refused("import", there, absent) == f"sverka import: ФАЙЛ…: {absent}: такого файла нет"
    assert refused("import", tmp_path) == f"sverka import: ФАЙЛ…: {tmp_path}: это папка, а нужен файл"
    assert refused("match", "--payments", absent) == f"sverka match: --payments: {absent}: такого файла нет"


@pytest.mark.parametrize(
    "call", [("backup",), ("export-audit", "--out"), ("table", "--copy"), ("match", "--out")], ids=" ".join
)
def test_a_file_to_write_needs_its_folder(tmp_path: Path, call: tuple[str, ...]) -> None:
    target = tmp_path / "нет" / "файл"
    assert refused(*call, target).endswith(f": {target}: папки {tmp_path / 'нет'} нет, создайте её")
    assert refused(*call, tmp_path).endswith(f": {tmp_path}: это папка, а нужен файл")


def test_a_folder_is_named(tmp_path: Path) -> None:
    file = tmp_path / "файл"
    file.touch()
    assert refused("init", file) == f"sverka init: [ПАПКА]: {file}: это файл, а нужна папка"
    absent = tmp_path / "нет"
    assert refused("demo", "--statements", absent) == f"sverka demo: --statements: {absent}: такой папки нет"
