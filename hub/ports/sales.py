"""The ports of what the CRMs and accounting systems say: clients, invoices, deals, and the matches between them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from hub.domain.allocation import Adjustment, Match
from hub.domain.matching.shapes import Shape
from hub.domain.models import Client, Deal, Invoice
from hub.domain.money import Money
from hub.ports.records import (
    DealRow,
    InvoiceRow,
    MatchRow,
)


class Clients(Protocol):
    """Clients of the CRMs."""

    def upsert(self, connection: str, client: Client) -> bool:
        """Store; `client.id` is the CRM's. True when something changed."""

    def remove(self, connection: str, external_id: str) -> None:
        """The source deleted it."""

    def held(self, connection: str, after: str, limit: int) -> list[str]:
        """The CRM's ids of clients that are there, in order, after that one ("" for the first page)."""

    def own_tax_ids(self) -> frozenset[str]:
        """Tax ids seen as our own organisations on invoices."""

    def known(self, identity: str) -> Client | None:
        """The client with that tax id (no КПП) or hub id; the first of several. Its `id` is the hub's."""

    def search(self, text: str, limit: int) -> list[Client]:
        """Clients for a person's search by name or tax id, the nearest first; their `id` is the hub's."""


class Invoices(Protocol):
    """Invoices with their key table."""

    def upsert(self, connection: str, invoice: Invoice, keys: Collection[str]) -> bool:
        """Store an invoice whose `id`, `client.id` and `deals` are the source's; replaces its keys. True when changed.

        The hub's id of an invoice is `connection/external id`. `keys` are the keys that do not depend on the client;
        see `rekey`.
        """

    def remove(self, connection: str, external_id: str) -> None:
        """The source deleted it: kept, marked removed, out of the key table."""

    def held(self, connection: str, after: str, limit: int) -> list[str]:
        """The source's ids of open invoices, in order, after that one ("" for the first page)."""

    def of_client(self, connection: str, client_external_id: str) -> list[Invoice]:
        """Open invoices of a client (hub ids), to be re-keyed when the client's requisites change."""

    def rekey(self, invoice_id: str, keys: Collection[str]) -> None:
        """Replace the keys of an invoice."""

    def get(self, invoice_id: str) -> InvoiceRow | None:
        """Read one; client joined with its requisites, `paid` from active allocations, deals as hub ids."""

    def by_keys(self, keys: Collection[str]) -> list[Invoice]:
        """Every not removed invoice holding any of the keys (also paid and cancelled ones), same shape as `get`."""

    def by_few(self, keys: Collection[str], most: int) -> list[Invoice]:
        """Every not removed invoice under those of the keys that at most `most` invoices hold, same shape as `get`."""

    def some(self, invoice_ids: Collection[str]) -> list[Invoice]:
        """Those of the invoices that are not removed, in the order of ids, same shape as `get`."""

    def lock(self, invoice_ids: Collection[str]) -> dict[str, Invoice]:
        """Read for allocation: on PostgreSQL the rows are locked until the end of the transaction."""

    def search(self, text: str, limit: int) -> list[Invoice]:
        """Open invoices for a person's search by number, client name, tax id or sum."""


class NumberShapes(Protocol):
    """What the invoices taught of our own numbers."""

    def learn(self, shape: Shape, example: str) -> None:
        """Keep a shape with a number that has it, by the end of the transaction; costs nothing where it is known."""

    def all(self) -> tuple[Shape, ...]:
        """Every shape learned so far."""


