"""Rows of a made-up base that both configurations have alike."""

from collections.abc import Iterator
from decimal import Decimal

from connectors.accounting_1c.sandbox.generator.names import tax_id
from connectors.accounting_1c.sandbox.generator.plan import Client, Plan, prefix
from connectors.accounting_1c.sandbox.values import Row, Scalar, version_text

Named = tuple[str, Row]

RUB = "48f480a0-0001-4000-9000-000000000643"
USD = "48f480a0-0001-4000-9000-000000000840"
GOODS = "48f480a0-0002-4000-9000-000000000001"
_BANK = "48f480a0-0003-4000-9000-000000000001"


def made(key: str, **values: Scalar) -> Row:
    """An object with its first version."""
    return Row({"Ref_Key": key, "DataVersion": version_text(1), **values})


def number(value: Decimal | int) -> Decimal:
    """A number as the base keeps it."""
    return value if isinstance(value, Decimal) else Decimal(value)


def shared_rows(plan: Plan) -> Iterator[Named]:
    """Currencies, a bank, goods, organisations and all accounts."""
    yield "Catalog_Валюты", made(RUB, Code="643", Description="руб.")
    yield "Catalog_Валюты", made(USD, Code="840", Description="USD")
    yield "Catalog_Банки", made(_BANK, Code="044525104", Description="ООО «БАНК ОБРАЗЦОВЫЙ»")
    yield "Catalog_Номенклатура", made(GOODS, Code="00-00000001", Description="Товар")
    for place, key in enumerate(plan.sellers):
        yield "Catalog_Организации", _seller(key, place, tax_id(place + 1), plan.accounts[place])
        yield "Catalog_БанковскиеСчета", _account(plan.accounts[place], place, key, "Catalog_Организации")
    for place, client in enumerate(plan.clients):
        yield "Catalog_БанковскиеСчета", _account(client.account, 1000 + place, client.key, "Catalog_Контрагенты")


def client_values(client: Client) -> dict[str, Scalar]:
    """What a counterparty is called and registered under in both configurations."""
    return {
        "Description": client.name,
        "НаименованиеПолное": client.full_name,
        "ИНН": client.inn,
        "КПП": client.kpp,
        "НалоговыйНомер": client.foreign_number,
        "ГоловнойКонтрагент_Key": client.head,
        "ОбособленноеПодразделение": client.head != client.key,
        "DeletionMark": client.marked,
    }


def _seller(key: str, place: int, inn: str, account: str) -> Row:
    return made(
        key,
        Code=f"00-{place + 1:06d}",
        Description=f"Образец {place + 1} ООО",
        Префикс=prefix(place),
        НаименованиеПолное=f"ООО «Образец {place + 1}»",
        ИНН=inn,
        КПП="770001001",
        ОсновнойБанковскийСчет_Key=account,
        ГоловнаяОрганизация_Key=key,
    )


def _account(key: str, place: int, owner: str, kind: str) -> Row:
    return made(
        key,
        Description="Основной",
        НомерСчета=f"407028107000{place:08d}",
        Банк_Key=_BANK,
        ВалютаДенежныхСредств_Key=RUB,
        Owner=owner,
        Owner_Type=f"StandardODATA.{kind}",
    )
