"""The three published formats and where their JSON Schemas lie in the package."""

from importlib.resources import files

from pydantic import BaseModel

from connectors.amocrm.sandbox.faults import FaultScript
from connectors.amocrm.sandbox.seed import Seed
from connectors.sandbox_kit.documents import schema_text
from connectors.sandbox_kit.write_log import WriteRecord

FORMATS: dict[str, tuple[type[BaseModel], str]] = {
    "seed": (Seed, "amoCRM sandbox seed"),
    "faults": (FaultScript, "amoCRM sandbox fault script"),
    "write_log": (WriteRecord, "amoCRM sandbox write log line"),
}


def generated_schema(name: str) -> str:
    """The schema text the models give today."""
    model, title = FORMATS[name]
    return schema_text(model, title)


def published_schema(name: str) -> str:
    """The schema text that is shipped."""
    return files(__package__).joinpath("schemas", f"{name}.schema.json").read_text(encoding="utf-8")
