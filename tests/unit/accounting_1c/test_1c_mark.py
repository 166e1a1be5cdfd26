"""The mark of a poll: what it remembers of documents, how a walk goes on, what it forgets."""

from __future__ import annotations

import json
from datetime import date

import pytest

from connectors.accounting_1c import mark as marks
from connectors.accounting_1c.mark import (
    KNOWN_MOST,
    STEPS,
    Kind,
    Mark,
    Scan,
    Seen,
    Step,
    load_mark,
    noted,
    renew,
    within,
)

FIRST, LAST = date(2026, 3, 1), date(2026, 3, 3)
BEFORE, AFTER = "2026-02-28", "2026-03-04"


def scan(kind: Kind = Kind.WIDE, step: Step = Step.CLIENTS) -> Scan:
    return Scan(kind=kind, step=step, first=FIRST, last=LAST, skip=40, found={"2026-03-01": {"a": "v1"}})


def mark(**values: object) -> Mark:
    return Mark.model_validate({"began": FIRST, "scan": None, "next_wide_at": 7} | values)


def test_a_document_is_remembered_with_its_version_and_its_invoices() -> None:
    seen = Seen("AAAA BB=", ("one", "two"))
    assert seen.dump() == "AAAABB= one two"
    assert Seen.load("AAAABB= one two") == Seen("AAAABB=", ("one", "two"))
    assert Seen.load("v1") == Seen("v1", ())
    assert Seen.load(Seen("", ("one",)).dump()) == Seen("", ("one",)), "a base may give no version"


@pytest.mark.parametrize("kind", Kind)
def test_a_walk_takes_every_step_of_its_kind_once(kind: Kind) -> None:
    walk = scan(kind, STEPS[kind][0])
    taken = [walk.step]
    while walk.next_step() and len(taken) < len(Step):
        assert (walk.skip, walk.found) == (0, {}), "each step begins at its first row"
        taken.append(walk.step)
    assert tuple(taken) == STEPS[kind]


def test_a_walk_at_its_end_stays_as_it_is() -> None:
    walk = scan(Kind.WIDE, Step.PAYMENTS)
    assert not walk.next_step()
    assert (walk.step, walk.skip, walk.found) == (Step.PAYMENTS, 40, {"2026-03-01": {"a": "v1"}})


def test_what_is_referred_to_is_read_first() -> None:
    assert STEPS[Kind.FIRST] == (Step.CLIENTS, Step.PAYMENTS, Step.INVOICES)
    assert STEPS[Kind.WIDE] == (Step.CLIENTS, Step.INVOICES, Step.PAYMENTS)
    assert STEPS[Kind.RECENT] == (Step.INVOICES, Step.PAYMENTS)


def test_a_mark_is_the_same_out_of_its_text() -> None:
    whole = mark(scan=scan(), invoices={"2026-03-01": {"a": "v1"}}, payments={"2026-03-02": {"b": "v2 a"}}, message=5)
    assert load_mark(whole.dump()) == whole


def test_a_mark_holds_no_more_than_it_must() -> None:
    assert json.loads(mark().dump()) == {"began": "2026-03-01", "scan": None, "next_wide_at": 7}


@pytest.mark.parametrize(
    "text", ["", "7", "{}", '{"began": "2026-03-01", "scan": null, "next_wide_at": 7, "v": 2}', '{"more": 1}']
)
def test_a_mark_of_another_making_is_none(text: str) -> None:
    assert load_mark(text) is None


def test_documents_of_each_step_are_known_apart() -> None:
    both = mark(invoices={"2026-03-01": {"a": "v1"}}, payments={"2026-03-01": {"b": "v2"}})
    assert both.known(Step.INVOICES) == {"2026-03-01": {"a": "v1"}}
    assert both.known(Step.PAYMENTS) == {"2026-03-01": {"b": "v2"}}
    assert both.known(Step.CLIENTS) == both.known(Step.INVOICES)


def test_days_of_a_window_are_those_between_its_ends_and_the_ends() -> None:
    days = {day: {day: f"v {day}"} for day in (BEFORE, "2026-03-01", "2026-03-02", "2026-03-03", AFTER)}
    found = within(days, FIRST, LAST)
    assert set(found) == {"2026-03-01", "2026-03-02", "2026-03-03"}
    assert found["2026-03-01"] == Seen("v", ("2026-03-01",))


def test_what_was_walked_over_is_known_anew_and_the_rest_stays() -> None:
    known = {BEFORE: {"a": "1"}, "2026-03-01": {"b": "1"}, "2026-03-03": {"c": "1"}, AFTER: {"d": "1"}}
    found = {"2026-03-02": {"b": "2"}}
    assert renew(known, found, FIRST, LAST, date(2026, 1, 1)) == {
        AFTER: {"d": "1"},
        "2026-03-02": {"b": "2"},
        BEFORE: {"a": "1"},
    }


def test_what_lies_before_the_horizon_is_forgotten_and_the_horizon_is_not() -> None:
    known = {BEFORE: {"a": "1"}, "2026-02-27": {"b": "1"}}
    assert renew(known, {}, FIRST, LAST, date(2026, 2, 28)) == {BEFORE: {"a": "1"}}


def test_the_newest_days_that_fit_are_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    assert KNOWN_MOST == 3000
    monkeypatch.setattr(marks, "KNOWN_MOST", 5)
    days = {
        "2026-02-03": {"a": "1"},
        "2026-02-04": {"b": "1", "c": "1", "d": "1"},
        "2026-02-05": {"e": "1", "f": "1"},
        "2026-02-06": {"g": "1"},
    }
    kept = renew(days, {}, FIRST, LAST, date(2026, 1, 1))
    assert set(kept) == {"2026-02-06", "2026-02-05"}, "a day that does not fit ends it: no day is known by half"
    monkeypatch.setattr(marks, "KNOWN_MOST", 6)
    assert set(renew(days, {}, FIRST, LAST, date(2026, 1, 1))) == {"2026-02-06", "2026-02-05", "2026-02-04"}
    monkeypatch.setattr(marks, "KNOWN_MOST", 7)
    assert set(renew(days, {}, FIRST, LAST, date(2026, 1, 1))) == set(days)


def test_a_document_is_noted_on_its_day_and_on_no_other() -> None:
    days = {"2026-03-01": {"a": "1", "b": "1"}, "2026-03-02": {"c": "1"}}
    noted(days, date(2026, 3, 3), "a", Seen("2", ("one",)))
    noted(days, date(2026, 3, 3), "c", Seen("2"))
    assert days == {"2026-03-01": {"b": "1"}, "2026-03-03": {"a": "2 one", "c": "2"}}, "an empty day is no day"


def test_where_there_is_no_room_left_a_document_is_not_noted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "KNOWN_MOST", 3)
    days = {"2026-03-01": {"a": "1", "b": "1"}}
    noted(days, LAST, "c", Seen("1"))
    noted(days, LAST, "d", Seen("1"))
    assert days == {"2026-03-01": {"a": "1", "b": "1"}, "2026-03-03": {"c": "1"}}
    noted(days, LAST, "a", Seen("2"))
    assert days == {"2026-03-01": {"b": "1"}, "2026-03-03": {"c": "1", "a": "2"}}, "a known one keeps its room"
