"""Lists that move while they are read: pages are numbered, and what people do shifts the rows under the numbers."""

from __future__ import annotations

import json
from collections.abc import Callable

from hub.ports.crm import Change

from .account import Account, deals_in, lead, read_all, seed, served, settled

IDS = range(70001, 70301)


def many_deals() -> dict[str, object]:
    """More deals than a page holds."""
    return seed(leads=[lead(id_) for id_ in IDS], invoices=[])


def interrupted(account: Account, mark: str | None, deed: Callable[[], None], when: str) -> tuple[list[Change], str]:
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
