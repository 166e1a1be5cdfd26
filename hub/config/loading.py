"""Loads `sverka.yaml` with what the environment overrides, and names every fault with its line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from hub.config.advice import advise
from hub.config.models import Config
from hub.domain.matching.said import Language
from hub.domain.matching.table import SHIPPED, DecisionTable
from hub.domain.rules import RuleSet
from mappings.faults import Fault, FaultsError, errors_of, in_file_order
from mappings.rules_file import RuleFile, read_rules
from mappings.table_file import read_table
from mappings.validation import validate
from mappings.yaml_reader import Document, read_file, read_text

_OVERRIDES: Final = {"database": "SVERKA_DATABASE", "secret_key_file": "SVERKA_SECRET_KEY_FILE"}


class ConfigError(FaultsError):
    """The settings have faults."""


class Environment(BaseSettings):
    """What the environment may say instead of the file."""

    model_config = SettingsConfigDict(env_prefix="SVERKA_", extra="ignore", env_ignore_empty=True)

    database: SecretStr | None = None
    secret_key: SecretStr | None = None
    secret_key_file: Path | None = None


def load_config(path: Path) -> Config:
    """The settings of a file.

    Raises:
        ConfigError: with every fault of the file.
    """
    config, faults = _build(_read(path), path)
    return _or_raise(config, faults)


def parse_config(text: str, path: Path) -> Config:
    """The settings in a text that would stand at `path`.

    Raises:
        ConfigError: with every fault of the text.
    """
    config, faults = _build(read_text(text, str(path)), path)
    return _or_raise(config, faults)


def inspect_config(path: Path) -> tuple[Config | None, list[Fault]]:
    """The settings, if they can be used, and all faults, warnings too."""
    document = _read(path)
    config, faults = _build(document, path)
    return config, in_file_order([*faults, *(advise(config, document) if config is not None else ())])


def _read(path: Path) -> Document:
    if not path.exists():
        message = "файла нет: создайте его (sverka init) или укажите, где он: --config ФАЙЛ"
        return Document(str(path), faults=[Fault(str(path), 0, "", message)])
    return read_file(path)


def database_fault(config: Config, message: str) -> Fault:
    """A fault of the database: at its line of the settings, or of the variable that overrides it."""
    fault = read_file(config.file).fault(("database",), message)
    return _named_by_source(fault, Environment())


def rules_of(config: Config, connection_id: str) -> RuleFile:
    """The rule file of a connection; no rules when none was set and the usual place is empty.

    Raises:
        mappings.MappingError: with every fault of the file.
    """
    path = config.rules_path(connection_id)
    if config.connections[connection_id].rules is None and not path.exists():
        return RuleFile(RuleSet())
    return read_rules(path)


def table_of(config: Config) -> DecisionTable:
    """The decision table that the settings name, else the hub's own.

    Raises:
        mappings.MappingError: with every fault of the file.
    """
    path = config.matching.table
    return SHIPPED if path is None else read_table(path, Language(config.language.value))


def _or_raise(config: Config | None, faults: list[Fault]) -> Config:
    if config is None or errors_of(faults):
        raise ConfigError(errors_of(faults))
    return config


def _build(document: Document, path: Path) -> tuple[Config | None, list[Fault]]:
    if document.value is None and document.faults:
        return None, in_file_order(document.faults)
    environment = Environment()
    _override(document, environment)
    file = path.absolute()
    context: Mapping[str, Any] = {"base": file.parent, "file": file, "secret_key": environment.secret_key}
    config = validate(document, Config, context)
    faults = in_file_order(_named_by_source(fault, environment) for fault in document.faults)
    return config, faults


def _override(document: Document, environment: Environment) -> None:
    root = document.value if isinstance(document.value, dict) else None
    if document.value is None:
        document.value = root = {}
    if root is None:
        return
    if environment.database is not None:
        root["database"] = environment.database.get_secret_value()
    if environment.secret_key_file is not None:
        root["secret_key_file"] = str(environment.secret_key_file)


def _named_by_source(fault: Fault, environment: Environment) -> Fault:
    """A fault of an overridden field belongs to the variable, not to a line of the file."""
    variable = _OVERRIDES.get(fault.field)
    if variable is None or getattr(environment, fault.field) is None:
        return fault
    return replace(fault, file=variable, line=0, column=0, field="")
