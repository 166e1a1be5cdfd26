"""Settings of what accounting's invoices put into the fields of deals of a CRM."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Final, Self

from pydantic import AfterValidator, Field, model_validator

from hub.config.section import Section
from hub.domain.filling import FieldOwner, FillField, FillRole

_USER_FIELD: Final = re.compile(r"UF_CRM_[A-Z0-9_]+\Z")


def _check_user_field(value: str) -> str:
    name = value.strip().upper()
    if not _USER_FIELD.match(name):
        raise ValueError(
            f"«{value}» — не своё поле сделки: нужно имя вида UF_CRM_1790000001, поля самого Битрикс24 хаб не заполняет"
        )
    return name


UserFieldName = Annotated[str, AfterValidator(_check_user_field)]
#: A field of a card: its number, its code, or its name as people see it.
CardField = Annotated[str, Field(min_length=1, max_length=200)]


class _Filled(Section):
    """One field; `owner` says whose word stands in it."""

    owner: FieldOwner = FieldOwner.ACCOUNTING


class UserField(_Filled):
    """A field of a deal of Bitrix24."""

    field: UserFieldName


class CustomField(_Filled):
    """A field of a deal of amoCRM."""

    field: CardField


class _Filling(Section):
    """What every CRM has."""

    @property
    def fields(self) -> dict[FillRole, FillField]:
        """The fields that are named, by what goes into them."""
        named = ((role, getattr(self, role.value)) for role in FillRole)
        return {role: FillField(item.field, item.owner) for role, item in named if item is not None}

    @model_validator(mode="after")
    def _each_field_once(self) -> Self:
        seen: dict[str, FillRole] = {}
        for role, item in self.fields.items():
            before = seen.setdefault(item.field.casefold(), role)
            if before is not role:
                raise ValueError(f"{role.value}: поле «{item.field}» уже занято под {before.value}, нужно другое")
        return self


class UserFieldFilling(_Filling):
    """Fields of deals of Bitrix24 that accounting's invoices fill; none is filled unless it is named."""

    invoice_number: UserField | None = None
    invoice_date: UserField | None = None
    invoice_sum: UserField | None = None
    invoice_status: UserField | None = None


class CustomFieldFilling(_Filling):
    """Fields of deals of amoCRM that accounting's invoices fill; none is filled unless it is named."""

    invoice_number: CustomField | None = None
    invoice_date: CustomField | None = None
    invoice_sum: CustomField | None = None
    invoice_status: CustomField | None = None


def refuse_what_is_read(fields: Mapping[FillRole, FillField], read: Mapping[str, str | None]) -> None:
    """A field that the hub reads its invoices from is not filled by the hub: it would read its own writing.

    Args:
        read: fields that invoices are read from, by their settings.

    Raises:
        ValueError: a field is in both.
    """
    for role, item in fields.items():
        for setting, name in read.items():
            if name is not None and name.casefold() == item.field.casefold():
                raise ValueError(
                    f"fill_from_accounting.{role.value}: из поля «{name}» хаб читает счета (invoices.{setting}), "
                    "писать в него он не будет — укажите другое поле"
                )
