"""Account settings of the seed: limits, plan, and switches for behaviour the documents leave open or contradict."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from connectors.sandbox_kit.documents import DocumentModel

Seconds = Annotated[float, Field(ge=0)]


class RateLimit(DocumentModel):
    """Sliding window of one second. A second with a refusal is a violation; repeated ones block everything."""

    enabled: bool = True
    per_second: Annotated[int, Field(ge=1)] = 7
    counted_by: Annotated[
        Literal["account", "ip", "token"], Field(description="Who is counted; vendor texts disagree.")
    ] = "account"
    account_per_second: Annotated[int, Field(ge=1, description="Cap over all integrations of the account.")] = 50
    foreign_per_second: Annotated[
        int, Field(ge=0, description="Requests other integrations make each second out of that cap.")
    ] = 0
    answer: Annotated[Literal["json", "html"], Field(description="Body of a 429.")] = "json"
    retry_after_s: int = 300
    block_after: Annotated[
        int | None, Field(ge=1, description="Seconds with refusals before 403 on everything; null never blocks.")
    ] = 5
    block_window_s: Annotated[float, Field(gt=0)] = 300


class OAuthRules(DocumentModel):
    """How tokens live. Lives are the vendor's: code 20 minutes, access 24 hours, refresh three months."""

    refresh_grace: Annotated[
        Literal["until_new_used", "strict"],
        Field(description="until_new_used: a spent refresh token works until the new pair is used; strict: never."),
    ] = "until_new_used"
    code_life_s: Seconds = 20 * 60
    access_life_s: Seconds = 24 * 3600
    refresh_life_s: Seconds = 90 * 24 * 3600
    api_domain: Annotated[str | None, Field(description="Claim of the tokens; null takes the server's host.")] = None


class HookRules(DocumentModel):
    """Delivery of webhooks."""

    timeout_s: Annotated[float, Field(gt=0, description="How long a receiver may take.")] = 2
    delay_s: Annotated[float, Field(ge=0, description="Delay of the first try on the sandbox clock.")] = 0
    retries_s: Annotated[
        list[Seconds], Field(description="Pauses before each retry; the vendor's table is known at second hand.")
    ] = Field(default_factory=lambda: [300.0, 900.0, 900.0, 3600.0])
    disable_after: Annotated[int, Field(ge=1, description="Invalid answers within the window that disable.")] = 100
    disable_window_s: Annotated[float, Field(gt=0)] = 7200
    repeated_post: Annotated[
        Literal["upsert", "refuse"], Field(description="POST of a destination that is subscribed already.")
    ] = "upsert"
    unknown_settings: Annotated[
        Literal["accept", "refuse"], Field(description="Subscription to a name outside the documents.")
    ] = "accept"
    grouping: Annotated[
        Literal["single", "batch"], Field(description="batch: one hook carries all records of one call.")
    ] = "single"
    digital_pipeline_retries_s: Annotated[
        list[Seconds], Field(description="Older copies of the page say sent once, the newest one up to four retries.")
    ] = Field(default_factory=list)


class HeavyBatch(DocumentModel):
    """A write of more than `above` items is answered 504, after it ran or instead of running; null never."""

    above: Annotated[int | None, Field(ge=1)] = None
    applied: bool = True


class Settings(DocumentModel):
    """How the account behaves."""

    account_id: Annotated[int, Field(ge=1)] = 300100
    name: str = "Песочница"
    subdomain: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")] = "sandbox"
    brand: Annotated[Literal["amocrm", "kommo"], Field(description="kommo: *.kommo.com and prices with fractions.")] = (
        "amocrm"
    )
    time_zone: str = "Europe/Moscow"
    currency: str = "RUB"
    language: str = "ru"
    rate_limit: RateLimit = RateLimit()
    oauth: OAuthRules = OAuthRules()
    hooks: HookRules = HookRules()
    paid: Annotated[bool, Field(description="False: every API call answers 402.")] = True
    webhooks_in_plan: Annotated[bool, Field(description="False: webhooks may not be managed through the API.")] = True
    api_filter_enabled: Annotated[bool, Field(description="False: filters are ignored without a word.")] = True
    bare_time_filter: Annotated[
        Literal["empty", "exact"], Field(description="filter[updated_at]=N without from/to finds nothing.")
    ] = "empty"
    list_lag_s: Annotated[float, Field(ge=0, description="Fresh changes stay invisible to time filters so long.")] = 0
    default_page: Annotated[int, Field(ge=1, le=250)] = 50
    over_page: Annotated[Literal["reset", "refuse"], Field(description="limit above the maximum.")] = "reset"
    events_page_max: Annotated[int, Field(ge=1, le=250, description="100 by amoCRM, 250 by Kommo.")] = 100
    next_link: Annotated[
        Literal["full_page", "exact"], Field(description="full_page: a full last page links to an empty one.")
    ] = "full_page"
    unknown_id: Annotated[Literal[204, 404], Field(description="Answer to a read of a record that is not there.")] = 204
    add_status: Annotated[Literal[200, 201], Field(description="Answer to POST of leads, companies, tasks...")] = 200
    talk_close_status: Annotated[Literal[200, 202], Field(description="202 has no JSON body.")] = 202
    batch_atomicity: Annotated[
        Literal["all_or_nothing", "partial"], Field(description="What a 400 on a batch leaves behind.")
    ] = "all_or_nothing"
    heavy_batch: HeavyBatch = HeavyBatch()
    v2_lock: Annotated[bool, Field(description="Refuse an updated_at that is not newer than the stored one.")] = False
    unknown_columns: Annotated[
        Literal["refuse", "ignore"], Field(description="Names in a write that the entity does not have.")
    ] = "refuse"
    enforce_required_statuses: bool = False
    removed_stage_leads: Annotated[Literal["first_stage", "keep"], Field(description="Leads of a deleted stage.")] = (
        "first_stage"
    )
    complex_lands_in_unsorted: bool = False
    duplicate_control: Annotated[bool, Field(description="leads/complex merges into a lead of the same name.")] = False
    payment_date: Annotated[
        Literal["writable", "server"], Field(description="server: BILL_PAYMENT_DATE is set by the server on paid.")
    ] = "writable"
    payment_date_type: Literal["date", "date_time"] = "date_time"
    catalog_events: Annotated[bool, Field(description="Events tell changes of list elements.")] = True
    latency_s: Annotated[float, Field(ge=0, description="Real pause before each reply.")] = 0
    started_at: Annotated[
        AwareDatetime | None, Field(description="Moment the clock shows at start; null is the real time.")
    ] = None
