from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.amocrm.envelope import BadReply, embedded, has_next, read_reply
from connectors.amocrm.outcomes import HTML, REVOKED, TABLE, classify, for_person, plain
from connectors.shared.http import UNSENT, Failure, HttpReply
from connectors.shared.outcomes import Action, Answer, error_for
from hub.domain.errors import RetryLater, UnknownOutcome
from tests.support.outcome_tables import unnoticed

COMMAND = "sverka connect amocrm --name one"
CHOICE = {
    "validation-errors": [
        {"request_id": "0", "errors": [{"code": "NotSupportedChoice", "path": "status_id", "detail": "Not a choice."}]}
    ],
    "title": "Bad Request",
    "status": 400,
    "detail": "Request validation failed",
}


def reply(document: Any, status: int = 200) -> HttpReply:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return HttpReply(status, {}, body)


def bad(document: Any, status: int) -> BadReply:
    with pytest.raises(BadReply) as raised:
        read_reply(reply(document, status))
    return raised.value


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_an_empty_success_is_nothing(status: int) -> None:
    assert read_reply(reply(b"", status)) is None


def test_an_acceptance_may_say_anything() -> None:
    assert read_reply(reply(b"<html>ok</html>", 202)) is None


def test_a_page_under_200_is_no_success() -> None:
    assert bad(b"<html>nginx</html>", 200).answer == Answer(200, HTML)


def test_complaints_about_fields_are_told_one_by_one() -> None:
    found = bad(CHOICE, 400)
    assert found.answer == Answer(400, "NotSupportedChoice")
    assert found.faults[0].path == "status_id"
    assert found.description == "status_id: Not a choice."


def test_a_spent_refresh_token_has_a_code_of_its_own() -> None:
    assert bad({"hint": "Token has been revoked", "title": "Некорректный запрос"}, 401).answer.code == REVOKED


@pytest.mark.parametrize(
    ("value", "seconds"), [(300, 300.0), (True, None), ("300", None), (-1, None), (10**9, 86400.0)]
)
def test_a_wait_in_the_body_is_taken_when_it_is_a_number(value: Any, seconds: float | None) -> None:
    assert bad({"title": "Too many", "retry_after": value}, 429).retry_after_s == seconds


ANSWERS = [
    (Answer(400, "NotSupportedChoice"), Action.REFUSED),
    (Answer(400, HTML), Action.REFUSED),
    (Answer(401, "Unauthorized"), Action.REAUTHORISE),
    (Answer(401, HTML), Action.REAUTHORISE),
    (Answer(402, ""), Action.SUSPENDED),
    (Answer(403, "Forbidden"), Action.REFUSED),
    (Answer(403, HTML), Action.BLOCKED),
    (Answer(404, HTML), Action.REFUSED),
    (Answer(404, "Not Found"), Action.GONE),
    *((Answer(status, ""), Action.REFUSED) for status in (405, 406, 411, 413, 414, 415, 422, 431)),
    (Answer(429, "Too many"), Action.THROTTLED),
    (Answer(429, HTML), Action.THROTTLED),
    (Answer(500, "ErrInternalServer"), Action.UNCERTAIN),
    *((Answer(status, HTML), Action.UNCERTAIN) for status in (200, 304, 502, 503, 504)),
    *((Answer(status, ""), Action.UNCERTAIN) for status in (408, 409, 418)),
    *((Answer(status, HTML), Action.REAUTHORISE) for status in (301, 302, 303, 307, 308)),
    *((Answer(failure=failure), Action.RETRY) for failure in UNSENT),
]


@pytest.mark.parametrize(("answer", "action"), ANSWERS)
def test_every_answer_has_its_action(answer: Answer, action: Action) -> None:
    assert classify(answer) is action


def test_no_row_can_be_taken_out_or_mean_anything_else() -> None:
    assert unnoticed(TABLE, ANSWERS) == []


@pytest.mark.parametrize("failure", list(Failure))
def test_only_what_never_left_is_tried_again_as_it_was(failure: Failure) -> None:
    assert (classify(Answer(failure=failure)) is Action.RETRY) is (failure in UNSENT)


@pytest.mark.parametrize("status", [*range(100, 400), *range(500, 600)])
def test_a_write_is_refused_or_unknown_but_never_done(status: int) -> None:
    action = classify(Answer(status, "", None))
    error = error_for(action, write=True, text="x")
    proof = action in (Action.REAUTHORISE,)
    assert proof or isinstance(error, UnknownOutcome)


def test_every_row_of_the_table_can_be_reached() -> None:
    statuses = [None, *range(100, 600)]
    answers = [Answer(s, code) for s in statuses for code in (None, HTML, "x")] + [Answer(failure=f) for f in Failure]
    reached = {next((row for row in TABLE.rows if row.holds(answer)), None) for answer in answers}
    assert set(TABLE.rows) <= reached


@pytest.mark.parametrize("action", [action for action in Action if action is not Action.RETRY])
def test_every_action_has_words_for_a_person(action: Action) -> None:
    text = for_person(action, Answer(400, "x"), "<b>Нет</b>", COMMAND)
    assert "amoCRM" in text
    assert "<" not in text


@pytest.mark.parametrize(
    ("action", "answer", "words"),
    [
        (Action.THROTTLED, Answer(429, "x"), "просит подождать"),
        (Action.SUSPENDED, Answer(402, ""), "не оплачен"),
        (Action.BLOCKED, Answer(403, HTML), "закрыл хабу доступ"),
        (Action.REAUTHORISE, Answer(401, "x"), f"токен отозван или истёк. Подключите заново: {COMMAND}."),
        (Action.REAUTHORISE, Answer(308, HTML), "отвечает с другого адреса"),
        (Action.GONE, Answer(404, "Not Found"), "Записи в amoCRM больше нет"),
        (Action.REFUSED, Answer(404, HTML), "По этому адресу amoCRM не отвечает"),
        (Action.REFUSED, Answer(403, "Forbidden"), "не хватает прав"),
        (Action.UNCERTAIN, Answer(500, "x"), "непонятный ответ"),
    ],
)
def test_a_person_is_told_what_happened(action: Action, answer: Answer, words: str) -> None:
    assert words in for_person(action, answer, "x", COMMAND)


def test_a_refusal_is_told_in_the_accounts_own_words() -> None:
    answer = Answer(400, "x")
    told = for_person(Action.REFUSED, answer, "Поле <b>&laquo;Сумма&raquo;</b><br>пусто", COMMAND)
    assert told == "amoCRM ответил отказом: Поле «Сумма» пусто"
    assert for_person(Action.REFUSED, answer, "<p></p>", COMMAND) == "amoCRM ответил отказом: без объяснения"


def test_texts_of_the_account_are_bounded() -> None:
    assert plain("x" * 10_000) == "x" * 500


def test_a_read_that_nobody_can_judge_is_tried_again() -> None:
    assert type(error_for(classify(Answer(500, "x")), write=False, text="x")) is RetryLater


@pytest.mark.parametrize("document", [None, [], "x", {"_embedded": []}, {"_embedded": {"leads": {}}}, {"_links": 1}])
def test_lists_of_another_shape_are_empty(document: Any) -> None:
    assert embedded(document, "leads") == []
    assert has_next(document) is False
