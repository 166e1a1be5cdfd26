"""Evidence: one clause for each verdict, with where it stands; Russian and English."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.domain.decision import Aspect, Stand
from hub.domain.matching.said import Said
from hub.domain.matching.verdicts import (
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdict,
)

_N, _A, _C = NumberVerdict, AmountVerdict, ClientVerdict
_FOR, _AGAINST, _SILENT, _WARNING = Stand.FOR, Stand.AGAINST, Stand.SILENT, Stand.WARNING

_NUMBER: Final[Mapping[NumberVerdict, tuple[Stand, Said]]] = {
    _N.AGREES: (_FOR, Said("номер «{quoted}» совпал", "the number “{quoted}” agrees")),
    _N.AGREES_SHORT: (
        _FOR,
        Said("номер «{quoted}» совпал без приставки", "the number “{quoted}” agrees without its prefix"),
    ),
    _N.AGREES_FEW_DIGITS: (
        _FOR,
        Said("от номера назван только короткий хвост «{quoted}»", "only the end “{quoted}” of the number is named"),
    ),
    _N.AGREES_LOOSELY: (
        _WARNING,
        Said("номер «{quoted}» похож, но совпал не полностью", "the number “{quoted}” is alike, but not in full"),
    ),
    _N.RESEMBLES: (
        _WARNING,
        Said(
            "номер «{quoted}» похож, но приставка или год другие",
            "the number “{quoted}” is alike, but its prefix or year is another",
        ),
    ),
    _N.AGREES_FOR_SEVERAL: (
        _FOR,
        Said("названы все эти счета: {quoted}", "all these invoices are named: {quoted}"),
    ),
    _N.ONE_OF_NAMED: (_WARNING, Said("назван вместе с другими номерами", "named together with other numbers")),
    _N.MENTIONED: (
        _FOR,
        Said(
            "номер стоит в назначении, хотя и без слова «счёт»",
            "the number stands in the purpose without a noun",
        ),
    ),
    _N.OTHER_NAMED: (
        _AGAINST,
        Said("в назначении назван другой счёт: {named}", "the purpose names another invoice: {named}"),
    ),
    _N.OTHER_CLIENTS: (
        _AGAINST,
        Said(
            "в назначении назван счёт другого клиента: {named}",
            "the purpose names another client's invoice: {named}",
        ),
    ),
    _N.UNKNOWN_NAMED: (
        _AGAINST,
        Said(
            "в назначении назван номер, которого нет среди счетов: {named}",
            "the purpose names a number that no invoice has: {named}",
        ),
    ),
    _N.OTHER_SHAPE: (
        _WARNING,
        Said(
            "«{named}» в назначении за номер счёта не принят: у ваших счетов таких номеров не бывает",
            "“{named}” of the purpose is not taken for an invoice number: your invoices have no numbers like it",
        ),
    ),
    _N.ABSENT: (_SILENT, Said("номер счёта в назначении не назван", "the purpose names no invoice number")),
}
_REFERENCE: Final[Mapping[ReferenceVerdict, tuple[Stand, Said]]] = {
    ReferenceVerdict.AGREES: (
        _FOR,
        Said("договор, заказ или другой документ совпал", "the contract, order or other document agrees"),
    ),
    ReferenceVerdict.ABSENT: (_SILENT, Said("общих документов не названо", "no common document is named")),
    ReferenceVerdict.CONTRADICTS: (
        _AGAINST,
        Said("договор или заказ в назначении другой", "the purpose names another contract or order"),
    ),
}
_AMOUNT: Final[Mapping[AmountVerdict, tuple[Stand, Said]]] = {
    _A.EQUAL: (_FOR, Said("сумма равна: {sum}", "the sum is equal: {sum}")),
    _A.REST: (_FOR, Said("сумма равна остатку по счёту: {sum}", "the sum is the rest of the invoice: {sum}")),
    _A.SUM_OF_NAMED: (
        _FOR,
        Said("сумма названных счетов равна платежу: {sum}", "the named invoices make the payment: {sum}"),
    ),
    _A.AS_WRITTEN: (
        _FOR,
        Said("суммы по счетам названы и вместе равны платежу", "the sums written for each make the payment"),
    ),
    _A.STATED_SHARE: (
        _FOR,
        Said("сумма равна названной доле счёта: {sum} из {amount}", "the sum is the stated share: {sum} of {amount}"),
    ),
    _A.STATED_PART: (
        _FOR,
        Said("сказано, что это часть: {sum} из открытых {open}", "it is said to be a part: {sum} of {open} open"),
    ),
    _A.SUM_OF_UNNAMED: (
        _FOR,
        Said("эти счета вместе дают ровно сумму платежа: {sum}", "these invoices make exactly the payment: {sum}"),
    ),
    _A.PART_BY_VAT: (
        _WARNING,
        Said(
            "платёж {sum} меньше открытых {open} ровно на разницу НДС 20 % и 22 %",
            "the payment {sum} is less than {open} open exactly as VAT of 20 % is than 22 %",
        ),
    ),
    _A.OVER_BY_VAT: (
        _WARNING,
        Said(
            "платёж {sum} больше открытых {open} ровно на разницу НДС 22 % и 20 %",
            "the payment {sum} is more than {open} open exactly as VAT of 22 % is than 20 %",
        ),
    ),
    _A.PART: (_WARNING, Said("платёж {sum} меньше открытых {open}", "the payment {sum} is less than {open} open")),
    _A.OVER: (_AGAINST, Said("платёж {sum} больше открытых {open}", "the payment {sum} is more than {open} open")),
    _A.NONE: (
        _AGAINST,
        Said("зачесть платёж {sum} в этот счёт некуда", "nothing is open on this invoice for the payment {sum}"),
    ),
}
_CLIENT: Final[Mapping[ClientVerdict, tuple[Stand, Said]]] = {
    _C.TAX_ID: (_FOR, Said("ИНН плательщика — ИНН клиента {client}", "the payer's tax id is that of {client}")),
    _C.ACCOUNT: (
        _FOR,
        Said("расчётный счёт плательщика — счёт клиента {client}", "the payer's account is that of {client}"),
    ),
    _C.ALIAS: (
        _FOR,
        Said(
            "за клиента {client} этот плательщик платит по вашему правилу{alias_word}",
            "by your rule{alias_word} it pays for {client}",
        ),
    ),
    _C.TAX_ID_IN_TEXT: (
        _FOR,
        Said("ИНН клиента {client} написан в назначении", "the tax id of {client} stands in the purpose"),
    ),
    _C.BRANCH: (
        _WARNING,
        Said("ИНН клиента {client} совпал, КПП другой", "the tax id is that of {client}, the branch (КПП) is another"),
    ),
    _C.NAME: (
        _FOR,
        Said("название плательщика похоже на клиента {client}", "the payer's name is like {client}"),
    ),
    _C.UNKNOWN: (
        _SILENT,
        Said("плательщика и клиента сверить не по чему", "there is nothing to compare payer and client by"),
    ),
    _C.THIRD_PARTY: (
        _WARNING,
        Said(
            "платит другой плательщик, но в назначении назван клиент {client}",
            "another payer pays, but the purpose names {client}",
        ),
    ),
    _C.PAYS_FOR_OTHER: (
        _AGAINST,
        Said("в назначении сказано, что платёж за другого", "the purpose says that it is paid for somebody else"),
    ),
    _C.NAME_DIFFERS: (
        _AGAINST,
        Said("название плательщика не похоже на клиента {client}", "the payer's name is not like that of {client}"),
    ),
    _C.CONTRADICTS: (
        _AGAINST,
        Said("ИНН плательщика не тот: счёт выставлен клиенту {client}", "another tax id: the invoice is for {client}"),
    ),
}
_ORGANISATION: Final[Mapping[OrganisationVerdict, tuple[Stand, Said]]] = {
    OrganisationVerdict.SAME: (_FOR, Said("наше юрлицо то же", "our entity is the same")),
    OrganisationVerdict.UNKNOWN: (
        _SILENT,
        Said("наше юрлицо сверить не по чему", "there is nothing to compare our entity by"),
    ),
    OrganisationVerdict.OTHER: (
        _AGAINST,
        Said("счёт выставлен от другого нашего юрлица", "another entity of ours issued the invoice"),
    ),
}
_CURRENCY: Final[Mapping[CurrencyVerdict, tuple[Stand, Said]]] = {
    CurrencyVerdict.SAME: (_FOR, Said("валюта та же", "the currency is the same")),
    CurrencyVerdict.OTHER: (_AGAINST, Said("валюта другая", "the currency is another")),
}
_STATUS: Final[Mapping[StatusVerdict, tuple[Stand, Said]]] = {
    StatusVerdict.OPEN: (_FOR, Said("счёт открыт", "the invoice is open")),
    StatusVerdict.PAID: (_AGAINST, Said("счёт уже оплачен", "the invoice is paid already")),
    StatusVerdict.CANCELLED: (_AGAINST, Said("счёт отменён", "the invoice is cancelled")),
    StatusVerdict.ISSUED_AFTER: (
        _AGAINST,
        Said("счёт выставлен позже платежа", "the invoice was issued after the payment"),
    ),
}
_DATE: Final[Mapping[DateVerdict, tuple[Stand, Said]]] = {
    DateVerdict.AGREES: (_FOR, Said("дата счёта совпала", "the date of the invoice agrees")),
    DateVerdict.WITHIN_TOLERANCE: (
        _WARNING,
        Said(
            "дата счёта в пределах разрешённых {tolerance} дн.",
            "the date of the invoice is within the allowed {tolerance} days",
        ),
    ),
    DateVerdict.ABSENT: (
        _SILENT,
        Said("дату счёта сверить не по чему", "there is nothing to compare the invoice's date by"),
    ),
    DateVerdict.CONTRADICTS: (
        _AGAINST,
        Said("дата счёта в назначении другая", "the purpose gives the invoice another date"),
    ),
}

#: Keyed by aspect too: words of different aspects may be the same («agrees»), and such enum members are equal.
CLAUSES: Final[Mapping[tuple[Aspect, Verdict], tuple[Stand, Said]]] = {
    **{(Aspect.NUMBER, verdict): clause for verdict, clause in _NUMBER.items()},
    **{(Aspect.REFERENCE, verdict): clause for verdict, clause in _REFERENCE.items()},
    **{(Aspect.AMOUNT, verdict): clause for verdict, clause in _AMOUNT.items()},
    **{(Aspect.CLIENT, verdict): clause for verdict, clause in _CLIENT.items()},
    **{(Aspect.ORGANISATION, verdict): clause for verdict, clause in _ORGANISATION.items()},
    **{(Aspect.CURRENCY, verdict): clause for verdict, clause in _CURRENCY.items()},
    **{(Aspect.STATUS, verdict): clause for verdict, clause in _STATUS.items()},
    **{(Aspect.DATE, verdict): clause for verdict, clause in _DATE.items()},
}

#: The rate of VAT is checked by law, not by the invoice: from 2026 it is 22 % (Tax Code, article 164).
OLD_VAT_RATE: Final = Said(
    "в назначении НДС {rate} %, а счёт выставлен после перехода на 22 %",
    "the purpose says VAT of {rate} %, and the invoice was issued after the change to 22 %",
)

#: Beside a number that agrees: what else stands in the purpose, and what the number alone leaves open.
NOT_A_NUMBER: Final = Said(
    "«{aside}» за номер счёта не принят: у ваших счетов таких номеров не бывает",
    "“{aside}” is not taken for an invoice number: your invoices have no numbers like it",
)
RESTARTS_YEARLY: Final = Said(
    "номера в этой серии каждый год начинаются заново, а дата счёта в назначении не названа",
    "numbers of this series begin anew every year, and the purpose gives the invoice no date",
)
