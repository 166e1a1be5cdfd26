"""Portal settings of the seed: plan, limits, costs and switches for behaviour nobody has verified."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from connectors.sandbox_kit.documents import DocumentModel

Seconds = Annotated[float, Field(ge=0)]


# From the docs' sample replies and a field report of about 900 updates before the limit.
USUAL_COSTS_S = {
    "crm.item.update": 0.53,
    "crm.deal.update": 0.53,
    "crm.item.add": 0.53,
    "crm.item.list": 0.25,
    "crm.item.payment.pay": 0.93,
    "tasks.task.add": 0.93,
}


class RateLimit(DocumentModel):
    """Leaky bucket per source address. Null figures follow the plan: 2/s and 50, Enterprise 5/s and 250."""

    enabled: bool = True
    drain_per_s: Annotated[float, Field(gt=0)] | None = None
    block_above: Annotated[int, Field(ge=1)] | None = None


class Operating(DocumentModel):
    """Run-time limit: ten one-minute baskets per credential and method.

    `cost_s` maps a method (globs allowed, first match wins) to its simulated cost; the cost is billed
    without sleeping. Requests of 0.1 s or less are free.
    """

    enabled: bool = True
    limit_s: Annotated[float, Field(gt=0)] = 480
    batch_accounting: Annotated[
        Literal["nested", "batch"], Field(description="Bill nested methods (the docs) or the method batch.")
    ] = "nested"
    cost_s: dict[str, Seconds] = Field(default_factory=lambda: dict(USUAL_COSTS_S))
    default_cost_s: Seconds = 0.05


class Settings(DocumentModel):
    """How the portal behaves."""

    domain: str = "sandbox.bitrix24.ru"
    member_id: str = "5d0c9f4be1a84c0f9e6b2a7d1c3f8e05"
    time_zone: str = "Europe/Moscow"
    currency: str = "RUB"
    plan: Annotated[
        Literal["standard", "professional", "enterprise", "no_rest"],
        Field(description="no_rest answers every call 403 ACCESS_DENIED."),
    ] = "standard"
    rate_limit: RateLimit = RateLimit()
    operating: Operating = Operating()
    request_cut_s: Annotated[float, Field(gt=0, description="A request costing more is cut with 504.")] = 60
    latency_s: Annotated[float, Field(ge=0, description="Real pause before each reply.")] = 0
    sleep_costs: Annotated[bool, Field(description="Sleep the simulated cost for real.")] = False
    require_https: Annotated[bool, Field(description="Refuse plain HTTP as real portals do.")] = False
    rest_v3: Annotated[bool, Field(description="Serve /rest/api/ with tasks and Idempotency-Key.")] = True
    required_field_error: Annotated[
        str, Field(description="Code for a required field left empty; not verified on a real portal.")
    ] = "CRM_FIELD_ERROR_REQUIRED"
    required_fields_enforced: bool = True
    iso_date_filters: Annotated[
        bool, Field(description="False: filters by ISO date with offset find nothing, as some portals do.")
    ] = True
    payment_moves_invoice: Annotated[
        bool, Field(description="True: paying a payment document moves the invoice to its won stage.")
    ] = False
    hook_delay_s: Annotated[float, Field(ge=0, description="Delay of outgoing webhooks.")] = 0
    hook_timeout_s: Annotated[float, Field(gt=0)] = 5
    started_at: Annotated[
        AwareDatetime | None, Field(description="Moment the clock shows at start; null is the real time.")
    ] = None
