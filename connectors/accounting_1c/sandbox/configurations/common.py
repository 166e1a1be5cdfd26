"""Objects that both configurations have under the same names."""

from collections.abc import Iterator

from connectors.accounting_1c.sandbox.model import Table, catalog, constant, exchange_plan, register
from connectors.accounting_1c.sandbox.settings import Settings

EXCHANGE_PLAN = "ExchangePlan_ОбменСХабом"

_OWNERS = "Catalog_Организации|Catalog_Контрагенты"
CONTACTS = "Тип:e Вид:Catalog_ВидыКонтактнойИнформации Представление ЗначенияПолей Значение АдресЭП НомерТелефона"
EXTRA = "Свойство:ChartOfCharacteristicTypes_ДополнительныеРеквизиты Значение:* ТекстоваяСтрока"


def shared_tables(settings: Settings) -> Iterator[Table]:
    """Organisations, accounts, banks, currencies, rates, and the exchange plan if this base has one."""
    yield catalog(
        "Организации",
        "Префикс НаименованиеПолное НаименованиеСокращенное ИНН КПП ОГРН ГоловнаяОрганизация:Catalog_Организации "
        "ОсновнойБанковскийСчет:Catalog_БанковскиеСчета ЮридическоеФизическоеЛицо:e",
        title="Организация",
        parts={"КонтактнаяИнформация": CONTACTS},
    )
    yield catalog(
        "БанковскиеСчета",
        "НомерСчета Банк:Catalog_Банки ВалютаДенежныхСредств:Catalog_Валюты ВидСчета Закрыт:b",
        code=0,
        owner=_OWNERS,
        title="Банковский счет",
    )
    yield catalog("Банки", "КоррСчет Город Адрес СВИФТБИК", folders=True, title="Банк")
    yield catalog("Валюты", "НаименованиеПолное", code=3, title="Валюта")
    yield catalog(
        "Номенклатура",
        "Артикул НаименованиеПолное Услуга:b",
        code=11,
        folders=True,
        title="Номенклатура",
    )
    yield constant("ВалютаРегламентированногоУчета", "Catalog_Валюты")
    yield register("КурсыВалют", "Валюта:Catalog_Валюты", "Курс:n Кратность:n", periodic=True)
    if settings.exchange_plan:
        yield exchange_plan(EXCHANGE_PLAN.removeprefix("ExchangePlan_"), this_node=settings.this_node_field)
