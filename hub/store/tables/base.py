"""What every table shares: the metadata, names of constraints, columns that come in groups."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, String

from hub.store.types import BigId, StorableText, UtcDateTime

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def id_column() -> Column[int]:
    """The table's own number."""
    return Column("id", BigId, primary_key=True)


def word(name: str, *, nullable: bool = False, primary_key: bool = False) -> Column[str]:
    """Text, long or short."""
    return Column(name, StorableText, nullable=nullable and not primary_key, primary_key=primary_key)


def moment(name: str, *, nullable: bool = False) -> Column[datetime]:
    """A moment in UTC."""
    return Column(name, UtcDateTime, nullable=nullable)


def money_columns(*, nullable: bool = False) -> tuple[Column[int], Column[str]]:
    """An amount in minor units and its currency."""
    return Column("amount_minor", BigInteger, nullable=nullable), Column("currency", String(3), nullable=nullable)


def party_columns(side: str) -> tuple[Column[str], ...]:
    """One side of a payment, as `hub.domain.models.Party` names its parts."""
    parts = ("name", "tax_id", "kpp", "account", "bic", "bank_name")
    return tuple(word(f"{side}_{part}", nullable=True) for part in parts)


def lease_columns() -> tuple[Column[str], Column[datetime]]:
    """Who works on the row and until when nobody else may."""
    return word("lease_owner", nullable=True), moment("lease_until", nullable=True)
