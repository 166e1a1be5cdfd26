"""How the base behaves: a switch for everything that the manual and the reports of real bases tell differently."""

from datetime import date
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, Field

from connectors.sandbox_kit.documents import DocumentModel


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("нет такой зоны IANA")
    return name


class Settings(DocumentModel):
    """The defaults follow reports about live bases where there are any, else the manual."""

    publication: Annotated[
        str, Field(pattern=r"^[\w/-]*$", description="Path of the publication; empty takes the configuration's name.")
    ] = ""
    language: Annotated[Literal["ru", "en"], Field(description="Language of the session: texts of errors.")] = "ru"
    clock_zone: Annotated[
        str, AfterValidator(_known_zone), Field(description="IANA zone of the server's wall clock.")
    ] = "Europe/Moscow"
    started_at: Annotated[
        AwareDatetime | None, Field(description="Moment the clock shows at start; null is the real time.")
    ] = None
    latency_s: Annotated[float, Field(ge=0, description="Real pause before each reply.")] = 0

    if_match: Annotated[
        Literal["ignore", "strict"], Field(description="The manual promises 412 for a stale version; bases ignore it.")
    ] = "ignore"
    inlinecount_disables_paging: Annotated[
        bool, Field(description="The manual says that $inlinecount switches $top and $skip off.")
    ] = False
    count: Annotated[Literal["bom", "plain", "absent"], Field(description="How Set/$count answers.")] = "bom"
    composition: Annotated[
        list[str] | None, Field(description="Published sets, tabular parts with their object; null is all, [] none.")
    ] = None
    unknown_field: Annotated[
        Literal["error", "empty"], Field(description="A misspelt property in $filter: code 10 or an empty list.")
    ] = "error"
    unknown_field_status: Literal[400, 404] = 400
    composite_cast: Annotated[
        Literal["works", "empty", "error"],
        Field(description="Composite eq cast(guid'…','Type'): as documented, no rows, or 500/-1."),
    ] = "works"
    composite_functions: Annotated[
        Literal["error500", "error400", "empty"],
        Field(description="substringof and others on a composite property or on its _Type."),
    ] = "error500"
    type_mismatch: Annotated[
        Literal[400, 500], Field(description="Comparison of values of different types in $filter.")
    ] = 400
    case_sensitive: Annotated[bool, Field(description="Whether strings are compared with their case.")] = False
    register_orderby: Annotated[
        Literal["ignored", "honoured"], Field(description="$orderby on records of registers with recorders.")
    ] = "ignored"
    unordered_paging: Annotated[
        Literal["parts", "all", "stable"],
        Field(description="Whose pages drift when $orderby does not name the whole key."),
    ] = "parts"
    plus_is_space: Annotated[bool, Field(description="Whether + in a query stands for a space.")] = False
    front: Annotated[
        Literal["apache", "iis"],
        Field(description="iis: 400 for a path segment over 260 characters, 411 for a POST without its length."),
    ] = "apache"
    max_url_bytes: Annotated[int, Field(ge=256)] = 8192
    error_body: Annotated[
        Literal["odata", "html500", "html200", "exception"],
        Field(
            description="html500: internal errors come as a page; html200: a failed login comes as a page with 200; "
            "exception: internal errors come as the server's own JSON."
        ),
    ] = "odata"

    session_pool: Annotated[
        int | None, Field(ge=0, description="Automatic sessions at a time; more get 406. Null is no limit.")
    ] = None
    pool_timeout_s: Annotated[float, Field(ge=0, description="Real time a call waits for a free session.")] = 0
    session_idle_s: Annotated[float, Field(gt=0, description="Life of an unused session, on the clock.")] = 20
    licences: Annotated[int | None, Field(ge=0, description="Sessions of all kinds at a time; null is no limit.")] = (
        None
    )
    no_licence: Annotated[
        Literal["406", "500", "html"], Field(description="How a missing licence looks; no source shows it.")
    ] = "406"

    post_reply: Annotated[Literal["empty", "object"], Field(description="Body of Post and Unpost.")] = "empty"
    statuses_follow_payments: Annotated[
        bool, Field(description="БП: posting a payment sets СтатусыДокументов of its invoices.")
    ] = False
    incomplete_payment: Annotated[
        Literal["no_entries", "fails"],
        Field(description="Posting a payment without contract, accounts or rows: posts nothing, or is refused."),
    ] = "no_entries"
    posted_in_body: Annotated[
        Literal["ignored", "applied"], Field(description="Posted in a body: ignored, or the flag without entries.")
    ] = "ignored"
    mark_posted: Annotated[Literal["unposts", "refused"], Field(description="DeletionMark on a posted document.")] = (
        "unposts"
    )
    closed_until: Annotated[date | None, Field(description="Last day of the closed period.")] = None
    unique_numbers: Annotated[bool, Field(description="A number twice in a year and organisation is refused.")] = True
    data_load_mode: Annotated[
        Literal["supported", "refused"], Field(description="1C_OData-DataLoadMode; refused is code 17.")
    ] = "supported"
    key_exists_status: Literal[400, 500] = 400

    exchange_plan: Annotated[bool, Field(description="Whether the base has an exchange plan with a node for us.")] = (
        True
    )
    this_node_field: Annotated[bool, Field(description="Whether nodes show ThisNode.")] = False
    tombstones: Annotated[
        Literal["ref_when", "ref"], Field(description="Attributes of at:deleted-entry; no recording is known.")
    ] = "ref_when"
    nomenclature: Annotated[
        Literal["composite", "key"], Field(description="БП: Номенклатура of invoice rows, composite or a reference.")
    ] = "composite"
