"""A made-up year of trade in two files: invoices of many clients, and payments that say it more or less well."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

_OURS: Final = ("7701000017", "7701000024")
_FIRST: Final = ("Альфа", "Вектор", "Заря", "Маяк", "Рассвет", "Сокол", "Орион", "Север", "Лидер", "Мастер", "Кедр")
_SECOND: Final = ("Торг", "Строй", "Сервис", "Плюс", "Снаб", "Пром", "Логистик", "Дизайн", "Мебель", "Свет", "Трейд")
_TEXTS: Final = (
    "Оплата по счету № {number} от {day} за товар. В т.ч. НДС 22% - {vat}",
    "ОПЛАТА ПО СЧЕТУ{number}ОТ {day} СУММА {sum} НДС НЕ ОБЛАГАЕТСЯ",
    "Опл. сч.№{number}, по договору {contract} от 12.01.2026, без НДС",
    "По дог. {contract}, счет {number}, за материалы, в том числе НДС (22%) {vat} руб.",
    "За материалы по договору {contract}. Сумма {sum}, в т.ч. НДС 22 % {vat}",
    "Оплата за услуги согласно счёта",
)
_CHANCES: Final = (30, 20, 15, 15, 12, 8)
_PER_CLIENT: Final = 10
_NEW_YEAR: Final = date(2026, 1, 1)


def write_world(folder: Path, payments: int, invoices: int, seed: int = 1) -> tuple[Path, Path]:
    """Write `payments.jsonl` and `invoices.jsonl`; the same numbers give the same bytes."""
    rnd = random.Random(seed)
    paid = set(rnd.sample(range(invoices), min(payments, invoices)))
    lines: list[str] = []
    name = f"{payments}-{invoices}.jsonl"
    invoice_file, payment_file = folder / f"invoices-{name}", folder / f"payments-{name}"
    with invoice_file.open("w", encoding="utf-8") as file:
        for index in range(invoices):
            invoice = _invoice(rnd, index, invoices)
            file.write(json.dumps(invoice, ensure_ascii=False) + "\n")
            if index in paid:
                lines.append(json.dumps(_payment(rnd, len(lines), invoice), ensure_ascii=False))
    rnd.shuffle(lines)
    payment_file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return payment_file, invoice_file


def write_mixed(folder: Path, seed: int, size: int) -> tuple[Path, Path]:
    """A small world with lines that cannot be read, repeated ids and payments of one invoice on one date."""
    rnd = random.Random(seed)
    payments, invoices = write_world(folder, size // 3, size, seed)
    for path in (payments, invoices):
        lines = path.read_text(encoding="utf-8").splitlines()
        path.write_text("".join(f"{line}\n" for line in _spoilt(rnd, lines)), encoding="utf-8")
    return payments, invoices


def _spoilt(rnd: random.Random, lines: list[str]) -> Iterator[str]:
    for line in lines:
        turn = rnd.random()
        if turn < 0.02:
            yield rnd.choice(("{", "[]", '{"id": NaN}', "", "   ", '{"id": "x"}'))
        if turn > 0.98:
            yield line.replace('"amount": "', '"amount": "x')
        elif turn > 0.95:
            yield line
            yield line
        elif turn > 0.88:
            yield line
            yield line.replace('"id": "', '"id": "again-')
        else:
            yield line


def _client(index: int) -> dict[str, str | None]:
    own = random.Random(index)
    name = f'ООО "{own.choice(_FIRST)} {own.choice(_SECOND)} {index % 997}"'
    known = own.random()
    return {
        "id": f"c{index}",
        "name": name,
        "tax_id": f"77{10_000_000 + index * 7:08d}" if known < 0.9 else None,
        "kpp": f"{770_101_000 + index % 900:09d}" if known < 0.5 else None,
        "account": f"40702810{index:012d}" if known < 0.7 else None,
    }


def _invoice(rnd: random.Random, index: int, invoices: int) -> dict[str, object]:
    client = rnd.randrange(max(1, invoices // _PER_CLIENT))
    ours = index % len(_OURS)
    amount = f"{rnd.randint(10, 3000) * 100 if rnd.random() < 0.5 else rnd.randint(100_000, 30_000_000) / 100:.2f}"
    status = rnd.choices(("open", "paid", "cancelled"), (80, 15, 5))[0]
    number = f"ТД00-{index // 2 + 1:06d}" if ours else f"{index // 2 + 1}"
    issued = _NEW_YEAR + timedelta(days=rnd.randint(0, 200))
    return {
        "id": f"{rnd.getrandbits(40):010x}-{index}",
        "number": number,
        "issued_on": issued.isoformat(),
        "due_on": None,
        "amount": amount,
        "paid": amount if status == "paid" else "0.00",
        "currency": "RUB",
        "status": status,
        "client": _client(client),
        "organisation_tax_id": _OURS[ours],
        "deal": f"d{index}",
        "references": [{"kind": "contract", "number": f"{client}/26", "date": "2026-01-12"}],
    }


def _payment(rnd: random.Random, index: int, invoice: dict[str, object]) -> dict[str, object]:
    client = invoice["client"]
    assert isinstance(client, dict)
    written = str(invoice["number"])
    number = rnd.choice((written, written.replace("00-", "-"), written.lstrip("ТД0-"))) if rnd.random() < 0.9 else "17"
    amount = str(invoice["amount"])
    if rnd.random() < 0.1:
        amount = f"{float(amount) * 0.3:.2f}"
    issued = date.fromisoformat(str(invoice["issued_on"]))
    contract = f"{str(client['id'])[1:]}/26"
    text = rnd.choices(_TEXTS, _CHANCES)[0]
    vat = f"{float(amount) * 22 / 122:.2f}".replace(".", "-")
    day, money = issued.strftime("%d.%m.%Y"), amount.replace(".", "-")
    payer = {name: client[name] for name in ("name", "tax_id", "kpp", "account")}
    if rnd.random() < 0.07:
        payer = {"name": "ООО Тюльпан", "tax_id": "7799999999", "kpp": None, "account": None}
    return {
        "id": f"p{index}",
        "direction": "in",
        "amount": amount,
        "currency": "RUB",
        "booked_on": (issued + timedelta(days=rnd.randint(0, 30))).isoformat(),
        "purpose": text.format(number=number, day=day, vat=vat, contract=contract, sum=money),
        "payer": payer,
        "payee": {"tax_id": invoice["organisation_tax_id"]},
    }
