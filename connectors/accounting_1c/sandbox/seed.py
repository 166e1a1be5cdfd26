"""The seed format: which base, who may enter it, what is in it, and how it behaves."""

from datetime import date
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from connectors.accounting_1c.sandbox.settings import Settings
from connectors.sandbox_kit.documents import DocumentModel

ConfigName = Literal["bp30", "ut11"]
Guid = Annotated[str, Field(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]
Masks = Annotated[list[str], Field(description="Globs over names of sets.")]
Quirk = Literal[
    "branch",
    "twin",
    "no_inn",
    "foreigner",
    "in_folder",
    "marked_client",
    "spaced_inn",
    "nbsp_name",
    "quoted_name",
    "long_name",
    "control_sign",
    "number_other_year",
    "number_other_seller",
    "hand_number",
    "look_alike_prefix",
    "spaced_number",
    "unposted_invoice",
    "marked_invoice",
    "no_contract",
    "currency",
    "zero_total",
    "other_total",
    "no_vat",
    "lost_client",
    "unknown_type",
    "midnight",
    "second_before_midnight",
    "many_rows",
    "paid_in_parts",
    "one_for_many",
    "advance",
    "unposted_payment",
    "marked_payment",
    "paid_twice",
    "status_lies",
    "status_missing",
]
QUIRKS: tuple[str, ...] = get_args(Quirk)


class User(DocumentModel):
    """A user of the infobase. Rights are globs over sets; `organisations` and `hidden` restrict records."""

    name: str = "Обмен"
    password: str = "песочница"  # noqa: S105 - a stand-in's own password
    read: Masks = Field(default_factory=lambda: ["*"])
    write: Masks = Field(default_factory=lambda: ["*"])
    post: Masks = Field(default_factory=lambda: ["*"])
    organisations: Annotated[
        list[Guid] | None, Field(description="Organisations whose records are seen; null is all.")
    ] = None
    hidden: Annotated[list[Guid], Field(description="References of objects that are not seen.")] = Field(
        default_factory=list
    )


class Node(DocumentModel):
    """A node of the exchange plan; the base's own node stands beside it."""

    key: Guid = "a9bc23c5-3689-11f1-926c-0800270bc6cb"
    code: str = "ХАБ"
    description: str = "Хаб оплат"


class Generate(DocumentModel):
    """A big base, the same for the same numbers."""

    seed: int = 1
    invoices: Annotated[int, Field(ge=0, le=200_000)] = 20_000
    counterparties: Annotated[int, Field(ge=1, le=50_000)] = 3_000
    organisations: Annotated[int, Field(ge=1, le=9)] = 3
    first_day: date = date(2025, 1, 1)
    last_day: date = date(2026, 11, 20)
    paid_share: Annotated[float, Field(ge=0, le=1, description="Part of the invoices that is paid.")] = 0.7
    quirks: Annotated[list[Quirk] | None, Field(description="Null is every kind, [] none.")] = None
    quirk_share: Annotated[float, Field(ge=0, le=1, description="Part of the objects that has one.")] = 0.1


class Seed(DocumentModel):
    """The base. Everything omitted takes the small default noted beside it."""

    version: Literal[1] = 1
    config: ConfigName = "bp30"
    settings: Settings = Settings()
    users: Annotated[list[User], Field(min_length=1)] = Field(default_factory=lambda: [User()])
    node: Node = Node()
    objects: Annotated[
        dict[str, list[dict[str, Any]]],
        Field(description="Objects and records by set, each as the body of a POST; Posted documents are posted."),
    ] = Field(default_factory=dict)
    generate: Generate | None = None
