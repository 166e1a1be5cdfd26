"""What a person reads of each answer of 1C, to the last word, and what the hub does about it."""

from __future__ import annotations

import pytest

from connectors.accounting_1c.outcomes import EXCEPTION, PAGE, classify, for_person
from connectors.shared.http import Failure
from connectors.shared.outcomes import Action, Answer

SAID = "Период закрыт"


@pytest.mark.parametrize(
    ("answer", "said", "words"),
    [
        (
            Answer(404, "8"),
            "нет",
            "1С не видит объекта, который нужен хабу: его нет в составе публикации OData. 1С: «нет»",
        ),
        (Answer(404, "8"), "", "1С не видит объекта, который нужен хабу: его нет в составе публикации OData."),
        (Answer(404, "9"), SAID, "Документа или записи в 1С больше нет."),
        (
            Answer(401, "20"),
            "",
            "У пользователя 1С, от имени которого работает хаб, нет прав на это действие.",
        ),
        (Answer(500, "-1"), SAID, "1С отказала: «Период закрыт»"),
        (Answer(500, "-1"), "", "1С отказала без объяснения."),
        (Answer(400, "14"), SAID, "1С не приняла запрос (код 14): «Период закрыт»"),
        (Answer(400, "14"), "", "1С не приняла запрос (код 14)."),
        (Answer(401), SAID, "1С не принимает логин или пароль. Подключите заново: sverka connect 1c."),
        (
            Answer(200, PAGE),
            "",
            "Вместо данных 1С пришла страница: вход в облако, ошибка веб-сервера или нехватка лицензий. Повторим сами.",
        ),
        (Answer(401, PAGE), "", "1С не принимает логин или пароль. Подключите заново: sverka connect 1c."),
        (Answer(500, EXCEPTION), SAID, "1С отвечает ошибкой (500). Повторим сами."),
        (Answer(500), SAID, "1С отвечает ошибкой (500). Повторим сами."),
        (Answer(), "", "1С отвечает ошибкой (без ответа). Повторим сами."),
        (
            Answer(failure=Failure.NO_NAME),
            SAID,
            "Имя сервера 1С не находится (DNS). Проверьте адрес и сеть хаба; повторим сами.",
        ),
        (
            Answer(status=500, failure=Failure.DEADLINE),
            SAID,
            "1С не ответила. Проверим, что получилось, и повторим, если нужно.",
        ),
    ],
)
def test_a_person_reads_1cs_own_words_and_what_to_do(answer: Answer, said: str, words: str) -> None:
    assert for_person(answer, said) == words


@pytest.mark.parametrize(
    ("answer", "action"),
    [
        (Answer(406), Action.THROTTLED),
        (Answer(404, "9"), Action.GONE),
        (Answer(500, "-1"), Action.REFUSED),
        (Answer(401, "20"), Action.REFUSED),
        (Answer(401), Action.REAUTHORISE),
        (Answer(302), Action.REAUTHORISE),
        (Answer(412), Action.REFUSED),
    ],
)
def test_what_is_done_about_it(answer: Answer, action: Action) -> None:
    assert classify(answer) is action
