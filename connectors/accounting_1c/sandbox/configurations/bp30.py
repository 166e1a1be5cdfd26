"""Бухгалтерия предприятия 3.0: the objects that a hub of payments meets."""

from collections.abc import Iterator

from connectors.accounting_1c.sandbox.configurations.common import CONTACTS, EXTRA, shared_tables
from connectors.accounting_1c.sandbox.model import (
    Configuration,
    Table,
    accounts,
    accumulation,
    catalog,
    configuration,
    document,
    register,
)
from connectors.accounting_1c.sandbox.settings import Settings

INVOICE = "Document_СчетНаОплатуПокупателю"
PAYMENT = "Document_ПоступлениеНаРасчетныйСчет"
STATUSES = "InformationRegister_СтатусыДокументов"
PAID_INVOICES = "AccumulationRegister_ОплатаСчетов"

_PARTIES = (
    "Организация:Catalog_Организации Контрагент:Catalog_Контрагенты ДоговорКонтрагента:Catalog_ДоговорыКонтрагентов"
)
_ANYBODY = "Catalog_Контрагенты|Catalog_Организации|Catalog_ФизическиеЛица|Catalog_БанковскиеСчета"
_DEAL = f"{INVOICE}|Document_РеализацияТоваровУслуг|Catalog_ДоговорыКонтрагентов"
_ROW = "Содержание Количество:n Цена:n Сумма:n ПроцентСкидки:n СуммаСкидки:n СтавкаНДС:e СуммаНДС:n"
_ACCOUNT = "ChartOfAccounts_Хозрасчетный"
_SETTLEMENT = f"СчетУчетаРасчетовСКонтрагентом:{_ACCOUNT} СчетУчетаРасчетовПоАвансам:{_ACCOUNT}"
_BREAKDOWN = (
    "ДоговорКонтрагента:Catalog_ДоговорыКонтрагентов СпособПогашенияЗадолженности:e "
    f"Сделка:{_DEAL} СуммаПлатежа:n КурсВзаиморасчетов:n КратностьВзаиморасчетов:n СуммаВзаиморасчетов:n "
    f"СтавкаНДС:e СуммаНДС:n СчетНаОплату:{INVOICE} "
    f"СтатьяДвиженияДенежныхСредств:Catalog_СтатьиДвиженияДенежныхСредств {_SETTLEMENT}"
)
_DOCUMENT_KEY = f"Организация:Catalog_Организации Документ:{INVOICE}|Document_РеализацияТоваровУслуг"


def build(settings: Settings) -> Configuration:
    """The configuration; `settings` says how its releases differ."""
    goods = "Номенклатура:Catalog_Номенклатура" + "|" * (settings.nomenclature == "composite")
    return configuration(
        "bp30",
        "Бухгалтерия предприятия, редакция 3.0",
        [*shared_tables(settings), *_catalogs(), *_documents(goods), *_registers()],
    )


def _catalogs() -> Iterator[Table]:
    yield catalog(
        "Контрагенты",
        "НаименованиеПолное ЮридическоеФизическоеЛицо:e ИНН КПП КодПоОКПО ГоловнойКонтрагент:Catalog_Контрагенты "
        "ОсновнойБанковскийСчет:Catalog_БанковскиеСчета ОсновноеКонтактноеЛицо:Catalog_КонтактныеЛица "
        "ОбособленноеПодразделение:b ИННВведенКорректно:b КППВведенКорректно:b РегистрационныйНомер НалоговыйНомер "
        "ГосударственныйОрган:b ИндивидуальныйПредприниматель:Catalog_ФизическиеЛица Комментарий",
        folders=True,
        title="Контрагент",
        parts={
            "КонтактнаяИнформация": CONTACTS,
            "ДополнительныеРеквизиты": EXTRA,
            "ИсторияКПП": "Период:d КПП",
            "ИсторияНаименований": "Период:d НаименованиеПолное",
        },
    )
    yield catalog(
        "ДоговорыКонтрагентов",
        "Организация:Catalog_Организации ВидДоговора:e Номер Дата:d ВалютаВзаиморасчетов:Catalog_Валюты "
        "СрокДействия:d Комментарий",
        folders=True,
        owner="Catalog_Контрагенты",
        title="Договор",
    )
    yield accounts("Хозрасчетный")


def _documents(goods: str) -> Iterator[Table]:
    yield document(
        INVOICE.removeprefix("Document_"),
        f"ВидОперации:e {_PARTIES} БанковскийСчет:Catalog_БанковскиеСчета ВалютаДокумента:Catalog_Валюты "
        "СуммаДокумента:n СуммаВключаетНДС:b Комментарий",
        title="Счет на оплату покупателю",
        parts={"Товары": f"{goods} {_ROW}"},
    )
    yield document(
        PAYMENT.removeprefix("Document_"),
        "ВидОперации:e Организация:Catalog_Организации СчетОрганизации:Catalog_БанковскиеСчета "
        f"Контрагент:{_ANYBODY} СчетКонтрагента:Catalog_БанковскиеСчета "
        "ДоговорКонтрагента:Catalog_ДоговорыКонтрагентов НомерВходящегоДокумента ДатаВходящегоДокумента:d "
        "СуммаДокумента:n ВалютаДокумента:Catalog_Валюты НазначениеПлатежа Комментарий "
        "СчетУчетаРасчетовСКонтрагентом:ChartOfAccounts_Хозрасчетный "
        f"ДокументОснование:{INVOICE}|Document_ПоступлениеТоваровУслуг СуммаВозврата:n",
        title="Поступление на расчетный счет",
        parts={"РасшифровкаПлатежа": _BREAKDOWN},
    )
    yield document(
        "ПриходныйКассовыйОрдер",
        f"ВидОперации:e {_PARTIES} СуммаДокумента:n ВалютаДокумента:Catalog_Валюты ПринятоОт Основание Комментарий",
        title="Приходный кассовый ордер",
        parts={"РасшифровкаПлатежа": _BREAKDOWN},
    )
    yield document(
        "РеализацияТоваровУслуг",
        f"ВидОперации:e {_PARTIES} Склад:Catalog_Склады СуммаДокумента:n СчетНаОплатуПокупателю:{INVOICE} Комментарий",
        title="Реализация (акт, накладная, УПД)",
        parts={"Товары": f"{goods} {_ROW}", "Услуги": f"{goods} {_ROW}"},
    )


def _registers() -> Iterator[Table]:
    yield register(STATUSES.partition("_")[2], _DOCUMENT_KEY, "Статус:* ДополнительныйСтатус:e")
    yield register("СрокиОплатыДокументов", _DOCUMENT_KEY, "СрокОплаты:d")
    yield accumulation(
        PAID_INVOICES.partition("_")[2],
        f"Организация:Catalog_Организации СчетНаОплату:{INVOICE}",
        "Сумма:n",
        balance=False,
    )
