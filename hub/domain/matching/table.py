"""The decision table: which verdicts let a machine act. Read from the top, the first row that fits decides.

A row names the verdicts it wants; an aspect that it does not name may be anything. Vetoes stand first: what contradicts
can never be outweighed. The same table in prose is in docs/matching.md.
"""

from __future__ import annotations

from typing import Final, TypeVar

from hub.domain.matching.rows import Outcome, Row
from hub.domain.matching.verdicts import (
    CLIENT_FITS,
    EXACT,
    IDENTIFIED,
    NAMED,
    AmountVerdict,
    ClientVerdict,
    CurrencyVerdict,
    DateVerdict,
    NumberVerdict,
    OrganisationVerdict,
    ReferenceVerdict,
    StatusVerdict,
    Verdicts,
)

TABLE_VERSION: Final = "1"
_T = TypeVar("_T")


def _any(*items: _T) -> frozenset[_T]:
    return frozenset(items)


_N, _A, _C = NumberVerdict, AmountVerdict, ClientVerdict
_AUTO, _SUGGEST, _DROP = Outcome.AUTO, Outcome.SUGGEST, Outcome.DROP
_SURE: Final = frozenset({_N.AGREES, _N.AGREES_SHORT, _N.AGREES_FEW_DIGITS})
_PARTS: Final = frozenset({_A.PART, _A.STATED_SHARE})
_ONE_SUM: Final = frozenset({_A.EQUAL, _A.REST})
_STRANGERS: Final = frozenset({_C.CONTRADICTS, _C.NAME_DIFFERS})

