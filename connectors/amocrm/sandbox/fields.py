"""Custom fields: their models, the predefined ones, and a lookup by id and by code."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from connectors.amocrm.sandbox import seed as s
from connectors.amocrm.sandbox.settings import Settings
from connectors.sandbox_kit.jsontypes import Json

CHOICES = frozenset({"select", "multiselect", "radiobutton", "category"})
_CLIENT_ENUMS = {
    "PHONE": ("WORK", "WORKDD", "MOB", "FAX", "HOME", "OTHER"),
    "EMAIL": ("WORK", "PRIV", "OTHER"),
}
_STATUS_TEXTS = {
    "created": "Создан",
    "paid": "Оплачен",
    "paid_in_advance": "Оплачен в аванс",
    "partially_paid": "Частично оплачен",
}
_VAT_TEXTS = {
    "vat_exempt": "Не облагается",
    "vat_included": "Включен в стоимость",
    "vat_not_included": "Не включен в стоимость",
}
_FIRST_PREDEFINED_ID = 500101


@dataclass(frozen=True, slots=True)
class Choice:
    """One enum of a field."""

    id: int
    value: str
    code: str | None = None
    sort: int = 0


@dataclass(frozen=True, slots=True)
class FieldDef:
    """One custom field. `owner` is leads, contacts, companies or catalogs:ID."""

    id: int
    owner: str
    name: str
    type: str = "text"
    code: str | None = None
    sort: int = 500
    choices: tuple[Choice, ...] = ()
    required_statuses: tuple[tuple[int, int], ...] = ()
    is_api_only: bool = False
    is_required: bool = False
    predefined: bool = False
    currency: str | None = None

    @property
    def label(self) -> str:
        """How the write log calls the field."""
        return self.code or f"field_{self.id}"


@dataclass(slots=True)
class FieldSet:
    """The fields of one owner in their order."""

    by_id: dict[int, FieldDef] = field(default_factory=dict)
    by_code: dict[str, FieldDef] = field(default_factory=dict)

    def add(self, spec: FieldDef) -> None:
        """Add or replace a field."""
        self.by_id[spec.id] = spec
        if spec.code:
            self.by_code[spec.code] = spec

    def find(self, name: str) -> FieldDef | None:
        """A field by code, id text or name, as a seed may call it."""
        if name in self.by_code:
            return self.by_code[name]
        if name.isdigit():
            return self.by_id.get(int(name))
        return next((spec for spec in self.by_id.values() if spec.name == name), None)

    def __iter__(self) -> Iterator[FieldDef]:
        return iter(sorted(self.by_id.values(), key=lambda spec: (spec.sort, spec.id)))


def owner_of(entity: str, catalog_id: int | None = None) -> str:
    """The key of an owner's field set."""
    return entity if catalog_id is None else f"catalogs:{catalog_id}"


@dataclass(slots=True)
class FieldBook:
    """Field sets by owner."""

    sets: dict[str, FieldSet] = field(default_factory=dict)
    last_id: int = _FIRST_PREDEFINED_ID - 1
    last_enum_id: int = 700100

    def of(self, owner: str) -> FieldSet:
        """The field set of an owner, empty when it has no fields yet."""
        return self.sets.setdefault(owner, FieldSet())

    def seeded(self, specs: Iterable[s.CustomField]) -> None:
        """Take the seed's fields."""
        for spec in specs:
            owner = owner_of(spec.entity, spec.catalog_id)
            choices = tuple(Choice(enum.id, enum.value, enum.code, enum.sort) for enum in spec.enums)
            required = tuple((status.pipeline_id, status.status_id) for status in spec.required_statuses)
            self.of(owner).add(
                FieldDef(
                    id=spec.id,
                    owner=owner,
                    name=spec.name,
                    type=spec.type,
                    code=spec.code,
                    sort=spec.sort,
                    choices=choices,
                    required_statuses=required,
                    is_api_only=spec.is_api_only,
                    is_required=spec.is_required,
                    currency=spec.currency,
                )
            )
            self.last_id = max(self.last_id, spec.id)
            self.last_enum_id = max([self.last_enum_id, *(enum.id for enum in spec.enums)])

    def predefine(self, owner: str, name: str, kind: str, code: str, texts: dict[str, str] | None = None) -> None:
        """Add a vendor's field unless the seed has one of that code."""
        fields = self.of(owner)
        if code in fields.by_code:
            return
        self.last_id += 1
        choices = [Choice(self._next_enum(), text, key, n) for n, (key, text) in enumerate((texts or {}).items(), 1)]
        sort = len(fields.by_id) + 1
        fields.add(FieldDef(self.last_id, owner, name, kind, code, sort, tuple(choices), predefined=True))

    def _next_enum(self) -> int:
        self.last_enum_id += 1
        return self.last_enum_id


