"""Wire rows as the portal sends them: crm.item.* in camelCase, classic methods in capitals with strings."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from connectors.shared.jsontypes import JsonObject

_log = logging.getLogger(__name__)


def _text(value: object) -> object:
    if value is None or value is False:
        return ""
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _id(value: object) -> object:
    """Unset links are 0, "0", "", null or false; all of them are no id."""
    text = _text(value)
    return "" if text == "0" else text


def _amount(value: object) -> object:
    """Money in figures only: pydantic alone would take `false` for 0 and Arabic digits for Latin."""
    if value is None or value == "":
        return Decimal(0)
    if isinstance(value, bool | float) or (isinstance(value, str) and not value.isascii()):
        raise ValueError("not an amount")
    return value


def _moment(value: object) -> object:
    return None if value in ("", None) else value


def _flag(value: object) -> object:
    return value in ("Y", "1", 1, True)


Text = Annotated[str, BeforeValidator(_text)]
RecordId = Annotated[str, BeforeValidator(_id)]
Amount = Annotated[Decimal, BeforeValidator(_amount)]
Moment = Annotated[datetime | None, BeforeValidator(_moment)]
Flag = Annotated[bool, BeforeValidator(_flag)]


class Row(BaseModel):
    """A row of a reply; what we do not know is kept aside."""

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, hide_input_in_errors=True)

    def user_field(self, name: str) -> object:
        """A field that is not declared here."""
        return (self.model_extra or {}).get(name)


class ItemRow(Row):
    """A deal, invoice, company or contact (`crm.item.*`)."""

    id: int
    title: Text = ""
    category_id: Text = Field("0", alias="categoryId")
    stage_id: Text = Field("", alias="stageId")
    semantic: Text = Field("", alias="stageSemanticId")
    opportunity: Amount = Decimal(0)
    currency: Text = Field("", alias="currencyId")
    company_id: RecordId = Field("", alias="companyId")
    contact_id: RecordId = Field("", alias="contactId")
    my_company_id: RecordId = Field("", alias="mycompanyId")
    deal_id: RecordId = Field("", alias="parentId2")
    account_number: Text = Field("", alias="accountNumber")
    xml_id: Text = Field("", alias="xmlId")
    assigned_by: RecordId = Field("", alias="assignedById")
    moved_by: Text = Field("", alias="movedBy")
    moved_time: Text = Field("", alias="movedTime")
    updated_time: Moment = Field(None, alias="updatedTime")
    begin_date: Text = Field("", alias="begindate")
    close_date: Text = Field("", alias="closedate")
    is_my_company: Flag = Field(False, alias="isMyCompany")
    name: Text = ""
    last_name: Text = Field("", alias="lastName")
    second_name: Text = Field("", alias="secondName")


class CategoryRow(Row):
    """A pipeline (`crm.category.list`)."""

    id: int
    name: Text = ""
    sort: int = 0


class StatusRow(Row):
    """A stage (`crm.status.list`)."""

    status_id: Text = Field(alias="STATUS_ID")
    name: Text = Field("", alias="NAME")
    sort: int = Field(0, alias="SORT")
    semantics: Text = Field("", alias="SEMANTICS")
    details: object = Field(None, alias="EXTRA")


class HistoryRow(Row):
    """A stage change (`crm.stagehistory.list`)."""

    id: int = Field(alias="ID")
    owner_id: int = Field(alias="OWNER_ID")
    category_id: Text = Field("0", alias="CATEGORY_ID")
    stage_id: Text = Field("", alias="STAGE_ID")
    created: datetime = Field(alias="CREATED_TIME")


class RequisiteRow(Row):
    """Requisites of a company or contact (`crm.requisite.list`)."""

    id: int = Field(alias="ID")
    entity_type_id: int = Field(alias="ENTITY_TYPE_ID")
    entity_id: int = Field(alias="ENTITY_ID")
    active: Text = Field("Y", alias="ACTIVE")
    company_name: Text = Field("", alias="RQ_COMPANY_NAME")
    company_full_name: Text = Field("", alias="RQ_COMPANY_FULL_NAME")
    person_name: Text = Field("", alias="RQ_NAME")
    first_name: Text = Field("", alias="RQ_FIRST_NAME")
    last_name: Text = Field("", alias="RQ_LAST_NAME")
    second_name: Text = Field("", alias="RQ_SECOND_NAME")
    inn: Text = Field("", alias="RQ_INN")
    kpp: Text = Field("", alias="RQ_KPP")
    bin: Text = Field("", alias="RQ_BIN")
    iin: Text = Field("", alias="RQ_IIN")


class BankDetailRow(Row):
    """A bank account of requisites (`crm.requisite.bankdetail.list`)."""

    id: int = Field(alias="ID")
    requisite_id: int = Field(alias="ENTITY_ID")
    active: Text = Field("Y", alias="ACTIVE")
    account: Text = Field("", alias="RQ_ACC_NUM")
    iban: Text = Field("", alias="RQ_IBAN")


class CommentRow(Row):
    """A timeline comment (`crm.timeline.comment.list`)."""

    id: int = Field(alias="ID")
    comment: Text = Field("", alias="COMMENT")


class TaskRow(Row):
    """A task (`tasks.task.*`, v2: camelCase with strings)."""

    id: int
    description: Text = ""
    status: Text = ""


RowT = TypeVar("RowT", bound=Row)


def rows_of(model: type[RowT], rows: Iterable[JsonObject]) -> list[RowT]:
    """Rows as one model; one that is not what the documentation promises is named in the log and left out."""
    good: list[RowT] = []
    for row in rows:
        try:
            good.append(model.model_validate(row))
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            _log.warning("unreadable %s %s: %s", model.__name__, row.get("id", row.get("ID")), faults)
    return good
