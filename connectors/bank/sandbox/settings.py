"""How the two banks behave: delays, limits, and a switch for everything their papers leave open."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from connectors.sandbox_kit.documents import DocumentModel

Seconds = Annotated[float, Field(ge=0)]
PerSecond = Annotated[int | None, Field(ge=1, description="Requests per second; null is no limit.")]


class TochkaSettings(DocumentModel):
    """Tochka. The defaults are what its published description says."""

    created_polls: Annotated[int, Field(ge=0, description="Polls that find a statement in Created.")] = 2
    processing_polls: Annotated[int, Field(ge=0, description="Then polls that find it in Processing.")] = 0
    statement_kept_s: Annotated[float, Field(gt=0, description="Life of a prepared statement; then 404.")] = 86_400
    snapshot: Annotated[
        Literal["created", "ready"], Field(description="When the rows of a statement are taken; not verified.")
    ] = "ready"
    statement_form: Annotated[
        Literal["list", "object"], Field(description="Shape of Data.Statement in the answer to a poll.")
    ] = "list"
    max_period_days: Annotated[int | None, Field(ge=1, description="Longer periods get 400; not published.")] = None
    transaction_id: Annotated[
        Literal["stable", "per_statement", "absent"],
        Field(description="Whether two statements name a row alike; not verified, the field is optional."),
    ] = "stable"
    payment_id: Annotated[Literal["present", "absent"], Field(description="The field is optional.")] = "present"
    fresh_form: Annotated[
        Literal["pending", "booked_memorial"],
        Field(description="How a payment not yet settled shows: Pending, or Booked as a memorial order."),
    ] = "pending"
    indicator_case: Annotated[
        Literal["Credit", "credit"], Field(description="The schema writes Credit, the guide's text credit.")
    ] = "Credit"
    both_sides: Annotated[
        bool, Field(description="True: rows name payer and payee; false: only the other side, as the schema says.")
    ] = False
    error_code: Annotated[
        Literal["text", "number"],
        Field(description="Type of `code` in errors: the schema says text, a client reads a number."),
    ] = "text"
    error_message: Annotated[
        Literal["category", "words"], Field(description="`message` of errors: a category word, or a sentence.")
    ] = "category"
    dead_token_status: Literal[401, 403] = 403
    requests_per_s: PerSecond = None
    jwk_form: Annotated[Literal["single", "set"], Field(description="Public key: one JWK, or {keys: [...]}.")] = (
        "single"
    )
    hook_signing: Annotated[
        Literal["own", "wrong_key", "hs256", "none"], Field(description="How every webhook is signed.")
    ] = "own"
    hook_amounts: Annotated[Literal["short", "two_digits"], Field(description="40.0 or 40.00.")] = "short"
    hook_delay_s: Seconds = 0
    hook_retries: Annotated[int, Field(ge=0)] = 30
    hook_retry_s: Annotated[float, Field(gt=0)] = 10
    hook_https_443: Annotated[
        bool, Field(description="Refuse webhook addresses that are not HTTPS on port 443, as the bank does.")
    ] = False
    hook_test_on_save: Annotated[bool, Field(description="Send a test webhook per event on create and edit.")] = True


class TBankSettings(DocumentModel):
    """T-Bank. The defaults are what its published description says."""

    accounts_form: Annotated[
        Literal["list", "object"], Field(description="Answer of bank-accounts: a list, or {accounts: [...]}.")
    ] = "list"
    row_order: Annotated[Literal["oldest_first", "newest_first"], Field(description="Not published.")] = "oldest_first"
    cursor: Annotated[
        Literal["keyset", "offset"],
        Field(description="What a cursor holds; with offset, rows that appear between pages shift the rest."),
    ] = "keyset"
    last_cursor: Annotated[Literal["absent", "null", "empty"], Field(description="nextCursor of the last page.")] = (
        "absent"
    )
    default_limit: Annotated[int, Field(ge=1)] = 1000
    max_limit: Annotated[int, Field(ge=1)] = 5000
    balances_form: Annotated[
        Literal["numbers", "texts", "objects", "absent"],
        Field(description="Shape of balances in the first page; the exact object is not published."),
    ] = "numbers"
    statement_parties: Annotated[
        Literal["acct", "account"],
        Field(description="Spelling of parties: acct, bicRu, corAcct or account, bic, corrAccount."),
    ] = "acct"
    hook_parties: Literal["acct", "account"] = "account"
    statement_amounts: Literal["number", "text"] = "number"
    hook_amounts: Literal["number", "text"] = "text"
    type_case: Annotated[Literal["Credit", "CREDIT", "credit"], Field(description="typeOfOperation.")] = "Credit"
    dead_token_status: Literal[401, 403] = 401
    allowed_ips: Annotated[list[str] | None, Field(description="Other addresses get 403; null lets all in.")] = None
    limits_enabled: bool = True
    statement_per_s: PerSecond = 20
    accounts_per_s: PerSecond = 6
    webhook_per_s: PerSecond = 10
    old_statement_per_s: PerSecond = 10
    retry_after: Annotated[bool, Field(description="Send Retry-After with 429.")] = True
    hook_operation_id: Annotated[
        Literal["same", "other"], Field(description="Whether a webhook names the operation as the statement does.")
    ] = "same"
    hook_copies: Annotated[int, Field(ge=1, description="How often each webhook is sent.")] = 1
    hook_delay_s: Seconds = 0
    hook_retry_delays_s: Annotated[list[Seconds], Field(description="Pauses before the attempts after the first.")] = (
        Field(default_factory=lambda: [30.0, 120.0, 300.0, 600.0])
    )
    hook_signature_header: Annotated[
        str, Field(description="Header of the signature when hasSignature is set; its form is not published.")
    ] = "X-Signature"
    hook_forwarded_for: Annotated[
        str | None, Field(description="X-Forwarded-For of webhooks, to try an address allow-list behind a proxy.")
    ] = None


class Settings(DocumentModel):
    """What both banks share, and each bank's own settings."""

    latency_s: Annotated[float, Field(ge=0, description="Real pause before each reply.")] = 0
    hook_timeout_s: Annotated[float, Field(gt=0)] = 5
    started_at: Annotated[
        AwareDatetime | None, Field(description="Moment the clock shows at start; null is the real time.")
    ] = None
    tochka: TochkaSettings = TochkaSettings()
    tbank: TBankSettings = TBankSettings()
