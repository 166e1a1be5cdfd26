"""The three published formats and where their JSON Schemas lie in the package."""

from pydantic import BaseModel

from connectors.bank.sandbox.faults import FaultScript
from connectors.bank.sandbox.seed import Seed
from connectors.sandbox_kit.documents import Formats
from connectors.sandbox_kit.write_log import WriteRecord

FORMATS: dict[str, tuple[type[BaseModel], str]] = {
    "seed": (Seed, "Bank sandbox seed"),
    "faults": (FaultScript, "Bank sandbox fault script"),
    "write_log": (WriteRecord, "Bank sandbox write log line"),
}

_PUBLISHED = Formats(__package__, FORMATS)
generated_schema = _PUBLISHED.generated
published_schema = _PUBLISHED.published
