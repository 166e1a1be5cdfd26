from __future__ import annotations

import pytest

from connectors.bitrix24.outcomes import classify, for_person, plain
from connectors.shared.http import Failure
from connectors.shared.outcomes import Action, Answer

CODES = [
    (503, "QUERY_LIMIT_EXCEEDED", Action.THROTTLED),
    (429, "OPERATION_TIME_LIMIT", Action.BLOCKED),
    (None, "OPERATION_TIME_LIMIT", Action.BLOCKED),
    (503, "OVERLOAD_LIMIT", Action.SUSPENDED),
    (500, "PORTAL_DELETED", Action.SUSPENDED),
    (403, "PORTAL_DELETED", Action.SUSPENDED),
    (410, "PORTAL_DELETED", Action.SUSPENDED),
    (500, "INTERNAL_SERVER_ERROR", Action.UNCERTAIN),
    (500, "ERROR_UNEXPECTED_ANSWER", Action.UNCERTAIN),
    (401, "expired_token", Action.REAUTHORISE),
    (401, "EXPIRED_TOKEN", Action.REAUTHORISE),
    (401, "NO_AUTH_FOUND", Action.REAUTHORISE),
    (401, "invalid_token", Action.REAUTHORISE),
    (401, "authorization_error", Action.REAUTHORISE),
    (401, "APPLICATION_NOT_FOUND", Action.REAUTHORISE),
    (401, "ERROR_OAUTH", Action.REAUTHORISE),
    (401, "PAYMENT_REQUIRED", Action.REAUTHORISE),
    (403, "PAYMENT_REQUIRED", Action.REAUTHORISE),
    (401, "ACCESS_DENIED", Action.REAUTHORISE),
    (403, "ACCESS_DENIED", Action.REAUTHORISE),
    (400, "ACCESS_DENIED", Action.REFUSED),
    (None, "ACCESS_DENIED", Action.REFUSED),
    (403, "insufficient_scope", Action.REFUSED),
    (401, "insufficient_scope", Action.REFUSED),
    (403, "INVALID_CREDENTIALS", Action.REFUSED),
    (401, "INVALID_CREDENTIALS", Action.REFUSED),
    (403, "user_access_error", Action.REAUTHORISE),
    (403, "allowed_only_intranet_user", Action.REFUSED),
    (403, "WRONG_AUTH_TYPE", Action.REFUSED),
    (400, "INVALID_REQUEST", Action.REAUTHORISE),
    (400, "NOT_FOUND", Action.GONE),
    (None, "NOT_FOUND", Action.GONE),
    (400, "OWNER_NOT_FOUND", Action.GONE),
    (400, "INVALID_ARG_VALUE", Action.REFUSED),
    (400, "CRM_FIELD_ERROR_REQUIRED", Action.REFUSED),
    (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID", Action.REFUSED),
    (400, "100", Action.REFUSED),
    (400, "0", Action.REFUSED),
    (400, "", Action.REFUSED),
    (400, "-", Action.REFUSED),
    (400, "UPDATE_DYNAMIC_ITEM_RESTRICTED", Action.REFUSED),
    (400, "ERROR_BATCH_LENGTH_EXCEEDED", Action.REFUSED),
    (405, "ERROR_BATCH_METHOD_NOT_ALLOWED", Action.REFUSED),
    (404, "ERROR_METHOD_NOT_FOUND", Action.REFUSED),
    (404, "ERROR_MANIFEST_IS_NOT_AVAILABLE", Action.REFUSED),
    (400, "NEVER_SEEN", Action.REFUSED),
    (403, "NEVER_SEEN", Action.REFUSED),
    (401, "NEVER_SEEN", Action.REAUTHORISE),
    (429, "NEVER_SEEN", Action.THROTTLED),
    (500, "NEVER_SEEN", Action.UNCERTAIN),
    (503, "NEVER_SEEN", Action.UNCERTAIN),
    (200, "NEVER_SEEN", Action.UNCERTAIN),
    (200, "ACCESS_DENIED", Action.UNCERTAIN),
    (200, "NOT_FOUND", Action.UNCERTAIN),
    (200, "QUERY_LIMIT_EXCEEDED", Action.THROTTLED),
]


@pytest.mark.parametrize(("status", "code", "action"), CODES)
def test_an_error_means_what_its_code_says(status: int | None, code: str, action: Action) -> None:
    assert classify(Answer(status, code)) is action


@pytest.mark.parametrize(
    ("status", "action"),
    [
        (200, Action.UNCERTAIN),
        (301, Action.REAUTHORISE),
        (302, Action.REAUTHORISE),
        (307, Action.REAUTHORISE),
        (400, Action.UNCERTAIN),
        (403, Action.UNCERTAIN),
        (404, Action.UNCERTAIN),
        (429, Action.RETRY),
        (500, Action.UNCERTAIN),
        (502, Action.UNCERTAIN),
        (503, Action.UNCERTAIN),
        (504, Action.UNCERTAIN),
    ],
)
def test_a_reply_without_a_code_proves_little(status: int, action: Action) -> None:
    assert classify(Answer(status)) is action


@pytest.mark.parametrize("failure", Failure)
def test_only_a_request_that_never_left_may_be_repeated(failure: Failure) -> None:
    expected = Action.RETRY if failure is Failure.NOT_SENT else Action.UNCERTAIN
    assert classify(Answer(failure=failure)) is expected


def test_a_known_code_is_told_in_our_words_and_another_in_the_portals() -> None:
    assert "Создайте вебхук заново" in for_person("NO_AUTH_FOUND", "whatever")
    assert (
        for_person("X", "Поле <b>&laquo;Сумма&raquo;</b><br>пусто") == "Битрикс24 ответил отказом: Поле «Сумма» пусто"
    )
    assert for_person("", "") == "Битрикс24 ответил отказом: без объяснения"


def test_texts_of_the_portal_are_bounded() -> None:
    assert len(plain("x" * 10_000)) == 500
