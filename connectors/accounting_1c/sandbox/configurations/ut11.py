"""Управление торговлей 11: orders and invoices to customers, bank money, settlements by object."""

from collections.abc import Iterator

from connectors.accounting_1c.sandbox.configurations.common import CONTACTS, EXTRA, shared_tables
from connectors.accounting_1c.sandbox.model import (
    Configuration,
    Table,
    accumulation,
    catalog,
    configuration,
    document,
)
from connectors.accounting_1c.sandbox.settings import Settings

ORDER = "Document_ЗаказКлиента"
INVOICE = "Document_СчетНаОплатуКлиенту"
PAYMENT = "Document_ПоступлениеБезналичныхДенежныхСредств"
SETTLEMENTS = "AccumulationRegister_РасчетыСКлиентами"
SCHEDULE = "AccumulationRegister_РасчетыСКлиентамиПланОплат"

_PARTIES = (
    "Партнер:Catalog_Партнеры Контрагент:Catalog_Контрагенты Организация:Catalog_Организации "
    "Договор:Catalog_ДоговорыКонтрагентов Валюта:Catalog_Валюты"
)
_STAGES = "ВариантОплаты:e ДатаПлатежа:d ПроцентПлатежа:n СуммаПлатежа:n"
_GOODS = (
    "Номенклатура:Catalog_Номенклатура КоличествоУпаковок:n Количество:n Цена:n Сумма:n СтавкаНДС:Catalog_СтавкиНДС "
    "СуммаНДС:n СуммаСНДС:n КодСтроки:n Отменено:b"
)
_SETTLED = (
    "АналитикаУчетаПоПартнерам:Catalog_КлючиАналитикиУчетаПоПартнерам "
    "ОбъектРасчетов:Catalog_ОбъектыРасчетов Валюта:Catalog_Валюты"
)
_BASIS = f"{INVOICE}|{ORDER}|Catalog_ДоговорыКонтрагентов"


def build(settings: Settings) -> Configuration:
    """The configuration."""
    return configuration(
        "ut11",
        "Управление торговлей, редакция 11",
        [*shared_tables(settings), *_catalogs(), *_documents(), *_registers()],
    )


def _catalogs() -> Iterator[Table]:
    yield catalog(
        "Партнеры",
        "НаименованиеПолное ЮрФизЛицо:e Клиент:b Поставщик:b ОсновнойМенеджер:Catalog_Пользователи",
        code=11,
        title="Партнер",
    )
    # Neither Code nor IsFolder here.
    yield catalog(
        "Контрагенты",
        "НаименованиеПолное Партнер:Catalog_Партнеры ЮрФизЛицо:e ИНН КПП КодПоОКПО "
        "ГоловнойКонтрагент:Catalog_Контрагенты ОбособленноеПодразделение:b НалоговыйНомер РегистрационныйНомер",
        code=0,
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
        "Организация:Catalog_Организации Партнер:Catalog_Партнеры Контрагент:Catalog_Контрагенты ТипДоговора:e "
        "Номер Дата:d ВалютаВзаиморасчетов:Catalog_Валюты Статус:e",
        title="Договор",
    )
    yield catalog("СтавкиНДС", "Ставка:n ПеречислениеСтавкаНДС:e", code=0, title="Ставка НДС")
    yield catalog(
        "ОбъектыРасчетов",
        f"Объект:{_BASIS} Организация:Catalog_Организации Партнер:Catalog_Партнеры Контрагент:Catalog_Контрагенты",
        code=0,
        title="Объект расчетов",
    )
    yield catalog(
        "КлючиАналитикиУчетаПоПартнерам",
        "Партнер:Catalog_Партнеры Организация:Catalog_Организации Контрагент:Catalog_Контрагенты "
        "Договор:Catalog_ДоговорыКонтрагентов",
        code=0,
        title="Ключ аналитики учета по партнерам",
    )


def _documents() -> Iterator[Table]:
    yield document(
        ORDER.removeprefix("Document_"),
        f"{_PARTIES} Соглашение:Catalog_СоглашенияСКлиентами СуммаДокумента:n Статус:e "
        f"ДокументОснование:{INVOICE}|Document_КоммерческоеПредложениеКлиенту НазначениеПлатежа ИдентификаторПлатежа "
        "ОбъектРасчетов:Catalog_ОбъектыРасчетов ЭтоЗаказКакСчет:b НомерПоДаннымКлиента ДатаПоДаннымКлиента:d "
        "БанковскийСчет:Catalog_БанковскиеСчета Менеджер:Catalog_Пользователи Автор:Catalog_Пользователи| Комментарий",
        title="Заказ клиента",
        parts={"ЭтапыГрафикаОплаты": _STAGES, "Товары": _GOODS},
    )
    yield document(
        INVOICE.removeprefix("Document_"),
        f"{_PARTIES} СуммаДокумента:n ДокументОснование:{ORDER}|Catalog_ДоговорыКонтрагентов Аннулирован:b "
        "НазначениеПлатежа ИдентификаторПлатежа БанковскийСчет:Catalog_БанковскиеСчета "
        "ОбъектРасчетов:Catalog_ОбъектыРасчетов Комментарий",
        title="Счет на оплату клиенту",
        parts={"ЭтапыГрафикаОплаты": _STAGES},
    )
    yield document(
        PAYMENT.removeprefix("Document_"),
        "Контрагент:Catalog_Контрагенты Организация:Catalog_Организации Валюта:Catalog_Валюты СуммаДокумента:n "
        "БанковскийСчет:Catalog_БанковскиеСчета БанковскийСчетКонтрагента:Catalog_БанковскиеСчета "
        "ХозяйственнаяОперация:e НазначениеПлатежа Комментарий ПроведеноБанком:b ДатаПроведенияБанком:d "
        "ТипПлатежногоДокумента:e НомерВходящегоДокумента ДатаВходящегоДокумента:d",
        title="Поступление безналичных ДС",
        parts={
            "РасшифровкаПлатежа": f"Партнер:Catalog_Партнеры ОснованиеПлатежа:{_BASIS} Заказ:{ORDER}| "
            "ОбъектРасчетов:Catalog_ОбъектыРасчетов Сумма:n СуммаВзаиморасчетов:n "
            "ВалютаВзаиморасчетов:Catalog_Валюты Комментарий"
        },
    )
    yield document(
        "ПриходныйКассовыйОрдер",
        "Контрагент:Catalog_Контрагенты Организация:Catalog_Организации Валюта:Catalog_Валюты СуммаДокумента:n "
        "ХозяйственнаяОперация:e ПринятоОт Основание Комментарий",
        title="Приходный кассовый ордер",
        parts={
            "РасшифровкаПлатежа": f"Партнер:Catalog_Партнеры ОснованиеПлатежа:{_BASIS} "
            "ОбъектРасчетов:Catalog_ОбъектыРасчетов Сумма:n СуммаВзаиморасчетов:n"
        },
    )
    yield document(
        "РеализацияТоваровУслуг",
        f"{_PARTIES} СуммаДокумента:n ЗаказКлиента:{ORDER}| ОбъектРасчетов:Catalog_ОбъектыРасчетов Комментарий",
        title="Реализация товаров и услуг",
        parts={"Товары": _GOODS},
    )


def _registers() -> Iterator[Table]:
    yield accumulation(SETTLEMENTS.partition("_")[2], _SETTLED, "Сумма:n КОплате:n")
    yield accumulation(SCHEDULE.partition("_")[2], _SETTLED, "КОплате:n")
