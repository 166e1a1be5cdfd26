"""Documents of a local 1C base, what people do to them, and what the hub has to know of them afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import select

from connectors.accounting_1c.sandbox.control import Control
from hub.store import tables as t
from hub.store.engine import Database

INVOICE: Final = "Document_СчетНаОплатуПокупателю"
PAYMENT: Final = "Document_ПоступлениеНаРасчетныйСчет"
ROWS: Final = "РасшифровкаПлатежа"
_ZONE: Final = ZoneInfo("Europe/Moscow")
#: Of the small seed: our organisation, a client, its contract, our account.
_OURS: Final = "ed17b728-c1da-5a6e-982a-99ea03d102ca"
_CLIENT: Final = "f3625e06-f377-54b7-be16-996957aff714"
_CONTRACT: Final = "89e8fdb2-9855-51a9-ac77-b50b825f0b09"
_ACCOUNT: Final = "d66a44fb-4340-50ad-877d-e58b60651b14"
_RUB: Final = "48f480a0-5408-5739-8867-0e1cd6d386a4"
_SETTLED: Final = "53773290-760c-5777-9752-24826e40d2d3"

#: Number, day, sum and state of an invoice, as both sides are compared.
Known = tuple[str, str, str, str]
Deed = Callable[["Books", str], None]


def day_text(days_ago: int) -> str:
    """A day by the clock of the base, as its dates begin."""
    return (datetime.now(_ZONE).date() - timedelta(days=days_ago)).isoformat()


@dataclass
class Books:
    """One accountant's work.

    Attributes:
        behind: documents whose changes change what is known of an invoice.
    """

    control: Control
    behind: dict[str, set[str]] = field(default_factory=dict)
    _last: int = 200

    def write(self, days_ago: int, amount: str = "1000.00", *, post: bool = True) -> str:
        """An invoice of a day."""
        self._last += 1
        fields = {
            "Number": f"АБ00-{self._last:06}",
            "Date": f"{day_text(days_ago)}T00:{self._last // 60 % 60:02}:{self._last % 60:02}",
            "Организация_Key": _OURS,
            "Контрагент_Key": _CLIENT,
            "ДоговорКонтрагента_Key": _CONTRACT,
            "ВалютаДокумента_Key": _RUB,
            "СуммаДокумента": amount,
        }
        made = self.control.create(INVOICE, fields, post=post)
        self.behind[made] = {made}
        return made

    def pay(self, invoice: str, amount: str, *, days_ago: int = 1, post: bool = True) -> str:
        """A payment that the accountant puts to an invoice."""
        self._last += 1
        row = {
            "LineNumber": 1,
            "ДоговорКонтрагента_Key": _CONTRACT,
            "СуммаПлатежа": amount,
            "СуммаВзаиморасчетов": amount,
        }
        fields = {
            "Date": f"{day_text(days_ago)}T00:00:00",
            "ВидОперации": "ОплатаПокупателя",
            "Организация_Key": _OURS,
            "СчетОрганизации_Key": _ACCOUNT,
            "Контрагент": _CLIENT,
            "Контрагент_Type": "StandardODATA.Catalog_Контрагенты",
            "ДоговорКонтрагента_Key": _CONTRACT,
            "СуммаДокумента": amount,
            "ВалютаДокумента_Key": _RUB,
            "СчетУчетаРасчетовСКонтрагентом_Key": _SETTLED,
            "НомерВходящегоДокумента": str(self._last),
            "ДатаВходящегоДокумента": f"{day_text(days_ago)}T00:00:00",
            "НазначениеПлатежа": "Оплата по счету",
            ROWS: [row | {"СчетНаОплату_Key": invoice, "СчетУчетаРасчетовСКонтрагентом_Key": _SETTLED}],
        }
        made = self.control.create(PAYMENT, fields, post=post)
        self.behind[invoice].add(made)
        return made

    def relink(self, payment: str, invoice: str) -> None:
        """The accountant puts a payment to another invoice."""
        parts: Any = self.control.row(PAYMENT, payment)[ROWS]
        self.control.edit(PAYMENT, payment, **{ROWS: [{**parts[0], "СчетНаОплату_Key": invoice}]})
        self.behind[invoice].add(payment)

    def expected(self) -> dict[str, Known]:
        """What the hub has to know: documents in force, by reference."""
        paid = self._paid()
        return {
            str(row["Ref_Key"]): _known_of(row, paid.get(str(row["Ref_Key"]), Decimal(0)))
            for row in self.control.rows(INVOICE)
            if row.get("Posted") is True and row.get("DeletionMark") is not True and str(row["Date"]) >= day_text(90)
        }

    def _paid(self) -> dict[str, Decimal]:
        paid: dict[str, Decimal] = {}
        for row in self.control.rows(PAYMENT):
            parts: Any = row[ROWS]
            if row.get("Posted") is True and row.get("DeletionMark") is not True:
                for part in parts:
                    invoice = str(part.get("СчетНаОплату_Key", ""))
                    paid[invoice] = paid.get(invoice, Decimal(0)) + Decimal(str(part["СуммаПлатежа"]))
        return paid


def _known_of(row: Mapping[str, Any], paid: Decimal) -> Known:
    amount = Decimal(str(row["СуммаДокумента"]))
    state = "paid" if paid >= amount else "open"
    return str(row["Number"]), str(row["Date"])[:10], f"{amount:.2f}", state


def known(database: Database, connection: str) -> dict[str, Known]:
    """What the hub knows of invoices, by 1C's reference; what is gone is left out."""
    of = t.invoices.c
    columns = (of.external_id, of.number, of.issued_on, of.amount_minor, of.status)
    rows = select(*columns).where(of.connection == connection, of.removed.is_(False))
    with database.read() as reading:
        found = reading.execute(rows).all()
    return {
        row.external_id: (row.number, row.issued_on.isoformat(), f"{Decimal(row.amount_minor) / 100:.2f}", row.status)
        for row in found
    }


