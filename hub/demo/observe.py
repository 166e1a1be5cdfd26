"""Looks into the running hub's store, read-only: payments, sales, files, and whether anything is still under way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from hub.composition.hub import Hub, open_hub
from hub.config import load_config
from hub.demo.seen import SeenFile, SeenPaper, SeenPayment
from hub.demo.story.ledger import ACCOUNTING, invoice_label
from hub.demo.world import BOOKS, CONNECTIONS, CRMS, HOOKS_OF
from hub.ports.records import EffectState, InboxKind, InboxState, InvoiceRow, PaymentState
from hub.ports.sales import LinkState
from hub.ports.store import UnitOfWork
from hub.store.queries import ImportLine, PaymentCard, PaymentLine, PileName

_PAGE: Final = 500
_UNSETTLED: Final = (EffectState.QUEUED, EffectState.INTENT)
_UNDECIDED: Final = (PaymentState.NEW, PaymentState.RECHECK)


class Observer:
    """Reads what the hub's own pages read."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    @classmethod
    @contextmanager
    def open(cls, config: Path) -> Iterator[Observer]:
        """Open the store of a hub; no connection outside is made."""
        with open_hub(load_config(config), connect=False) as hub:
            yield cls(hub)

    def first_poll_is_done(self) -> bool:
        """Whether the hub has read both CRMs, 1C and both banks once from beginning to end."""
        rows = self._hub.queries.overview().connections
        return {row.id for row in rows if row.polled_at is not None} >= set(CONNECTIONS)

    def is_at_rest(self) -> bool:
        """Whether all that came is read, every payment decided and every effect settled or put before a person."""
        return not any(self._unfinished().values())

    def unfinished(self) -> str:
        """What is still under way, in Russian."""
        return ", ".join(f"{name}: {count}" for name, count in self._unfinished().items())

    def _unfinished(self) -> dict[str, int]:
        now = self._hub.queries.overview()
        return {
            "непрочитанных файлов и вебхуков": now.inbox.counts.get(InboxState.NEW, 0),
            "нерешённых платежей": sum(now.payments.counts.get(state, 0) for state in _UNDECIDED),
            "незаконченных записей в CRM и 1С": sum(now.outbox.counts.get(state, 0) for state in _UNSETTLED),
        }

    def payments(self) -> tuple[SeenPayment, ...]:
        """Every payment with its decision, oldest first."""
        cards = (self._hub.queries.payment(line.id) for line in self._lines())
        found = [_payment(card) for card in cards if card is not None]
        return tuple(sorted(found, key=lambda item: (item.booked_on, item.account, item.number)))

    def _lines(self) -> Iterator[PaymentLine]:
        offset = 0
        while True:
            page = self._hub.queries.payments(PileName.ALL, offset=offset, limit=_PAGE)
            yield from page.rows
            offset += _PAGE
            if not page.more:
                return

    def papers(self, keys: Iterable[str]) -> tuple[SeenPaper, ...]:
        """These documents of 1C and all others that are open, by number, with what was found for them."""
        with self._hub.rt.store.read() as uow:
            every = dict.fromkeys((*keys, *uow.invoices.held(BOOKS, "", _PAGE)))
            rows = (uow.sales.alone(f"{BOOKS}/{key}") for key in every)
            found = [_paper(uow, row) for row in rows if row is not None]
        return tuple(sorted(found, key=lambda item: item.number))

    def files(self) -> tuple[SeenFile, ...]:
        """Every statement file that was taken in, oldest first."""
        return tuple(_file(self._hub, line) for line in reversed(self._hub.queries.imports(limit=_PAGE).rows))


def _file(hub: Hub, line: ImportLine) -> SeenFile:
    found = hub.queries.imported(line.id)
    broken = tuple((item.line, item.key) for item in found[1]) if found is not None else ()
    summary = line.summary or {}
    return SeenFile(line.name, summary.get("added", 0), summary.get("known", 0), summary.get("skipped", 0), broken)


def _paper(uow: UnitOfWork, row: InvoiceRow) -> SeenPaper:
    own, sale = row.invoice, uow.invoices.get(row.sale_id)
    members = (item.invoice.id for item in uow.sales.members(row.sale_id) if not item.removed)
    asked = (link for link in uow.sales.links(own.id) if link.state is LinkState.ASKED)
    return SeenPaper(
        key=row.external_id,
        number=own.number or "",
        invoices=_named(item for item in members if item != own.id),
        deals=_named(sale.invoice.deals if sale is not None else ()),
        asked=_named(link.right if link.left == own.id else link.left for link in asked),
    )


def _named(ids: Iterable[str]) -> tuple[str, ...]:
    """`bitrix24 301` of the hub's `portal/301`, in order."""
    parts = (item.partition("/") for item in ids)
    return tuple(sorted(f"{CRMS.get(connection, connection)} {external}" for connection, _, external in parts))


def _payment(card: PaymentCard) -> SeenPayment:
    row, decision = card.row, card.row.decision
    payment = row.payment
    active = [match for match in card.matches if match.undone_at is None]
    sources = sorted(card.sources, key=lambda source: source.id)
    return SeenPayment(
        # A day that was read twice is one source, and so is a hook that came twice.
        sources=tuple(dict.fromkeys(_source(source) for source in sources)),
        account=payment.own_account or "",
        number=payment.document_number or "",
        booked_on=payment.booked_on,
        amount=payment.amount,
        direction=payment.direction.value,
        decision=decision.kind.value if decision is not None else "нет",
        pile=row.state.value,
        reason=decision.reason if decision is not None else "",
        allocations={_number(card.invoices, match.invoice_id): match.amount for match in active},
        candidates=tuple(
            tuple(_number(card.invoices, invoice) for invoice in candidate.invoices)
            for candidate in (decision.candidates if decision is not None else ())
        ),
        id=payment.id,
    )


def _source(line: ImportLine) -> str:
    return HOOKS_OF.get(line.connection, line.connection) if line.kind is InboxKind.HOOK else line.name


def _number(invoices: Mapping[str, InvoiceRow], invoice_id: str) -> str:
    row = invoices.get(invoice_id)
    if row is None or row.invoice.number is None:
        return invoice_id
    system = ACCOUNTING if row.invoice.from_accounting else CRMS.get(row.connection, row.connection)
    return invoice_label(row.invoice.number, system)
