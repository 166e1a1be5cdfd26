"""Direction: accounts first, then dates, then ИНН; otherwise unknown. Each with its Russian reason."""

from __future__ import annotations

from datetime import date

import pytest

from connectors.bank.statement import BrokenDocument, SkippedDocument, StatementLine
from hub.domain.models import Direction
from tests.unit.bank.statement_builder import (
    CLIENT,
    CLIENT_INN,
    OUTGOING,
    OWN,
    OWN_2,
    OWN_INN,
    document,
    items,
    line,
    lines,
    only,
    statement,
)

HIDDEN = "30102810000000000225"
STRANGER = "40702810000000000888"


def test_money_on_our_account_from_a_stranger_is_incoming() -> None:
    found = line(statement(document()))

    assert found.direction is Direction.IN
    assert found.direction_reason == f"Приход: счёт получателя {OWN} — наш, счёт плательщика — чужой."


def test_money_from_our_account_to_a_stranger_is_outgoing() -> None:
    found = line(statement(document(OUTGOING)))

    assert found.direction is Direction.OUT
    assert found.direction_reason == f"Расход: счёт плательщика {OWN} — наш, счёт получателя — чужой."


def test_both_accounts_ours_is_a_transfer_even_when_one_is_known_only_to_the_hub() -> None:
    text = statement(document(OUTGOING, ПолучательСчет=OWN_2))

    assert line(text).direction is Direction.OUT
    assert line(text, own_accounts=[OWN_2]).direction is Direction.SELF


def test_configured_accounts_may_be_spelled_with_dots_and_spaces() -> None:
    found = line(statement(document(), accounts=()), own_accounts=["40702.810.0.00000000001 "])

    assert (found.direction, found.own_account) == (Direction.IN, OWN)


def test_accounts_outvote_dates_and_the_odd_date_is_a_doubt() -> None:
    found = line(statement(document(ДатаПоступило="", ДатаСписано="16.02.2026")))

    assert (found.direction, found.booked_on) == (Direction.IN, date(2026, 2, 16))
    assert found.booked_reason == "ДатаПоступило не заполнена, день проведения — ДатаСписано."
    assert found.booked_reason in found.quality_warnings


@pytest.mark.parametrize(
    ("filled", "empty", "expected"),
    [("ДатаПоступило", "ДатаСписано", Direction.IN), ("ДатаСписано", "ДатаПоступило", Direction.OUT)],
)
def test_the_only_filled_date_decides_when_accounts_are_hidden(filled: str, empty: str, expected: Direction) -> None:
    text = statement(document(ПлательщикСчет=HIDDEN, ПолучательСчет=HIDDEN, **{filled: "15.02.2026", empty: ""}))

    found = line(text)

    assert (found.direction, found.own_account) == (expected, OWN)


def test_a_date_against_our_inn_is_unknown_rather_than_a_guess() -> None:
    text = statement(
        document(ПлательщикСчет=HIDDEN, ПолучательСчет=HIDDEN, ПлательщикИНН=OWN_INN, ПолучательИНН=CLIENT_INN)
    )

    assert line(text, own_tax_ids=[OWN_INN]).direction is Direction.UNKNOWN


@pytest.mark.parametrize(
    ("ours", "expected"),
    [("Получатель", Direction.IN), ("Плательщик", Direction.OUT)],
)
def test_our_inn_decides_when_accounts_and_dates_are_silent(ours: str, expected: Direction) -> None:
    sides = {"ПлательщикИНН": CLIENT_INN, "ПолучательИНН": CLIENT_INN, f"{ours}ИНН": OWN_INN}
    text = statement(document(ПлательщикСчет=HIDDEN, ПолучательСчет=HIDDEN, ДатаСписано="15.02.2026", **sides))

    found = line(text, own_tax_ids=[OWN_INN])

    assert found.direction is expected
    assert OWN_INN in found.direction_reason


def test_nothing_of_ours_is_unknown_and_says_so() -> None:
    found = line(statement(document(ПолучательСчет=STRANGER, ДатаСписано="15.02.2026")))

    assert found.direction is Direction.UNKNOWN
    assert found.direction_reason == "Не ясно: ни один счёт и ни один ИНН в документе не наш, заполнены обе даты."


