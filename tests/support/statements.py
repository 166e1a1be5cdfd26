"""Statement files for tests, written from a few facts."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

OUR_ACCOUNT = "40702810000000000001"
OUR_TAX_ID = "7700000023"
CLIENT_TAX_ID = "7700000016"
CLIENT_ACCOUNT = "40702810000000000777"


@dataclass(frozen=True)
class Received:
    """Money that a client sent us; `day` is dd.mm.yyyy."""

    number: str
    amount: str
    purpose: str
    day: str = "15.03.2026"
    tax_id: str = CLIENT_TAX_ID
    name: str = 'ООО "Фиалка"'
    account: str = CLIENT_ACCOUNT


def statement(lines: Iterable[Received], day: str = "15.03.2026") -> bytes:
    """A 1CClientBankExchange file in windows-1251."""
    documents = "".join(_document(line) for line in lines)
    text = (
        "1CClientBankExchange\nВерсияФормата=1.03\nКодировка=Windows\nПолучатель=1С:Предприятие\n"
        f"ДатаНачала={day}\nДатаКонца={day}\nРасчСчет={OUR_ACCOUNT}\n{documents}КонецФайла\n"
    )
    return text.replace("\n", "\r\n").encode("cp1251")


def _document(line: Received) -> str:
    return (
        f"СекцияДокумент=Платежное поручение\nНомер={line.number}\nДата={line.day}\nСумма={line.amount}\n"
        f"ПлательщикСчет={line.account}\nПлательщик=ИНН {line.tax_id} {line.name}\nПлательщикИНН={line.tax_id}\n"
        f'ПолучательСчет={OUR_ACCOUNT}\nДатаПоступило={line.day}\nПолучатель=ООО "Наша фирма"\n'
        f"ПолучательИНН={OUR_TAX_ID}\nВидОплаты=01\nНазначениеПлатежа={line.purpose}\nКонецДокумента\n"
    )
