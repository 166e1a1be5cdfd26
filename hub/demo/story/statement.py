"""Writes 1CClientBankExchange files the way different banks do, lies in the header and all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from hub.demo.story.calendar import OPENING, OWN_ACCOUNTS, StatementFile
from hub.demo.story.days import TODAY
from hub.demo.story.ledger import Company, Line, OwnAccount


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as one account's bank shows it: `credit` is money that came to that account."""

    line: Line
    account: OwnAccount
    credit: bool

    @property
    def signed(self) -> Decimal:
        """What it adds to the balance; an order that was not carried out adds nothing."""
        if self.line.fate == "skipped":
            return Decimal(0)
        return self.line.amount if self.credit else -self.line.amount


def entries(lines: Iterable[Line]) -> list[Entry]:
    """Every document on every account that shows it, by day; a transfer of our own shows on both."""
    found = []
    for line in sorted(lines, key=lambda item: item.booked):
        found.append(Entry(line, line.account, line.way == "in"))
        if line.way == "self":
            target = next(own for own in OWN_ACCOUNTS if own.number == line.other.account)
            found.append(Entry(line, target, credit=True))
    return found


def write_file(file: StatementFile, shown: list[Entry]) -> bytes:
    """The bytes of one export; notes the file's name on every line that it shows."""
    parts = [_encode(_header(file), file, 0)]
    for index, own in enumerate(file.accounts):
        mine = [entry for entry in shown if entry.account is own and not entry.line.late]
        rows = _balances(file, own, mine)
        for number, entry in enumerate(item for item in mine if file.holds(own, item.line.booked)):
            rows += _document(entry, file, number)
            entry.line.files.append(file.name)
        parts.append(_encode(rows, file, index))
    if file.ends:
        parts.append(_encode(["КонецФайла"], file, len(file.accounts) - 1))
    return b"".join(parts)


def _encode(rows: list[str], file: StatementFile, part: int) -> bytes:
    """A mixed file is glued of exports: the first in cp1251 and CRLF, the next in UTF-8 and LF."""
    if file.coding != "mixed":
        bom = file.coding == "utf-8-sig" and rows[0] == "1CClientBankExchange"
        coding = file.coding if bom or file.coding != "utf-8-sig" else "utf-8"
        return "".join(row + file.newline for row in rows).encode(coding)
    coding, newline = (("cp1251", "\r\n"), ("utf-8", "\n"))[part]
    return "".join(row + newline for row in rows).encode(coding)


def _header(file: StatementFile) -> list[str]:
    rows = ["1CClientBankExchange", f"ВерсияФормата={file.version}"]
    if file.claims:
        rows.append(f"Кодировка={file.claims}")
    rows += [f"Отправитель={_quotes(file.accounts[0].bank.name, file)}", "Получатель=1С:Предприятие"]
    if file.habit == "comma":
        rows.append("")
    rows += [f"ДатаСоздания={_day(min(file.end + timedelta(days=1), TODAY))}", "ВремяСоздания=09:15:00"]
    rows += [f"ДатаНачала={_day(file.start)}", f"ДатаКонца={_day(file.end)}"]
    return rows + [f"РасчСчет={own.number}" for own in file.accounts]


def _balances(file: StatementFile, own: OwnAccount, mine: list[Entry]) -> list[str]:
    if file.habit != "daily":
        return _balance_section(file, own, mine, file.start, file.end)
    rows = []
    day = file.start
    while day <= file.end:
        rows += _balance_section(file, own, mine, day, day)
        day += timedelta(days=1)
    return rows


def _balance_section(file: StatementFile, own: OwnAccount, mine: list[Entry], start: date, end: date) -> list[str]:
    opening = OPENING + sum((entry.signed for entry in mine if entry.line.booked < start), Decimal(0))
    moved = [entry.signed for entry in mine if start <= entry.line.booked <= end]
    credited = sum((sum_ for sum_ in moved if sum_ > 0), Decimal(0))
    debited = -sum((sum_ for sum_ in moved if sum_ < 0), Decimal(0))
    return [
        "СекцияРасчСчет",
        f"ДатаНачала={_day(start)}",
        f"ДатаКонца={_day(end)}",
        f"НачальныйОстаток={_money(opening, file)}",
        f"РасчСчет={own.number}",
        f"ВсегоСписано={_money(debited, file)}",
        f"ВсегоПоступило={_money(credited, file)}",
        f"КонечныйОстаток={_money(opening + credited - debited, file)}",
        "КонецРасчСчет",
    ]


