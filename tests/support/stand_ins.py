"""What every stand-in's files keep to: schema and loader agree, and what is wrong is named by file and field."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from connectors.sandbox_kit.documents import DocumentError, load_document


def validator_of(schema_text: str) -> jsonschema.Draft202012Validator:
    """A validator of a published schema, which itself is checked."""
    schema = json.loads(schema_text)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def assert_file_refused(
    folder: Path,
    published: Callable[[str], str],
    name: str,
    model: type[BaseModel],
    document: dict[str, Any],
    field: str,
) -> None:
    """Neither the schema nor the loader takes it; the loader names the file and the field, in Russian."""
    assert not validator_of(published(name)).is_valid(document)
    path = folder / "bad.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DocumentError) as refused:
        load_document(path, model)
    assert f"{path}: {field}" in str(refused.value)
    assert "Field required" not in str(refused.value)


def assert_seed_refused(folder: Path, command: click.Command, seed: dict[str, Any], field: str) -> None:
    """The command does not start with it, and says which field is to be mended."""
    path = folder / "seed.json"
    path.write_text(json.dumps(seed), encoding="utf-8")
    outcome = CliRunner().invoke(command, ["--seed", str(path)])
    assert (outcome.exit_code, field in outcome.output, "Traceback" in outcome.output) == (1, True, False), (
        outcome.output
    )