def every_row(database: Database, connection: str) -> list[str]:
    """References of all invoices that were ever stored, one for each row."""
    rows = select(t.invoices.c.external_id).where(t.invoices.c.connection == connection)
    with database.read() as reading:
        return list(reading.scalars(rows))


# What people do to one document


def _edit(books: Books, item: str) -> None:
    books.control.edit(INVOICE, item, СуммаДокумента="1250.50")


def _mark(books: Books, item: str) -> None:
    books.control.mark(INVOICE, item)


def _unmark(books: Books, item: str) -> None:
    """Marked and, later, taken back and posted again."""
    books.control.mark(INVOICE, item)
    books.control.act({"act": "unmark", "entity": INVOICE, "key": item})
    books.control.edit(INVOICE, item, СуммаДокумента="1300.00")
    books.control.post(INVOICE, item)


def _delete(books: Books, item: str) -> None:
    books.control.delete(INVOICE, item)


def _renumber(books: Books, item: str) -> None:
    number = str(books.control.row(INVOICE, item)["Number"])
    books.control.edit(INVOICE, item, Number=number.replace("АБ00-0", "АБ00-9"))


def _unpost(books: Books, item: str) -> None:
    books.control.unpost(INVOICE, item)


def _post_again(books: Books, item: str) -> None:
    books.control.unpost(INVOICE, item)
    books.control.edit(INVOICE, item, СуммаДокумента="1400.00")
    books.control.post(INVOICE, item)


def _dated(days_ago: int) -> Deed:
    def deed(books: Books, item: str) -> None:
        clock = str(books.control.row(INVOICE, item)["Date"])[10:]
        books.control.edit(INVOICE, item, Date=f"{day_text(days_ago)}{clock}")

    return deed


def _pay(books: Books, item: str) -> None:
    books.pay(item, "1000.00")


def _pay_and_take_back(books: Books, item: str) -> None:
    payment = books.pay(item, "1000.00")
    books.control.unpost(PAYMENT, payment)


#: Deeds on documents of the days that every poll looks at.
RECENT: Final[Mapping[str, Deed]] = {
    "edited": _edit,
    "marked": _mark,
    "marked and taken back": _unmark,
    "deleted": _delete,
    "renumbered": _renumber,
    "unposted": _unpost,
    "unposted and posted": _post_again,
    "dated today": _dated(0),
    "dated out of the window": _dated(20),
    "paid": _pay,
    "paid, and not": _pay_and_take_back,
}
#: Deeds on older documents: the night tells of them, or the plan of exchange at once.
OLDER: Final[Mapping[str, Deed]] = {
    "edited": _edit,
    "marked": _mark,
    "deleted": _delete,
    "renumbered": _renumber,
    "unposted": _unpost,
    "unposted and posted": _post_again,
    "dated yet older": _dated(30),
    "paid": _pay,
}
#: And one that every poll sees, for the document comes into its days.
INTO_THE_WINDOW: Final = _dated(1)
