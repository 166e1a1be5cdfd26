"""Word lists of payment purposes: document nouns in all their cases, units, legal forms, stop words."""

from __future__ import annotations

import re
from functools import lru_cache
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


def _words(text: str) -> frozenset[str]:
    return frozenset(normal_word(word) for word in text.split())


def adjective(*stems: str) -> frozenset[str]:
    """Every spelling of adjectives, singular and plural."""
    return frozenset(stem + ending for stem in stems for ending in (*_ADJ, *_ADJ_PLURAL))


INVOICE_SINGLE: Final = forms("счет", ("", "а", "у", "ом", "е")) | _words("сч счт щет щету посчету посч")
INVOICE_PLURAL: Final = forms("счет", ("ов", "ам", "ами", "ах", "ы")) | _words("посчетам")
INVOICE_FOREIGN: Final = forms("инвойс", _NOUN) | _words(
    "invoice invoices inv bill bills рахунак рахунку рахунка рахункам шот шоты шотына"
)
INVOICE: Final = INVOICE_SINGLE | INVOICE_PLURAL | INVOICE_FOREIGN
INVOICE_TAILS: Final = _words("т та ту том те тов там тами тах ет ета ету етам")
FACTURE: Final = forms("фактур", _FEM) | _words("фактуре ф фра фре фры факт фактурам факура факуре")

_KINDS: Final[dict[ReferenceKind, frozenset[str]]] = {
    ReferenceKind.CONTRACT: forms("договор", _NOUN)
    | forms("контракт", _NOUN)
    | forms("госконтракт", _NOUN)
    | forms("соглашен", _NEUTER)
    | _words(
        "дс дог догу догов догвор догвору договра договру контр договора contract agreement дс дагавор "
        "дагавору дагавора шарт келисимшарт келісімшарт гк мк гд"
    ),
    ReferenceKind.ORDER: forms("заказ", _NOUN)
    | forms("заявк", ("а", "и", "е", "у", "ой", "ам", "ами", "ах"))
    | _words("заявок зак order orders заказнаряд тапсырыс заявл"),
    ReferenceKind.UPD: _words("упд укд упд1"),
    ReferenceKind.ACT: forms("акт", _NOUN) | _words("акти act"),
    ReferenceKind.WAYBILL: forms("накладн", ("ая", "ой", "ую", "ые", "ых", "ым", "ыми"))
    | _words("накл накладн ттн тн торг рн waybill нак"),
    ReferenceKind.SPECIFICATION: forms("спецификац", _NEUTER)
    | forms("спецификаци", ("я", "и", "ю", "ей", "й", "ям"))
    | _words("спец специф спецификация спецификации"),
    ReferenceKind.LETTER: forms("письм", ("о", "а", "у", "ом", "е", "ам", "ами", "ах")) | _words("писем исх letter"),
    ReferenceKind.REGISTER: forms("реестр", _NOUN) | _words("register"),
    ReferenceKind.DECISION: forms("решен", _NEUTER) | forms("постановлен", _NEUTER),
    ReferenceKind.OTHER: forms("поручен", _NEUTER)
    | _words("пп мемо ордер ордеру ордера чек чеку чеки квитанция квитанции квитанцию")
    | forms("требован", _NEUTER)
    | forms("извещен", _NEUTER)
    | forms("приложен", _NEUTER)
    | forms("уведомлен", _NEUTER)
    | forms("свидетельств", ("о", "а", "у", "ом", "е"))
    | forms("протокол", _NOUN)
    | forms("полис", _NOUN)
    | forms("приказ", _NOUN)
    | forms("рецепт", _NOUN)
    | forms("лот", _NOUN)
    | forms("этап", _NOUN)
    | forms("дел", ("о", "а", "у", "ом", "е", "ам"))
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
    | forms("терминал", _NOUN)
    | _words(
        "арт кв пом уч ип дом корп стр уин кбк октмо окпо огрн огрнип снилс тел индекс код табель карта "
        "карты карте карту merchant мерчант тп id ид"
    ),
}
KIND_OF: Final[dict[str, ReferenceKind]] = {word: kind for kind, words in _KINDS.items() for word in words if word}
# Written between the noun and its number.
FILLERS: Final = _words(
    "на оплату опл предоплату аванс покупателя клиента заказчика покупателю поставщика бойынша "
    "выставленному выставленного выставленный ваш вашему согласно оферта оферте оферты платежный "
    "proforma payment for покупки продавца"
)
OF_DOCUMENT: Final = adjective("поставк", "аренд", "купл", "подряд", "оказан") | _words(
    "поставки поставку аренды подряда купли продажи оказания услуг работ от покупателя клиента "
    "поставщика поставщику вып эквайринга комиссии займа лизинга перевозки публичной выполненных "
    "приема передачи приемки сверки сдачи возмездного транспортной экспедиции хранения "
    "обслуживания оферты оферте сервисного "
    "на оказанных субподряда кредитной линии агентского наряд наряду субаренды подписки"
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
    | _words("дог квитанция квитанции проформа проформе проформы")
)
ACCOUNT_ADJECTIVES: Final = (
    adjective("расчетн", "лицев", "текущ", "банковск", "ссудн", "корреспондентск", "депозитн", "карточн", "специальн")
    | adjective("транзитн", "номинальн", "брокерск", "абонентск", "единичн", "казначейск", "избирательн")
    | _words("эскроу расч лиц тек корр кор расчет расчетн р л к т")
)
ACCOUNT_NOUNS: Final = _words("с сч счет счета счету счете счетом счетов счетам")
ACCOUNT_WORDS: Final = _words("рс лс кс расчсчет спецсчет спецсчета iban рсчет лсчет рсч")
# Words before the noun that make it a bank account: «ведение счёта», «открытие счёта».
ACCOUNT_CARE: Final = (
    forms("веден", _NEUTER)
    | forms("обслуживан", _NEUTER)
    | forms("открыт", _NEUTER)
    | forms("закрыт", _NEUTER)
    | forms("пополнен", _NEUTER)
    | forms("сопровожден", _NEUTER)
    | forms("подключен", _NEUTER)
    | _words("со с между")
)
NUMBER_SIGNS: Final = _words("№ # n no nо nr num number номер номера номерам номеру ном")
FROM: Final = _words("от from dated ад датой отт датирован")
YEAR_WORDS: Final = _words("г год года году гг годы жыл ж")
CURRENCIES: Final = _words(
    "руб рубл рублей рубля рубль р rub rur ₽ тг тенге kzt byn usd eur евро долларов долл $ € юаней "
    "cny бел бр рублях рублеи"
)
KOPECKS: Final = _words("коп копеек копейки копейка к cop")
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
    | _words(
        "мес месяц месяца месяцев чел человек сутки суток тыс млн проц процент процента процентов квт "
        "гкал мест места коробок листов пачек рулонов раз квартал кв лет м2 м3 гр грамм пог экз позиций "
        "позиции коп этаж"
    )
)
VAT: Final = _words("ндс vat пдв ккс ққс")
SUM_WORDS: Final = _words("сумма сумму сумме суммой суммы итого всего amount сум")
AND: Final = _words("и and & + да а также жане і")
TO: Final = _words("по до")
TAX_ID_WORDS: Final = _words("инн инн/кпп бин иин унп унн inn")
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
        "vo",
    }
)
LEGAL_FORMS: Final = _words(
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
    | _words(
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
            ("январь", "января", "январе", "янв", "january", "jan", "студзеня", "каңтар"),
            ("февраль", "февраля", "феврале", "фев", "февр", "february", "feb", "лютага", "ақпан"),
            ("март", "марта", "марте", "мар", "march", "mar", "сакавіка", "наурыз"),
            ("апрель", "апреля", "апреле", "апр", "april", "apr", "красавіка", "сәуір"),
            ("май", "мая", "мае", "may", "траўня", "мамыр"),
            ("июнь", "июня", "июне", "июн", "june", "jun", "чэрвеня", "маусым"),
            ("июль", "июля", "июле", "июл", "july", "jul", "ліпеня", "шілде"),
            ("август", "августа", "августе", "авг", "august", "aug", "жніўня", "тамыз"),
            ("сентябрь", "сентября", "сентябре", "сен", "сент", "september", "sep", "верасня", "қыркүйек"),
            ("октябрь", "октября", "октябре", "окт", "october", "oct", "кастрычніка", "қазан", "октбяря"),
            ("ноябрь", "ноября", "ноябре", "ноя", "нояб", "november", "nov", "лістапада", "қараша"),
            ("декабрь", "декабря", "декабре", "дек", "december", "dec", "снежня", "желтоқсан"),
        ),
        start=1,
    )
    for form in names
}

