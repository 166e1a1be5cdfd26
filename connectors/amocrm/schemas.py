"""Wire rows of API v4 as the account sends them; times are Unix seconds, numbers of fields come as text."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.shared.jsontypes import JsonObject

_log = logging.getLogger(__name__)


def _text(value: object) -> object:
    if value is None or value is False:
        return ""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _amount(value: object) -> object:
    """Money in figures only: pydantic alone would take `false` for 0 and Arabic digits for Latin."""
    if value is None or value == "":
        return None
    if isinstance(value, bool | float) or (isinstance(value, str) and not value.isascii()):
        raise ValueError("not an amount")
    return value


def _seconds(value: object) -> object:
    return 0 if value is None else value


def _list(value: object) -> object:
    return [] if value is None else value


def _map(value: object) -> object:
    """PHP writes an empty map as a list."""
    return {} if value is None or value == [] else value


Text = Annotated[str, BeforeValidator(_text)]
Amount = Annotated[Decimal | None, BeforeValidator(_amount)]
Seconds = Annotated[int, BeforeValidator(_seconds)]
Flag = Annotated[bool, BeforeValidator(bool)]


class Row(BaseModel):
    """A row of a reply; what we do not know is left aside."""

    model_config = ConfigDict(extra="ignore", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class FieldValue(Row):
    """A filled field of a card; each value is an object with `value` and, for a choice, `enum_id` or `enum_code`."""

    field_id: int = 0
    field_name: Text = ""
    field_code: Text = ""
    field_type: Text = ""
    values: Annotated[list[dict[str, Any]], BeforeValidator(_list)] = Field(default_factory=list)


Fields = Annotated[list[FieldValue], BeforeValidator(_list)]


class LinkMetadata(Row):
    """What a link to an element of a list carries."""

    catalog_id: int = 0


class Ref(Row):
    """Something that a card is bound to."""

    id: int
    is_main: Flag = False
    metadata: Annotated[LinkMetadata, BeforeValidator(_map)] = LinkMetadata()


Refs = Annotated[list[Ref], BeforeValidator(_list)]


class Bound(Row):
    """What a card is bound to, as far as it was asked for."""

    companies: Refs = Field(default_factory=list)
    contacts: Refs = Field(default_factory=list)
    catalog_elements: Refs = Field(default_factory=list)


class Card(Row):
    """What leads, companies, contacts and elements of lists have in common."""

    id: int
    name: Text = ""
    created_at: Seconds = 0
    updated_at: Seconds = 0
    is_deleted: Flag = False
    fields: Fields = Field(default_factory=list, alias="custom_fields_values")


class LeadRow(Card):
    """A deal."""

    price: Amount = None
    exact_price: Amount = Field(None, alias="price_with_minor_units")
    status_id: Text = ""
    pipeline_id: Text = ""
    responsible_user_id: Text = ""
    updated_by: Text = ""
    bound: Annotated[Bound, BeforeValidator(_map)] = Field(default_factory=Bound, alias="_embedded")


class OwnerRow(Card):
    """A company or a contact."""

    first_name: Text = ""
    last_name: Text = ""


class ElementRow(Card):
    """An element of a list."""

    catalog_id: int = 0


class StatusRow(Row):
    """A stage; `type` 1 is Incoming («Неразобранное»)."""

    id: int
    name: Text = ""
    sort: int = 0
    type: int = 0


class Statuses(Row):
    """Stages of a pipeline."""

    statuses: Annotated[list[StatusRow], BeforeValidator(_list)] = Field(default_factory=list)


class PipelineRow(Row):
    """A pipeline with its stages."""

    id: int
    name: Text = ""
    sort: int = 0
    is_archive: Flag = False
    embedded: Annotated[Statuses, BeforeValidator(_map)] = Field(default_factory=Statuses, alias="_embedded")


class CatalogRow(Row):
    """A list."""

    id: int
    name: Text = ""
    type: Text = ""


class EnumRow(Row):
    """A choice of a field."""

    id: int
    value: Text = ""
    sort: int = 0
    code: Text = ""


class RequiredAt(Row):
    """A stage that asks for a field."""

    status_id: Text = ""
    pipeline_id: Text = ""


class FieldRow(Row):
    """The definition of a field."""

    id: int
    name: Text = ""
    type: Text = ""
    code: Text = ""
    enums: Annotated[list[EnumRow], BeforeValidator(_list)] = Field(default_factory=list)
    currency: Text = ""
    required_statuses: Annotated[list[RequiredAt], BeforeValidator(_list)] = Field(default_factory=list)


class EventRow(Row):
    """An event; ids are text and sort by time."""

    id: str
    type: Text = ""
    entity_id: int = 0
    entity_type: Text = ""
    created_by: Text = ""
    created_at: Seconds = 0
    after: Annotated[list[dict[str, Any]], BeforeValidator(_list)] = Field(default_factory=list, alias="value_after")
    before: Annotated[list[dict[str, Any]], BeforeValidator(_list)] = Field(default_factory=list, alias="value_before")


class NoteRow(Row):
    """A note in a card's feed."""

    id: int
    entity_id: int = 0
    params: Annotated[dict[str, Any], BeforeValidator(_map)] = Field(default_factory=dict)


class TaskRow(Row):
    """A task."""

    id: int
    entity_id: int = 0
    entity_type: Text = ""
    text: Text = ""
    is_completed: Flag = False


class LinkRow(Row):
    """One end of a link, seen from the other."""

    id: int = Field(alias="to_entity_id")
    type: Text = Field("", alias="to_entity_type")


class HookRow(Row):
    """A subscription of an address to what happens in the account."""

    destination: Text = ""
    disabled: Flag = False
    settings: Annotated[list[Text], BeforeValidator(_list)] = Field(default_factory=list)


RowT = TypeVar("RowT", bound=Row)


def rows_of(model: type[RowT], rows: Iterable[JsonObject]) -> list[RowT]:
    """Rows as one model; one that is not what the documentation promises is named in the log and left out."""
    good: list[RowT] = []
    for row in rows:
        try:
            good.append(model.model_validate(row))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            _log.warning("unreadable %s %s: %s", model.__name__, row.get("id"), faults)
    return good
