"""Words that tell what kind of money a payment is: advance, refund, loan, salary, acquirer's register …"""

from __future__ import annotations

import re
from typing import Final

from hub.domain.matching.reading import Mark
from hub.domain.matching.tokens import normal_word

_PATTERNS: Final[tuple[tuple[Mark, tuple[str, ...]], ...]] = (
    (
        Mark.ADVANCE,
        (
            r"\bаванс(?!\w*ов\w* отчет)",
            r"\bпредоплат",
            r"\bпред оплат",
            r"\bпредв\w* оплат",
            r"\badvance\b",
            r"\bprepayment\b",
        ),
    ),
    (
        Mark.PART,
        (
            r"\bчастичн",
            r"\bчастями\b",
            r"\bчасть\b",
            r"\bтранш",
            r"\bв счет частичной",
            r"\bpartial\b",
        ),
    ),
    (
        Mark.REST,
        (
            r"\bдоплат",
            r"\bостат",
            r"\bокончательн",
            r"\bоконч\w* расч",
            r"\bпост\s?оплат",
            r"\bbalance payment\b",
        ),
    ),
    (
        Mark.REFUND,
        (
            r"(?<!без )\bвозврат(?!н)(?! (?:долга|задолж))(?!у не подлеж)",
            r"\bвозвращ\w+ (?:средств|денеж|аванс|оплат)",
            r"\brefund\b",
        ),
    ),
    (
        Mark.MISTAKE,
        (
            r"\bошибочн",
            r"\bизлишн\w+ (?:перечисл|уплач|оплач)",
        ),
    ),
    (
        Mark.REGISTER,
        (
            r"\bэкв[ао]йринг",
            r"\bмерчант",
            r"\bmerchant\b",
            r"\bвозмещение по (?:терминал|карт|операци)",
            r"\bпо операциям с карт",
            r"\bпо реестру (?:операций|платеж|принятых|сбп|№|n\b|от\b)",
            r"\bзачисление средств по операциям",
            r"\bудержана комиссия",
            r"\bза вычетом комиссии",
            r"\bперечисление по реестру",
            r"\bсбп\b.{0,40}\bреестр",
            r"\bреестр\w*\b.{0,40}\bсбп\b",
            r"\bинтернет эквайринг",
        ),
    ),
    (
        Mark.MARKETPLACE,
        (
            r"\bза вычетом вознагражден",
            r"\bза реализованн\w+ товар",
            r"\bотчет\w* (?:комиссионера|агента)",
            r"\bвыплата по договору оферт",
            r"\bдоговор\w* оферт\w* .{0,40}\bмаркетплейс",
            r"\bмаркетплейс",
        ),
    ),
    (
        Mark.OWN_TRANSFER,
        (
            r"\bсобственн\w+ (?:денежн\w+ )?средств",
            r"\bперевод (?:денежных )?(?:средств )?(?:между|на свой|на собственн)",
            r"\bпополнение (?:р с|расчетного|лицевого|счета|сч)",
            r"\bперевод между сч",
            r"\bпереброска",
            r"\bподкрепление счета",
        ),
    ),
    (
        Mark.TAX,
        (
            r"\bенп\b",
            r"\bндфл\b",
            r"\bединый налоговый",
            r"\bстрахов\w+ взнос",
            r"\bгоспошлин",
            r"\bгосударственн\w+ пошлин",
            r"\bналог на (?:прибыль|имущ|доход)",
            r"\bтранспортн\w+ налог",
            r"\bземельн\w+ налог",
            r"\bналог при",
            r"\bсальдо енс\b",
            r"\bусн за\b",
            r"\bвзносы на травматизм",
            r"\bадминистративн\w+ штраф",
        ),
    ),
    (
        Mark.LOAN,
        (
            r"\bзайм",
            r"\bзаем\b",
            r"\bзаемн",
            r"\bссуд[аыу]\b",
            r"\bкредитн\w+ (?:договор|лини)",
            r"\b(?:погашение|возврат|выдача|предоставление) кредит",
            r"\bовердрафт",
            r"\bтранш по кредит",
        ),
    ),
    (
        Mark.SALARY,
        (
            r"\bзарплат",
            r"\bзаработн\w+ плат",
            r"\bз п за\b",
            r"\bалимент",
            r"\bподотчет",
            r"\bотпускн",
            r"\bкомандировочн",
            r"\bоплата труда\b",
            r"\bдивиденд",
            r"\bаванс по з(?:аработн| п)",
            r"\bпособи",
        ),
    ),
    (
        Mark.INTEREST,
        (
            r"\b(?:выплата|уплата|начислен\w*|причисление) процент",
            r"\bпроценты (?:по|на|за)\b",
            r"% на остаток",
            r"\bдепозит(?!н\w* ячейк)",
            r"\bпроцент\w* на (?:среднедневной )?остат",
        ),
    ),
    (
        Mark.BANK_FEE,
        (
            r"\bкомисси\w+ (?:за (?:ведение|обслуж|перевод|расчетн|исполнен|выдач|прием|пакет)|банка|по тариф)",
            r"\bза ведение счета",
            r"\bобслуживание (?:р с|счета|расчетного счета)",
            r"\bплата за (?:ведение|расчетно кассов|рко)",
            r"\bрасчетно кассов\w+ обслуж",
        ),
    ),
    (
        Mark.CASH,
        (
            r"\b(?:взнос|внесение|прием|сдача|зачисление) (?:собственных )?(?:наличн|торговой)",
            r"\bналичн\w+ (?:выручк|денежн)",
            r"\bинкасс",
            r"\bсамоинкасс",
            r"\bторгов\w+ выручк",
            r"\bвыручка от",
        ),
    ),
    (
        Mark.COURT,
        (
            r"\bисполнительн\w+ лист",
            r"\bвзыскан\w+ (?:по|с)\b",
            r"\bфссп\b",
            r"\bсудебн\w+ приказ",
        ),
    ),
    (Mark.GRANT, (r"\bсубсиди", r"\bгрант(?!\w*ов\w* поддерж)", r"\bгрантов\w+ поддержк", r"\bбюджетн\w+ ассигн")),
    (
        Mark.INSURANCE,
        (r"\bстрахов\w+ (?:возмещ|выплат|сумм)", r"\bвыплата страхов", r"\bвозмещение (?:ущерб|вред)\w*"),
    ),
    (
        Mark.SECURITY,
        (
            r"\bобеспечени\w+ (?:заявк|исполн|контракт|участи|гарант)",
            r"\bобеспечительн\w+ (?:плат|взнос)",
            r"\bзадат(?:ок|к)",
            r"\bгарантийн\w+ (?:взнос|депозит)",
        ),
    ),
    (
        Mark.CAPITAL,
        (
            r"\bуставн\w+ (?:капитал|взнос|фонд)",
            r"\bвзнос\w* (?:учредител|участник)",
            r"\bвклад\w* (?:учредител|участник|в имуществ|в уставн)",
            r"\bфинансов\w+ помощ",
            r"\bбезвозмездн\w+ (?:помощ|передач|финансов)",
            r"\bпожертвован",
        ),
    ),
    (
        Mark.PENALTY,
        (r"\bнеустойк", r"\bпен(?:и|я|ей|ю)\b", r"\bштраф", r"\bпо претензи"),
    ),
)
# One pattern to pass the common case quickly: most purposes hold none of these words.
_COMPILED: Final = tuple((mark, re.compile("|".join(patterns))) for mark, patterns in _PATTERNS)
_ANY: Final = re.compile("|".join(pattern for _, patterns in _PATTERNS for pattern in patterns))
_LATIN: Final = re.compile(r"[a-z]")
_WORD: Final = re.compile(r"[^\W\d_]+")
_JUNK: Final = re.compile(r"[^\w%№]+")

#: Money that no customer's invoice stands behind.
NOT_CUSTOMER: Final = frozenset(
    {
        Mark.REGISTER,
        Mark.MARKETPLACE,
        Mark.OWN_TRANSFER,
        Mark.TAX,
        Mark.LOAN,
        Mark.SALARY,
        Mark.INTEREST,
        Mark.BANK_FEE,
        Mark.CASH,
        Mark.COURT,
        Mark.GRANT,
        Mark.INSURANCE,
        Mark.SECURITY,
        Mark.CAPITAL,
        Mark.PENALTY,
    }
)


def marks_of(text: str) -> frozenset[Mark]:
    """Marks found in a purpose."""
    plain = _JUNK.sub(" ", text.lower().replace("ё", "е"))
    if _LATIN.search(plain) is not None:
        plain = _WORD.sub(lambda word: normal_word(word[0]), plain)
    if _ANY.search(plain) is None:
        return frozenset()
    return frozenset(mark for mark, pattern in _COMPILED if pattern.search(plain))
