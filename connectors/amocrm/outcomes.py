"""What amoCRM's answers mean: by status and by what kind of body came with it. Texts are localised and never matched.

The codes are ours where the vendor has none: `html` for a page instead of JSON, `revoked` for a spent refresh token.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Final

from connectors.shared.http import UNSENT
from connectors.shared.outcomes import Action, Answer, OutcomeTable, Row

#: A body that is no JSON: the vendor's front, not its application, answered.
HTML: Final = "html"
REVOKED: Final = "revoked"

_MOVED: Final = frozenset({301, 302, 303, 307, 308})

TABLE: Final = OutcomeTable(
    [
        *(Row(Action.RETRY, failure=failure) for failure in UNSENT),
        Row(Action.REAUTHORISE, statuses=frozenset({401})),
        Row(Action.SUSPENDED, statuses=frozenset({402})),
        # A page in place of an answer: the account or our address is shut out until a person asks the vendor.
        Row(Action.BLOCKED, HTML, frozenset({403})),
        Row(Action.REFUSED, statuses=frozenset({403})),
        Row(Action.THROTTLED, statuses=frozenset({429})),
        # No such path; a record that does not exist is answered in JSON, or with 204.
        Row(Action.REFUSED, HTML, frozenset({404})),
        Row(Action.GONE, statuses=frozenset({404})),
        Row(Action.REFUSED, statuses=frozenset({400, 405, 406, 411, 413, 414, 415, 422, 431})),
        # A renamed account answers elsewhere: nothing ran here.
        Row(Action.REAUTHORISE, statuses=_MOVED),
    ]
)


def classify(answer: Answer) -> Action:
    """The action for an unsuccessful answer; what the table does not name proves nothing."""
    return TABLE.classify(answer)


_FOR_PERSON: Final[Mapping[Action, str]] = {
    Action.THROTTLED: "amoCRM просит подождать: слишком частые запросы к аккаунту. Повторим сами.",
    Action.SUSPENDED: "Аккаунт amoCRM не оплачен: доступа к данным нет. Оплатите тариф, потом хаб продолжит сам.",
    Action.BLOCKED: (
        "amoCRM закрыл хабу доступ к аккаунту (блокировка за нагрузку). "
        "Её снимает только поддержка amoCRM; хаб проверяет раз в десять минут."
    ),
}
_NO_ACCESS: Final = "amoCRM не принимает доступ: токен отозван или истёк. Подключите заново: {command}."
_MOVED_AWAY: Final = "Аккаунт amoCRM отвечает с другого адреса (его переименовали). Подключите его по новому адресу."
_NO_SUCH_PLACE: Final = (
    "По этому адресу amoCRM не отвечает: аккаунт переименован или удалён. Проверьте address подключения."
)
_NO_RIGHT: Final = "amoCRM не разрешил действие: у пользователя, от имени которого работает хаб, не хватает прав."
_GONE: Final = "Записи в amoCRM больше нет."
_BROKEN: Final = "amoCRM прислал непонятный ответ. Проверим, что получилось, и повторим, если нужно."


def for_person(action: Action, answer: Answer, description: str, command: str) -> str:
    """Words for a person: ours where we have them, else the account's own text without mark-up.

    Args:
        command: what to run where the access is dead.
    """
    if action in _FOR_PERSON:
        return _FOR_PERSON[action]
    if action is Action.REAUTHORISE:
        return _MOVED_AWAY if answer.status in _MOVED else _NO_ACCESS.format(command=command)
    if action is Action.GONE:
        return _GONE
    if (answer.status, answer.code) == (404, HTML):
        return _NO_SUCH_PLACE
    if action is Action.REFUSED:
        text = plain(description)
        return _NO_RIGHT if answer.status == 403 else f"amoCRM ответил отказом: {text or 'без объяснения'}"
    return _BROKEN


def plain(text: str, limit: int = 500) -> str:
    """A vendor's text without tags and entities, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())[:limit]