def predefined_fields(book: FieldBook, catalogs: Iterable[s.Catalog], settings: Settings) -> None:
    """PHONE and EMAIL of clients, and the BILL_* family of every invoices list."""
    for owner in ("contacts", "companies"):
        for code, enums in _CLIENT_ENUMS.items():
            name = "Телефон" if code == "PHONE" else "Email"
            book.predefine(owner, name, "multitext", code, {enum: enum for enum in enums})
    for catalog in catalogs:
        if catalog.type == "invoices":
            _invoice_fields(book, catalog, settings)


def _invoice_fields(book: FieldBook, catalog: s.Catalog, settings: Settings) -> None:
    listed: list[tuple[str, str, str, dict[str, str] | None]] = [
        ("BILL_STATUS", "Статус", "select", _STATUS_TEXTS),
        ("LEGAL_ENTITY", "Юр. лицо", "legal_entity", None),
        ("PAYER", "Плательщик", catalog.payer_type, None),
        ("ITEMS", "Товары", "items", None),
        ("BILL_COMMENT", "Комментарий", "textarea", None),
        ("BILL_PRICE", "Итоговая сумма к оплате", "numeric", None),
        ("BILL_VAT_TYPE", "Тип НДС", "select", _VAT_TEXTS),
        ("BILL_REASON_FOR_NO_VAT", "Причина отсутствия НДС", "text", None),
        ("BILL_PAYMENT_DATE", "Дата оплаты", settings.payment_date_type, None),
    ]
    owner = owner_of("catalogs", catalog.id)
    for code, name, kind, texts in listed:
        if code not in catalog.absent_fields:
            book.predefine(owner, name, kind, code, texts)


def field_json(spec: FieldDef, account_id: int, base: str) -> dict[str, Json]:
    """A field as GET .../custom_fields shows it."""
    entity, _, catalog_id = spec.owner.partition(":")
    path = f"catalogs/{catalog_id}/custom_fields" if catalog_id else f"{entity}/custom_fields"
    enums: list[Json] = [_enum_json(choice) for choice in spec.choices]
    shown: dict[str, Json] = {
        "id": spec.id,
        "name": spec.name,
        "type": spec.type,
        "account_id": account_id,
        "code": spec.code,
        "sort": spec.sort,
        "is_api_only": spec.is_api_only,
        "enums": enums or None,
        "group_id": None,
        "required_statuses": [{"status_id": status, "pipeline_id": pipe} for pipe, status in spec.required_statuses],
        "is_deletable": not spec.predefined or bool(catalog_id),
        "is_predefined": spec.predefined,
        "entity_type": entity,
        "remind": None,
        "triggers": [],
        "currency": spec.currency,
        "hidden_statuses": [],
        "tracking_callback": None,
        "_links": {"self": {"href": f"{base}/api/v4/{path}/{spec.id}"}},
    }
    if catalog_id:
        shown["catalog_id"] = int(catalog_id)
        shown["is_visible"] = True
        shown["is_required"] = spec.is_required
    return shown


def _enum_json(choice: Choice) -> dict[str, Json]:
    shown: dict[str, Json] = {"id": choice.id, "value": choice.value, "sort": choice.sort}
    if choice.code is not None:
        shown["code"] = choice.code
    return shown
