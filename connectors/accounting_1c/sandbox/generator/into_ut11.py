"""A plan as objects of УТ 11: orders that serve as invoices, settled by their objects."""

from collections.abc import Iterator

from connectors.accounting_1c.sandbox.configurations.ut11 import ORDER, PAYMENT
from connectors.accounting_1c.sandbox.generator.plan import Claim, Client, Money, Plan, prefix
from connectors.accounting_1c.sandbox.generator.shared import GOODS, RUB, USD, Named, client_values, made, number
from connectors.accounting_1c.sandbox.values import UNDEFINED, ZERO_GUID, Row, Scalar

#: Nothing here has groups, a register of statuses or rows of a composite kind.
LEFT_OUT: frozenset[str] = frozenset({"in_folder", "status_lies", "status_missing"})

_VAT = "48f480a0-0007-4000-9000-000000000022"
_NO_VAT = "48f480a0-0007-4000-9000-000000000000"
_LOST = "48f480a0-0006-4000-9000-00000000dead"
_AUTHOR = "48f480a0-0008-4000-9000-000000000001"


def rows(plan: Plan) -> Iterator[Named]:
    """Objects, after those that both configurations have."""
    yield "Catalog_СтавкиНДС", made(_VAT, Description="22%", Ставка=number(22), ПеречислениеСтавкаНДС="НДС22")
    yield "Catalog_СтавкиНДС", made(_NO_VAT, Description="Без НДС", ПеречислениеСтавкаНДС="БезНДС")
    for place, client in enumerate(plan.clients):
        yield from _client(plan, client, place)
    for claim in plan.claims:
        yield "Catalog_ОбъектыРасчетов", _subject(plan, claim)
        yield ORDER, _order(plan, claim)
    for money in plan.money:
        yield PAYMENT, _payment(plan, money)


def _client(plan: Plan, client: Client, place: int) -> Iterator[Named]:
    partner = _partner(client)
    yield "Catalog_Партнеры", made(partner, Code=f"00-{place + 1:08d}", Description=client.name, Клиент=True)
    kind = "ФизЛицо" if client.natural else "ЮрЛицо"
    yield "Catalog_Контрагенты", made(client.key, Партнер_Key=partner, ЮрФизЛицо=kind, **client_values(client))
    yield (
        "Catalog_ДоговорыКонтрагентов",
        made(
            client.contract,
            Code=f"00-{place + 1:06d}",
            Description="Основной договор",
            Организация_Key=plan.sellers[0],
            Партнер_Key=partner,
            Контрагент_Key=client.key,
            Номер=str(place + 1),
            ВалютаВзаиморасчетов_Key=RUB,
        ),
    )


def _partner(client: Client) -> str:
    return f"{client.key[:8]}-aaaa{client.key[13:]}"


def _settled(claim: Claim) -> str:
    return f"{claim.key[:8]}-bbbb{claim.key[13:]}"


def _subject(plan: Plan, claim: Claim) -> Row:
    return made(
        _settled(claim),
        Description=f"Заказ клиента {claim.number}",
        Объект=claim.key,
        Объект_Type=f"StandardODATA.{ORDER}",
        Организация_Key=plan.sellers[claim.seller],
        Партнер_Key=_partner(claim.client),
        Контрагент_Key=claim.client.key,
    )


def _order(plan: Plan, claim: Claim) -> Row:
    unknown = claim.lines[0].unknown
    row = made(
        claim.key,
        Number=claim.number,
        Date=claim.at,
        Posted=claim.posted,
        DeletionMark=claim.marked,
        Партнер_Key=_partner(claim.client),
        Контрагент_Key=_LOST if claim.lost_client else claim.client.key,
        Организация_Key=plan.sellers[claim.seller],
        Договор_Key=claim.client.contract if claim.contract else ZERO_GUID,
        Валюта_Key=USD if claim.foreign else RUB,
        СуммаДокумента=claim.total,
        Статус="КОбеспечению",
        ИдентификаторПлатежа=identifier(claim),
        ОбъектРасчетов_Key=_settled(claim),
        БанковскийСчет_Key=plan.accounts[claim.seller],
        Автор=_AUTHOR if unknown else "",
        Автор_Type="StandardODATA.Catalog_Пользователи" if unknown else UNDEFINED,
        Комментарий=claim.comment,
    )
    row.parts["Товары"] = [
        Row(
            {
                "Ref_Key": claim.key,
                "LineNumber": place,
                "Номенклатура_Key": GOODS,
                "КоличествоУпаковок": number(line.quantity),
                "Количество": number(line.quantity),
                "Цена": line.price,
                "Сумма": line.total,
                "СтавкаНДС_Key": _VAT if line.vat else _NO_VAT,
                "СуммаНДС": line.vat,
                "СуммаСНДС": line.total,
                "КодСтроки": number(place),
            }
        )
        for place, line in enumerate(claim.lines, 1)
    ]
    stage: dict[str, Scalar] = {"Ref_Key": claim.key, "LineNumber": 1, "ВариантОплаты": "ПредоплатаДоОтгрузки"}
    row.parts["ЭтапыГрафикаОплаты"] = [Row({**stage, "ПроцентПлатежа": number(100), "СуммаПлатежа": claim.total})]
    return row


def identifier(claim: Claim) -> str:
    """ИдентификаторПлатежа: kind, year and month, prefix, digits of the number, one more digit."""
    digits = "".join(sign for sign in claim.number if sign.isdigit())[-6:]
    check = sum(map(int, digits)) % 10
    return f"ЗК{claim.at[2:4]}{claim.at[5:7]}{prefix(claim.seller)}{digits:0>6}{check}"


def _payment(plan: Plan, money: Money) -> Row:
    row = made(
        money.key,
        Number=money.number,
        Date=money.at,
        Posted=money.posted,
        DeletionMark=money.marked,
        Контрагент_Key=money.client.key,
        Организация_Key=plan.sellers[money.seller],
        Валюта_Key=RUB,
        СуммаДокумента=money.total,
        БанковскийСчет_Key=plan.accounts[money.seller],
        БанковскийСчетКонтрагента_Key=money.client.account,
        ХозяйственнаяОперация="ПоступлениеОплатыОтКлиента",
        НазначениеПлатежа=money.purpose,
        ПроведеноБанком=money.posted,
        ДатаПроведенияБанком=money.at,
        ТипПлатежногоДокумента="ПлатежноеПоручение",
        НомерВходящегоДокумента=money.incoming,
        ДатаВходящегоДокумента=money.at,
    )
    row.parts["РасшифровкаПлатежа"] = [
        Row(
            {
                "Ref_Key": money.key,
                "LineNumber": place,
                "Партнер_Key": _partner(money.client),
                "ОснованиеПлатежа": claim.key if claim else money.client.contract,
                "ОснованиеПлатежа_Type": f"StandardODATA.{ORDER if claim else 'Catalog_ДоговорыКонтрагентов'}",
                "ОбъектРасчетов_Key": _settled(claim) if claim else ZERO_GUID,
                "Сумма": amount,
                "СуммаВзаиморасчетов": amount,
                "ВалютаВзаиморасчетов_Key": RUB,
            }
        )
        for place, (claim, amount) in enumerate(money.parts, 1)
    ]
    return row
