"""Lists that move while they are read: pages are numbered, and what people do shifts the rows under the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from hub.ports.crm import Change, ItemKind

from .account import Account, clients_in, deals_in, lead, read_all, removed_in, seed, served, settled

IDS = range(70001, 70301)
#: After it no list of edits shows the cards of the seed any more.
DAYS_S = 3 * 86_400


def many_deals() -> dict[str, object]:
    """More deals than a page holds."""
    return seed(leads=[lead(id_) for id_ in IDS], invoices=[])


def interrupted(account: Account, mark: str | None, deed: Callable[[], object], when: str) -> tuple[list[Change], str]:
    """Every page; the deed is done once, after the page that brings that deal."""
    changes: list[Change] = []
    done = False
    while True:
        page = account.crm.changes(mark)
        changes += page.changes
        mark = page.mark
        if not page.more:
            assert done
            return changes, mark
        if not done and when in deals_in(page.changes):
            deed()
            done = True


def edited_one_by_one(account: Account) -> str:
    """Every deal edited long ago, each in its own second, and none of it read; the mark before."""
    mark = settled(account)
    for id_ in IDS:
        account.human(act="edit", id=id_, fields={"name": f"Новая {id_}"})
        account.sandbox.control.advance(2)
    account.sandbox.control.advance(1500)
    return mark


@pytest.mark.parametrize("deed", [{"act": "delete"}, {"act": "merge", "to_id": 70012}])
def test_a_deal_that_goes_during_the_first_walk_hides_no_other(deed: dict[str, object]) -> None:
    with served(many_deals()) as account:
        account.sandbox.control.advance(DAYS_S)
        changes, mark = interrupted(account, None, lambda: account.human(id=70011, **deed), "70001")
        account.sandbox.control.advance(60)
        later, _ = read_all(account.crm, mark)
        assert {str(id_) for id_ in IDS} <= deals_in([*changes, *later]).keys()


def test_a_company_that_goes_during_the_first_walk_hides_no_other() -> None:
    ids = range(501, 801)
    with served(seed(companies=[{"id": id_, "name": f"Клиент {id_}"} for id_ in ids])) as account:
        account.sandbox.control.advance(DAYS_S)
        first = account.crm.changes(account.crm.changes(None).mark)
        account.human(act="delete", entity="company", id=501)
        account.sandbox.control.advance(60)
        later, _ = read_all(account.crm, first.mark)
        assert {f"CO_{id_}" for id_ in ids} <= clients_in([*first.changes, *later]).keys()


def test_the_first_walk_is_repeated_once_and_only_for_what_was_deleted_during_it() -> None:
    with served(many_deals()) as account:
        account.sandbox.control.advance(DAYS_S)
        _, mark = interrupted(account, None, lambda: account.human(act="delete", id=70011), "70001")
        account.sandbox.control.advance(60)
        for deleted in (70012, 70013, 70014):
            before = account.requests("GET /api/v4/leads")
            changes, mark = read_all(account.crm, mark)
            account.sandbox.control.advance(60)
            account.human(act="delete", id=deleted)
            account.sandbox.control.advance(60)
        assert account.requests("GET /api/v4/leads") - before <= 2
        assert (ItemKind.DEAL, "70013") in removed_in(changes)


def test_an_edit_between_two_pages_of_edits_hides_no_other() -> None:
    with served(many_deals()) as account:
        mark = edited_one_by_one(account)

        def edit() -> None:
            account.human(act="edit", id=70011, fields={"name": "Ещё раз"})

        changes, mark = interrupted(account, mark, edit, "70001")
        account.sandbox.control.advance(60)
        later, _ = read_all(account.crm, mark)
        found = deals_in([*changes, *later])
        assert {str(id_) for id_ in IDS} <= found.keys()
        assert found["70011"].title == "Ещё раз"


def test_a_mark_that_counted_pages_is_read_on() -> None:
    with served(many_deals()) as account:
        first = account.crm.changes(edited_one_by_one(account))
        mark = json.loads(first.mark)
        assert mark["windows"]["leads"].pop("after") is not None
        mark["windows"]["leads"]["page"] = 2
        later, _ = read_all(account.crm, json.dumps(mark))
        assert {str(id_) for id_ in IDS} <= deals_in([*first.changes, *later]).keys()


def test_edits_within_one_second_are_paged_by_number() -> None:
    with served(many_deals()) as account:
        mark = settled(account)
        account.sandbox.control.freeze()
        for id_ in IDS:
            account.human(act="edit", id=id_, fields={"name": f"Новая {id_}"})
        account.sandbox.control.resume()
        account.sandbox.control.advance(1500)
        before = account.requests("GET /api/v4/leads")
        changes, _ = read_all(account.crm, mark)
        assert {str(id_) for id_ in IDS} <= deals_in(changes).keys()
        assert account.requests("GET /api/v4/leads") - before <= 4


def test_filters_that_stop_working_between_two_pages_are_noticed() -> None:
    with served(many_deals()) as account:
        mark = edited_one_by_one(account)
        changes, _ = interrupted(account, mark, lambda: account.sandbox.control.switch_filters(enabled=False), "70001")
        assert {str(id_) for id_ in IDS} <= deals_in(changes).keys()
