"""Writes 1CClientBankExchange texts for tests, in any encoding and with any line ends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import cycle
from typing import TypeVar

from connectors.bank.formats.client_bank_exchange import read_statement
from connectors.bank.statement import StatementItem, StatementLine, StatementSummary

OWN = "40702810000000000001"
OWN_2 = "40702810000000000002"
CLIENT = "40702810000000000777"
OWN_INN = "7700000023"
CLIENT_INN = "7700000016"

INCOMING: Mapping[str, str] = {
    "Номер": "245",
    "Дата": "14.02.2026",
    "Сумма": "12200.00",
    "ПлательщикСчет": CLIENT,
    "Плательщик": f'ИНН {CLIENT_INN} ООО "Фиалка"',
    "ПлательщикИНН": CLIENT_INN,
    "ПлательщикКПП": "770001001",
    "ПолучательСчет": OWN,
    "ДатаПоступило": "15.02.2026",
    "Получатель": f'ИНН {OWN_INN} ООО "Наша фирма"',
    "ПолучательИНН": OWN_INN,
    "ВидОплаты": "01",
    "НазначениеПлатежа": "Оплата по счету № 71 от 10.02.2026. НДС 22% 2200-00",
}

OUTGOING: Mapping[str, str] = {
    "Номер": "12",
    "Дата": "15.02.2026",
    "Сумма": "500.00",
    "ПлательщикСчет": OWN,
    "ПлательщикИНН": OWN_INN,
    "ДатаСписано": "15.02.2026",
    "ПолучательСчет": CLIENT,
    "Получатель1": 'ООО "Фиалка"',
    "ПолучательИНН": CLIENT_INN,
    "НазначениеПлатежа": "Аренда за февраль",
}

Item = TypeVar("Item", bound=StatementItem)


def document(
    base: Mapping[str, str] = INCOMING, /, *, kind: str | None = "Платежное поручение", **changes: str | None
) -> str:
    """A document's section: `base` with keys changed, or dropped where None; kind None gives no `=`."""
    fields = {**base, **changes}
    lines = [f"{key}={value}" for key, value in fields.items() if value is not None]
    return "\n".join(["СекцияДокумент" if kind is None else f"СекцияДокумент={kind}", *lines, "КонецДокумента"])


def balance(account: str = OWN, day: str = "15.02.2026", **changes: str | None) -> str:
    """A section of an account with empty turnovers unless changed."""
    fields: dict[str, str | None] = {
        "ДатаНачала": day,
        "ДатаКонца": day,
        "РасчСчет": account,
        "НачальныйОстаток": "0.00",
        "ВсегоПоступило": "0.00",
        "ВсегоСписано": "0.00",
        "КонечныйОстаток": "0.00",
    }
    lines = [f"{key}={value}" for key, value in {**fields, **changes}.items() if value is not None]
    return "\n".join(["СекцияРасчСчет", *lines, "КонецРасчСчет"])


def statement(*sections: str, accounts: Sequence[str] = (OWN,), end: str = "КонецФайла\n", **header: str) -> str:
    """A whole file as text."""
    fields = {
        "ВерсияФормата": "1.03",
        "Кодировка": "Windows",
        "Отправитель": "Пример Банк Онлайн",
        "ДатаСоздания": "16.02.2026",
        "ДатаНачала": "15.02.2026",
        "ДатаКонца": "15.02.2026",
    } | header
    lines = ["1CClientBankExchange", *(f"{key}={value}" for key, value in fields.items())]
    lines += [f"РасчСчет={account}" for account in accounts]
    return "\n".join([*lines, *sections, end])


def encode(text: str, encodings: Sequence[str] = ("cp1251",), ends: Sequence[str] = ("\r\n",)) -> bytes:
    """Encode line by line, taking encodings and line ends in turn."""
    turns: Iterator[tuple[str, str]] = zip(cycle(encodings), cycle(ends), strict=False)
    return b"".join((line + end).encode(codec) for line, (codec, end) in zip(text.split("\n"), turns, strict=False))


def items(
    source: str | bytes, own_accounts: Sequence[str] = (), own_tax_ids: Sequence[str] = ()
) -> list[StatementItem]:
    """Everything that a file yields."""
    raw = encode(source) if isinstance(source, str) else source
    return list(read_statement(raw, own_accounts, own_tax_ids))


def only(found: Sequence[StatementItem], kind: type[Item]) -> list[Item]:
    """The items of one kind."""
    return [item for item in found if isinstance(item, kind)]


def lines(
    source: str | bytes, own_accounts: Sequence[str] = (), own_tax_ids: Sequence[str] = ()
) -> list[StatementLine]:
    """The movements of a file."""
    return only(items(source, own_accounts, own_tax_ids), StatementLine)


def line(source: str | bytes, own_accounts: Sequence[str] = (), own_tax_ids: Sequence[str] = ()) -> StatementLine:
    """The one movement of a file."""
    (found,) = lines(source, own_accounts, own_tax_ids)
    return found


def summary(source: str | bytes) -> StatementSummary:
    """The last item of a file."""
    (found,) = only(items(source), StatementSummary)
    return found
