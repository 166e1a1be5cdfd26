"""What a configuration consists of: tables with properties, keys, references and tabular parts, in a short notation."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from connectors.accounting_1c.sandbox.values import UNDEFINED, ZERO_DATE, ZERO_GUID, Scalar

Edm = Literal["Edm.String", "Edm.Guid", "Edm.DateTime", "Edm.Boolean", "Edm.Double", "Edm.Int64"]
Role = Literal["plain", "reference", "composite", "dispatch"]
Kind = Literal["object", "part", "independent", "recorder", "constant"]

_LETTERS: dict[str, Edm] = {
    "s": "Edm.String",
    "e": "Edm.String",
    "n": "Edm.Double",
    "b": "Edm.Boolean",
    "d": "Edm.DateTime",
    "i": "Edm.Int64",
    "g": "Edm.Guid",
}
_EMPTY: dict[Edm, Scalar] = {
    "Edm.String": "",
    "Edm.Guid": ZERO_GUID,
    "Edm.DateTime": ZERO_DATE,
    "Edm.Boolean": False,
    "Edm.Double": 0,
    "Edm.Int64": 0,
}


@dataclass(frozen=True, slots=True)
class Property:
    """A property as the wire names it; `field` is its name in 1C, the same for `X_Key`, `X` and `X_Type`."""

    name: str
    edm: Edm
    role: Role
    field: str
    targets: tuple[str, ...] = ()

    @property
    def empty(self) -> Scalar:
        """What the wire shows when nothing is set."""
        return UNDEFINED if self.role == "dispatch" else _EMPTY[self.edm]


@dataclass(frozen=True, slots=True)
class Table:
    """An entity set.

    Attributes:
        key: names of the key properties.
        parts: tabular parts by their names; a register subordinate to recorders has one, RecordSet.
        parent, part: of a tabular part, the set it belongs to and its name there.
        title: how 1C calls one object in its sentences.
        folders: the catalog has groups.
        numbered_by: field of the organisation that numbers of a document are counted in.
        periodic: an information register with slices.
        functions: virtual tables of an accumulation register.
        recorders: documents that write into the register.
    """

    name: str
    kind: Kind
    key: tuple[str, ...]
    properties: Mapping[str, Property]
    parts: Mapping[str, "Table"] = field(default_factory=dict)
    parent: str = ""
    part: str = ""
    title: str = ""
    folders: bool = False
    code_length: int = 0
    numbered_by: str = ""
    periodic: bool = False
    dimensions: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()

    @property
    def is_document(self) -> bool:
        """True for documents."""
        return self.name.startswith("Document_") and self.kind == "object"

    @property
    def type_name(self) -> str:
        """The type as `_Type` properties name it."""
        return f"StandardODATA.{self.name}"

    @property
    def row_type(self) -> str:
        """The complex type of rows inside their object."""
        if self.part == "RecordSet":
            return f"StandardODATA.{self.parent}_RowType"
        return f"StandardODATA.{self.name}_RowType"

    @property
    def recorder_rows(self) -> bool:
        """True for the records of a register subordinate to recorders."""
        return self.part == "RecordSet"

    def navigation(self, name: str) -> Property | None:
        """The reference property that a navigation name stands for."""
        found = self.properties.get(f"{name}_Key")
        return found if found is not None and found.role == "reference" else None

    def navigations(self) -> Iterator[Property]:
        """All references that can be followed."""
        return (each for each in self.properties.values() if each.role == "reference")


@dataclass(frozen=True, slots=True)
class Configuration:
    """The whole of what a base of this configuration can publish."""

    name: str
    title: str
    tables: Mapping[str, Table]

    def owner(self, table: Table) -> Table:
        """The set whose objects hold the rows of a tabular part; any other set itself."""
        return self.tables[table.parent] if table.kind == "part" else table


def configuration(name: str, title: str, tables: Iterable[Table]) -> Configuration:
    """A configuration of these sets and of the sets of their tabular parts."""
    every: dict[str, Table] = {}
    for table in tables:
        every[table.name] = table
        every |= {part.name: part for part in table.parts.values()}
    return Configuration(name, title, every)


def properties(notation: str) -> dict[str, Property]:
    """Properties from `Name:type` words. A type is a letter (s e n b d i g), a set, or sets joined by `|`, or `*`."""
    found: dict[str, Property] = {}
    for word in notation.split():
        name, _, kind = word.partition(":")
        for each in _property(name, kind or "s"):
            found[each.name] = each
    return found


def _property(name: str, kind: str) -> list[Property]:
    if kind in _LETTERS:
        return [Property(name, _LETTERS[kind], "plain", name)]
    if "|" not in kind and kind != "*":
        return [Property(f"{name}_Key", "Edm.Guid", "reference", name, (kind,))]
    targets = () if kind == "*" else tuple(each for each in kind.split("|") if each)
    return [
        Property(name, "Edm.String", "composite", name, targets),
        Property(f"{name}_Type", "Edm.String", "dispatch", name, targets),
    ]


def catalog(
    name: str,
    fields: str = "",
    *,
    code: int = 9,
    folders: bool = False,
    owner: str = "",
    title: str = "",
    parts: Mapping[str, str] | None = None,
) -> Table:
    """A catalog; `code` 0 has no Code, `owner` is a set or sets joined by `|`."""
    full = f"Catalog_{name}"
    words = ["Ref_Key:g DataVersion DeletionMark:b Predefined:b PredefinedDataName Description"]
    words += ["Code"] * bool(code) + [f"Parent:{full} IsFolder:b"] * folders + [f"Owner:{owner}"] * bool(owner)
    made = _object(full, f"{' '.join(words)} {fields}", parts, title or name)
    return replace(made, folders=folders, code_length=code)


def document(name: str, fields: str, *, title: str, parts: Mapping[str, str] | None = None) -> Table:
    """A document, numbered within its organisation and year."""
    made = _object(
        f"Document_{name}",
        f"Ref_Key:g DataVersion DeletionMark:b Number Date:d Posted:b {fields}",
        parts,
        title,
    )
    return replace(made, numbered_by="Организация_Key")


def accounts(name: str) -> Table:
    """A chart of accounts."""
    full = f"ChartOfAccounts_{name}"
    words = f"Ref_Key:g DataVersion DeletionMark:b Code Description Parent:{full} Type:e OffBalance:b Order"
    return _object(full, words, None, name)


def exchange_plan(name: str, *, this_node: bool) -> Table:
    """An exchange plan; ThisNode is a field in some bases only."""
    words = "Ref_Key:g DataVersion DeletionMark:b Code Description SentNo:i ReceivedNo:i ExchangeDate:d"
    return _object(f"ExchangePlan_{name}", words + " ThisNode:b" * this_node, None, name)


def constant(name: str, kind: str) -> Table:
    """A constant: one row whose key is the zero guid."""
    return Table(f"Constant_{name}", "constant", ("SurrogateKey",), properties(f"SurrogateKey:g Value:{kind}"))


def register(name: str, dimensions: str, resources: str, *, periodic: bool = False) -> Table:
    """An information register without a recorder; its key is all dimensions, and the period."""
    full = f"InformationRegister_{name}"
    own = properties(("Period:d " if periodic else "") + dimensions)
    return Table(
        full,
        "independent",
        tuple(own),
        own | properties(resources),
        periodic=periodic,
        dimensions=tuple(properties(dimensions)),
        resources=tuple(properties(resources)),
        functions=("SliceLast", "SliceFirst") if periodic else (),
    )


def accumulation(name: str, dimensions: str, resources: str, *, balance: bool = True) -> Table:
    """An accumulation register: record sets of recorders, their records, virtual tables."""
    full = f"AccumulationRegister_{name}"
    recorder = properties("Recorder:*")
    rows = properties(
        f"Recorder:* Period:d LineNumber:i Active:b {'RecordType:e' if balance else ''} {dimensions} {resources}"
    )
    records = Table(
        f"{full}_RecordType",
        "part",
        ("Recorder", "LineNumber", "Recorder_Type"),
        rows,
        parent=full,
        part="RecordSet",
    )
    return Table(
        full,
        "recorder",
        ("Recorder", "Recorder_Type"),
        recorder,
        {"RecordSet": records},
        dimensions=tuple(properties(dimensions)),
        resources=tuple(properties(resources)),
        functions=("Balance", "Turnovers", "BalanceAndTurnovers") if balance else ("Turnovers",),
    )


def _object(full: str, words: str, parts: Mapping[str, str] | None, title: str) -> Table:
    made = {
        part: Table(
            f"{full}_{part}",
            "part",
            ("Ref_Key", "LineNumber"),
            properties(f"Ref_Key:g LineNumber:i {fields}"),
            parent=full,
            part=part,
            title=title,
        )
        for part, fields in (parts or {}).items()
    }
    return Table(full, "object", ("Ref_Key",), properties(words), made, title=title)