def test_our_own_inn_on_both_sides_is_a_transfer_to_ourselves_though_one_account_is_not_listed() -> None:
    text = statement(document(ПлательщикИНН=OWN_INN))

    assert line(text, own_tax_ids=[OWN_INN]).direction is Direction.SELF
    assert line(text).direction is Direction.IN


def test_our_own_inn_on_both_sides_outvotes_a_single_date_when_accounts_are_hidden() -> None:
    text = statement(document(ПлательщикСчет=HIDDEN, ПолучательСчет=HIDDEN, ПлательщикИНН=OWN_INN))

    assert line(text, own_tax_ids=[OWN_INN]).direction is Direction.SELF
    assert line(text).direction is Direction.IN


def test_two_legal_entities_of_ours_that_pay_each_other_are_not_one() -> None:
    text = statement(document())

    assert line(text, own_tax_ids=[OWN_INN, CLIENT_INN]).direction is Direction.IN


def test_a_masked_own_account_is_found_by_its_visible_ends() -> None:
    text = statement(
        document(OUTGOING, ПлательщикСчет="40702810********0002", ПолучательСчет=STRANGER), accounts=(OWN, OWN_2)
    )

    found = line(text)

    assert (found.direction, found.own_account) == (Direction.OUT, OWN_2)


def test_a_hidden_own_account_of_a_file_with_two_is_left_open() -> None:
    text = statement(document(ПолучательСчет=HIDDEN), accounts=(OWN, OWN_2))

    found = line(text)

    assert (found.direction, found.own_account) == (Direction.IN, None)


def test_the_account_in_the_partys_own_bank_counts_when_it_is_the_only_one() -> None:
    found = line(
        statement(document(ПлательщикСчет=None, ПлательщикРасчСчет=CLIENT, ПолучательСчет="", Получатель2=OWN))
    )

    assert (found.direction, found.payer.account, found.payee.account) == (Direction.IN, CLIENT, OWN)


def test_incoming_money_without_a_posting_date_goes_to_quarantine_when_the_file_is_a_statement() -> None:
    section = "СекцияРасчСчет\nРасчСчет=" + OWN + "\nКонецРасчСчет"
    (broken,) = only(items(statement(section, document(ДатаПоступило=""))), BrokenDocument)

    assert broken.key == "ДатаПоступило"
    assert "день проведения неизвестен" in broken.message_ru


def test_an_unposted_order_beside_a_balance_section_is_still_only_an_order() -> None:
    section = "СекцияРасчСчет\nРасчСчет=" + OWN + "\nКонецРасчСчет"
    found = items(statement(section, document(OUTGOING, ДатаСписано="00.00.0000")))

    assert len(only(found, SkippedDocument)) == 1
    assert only(found, StatementLine) == []


def transfer(**changes: str | None) -> str:
    base = {**OUTGOING, "ПолучательСчет": OWN_2, "ПолучательИНН": OWN_INN, "Номер": "31"}
    return document(base, **changes)


def test_two_equal_transfers_printed_for_both_accounts_stay_two() -> None:
    left, came = transfer(), transfer(ДатаСписано=None, ДатаПоступило="15.02.2026")

    found = lines(statement(left, left, came, came, accounts=(OWN, OWN_2)))

    assert [item.occurrence for item in found] == [1, 2]


def test_a_numbered_transfer_with_both_dates_printed_twice_is_one() -> None:
    both = transfer(ДатаПоступило="15.02.2026")

    assert len(lines(statement(both, both, accounts=(OWN, OWN_2)))) == 1


def test_unnumbered_transfers_with_both_dates_cannot_be_told_apart_and_stay_two() -> None:
    both = transfer(ДатаПоступило="15.02.2026", Номер="0")

    assert len(lines(statement(both, both, accounts=(OWN, OWN_2)))) == 2


def test_both_sides_of_a_transfer_in_two_files_have_one_fingerprint() -> None:
    left = line(statement(transfer(), accounts=(OWN,)), own_accounts=[OWN_2])
    came = line(
        statement(transfer(ДатаСписано=None, ДатаПоступило="16.02.2026"), accounts=(OWN_2,)), own_accounts=[OWN]
    )

    assert left.direction is came.direction is Direction.SELF
    assert left.fingerprint == came.fingerprint
    assert left.own_account == came.own_account == OWN
