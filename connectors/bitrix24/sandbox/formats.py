"""The three published formats and where their JSON Schemas lie in the package."""

from pydantic import BaseModel

from connectors.bitrix24.sandbox.faults import FaultScript
from connectors.bitrix24.sandbox.seed import Seed
from connectors.sandbox_kit.documents import Formats
from connectors.sandbox_kit.write_log import WriteRecord

FORMATS: dict[str, tuple[type[BaseModel], str]] = {
    "seed": (Seed, "Bitrix24 sandbox seed"),
    "faults": (FaultScript, "Bitrix24 sandbox fault script"),
    "write_log": (WriteRecord, "Bitrix24 sandbox write log line"),
}

_PUBLISHED = Formats(__package__, FORMATS)
generated_schema = _PUBLISHED.generated
published_schema = _PUBLISHED.published
