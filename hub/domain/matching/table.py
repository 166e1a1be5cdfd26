"""The decision table: which verdicts let a machine act. Read from the top, the first row that fits decides.

A row names the verdicts it wants; an aspect that it does not name may be anything. Vetoes stand first: what contradicts
can never be outweighed. What each row says is in `sentences`; the same table in prose is in docs/matching.md.
"""

from __future__ import annotations

from functools import lru_cache
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

TABLE_VERSION: Final = "3"
_T = TypeVar("_T")


def _any(*items: _T) -> frozenset[_T]:
    return frozenset(items)


_N, _A, _C = NumberVerdict, AmountVerdict, ClientVerdict
_AUTO, _SUGGEST, _DROP = Outcome.AUTO, Outcome.SUGGEST, Outcome.DROP
_SURE: Final = frozenset({_N.AGREES, _N.AGREES_SHORT, _N.AGREES_FEW_DIGITS})
_PARTS: Final = frozenset({_A.PART, _A.PART_BY_VAT, _A.STATED_PART, _A.STATED_SHARE})
_ONE_SUM: Final = frozenset({_A.EQUAL, _A.REST})
_STRANGERS: Final = frozenset({_C.CONTRADICTS, _C.NAME_DIFFERS})

TABLE: Final[tuple[Row, ...]] = (
    # Vetoes.
    Row(
        "other_currency",
        _SUGGEST,
        veto=True,
        number=NAMED,
        currency=_any(CurrencyVerdict.OTHER),
    ),
    Row(
        "other_organisation",
        _SUGGEST,
        veto=True,
        number=NAMED,
        organisation=_any(OrganisationVerdict.OTHER),
    ),
    Row(
        "cancelled",
        _SUGGEST,
        veto=True,
        number=NAMED,
        status=_any(StatusVerdict.CANCELLED),
    ),
    Row(
        "already_paid",
        _SUGGEST,
        veto=True,
        number=NAMED,
        status=_any(StatusVerdict.PAID),
    ),
    Row(
        "issued_after",
        _SUGGEST,
        veto=True,
        number=NAMED,
        status=_any(StatusVerdict.ISSUED_AFTER),
    ),
    Row(
        "issued_after_sum_client",
        _SUGGEST,
        veto=True,
        amount=EXACT,
        client=IDENTIFIED,
        currency=_any(CurrencyVerdict.SAME),
        organisation=_any(OrganisationVerdict.SAME, OrganisationVerdict.UNKNOWN),
        status=_any(StatusVerdict.ISSUED_AFTER),
    ),
    Row(
        "other_organisation_sum_client",
        _SUGGEST,
        veto=True,
        number=_any(_N.ABSENT),
        amount=EXACT,
        client=IDENTIFIED,
        organisation=_any(OrganisationVerdict.OTHER),
        status=_any(StatusVerdict.OPEN),
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
        veto=True,
        client=_any(_C.THIRD_PARTY),
    ),
    Row(
        "pays_for_other",
        _SUGGEST,
        veto=True,
        number=NAMED,
        client=_any(_C.PAYS_FOR_OTHER),
    ),
    Row(
        "pays_for_other_sum",
        _SUGGEST,
        veto=True,
        amount=EXACT,
        client=_any(_C.PAYS_FOR_OTHER),
    ),
    Row(
        "other_client",
        _SUGGEST,
        veto=True,
        number=NAMED,
        client=_any(_C.CONTRADICTS),
    ),
    Row(
        "name_differs",
        _SUGGEST,
        veto=True,
        number=NAMED,
        client=_any(_C.NAME_DIFFERS),
    ),
    Row("unrelated", _DROP, veto=True, client=_STRANGERS),
    Row(
        "date_differs",
        _SUGGEST,
        veto=True,
        number=NAMED,
        date=_any(DateVerdict.CONTRADICTS),
    ),
    Row(
        "date_differs_sum_client",
        _SUGGEST,
        veto=True,
        amount=EXACT,
        client=CLIENT_FITS,
        date=_any(DateVerdict.CONTRADICTS),
    ),
    Row(
        "reference_differs",
        _SUGGEST,
        veto=True,
        number=NAMED,
        reference=_any(ReferenceVerdict.CONTRADICTS),
    ),
    Row(
        "reference_differs_sum_client",
        _SUGGEST,
        veto=True,
        amount=EXACT,
        client=CLIENT_FITS,
        reference=_any(ReferenceVerdict.CONTRADICTS),
    ),
    # Road (a): the number agrees with the sum or the client.
    Row(
        "number_sum_client",
        _AUTO,
        number=_SURE,
        amount=_ONE_SUM,
        client=IDENTIFIED,
    ),
    Row(
        "number_sum_name",
        _AUTO,
        number=_any(_N.AGREES, _N.AGREES_SHORT),
        amount=_ONE_SUM,
        client=_any(_C.NAME),
    ),
    Row(
        "few_digits_date_sum_name",
        _AUTO,
        number=_any(_N.AGREES_FEW_DIGITS),
        amount=_ONE_SUM,
        client=_any(_C.NAME),
        date=_any(DateVerdict.AGREES),
    ),
    Row(
        "number_sum",
        _AUTO,
        number=_any(_N.AGREES, _N.AGREES_SHORT),
        amount=_ONE_SUM,
        client=_any(_C.UNKNOWN),
    ),
    Row(
        "several_sum_client",
        _AUTO,
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_any(_A.SUM_OF_NAMED, _A.AS_WRITTEN),
        client=CLIENT_FITS,
    ),
    Row(
        "several_sum",
        _AUTO,
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_any(_A.SUM_OF_NAMED),
        client=_any(_C.UNKNOWN),
    ),
    Row(
        "number_client_part",
        _AUTO,
        number=_SURE,
        amount=_PARTS,
        client=IDENTIFIED,
    ),
    Row(
        "loose_number_sum_client",
        _AUTO,
        number=_any(_N.AGREES_LOOSELY),
        amount=_ONE_SUM,
        client=IDENTIFIED,
    ),
    Row(
        "mentioned_sum_client",
        _AUTO,
        number=_any(_N.MENTIONED),
        amount=_ONE_SUM,
        client=CLIENT_FITS,
    ),
    # Road (b): the sum and the client, no number named.
    Row(
        "sum_client",
        _AUTO,
        number=_any(_N.ABSENT),
        amount=_ONE_SUM,
        client=IDENTIFIED - {_C.BRANCH},
    ),
    # For a person.
    Row(
        "vat_changed",
        _SUGGEST,
        number=NAMED - {_N.ONE_OF_NAMED},
        amount=_any(_A.OVER_BY_VAT),
    ),
    Row(
        "vat_changed_client",
        _SUGGEST,
        number=_any(_N.ABSENT),
        amount=_any(_A.OVER_BY_VAT, _A.PART_BY_VAT),
        client=CLIENT_FITS,
    ),
    Row(
        "number_over",
        _SUGGEST,
        number=NAMED - {_N.AGREES_FOR_SEVERAL, _N.ONE_OF_NAMED},
        amount=_any(_A.OVER),
    ),
    Row(
        "number_share_unsure",
        _SUGGEST,
        number=_SURE,
        amount=_any(_A.STATED_SHARE),
    ),
    Row(
        "number_part_unsure",
        _SUGGEST,
        number=_SURE,
        amount=_PARTS,
    ),
    Row(
        "few_digits_sum",
        _SUGGEST,
        number=_any(_N.AGREES_FEW_DIGITS),
        amount=EXACT,
    ),
    Row(
        "loose_number",
        _SUGGEST,
        number=_any(_N.AGREES_LOOSELY, _N.RESEMBLES),
    ),
    Row(
        "several_part",
        _SUGGEST,
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_PARTS,
    ),
    Row(
        "several_over",
        _SUGGEST,
        number=_any(_N.AGREES_FOR_SEVERAL),
        amount=_any(_A.OVER),
    ),
    Row(
        "several_unsure",
        _SUGGEST,
        number=_any(_N.AGREES_FOR_SEVERAL),
    ),
    Row(
        "one_of_named",
        _SUGGEST,
        number=_any(_N.ONE_OF_NAMED),
    ),
    Row(
        "sum_branch",
        _SUGGEST,
        number=_any(_N.ABSENT),
        amount=_ONE_SUM,
        client=_any(_C.BRANCH),
    ),
    Row(
        "sum_name",
        _SUGGEST,
        number=_any(_N.ABSENT),
        amount=_ONE_SUM,
        client=_any(_C.NAME),
    ),
    Row(
        "unknown_number",
        _SUGGEST,
        number=_any(_N.UNKNOWN_NAMED),
        amount=_ONE_SUM,
        client=CLIENT_FITS,
    ),
    Row(
        "other_clients_number",
        _SUGGEST,
        number=_any(_N.OTHER_CLIENTS),
        amount=_ONE_SUM,
        client=CLIENT_FITS,
    ),
    Row(
        "other_number",
        _SUGGEST,
        number=_any(_N.OTHER_NAMED),
        amount=_ONE_SUM,
        client=CLIENT_FITS,
    ),
    Row(
        "reference_sum",
        _SUGGEST,
        reference=_any(ReferenceVerdict.AGREES),
        amount=_ONE_SUM,
    ),
    Row(
        "reference_only",
        _SUGGEST,
        reference=_any(ReferenceVerdict.AGREES),
    ),
    Row(
        "stated_share",
        _SUGGEST,
        amount=_any(_A.STATED_SHARE),
        client=CLIENT_FITS,
    ),
    Row(
        "unnamed_set",
        _SUGGEST,
        number=_any(_N.ABSENT),
        amount=_any(_A.SUM_OF_UNNAMED),
        client=IDENTIFIED,
    ),
    Row(
        "client_part",
        _SUGGEST,
        number=_any(_N.ABSENT),
        amount=_any(_A.PART, _A.STATED_PART),
        client=CLIENT_FITS,
    ),
    Row(
        "client_over",
        _SUGGEST,
        number=_any(_N.ABSENT),
        amount=_any(_A.OVER),
        client=CLIENT_FITS,
    ),
    Row(
        "client_other_number",
        _SUGGEST,
        client=CLIENT_FITS,
    ),
    Row(
        "sum_only",
        _SUGGEST,
        amount=_ONE_SUM,
    ),
    Row("unrelated", _DROP),
)


def row_for(verdicts: Verdicts, table: tuple[Row, ...] = TABLE) -> Row:
    """The first row that fits; the last row of a table fits everything."""
    if table is TABLE:
        return _row_of_ours(verdicts)
    return next(row for row in table if row.fits(verdicts))


@lru_cache(maxsize=8192)
def _row_of_ours(verdicts: Verdicts) -> Row:
    return next(row for row in TABLE if row.fits(verdicts))
