"""Replies: entities, counts and refusals in the representation that was asked for."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape

from connectors.accounting_1c.sandbox import render_atom
from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.errors import ODataError, ServerPage
from connectors.accounting_1c.sandbox.exchange import Changed
from connectors.accounting_1c.sandbox.listing import Page
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.options import Selection
from connectors.accounting_1c.sandbox.render_atom import AtomRenderer, error_document, header_safe
from connectors.accounting_1c.sandbox.render_json import JsonRenderer, service_document
from connectors.accounting_1c.sandbox.representation import Representation
from connectors.accounting_1c.sandbox.store import address_of
from connectors.accounting_1c.sandbox.values import Row
from connectors.sandbox_kit.jsontypes import Json
from connectors.sandbox_kit.replies import Reply, html_reply

_VERSION = {"dataserviceversion": "3.0"}
_XML = "application/xml;charset=utf-8"


@dataclass(frozen=True, slots=True)
class Replies:
    """Builds the replies to one request. `root` is the address of the interface as the client called it."""

    base: Base
    representation: Representation
    root: str

    def page(self, page: Page, selection: Selection) -> Reply:
        """A list."""
        if self.representation.json:
            return self._json(self._renderer().page(page.table, page.rows, page.total, selection))
        return self._atom(AtomRenderer(self.base, self.root).page(page.table, page.rows, page.total, selection), "feed")

    def single(self, table: Table, row: Row, selection: Selection, *, created: bool = False) -> Reply:
        """One entity; a new one comes with its address."""
        status = 201 if created else 200
        headers = {"location": header_safe(f"{self.root}/{address_of(table, row)}")} if created else {}
        if self.representation.json:
            return self._json(self._renderer().single(table, row, selection), status, headers)
        text = AtomRenderer(self.base, self.root).single(table, row, selection)
        return self._atom(text, "entry", status, headers)

    def value(self, name: str, value: Json) -> Reply:
        """One property."""
        if self.representation.json:
            head: dict[str, Json] = (
                {} if self.representation.level == "none" else {"odata.metadata": f"{self.root}/$metadata#{name}"}
            )
            return self._json(head | {"value": value})
        text = str(value).lower() if isinstance(value, bool) else str(value)
        return self._reply(200, render_atom.property_document(name, text), _XML)

    def number(self, value: int) -> Reply:
        """A bare count."""
        mark = "\ufeff" if self.base.settings.count == "bom" else ""
        return self._reply(200, f"{mark}{value}", "text/plain;charset=utf-8")

    def service(self) -> Reply:
        """The root of the interface."""
        if self.representation.json:
            return self._json(service_document(self.base, self.representation.level, self.root))
        return self._reply(
            200, render_atom.service_document(self.base, self.root), "application/atomsvc+xml;charset=utf-8"
        )

    def changes(self, changed: list[Changed]) -> Reply:
        """A message of the exchange plan: Atom whatever was asked for."""
        return self._atom(AtomRenderer(self.base, self.root).changes(changed), "feed")

    def metadata(self, text: str) -> Reply:
        """The description of the interface."""
        return self._reply(200, text, _XML)

    def nothing(self, status: int) -> Reply:
        """A reply without a body."""
        return Reply(status, b"", _XML, dict(_VERSION))

    def refusal(self, error: ODataError) -> Reply:
        """A refusal of 1C, in one of the three families of bodies."""
        text, status = error.text(self.base.settings.language), error.http_status
        if status >= 500 and self.base.settings.error_body == "html500":
            return page(ServerPage(status, text))
        if status >= 500 and self.base.settings.error_body == "exception":
            return exception(status, text)
        if not self.representation.json:
            return self._reply(status, error_document(error.code, text), _XML)
        body: dict[str, Json] = {
            "odata.error": {"code": str(error.code), "message": {"lang": self.base.settings.language, "value": text}}
        }
        return self._json(body, status)

    def _renderer(self) -> JsonRenderer:
        return JsonRenderer(self.base, self.representation.level, self.root)

    def _json(self, body: Mapping[str, Json], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        text = json.dumps(body, ensure_ascii=False)
        return self._reply(status, text, self.representation.content_type, headers)

    def _atom(self, text: str, kind: str, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
        return self._reply(status, text, f"application/atom+xml;type={kind};charset=utf-8", headers)

    def _reply(self, status: int, text: str, content_type: str, headers: Mapping[str, str] | None = None) -> Reply:
        return Reply(status, text.encode(), content_type, {**_VERSION, **(headers or {})})


def page(refusal: ServerPage) -> Reply:
    """The web server's page."""
    title = escape(refusal.text)
    text = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>"
    reply = html_reply(refusal.status, text)
    return Reply(reply.status, reply.body, reply.content_type, dict(refusal.headers))


def exception(status: int, text: str) -> Reply:
    """The application server's own JSON."""
    body = {"exception": {"clsid": "", "descr": text, "inner": {"descr": text}}}
    return Reply(status, json.dumps(body, ensure_ascii=False).encode(), "application/json;charset=utf-8")
