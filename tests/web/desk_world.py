"""A desk over a real store with a small busy company: every pile, effects in every state, uploads of all kinds."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, timedelta

from argon2 import PasswordHasher
from starlette.types import ASGIApp

from hub.domain.models import Client, Deal, Direction, Invoice, Party, Payment, StageKind, TaxId, TaxIdKind
from hub.ports.claims import PaymentReport
from hub.ports.statement import AccountSummary, BrokenItem, ReceivedPayment, StatementItem, UnreadableFile
from hub.services.aliases import add_alias, end_alias
from hub.services.import_statement import import_statement
from hub.services.read_inbox import read_inbox
from hub.services.runtime import Runtime
from hub.services.settle_payment import reject
from hub.store.engine import Database
from hub.store.queries import Filter, PileName, Queries
from hub.store.unit_of_work import SqlStore
from hub.store.users import SqlUsers
from hub.web.app import create_site
from hub.web.context import WebContext
from hub.web.intake.counters import IntakeCounters
from tests.support.doors import InlineWriter
from tests.support.world import CRM, OUR_ACCOUNT, OUR_TAX_ID, World, rub

LOGIN = "buh"
PASSWORD = "счёт-и-сверка-2026"
HOOK_SECRET = "0f4c8a1d9e7b6352"
HOSTILE = '<script>alert("xss")</script> & "кавычки" <img src=x onerror=alert(1)>'
# Argon2 is slow on purpose; the hash itself says how slow, so tests keep a quick one.
_PASSWORD_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


def read_lines(raw: bytes, own_accounts: Collection[str], own_tax_ids: Collection[str]) -> Iterator[StatementItem]:
    """A statement of `sum;purpose` lines; `?` is a broken line, a file without the first word is no statement."""
    del own_accounts, own_tax_ids
    head, *lines = raw.decode("utf-8", "replace").splitlines() or [""]
    if head != "statement":
        raise UnreadableFile("Это не выписка в формате 1С: нет строки 1CClientBankExchange. Выгрузите файл заново.")
    sums = 0
    for place, line in enumerate(lines, start=2):
        amount, _, purpose = line.partition(";")
        if amount == "?":
            yield BrokenItem(place, "Сумма", "сумма «12 тысяч» не читается как число", f"Сумма=12 тысяч\n{purpose}")
        else:
            sums += 1
            yield paid(purpose, amount, number=str(900 + place))
    yield AccountSummary(OUR_ACCOUNT, sums, "12 200,00 ₽", 0, "0,00 ₽", 0, "сходится с итогами банка")


def paid(
    purpose: str,
    amount: str,
    *,
    name: str | None = "ООО «Фиалка»",
    tax_id: str | None = "7700000016",
    day: int = 5,
    number: str = "245",
    direction: Direction = Direction.IN,
    warnings: tuple[str, ...] = (),
) -> ReceivedPayment:
    """A booked line of March 2026."""
    other = Party(name, tax_id, "770001001", "40702810000000000777", "044525225", "ПАО СБЕРБАНК")
    ours = Party("ООО «Наша фирма»", OUR_TAX_ID, account=OUR_ACCOUNT)
    incoming = direction is Direction.IN
    payment = Payment(
        "",
        direction,
        rub(amount),
        date(2026, 3, day),
        purpose,
        payer=other if incoming else ours,
        payee=ours if incoming else other,
        own_account=OUR_ACCOUNT,
        document_number=number,
        document_date=date(2026, 3, day),
        document_kind="Платёжное поручение",
        operation_code="01",
        direction_reason="дата поступления указана, наш счёт стоит получателем" if incoming else "наш счёт плательщик",
        organisation_tax_id=OUR_TAX_ID,
    )
    content = f"{amount}|{day}|{number}|{purpose}"
    return ReceivedPayment(payment, hashlib.sha256(content.encode()).hexdigest(), 1, warnings=warnings)


def _client(key: str, name: str, tax_id: str) -> Client:
    return Client(key, (name,), (TaxId(TaxIdKind.RU_INN, tax_id),))


def _sale(key: str, number: str, amount: str, client: Client) -> tuple[Client, Deal, Invoice]:
    deal = Deal(key, f"Поставка {number}", "0", "NEW", StageKind.OPEN, rub(amount), client.id, "17")
    invoice = Invoice(
        key,
        number,
        date(2026, 3, 1),
        rub(amount),
        rub("0"),
        client=Client(client.id),
        organisation_tax_id=OUR_TAX_ID,
        deals=(key,),
    )
    return client, deal, invoice


@dataclass
class DeskWorld:
    """The company, the application over it, and a person who may sign in."""

    database: Database
    secure: bool = False
    upload_limit: int = 64 * 1024 * 1024
    world: World = field(init=False)
    rt: Runtime = field(init=False)
    users: SqlUsers = field(init=False)
    queries: Queries = field(init=False)
    context: WebContext = field(init=False)
    app: ASGIApp = field(init=False)
    counters: IntakeCounters = field(init=False)

    def __post_init__(self) -> None:
        self.world = World(SqlStore(self.database))
        self.rt = replace(self.world.rt, read_statement=read_lines)
        self.users = SqlUsers(self.database)
        self.queries = Queries(self.database)
        self.users.add(LOGIN, "Мария Петровна", _PASSWORD_HASH, self.rt.clock.now())
        with self.rt.store.write() as uow:
            uow.connections.ensure(CRM)
        self.context = WebContext(
            rt=self.rt,
            queries=self.queries,
            users=self.users,
            session_key=b"k" * 32,
            hook_secrets={CRM: HOOK_SECRET, "closed": ""},
            deal_url=lambda connection, deal: f"https://{connection}.example/crm/deal/details/{deal}/",
            secure_cookies=self.secure,
            title="ООО «Наша фирма»",
            version="0.1.0",
            upload_limit=self.upload_limit,
            zone=UTC,
        )
        self.counters = IntakeCounters()
        self.app = create_site(self.context, InlineWriter(self.database, self.rt), self.counters)

    def sell(self, key: str, number: str, amount: str, client: Client | None = None) -> None:
        """A client, a deal and an open invoice appear in the CRM."""
        self.world.crm.add(*_sale(key, number, amount, client or _client("512", "ООО «Фиалка»", "7700000016")))

    def suggested(self) -> str:
        """An invoice and a payment that a person has to decide: the number is right, the sum is another one."""
        self.sell("1", "71", "1000")
        self.world.sync()
        return self.world.pay(paid("Оплата по счету № 71 от 01.03.2026", "1000", tax_id="7700000030"))[0]

    def matched(self) -> str:
        """An invoice and a payment that the machine settles."""
        self.sell("2", "72", "2500")
        self.world.sync()
        return self.world.pay(paid("Оплата по счету № 72 от 01.03.2026", "2500", number="301"))[0]

    def upload(self, raw: bytes, name: str) -> int:
        """A statement is taken in and read."""
        taken = import_statement(self.rt, raw, name, LOGIN)
        read_inbox(self.rt, taken.inbox_id)
        return taken.inbox_id

    def found(self, pile: PileName) -> list[str]:
        """Ids of the payments of a pile."""
        return [line.id for line in self.queries.payments(pile, Filter()).rows]


def busy(desk: DeskWorld) -> dict[str, str]:
    """Fill the company with a day of everything; returns the payments that tests and screenshots look at."""
    world = desk.world
    rose = _client("513", "ООО «Производственно-коммерческая фирма „Розмарин и партнёры“»", "7800000017")
    twin = _client("514", "ИП Ковалёва Анна Сергеевна", "500100000015")
    for place in range(6):
        desk.sell(str(100 + place), f"УТ-{100 + place}", f"{12_500 + place * 1_000}.50")
    desk.sell("201", "СЧ-201", "84000", rose)
    desk.sell("202", "СЧ-202", "84000", rose)
    desk.sell("301", "301", "15000", twin)
    desk.sell("302", "302", "7350.20", twin)
    world.sync()
    ids = {"planned": world.pay(paid("Оплата по счету № УТ-100 от 01.03.2026", "12500.50", day=3))[0]}
    world.act()
    for place in range(1, 4):
        sum_text = f"{12_500 + place * 1_000}.50"
        purpose = f"Оплата по счету № УТ-{100 + place} от 01.03.2026 за расходные материалы. НДС 22%"
        ids[f"auto{place}"] = world.pay(paid(purpose, sum_text, day=4, number=str(400 + place)))[0]
    world.crm.human_moves("103", "LOSE")
    world.settle(6)
    ids["tie"] = world.pay(
        paid("Оплата за товар по договору поставки", "84000", name=rose.names[0], tax_id="7800000017", day=6)
    )[0]
    ids["stranger"] = world.pay(
        paid(
            "Оплата по счету № 301 за ИП Ковалёву А.С. НДС не облагается",
            "15000",
            name="ООО «Торговый дом Северный ветер»",
            tax_id="7705000012",
            day=6,
            number="88",
            warnings=("В КПП плательщика 8 знаков вместо 9.",),
        )
    )[0]
    ids["hostile"] = world.pay(paid(HOSTILE, "333.33", name=HOSTILE, tax_id=None, day=7, number="13"))[0]
    ids["fee"] = world.pay(
        paid("Комиссия за ведение счета", "1900", name="ПАО СБЕРБАНК", day=7, direction=Direction.OUT, number="7")
    )[0]
    ids["loan"] = world.pay(paid("Возврат займа по договору 7", "50000", name="ООО «Заря»", tax_id=None, day=7))[0]
    reject(desk.rt, ids["loan"], LOGIN, "возврат займа, не клиент")
    ids["queued"] = world.pay(paid("Оплата по счету № УТ-104 от 01.03.2026", "16500.50", day=8, number="55"))[0]
    good = b"statement\n7350.20;" + "Оплата по счету № 302 от 01.03.2026".encode() + b"\n?;x\n"
    desk.upload(good, "kl_to_1c_2026-03-05.txt")
    told = PaymentReport(
        "order-2026-000000000000000000000000000000000000015",
        rub("15000"),
        date(2026, 3, 6),
        HOSTILE,
        "500100000015",
        f"Заказ 15. {HOSTILE}",
        invoice_number="301",
    )
    with desk.rt.store.write() as uow:
        uow.claims.add("shop", told, None, desk.rt.clock.now())
        uow.claims.expire("shop", desk.rt.clock.now() + timedelta(days=8))
        other, _ = uow.claims.add("shop", replace(told, external_id="2"), None, desk.rt.clock.now())
        uow.claims.cover(other.id, ids["auto1"], "hub", desk.rt.clock.now())
    for tax_id in ("500100732259", "7800000099"):
        row = add_alias(desk.rt, Party(HOSTILE, tax_id), "500100000015", LOGIN, HOSTILE)
    end_alias(desk.rt, row.id, LOGIN)
    desk.upload(b"PK\x03\x04", "выписка за март, последняя версия (2).xlsx")
    return ids
