"""A CRM and an accounting system that keep the same sales, each in its own way."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from hub.domain.models import Client, Invoice, TaxId, TaxIdKind
from hub.ports.crm import Change
from hub.ports.records import InvoiceRow
from hub.ports.sales import LinkKind, LinkState, SaleLink
from hub.services.apply_changes import apply_changes
from hub.services.runtime import ConnectionSettings, Timing
from tests.support.fake_crm import FakeCrm
from tests.support.world import CRM, OUR_TAX_ID, RULES, World, rub

BOOKS = "books"
GUID = "0f4c8a1d-9e7b-11f1-926c-0800270bc6c{}"


def paper(
    key: str = "1",
    number: str = "АБ00-000071",
    amount: str = "1000",
    on: date = date(2026, 3, 1),
    tax_id: str | None = "7700000016",
    name: str = "ООО «Фиалка»",
) -> Invoice:
    """A document of the accounting system."""
    tax_ids = (TaxId(TaxIdKind.RU_INN, tax_id),) if tax_id else ()
    return Invoice(
        key,
        number,
        on,
        rub(amount),
        rub("0"),
        client=Client("", (name,), tax_ids),
        organisation_tax_id=OUR_TAX_ID,
        from_accounting=True,
        guid=GUID.format(key),
    )


@dataclass
class TwoSystems(World):
    """The fake CRM, and an accounting system beside it whose changes are applied as they are told."""

    books: FakeCrm = field(default_factory=FakeCrm)

    def __post_init__(self) -> None:
        super().__post_init__()
        settings = ConnectionSettings(BOOKS, RULES, 60, 100, Timing(retry_s=2))
        self.rt = replace(
            self.rt,
            crms={**self.rt.crms, BOOKS: self.books},
            connections={**self.rt.connections, BOOKS: settings},
        )
        with self.store.write() as uow:
            uow.connections.ensure(BOOKS)

    def act(self, since: date = date(2026, 3, 1)) -> TwoSystems:
        super().act(since)
        with self.store.write() as uow:
            uow.connections.set_acting(BOOKS, True, since)
            uow.connections.polled(BOOKS, self.clock.now())
        return self

    def told(self, *items: Change, by: str = CRM) -> None:
        """A system tells of changes."""
        (self.books if by == BOOKS else self.crm).add(*items)
        apply_changes(self.rt, by, items)

    def sales(self) -> list[list[str]]:
        """Which invoices are one sale, each named by its hub id; the one that stands for it first."""
        with self.store.read() as uow:
            rows = [row for row in self._every() if not row.removed]
            mains = [row for row in rows if row.main_id is None]
            return [
                [main.invoice.id, *(row.invoice.id for row in uow.sales.members(main.invoice.id) if row.main_id)]
                for main in mains
            ]

    def _every(self) -> list[InvoiceRow]:
        keys = [f"{CRM}/{key}" for key in self.crm.invoices] + [f"{BOOKS}/{key}" for key in self.books.invoices]
        with self.store.read() as uow:
            return [row for key in sorted(keys) if (row := uow.invoices.get(key)) is not None]

    def links(self, state: LinkState) -> list[SaleLink]:
        """What was found, each pair once."""
        with self.store.read() as uow:
            found = {link for row in self._every() for link in uow.sales.links(row.invoice.id)}
        return sorted((link for link in found if link.state is state), key=lambda link: (link.left, link.right))

    def asked(self) -> list[tuple[str, str]]:
        """Pairs that wait for a person."""
        return [(link.left, link.right) for link in self.links(LinkState.ASKED) if link.kind is LinkKind.INVOICE]

    def deals_of(self, key: str, state: LinkState = LinkState.JOINED) -> list[str]:
        """Deals that were found for a paper, by the CRM's ids."""
        found = [link for link in self.links(state) if link.kind is LinkKind.DEAL and link.left == f"{BOOKS}/{key}"]
        return [link.right.removeprefix(f"{CRM}/") for link in found]
