from __future__ import annotations

import pytest

from connectors.shared.http import Failure
from connectors.shared.outcomes import Action, Answer, OutcomeTable, Row, error_for
from hub.domain.errors import ConnectorError, Gone, Reauthorise, Refused, RetryLater, UnknownOutcome

TABLE = OutcomeTable(
    [
        Row(Action.GONE, "NOT_FOUND"),
        Row(Action.REAUTHORISE, "DENIED", frozenset({403})),
        Row(Action.REFUSED, "DENIED"),
        Row(Action.REFUSED, "FIELD_*"),
        Row(Action.RETRY, failure=Failure.NOT_SENT),
        Row(Action.REFUSED, "*", frozenset({400})),
    ]
)


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        (Answer(400, "not_found"), Action.GONE),
        (Answer(403, "DENIED"), Action.REAUTHORISE),
        (Answer(400, "DENIED"), Action.REFUSED),
        (Answer(200, "FIELD_TITLE"), Action.REFUSED),
        (Answer(400, ""), Action.REFUSED),
        (Answer(400), Action.UNCERTAIN),
        (Answer(failure=Failure.NOT_SENT), Action.RETRY),
        (Answer(failure=Failure.DEADLINE), Action.UNCERTAIN),
        (Answer(500, "NEVER_SEEN"), Action.UNCERTAIN),
    ],
)
def test_first_line_that_holds_decides_and_no_line_is_uncertain(answer: Answer, action: Action) -> None:
    assert TABLE.classify(answer) is action


@pytest.mark.parametrize(
    ("action", "write", "kind"),
    [
        (Action.RETRY, True, RetryLater),
        (Action.THROTTLED, True, RetryLater),
        (Action.BLOCKED, True, RetryLater),
        (Action.SUSPENDED, True, RetryLater),
        (Action.REAUTHORISE, True, Reauthorise),
        (Action.REFUSED, True, Refused),
        (Action.GONE, True, Gone),
        (Action.UNCERTAIN, True, UnknownOutcome),
        (Action.UNCERTAIN, False, RetryLater),
    ],
)
def test_uncertain_is_unknown_for_a_write_and_again_for_a_read(
    action: Action, write: bool, kind: type[ConnectorError]
) -> None:
    error = error_for(action, write=write, text="log", for_person="человеку", code="C")
    assert type(error) is kind
    assert (error.text, error.for_person, error.code) == ("log", "человеку", "C")


def test_a_pattern_holds_for_what_begins_so_and_a_plain_code_for_itself_alone() -> None:
    assert TABLE.classify(Answer(500, "FIELDTITLE")) is Action.UNCERTAIN
    assert TABLE.classify(Answer(500, "NOT_FOUND_AT_ALL")) is Action.UNCERTAIN
    assert TABLE.classify(Answer(500, "NOT_FOUN")) is Action.UNCERTAIN


def test_a_table_keeps_its_rows_in_order() -> None:
    rows = [Row(Action.GONE, "A"), Row(Action.REFUSED, "*")]
    table = OutcomeTable(iter(rows))
    assert table.rows == tuple(rows)
    assert table.classify(Answer(code="A")) is Action.GONE


def test_an_error_without_words_shows_its_text_and_keeps_the_time_that_was_named() -> None:
    error = error_for(Action.THROTTLED, write=True, text="log", after_s=7.5)
    assert isinstance(error, RetryLater)
    assert (error.for_person, error.code, error.after_s) == ("log", "", 7.5)
