"""Record tables besides CRM items: requisites, accounts, history, comments, tasks, payments, rows."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from connectors.bitrix24.sandbox.fields import FieldSet
from connectors.bitrix24.sandbox.values import FieldSpec, Item, Kind, Value

_DEFAULTS: dict[Kind, Value] = {Kind.INTEGER: 0, Kind.STRING: "", Kind.FLAG: "N"}


def camel(upper: str) -> str:
    """RQ_INN as rqInn."""
    head, *tail = upper.lower().split("_")
    return head + "".join(part.capitalize() for part in tail)


def _spec(text: str) -> FieldSpec:
    upper, _, kind = text.partition(":")
    read_only = upper == "ID"
    chosen = Kind(kind or "string")
    return FieldSpec(camel(upper), upper, chosen, _DEFAULTS.get(chosen), read_only=read_only)


def _fields(text: str) -> FieldSet:
    return FieldSet([_spec(word) for word in text.split()])


@dataclass(slots=True)
class Table:
    """Records by id; ids grow and are never given twice."""

    fields: FieldSet
    rows: dict[int, Item] = field(default_factory=dict)
    last_id: int = 0

    def insert(self, row: Item, record_id: int | None = None) -> Item:
        """Add a record under a given or the next id; absent fields take their defaults."""
        number = record_id if record_id is not None else self.last_id + 1
        self.last_id = max(self.last_id, number)
        kept: Item = {spec.name: row.get(spec.name, spec.default) for spec in self.fields}
        kept["id"] = number
        self.rows[number] = kept
        return kept

    def __iter__(self) -> Iterator[Item]:
        return iter(self.rows.values())

    def __len__(self) -> int:
        return len(self.rows)


HISTORY = (
    "ID:integer TYPE_ID:integer OWNER_ID:integer CREATED_TIME:datetime CATEGORY_ID:integer STAGE_SEMANTIC_ID STAGE_ID"
)
REQUISITE = (
    "ID:integer ENTITY_TYPE_ID:integer ENTITY_ID:integer PRESET_ID:integer DATE_CREATE:datetime "
    "DATE_MODIFY:datetime CREATED_BY_ID:integer MODIFY_BY_ID:integer NAME CODE XML_ID ORIGINATOR_ID ACTIVE:char "
    "SORT:integer RQ_NAME RQ_FIRST_NAME RQ_LAST_NAME RQ_SECOND_NAME RQ_COMPANY_NAME RQ_COMPANY_FULL_NAME "
    "RQ_INN RQ_KPP RQ_OGRN RQ_OGRNIP RQ_OKPO RQ_OKVED RQ_DIRECTOR RQ_ACCOUNTANT RQ_PHONE RQ_EMAIL "
    "RQ_VAT_ID RQ_BIN RQ_IIN RQ_CONTACT RQ_IDENT_DOC RQ_OKTMO"
)
BANK_DETAIL = (
    "ID:integer ENTITY_TYPE_ID:integer ENTITY_ID:integer COUNTRY_ID:integer DATE_CREATE:datetime "
    "DATE_MODIFY:datetime CREATED_BY_ID:integer MODIFY_BY_ID:integer NAME CODE XML_ID ORIGINATOR_ID ACTIVE:char "
    "SORT:integer RQ_BANK_NAME RQ_BANK_ADDR RQ_BIK RQ_ACC_NUM RQ_COR_ACC_NUM RQ_ACC_CURRENCY RQ_ACC_NAME "
    "RQ_IBAN RQ_SWIFT RQ_BIC COMMENTS"
)
LINK = (
    "ID:integer ENTITY_TYPE_ID:integer ENTITY_ID:integer REQUISITE_ID:integer BANK_DETAIL_ID:integer "
    "MC_REQUISITE_ID:integer MC_BANK_DETAIL_ID:integer"
)
COMMENT = "ID:integer ENTITY_ID:integer ENTITY_TYPE CREATED:datetime COMMENT AUTHOR_ID:integer"
TASK = (
    "ID:integer TITLE DESCRIPTION STATUS:integer PRIORITY:integer RESPONSIBLE_ID:integer CREATED_BY:integer "
    "CREATED_DATE:datetime CHANGED_BY:integer CHANGED_DATE:datetime CLOSED_BY:integer CLOSED_DATE:datetime "
    "DEADLINE:datetime XML_ID"
)
ACTIVITY = (
    "ID:integer OWNER_TYPE_ID:integer OWNER_ID:integer SUBJECT DESCRIPTION DEADLINE:datetime "
    "RESPONSIBLE_ID:integer COMPLETED:char CREATED:datetime AUTHOR_ID:integer"
)
LOG_MESSAGE = (
    "ID:integer ENTITY_TYPE_ID:integer ENTITY_ID:integer TITLE TEXT ICON_CODE CREATED:datetime AUTHOR_ID:integer"
)
NOTICE = "ID:integer USER_ID:integer MESSAGE MESSAGE_OUT TAG SUB_TAG AUTHOR_ID:integer CREATED:datetime"
PAYMENT = (
    "ID:integer ACCOUNT_NUMBER PAID:char DATE_PAID:datetime EMP_PAID_ID:integer PAY_SYSTEM_ID:integer "
    "SUM:double CURRENCY PAY_SYSTEM_NAME ENTITY_TYPE_ID:integer ENTITY_ID:integer"
)
PRODUCT_ROW = (
    "ID:integer OWNER_ID:integer OWNER_TYPE PRODUCT_ID:integer PRODUCT_NAME PRICE:double PRICE_EXCLUSIVE:double "
    "PRICE_NETTO:double PRICE_BRUTTO:double PRICE_ACCOUNT:double QUANTITY:double DISCOUNT_TYPE_ID:integer "
    "DISCOUNT_RATE:double DISCOUNT_SUM:double TAX_RATE:double TAX_INCLUDED:char CUSTOMIZED:char "
    "MEASURE_CODE:integer MEASURE_NAME SORT:integer XML_ID STORE_ID:integer"
)
USER = "ID:integer NAME LAST_NAME EMAIL ACTIVE:char"


def table(columns: str) -> Table:
    """An empty table with these columns."""
    return Table(_fields(columns))


def task_table() -> Table:
    """Tasks, with the CRM links a task carries."""
    links = FieldSpec("ufCrmTask", "UF_CRM_TASK", Kind.STRING, (), multiple=True)
    return Table(FieldSet([*_fields(TASK), links]))
