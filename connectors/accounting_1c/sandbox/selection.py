"""$select and $expand held against a set: unknown names are refused, paths become a tree."""

from collections.abc import Callable, Sequence

from connectors.accounting_1c.sandbox.errors import bad_option, no_such_property, not_supported
from connectors.accounting_1c.sandbox.model import Property, Table
from connectors.accounting_1c.sandbox.options import Selection
from connectors.accounting_1c.sandbox.store import Store

PRESENTATION = "____Presentation"


class Selecting:
    """Builds selections over one composition."""

    def __init__(self, store: Store, published: Callable[[str], bool], unknown_status: int) -> None:
        self._store, self._published, self._status = store, published, unknown_status

    def build(self, table: Table, select: Sequence[str], expand: Sequence[str]) -> Selection:
        """The tree of both options. Raises ODataError 0, 10, 14."""
        selection = Selection()
        for path in expand:
            self._expand(table, selection, path.split("/"))
        for path in select:
            self._select(table, selection, path.split("/"))
        return selection

    def _expand(self, table: Table, selection: Selection, names: Sequence[str]) -> None:
        name, rest = names[0], names[1:]
        if name == "*":
            if rest:
                raise bad_option("$expand")
            for reference in table.navigations():
                if self._published(reference.targets[0]):
                    selection.expanded.setdefault(reference.field, Selection())
            return
        if name in table.parts:
            raise not_supported("$expand табличной части")
        target, rest = self._target(table, name, rest)
        inner = selection.expanded.setdefault(name, Selection())
        if rest:
            self._expand(target, inner, rest)

    def _target(self, table: Table, name: str, rest: Sequence[str]) -> tuple[Table, Sequence[str]]:
        reference = table.navigation(name)
        if reference is not None and self._published(reference.targets[0]):
            return self._store.table(reference.targets[0]), rest
        composite = table.properties.get(name)
        if composite is None or composite.role != "composite":
            raise no_such_property(name, self._status)
        return self._of_composite(composite, rest)

    def _of_composite(self, composite: Property, rest: Sequence[str]) -> tuple[Table, Sequence[str]]:
        if not rest or not self._published(rest[0]) or rest[0] not in self._store.configuration.tables:
            # The type has to stand in the path.
            raise bad_option("$expand", f"после «{composite.name}» не назван тип")
        return self._store.table(rest[0]), rest[1:]

    def _select(self, table: Table, selection: Selection, names: Sequence[str]) -> None:
        name, rest = names[0], names[1:]
        if rest:
            self._inside(table, selection, name, rest)
            return
        if name.endswith(PRESENTATION):
            self._presentation(table, selection, name.removesuffix(PRESENTATION))
            return
        if selection.names is None:
            selection.names = set()
        if name in ("*", "**"):
            selection.names |= set(table.properties) | (set(table.parts) if name == "*" else set())
        elif name in table.properties or name in table.parts or name in selection.expanded or name == "Presentation":
            selection.names.add(name)
        elif table.navigation(name) is None:
            raise no_such_property(name, self._status)

    def _presentation(self, table: Table, selection: Selection, name: str) -> None:
        fields = {each.field for each in table.properties.values()}
        if name != "*" and name not in fields:
            raise no_such_property(f"{name}{PRESENTATION}", self._status)
        if selection.names is None:
            selection.names = set()
        selection.presentations |= fields if name == "*" else {name}

    def _inside(self, table: Table, selection: Selection, name: str, rest: Sequence[str]) -> None:
        if selection.names is None:
            selection.names = set()
        inner = selection.inner.setdefault(name, Selection())
        if name in table.parts:
            selection.names.add(name)
            self._select(table.parts[name], inner, rest)
            return
        if name not in selection.expanded:
            raise no_such_property("/".join((name, *rest)), self._status)
        target, rest = self._target(table, name, rest)
        if rest:
            self._select(target, inner, rest)
