"""The three published formats and where their JSON Schemas lie in the package."""

from importlib.resources import files

from pydantic import BaseModel

from connectors.accounting_1c.sandbox.faults import FaultScript
from connectors.accounting_1c.sandbox.log import OneCRecord
from connectors.accounting_1c.sandbox.seed import Seed
from connectors.sandbox_kit.documents import schema_text

FORMATS: dict[str, tuple[type[BaseModel], str]] = {
    "seed": (Seed, "1C sandbox seed"),
    "faults": (FaultScript, "1C sandbox fault script"),
    "write_log": (OneCRecord, "1C sandbox write log line"),
}


def generated_schema(name: str) -> str:
    """The schema text the models give today."""
    model, title = FORMATS[name]
    return schema_text(model, title)


def published_schema(name: str) -> str:
    """The schema text that is shipped."""
    return files(__package__).joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
