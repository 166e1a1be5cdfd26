"""What an account is made of: zone and currency, pipelines, the list of invoices and its status; kept an hour."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, timedelta, timezone, tzinfo
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from connectors.amocrm.client import PAGE, ApiClient
from connectors.amocrm.config import AmoConfig, InvoiceSource
from connectors.amocrm.envelope import embedded, has_next, object_at
from connectors.amocrm.mapper import PAID_ON, STATUS, Mapper, invoice_pipeline, pipeline_of
from connectors.amocrm.schemas import CatalogRow, EnumRow, FieldRow, PipelineRow, rows_of
from connectors.shared.jsontypes import Json, JsonObject
from hub.domain.models import Pipeline, Stage
from hub.domain.money import MoneyError, currency_code
from hub.ports.state import Clock

T = TypeVar("T")
_KEEP_S: Final = 3600.0
# A stage that is not in the plan makes us read the plan again, but not for each row.
_REFRESH_AFTER_S: Final = 60.0
_FIELDS_PAGE: Final = 50
# Type of the stage of everything that nobody took up yet.
_INCOMING: Final = 1
_PAGES_MOST: Final = 200
_WITH: Final = "is_api_filter_enabled,invoices_settings,datetime_settings"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it tells of itself.

    Attributes:
        filters: list filters work; where they do not, the account ignores them and returns everything.
    """

    id: str
    name: str
    subdomain: str
    user_id: str
    currency: str
    zone: tzinfo
    filters: bool
    invoices_catalog_id: int | None


@dataclass(frozen=True, slots=True)
class InvoiceList:
    """The list of invoices; `status` and `paid_on` (the day of the payment) are None where people deleted the field."""

    catalog: CatalogRow
    status: FieldRow | None
    paid_on: FieldRow | None = None

    @property
    def enums(self) -> tuple[EnumRow, ...]:
        """The choices of an invoice's status."""
        return tuple(self.status.enums) if self.status is not None else ()


def account_of(document: Json, default_currency: str) -> Account:
    """An account out of its document; older answers keep settings on the top level."""
    row = object_at(document)
    settings = object_at(document, "_embedded")
    invoices = object_at(settings.get("invoices_settings") or row.get("invoices_settings"))
    dates = object_at(settings.get("datetime_settings") or row.get("datetime_settings"))
    catalog_id = invoices.get("invoices_catalog_id")
    return Account(
        id=str(row.get("id") or ""),
        name=str(row.get("name") or ""),
        subdomain=str(row.get("subdomain") or ""),
        user_id=str(row.get("current_user_id") or ""),
        currency=_currency(row.get("currency"), default_currency),
        zone=_zone(dates),
        filters=row.get("is_api_filter_enabled") is not False,
        invoices_catalog_id=catalog_id if isinstance(catalog_id, int) and catalog_id else None,
    )


def _currency(value: Json, default: str) -> str:
    try:
        return currency_code(str(value or default))
    except MoneyError:
        return default


def _zone(settings: JsonObject) -> tzinfo:
    try:
        return ZoneInfo(str(settings.get("timezone") or ""))
    except (ValueError, OSError, KeyError):
        return _offset(str(settings.get("timezone_offset") or ""))


def _offset(text: str) -> tzinfo:
    """`+03:00` as a zone."""
    sign, hours, _, minutes = text[:1], text[1:3], text[3:4], text[4:6]
    if sign not in "+-" or not sign or not (hours.isdecimal() and minutes.isdecimal()):
        return UTC
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return timezone(offset if sign == "+" else -offset) if offset < timedelta(hours=24) else UTC


