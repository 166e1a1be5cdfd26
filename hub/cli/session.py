"""What one call of the command line works with: the settings file and the language."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

if TYPE_CHECKING:
    from hub.composition.hub import Hub
    from hub.config import Config

DEFAULT_FILE: Final = "sverka.yaml"


class Session:
    """The settings are read when a command asks for them; most faults then end the call."""

    def __init__(self) -> None:
        self._config_path: Path | None = None
        self._language: str | None = None
        self._config: Config | None = None

    def choose(self, config: Path | None, language: str | None) -> None:
        """Take what the call says; what it does not say stays."""
        self._config_path = config or self._config_path
        self._language = language or self._language

    @property
    def config_path(self) -> Path:
        """The file named by the call, else by `SVERKA_CONFIG`, else `sverka.yaml` in this folder."""
        return self._config_path or Path(os.environ.get("SVERKA_CONFIG") or DEFAULT_FILE)

    @property
    def loaded(self) -> Config | None:
        """The settings, if some step has read them already."""
        return self._config

    def config(self) -> Config:
        """The settings.

        Raises:
            hub.config.ConfigError: with every fault.
        """
        if self._config is None:
            from hub.config import load_config

            self._config = load_config(self.config_path)
        return self._config

    def read_again(self) -> None:
        """Forget the settings: the file has changed."""
        self._config = None

    @contextmanager
    def hub(self, *, connect: bool = False) -> Iterator[Hub]:
        """The hub over the settings' database; `connect` opens its connections too.

        Raises:
            mappings.faults.FaultsError: the settings or a rule file have faults.
        """
        config = self.config()
        from hub.cli.log_file import logging_to
        from hub.composition.hub import open_hub

        with logging_to(config), open_hub(config, connect=connect) as hub:
            yield hub

    @property
    def is_english(self) -> bool:
        """Whether messages are English: by the call, else by the settings."""
        if self._language is None and self._config is not None:
            return self._config.language.value == "en"
        return self._language == "en"

    def text(self, russian: str, english: str) -> str:
        """The text in the call's language."""
        return english if self.is_english else russian

    def say(self, russian: str, english: str) -> None:
        """Print a line in the call's language."""
        click.echo(self.text(russian, english))


class Problem(Exception):
    """The command found something that a person must settle; the text is shown as it is."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code
