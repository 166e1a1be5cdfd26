"""Cards (leads, contacts, companies, list elements), their tables, and the links between them."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum

from connectors.amocrm.sandbox.values import Values
from connectors.sandbox_kit.jsontypes import Json

Columns = dict[str, Json]


class Kind(Enum):
    """Kinds of cards, named as paths and links name them."""

    LEAD = "leads"
    CONTACT = "contacts"
    COMPANY = "companies"
    ELEMENT = "catalog_elements"

    @property
    def single(self) -> str:
        """The name of one such card, as events and subscriptions use it."""
        return _SINGLE[self]


_SINGLE = {Kind.LEAD: "lead", Kind.CONTACT: "contact", Kind.COMPANY: "company", Kind.ELEMENT: "catalog_element"}
BY_SINGLE = {kind.single: kind for kind in Kind} | {"element": Kind.ELEMENT}
BY_PLURAL = {kind.value: kind for kind in Kind}


@dataclass(slots=True)
class Card:
    """One card. `values` holds custom fields by field id; `visible_at` is when lists begin to see its last change."""

    kind: Kind
    id: int
    columns: Columns
    values: Values = field(default_factory=dict)
    tags: list[int] = field(default_factory=list)
    deleted: bool = False
    catalog_id: int | None = None

    @property
    def owner(self) -> str:
        """Whose field set it has."""
        return self.kind.value if self.catalog_id is None else f"catalogs:{self.catalog_id}"

    @property
    def updated_at(self) -> int:
        """Unix seconds of the last change."""
        return number(self.columns["updated_at"])

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.columns["name"] or "")


def number(value: Json) -> int:
    """A stored whole number; None counts as 0."""
    return value if isinstance(value, int) else 0


@dataclass(slots=True)
class Table:
    """Cards of one kind by id; ids grow and are never given twice."""

    rows: dict[int, Card] = field(default_factory=dict)
    last_id: int = 0

    def add(self, card: Card) -> Card:
        """Keep a card under its own id."""
        self.rows[card.id] = card
        self.last_id = max(self.last_id, card.id)
        return card

    def next_id(self) -> int:
        """The id of the next card."""
        return self.last_id + 1

    def live(self, card_id: int) -> Card | None:
        """A card that is not deleted."""
        card = self.rows.get(card_id)
        return None if card is None or card.deleted else card

    def __iter__(self) -> Iterator[Card]:
        return iter(self.rows.values())


Key = tuple[Kind, int]


@dataclass(slots=True)
class Link:
    """A tie between two cards, kept under both."""

    source: Key
    target: Key
    metadata: dict[str, Json] = field(default_factory=dict)

    def other(self, key: Key) -> Key:
        """The far end, seen from `key`."""
        return self.target if key == self.source else self.source


@dataclass(slots=True)
class LinkBook:
    """All links, found from either end."""

    _ends: dict[Key, list[Link]] = field(default_factory=dict)

    def of(self, key: Key, kind: Kind | None = None) -> list[Link]:
        """Links of a card, optionally only to cards of one kind, oldest first."""
        return [link for link in self._ends.get(key, []) if kind in (None, link.other(key)[0])]

    def ids(self, key: Key, kind: Kind) -> list[int]:
        """Ids of the linked cards of one kind."""
        return [link.other(key)[1] for link in self.of(key, kind)]

    def find(self, source: Key, target: Key) -> Link | None:
        """The link between two cards."""
        return next((link for link in self._ends.get(source, []) if link.other(source) == target), None)

    def tie(self, source: Key, target: Key, metadata: dict[str, Json] | None = None) -> Link:
        """Link two cards, or change the metadata of their link."""
        link = self.find(source, target)
        if link is not None:
            link.metadata.update(metadata or {})
            return link
        link = Link(source, target, dict(metadata or {}))
        for end in (source, target):
            self._ends.setdefault(end, []).append(link)
        return link

    def untie(self, source: Key, target: Key) -> bool:
        """Remove a link; False when there was none."""
        link = self.find(source, target)
        if link is None:
            return False
        for end in (source, target):
            self._ends[end].remove(link)
        return True

    def drop(self, key: Key) -> None:
        """Remove every link of a card."""
        for link in self.of(key):
            self.untie(key, link.other(key))
