"""The seed format: what the portal holds when it starts, and how it behaves."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, JsonValue

from connectors.bitrix24.sandbox.settings import Settings
from connectors.sandbox_kit.documents import DocumentModel

Id = Annotated[int, Field(ge=1)]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2, description="Decimal text, as 125000.50.")]
EntityType = Literal[2, 3, 4, 31]
DEFAULT_TOKEN = "sandboxapplicationtoken0000000001"  # noqa: S105 - a stand-in's own token
ALL_SCOPES = ("crm", "task", "tasks", "im", "user", "user_brief", "department")


class Rights(DocumentModel):
    """What a user may do in CRM. A list holds category ids; null means every category."""

    deal_read: list[int] | None = None
    deal_write: list[int] | None = None
    invoice_read: bool = True
    invoice_write: bool = True
    client_read: bool = True
    client_write: bool = True
    forbidden_stages: Annotated[list[str], Field(description="Stage ids the user may not move a card to.")] = Field(
        default_factory=list
    )


class User(DocumentModel):
    """An employee of the portal."""

    id: Id
    name: str = ""
    last_name: str = ""
    email: str = ""
    active: bool = True
    admin: bool = False
    departments: list[int] = Field(default_factory=lambda: [1])
    rights: Rights = Rights()


class Webhook(DocumentModel):
    """An incoming webhook: the code in the URL acts as its user within its scopes."""

    user_id: Id
    code: Annotated[str, Field(min_length=1, pattern=r"^[A-Za-z0-9]+$")]
    scopes: list[str] = Field(default_factory=lambda: list(ALL_SCOPES))
    expires_at: AwareDatetime | None = None


class OutgoingWebhook(DocumentModel):
    """An outgoing webhook made in the portal's interface: one POST per event, never retried."""

    id: Id = 1
    url: str
    events: Annotated[list[str], Field(description="Event names, as ONCRMDEALUPDATE.")]
    application_token: str = DEFAULT_TOKEN


class Stage(DocumentModel):
    """A stage of a pipeline. Ids longer than 21 characters are cut as the vendor cuts them."""

    id: Annotated[str, Field(description="Full STATUS_ID, as C4:EXECUTING or DT31_3:P.")]
    name: str
    sort: int | None = None
    semantics: Annotated[Literal["S", "F"] | None, Field(description="S won, F lost, null in progress.")] = None
    color: str = "#39A8EF"
    required_fields: Annotated[list[str], Field(description="Fields that must be filled to enter the stage.")] = Field(
        default_factory=list
    )


class Category(DocumentModel):
    """A pipeline of deals (2) or invoices (31). Without `stages` it has the vendor's default ones."""

    entity_type_id: Literal[2, 31] = 2
    id: Annotated[int, Field(ge=0)]
    name: str
    sort: int = 100
    is_default: bool | None = None
    stages: list[Stage] | None = None
    required_fields: Annotated[
        dict[str, list[str]], Field(description="For default stages: stage id to required fields.")
    ] = Field(default_factory=dict)


class FieldChoice(DocumentModel):
    """A choice of a field of the type enumeration."""

    id: Id
    value: str


class UserField(DocumentModel):
    """A user field of an entity type."""

    entity_type_id: EntityType = 2
    name: Annotated[str, Field(pattern=r"^UF_CRM_[A-Z0-9_]+$")]
    type: Literal["string", "integer", "double", "money", "boolean", "date", "datetime", "enumeration"] = "string"
    title: str = ""
    multiple: bool = False
    mandatory: bool = False
    read_only: bool = False
    items: list[FieldChoice] = Field(default_factory=list)


class ProductRow(DocumentModel):
    """A product row; the price already includes discount and tax."""

    product_name: str
    price: Money
    quantity: Decimal = Decimal(1)
    tax_rate: Decimal | None = None


class _Client(DocumentModel):
    id: Id
    assigned_by_id: Id = 1
    phones: list[str] = Field(default_factory=list)
    emails: list[str] = Field(default_factory=list)
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    user_fields: dict[str, JsonValue] = Field(default_factory=dict)


class Company(_Client):
    """A company; `is_my_company` marks the portal owner's own legal entities."""

    title: str
    is_my_company: bool = False


class Contact(_Client):
    """A person."""

    name: str = ""
    second_name: str = ""
    last_name: str = ""
    company_id: Id | None = None