class Deals(Protocol):
    """Deals."""

    def upsert(self, connection: str, deal: Deal) -> bool:
        """Store; True when something changed. The hub's id is `connection/external id`."""

    def remove(self, connection: str, external_id: str) -> None:
        """The source deleted it."""

    def held(self, connection: str, after: str, limit: int) -> list[str]:
        """The source's ids of open deals, in order, after that one ("" for the first page)."""

    def get(self, deal_id: str) -> DealRow | None:
        """Read one by the hub's id."""

    def of_invoice(self, invoice_id: str) -> list[DealRow]:
        """Deals of an invoice."""

    def invoices(self, deal_id: str) -> list[Invoice]:
        """All invoices of a deal, same shape as `Invoices.get`."""

    def of_client(self, connection: str, client_external_id: str) -> list[DealRow]:
        """Open deals of a client: papers look for them anew when its requisites change."""

    def of_sums(self, least: Money, most: Money, tax_ids: Collection[str], limit: int) -> list[DealRow]:
        """Open deals of sums from `least` to `most` of the clients with any of these tax ids; the newest so many."""

    def with_digits(self, digits: str, amount: Money, tax_ids: Collection[str], limit: int) -> list[DealRow]:
        """Open deals with these digits in their title or fields, of exactly that sum or of the clients with these ids.

        The newest so many at most.
        """

    def give(self, deal_id: str, invoice_id: str) -> None:
        """The hub found that the invoice belongs to the deal (both ids the hub's)."""

    def take(self, deal_id: str, invoice_id: str) -> None:
        """It does not belong to the deal any more."""

    def bind(self, connection: str, external_id: str, invoice_ids: Sequence[str]) -> bool:
        """These invoices (the source's ids) and no others of the source belong to the deal; True when that is new.

        Those never read are left out.
        """

    def with_papers(self, after: str, limit: int) -> list[str]:
        """Hub ids of deals with documents of accounting, or with one sale with such, in order, after that one."""


class LinkKind(StrEnum):
    """What an invoice may be linked with."""

    INVOICE = "invoice"
    DEAL = "deal"


class LinkState(StrEnum):
    """`joined` counts, `asked` waits for a person, `apart` was denied by a person for good."""

    JOINED = "joined"
    ASKED = "asked"
    APART = "apart"


@dataclass(frozen=True, slots=True)
class SaleLink:
    """What was found of an invoice and another one, or a deal.

    Attributes:
        left: an invoice (hub's id); of two invoices the one that comes first in the order of ids.
        right: the other invoice, or the deal.
        decided_by: `AUTO` or `person:<name>`.
        traits: what is missing or different between them, as codes.
    """

    kind: LinkKind
    left: str
    right: str
    state: LinkState
    decided_by: str
    traits: tuple[str, ...]
    decided_at: datetime


class Sales(Protocol):
    """Which invoices of several systems are one sale."""

    def alone(self, invoice_id: str) -> InvoiceRow | None:
        """An invoice as its own system has it, whatever stands for it."""

    def members(self, sale_id: str) -> list[InvoiceRow]:
        """The invoices of a sale, each as its own system has it, removed ones too; `sale_id` is the main one's."""

    def by_guid(self, guid: str) -> list[str]:
        """Invoices that keep this reference of an accounting system."""

    def papers(self, least: Money, most: Money, tax_ids: Collection[str], limit: int) -> list[InvoiceRow]:
        """Documents of accounting systems of sums from `least` to `most`, of the clients with any of these tax ids.

        Each as its own system has it, and there; none that has both a deal and money of its own. The newest so many at
        most, in the order of ids.
        """

    def join(self, copy_id: str, main_id: str) -> None:
        """The main stands for the copy (and for those that the copy stood for): it alone is found and given money."""

    def part(self, invoice_id: str) -> list[str]:
        """The invoice stands for itself alone; returns those that change with it, itself first."""

    def keep(self, link: SaleLink) -> None:
        """Write down what was found or decided; the newest word replaces the one before."""

    def drop(self, kind: LinkKind, left: str, right: str) -> None:
        """There is nothing to be said of them any more."""

    def links(self, invoice_id: str) -> list[SaleLink]:
        """All that is known of an invoice, in a fixed order."""


class Matches(Protocol):
    """Allocations."""

    def add(self, match: Match, decided_by: str, now: datetime) -> None:
        """Record allocations and adjustments. The caller has checked the allocation law under `Invoices.lock`."""

    def of_payment(self, payment_id: str, *, active_only: bool = True) -> list[MatchRow]:
        """Allocations of a payment."""

    def of_invoice(self, invoice_id: str) -> list[MatchRow]:
        """Active allocations of an invoice."""

    def adjustments(self, payment_id: str) -> list[Adjustment]:
        """Active adjustments made together with the payment's allocations."""

    def undo(self, payment_id: str, actor: str, now: datetime) -> list[MatchRow]:
        """Undo the payment's active allocations and adjustments; returns what was undone."""
