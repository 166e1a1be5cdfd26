"""What Tochka's errors mean, by code first and status second; texts are never matched.

Source: developers.tochka.com (`{code, id, message, Errors: [{errorCode, message, url}]}`; a deleted token gives 403).
"""

from __future__ import annotations

from typing import Final

from connectors.bank.providers.rest import Service, Words
from connectors.shared.http import UNSENT
from connectors.shared.outcomes import Action, OutcomeTable, Row

TABLE: Final = OutcomeTable(
    [
        *(Row(Action.RETRY, failure=failure) for failure in UNSENT),
        Row(Action.THROTTLED, "OPERATION_RATE_LIMIT"),
        Row(Action.THROTTLED, statuses=frozenset({429})),
        Row(Action.REAUTHORISE, "INVALID_TOKEN"),
        Row(Action.REAUTHORISE, statuses=frozenset({401, 403})),
        Row(Action.GONE, statuses=frozenset({404})),
        Row(Action.RETRY, statuses=frozenset({424})),
        Row(Action.REFUSED, statuses=frozenset({400, 405, 415, 422})),
        Row(Action.REAUTHORISE, statuses=frozenset({301, 302, 303, 307, 308})),
    ]
)
_WORDS: Final = Words(
    bank="Точка",
    denied=(
        "Точка не принимает токен: он удалён, истёк или без нужных прав (счета, выписки). Выпустите токен заново и "
        "подключите: {command}."
    ),
    codes={"operation_forbidden": "Точка не разрешает это действие: у токена нет нужного права."},
)
_CODES: Final = ("errorCode", "code", "message")
#: The bank publishes no figures: a few requests at once, five a second.
_RATE: Final = (10.0, 5.0)


def service(api_url: str) -> Service:
    """Tochka's API at an address."""
    return Service("tochka", api_url, TABLE, _WORDS, _CODES, _RATE)