class Requisite(DocumentModel):
    """Legal details of a contact (3) or a company (4). `fields` takes any further RQ_* value."""

    id: Id
    entity_type_id: Literal[3, 4] = 4
    entity_id: Id
    preset_id: Id = 1
    name: str = "Реквизиты"
    active: bool = True
    rq_inn: str = ""
    rq_kpp: str = ""
    rq_company_name: str = ""
    rq_company_full_name: str = ""
    fields: dict[str, str] = Field(default_factory=dict)


class BankDetail(DocumentModel):
    """A bank account of a requisite."""

    id: Id
    requisite_id: Id
    name: str = "Счёт"
    active: bool = True
    rq_bank_name: str = ""
    rq_bik: str = ""
    rq_acc_num: str = ""
    rq_cor_acc_num: str = ""
    rq_acc_currency: str = ""
    rq_iban: str = ""
    fields: dict[str, str] = Field(default_factory=dict)


class RequisiteLink(DocumentModel):
    """Which requisites a deal (2) or an invoice (31) uses; 0 means not chosen."""

    entity_type_id: Literal[2, 31]
    entity_id: Id
    requisite_id: Annotated[int, Field(ge=0)] = 0
    bank_detail_id: Annotated[int, Field(ge=0)] = 0
    mc_requisite_id: Annotated[int, Field(ge=0)] = 0
    mc_bank_detail_id: Annotated[int, Field(ge=0)] = 0


class _Card(DocumentModel):
    id: Id
    title: str
    category_id: int | None = None
    stage_id: Annotated[str | None, Field(description="Null puts the card on the first stage.")] = None
    opportunity: Money = Decimal(0)
    is_manual_opportunity: bool = True
    currency_id: str = "RUB"
    company_id: Id | None = None
    contact_id: Id | None = None
    assigned_by_id: Id = 1
    begin_date: date | None = None
    close_date: date | None = None
    comments: str = ""
    created_at: AwareDatetime | None = None
    updated_at: AwareDatetime | None = None
    moved_at: AwareDatetime | None = None
    product_rows: list[ProductRow] = Field(default_factory=list)
    user_fields: Annotated[dict[str, JsonValue], Field(description="UF_CRM_* name to value.")] = Field(
        default_factory=dict
    )


class Deal(_Card):
    """A deal."""

    originator_id: str | None = None
    origin_id: str | None = None


class Invoice(_Card):
    """A smart invoice; `deal_id` is the deal it was made from."""

    account_number: Annotated[str | None, Field(description="Null takes the id.")] = None
    my_company_id: Id | None = None
    deal_id: Id | None = None
    xml_id: str = ""


class Robot(DocumentModel):
    """An automation rule: entering `stage_id` sets `set_stage_id` after `after_s`, by user 0 as robots do."""

    entity_type_id: Literal[2, 31] = 2
    stage_id: str
    set_stage_id: str | None = None
    set_fields: dict[str, JsonValue] = Field(default_factory=dict)
    after_s: Annotated[float, Field(ge=0)] = 0
    cost_s: Annotated[float, Field(ge=0, description="Run time added to the call that starts it.")] = 0


class Seed(DocumentModel):
    """A whole portal. Everything omitted takes the small default noted beside it."""

    version: Literal[1] = 1
    settings: Settings = Settings()
    users: Annotated[list[User], Field(min_length=1)] = Field(
        default_factory=lambda: [User(id=1, name="Интеграция", admin=True)]
    )
    webhooks: Annotated[list[Webhook], Field(min_length=1)] = Field(
        default_factory=lambda: [Webhook(user_id=1, code="sandboxsecret")]
    )
    outgoing_webhooks: list[OutgoingWebhook] = Field(default_factory=list)
    categories: Annotated[
        list[Category], Field(description="Deal funnel 0 and one invoice pipeline are added when absent.")
    ] = Field(default_factory=list)
    user_fields: list[UserField] = Field(default_factory=list)
    companies: list[Company] = Field(default_factory=list)
    contacts: list[Contact] = Field(default_factory=list)
    requisites: list[Requisite] = Field(default_factory=list)
    bank_details: list[BankDetail] = Field(default_factory=list)
    requisite_links: list[RequisiteLink] = Field(default_factory=list)
    deals: list[Deal] = Field(default_factory=list)
    invoices: list[Invoice] = Field(default_factory=list)
    robots: list[Robot] = Field(default_factory=list)
