"""Entities as JSON: numbers without trailing zeros, Int64 as text, links and types as the level of metadata says."""

from collections.abc import Iterator, Mapping

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.model import Property, Table
from connectors.accounting_1c.sandbox.options import Selection
from connectors.accounting_1c.sandbox.presentation import presented, presented_field
from connectors.accounting_1c.sandbox.representation import Level
from connectors.accounting_1c.sandbox.selection import PRESENTATION
from connectors.accounting_1c.sandbox.store import address_of
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row, Scalar
from connectors.sandbox_kit.jsontypes import Json


class JsonRenderer:
    """Renders rows for one request. `root` is the address of the interface as the client called it."""

    def __init__(self, base: Base, level: Level, root: str) -> None:
        self._base, self._level, self._root = base, level, root

    def page(self, table: Table, rows: list[Row], total: int | None, selection: Selection) -> dict[str, Json]:
        """A list, with its count when there is one."""
        reply: dict[str, Json] = {}
        if self._level != "none":
            reply["odata.metadata"] = f"{self._root}/$metadata#{table.name}"
        if total is not None:
            reply["odata.count"] = str(total)
        reply["value"] = [self.entity(table, row, selection) for row in rows]
        return reply

    def single(self, table: Table, row: Row, selection: Selection) -> dict[str, Json]:
        """One entity: the object itself."""
        head: dict[str, Json] = {}
        if self._level != "none":
            head["odata.metadata"] = f"{self._root}/$metadata#{table.name}/@Element"
        return head | self.entity(table, row, selection)

    def entity(self, table: Table, row: Row, selection: Selection) -> dict[str, Json]:
        """The properties of a row, in the order of the set."""
        shown: dict[str, Json] = {}
        if self._level == "full":
            address = address_of(table, row)
            shown |= {"odata.type": table.type_name, "odata.id": f"{self._root}/{address}", "odata.editLink": address}
        for known in table.properties.values():
            if selection.names is None or known.name in selection.names:
                shown[known.name] = self._value(known, row.values.get(known.name, known.empty))
        self._parts(table, row, selection, shown)
        for name in sorted(selection.presentations):
            shown[f"{name}{PRESENTATION}"] = self._presentation(table, row, name)
        if selection.names and "Presentation" in selection.names:
            shown["Presentation"] = presented(table, row)
        shown |= self._expanded(table, row, selection)
        if self._level != "none" and table.kind != "part":
            shown |= dict(self._links(table, row, selection))
        return shown

    def scalar(self, known: Property, value: Scalar) -> Json:
        """One value as a property of its kind."""
        return self._value(known, value)

    def _value(self, known: Property, value: Scalar) -> Json:
        if known.role == "dispatch":
            return self._base.shown_type(str(value))
        if isinstance(value, (bool, str)):
            return value
        if known.edm == "Edm.Int64":
            return str(value)
        # Edm.Double is what the vendor sends; a double holds fifteen digits, more than any sum here has.
        return int(value) if value == int(value) else float(value)

    def _parts(self, table: Table, row: Row, selection: Selection, shown: dict[str, Json]) -> None:
        for name, part in table.parts.items():
            if selection.names is None or name in selection.names:
                inner = selection.within(name)
                shown[name] = [self._row(part, each, inner) for each in row.parts.get(name, ())]

    def _row(self, part: Table, row: Row, selection: Selection) -> dict[str, Json]:
        return {
            known.name: self._value(known, row.values.get(known.name, known.empty))
            for known in part.properties.values()
            if selection.names is None or known.name in selection.names
        }

    def _presentation(self, table: Table, row: Row, field: str) -> str:
        known = next(each for each in table.properties.values() if each.field == field)
        return presented_field(self._base.store, known, row)

    def _expanded(self, table: Table, row: Row, selection: Selection) -> dict[str, Json]:
        shown: dict[str, Json] = {}
        for name, deeper in selection.expanded.items():
            inner = Selection(
                names=selection.inner[name].names if name in selection.inner else None,
                expanded=deeper.expanded,
                inner=selection.inner[name].inner if name in selection.inner else {},
            )
            reference = table.navigation(name)
            if reference is not None:
                found = self._base.store.follow(reference.targets, row.text(reference.name))
                shown[name] = self.entity(*found, inner) if found else None
                continue
            target = row.text(f"{name}_Type").removeprefix("StandardODATA.")
            found = self._base.store.follow((target,), row.text(name)) if self._base.published(target) else None
            if found:
                shown[f"{name}_Expanded"] = self.entity(*found, inner)
        return shown

    def _links(self, table: Table, row: Row, selection: Selection) -> Iterator[tuple[str, Json]]:
        address = address_of(table, row)
        for reference in table.navigations():
            wanted = selection.names is None or reference.name in selection.names
            filled = row.values.get(reference.name, ZERO_GUID) != ZERO_GUID
            if wanted and filled and self._base.published(reference.targets[0]):
                yield f"{reference.field}@navigationLinkUrl", f"{address}/{reference.field}"


def service_document(base: Base, level: Level, root: str) -> Mapping[str, Json]:
    """The root of the interface: names of the published sets."""
    names = [table.name for table in base.published_tables()]
    head: dict[str, Json] = {} if level == "none" else {"odata.metadata": f"{root}/$metadata"}
    return head | {"value": [{"name": name, "url": name} for name in names]}
