"""The seed format: whose accounts there are, what moved on them, and how the banks behave."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, TypeAlias

from pydantic import AwareDatetime, Field

from connectors.bank.sandbox.settings import Settings
from connectors.sandbox_kit.documents import DocumentModel

Bank: TypeAlias = Literal["tochka", "tbank"]
Id = Annotated[int, Field(ge=1)]
Money = Annotated[Decimal, Field(max_digits=18, decimal_places=2, description="Decimal text, as 125000.50.")]
Positive = Annotated[Decimal, Field(gt=0, max_digits=18, decimal_places=2, description="Decimal text, as 125000.50.")]
AccountNumber = Annotated[str, Field(pattern=r"^\d{20}$")]
Bic = Annotated[str, Field(pattern=r"^\d{9}$")]
Kind = Literal[
    "payment_order",
    "payment_demand",
    "collection_order",
    "memorial_order",
    "bank_order",
    "payment_warrant",
    "card",
    "cash_in",
    "loan",
]
Event = Literal[
    "incomingPayment", "outgoingPayment", "incomingSbpPayment", "incomingSbpB2BPayment", "acquiringInternetPayment"
]
BANK_BICS: dict[Bank, str] = {"tochka": "044525104", "tbank": "044525974"}
ALL_PERMISSIONS = (
    "ReadAccountsBasic",
    "ReadAccountsDetail",
    "ReadBalances",
    "ReadStatements",
    "ReadCustomerData",
    "ManageWebhookData",
)


class Party(DocumentModel):
    """One side of a payment. Requisites are free text: banks deliver what the payer typed."""

    name: str = ""
    inn: str = ""
    kpp: str = ""
    account: str = ""
    bic: str = ""
    bank_name: str = ""
    correspondent_account: str = ""


class Owner(DocumentModel):
    """The company or entrepreneur an account belongs to."""

    name: str = "ООО «Образец»"
    inn: str = "7700000023"
    kpp: str = "770001001"
    customer_code: Annotated[str, Field(description="Tochka's code of the customer.")] = "300000001"


class Account(DocumentModel):
    """An account of ours in one of the banks."""

    bank: Bank
    number: AccountNumber
    bic: Annotated[Bic | None, Field(description="Null takes the bank's own.")] = None
    name: str = "Основной счёт"
    currency: str = "RUB"
    opening_balance: Annotated[Money, Field(description="What was there before the first operation.")] = Decimal(0)
    opened_on: date = date(2024, 1, 15)
    closed: bool = False
    owner: Owner = Owner()


class TaxBlock(DocumentModel):
    """The budget fields of a payment order."""

    status: str = ""
    kbk: str = ""
    oktmo: str = ""
    evidence: str = ""
    period: str = ""
    document_number: str = ""
    document_date: Annotated[str, Field(description="A date, or 0 as budget payments often have it.")] = "0"
    type: str = ""


class Operation(DocumentModel):
    """One movement on an account.

    `pending` is a payment on its way (Tochka shows it as a memorial order), `hold` a card authorisation
    (T-Bank shows it with the status All); both are outside the balances and settle after `settles_after_s`.
    """

    id: Annotated[Id | None, Field(description="Number in the book; null takes the next one.")] = None
    account: AccountNumber
    direction: Literal["in", "out"] = "in"
    amount: Positive
    currency: str = "RUB"
    booked_at: Annotated[AwareDatetime | None, Field(description="Null is the moment the operation appears.")] = None
    booked_ago_s: Annotated[float, Field(description="Seconds before that moment, when booked_at is null.")] = 0
    status: Literal["booked", "pending", "hold"] = "booked"
    settles_after_s: Annotated[float | None, Field(ge=0, description="Null leaves it unsettled.")] = None
    kind: Kind = "payment_order"
    via: Annotated[
        Literal["transfer", "sbp", "sbp_b2b", "acquiring"], Field(description="Chooses the webhook of Tochka.")
    ] = "transfer"
    category: Annotated[str, Field(description="T-Bank's category; empty follows direction and kind.")] = ""
    document_number: Annotated[str, Field(max_length=12)] = ""
    document_date: Annotated[date | None, Field(description="Null is the Moscow day of booked_at.")] = None
    purpose: str = ""
    counterparty: Party = Party()
    tax: TaxBlock | None = None
    bank_id: Annotated[str, Field(description="The statement's own id of the row; empty is made from `id`.")] = ""
    payment_id: Annotated[str, Field(description="Tochka's paymentId; empty is made from `id`.")] = ""
    hook_operation_id: Annotated[str, Field(description="operationId in T-Bank's webhook when it differs.")] = ""


class TochkaWebhook(DocumentModel):
    """The one webhook a client_id may have."""

    url: str
    events: Annotated[list[Event], Field(min_length=1)]


class TochkaAccess(DocumentModel):
    """Who may speak to Tochka."""

    client_id: str = "sandboxclient"
    client_secret: str = "sandboxclientsecret"  # noqa: S105 - a stand-in's own secret
    token: Annotated[str, Field(description="The JWT key made in the internet bank.")] = "tochka.sandbox.token"  # noqa: S105
    refresh_token: Annotated[str, Field(description="The OAuth token a customer's consent gave.")] = (
        "tochka.sandbox.refresh"  # noqa: S105
    )
    permissions: list[str] = Field(default_factory=lambda: list(ALL_PERMISSIONS))
    webhook: TochkaWebhook | None = None


class TBankWebhook(DocumentModel):
    """A subscription to operations, with the secret the subscriber chose."""

    url: str
    auth_type: Literal["Basic", "Bearer"] = "Bearer"
    auth_secret: str = ""
    has_signature: bool = False
    email: str = ""


class TBankAccess(DocumentModel):
    """Who may speak to T-Bank."""

    token: str = "tbank-sandbox-token"  # noqa: S105 - a stand-in's own token
    webhooks: list[TBankWebhook] = Field(default_factory=list)


class Seed(DocumentModel):
    """Both banks. Everything omitted takes the small default noted beside it."""

    version: Literal[1] = 1
    settings: Settings = Settings()
    tochka: TochkaAccess = TochkaAccess()
    tbank: TBankAccess = TBankAccess()
    accounts: Annotated[list[Account], Field(min_length=1)] = Field(
        default_factory=lambda: [
            Account(bank="tochka", number="40702810702500000001"),
            Account(bank="tbank", number="40702810910000000002"),
        ]
    )
    operations: list[Operation] = Field(default_factory=list)
