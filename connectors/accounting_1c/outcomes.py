"""What 1C's answers mean: by its own error code, by status, by what kind of body came. Texts are never matched.

The codes are 1C's own numbers. Ours, where it has none: `page` for HTML in place of data, `exception` for an error of
the application server. A 401 with code 20 speaks of rights, a 401 without one of the login.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from connectors.shared.http import UNSENT, Failure
from connectors.shared.outcomes import Action, Answer, OutcomeTable, Row

PAGE: Final = "page"
EXCEPTION: Final = "exception"
#: An error inside 1C: a rule of business, a closed period, a posting that failed.
INSIDE: Final = "-1"
NO_OBJECT: Final = "8"
NOT_FOUND: Final = "9"
NO_FIELD: Final = "10"
NO_RIGHT: Final = "20"
_MOVED: Final = frozenset({301, 302, 303, 307, 308})
_BUSY: Final = frozenset({406})

TABLE: Final = OutcomeTable(
    [
        *(Row(Action.RETRY, failure=failure) for failure in UNSENT),
        # Every session of the publication is taken, or there is no licence left: the call did not run.
        Row(Action.THROTTLED, statuses=_BUSY),
        Row(Action.GONE, NOT_FOUND),
        # What 1C itself answered, it will answer again: the request or the base must change first.
        *(Row(Action.REFUSED, str(code)) for code in (*range(9), *range(10, 22))),
        Row(Action.REFUSED, INSIDE),
        Row(Action.REAUTHORISE, statuses=frozenset({401}) | _MOVED),
        Row(Action.REFUSED, statuses=frozenset({400, 403, 404, 405, 411, 412, 413, 414, 501})),
    ]
)

_BY_CODE: Final[Mapping[str, str]] = {
    NO_OBJECT: "1С не видит объекта, который нужен хабу: его нет в составе публикации OData. {said}",
    NO_FIELD: "В базе нет реквизита, который ждёт хаб: проверьте файл имён (map) подключения. {said}",
    NO_RIGHT: "У пользователя 1С, от имени которого работает хаб, нет прав на это действие. {said}",
    NOT_FOUND: "Документа или записи в 1С больше нет.",
}
_BY_STATUS: Final[Mapping[int, str]] = {
    401: "1С не принимает логин или пароль. Подключите заново: sverka connect 1c.",
    403: "Веб-сервер 1С закрыл хабу доступ (403): проверьте настройки публикации.",
    404: "По этому адресу публикации OData нет: проверьте address подключения и публикацию базы.",
    406: "Все сеансы публикации 1С заняты или не хватает лицензий. Хаб подождёт и продолжит сам.",
    412: "Документ в 1С изменили, пока хаб его читал: ничего не записано.",
}
_UNREACHABLE: Final[Mapping[Failure, str]] = {
    Failure.NO_NAME: "Имя сервера 1С не находится (DNS). Проверьте адрес и сеть хаба; повторим сами.",
    Failure.FORBIDDEN_ADDRESS: "Имя сервера 1С ведёт на запрещённый адрес: запрос не отправлен.",
    Failure.UNTRUSTED: "Сертификат сервера 1С не прошёл проверку: запрос не отправлен. Проверьте его на машине хаба.",
    Failure.OVERSIZED: "1С прислала слишком большой ответ: он не прочитан. Уменьшите page_rows подключения.",
}
_PAGE: Final = (
    "Вместо данных 1С пришла страница: вход в облако, ошибка веб-сервера или нехватка лицензий. Повторим сами."
)
_NO_ANSWER: Final = "1С не ответила. Проверим, что получилось, и повторим, если нужно."
_BROKEN: Final = "1С отвечает ошибкой ({status}). Повторим сами."


def classify(answer: Answer) -> Action:
    """The action for an unsuccessful answer; what the table does not name proves nothing."""
    return TABLE.classify(answer)


def for_person(answer: Answer, said: str) -> str:
    """Words for a person: 1C's own wherever it gave any."""
    if answer.failure is not None:
        return _UNREACHABLE.get(answer.failure, _NO_ANSWER)
    code, status = answer.code or "", answer.status or 0
    if code in _BY_CODE:
        return _BY_CODE[code].format(said=f"1С: «{said}»" if said else "").strip()
    if code == INSIDE:
        return f"1С отказала: «{said}»" if said else "1С отказала без объяснения."
    if status in _BY_STATUS:
        return _BY_STATUS[status]
    if code == PAGE:
        return _PAGE
    if code and code != EXCEPTION:
        return f"1С не приняла запрос (код {code})" + (f": «{said}»" if said else ".")
    return _BROKEN.format(status=status or "без ответа")