_TYPO_TARGETS: Final = (
    INVOICE_SINGLE
    | INVOICE_PLURAL
    | _KINDS[ReferenceKind.CONTRACT]
    | _KINDS[ReferenceKind.ORDER]
    | FACTURE
    | frozenset(MONTHS)
)
# Real words one slip away from a document noun.
_NOT_TYPOS: Final = _words("зачет зачета зачету учет учета учету отчет почет счеты фактор марка")


def _slips(word: str) -> set[str]:
    swaps = {word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1)}
    drops = {word[:i] + word[i + 1 :] for i in range(1, len(word))}
    return (swaps | drops) - {word}


# A slip that could come from two nouns is dropped, so that it never reads as the wrong one.
_TYPOS: Final[dict[str, str]] = {
    slip: word
    for word in sorted(_TYPO_TARGETS)
    if len(word) >= 5
    for slip in sorted(_slips(word))
    if len(slip) >= 4 and slip not in _TYPO_TARGETS and slip not in _NOT_TYPOS and slip not in KIND_OF
}


# One letter of «счету» hit wrong; no Russian word looks like this.
_WRONG_VOWEL: Final = re.compile("сч[а-я]т(у|а|ом|ам|ов)")


_LONGEST: Final = max(map(len, _TYPO_TARGETS)) + 1


def mended(word: str) -> str:
    """The document noun behind one swapped, missing or doubled letter; the word itself otherwise."""
    # No noun is that long: an endless word costs neither time nor a place in the cache.
    return word if len(word) > _LONGEST else _mended(word)


@lru_cache(maxsize=8192)
def _mended(word: str) -> str:
    if word in _TYPOS:
        return _TYPOS[word]
    wrong_vowel = _WRONG_VOWEL.fullmatch(word)
    if wrong_vowel is not None:
        return f"счет{wrong_vowel[1]}"
    if len(word) < 6 or word in _TYPO_TARGETS:
        return word
    for index in range(1, len(word)):
        if word[index] == word[index - 1]:
            shorter = word[:index] + word[index + 1 :]
            if shorter in _TYPO_TARGETS:
                return shorter
    return word
