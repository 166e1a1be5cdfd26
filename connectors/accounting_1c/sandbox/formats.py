"""The three published formats and where their JSON Schemas lie in the package."""

from pydantic import BaseModel

from connectors.accounting_1c.sandbox.faults import FaultScript
from connectors.accounting_1c.sandbox.log import OneCRecord
from connectors.accounting_1c.sandbox.seed import Seed
from connectors.sandbox_kit.documents import Formats

FORMATS: dict[str, tuple[type[BaseModel], str]] = {
    "seed": (Seed, "1C sandbox seed"),
    "faults": (FaultScript, "1C sandbox fault script"),
    "write_log": (OneCRecord, "1C sandbox write log line"),
}

_PUBLISHED = Formats(__package__, FORMATS)
generated_schema = _PUBLISHED.generated
published_schema = _PUBLISHED.published
