"""Field tables of deals, contacts, companies and smart invoices."""

from collections.abc import Iterable, Iterator
from decimal import Decimal

from connectors.bitrix24.sandbox.seed import UserField
from connectors.bitrix24.sandbox.values import FieldSpec, Kind, Value

DEAL, CONTACT, COMPANY, INVOICE = 2, 3, 4, 31
ENTITY_NAMES = {DEAL: "deal", CONTACT: "contact", COMPANY: "company", INVOICE: "invoice"}
SHORT_CODES = {"D": DEAL, "C": CONTACT, "CO": COMPANY, "SI": INVOICE}

_I, _S, _D, _F, _DATE, _TIME = Kind.INTEGER, Kind.STRING, Kind.DOUBLE, Kind.FLAG, Kind.DATE, Kind.DATETIME


def _f(name: str, upper: str, kind: Kind, default: Value = None) -> FieldSpec:
    return FieldSpec(name, upper, kind, default)


def _r(name: str, upper: str, kind: Kind, default: Value = None) -> FieldSpec:
    return FieldSpec(name, upper, kind, default, read_only=True)


_COMMON = (
    _r("id", "ID", _I),
    _f("assignedById", "ASSIGNED_BY_ID", _I, 1),
    _r("createdBy", "CREATED_BY_ID", _I, 0),
    _r("updatedBy", "MODIFY_BY_ID", _I, 0),
    _r("createdTime", "DATE_CREATE", _TIME),
    _r("updatedTime", "DATE_MODIFY", _TIME),
    _f("opened", "OPENED", _F, "N"),
    _f("comments", "COMMENTS", _S, ""),
    _f("sourceId", "SOURCE_ID", _S, ""),
    _f("sourceDescription", "SOURCE_DESCRIPTION", _S),
    _r("webformId", "WEBFORM_ID", _I, 0),
    _r("lastActivityBy", "LAST_ACTIVITY_BY", _I, 0),
    _r("lastActivityTime", "LAST_ACTIVITY_TIME", _TIME),
    FieldSpec("observers", "OBSERVERS", _I, (), multiple=True),
    _f("utmSource", "UTM_SOURCE", _S),
)

_CARD = (
    _f("title", "TITLE", _S, ""),
    _f("categoryId", "CATEGORY_ID", _I, 0),
    _f("stageId", "STAGE_ID", _S, ""),
    _f("opportunity", "OPPORTUNITY", _D, Decimal("0.00")),
    _f("isManualOpportunity", "IS_MANUAL_OPPORTUNITY", _F, "N"),
    _f("taxValue", "TAX_VALUE", _D, Decimal("0.00")),
    _f("currencyId", "CURRENCY_ID", _S, "RUB"),
    _f("companyId", "COMPANY_ID", _I, 0),
    _f("contactId", "CONTACT_ID", _I, 0),
    FieldSpec("contactIds", "CONTACT_IDS", _I, (), multiple=True),
    _r("movedBy", "MOVED_BY_ID", _I, 0),
    _r("movedTime", "MOVED_TIME", _TIME),
    _f("begindate", "BEGINDATE", _DATE),
    _f("closedate", "CLOSEDATE", _DATE),
    _f("parentId7", "PARENT_ID_7", _I),
    _f("locationId", "LOCATION_ID", _S),
)

_DEAL = (
    _r("stageSemanticId", "STAGE_SEMANTIC_ID", _S, "P"),
    _r("closed", "CLOSED", _F, "N"),
    _f("typeId", "TYPE_ID", _S, "SALE"),
    _f("probability", "PROBABILITY", _I),
    _f("leadId", "LEAD_ID", _I),
    _f("quoteId", "QUOTE_ID", _I),
    _f("additionalInfo", "ADDITIONAL_INFO", _S),
    _f("originatorId", "ORIGINATOR_ID", _S),
    _f("originId", "ORIGIN_ID", _S),
    _r("isNew", "IS_NEW", _F, "N"),
    _r("isRecurring", "IS_RECURRING", _F, "N"),
    _r("isReturnCustomer", "IS_RETURN_CUSTOMER", _F, "N"),
)

_INVOICE = (
    _r("accountNumber", "ACCOUNT_NUMBER", _S, ""),
    _f("xmlId", "XML_ID", _S, ""),
    _r("previousStageId", "PREVIOUS_STAGE_ID", _S, ""),
    _f("mycompanyId", "MYCOMPANY_ID", _I, 0),
    _f("parentId2", "PARENT_ID_2", _I),
)

_CLIENT = (
    _f("typeId", "TYPE_ID", _S, ""),
    _f("originatorId", "ORIGINATOR_ID", _S),
    _f("originId", "ORIGIN_ID", _S),
    _r("hasPhone", "HAS_PHONE", _F, "N"),
    _r("hasEmail", "HAS_EMAIL", _F, "N"),
)

_COMPANY = (
    FieldSpec("title", "TITLE", _S, "", required=True),
    _f("companyType", "COMPANY_TYPE", _S, "CUSTOMER"),
    _f("industry", "INDUSTRY", _S, ""),
    _f("isMyCompany", "IS_MY_COMPANY", _F, "N"),
)

_CONTACT = (
    _f("name", "NAME", _S, ""),
    _f("secondName", "SECOND_NAME", _S, ""),
    _f("lastName", "LAST_NAME", _S, ""),
    _f("companyId", "COMPANY_ID", _I, 0),
    _f("post", "POST", _S, ""),
)

TABLES: dict[int, tuple[FieldSpec, ...]] = {
    DEAL: _COMMON + _CARD + _DEAL,
    INVOICE: _COMMON + _CARD + _INVOICE,
    COMPANY: _COMMON + _CLIENT + _COMPANY,
    CONTACT: _COMMON + _CLIENT + _CONTACT,
}


class FieldSet:
    """The fields of one entity type, found by either of their names in any case."""

    def __init__(self, specs: Iterable[FieldSpec]) -> None:
        self._specs = tuple(specs)
        self._by_name = {name.lower(): spec for spec in self._specs for name in (spec.upper, spec.name)}

    def __iter__(self) -> Iterator[FieldSpec]:
        return iter(self._specs)

    def find(self, name: str) -> FieldSpec | None:
        """The field called `name` in either family."""
        return self._by_name.get(name.lower())


def user_field_spec(field: UserField) -> FieldSpec:
    """A user field; in crm.item.* only the prefix of its name changes (UF_CRM_X1 is ufCrm_X1)."""
    kind = {"money": Kind.MONEY, "boolean": Kind.UF_FLAG}.get(field.type) or Kind(field.type)
    return FieldSpec(
        name="ufCrm_" + field.name.removeprefix("UF_CRM_"),
        upper=field.name,
        kind=kind,
        default=() if field.multiple else None,
        required=field.mandatory,
        multiple=field.multiple,
        read_only=field.read_only,
        user_field=True,
        title=field.title,
        choices=tuple((choice.id, choice.value) for choice in field.items),
    )


def field_set(entity_type: int, user_fields: Iterable[UserField]) -> FieldSet:
    """Built-in fields of the type and its user fields."""
    own = (user_field_spec(field) for field in user_fields if field.entity_type_id == entity_type)
    return FieldSet((*TABLES[entity_type], *own))
