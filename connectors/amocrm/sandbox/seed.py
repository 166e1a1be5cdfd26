"""The seed format: what the account holds when it starts, and how it behaves."""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from connectors.amocrm.sandbox.settings import Settings
from connectors.sandbox_kit.documents import DocumentModel

Id = Annotated[int, Field(ge=1)]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2, description="Decimal text, as 125000.50.")]
CardFields = Annotated[
    dict[str, JsonValue],
    Field(
        description="Custom fields: code, id or name of the field to its value. A select takes an enum's code, id or "
        "text; an object is the value of a field that takes objects; a list is several values."
    ),
]
FieldType = Literal[
    "text",
    "numeric",
    "checkbox",
    "select",
    "multiselect",
    "multitext",
    "date",
    "url",
    "textarea",
    "radiobutton",
    "streetaddress",
    "smart_address",
    "birthday",
    "legal_entity",
    "date_time",
    "items",
    "category",
    "price",
    "tracking_data",
    "linked_entity",
    "org_legal_name",
    "monetary",
    "chained_list",
    "file",
    "payer",
    "supplier",
]
InvoiceStatus = Literal["created", "paid", "paid_in_advance", "partially_paid"]


class User(DocumentModel):
    """An employee. Only admins may list users and manage webhooks."""

    id: Id
    name: str = ""
    email: str = ""
    active: bool = True
    admin: bool = False
    group_id: int = 0
    locked_statuses: Annotated[list[int], Field(description="Stages the user may not move a lead to.")] = Field(
        default_factory=list
    )


class AuthCode(DocumentModel):
    """An authorization code that waits to be exchanged; its 20 minutes start with the server."""

    code: Annotated[str, Field(min_length=1)] = "sandboxcode"
    user_id: Id = 1


class Integration(DocumentModel):
    """The integration that asks for access."""

    client_id: str = "5d0c9f4b-e1a8-4c0f-9e6b-2a7d1c3f8e05"
    client_secret: Annotated[str, Field(min_length=1)] = "sandboxclientsecret"  # noqa: S105 - a stand-in's own
    redirect_uri: str = "http://127.0.0.1:8080/oauth/amocrm"
    codes: list[AuthCode] = Field(default_factory=lambda: [AuthCode()])
    uninstall_hook_url: Annotated[str | None, Field(description="Told by a signed GET when it is removed.")] = None


class LongLivedToken(DocumentModel):
    """A long-lived token of a private integration, printed when the server starts."""

    user_id: Id = 1
    life_days: Annotated[int, Field(ge=1)] = 365


class Status(DocumentModel):
    """A stage of a pipeline. Incoming (type 1), 142 and 143 are added by the server."""

    id: Annotated[int, Field(ge=1000)]
    name: str
    sort: int | None = None
    color: str = "#99ccff"


class Pipeline(DocumentModel):
    """A pipeline of leads. Without `statuses` it has the vendor's four, numbered from the pipeline's id."""

    id: Id
    name: str
    sort: int | None = None
    is_main: bool = False
    is_archive: bool = False
    is_unsorted_on: bool = True
    unsorted_status_id: Annotated[int | None, Field(ge=1000)] = None
    statuses: list[Status] | None = None


class Enum(DocumentModel):
    """A choice of a select-like field."""

    id: Id
    value: str
    code: str | None = None
    sort: int = 0


class RequiredStatus(DocumentModel):
    """A stage at which the field has to be filled."""

    status_id: Id
    pipeline_id: Id


class CustomField(DocumentModel):
    """A custom field of leads, contacts, companies, or of one list (`catalog_id`)."""

    id: Id
    name: str
    entity: Literal["leads", "contacts", "companies", "catalogs"] = "leads"
    catalog_id: Id | None = None
    type: FieldType = "text"
    code: str | None = None
    sort: int = 500
    is_api_only: bool = False
    is_required: bool = False
    currency: Annotated[str | None, Field(pattern="^[A-Z]{3}$", description="Of a monetary field.")] = None
    enums: list[Enum] = Field(default_factory=list)
    required_statuses: list[RequiredStatus] = Field(default_factory=list)


