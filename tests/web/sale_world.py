"""A desk over a company whose invoices are kept by a CRM and by 1C, with questions about them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

from hub.domain.models import Client, Deal, Invoice, StageKind, TaxId, TaxIdKind
from hub.ports.crm import Change
from hub.services.apply_changes import apply_changes
from hub.services.runtime import ConnectionSettings, Runtime
from hub.services.settle_sale import Asked, mark, say_apart
from hub.web.app import create_app
from tests.support.fake_crm import FakeCrm
from tests.support.two_systems import BOOKS, paper
from tests.support.world import CRM, OUR_TAX_ID, rub
from tests.web.desk_world import HOSTILE, LOGIN, DeskWorld, paid

INN, KPP = "7700000016", "770001001"
PAPER, IN_CRM = f"{BOOKS}/1", f"{CRM}/71"


def with_books(desk: DeskWorld, **settings: object) -> None:
    """The desk's CRM is a Bitrix24 from now on, and a base of 1C stands beside it."""
    if BOOKS in desk.rt.connections:
        return
    books, known = FakeCrm(), desk.rt.connections[CRM]
    connections = {
        CRM: replace(known, system="bitrix24"),
        BOOKS: replace(ConnectionSettings(BOOKS, known.rules, timing=known.timing), system="accounting_1c"),
    }
    desk.rt = replace(desk.rt, crms={**desk.rt.crms, BOOKS: books}, connections=connections)
    desk.world.rt = desk.rt
    desk.context = replace(desk.context, rt=desk.rt, **settings)  # type: ignore[arg-type]
    desk.app = create_app(desk.context)
    with desk.rt.store.write() as uow:
        for name in (CRM, BOOKS):
            uow.connections.ensure(name)
            uow.connections.set_acting(name, True, date(2026, 3, 1))
            uow.connections.polled(name, desk.rt.clock.now())


def told(desk: DeskWorld, *items: Change, by: str = CRM) -> None:
    """A system tells of changes."""
    if by == CRM:
        desk.world.crm.add(*items)
    apply_changes(desk.rt, by, items)


def buyer(key: str = "512", name: str = "ООО «Фиалка»", tax_id: str = INN) -> Client:
    """A client with ИНН and КПП."""
    return Client(key, (name,), (TaxId(TaxIdKind.RU_INN, tax_id), TaxId(TaxIdKind.RU_KPP, KPP)))


def deal(key: str, title: str, amount: str = "1000") -> Deal:
    """An open deal of that client."""
    return Deal(key, title, "0", "NEW", StageKind.OPEN, rub(amount), "512", "17")


def invoice(key: str = "71", number: str = "71", amount: str = "1000", deals: tuple[str, ...] = ("1",)) -> Invoice:
    """An invoice of the CRM."""
    return Invoice(
        key,
        number,
        date(2026, 3, 1),
        rub(amount),
        rub("0"),
        client=Client("512"),
        organisation_tax_id=OUR_TAX_ID,
        deals=deals,
    )


def asked(desk: DeskWorld) -> None:
    """Two invoices that agree in all but the sum."""
    with_books(desk)
    told(desk, buyer(), deal("1", "Поставка цветов"), invoice())
    told(desk, paper(number="71", amount="1100"), by=BOOKS)


def busy_with_sales(desk: DeskWorld) -> dict[str, str]:
    """Questions of every kind, long and hostile words in them, answers and joints; the payments among them."""
    long = "Производственно-коммерческая фирма „Розмарин и партнёры по поставкам“"
    with_books(desk)
    told(desk, buyer(), deal("1", HOSTILE), deal("2", long, "7000"), deal("3", "Ремонт", "7000"))
    told(desk, invoice(), invoice("72", "АБВГ-2026-000000000000000072/доп", "5000"), invoice("73", "73", "3000"))
    told(desk, paper(number="71", amount="1100"), by=BOOKS)
    told(desk, paper("2", "АБВГ-2026-000000000000000072/доп", "5000", date(2026, 3, 20)), by=BOOKS)
    told(desk, paper("3", "АБ00-000073", "3000"), by=BOOKS)
    told(desk, replace(paper("4", "АБ00-000400", "7000"), client=Client("", (long,), buyer().tax_ids)), by=BOOKS)
    told(desk, invoice("75", "75", "900"))
    told(desk, paper("5", "75", "950"), by=BOOKS)
    _answer(desk, f"{BOOKS}/5", f"{CRM}/75", say_apart)
    joined = paid("Оплата по счету № АБ00-000073 от 01.03.2026", "3000")
    return dict(zip(("joined", "open"), desk.world.pay(joined, paid("Оплата", "10", number="9")), strict=True))


def _answer(desk: DeskWorld, left: str, right: str, said: Callable[[Runtime, Asked, str], None]) -> None:
    with desk.rt.store.read() as uow:
        link = next(item for item in uow.sales.links(left) if item.right == right)
        shown = mark(link, uow.sales.alone(left), uow.sales.alone(right))
    said(desk.rt, Asked(link.kind, left, right, shown), LOGIN)
