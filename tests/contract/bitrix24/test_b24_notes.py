from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from connectors.bitrix24.notes import tag
from hub.domain.errors import Gone, Refused, UnknownOutcome
from hub.ports.crm import TaskDraft

from .portal import PERSON, Portal, deal, seed, served

DRAFT = TaskDraft("Проверить оплату", "Пришло 500 ₽, счёт не найден", str(PERSON), date(2026, 9, 30))
LOST: list[dict[str, Any]] = [
    {"kind": "lose_reply", "applied": True},
    {"kind": "half_reply"},
    {"kind": "html", "status": 504, "applied": True},
]


def test_a_comment_is_left_with_a_short_tag_and_found_by_its_key(portal: Portal) -> None:
    id_ = portal.crm.comment("9041", "Оплачено по счёту № 118", "move:9041:pay-1")
    (row,) = portal.sandbox.control.comments()
    text = str(row["comment"])
    assert text.splitlines()[0] == "Оплачено по счёту № 118"
    assert text.splitlines()[-1] == f"({tag('move:9041:pay-1')})"
    assert len(text.splitlines()[-1]) <= 30
    assert portal.crm.find_comment("9041", "move:9041:pay-1") == id_
    assert portal.crm.find_comment("9041", "another") is None


def test_a_payers_words_do_not_become_mark_up(portal: Portal) -> None:
    portal.crm.comment("9041", "[URL=https://evil.example]счёт[/URL] <b>x</b>", "key")
    portal.crm.task("9041", TaskDraft("[b]x[/b]", "[url]y[/url]"), "key")
    (comment,), (task,) = portal.sandbox.control.comments(), portal.sandbox.control.tasks()
    for text in (comment["comment"], task["title"], task["description"]):
        assert not set(str(text)) & set("[]<>")


@pytest.mark.parametrize("fault", LOST)
def test_a_comment_whose_answer_was_lost_is_found_afterwards(portal: Portal, fault: dict[str, Any]) -> None:
    portal.fault("crm.timeline.comment.add", **fault)
    with pytest.raises(UnknownOutcome):
        portal.crm.comment("9041", "текст", "key")
    assert portal.crm.find_comment("9041", "key") is not None
    assert len(portal.sandbox.control.comments()) == 1


def test_a_comment_lost_before_it_ran_is_not_found(portal: Portal) -> None:
    portal.fault("crm.timeline.comment.add", kind="lose_reply", applied=False)
    with pytest.raises(UnknownOutcome):
        portal.crm.comment("9041", "текст", "key")
    assert portal.crm.find_comment("9041", "key") is None


def test_a_comment_is_found_among_many(portal: Portal) -> None:
    wanted = portal.crm.comment("9041", "наш", "key")
    for number in range(70):
        portal.person(
            "crm.timeline.comment.add",
            {"fields": {"ENTITY_ID": 9041, "ENTITY_TYPE": "deal", "COMMENT": f"чужой {number}"}},
        )
    last = portal.crm.comment("9041", "последний", "last")
    assert portal.crm.find_comment("9041", "key") == wanted
    assert portal.crm.find_comment("9041", "last") == last


def test_a_comment_to_a_deleted_deal_is_gone(portal: Portal) -> None:
    with pytest.raises(Gone):
        portal.crm.comment("404", "текст", "key")


def test_a_comment_of_one_deal_is_not_found_at_another() -> None:
    with served(seed(deals=[deal(1), deal(2)], invoices=[])) as portal:
        portal.crm.comment("1", "текст", "key")
        assert portal.crm.find_comment("2", "key") is None


def test_a_task_is_set_for_the_responsible_person_and_bound_to_the_deal(portal: Portal) -> None:
    id_ = portal.crm.task("9041", DRAFT, "key")
    (row,) = portal.sandbox.control.tasks()
    assert (str(row["id"]), row["title"], str(row["responsibleId"])) == (id_, DRAFT.title, str(PERSON))
    assert row["ufCrmTask"] == ["D_9041"]
    assert str(row["deadline"]).startswith("2026-09-30")
    assert portal.crm.find_task("9041", "key") == id_
    assert portal.crm.find_task("9041", "another") is None


def test_a_task_without_a_responsible_person_falls_to_the_webhooks_owner(portal: Portal) -> None:
    portal.crm.task("9041", TaskDraft("Задача", "текст"), "key")
    (row,) = portal.sandbox.control.tasks()
    assert str(row["responsibleId"]) == "1"


@pytest.mark.parametrize("fault", LOST)
def test_a_task_whose_answer_was_lost_is_found_afterwards(portal: Portal, fault: dict[str, Any]) -> None:
    portal.fault("tasks.task.add", **fault)
    with pytest.raises(UnknownOutcome):
        portal.crm.task("9041", DRAFT, "key")
    assert portal.crm.find_task("9041", "key") is not None
    assert len(portal.sandbox.control.tasks()) == 1


def test_a_task_is_found_among_more_than_a_page(portal: Portal) -> None:
    for number in range(55):
        portal.person(
            "tasks.task.add",
            {"fields": {"TITLE": f"Чужая {number}", "RESPONSIBLE_ID": PERSON, "UF_CRM_TASK": ["D_9041"]}},
        )
    id_ = portal.crm.task("9041", DRAFT, "key")
    assert portal.crm.find_task("9041", "key") == id_


def test_closing_a_task_twice_is_no_error(portal: Portal) -> None:
    id_ = portal.crm.task("9041", DRAFT, "key")
    portal.crm.complete_task(id_)
    portal.crm.complete_task(id_)
    (row,) = portal.sandbox.control.tasks()
    assert str(row["status"]) == "5"


def test_closing_a_task_that_a_refusal_left_open_is_an_error(portal: Portal) -> None:
    id_ = portal.crm.task("9041", DRAFT, "key")
    portal.fault("tasks.task.complete", kind="refuse", status=400, code="ERROR_CORE", description="<b>нельзя</b>")
    with pytest.raises(Refused) as caught:
        portal.crm.complete_task(id_)
    assert caught.value.for_person == "Битрикс24 ответил отказом: нельзя"


def test_a_lost_answer_to_closing_is_settled_by_reading(portal: Portal) -> None:
    id_ = portal.crm.task("9041", DRAFT, "key")
    portal.fault("tasks.task.complete", kind="lose_reply", applied=True)
    portal.crm.complete_task(id_)


def test_a_lost_answer_to_closing_stays_unknown_when_the_task_cannot_be_read(portal: Portal) -> None:
    id_ = portal.crm.task("9041", DRAFT, "key")
    portal.fault("tasks.task.complete", kind="lose_reply", applied=True)
    portal.fault("tasks.task.get", kind="half_reply", times=None)
    with pytest.raises(UnknownOutcome):
        portal.crm.complete_task(id_)


def test_a_webhook_without_the_task_right_says_what_to_tick() -> None:
    with served(seed(webhooks=[{"user_id": 1, "code": "sandboxsecret", "scopes": ["crm"]}])) as portal:
        with pytest.raises(Refused) as caught:
            portal.crm.task("9041", DRAFT, "key")
        assert "права" in caught.value.for_person or "право" in caught.value.for_person