def _document(entry: Entry, file: StatementFile, number: int) -> list[str]:
    line = entry.line
    ours = replace(line.account.owner, account=line.account.number, bank=line.account.bank)
    payer, payee = (line.other, ours) if line.way == "in" else (ours, line.other)
    carried_out = line.fate != "skipped"
    rows = [
        f"СекцияДокумент={line.kind}",
        f"Номер={line.number}",
        f"Дата={_day(line.document_date or line.booked)}",
        f"Сумма={_money(line.amount, file) if line.fate != 'quarantined' else '18 4О0.00 руб'}",
        *_party("Плательщик", payer, file, masked=line.masked),
        *_posting("ДатаСписано", line.booked, file, filled=carried_out and not entry.credit),
        *_party("Получатель", payee, file),
        *_posting("ДатаПоступило", line.booked, file, filled=carried_out and entry.credit),
        "ВидПлатежа=Электронно",
        f"ВидОплаты={line.code}",
    ]
    if line.tax_status:
        rows += [f"СтатусСоставителя={line.tax_status}", "ПоказательКБК=18201061201010000510", "ПоказательДаты=0"]
    elif file.habit == "comma":
        rows += ["ПоказательНомера=0", "ПоказательДаты=0"]
    return [*rows, "Очередность=5", *_purpose(line, file, number), "КонецДокумента"]


def _posting(key: str, booked: date, file: StatementFile, *, filled: bool) -> list[str]:
    if filled:
        return [f"{key}={_day(booked)}"]
    return [f"{key}="] if file.habit != "plain" else []


def _party(side: str, party: Company, file: StatementFile, *, masked: bool = False) -> list[str]:
    name = _quotes(_bank_spelling(party), file)
    number = f"{party.account[:8]}********{party.account[-4:]}" if masked else party.account
    rows = [f"{side}Счет={number}"]
    match file.habit:
        case "plain":
            rows.append(f"{side}=ИНН {party.inn} {name}" if party.inn else f"{side}={name}")
            rows.append(f"{side}РасчСчет={number}")
        case "comma":
            rows.append(f"{side}={party.inn}, {name}" if party.inn else f"{side}={name}")
            rows += [f"{side}2={number}", f"{side}3={_quotes(party.bank.name, file)}"]
        case "daily":
            rows.append(f"{side}1={name}")
    rows += [f"{side}ИНН={party.inn or '0'}", f"{side}КПП={party.kpp or '0'}"]
    rows += [f"{side}Банк1= {_quotes(party.bank.name, file)}", f"{side}Банк2={party.bank.city}"]
    return [*rows, f"{side}БИК={party.bank.bic}", f"{side}Корсчет={party.bank.correspondent}"]


def _bank_spelling(party: Company) -> str:
    """Some banks print the legal form in full and in capitals."""
    if party.id % 5 == 0 and party.name.startswith("ООО "):
        return "ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ " + party.name.removeprefix("ООО ").upper()
    return party.name


def _purpose(line: Line, file: StatementFile, number: int) -> list[str]:
    text = line.purpose
    middle = text.find(" за ")
    if file.habit == "comma":
        return [f"НазначениеПлатежа={text} ", *(f"НазначениеПлатежа{index}=" for index in range(1, 7))]
    if file.habit == "daily" and middle > 0 and number % 3 == 0 and "=" not in text:
        return [f"НазначениеПлатежа={text[:middle]}", text[middle + 1 :]]
    if file.habit == "daily" and middle > 0 and number % 3 == 1:
        pieces = [f"НазначениеПлатежа1={text[:middle]}", f"НазначениеПлатежа2={text[middle + 1 :]}"]
        return ["НазначениеПлатежа=", *pieces]
    return [f"НазначениеПлатежа={text}", f"НазначениеПлатежа1={text}"]


def _quotes(text: str, file: StatementFile) -> str:
    keeps = file.coding in {"utf-8", "utf-8-sig"}
    return text if keeps else text.replace("«", '"').replace("»", '"')


def _day(day: date) -> str:
    return day.strftime("%d.%m.%Y")


def _money(amount: Decimal, file: StatementFile) -> str:
    text = f"{amount:.2f}"
    return text.replace(".", ",") if file.coding == "mixed" else text