class Directory:
    """Reads what changes seldom. Thread-safe."""

    def __init__(self, config: AmoConfig, client: ApiClient, clock: Clock) -> None:
        self._config = config
        self._client = client
        self._clock = clock
        self._lock = threading.Lock()
        self._kept: dict[str, tuple[float, Any]] = {}

    def account(self) -> Account:
        """The account."""
        return self._keep("account", self._read_account, _KEEP_S)

    def mapper(self) -> Mapper:
        """The mapper for this account."""
        account = self.account()
        return Mapper(self._config, account.currency, account.zone)

    def pipelines(self, max_age_s: float = 0.0) -> tuple[Pipeline, ...]:
        """Pipelines of deals that are in use, in the account's order."""
        return self._keep("pipelines", self._read_pipelines, max_age_s)

    def stage(self, pipeline_id: str, stage_id: str) -> Stage | None:
        """A stage, looked up again when the kept plan does not have it."""
        for max_age_s in (_KEEP_S, _REFRESH_AFTER_S):
            for pipeline in self.pipelines(max_age_s):
                if pipeline.id == pipeline_id and (found := pipeline.stage(stage_id)) is not None:
                    return found
        return None

    def invoices(self, max_age_s: float = _KEEP_S) -> InvoiceList | None:
        """The list of invoices; None where the account has none, or its invoices live in deals."""
        if self._config.invoices.source is not InvoiceSource.LIST:
            return None
        return self._keep("invoices", self._read_invoices, max_age_s)

    def invoice_pipelines(self) -> tuple[Pipeline, ...]:
        """The states of invoices, read now."""
        found = self.invoices(max_age_s=0.0)
        return () if found is None or found.status is None else (invoice_pipeline(found.catalog, found.status),)

    def deal_fields(self, max_age_s: float = 0.0) -> list[FieldRow]:
        """Fields of deals."""
        return self._keep("fields", lambda: self._fields("/leads/custom_fields"), max_age_s)

    def incoming_stages(self) -> frozenset[tuple[str, str]]:
        """Pipeline and stage of everything that nobody took up yet («Неразобранное»)."""
        return self._keep("incoming", self._read_incoming, _KEEP_S)

    def required_fields(self, pipeline_id: str, stage_id: str) -> dict[int, str]:
        """Fields of deals that a stage asks for: number to name. Nobody knows whether the API insists on them."""
        fields = self.deal_fields(_KEEP_S)
        return {
            field.id: field.name
            for field in fields
            if any((place.pipeline_id, place.status_id) == (pipeline_id, stage_id) for place in field.required_statuses)
        }

    def _keep(self, name: str, read: Callable[[], T], max_age_s: float) -> T:
        with self._lock:
            at, value = self._kept.get(name, (float("-inf"), None))
        if max_age_s > 0 and self._clock.monotonic() - at <= max_age_s:
            found: T = value
            return found
        fresh = read()
        with self._lock:
            self._kept[name] = (self._clock.monotonic(), fresh)
        return fresh

    def _read_account(self) -> Account:
        return account_of(self._client.get("/account", {"with": _WITH}), self._config.default_currency)

    def _read_pipelines(self) -> tuple[Pipeline, ...]:
        used = (row for row in self._pipeline_rows() if not row.is_archive)
        return tuple(pipeline_of(row) for row in sorted(used, key=lambda row: (row.sort, row.id)))

    def _read_incoming(self) -> frozenset[tuple[str, str]]:
        rows = self._pipeline_rows()
        return frozenset(
            (str(row.id), str(status.id))
            for row in rows
            for status in row.embedded.statuses
            if status.type == _INCOMING
        )

    def _pipeline_rows(self) -> list[PipelineRow]:
        return rows_of(PipelineRow, embedded(self._client.get("/leads/pipelines", {"limit": PAGE}), "pipelines"))

    def _read_invoices(self) -> InvoiceList | None:
        catalogs = rows_of(CatalogRow, self._all("/catalogs", "catalogs", PAGE))
        named = self.account().invoices_catalog_id
        found = next((row for row in catalogs if row.type == "invoices"), None)
        found = found or next((row for row in catalogs if row.id == named), None)
        if found is None:
            return None
        fields = self._fields(f"/catalogs/{found.id}/custom_fields")
        by_code = {field.code.upper(): field for field in reversed(fields)}
        return InvoiceList(found, by_code.get(STATUS), by_code.get(PAID_ON))

    def _fields(self, path: str) -> list[FieldRow]:
        return rows_of(FieldRow, self._all(path, "custom_fields", _FIELDS_PAGE))

    def _all(self, path: str, key: str, limit: int) -> list[JsonObject]:
        """Every page of a short list; a next page may turn out empty."""
        rows: list[JsonObject] = []
        for page in range(1, _PAGES_MOST):
            document = self._client.get(path, {"page": page, "limit": limit})
            rows += embedded(document, key)
            if not has_next(document):
                break
        return rows