class Catalog(DocumentModel):
    """A list. One of type invoices gets the vendor's predefined fields; one such list is added when absent."""

    id: Annotated[int, Field(ge=1000)]
    name: str
    type: Literal["regular", "invoices", "products", "suppliers"] = "regular"
    sort: int = 10
    payer_type: Annotated[
        Literal["payer", "linked_entity"], Field(description="linked_entity in accounts of 2021.")
    ] = "payer"
    absent_fields: Annotated[list[str], Field(description="Predefined codes that people deleted.")] = Field(
        default_factory=list
    )


class _Card(DocumentModel):
    id: Id
    name: str = ""
    responsible_user_id: Id = 1
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    tags: list[str] = Field(default_factory=list)
    deleted: bool = False
    fields: CardFields = Field(default_factory=dict)


class Company(_Card):
    """A company."""


class Contact(_Card):
    """A person."""

    first_name: str = ""
    last_name: str = ""
    company_id: Id | None = None


class Lead(_Card):
    """A deal. Without a stage it stands on the first one of its pipeline; `unsorted` puts it into Incoming."""

    price: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    pipeline_id: Id | None = None
    status_id: Id | None = None
    unsorted: bool = False
    company_id: Id | None = None
    contact_ids: Annotated[list[Id], Field(description="The first one is the main contact.")] = Field(
        default_factory=list
    )
    loss_reason_id: Id | None = None
    closed_at: AwareDatetime | None = None


class _Element(DocumentModel):
    id: Id
    name: str
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    deleted: bool = False
    lead_ids: list[Id] = Field(default_factory=list)
    fields: CardFields = Field(default_factory=dict)


class Invoice(_Element):
    """An element of the invoices list; the number is free text in `name`, as with the vendor."""

    status: InvoiceStatus | None = "created"
    price: Money | None = None
    payer: Annotated[
        dict[str, JsonValue] | None, Field(description="Value of PAYER: the payer or the linked entity.")
    ] = None
    legal_entity: Annotated[dict[str, JsonValue] | None, Field(description="Value of LEGAL_ENTITY, the seller.")] = None
    payment_date: AwareDatetime | None = None


class Element(_Element):
    """An element of any other list."""

    catalog_id: Id


class LossReason(DocumentModel):
    """Why leads are lost."""

    id: Id
    name: str
    sort: int = 10


class Webhook(DocumentModel):
    """A webhook subscription."""

    destination: Annotated[str, Field(min_length=1)]
    settings: list[str]
    sort: int = 10


class StageHook(DocumentModel):
    """A hook of the digital pipeline: entering the stage posts to `url`."""

    pipeline_id: Id
    status_id: Id
    url: Annotated[str, Field(min_length=1)]


class PaidTrigger(DocumentModel):
    """The trigger «счёт оплачен» of a pipeline: a note of payment moves the lead to the stage."""

    pipeline_id: Id
    status_id: Id


class Talk(DocumentModel):
    """A conversation with a client."""

    id: Id
    contact_id: Id | None = None
    lead_id: Id | None = None


class Seed(DocumentModel):
    """A whole account. Everything omitted takes the small default noted beside it."""

    version: Literal[1] = 1
    settings: Settings = Settings()
    users: Annotated[list[User], Field(min_length=1)] = Field(
        default_factory=lambda: [User(id=1, name="Интеграция", admin=True)]
    )
    integration: Integration = Integration()
    long_lived_tokens: Annotated[list[LongLivedToken], Field(min_length=1)] = Field(
        default_factory=lambda: [LongLivedToken()]
    )
    pipelines: Annotated[list[Pipeline], Field(description="One pipeline is added when there is none.")] = Field(
        default_factory=list
    )
    custom_fields: Annotated[
        list[CustomField], Field(description="PHONE and EMAIL of contacts and companies are there anyway.")
    ] = Field(default_factory=list)
    catalogs: list[Catalog] = Field(default_factory=list)
    companies: list[Company] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)
    leads: list[Lead] = Field(default_factory=list)
    invoices: list[Invoice] = Field(default_factory=list)
    elements: list[Element] = Field(default_factory=list)
    loss_reasons: list[LossReason] = Field(default_factory=list)
    webhooks: list[Webhook] = Field(default_factory=list)
    stage_hooks: list[StageHook] = Field(default_factory=list)
    paid_triggers: list[PaidTrigger] = Field(default_factory=list)
    talks: list[Talk] = Field(default_factory=list)
