"""What Bitrix24's errors mean, matched by code first and status second; texts are localised and never matched.

Sources: apidocs.bitrix24.com, pages "System errors", "Limits" and the method pages.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from typing import Final

from connectors.shared.http import UNSENT
from connectors.shared.outcomes import Action, Answer, OutcomeTable, Row

_CLIENT_FAULTS: Final = frozenset({400, 404, 405, 422})


def _rows(action: Action, *codes: str, statuses: frozenset[int] = frozenset()) -> list[Row]:
    return [Row(action, code, statuses) for code in codes]


TABLE: Final = OutcomeTable(
    [
        *(Row(Action.RETRY, failure=failure) for failure in UNSENT),
        *_rows(Action.THROTTLED, "QUERY_LIMIT_EXCEEDED"),
        *_rows(Action.BLOCKED, "OPERATION_TIME_LIMIT"),
        *_rows(Action.SUSPENDED, "OVERLOAD_LIMIT", "PORTAL_DELETED"),
        *_rows(Action.UNCERTAIN, "INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER"),
        *_rows(Action.REAUTHORISE, "expired_token", "NO_AUTH_FOUND", "invalid_token", "authorization_error"),
        *_rows(Action.REAUTHORISE, "APPLICATION_NOT_FOUND", "ERROR_OAUTH", "PAYMENT_REQUIRED", "INVALID_REQUEST"),
        *_rows(Action.REAUTHORISE, "user_access_error"),
        *_rows(Action.REAUTHORISE, "ACCESS_DENIED", statuses=frozenset({401, 402, 403})),
        *_rows(Action.REFUSED, "insufficient_scope", "INVALID_CREDENTIALS", "allowed_only_intranet_user"),
        *_rows(Action.REFUSED, "WRONG_AUTH_TYPE", "ACCESS_DENIED", "ERROR_METHOD_NOT_FOUND"),
        *_rows(Action.GONE, "NOT_FOUND", "OWNER_NOT_FOUND", "ERROR_NOT_FOUND"),
        *_rows(Action.REFUSED, "INVALID_ARG_VALUE", "CRM_FIELD_ERROR_*", "UPDATE_DYNAMIC_ITEM_RESTRICTED"),
        *_rows(Action.REFUSED, "ENTITY_TYPE_NOT_SUPPORTED", "WRONG_DATETIME_FORMAT", "ERROR_CORE", "100", "0", "", "-"),
        *_rows(Action.REFUSED, "ERROR_BATCH_LENGTH_EXCEEDED", "ERROR_BATCH_METHOD_NOT_ALLOWED"),
        *_rows(Action.REFUSED, "ERROR_MANIFEST_IS_NOT_AVAILABLE"),
        # A renamed portal (or its licence page) answered in place of the REST service: nothing ran.
        Row(Action.REAUTHORISE, statuses=frozenset({301, 302, 303, 307, 308})),
        # A code that we do not know under these statuses is still the portal's own "no".
        *_rows(Action.THROTTLED, "*", statuses=frozenset({429})),
        *_rows(Action.REAUTHORISE, "*", statuses=frozenset({401, 402})),
        *_rows(Action.REFUSED, "*", statuses=_CLIENT_FAULTS | {403}),
        Row(Action.RETRY, statuses=frozenset({429})),
    ]
)


def classify(answer: Answer) -> Action:
    """The action for an unsuccessful answer; a refusal under status 200 contradicts itself and proves nothing."""
    action = TABLE.classify(answer)
    if answer.status is not None and 200 <= answer.status < 300 and action in (Action.REFUSED, Action.GONE):
        return Action.UNCERTAIN
    return action


_FOR_PERSON: Final[Mapping[str, str]] = {
    "query_limit_exceeded": "Битрикс24 просит подождать: слишком частые запросы. Повторим сами.",
    "operation_time_limit": "Битрикс24 на время закрыл этот метод (исчерпано время работы). Повторим сами.",
    "overload_limit": "Битрикс24 закрыл доступ из-за нагрузки. Обратитесь в поддержку Битрикс24.",
    "portal_deleted": "Портал Битрикс24 закрыт или удалён. Проверьте лицензию и адрес портала.",
    "no_auth_found": "Вебхук не принят: он удалён, истёк или его код сменился. Создайте вебхук заново и подключите.",
    "expired_token": "Срок вебхука истёк. Создайте вебхук заново и подключите.",
    "payment_required": "Тариф портала не даёт доступа к REST. Оплатите тариф или подписку «Битрикс24 Маркет».",
    "access_denied": "Битрикс24 не разрешил действие: не хватает прав сотрудника, создавшего вебхук.",
    "insufficient_scope": "У вебхука не отмечено нужное право. Отметьте его в настройках вебхука.",
    "invalid_credentials": "У сотрудника, создавшего вебхук, нет прав на это действие в CRM.",
    "wrong_auth_type": "Этот метод недоступен входящему вебхуку.",
    "not_found": "Запись удалена или недоступна сотруднику, создавшему вебхук.",
    "owner_not_found": "Сделка удалена или недоступна сотруднику, создавшему вебхук.",
    "invalid_request": "Портал принимает только https.",
}


def for_person(code: str, description: str) -> str:
    """Words for a person: ours where we have them, else the portal's own text without mark-up."""
    known = _FOR_PERSON.get(code.casefold())
    if known is not None:
        return known
    text = plain(description)
    return f"Битрикс24 ответил отказом: {text or code or 'без объяснения'}"


def plain(text: str, limit: int = 500) -> str:
    """A vendor's text without tags and entities, on one line."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())[:limit]
