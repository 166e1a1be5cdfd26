"""Word lists of payment purposes: document nouns in all their cases, units, legal forms, stop words."""

from __future__ import annotations

from typing import Final

from hub.domain.matching.tokens import normal_word
from hub.domain.models import ReferenceKind

_NOUN: Final = ("", "а", "у", "ом", "е", "ы", "ов", "ам", "ами", "ах")
_FEM: Final = ("а", "ы", "е", "у", "ой", "", "ам", "ами", "ах")
_NEUTER: Final = ("ие", "ия", "ию", "ием", "ии", "ий", "иям", "иями", "иях")
_ADJ: Final = ("ый", "ий", "ой", "ого", "его", "ому", "ему", "ым", "им", "ом", "ем", "ая", "яя", "ую", "юю", "ое", "ее")
_ADJ_PLURAL: Final = ("ые", "ие", "ых", "их", "ыми", "ими")


def forms(stem: str, endings: tuple[str, ...]) -> frozenset[str]:
    """Every spelling of a word that is declined regularly."""
    return frozenset(stem + ending for ending in endings)


def word_set(text: str) -> frozenset[str]:
    """The words of a line in the spelling for look-up."""
    return frozenset(normal_word(word) for word in text.split())


def adjective(*stems: str) -> frozenset[str]:
    """Every spelling of adjectives, singular and plural."""
    return frozenset(stem + ending for stem in stems for ending in (*_ADJ, *_ADJ_PLURAL))


def german(noun: str, *stems: str) -> frozenset[str]:
    """A German noun, its plural, and what it is joined to: «Rechnungsnummer», «Rechnungs-Nr.»."""
    joined = {stem + tail for stem in stems for tail in ("", "nummer", "nummern", "nr")}
    return word_set(" ".join({noun, f"{noun}en", *joined}))


_ISH: Final = ("", "а", "у", "ом", "е")
_ISH_PLURAL: Final = ("ов", "ам", "ами", "ах", "ы")
INVOICE_SINGLE: Final = (
    forms("счет", _ISH) | forms("счт", _ISH) | word_set("сч щет щету щета посчету посч счте сечт счат счкт счнт счит")
)
INVOICE_PLURAL: Final = (
    forms("счет", _ISH_PLURAL)
    | forms("счт", ("ам", "ов", "ами"))
    | forms("инвойс", ("ы", "ов", "ам", "ами", "ах"))
    | forms("рахунк", ("ам", "аў", "ів", "і", "амі"))
    | word_set(
        "посчетам invoices invs bills rechnungen rechnungsnummern "
        "schetam schetov шоттар шоттары шоттарға шоттарына шоттарды шоттардың"
    )
)
PROFORMA: Final = forms("проформ", ("а", "ы", "е", "у", "ой", "")) | word_set("proforma")
# Kazakh puts the number before the noun: «№ 45 шот бойынша».
INVOICE_KAZAKH: Final = word_set(
    "шот шоты шотты шоттың шотқа шотына шотпен шотынан шоттан шоттар шоттары шоттарға шоттарына шоттарды шоттардың"
)
KAZAKH_NOUNS: Final = INVOICE_KAZAKH | word_set(
    "шарт шарты шартқа шартына шарттың келісімшарт келісімшарты келісімшартқа келісімшартына актісі актіге актісіне "
    "тапсырыс тапсырысы тапсырысқа"
)
INVOICE_ENGLISH: Final = word_set(
    "invoice invoices inv invs bill bills facture factura faktura fatura "
    "schet scheta schetu schetom schetam schetov sch schot schota schotu"
)
INVOICE_GERMAN: Final = german("rechnung", "rechnungs", "rg") | word_set("renr rnr")
INVOICE_FOREIGN: Final = (
    forms("инвойс", _NOUN)
    | forms("рахунк", ("у", "а", "ом", "е", "ам", "аў", "ів", "і", "амі", "ами", "ах"))
    | word_set("рахунак рахунок")
    | INVOICE_ENGLISH
    | INVOICE_GERMAN
    | INVOICE_KAZAKH
    | PROFORMA
)
# Slips of the keyboard that no rule mends; kept apart, so that no slips of slips are made of them.
_INVOICE_SLIPS: Final = word_set(
    "счот чсет сщет шет шету шета щот щоту счк сяет счетк счетц счетй чету счер счеь счеиу"
)
INVOICE: Final = INVOICE_SINGLE | INVOICE_PLURAL | INVOICE_FOREIGN | _INVOICE_SLIPS
INVOICE_TAILS: Final = word_set("т та ту том те тов там тами тах ет ета ету етам")
# «счет(а)», «invoice(s)».
BRACKETED_TAILS: Final = word_set("а у е ы ам ов ами s")
VAT_INVOICE: Final = word_set("сф счф эсчф эсф эшф счетфактура счетфактуре счетфактуры")
FACTURE: Final = forms("фактур", _FEM) | word_set(
    "фактуре ф фра фре фры факт фактурам факура факуре фак фактур фактурасы фактурасына фактуралар фактурамі фактуру "
    "фактурай"
)

