"""`$metadata`: the composition as EDMX, with the namespaces and the order of the vendor's own."""

from collections.abc import Iterable, Iterator

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.model import Property, Table

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<edmx:Edmx xmlns:edmx="http://schemas.microsoft.com/ado/2007/06/edmx" Version="1.0">'
    '<edmx:DataServices xmlns:m="http://schemas.microsoft.com/ado/2007/08/dataservices/metadata" '
    'm:DataServiceVersion="3.0" m:MaxDataServiceVersion="3.0">'
    '<Schema xmlns="http://schemas.microsoft.com/ado/2009/11/edm" Namespace="StandardODATA">'
)
_TAIL = "</Schema></edmx:DataServices></edmx:Edmx>"
_SLICE = (("Condition", "Edm.String"), ("Period", "Edm.DateTime"))
_SPAN = (
    ("Condition", "Edm.String"),
    ("Dimensions", "Edm.String"),
    ("StartPeriod", "Edm.DateTime"),
    ("EndPeriod", "Edm.DateTime"),
)
_ARGUMENTS = {
    "SliceLast": _SLICE,
    "SliceFirst": _SLICE,
    "Balance": (("Condition", "Edm.String"), ("Dimensions", "Edm.String"), ("Period", "Edm.DateTime")),
    "Turnovers": _SPAN,
    "BalanceAndTurnovers": _SPAN,
}
#: What each virtual table makes of a resource.
RESULTS = {
    "Balance": ("Balance",),
    "Turnovers": ("Turnover", "Receipt", "Expense"),
    "BalanceAndTurnovers": ("OpeningBalance", "Turnover", "Receipt", "Expense", "ClosingBalance"),
}


def metadata(base: Base) -> str:
    """The whole document."""
    tables = base.published_tables()
    return "".join(
        [
            _HEAD,
            *(_entity_type(base, table) for table in tables),
            *(_complex for table in tables for _complex in _complex_types(table)),
            *(_association(base, table, known) for table, known in _references(base, tables)),
            '<EntityContainer Name="EnterpriseV8" m:IsDefaultEntityContainer="true">',
            *(f'<EntitySet Name="{table.name}" EntityType="StandardODATA.{table.name}"/>' for table in tables),
            *(_association_set(table, known) for table, known in _references(base, tables)),
            *(_function for table in tables for _function in _functions(table)),
            "</EntityContainer>",
            _TAIL,
        ]
    )


def _references(base: Base, tables: Iterable[Table]) -> Iterator[tuple[Table, Property]]:
    for table in tables:
        for known in table.navigations():
            if base.published(known.targets[0]):
                yield table, known


def _entity_type(base: Base, table: Table) -> str:
    keys = "".join(f'<PropertyRef Name="{name}"/>' for name in table.key)
    open_type = ' OpenType="true"' if table.name.startswith(("AccumulationRegister_", "InformationRegister_")) else ""
    own = "".join(_property(known, nullable=known.name not in table.key) for known in table.properties.values())
    parts = "".join(
        f'<Property Name="{name}" Type="Collection({part.row_type})" Nullable="false"/>'
        for name, part in table.parts.items()
    )
    links = "".join(
        f'<NavigationProperty Name="{known.field}" Relationship="{_relation(table, known)}" '
        'FromRole="Begin" ToRole="End"/>'
        for _, known in _references(base, [table])
    )
    return f'<EntityType Name="{table.name}"{open_type}><Key>{keys}</Key>{own}{parts}{links}</EntityType>'


def _property(known: Property, *, nullable: bool) -> str:
    return f'<Property Name="{known.name}" Type="{known.edm}" Nullable="{str(nullable).lower()}"/>'


def _complex_types(table: Table) -> Iterator[str]:
    if table.kind == "part":
        name = table.row_type.removeprefix("StandardODATA.")
        own = "".join(_property(known, nullable=known.name not in table.key) for known in table.properties.values())
        yield f'<ComplexType Name="{name}">{own}</ComplexType>'
    for function in table.functions:
        if function in RESULTS:
            yield f'<ComplexType Name="{table.name}_{function}">{"".join(_results(table, function))}</ComplexType>'


def _results(table: Table, function: str) -> Iterator[str]:
    rows = table.parts["RecordSet"]
    for name in table.dimensions:
        yield _property(rows.properties[name], nullable=True)
    for resource in table.resources:
        for suffix in RESULTS[function]:
            yield f'<Property Name="{resource}{suffix}" Type="Edm.Double" Nullable="true"/>'


def _relation(table: Table, known: Property) -> str:
    return f"StandardODATA.{table.name}_{known.field}"


def _association(base: Base, table: Table, known: Property) -> str:
    del base
    return (
        f'<Association Name="{table.name}_{known.field}">'
        f'<End Role="Begin" Type="StandardODATA.{table.name}" Multiplicity="*"/>'
        f'<End Role="End" Type="StandardODATA.{known.targets[0]}" Multiplicity="0..1"/></Association>'
    )


def _association_set(table: Table, known: Property) -> str:
    return (
        f'<AssociationSet Name="{table.name}_{known.field}" Association="{_relation(table, known)}">'
        f'<End Role="Begin" EntitySet="{table.name}"/><End Role="End" EntitySet="{known.targets[0]}"/>'
        "</AssociationSet>"
    )


def _functions(table: Table) -> Iterator[str]:
    for name in table.functions:
        bound = f"StandardODATA.{table.name}"
        result = bound if name.startswith("Slice") else f"{bound}_{name}"
        yield _function(name, bound, _ARGUMENTS[name], result)
    if table.is_document:
        for name in ("Post", "Unpost"):
            yield _function(name, table.type_name, (("PostingModeOperational", "Edm.Boolean"),), None)


def _function(name: str, bound: str, arguments: Iterable[tuple[str, str]], result: str | None) -> str:
    returns = f' ReturnType="Collection({result})"' if result else ""
    inner = "".join(f'<Parameter Name="{each}" Type="{kind}"/>' for each, kind in arguments)
    return (
        f'<FunctionImport Name="{name}" IsBindable="true" IsSideEffecting="{str(result is None).lower()}"{returns}>'
        f'<Parameter Name="bindingParameter" Type="{bound}"/>{inner}</FunctionImport>'
    )
