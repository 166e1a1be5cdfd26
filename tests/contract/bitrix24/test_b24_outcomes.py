from __future__ import annotations

import importlib.util
from dataclasses import replace

import pytest

from connectors.bitrix24 import outcomes
from connectors.bitrix24.outcomes import classify, for_person, plain
from connectors.shared.http import UNSENT, Failure
from connectors.shared.outcomes import Action, Answer, OutcomeTable

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
    (299, "NOT_FOUND", Action.UNCERTAIN),
    (300, "NOT_FOUND", Action.GONE),
    (403, "ENTITY_TYPE_NOT_SUPPORTED", Action.REFUSED),
    (500, "ENTITY_TYPE_NOT_SUPPORTED", Action.REFUSED),
    (500, "WRONG_DATETIME_FORMAT", Action.REFUSED),
    (500, "ERROR_CORE", Action.REFUSED),
]


#: A code under no status, as in a batch, or under one that says nothing of its own.
ALONE = {
    Action.REAUTHORISE: (
        *("expired_token", "NO_AUTH_FOUND", "invalid_token", "authorization_error", "APPLICATION_NOT_FOUND"),
        *("ERROR_OAUTH", "PAYMENT_REQUIRED", "INVALID_REQUEST", "user_access_error"),
    ),
    Action.REFUSED: (
        *("insufficient_scope", "INVALID_CREDENTIALS", "allowed_only_intranet_user", "WRONG_AUTH_TYPE"),
        *(
            "ACCESS_DENIED",
            "ERROR_METHOD_NOT_FOUND",
            "INVALID_ARG_VALUE",
            "CRM_FIELD_ERROR_REQUIRED",
            "100",
            "0",
            "",
            "-",
        ),
        *("UPDATE_DYNAMIC_ITEM_RESTRICTED", "ENTITY_TYPE_NOT_SUPPORTED", "WRONG_DATETIME_FORMAT", "ERROR_CORE"),
        *("ERROR_BATCH_LENGTH_EXCEEDED", "ERROR_BATCH_METHOD_NOT_ALLOWED", "ERROR_MANIFEST_IS_NOT_AVAILABLE"),
    ),
    Action.GONE: ("NOT_FOUND", "OWNER_NOT_FOUND", "ERROR_NOT_FOUND"),
    Action.THROTTLED: ("QUERY_LIMIT_EXCEEDED",),
    Action.BLOCKED: ("OPERATION_TIME_LIMIT",),
    Action.SUSPENDED: ("OVERLOAD_LIMIT", "PORTAL_DELETED"),
    Action.UNCERTAIN: ("INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "NEVER_SEEN"),
}
CODES += [(status, code, action) for action, codes in ALONE.items() for code in codes for status in (None, 500)]
CODES += [(400, "INTERNAL_SERVER_ERROR", Action.UNCERTAIN), (400, "ERROR_UNEXPECTED_ANSWER", Action.UNCERTAIN)]
BARE = [
    (200, Action.UNCERTAIN),
    (301, Action.REAUTHORISE),
    (302, Action.REAUTHORISE),
    (303, Action.REAUTHORISE),
    (307, Action.REAUTHORISE),
    (308, Action.REAUTHORISE),
    (400, Action.UNCERTAIN),
    (403, Action.UNCERTAIN),
    (404, Action.UNCERTAIN),
    (429, Action.RETRY),
    (500, Action.UNCERTAIN),
    (502, Action.UNCERTAIN),
    (503, Action.UNCERTAIN),
    (504, Action.UNCERTAIN),
]


@pytest.mark.parametrize(("status", "code", "action"), CODES)
def test_an_error_means_what_its_code_says(status: int | None, code: str, action: Action) -> None:
    assert classify(Answer(status, code)) is action


@pytest.mark.parametrize(("status", "action"), BARE)
def test_a_reply_without_a_code_proves_little(status: int, action: Action) -> None:
    assert classify(Answer(status)) is action


@pytest.mark.parametrize("failure", Failure)
def test_only_a_request_that_never_left_may_be_repeated(failure: Failure) -> None:
    expected = Action.RETRY if failure in UNSENT else Action.UNCERTAIN
    assert classify(Answer(failure=failure)) is expected


def _wrong(table: OutcomeTable, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether some case of this file would notice the table."""
    monkeypatch.setattr(outcomes, "TABLE", table)
    cases = [(Answer(status, code), action) for status, code, action in CODES]
    cases += [(Answer(status), action) for status, action in BARE]
    cases += [(Answer(failure=failure), Action.RETRY) for failure in UNSENT]
    return any(classify(answer) is not action for answer, action in cases)


@pytest.mark.parametrize("place", range(len(outcomes.TABLE.rows)))
def test_no_row_can_be_taken_out_or_mean_anything_else(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = outcomes.TABLE.rows
    before, row, after = rows[:place], rows[place], rows[place + 1 :]
    assert _wrong(OutcomeTable([*before, *after]), monkeypatch)
    for action in set(Action) - {row.action}:
        assert _wrong(OutcomeTable([*before, replace(row, action=action), *after]), monkeypatch), action


def test_the_table_is_the_same_whenever_it_is_made() -> None:
    spec = outcomes.__spec__
    assert spec is not None
    assert spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    assert made.TABLE.rows == outcomes.TABLE.rows


def test_a_known_code_is_told_in_our_words_and_another_in_the_portals() -> None:
    assert "Создайте вебхук заново" in for_person("NO_AUTH_FOUND", "whatever")
    assert (
        for_person("X", "Поле <b>&laquo;Сумма&raquo;</b><br>пусто") == "Битрикс24 ответил отказом: Поле «Сумма» пусто"
    )
    assert for_person("", "") == "Битрикс24 ответил отказом: без объяснения"


def test_texts_of_the_portal_are_bounded() -> None:
    assert len(plain("x" * 10_000)) == 500
