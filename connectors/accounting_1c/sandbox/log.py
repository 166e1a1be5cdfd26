"""The write log's line: the common one, with the key that a record of 1C has in place of a number."""

from typing import Annotated

from pydantic import Field

from connectors.sandbox_kit.write_log import WriteRecord


class OneCRecord(WriteRecord):
    """One line of the write log."""

    entity_key: Annotated[str | None, Field(description="Key of the record as its address has it.")] = None
