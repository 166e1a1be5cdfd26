"""Changes out of a plan of exchange: 1C tells what changed, the hub reads it anew and acknowledges what it has stored.

A message has a number. The same number again gives the same changes and newer ones, so that a crash loses nothing; the
acknowledgement alone ends it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from xml.parsers import expat

from connectors.accounting_1c import query
from connectors.accounting_1c.client import OdataClient
from connectors.accounting_1c.config import ExchangePlan, OneCConfig
from connectors.accounting_1c.names import Base
from connectors.accounting_1c.values import NO_REFERENCE, reference_of, type_of, whole_of
from connectors.shared.safe_xml import NotXml, safe_parser
from hub import failpoints
from hub.domain.errors import Refused

_log = logging.getLogger(__name__)
_SELECT: Final = "SelectChanges"
_NOTIFY: Final = "NotifyChangesReceived"
_DELETED: Final = "deleted-entry"
_OWN_NODE: Final = "Узел плана обмена, который указан в подключении, — узел самой базы: нужен отдельный узел для хаба."


@dataclass(slots=True)
class Told:
    """What a message told.

    Attributes:
        number: of the message, 0 where it held nothing.
    """

    number: int = 0
    invoices: set[str] = field(default_factory=set)
    payments: set[str] = field(default_factory=set)
    clients: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Entry:
    """An object that a message names: its set and its properties, or a record of a register."""

    set: str
    properties: Mapping[str, str]

    def reference(self) -> str | None:
        """Its own reference."""
        return reference_of(self.properties.get("Ref_Key"))


class ExchangeReader:
    """Reads messages of one node. One reader a node."""

    def __init__(self, config: OneCConfig, plan: ExchangePlan, client: OdataClient) -> None:
        self._client = client
        self._plan = plan
        self._point = f"{config.address}/{plan.plan}(guid'{plan.node}')"

    def read(self, base: Base) -> Told:
        """The next message; asked for again until it is acknowledged."""
        node = self._client.entity(self._plan.plan, query.guid(self._plan.node))
        if reference_of(node.get("Ref_Key")) == NO_REFERENCE or node.get("ThisNode") is True:
            raise Refused("our node is the base's own", _OWN_NODE)
        number = whole_of(node.get("ReceivedNo")) + 1
        entries = self._client.feed(_SELECT, self._message(number), read_feed)
        told = _told(entries, base)
        told.number = number if entries else 0
        return told

    def acknowledge(self, number: int) -> None:
        """Tell 1C that a message is stored: it is not sent again."""
        try:
            self._client.acknowledge(_NOTIFY, self._message(number))
        except Refused:
            if self._waits_for(number):
                raise
            _log.info("message %s of the exchange plan is known to be taken, or was never sent by this base", number)
        failpoints.reach("message_acknowledged")

    def _waits_for(self, number: int) -> bool:
        """Whether 1C still wants to hear of this message: not if it did before, nor after its base was restored."""
        node = self._client.entity(self._plan.plan, query.guid(self._plan.node))
        return whole_of(node.get("ReceivedNo")) < number <= whole_of(node.get("SentNo"))

    def _message(self, number: int) -> dict[str, str]:
        # The quotes inside stay single, unlike those of every other text: it is an address, and 1C takes it so only.
        return {"DataExchangePoint": f"'{self._point}'", "MessageNo": str(number)}


def _told(entries: list[Entry], base: Base) -> Told:
    told = Told()
    for entry in entries:
        reference = entry.reference()
        if entry.set == base.invoices.set and reference is not None:
            told.invoices.add(reference)
        elif entry.set == base.payments.set and reference is not None:
            told.payments.add(reference)
        elif entry.set == base.clients.set and reference is not None:
            told.clients.add(reference)
        elif base.statuses is not None and entry.set.startswith(base.statuses.set):
            _add_status(told, entry, base)
    return told


def _add_status(told: Told, entry: Entry, base: Base) -> None:
    """A record of the register of states names its document."""
    assert base.statuses is not None
    name = base.statuses["document"]
    invoice = reference_of(entry.properties.get(name))
    if invoice is not None and type_of(entry.properties.get(f"{name}_Type")) == base.invoices.set:
        told.invoices.add(invoice)


class _Feed:
    """Gathers entries; a property counts where it stands directly in its entry, not in a table of it."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.is_feed = False
        self._set = ""
        self._properties: dict[str, str] | None = None
        self._depth = 0
        self._name = ""
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.rpartition(":")[2]
        if name == "feed":
            self.is_feed = True
        elif name == "entry":
            self._set, self._properties, self._depth = "", {}, 0
        elif name == _DELETED:
            self._delete(attributes.get("ref", ""))
        elif name == "category" and self._properties is not None and not self._set:
            self._set = type_of(attributes.get("term")) or ""
        elif self._properties is not None and (name == "properties" or self._depth):
            self._depth += 1
            self._name, self._text = name, []

    def text(self, data: str) -> None:
        if self._depth == 2:
            self._text.append(data)

    def end(self, tag: str) -> None:
        name = tag.rpartition(":")[2]
        if name == "entry" and self._properties is not None:
            self.entries.append(Entry(self._set, self._properties))
            self._properties = None
        elif self._depth:
            if self._depth == 2 and self._properties is not None and name == self._name:
                self._properties[name] = "".join(self._text).strip()
            self._depth -= 1

    def _delete(self, reference: str) -> None:
        """`…/Document_X(guid'…')` of something that was deleted."""
        name, _, key = reference.rpartition("/")[2].partition("(guid'")
        self.entries.append(Entry(name, {"Ref_Key": key.rstrip("')")}))


def read_feed(body: bytes) -> list[Entry]:
    """Entries of an Atom feed, deleted ones too (RFC 4287, RFC 6721).

    Raises:
        NotXml: the document is broken or no feed.
    """
    feed, parser = _Feed(), safe_parser()
    parser.StartElementHandler, parser.EndElementHandler = feed.start, feed.end
    parser.CharacterDataHandler = feed.text
    try:
        parser.Parse(body.removeprefix(b"\xef\xbb\xbf"), True)
    except expat.ExpatError as error:
        raise NotXml(str(error)) from None
    if not feed.is_feed:
        raise NotXml("no feed")
    return feed.entries
