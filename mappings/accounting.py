"""Maps of accounting configurations: how each calls the objects and fields that the hub reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from mappings.faults import MappingError
from mappings.validation import validate
from mappings.yaml_reader import Document, read_file, read_text

_FOLDER: Final = "accounting_1c"
#: Configurations that ship, by the name that the settings give them.
SHIPPED: Final = ("bp30", "ut11")
_Names = Annotated[tuple[Annotated[str, Field(min_length=1)], ...], Field(min_length=1)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ObjectMap(_Section):
    """An object; of each list the first name that a base has counts."""

    object: _Names
    title: str
    fields: Mapping[str, _Names]
    optional: bool = False


class PaymentMap(ObjectMap):
    """Documents of incoming money and the table of what the money is for."""

    rows: _Names
    row_fields: Mapping[str, _Names]
    customers: tuple[str, ...] = ()


class CashMap(ObjectMap):
    """Documents of cash that came in."""

    customers: tuple[str, ...] = ()


class StatusMap(ObjectMap):
    """The register of the states of invoices, with the names of the states."""

    value_type: str
    paid: str
    partly: str
    unpaid: str
    cancelled: str


class AccountingMap(_Section):
    """One configuration."""

    title: str
    organisations: ObjectMap
    clients: ObjectMap
    contracts: ObjectMap
    bank_accounts: ObjectMap
    own_accounts: ObjectMap
    currencies: ObjectMap
    invoices: ObjectMap
    orders: ObjectMap | None = None
    payments: PaymentMap
    cash: CashMap | None = None
    statuses: StatusMap | None = None


@cache
def shipped_map(configuration: str) -> AccountingMap:
    """A map that ships.

    Raises:
        KeyError: there is none of that name.
    """
    if configuration not in SHIPPED:
        raise KeyError(configuration)
    name = f"{_FOLDER}/{configuration}.yaml"
    return _checked(read_text(files("mappings").joinpath(name).read_text("utf-8"), f"mappings/{name}"))


def read_map(path: Path) -> AccountingMap:
    """A company's own map.

    Raises:
        MappingError: with every fault of the file.
    """
    return _checked(read_file(path))


def _checked(document: Document) -> AccountingMap:
    found = validate(document, AccountingMap)
    if found is None or document.faults:
        raise MappingError(document.faults)
    return found
