"""A plan as objects of БП 3.0."""

from collections.abc import Iterator

from connectors.accounting_1c.sandbox.configurations.bp30 import INVOICE, PAYMENT, STATUSES
from connectors.accounting_1c.sandbox.generator.plan import Claim, Client, Line, Money, Plan
from connectors.accounting_1c.sandbox.generator.shared import GOODS, RUB, USD, Named, client_values, made, number
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row

LEFT_OUT: frozenset[str] = frozenset()

_FOLDER = "48f480a0-0004-4000-9000-000000000001"
_SETTLED = "48f480a0-0005-4000-9000-000000006201"
_ADVANCE = "48f480a0-0005-4000-9000-000000006202"
_LOST = "48f480a0-0006-4000-9000-00000000dead"
_UNKNOWN = "StandardODATA.Catalog_ВидыНоменклатуры"


def rows(plan: Plan, *, composite_goods: bool) -> Iterator[Named]:
    """Objects and records, after those that both configurations have."""
    yield "ChartOfAccounts_Хозрасчетный", made(_SETTLED, Code="62.01", Description="Расчеты с покупателями")
    yield "ChartOfAccounts_Хозрасчетный", made(_ADVANCE, Code="62.02", Description="Авансы полученные")
    yield "Catalog_Контрагенты", made(_FOLDER, Code="00-999999", Description="Покупатели", IsFolder=True)
    for place, client in enumerate(plan.clients):
        yield "Catalog_Контрагенты", _client(client, place)
        yield "Catalog_ДоговорыКонтрагентов", _contract(plan, client, place)
    for claim in plan.claims:
        yield INVOICE, _invoice(plan, claim, composite_goods=composite_goods)
        if claim.status not in ("", "-"):
            yield STATUSES, _status(plan, claim)
    for money in plan.money:
        yield PAYMENT, _payment(plan, money)


def _client(client: Client, place: int) -> Row:
    return made(
        client.key,
        Code=f"00-{place + 1:06d}",
        Parent_Key=_FOLDER if client.in_folder else ZERO_GUID,
        ЮридическоеФизическоеЛицо="ФизическоеЛицо" if client.natural else "ЮридическоеЛицо",
        ИННВведенКорректно=bool(client.inn.strip()),
        КППВведенКорректно=bool(client.kpp),
        ОсновнойБанковскийСчет_Key=client.account,
        **client_values(client),
    )


def _contract(plan: Plan, client: Client, place: int) -> Row:
    return made(
        client.contract,
        Code=f"00-{place + 1:06d}",
        Description="Основной договор",
        Owner_Key=client.key,
        Организация_Key=plan.sellers[0],
        ВидДоговора="СПокупателем",
        Номер=str(place + 1),
        ВалютаВзаиморасчетов_Key=RUB,
    )


def _invoice(plan: Plan, claim: Claim, *, composite_goods: bool) -> Row:
    row = made(
        claim.key,
        Number=claim.number,
        Date=claim.at,
        Posted=claim.posted,
        DeletionMark=claim.marked,
        Организация_Key=plan.sellers[claim.seller],
        Контрагент_Key=_LOST if claim.lost_client else claim.client.key,
        ДоговорКонтрагента_Key=claim.client.contract if claim.contract else ZERO_GUID,
        БанковскийСчет_Key=plan.accounts[claim.seller],
        ВалютаДокумента_Key=USD if claim.foreign else RUB,
        СуммаДокумента=claim.total,
        СуммаВключаетНДС=True,
        Комментарий=claim.comment,
    )
    row.parts["Товары"] = [
        _line(claim.key, place, line, composite_goods=composite_goods) for place, line in enumerate(claim.lines, 1)
    ]
    return row


def _line(key: str, place: int, line: Line, *, composite_goods: bool) -> Row:
    row = Row(
        {
            "Ref_Key": key,
            "LineNumber": place,
            "Содержание": line.title,
            "Количество": number(line.quantity),
            "Цена": line.price,
            "Сумма": line.total,
            "СтавкаНДС": "НДС22" if line.vat else "БезНДС",
            "СуммаНДС": line.vat,
        }
    )
    if not composite_goods:
        row.values["Номенклатура_Key"] = GOODS
    else:
        row.values["Номенклатура"] = GOODS
        row.values["Номенклатура_Type"] = _UNKNOWN if line.unknown else "StandardODATA.Catalog_Номенклатура"
    return row


def _status(plan: Plan, claim: Claim) -> Row:
    return Row(
        {
            "Организация_Key": plan.sellers[claim.seller],
            "Документ": claim.key,
            "Документ_Type": f"StandardODATA.{INVOICE}",
            "Статус": claim.status,
            "Статус_Type": "UnavailableEnums.СтатусОплатыСчета",
        }
    )


def _payment(plan: Plan, money: Money) -> Row:
    row = made(
        money.key,
        Number=money.number,
        Date=money.at,
        Posted=money.posted,
        DeletionMark=money.marked,
        ВидОперации="ОплатаПокупателя",
        Организация_Key=plan.sellers[money.seller],
        СчетОрганизации_Key=plan.accounts[money.seller],
        Контрагент=money.client.key,
        Контрагент_Type="StandardODATA.Catalog_Контрагенты",
        СчетКонтрагента_Key=money.client.account,
        ДоговорКонтрагента_Key=money.client.contract,
        НомерВходящегоДокумента=money.incoming,
        ДатаВходящегоДокумента=money.at,
        СуммаДокумента=money.total,
        ВалютаДокумента_Key=RUB,
        НазначениеПлатежа=money.purpose,
        СчетУчетаРасчетовСКонтрагентом_Key=_SETTLED,
    )
    row.parts["РасшифровкаПлатежа"] = [
        Row(
            {
                "Ref_Key": money.key,
                "LineNumber": place,
                "ДоговорКонтрагента_Key": money.client.contract,
                "СпособПогашенияЗадолженности": "Автоматически",
                "СуммаПлатежа": amount,
                "СуммаВзаиморасчетов": amount,
                "КурсВзаиморасчетов": number(1),
                "КратностьВзаиморасчетов": number(1),
                "СтавкаНДС": "НДС22",
                "СчетНаОплату_Key": claim.key if claim else ZERO_GUID,
                "СчетУчетаРасчетовСКонтрагентом_Key": _SETTLED,
                "СчетУчетаРасчетовПоАвансам_Key": _ADVANCE,
            }
        )
        for place, (claim, amount) in enumerate(money.parts, 1)
    ]
    return row
