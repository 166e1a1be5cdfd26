"""Entities as Atom: the default of the interface, and the only form of changes."""

from collections.abc import Iterable, Iterator
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.exchange import Changed
from connectors.accounting_1c.sandbox.model import Property, Table
from connectors.accounting_1c.sandbox.options import Selection
from connectors.accounting_1c.sandbox.presentation import presented, presented_field
from connectors.accounting_1c.sandbox.selection import PRESENTATION
from connectors.accounting_1c.sandbox.store import address_of, key_text
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row, Scalar

_DATA = "http://schemas.microsoft.com/ado/2007/08/dataservices"
_META = f"{_DATA}/metadata"
_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SPACES = f'xmlns="http://www.w3.org/2005/Atom" xmlns:d="{_DATA}" xmlns:m="{_META}"'
_TOMBS = 'xmlns:at="http://purl.org/atompub/tombstones/1.0"'


class AtomRenderer:
    """Renders rows for one request."""

    def __init__(self, base: Base, root: str) -> None:
        self._base, self._root, self._now = base, root, base.local_now()

    def page(self, table: Table, rows: Iterable[Row], total: int | None, selection: Selection) -> str:
        """A feed, with its count at the end."""
        count = "" if total is None else f"<m:count>{total}</m:count>"
        return self._feed("".join(self._entry(table, row, selection) for row in rows) + count)

    def single(self, table: Table, row: Row, selection: Selection) -> str:
        """One entry."""
        return f"{_XML}{self._entry(table, row, selection, spaces=f' {_SPACES}')}"

    def changes(self, changed: Iterable[Changed]) -> str:
        """A message of the exchange plan."""
        return self._feed("".join(self._change(each) for each in changed))

    def _feed(self, inner: str) -> str:
        return f"{_XML}<feed {_SPACES} {_TOMBS} xml:base={quoteattr(self._root + '/')}>{inner}</feed>"

    def _change(self, changed: Changed) -> str:
        if changed.row is not None:
            return self._entry(changed.table, changed.row, Selection())
        named = dict(zip(changed.table.key, changed.key, strict=True))
        if changed.table.kind == "recorder":
            # A register never says that records are gone: it sends a set that has none.
            return self._entry(changed.table, Row(dict(named)), Selection())
        ref = f"{self._root}/{changed.table.name}({key_text(changed.table, named)})"
        when = f' when="{self._now}"' if self._base.settings.tombstones == "ref_when" else ""
        return f"<at:deleted-entry ref={quoteattr(ref)}{when}/>"

    def _entry(self, table: Table, row: Row, selection: Selection, spaces: str = "") -> str:
        address = address_of(table, row)
        return (
            f"<entry{spaces}><id>{escape(f'{self._root}/{address}')}</id>"
            f'<category term="{table.type_name}" scheme="{_DATA}/scheme"/>'
            f'<title type="text"/><updated>{self._now}</updated><author/><summary/>'
            f"{''.join(self._links(table, row, selection, address))}"
            f'<link rel="edit" href={quoteattr(address)} title="edit-link"/>'
            f'<content type="application/xml"><m:properties xmlns:d="{_DATA}" xmlns:m="{_META}">'
            f"{''.join(self._properties(table, row, selection))}</m:properties></content></entry>"
        )

    def _links(self, table: Table, row: Row, selection: Selection, address: str) -> Iterator[str]:
        for reference in table.navigations():
            filled = row.values.get(reference.name, ZERO_GUID) != ZERO_GUID
            if not filled or not self._base.published(reference.targets[0]):
                continue
            name = reference.field
            yield (
                f'<link rel="{_DATA}/related/{name}" href={quoteattr(f"{address}/{name}")} '
                f'type="application/atom+xml;type=entry;charset=utf-8" title="{name}">'
                f"{self._inline(reference, row, selection)}</link>"
            )

    def _inline(self, reference: Property, row: Row, selection: Selection) -> str:
        if reference.field not in selection.expanded:
            return ""
        found = self._base.store.follow(reference.targets, row.text(reference.name))
        inner = selection.within(reference.field)
        inner.expanded = selection.expanded[reference.field].expanded
        return f"<m:inline>{self._entry(*found, inner)}</m:inline>" if found else "<m:inline/>"

    def _properties(self, table: Table, row: Row, selection: Selection) -> Iterator[str]:
        for known in table.properties.values():
            if selection.names is None or known.name in selection.names:
                yield self._property(known, row.values.get(known.name, known.empty))
        for name, part in table.parts.items():
            if selection.names is None or name in selection.names:
                yield self._part(name, part, row.parts.get(name, ()), selection.within(name))
        for field in sorted(selection.presentations):
            known = next(each for each in table.properties.values() if each.field == field)
            yield _element(f"{field}{PRESENTATION}", presented_field(self._base.store, known, row))
        if selection.names and "Presentation" in selection.names:
            yield _element("Presentation", presented(table, row))

    def _part(self, name: str, part: Table, rows: Iterable[Row], selection: Selection) -> str:
        kind = part.row_type
        shown = "".join(
            f'<d:element m:type="{kind}">{"".join(self._properties(part, row, selection))}</d:element>' for row in rows
        )
        return f'<d:{name} m:type="Collection({kind})">{shown}</d:{name}>'

    def _property(self, known: Property, value: Scalar) -> str:
        if known.role == "dispatch":
            return _element(known.name, self._base.shown_type(str(value)))
        return _element(known.name, text_of(known, value))


def text_of(known: Property, value: Scalar) -> str:
    """A value as the text of an element."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return value
    if known.edm == "Edm.Int64" or value == int(value):
        return str(int(value))
    return f"{value.normalize():f}" if not isinstance(value, int) else str(value)


def service_document(base: Base, root: str) -> str:
    """The root of the interface as an Atom service."""
    collections = "".join(
        f'<collection href="{table.name}"><atom:title>{table.name}</atom:title></collection>'
        for table in base.published_tables()
    )
    return (
        f'{_XML}<service xmlns="http://www.w3.org/2007/app" xmlns:atom="http://www.w3.org/2005/Atom" '
        f"xml:base={quoteattr(root + '/')}><workspace><atom:title>Default</atom:title>{collections}"
        "</workspace></service>"
    )


def error_document(code: int, text: str) -> str:
    """A refusal."""
    return f'{_XML}<m:error xmlns:m="{_META}"><m:code>{code}</m:code><m:message>{escape(text)}</m:message></m:error>'


def header_safe(address: str) -> str:
    """An address as a header may carry it."""
    return quote(address, safe=":/$()',=")


def _element(name: str, text: str) -> str:
    return f"<d:{name}>{escape(text)}</d:{name}>" if text else f"<d:{name}/>"


def property_document(name: str, text: str) -> str:
    """One property by itself."""
    return f'{_XML}<d:{name} xmlns:d="{_DATA}">{escape(text)}</d:{name}>'