_KINDS: Final[dict[ReferenceKind, frozenset[str]]] = {
    ReferenceKind.CONTRACT: forms("договор", _NOUN)
    | forms("контракт", _NOUN)
    | forms("госконтракт", _NOUN)
    | forms("соглашен", _NEUTER)
    | word_set(
        "дфа дду ctr contr дс дог догу догов догвор догвору договра договру контр договора contract agreement дагавор "
        "дагавору дагавора дагаворам дагавораў шарт шарты шартқа шартына шарттың келисимшарт келісімшарт "
        "келісімшарты келісімшартқа келісімшартына гк мк гд dogovor dogovoru dogovora dog соглаш"
    )
    | german("vertrag", "vertrags"),
    ReferenceKind.ORDER: forms("заказ", _NOUN)
    | forms("заявк", ("а", "и", "е", "у", "ой", "ам", "ами", "ах"))
    | forms("наряд", _NOUN)
    | word_set("заявок зак order orders заказнаряд тапсырыс тапсырысы тапсырысқа заявл po zakaz zakazu zakaza")
    | german("bestellung", "bestell")
    | german("auftrag", "auftrags"),
    ReferenceKind.UPD: word_set("упд укд упд1"),
    ReferenceKind.ACT: forms("акт", _NOUN) | word_set("акти act авр актісі актіге актісіне кс"),
    ReferenceKind.WAYBILL: forms("накладн", ("ая", "ой", "ую", "ые", "ых", "ым", "ыми", "ыя", "ай"))
    | word_set("накл накладн ттн тн торг рн waybill нак cmr смгс этрн awb жүкқұжат")
    | german("lieferschein", "lieferschein"),
    ReferenceKind.SPECIFICATION: forms("спецификац", _NEUTER)
    | forms("спецификаци", ("я", "и", "ю", "ей", "й", "ям"))
    | word_set("спец специф спецификация спецификации"),
    ReferenceKind.LETTER: forms("письм", ("о", "а", "у", "ом", "е", "ам", "ами", "ах"))
    | forms("претенз", ("ия", "ии", "ию", "ией", "иям"))
    | word_set("писем исх letter ліст ліста"),
    ReferenceKind.REGISTER: forms("реестр", _NOUN) | word_set("register"),
    ReferenceKind.DECISION: forms("решен", _NEUTER) | forms("постановлен", _NEUTER) | forms("определен", _NEUTER),
    ReferenceKind.OTHER: forms("поручен", _NEUTER)
    | german("kunde", "kunden", "kd")
    | word_set("пп мемо ордер ордеру ордера чек чеку чеки чека чеком квитанция квитанции квитанцию")
    | forms("требован", _NEUTER)
    | forms("извещен", _NEUTER)
    | forms("приложен", _NEUTER)
    | forms("уведомлен", _NEUTER)
    | forms("свидетельств", ("о", "а", "у", "ом", "е"))
    | forms("протокол", _NOUN)
    | forms("полис", _NOUN)
    | forms("приказ", _NOUN)
    | forms("заявлен", _NEUTER)
    | forms("объявлен", _NEUTER)
    | forms("разрешен", _NEUTER)
    | forms("бронирован", _NEUTER)
    | forms("задан", _NEUTER)
    | forms("расписк", ("а", "и", "е", "у", "ой"))
    | forms("выписк", ("а", "и", "е", "у", "ой"))
    | forms("записк", ("а", "и", "е", "у", "ой"))
    | forms("платежк", ("а", "и", "е", "у", "ой"))
    | forms("абонемент", _NOUN)
    | forms("ваучер", _NOUN)
    | forms("купон", _NOUN)
    | forms("бланк", _NOUN)
    | forms("списк", _NOUN)
    | forms("график", _NOUN)
    | forms("поезд", _NOUN)
    | forms("объект", _NOUN)
    | forms("рецепт", _NOUN)
    | forms("лот", _NOUN)
    | forms("этап", _NOUN)
    | forms("дел", ("о", "а", "у", "ом", "е", "ам"))
    | forms("распоряжен", _NEUTER)
    | forms("доверенност", ("ь", "и", "ью", "ям"))
    | forms("ведомост", ("ь", "и", "ью", "ям"))
    | forms("реализац", ("ия", "ии", "ию", "ией", "иям", "ий"))
    | forms("депозит", _NOUN)
    | forms("вклад", _NOUN)
    | forms("сделк", ("а", "и", "е", "у", "ой", "ам"))
    | forms("справк", ("а", "и", "е", "у", "ой", "ам"))
    | forms("путевк", ("а", "и", "е", "у", "ой", "ам"))
    | forms("сертификат", _NOUN)
    | forms("талон", _NOUN)
    | forms("билет", _NOUN)
    | forms("векс", ("ель", "еля", "елю", "елей", "елям"))
    | forms("предписан", _NEUTER)
    | forms("заключен", _NEUTER)
    | forms("удостоверен", _NEUTER)
    | forms("предложен", _NEUTER)
    | forms("направлен", _NEUTER)
    | forms("предписан", _NEUTER)
    | forms("деклараци", ("я", "и", "ю", "ей"))
    | forms("закупк", ("а", "и", "е", "у", "ой"))
    | forms("аукцион", _NOUN)
    | forms("тендер", _NOUN)
    | forms("убыт", ("ок", "ку", "ка", "ком"))
    | forms("паспорт", _NOUN)
    | forms("лист", _NOUN)
    | forms("артикул", _NOUN)
    | forms("пункт", _NOUN)
    | forms("квартир", _FEM)
    | forms("комнат", _FEM)
    | forms("офис", _NOUN)
    | forms("помещен", _NEUTER)
    | forms("участ", ("ок", "ку", "ка", "ке"))
    | forms("заезд", _NOUN)
    | forms("рейс", _NOUN)
    | forms("вагон", _NOUN)
    | forms("контейнер", _NOUN)
    | forms("отчет", _NOUN)
    | forms("смет", _FEM)
    | forms("аккредитив", _NOUN)
    | forms("мерчант", _NOUN)
    | forms("терминал", _NOUN)
    | word_set(
        "арт гтд кп кв пом уч ип дом корп стр уин кбк октмо окпо огрн огрнип снилс тел индекс код табель карта "
        "карты карте карту merchant мерчант тп id ид распор расп ил sow statement quotation offer note "
        "igk игк икз лицензия лицензии даручэнне даручэнню даручэння бұйрық сумка бронь брони список поруч"
    ),
}
CONTRACT: Final = _KINDS[ReferenceKind.CONTRACT]
ORDER: Final = _KINDS[ReferenceKind.ORDER]
KIND_OF: Final[dict[str, ReferenceKind]] = {word: kind for kind, words in _KINDS.items() for word in words if word}
PAYMENT_WORDS: Final = word_set(
    "оплата опл оплату предоплата доплата по согласно оплачено платеж плата payment oplata аплата"
)
# Written between the noun and its number.
FILLERS: Final = word_set(
    "на оплату опл предоплату аванс покупателя клиента заказчика покупателю поставщика бойынша "
    "выставленному выставленного выставленный ваш вашему согласно оферта оферте оферты платежный "
    "proforma payment for покупки продавца согласования цен цены выставленных выставленные выставленным "
    "исх исходящий исходящему исходящего входящий входящему входящего авансовый авансовому "
    "предварительный предварительному доплату продление электронный электронному"
)
# Remarks between the numbers of a list: «№ 45 частично, № 46 полностью».
NOTES: Final = word_set("частично полностью остаток доплата аванс предоплата частич полн част")
OF_DOCUMENT: Final = adjective("поставк", "аренд", "купл", "подряд", "оказан") | word_set(
    "поставки поставку аренды подряда купли продажи оказания услуг работ от покупателя клиента "
    "поставщика поставщику вып эквайринга комиссии займа лизинга перевозки публичной выполненных "
    "приема передачи приемки сверки сдачи возмездного транспортной экспедиции хранения "
    "обслуживания оферты оферте сервисного "
    "на оказанных субподряда кредитной линии агентского наряд наряду субаренды подписки осаго каско дмс "
    "рко гпх рассрочки цессии энергоснабжения гражданско правового"
)
COMPOUNDS: Final = (
    forms("договор", _NOUN)
    | forms("оферт", _FEM)
    | forms("заказ", _NOUN)
    | forms("заявк", ("а", "и", "е", "у", "ой"))
    | forms("спецификац", _NEUTER)
    | forms("спецификаци", ("я", "и", "ю"))
    | forms("контракт", _NOUN)
    | forms("протокол", _NOUN)
    | forms("акт", _NOUN)
    | forms("соглашен", _NEUTER)
    | forms("инвойс", _NOUN)
    | PROFORMA
    | forms("извещен", _NEUTER)
    | forms("уведомлен", _NEUTER)
    | forms("подтвержден", _NEUTER)
    | forms("требован", _NEUTER)
    | forms("накладн", ("ая", "ой", "ую", "ые", "ым"))
    | forms("смет", _FEM)
    | forms("наряд", _NOUN)
    | forms("пратакол", _NOUN)
    | forms("дагавор", _NOUN)
    | forms("офферт", _FEM)
    | word_set("дог квитанция квитанции invoice оф офер оферт подтв заявл")
)
ACCOUNT_ADJECTIVES: Final = (
    adjective("расчетн", "лицев", "текущ", "банковск", "ссудн", "корреспондентск", "депозитн", "карточн", "специальн")
    | adjective("транзитн", "номинальн", "брокерск", "абонентск", "единичн", "казначейск", "избирательн")
    | adjective("накопительн", "сберегательн", "металлическ", "валютн", "залогов", "балансов")
    | word_set("эскроу расч лиц тек корр кор расчет расчетн р л к т ағымдағы банктік айырысу жинақ депозиттік арнайы")
)
ACCOUNT_NOUNS: Final = word_set("с сч счет счета счету счете счетом счетов счетам") | INVOICE_KAZAKH
ACCOUNT_WORDS: Final = word_set(
    "рс лс кс расчсчет спецсчет спецсчета iban рсчет лсчет рсч елс фллс иик жск субсчет корсчет acc account"
)
# «счёт депо», «счёт вклада»: the word behind makes it an account.
ACCOUNT_BEHIND: Final = word_set("депо эскроу вклада абонента бенефициара")
# Words before the noun that make it a bank account: «ведение счёта», «открытие счёта».
ACCOUNT_CARE: Final = (
    forms("веден", _NEUTER)
    | forms("обслуживан", _NEUTER)
    | forms("открыт", _NEUTER)
    | forms("закрыт", _NEUTER)
    | forms("пополнен", _NEUTER)
    | forms("сопровожден", _NEUTER)
    | forms("подключен", _NEUTER)
    | word_set("со с между")
)
NUMBER_SIGNS: Final = word_set(
    "№ # n nn no nо nono nоnо nr num number numbers nummer nummern nrs nos "
    "номер номера номерам номеру номером номерами ном нумар нумары"
)
PLURAL_SIGNS: Final = word_set("nn nono nоnо nos nrs numbers номера номерам номерами")
FROM: Final = word_set("от from vom dated ад від датой отт датирован")
# «от» only where a full date follows: «dd 03.02.2026», «дт 03.02.26», a slip of the keyboard.
LOOSE_FROM: Final = adjective("датированн") | word_set(
    "дт дд dd dt dtd ом то ото оот ат т о ор or v лт рт ит оь отд отр of on as дата дате date jn дат день "
    "выд выст выставлен выставленный выставленному выписан выписанный выписанному"
)
YEAR_WORDS: Final = word_set("г год года году гг годы жыл ж жылы")
CURRENCIES: Final = word_set(
    "руб рубл рублей рубля рубль р rub rur ₽ тг тенге теңге kzt byn usd eur евро долларов долл $ € юаней "
    "cny бел бр рублях рублеи рублёў рублеў"
)
KOPECKS: Final = word_set("коп копеек копейки копейка к cop")
UNITS: Final = CURRENCIES | frozenset(
    {
        "шт",
        "штук",
        "штуки",
        "штука",
        "кг",
        "тн",
        "тонн",
        "тонны",
        "т",
        "л",
        "литров",
        "м",
        "мм",
        "см",
        "км",
        "кв",
        "куб",
    }
    | {
        "уп",
        "упак",
        "компл",
        "комплектов",
        "пар",
        "пары",
        "ед",
        "ч",
        "час",
        "часа",
        "часов",
        "дн",
        "дней",
        "дня",
        "день",
    }
    | word_set(
        "мес месяц месяца месяцев чел человек сутки суток тыс млн проц процент процента процентов квт "
        "гкал мест места коробок листов пачек рулонов раз квартал кв лет м2 м3 гр грамм пог экз позиций "
        "позиции коп этаж"
    )
)
VAT: Final = word_set("ндс vat пдв ккс ққс nds")
SUM_WORDS: Final = word_set("сумма сумму сумме суммой суммы итого всего amount сум сома сомасы сомаға суму")
AND: Final = word_set("и and und & + да а также плюс еще жане және і")
TO: Final = word_set("по до")
TAX_ID_WORDS: Final = word_set("инн инн/кпп бин иин унп унн inn бсн жсн")
# Digits after these are never a document number.
CODE_WORDS: Final = frozenset(
    {
        "кпп",
        "бик",
        "огрн",
        "огрнип",
        "кбк",
        "октмо",
        "окпо",
        "окато",
        "уин",
        "снилс",
        "тел",
        "телефон",
        "кор",
        "уип",
        "кнп",
        "кбе",
        "vo",
    }
)
LEGAL_FORMS: Final = word_set(
    "ооо оао зао пао ао нао ип гуп муп фгуп фгбу гбу мбу мбоу мбдоу гбоу фгбоу мкоу мку гку ано нко "
    "тсж тсн снт кфх чоу тоо одо уп чуп пк общество общества обществом предприниматель "
    "предпринимателя гаук маоу гбуз фку чп ltd llc оо спк сро нп фонд гкфх кх аоо жшс жк зат таа ооо "
    "пт"
)
# Never part of a number even when glued to it.
STOPPERS: Final = (
    FROM
    | AND
    | VAT
    | SUM_WORDS
    | word_set(
        "за на в по без согл согласно из для к с со до об у о не дог договор договору договора акт акту "
        "упд заказ заказу тч опл оплата руб рублей шт год года коп инн кпп мес аванс предоплата частично "
        "товар услуги доплата работы материалы бн г гг нр"
    )
)
# Words that may also be a prefix or a suffix of a number when written in capitals and tied to it: `ИП-45`, `12-УП`.
SOFT_STOPPERS: Final = LEGAL_FORMS | INVOICE
MONTHS: Final[dict[str, int]] = {
    normal_word(form): month
    for month, names in enumerate(
        (
            "январь января январе янв january jan januar студзеня студзень каңтар",
            "февраль февраля феврале фев февр february feb februar лютага люты ақпан",
            "март марта марте мар march mar märz сакавіка сакавік наурыз",
            "апрель апреля апреле апр april apr красавіка красавік сәуір",
            "май мая мае may mai траўня травень мамыр",
            "июнь июня июне июн june jun juni чэрвеня чэрвень маусым",
            "июль июля июле июл july jul juli ліпеня ліпень шілде",
            "август августа августе авг august aug жніўня жнівень тамыз",
            "сентябрь сентября сентябре сен сент september sep sept верасня верасень қыркүйек",
            "октябрь октября октябре окт october oct oktober кастрычніка кастрычнік қазан октбяря",
            "ноябрь ноября ноябре ноя нояб november nov лістапада лістапад қараша",
            "декабрь декабря декабре дек december dec dezember dez снежня снежань желтоқсан",
        ),
        start=1,
    )
    for form in names.split()
}
# Kazakh declines the month: «17 наурыздағы», «17 ақпандағы».
_KAZAKH_MONTHS: Final = word_set("каңтар ақпан наурыз сәуір мамыр маусым шілде тамыз қыркүйек қазан қараша желтоқсан")
MONTHS.update(
    {
        normal_word(name + ending): MONTHS[name]
        for name in _KAZAKH_MONTHS
        for ending in ("дағы", "дегі", "тағы", "тегі", "ындағы", "індегі", "да", "де", "та", "те", "ы", "і")
    }
)
