"""Paths in calls of commands: one that does not fit is named, with the reason."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

import click


class NamedPath(click.Path):
    """`click.Path` whose refusals name the path and say, in Russian, what is wrong with it."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check the path."""
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"{value}: {self._why(Path(value))}", param, ctx)

    def _why(self, path: Path) -> str:
        if path.is_dir() and not self.dir_okay:
            return "это папка, а нужен файл"
        if path.is_file() and not self.file_okay:
            return "это файл, а нужна папка"
        if not os.path.lexists(path):
            return "такой папки нет" if not self.file_okay else "такого файла нет"
        return "нет прав"


class NewFile(NamedPath):
    """A file to be written: its folder must be there."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Check the path and its folder."""
        path = super().convert(value, param, ctx)
        folder = Path(path).parent
        if not folder.is_dir():
            self.fail(f"{path}: папки {folder} нет, создайте её", param, ctx)
        return path


READABLE_FILE: Final = NamedPath(exists=True, dir_okay=False, path_type=Path)
WRITABLE_FILE: Final = NewFile(dir_okay=False, writable=True, path_type=Path)
FOLDER: Final = NamedPath(exists=True, file_okay=False, path_type=Path)
NEW_FOLDER: Final = NamedPath(file_okay=False, path_type=Path)