TABLE: Final[tuple[Row, ...]] = (
    # Vetoes.
    Row(
        "other_currency",
        _SUGGEST,
        "{invoice} выставлен в другой валюте ({amount}), а пришло {sum} — сколько зачесть, решает человек.",
        veto=True,
        number=NAMED,
        currency=_any(CurrencyVerdict.OTHER),
    ),
    Row(
        "other_organisation",
        _SUGGEST,
        "{invoice} выставлен от другого нашего юрлица (ИНН {issuer}), а деньги пришли на ИНН {ours}.",
        veto=True,
        number=NAMED,
        organisation=_any(OrganisationVerdict.OTHER),
    ),
    Row(
        "cancelled",
        _SUGGEST,
        "{invoice} из назначения отменён, поэтому сам он закрыться не может.",
        veto=True,
        number=NAMED,
        status=_any(StatusVerdict.CANCELLED),
    ),
    Row(
        "already_paid",
        _SUGGEST,
        "{invoice} из назначения уже оплачен полностью — похоже на повторный платёж или опечатку в номере.",
        veto=True,
        number=NAMED,
        status=_any(StatusVerdict.PAID),
    ),
    Row(
        "issued_after",
        _SUGGEST,
        "{invoice} выставлен позже платежа, поэтому платёж не мог быть по нему без ошибки.",
        veto=True,
        number=NAMED,
        status=_any(StatusVerdict.ISSUED_AFTER),
    ),
    Row(
        "issued_after_sum_client",
        _SUGGEST,
        "Сумма и клиент подходят к {invoice_dative}, но он выставлен позже платежа.",
        veto=True,
        amount=EXACT,
        client=IDENTIFIED,
        currency=_any(CurrencyVerdict.SAME),
        organisation=_any(OrganisationVerdict.SAME, OrganisationVerdict.UNKNOWN),
        status=_any(StatusVerdict.ISSUED_AFTER),
    ),
    Row("unrelated", _DROP, veto=True, currency=_any(CurrencyVerdict.OTHER)),
    Row("unrelated", _DROP, veto=True, organisation=_any(OrganisationVerdict.OTHER)),
    Row(
        "unrelated",
        _DROP,
        veto=True,
        status=_any(StatusVerdict.CANCELLED, StatusVerdict.PAID, StatusVerdict.ISSUED_AFTER),
    ),
    Row(
        "third_party",
        _SUGGEST,
        "Плательщик {payer} платит за другого: в назначении назван {client}. Подтвердите, что деньги за {invoice}.",
        veto=True,
        client=_any(_C.THIRD_PARTY),
    ),
    Row(
        "pays_for_other",
        _SUGGEST,
        "{invoice} выставлен самому плательщику, но в назначении сказано, что он платит за другого.",
        veto=True,
        number=NAMED,
        client=_any(_C.PAYS_FOR_OTHER),
    ),
    Row(
        "pays_for_other_sum",
        _SUGGEST,
        "Сумма равна {invoice_dative} плательщика, но в назначении сказано, что он платит за другого.",
        veto=True,
        amount=EXACT,
        client=_any(_C.PAYS_FOR_OTHER),
    ),
    Row(
        "other_client",
        _SUGGEST,
        "Номер совпал со {invoice_instrumental}, но он выставлен клиенту {client}, а заплатил {payer}.",
        veto=True,
        number=NAMED,
        client=_any(_C.CONTRADICTS),
    ),
    Row(
        "name_differs",
        _SUGGEST,
        "Номер совпал со {invoice_instrumental}, но плательщик «{payer}» не похож на клиента {client}, ИНН нет.",
        veto=True,
        number=NAMED,
        client=_any(_C.NAME_DIFFERS),
    ),
    Row("unrelated", _DROP, veto=True, client=_STRANGERS),
    Row(
        "date_differs",
        _SUGGEST,
        "Номер совпал со {invoice_instrumental}, но в назначении другая дата счёта ({quoted_date}).",
        veto=True,
        number=NAMED,
        date=_any(DateVerdict.CONTRADICTS),
    ),
    Row(
        "date_differs_sum_client",
        _SUGGEST,
        "Сумма и клиент подходят к {invoice_dative}, но в назначении назван счёт от другой даты.",
        veto=True,
        amount=EXACT,
        client=CLIENT_FITS,
        date=_any(DateVerdict.CONTRADICTS),
    ),
    Row(
        "reference_differs",
        _SUGGEST,
        "Номер совпал со {invoice_instrumental}, но договор или заказ в назначении не тот, по которому выставлен счёт.",
        veto=True,
        number=NAMED,
        reference=_any(ReferenceVerdict.CONTRADICTS),
    ),
    Row(
        "reference_differs_sum_client",
        _SUGGEST,
        "Сумма и клиент подходят к {invoice_dative}, но договор или заказ в назначении другой.",
        veto=True,
        amount=EXACT,
        client=CLIENT_FITS,
        reference=_any(ReferenceVerdict.CONTRADICTS),
    ),
    # Road (a): the number agrees with the sum or the client.
    Row(
        "number_sum_client",
        _AUTO,
        "Номер счёта, сумма {sum} и клиент {client} совпали: {invoice}.",
        number=_SURE,
        amount=_ONE_SUM,
        client=IDENTIFIED,
    ),
    Row(
        "number_sum_name",
        _AUTO,
        "Номер счёта и сумма {sum} совпали, название плательщика похоже на клиента {client}: {invoice}.",
        number=_SURE,
        amount=_ONE_SUM,
        client=_any(_C.NAME),
    ),
    Row(
        "number_sum",
        _AUTO,
        "Номер счёта и сумма {sum} совпали, ничто не противоречит: {invoice}.",
        number=_any(_N.AGREES, _N.AGREES_SHORT),
        amount=_ONE_SUM,
        client=_any(_C.UNKNOWN),
    ),
    Row(
        "several_sum_client",
        _AUTO,
        "Названные счета вместе дают ровно {sum}, клиент {client} совпал: {invoice}.",
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_any(_A.SUM_OF_NAMED, _A.AS_WRITTEN),
        client=CLIENT_FITS,
    ),
    Row(
        "several_sum",
        _AUTO,
        "Названные счета вместе дают ровно {sum}, ничто не противоречит: {invoice}.",
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_any(_A.SUM_OF_NAMED),
        client=_any(_C.UNKNOWN),
    ),
    Row(
        "number_client_part",
        _AUTO,
        "Номер счёта и клиент {client} совпали, {sum} — часть из {open}: {invoice}.",
        number=_SURE,
        amount=_PARTS,
        client=IDENTIFIED,
    ),
    Row(
        "number_share",
        _AUTO,
        "Номер счёта совпал, {sum} — ровно названная доля от {amount}: {invoice}.",
        number=_any(_N.AGREES, _N.AGREES_SHORT),
        amount=_any(_A.STATED_SHARE),
        client=_any(_C.NAME, _C.UNKNOWN),
    ),
    Row(
        "number_date_name_part",
        _AUTO,
        "Номер, дата счёта и название клиента {client} совпали, {sum} — часть из {open}: {invoice}.",
        number=_any(_N.AGREES),
        amount=_PARTS,
        client=_any(_C.NAME),
        date=_any(DateVerdict.AGREES),
    ),
    Row(
        "loose_number_sum_client",
        _AUTO,
        "Сумма {sum} и клиент {client} совпали, номер «{quoted}» написан не полностью: {invoice}.",
        number=_any(_N.AGREES_LOOSELY),
        amount=_ONE_SUM,
        client=IDENTIFIED,
    ),
    # Road (b): the sum and the client, no number named.
    Row(
        "sum_client",
        _AUTO,
        "Номера в назначении нет, но у клиента {client} ровно один открытый счёт на {sum}: {invoice}.",
        number=_any(_N.ABSENT),
        amount=_ONE_SUM,
        client=IDENTIFIED - {_C.BRANCH},
    ),
    # For a person.
    Row(
        "number_over",
        _SUGGEST,
        "{invoice} назван, но пришло больше, чем осталось оплатить: {sum} против {open}; лишнее решает человек.",
        number=NAMED - {_N.AGREES_FOR_SEVERAL, _N.ONE_OF_NAMED},
        amount=_any(_A.OVER),
    ),
    Row(
        "number_part_unsure",
        _SUGGEST,
        "{invoice} назван, но сумма {sum} меньше открытых {open}, а плательщик по ИНН или счёту не опознан.",
        number=_SURE,
        amount=_PARTS,
    ),
    Row(
        "few_digits_sum",
        _SUGGEST,
        "Сумма {sum} равна, но от номера в назначении только «{quoted}», а плательщик не опознан: {invoice}.",
        number=_any(_N.AGREES_FEW_DIGITS),
        amount=EXACT,
    ),
    Row(
        "loose_number",
        _SUGGEST,
        "Номер «{quoted}» похож на {invoice}, но совпал не полностью — подтвердите.",
        number=_any(_N.AGREES_LOOSELY),
    ),
    Row(
        "several_part",
        _SUGGEST,
        "Названные счета вместе больше платежа: открыто {open}, пришло {sum}; как разделить, решает человек.",
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_PARTS,
    ),
    Row(
        "several_over",
        _SUGGEST,
        "Названные счета вместе меньше платежа: открыто {open}, пришло {sum}; лишнее решает человек.",
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_any(_A.OVER),
    ),
    Row(
        "several_unsure",
        _SUGGEST,
        "Суммы по счетам взяты из назначения, но плательщик не опознан: {invoice}.",
        number=_any(_N.AGREES_FOR_SEVERAL),
    ),
    Row(
        "one_of_named",
        _SUGGEST,
        "Названо несколько счетов, найден или открыт не каждый: {invoice}.",
        number=_any(_N.ONE_OF_NAMED),
    ),
    Row(
        "sum_branch",
        _SUGGEST,
        "Сумма и ИНН совпали, но КПП другой: платит другое подразделение клиента {client}. {invoice}.",
        number=_any(_N.ABSENT),
        amount=_ONE_SUM,
        client=_any(_C.BRANCH),
    ),
    Row(
        "sum_name",
        _SUGGEST,
        "Сумма {sum} и название плательщика подходят к {invoice_dative}, но ИНН или счёта для уверенности нет.",
        number=_any(_N.ABSENT),
        amount=_ONE_SUM,
        client=_any(_C.NAME),
    ),
    Row(
        "unknown_number",
        _SUGGEST,
        "Счёт № {named} из назначения не найден; по сумме и клиенту подходит {invoice}.",
        number=_any(_N.UNKNOWN_NAMED),
        amount=_ONE_SUM,
        client=CLIENT_FITS,
    ),
    Row(
        "other_clients_number",
        _SUGGEST,
        "Счёт № {named} из назначения не этого плательщика; по сумме и клиенту подходит {invoice}.",
        number=_any(_N.OTHER_CLIENTS),
        amount=_ONE_SUM,
        client=CLIENT_FITS,
    ),
    Row(
        "other_number",
        _SUGGEST,
        "В назначении счёт № {named}, но он не подходит; по сумме и клиенту подходит {invoice}.",
        number=_any(_N.OTHER_NAMED),
        amount=_ONE_SUM,
        client=CLIENT_FITS,
    ),
    Row(
        "reference_sum",
        _SUGGEST,
        "Договор или заказ из назначения и сумма {sum} подходят к {invoice_dative}, но клиент не опознан.",
        reference=_any(ReferenceVerdict.AGREES),
        amount=_ONE_SUM,
    ),
    Row(
        "reference_only",
        _SUGGEST,
        "По договору или заказу из назначения открыт {invoice} на {open}, а пришло {sum}.",
        reference=_any(ReferenceVerdict.AGREES),
    ),
    Row(
        "stated_share",
        _SUGGEST,
        "{sum} — ровно названная доля от {amount}: {invoice}; номера в назначении нет.",
        amount=_any(_A.STATED_SHARE),
        client=CLIENT_FITS,
    ),
    Row(
        "unnamed_set",
        _SUGGEST,
        "Счета в назначении не названы, но {invoice} клиента {client} вместе дают ровно {sum}, и других таких нет.",
        number=_any(_N.ABSENT),
        amount=_any(_A.SUM_OF_UNNAMED),
        client=IDENTIFIED,
    ),
    Row(
        "client_part",
        _SUGGEST,
        "У клиента {client} открыт {invoice} на {open}, пришло меньше — {sum}; счёт в назначении не назван.",
        number=_any(_N.ABSENT),
        amount=_any(_A.PART),
        client=CLIENT_FITS,
    ),
    Row(
        "client_over",
        _SUGGEST,
        "У клиента {client} открыт {invoice} на {open}, пришло больше — {sum}; счёт в назначении не назван.",
        number=_any(_N.ABSENT),
        amount=_any(_A.OVER),
        client=CLIENT_FITS,
    ),
    Row(
        "client_other_number",
        _SUGGEST,
        "Счёт № {named} из назначения не подходит; у клиента {client} открыт {invoice} на {open}.",
        client=CLIENT_FITS,
    ),
    Row(
        "sum_only",
        _SUGGEST,
        "Совпала только сумма {sum}: {invoice}; ни номера, ни опознанного плательщика нет.",
        amount=_ONE_SUM,
    ),
    Row("unrelated", _DROP),
)


def row_for(verdicts: Verdicts, table: tuple[Row, ...] = TABLE) -> Row:
    """The first row that fits; the last row of a table fits everything."""
    return next(row for row in table if row.fits(verdicts))
