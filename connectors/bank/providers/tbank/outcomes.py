"""What T-API's errors mean, by status; codes only name them for a person.

Source: developer.tbank.ru, pages of the methods and "sandbox" (`{errorId, errorMessage, errorCode, errorDetails}`).
"""

from __future__ import annotations

from typing import Final

from connectors.bank.providers.rest import Service, Words
from connectors.shared.http import UNSENT
from connectors.shared.outcomes import Action, OutcomeTable, Row

TABLE: Final = OutcomeTable(
    [
        *(Row(Action.RETRY, failure=failure) for failure in UNSENT),
        Row(Action.THROTTLED, statuses=frozenset({429})),
        Row(Action.REAUTHORISE, statuses=frozenset({401, 403})),
        Row(Action.REFUSED, statuses=frozenset({400, 404, 405, 409, 415, 422})),
        Row(Action.REAUTHORISE, statuses=frozenset({301, 302, 303, 307, 308})),
    ]
)
_WORDS: Final = Words(
    bank="Т-Банк",
    denied=(
        "Т-Банк не принимает токен: он отозван, истёк, без права на выписку, или адрес этого компьютера не внесён "
        "в список разрешённых. Выпустите токен заново и подключите: {command}."
    ),
    codes={"invalid_data": "Т-Банк не принимает запрос: неверный номер счёта или даты."},
)
_CODES: Final = ("errorCode", "code")
#: The statement's method takes 20 requests a second: so many at once and so many a second fit into any one second.
_RATE: Final = (8.0, 10.0)


def service(api_url: str) -> Service:
    """T-API at an address."""
    return Service("tbank", api_url, TABLE, _WORDS, _CODES, _RATE)
