"""A company's own table decides: its rows, its sentences, its version; and what it kept follows from it again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.decision import Decision, DecisionKind, Evidence
from hub.domain.matching import SHIPPED, DecisionTable
from hub.domain.matching.codes import BESIDE_TABLE
from hub.domain.matching.reader import READER_VERSION
from hub.domain.matching.rederive import Rederived, kept_verdicts, verify
from hub.domain.matching.said import Language
from hub.domain.matching.table import TableError, kept_table
from hub.domain.matching.versions import table_version
from hub.domain.models import Direction, Invoice, InvoiceStatus, Payment
from tests.unit.matching.cases import CONTEXT, ROZA, client, decide, given, inv, pay
from tests.unit.matching.own_tables import LEAST, before, changed, own, row_text, with_outcome
from tests.unit.matching.test_texts import WORLDS

LOOSER = before(
    "sum_branch",
    '[[row]]\ncode = "our_branches"\noutcome = "auto"\nnumber = ["absent"]\namount = "one_sum"\nclient = ["branch"]\n'
    'date = ["absent", "agrees"]\ntext_ru = "Филиал платит за клиента {client}: {invoice}."\n',
)
BRANCH = client("7700000016", kpp="770001001")


def by(table: DecisionTable, payment: Payment, *invoices: Invoice, language: Language = Language.RU) -> Decision:
    return decide(payment, *invoices, context=replace(CONTEXT, table=table, language=language))


def test_the_hubs_table_decides_where_the_company_has_none() -> None:
    decision = decide(pay("сч 45", 1200), inv("45", 1200))
    assert decision.version == f"reader {READER_VERSION}, table {SHIPPED.version}"
    assert decision.candidates[0].row == decision.code == "number_sum_client"
    assert table_version(decision.version) == SHIPPED.version
    assert table_version("") is None


def test_a_stricter_table_asks_a_person_and_says_so() -> None:
    payment, invoice = pay("сч 45", 1200, None, name=""), inv("45", 1200, None)
    assert decide(payment, invoice).kind is DecisionKind.AUTO
    table = own(with_outcome("number_sum", "suggest"))
    asked = by(table, payment, invoice)
    assert (asked.kind, asked.code) == (DecisionKind.SUGGEST, "number_sum")
    assert asked.reason.endswith("Таблица решений компании оставляет это человеку.")
    assert asked.version == f"reader {READER_VERSION}, table {table.version}"
    english = by(table, payment, invoice, language=Language.EN)
    assert english.reason.endswith("The company's decision table leaves this to a person.")


def test_a_row_of_the_company_acts_and_speaks_for_itself() -> None:
    payment, invoice = pay("доски", 1200, kpp="770002002"), inv("45", 1200, BRANCH)
    assert decide(payment, invoice).code == "sum_branch"
    decision = by(own(LOOSER), payment, invoice)
    assert (decision.kind, decision.code, given(decision)) == (DecisionKind.AUTO, "our_branches", {"i45": "1200.00"})
    assert decision.reason == 'Филиал платит за клиента ООО "Пион": счёт № 45 от 03.02.2026.'


def test_a_second_answer_as_good_is_a_question_by_any_table() -> None:
    payment = pay("доски", 1200, kpp="770002002")
    decision = by(own(LOOSER), payment, inv("45", 1200, BRANCH), inv("46", 1200, BRANCH))
    assert (decision.kind, decision.code, decision.allocations) == (DecisionKind.SUGGEST, "tie", ())


def test_own_words_replace_the_hubs_and_its_hint() -> None:
    own_words = 'text_ru = "Чужой счёт: {invoice_dative}."\ntext_en = "Not theirs: {invoice}."\n'
    table = own(changed(other_client=f"{row_text('other_client').rstrip()}\n{own_words}"))
    payment, invoice = pay("сч 45", 1200, ROZA), inv("45", 1200)
    assert by(table, payment, invoice).reason == "Чужой счёт: счёту № 45 от 03.02.2026."
    assert by(table, payment, invoice, language=Language.EN).reason == "Not theirs: invoice No. 45 of 03.02.2026."
    hinted = own(changed(other_client=f'{row_text("other_client").rstrip()}\nhint_ru = "спросите {{payer}}."\n'))
    assert by(hinted, payment, invoice).reason.endswith('а заплатил ООО "Роза". Спросите ООО "Роза".')


def test_what_was_only_a_hint_is_not_said_where_the_machine_acts() -> None:
    table = own(changed(sum_branch=row_text("sum_branch").replace('"suggest"', '"auto"')))
    decision = by(table, pay("доски", 1200, kpp="770002002"), inv("45", 1200, BRANCH))
    assert decision.kind is DecisionKind.AUTO
    assert "решил бы вопрос" not in decision.reason


def test_what_a_table_drops_is_not_shown() -> None:
    payment = pay("доски", 1700)
    invoices = (inv("45", 1200), inv("46", 500))
    assert decide(payment, *invoices).code == "unnamed_set"
    decision = by(own(with_outcome("unnamed_set", "drop")), payment, *invoices)
    assert decision.code == "client_over"
    assert {candidate.row for candidate in decision.candidates} == {"client_over"}


TABLES = {
    "the hub's": SHIPPED,
    "a stricter one": own(with_outcome("number_sum_client", "suggest")),
    "a looser one": own(LOOSER),
    "the least": own(LEAST),
}


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("world", WORLDS)
def test_a_decision_follows_again_from_the_verdicts_that_it_keeps(name: str, world: str) -> None:
    payment, invoices = WORLDS[world]
    decision = by(TABLES[name], payment, *invoices)
    kept = kept_table(TABLES[name].version, TABLES[name].text)
    expected = Rederived.SAME if decision.candidates and payment.direction is Direction.IN else Rederived.BESIDE_TABLE
    assert verify(decision, kept).how is expected, decision
    for candidate in decision.candidates:
        assert kept_verdicts(candidate) is not None


def test_a_decision_by_one_table_need_not_follow_by_another() -> None:
    decision = decide(pay("сч 45", 1200), inv("45", 1200))
    found = verify(decision, TABLES["a stricter one"])
    assert (found.how, found.kept, found.follows) == (
        Rederived.DIFFERS,
        "number_sum_client auto",
        "number_sum_client suggest",
    )


def _with_evidence(decision: Decision, aspect: str, verdict: str) -> Decision:
    def changed_one(item: Evidence) -> Evidence:
        return item._replace(verdict=verdict) if item.aspect.value == aspect else item

    first, *others = decision.candidates
    first = replace(first, evidence=tuple(changed_one(item) for item in first.evidence))
    return replace(decision, candidates=(first, *others))


def test_what_was_changed_by_hand_is_found_out() -> None:
    decision = decide(pay("сч 45", 1200), inv("45", 1200), inv("46", 1200))
    assert verify(decision, SHIPPED).how is Rederived.SAME
    for wrong in (
        _with_evidence(decision, "client", "contradicts"),
        _with_evidence(decision, "number", "no_such_word"),
        replace(decision, candidates=(replace(decision.candidates[0], evidence=()), *decision.candidates[1:])),
        replace(decision, candidates=decision.candidates[::-1]),
        replace(decision, code="sum_client"),
        replace(decision, kind=DecisionKind.SUGGEST, code="sum_name"),
    ):
        assert verify(wrong, SHIPPED).how is Rederived.DIFFERS, wrong
    tie = replace(decision, kind=DecisionKind.SUGGEST, code="tie", candidates=decision.candidates[1:])
    assert verify(tie, SHIPPED).how is Rederived.DIFFERS


def test_decisions_kept_before_rows_were_are_judged_by_their_code() -> None:
    decision = decide(pay("сч 45", 1200), inv("45", 1200))
    old = replace(decision, candidates=tuple(replace(item, row="") for item in decision.candidates))
    assert verify(old, SHIPPED).how is Rederived.SAME
    assert verify(replace(old, code="sum_client"), SHIPPED).how is Rederived.DIFFERS


def test_what_no_table_decided_or_what_is_forgotten_is_told_apart() -> None:
    refund = decide(
        pay("Возврат по счету 45", 1200, direction=Direction.OUT),
        inv("45", 1200, status=InvoiceStatus.PAID, paid=1200),
    )
    assert refund.candidates
    assert verify(refund, SHIPPED).how is Rederived.BESIDE_TABLE
    nothing = decide(pay("сч 99", 1200, ROZA), inv("45", 700))
    assert nothing.code in BESIDE_TABLE
    assert verify(nothing, SHIPPED).how is Rederived.BESIDE_TABLE
    forgotten = replace(decide(pay("сч 45", 1200), inv("45", 1200)), candidates=())
    assert verify(forgotten, SHIPPED).how is Rederived.FORGOTTEN


def test_a_kept_table_is_read_even_where_it_breaks_a_law_of_today() -> None:
    text = with_outcome("sum_name", "auto")
    assert kept_table("3+old", text).rows[42].outcome.value == "auto"
    for code in ("of_long_ago", "tie"):
        assert kept_table("2", SHIPPED.text.replace('"sum_name"', f'"{code}"')).rows[42].code == code
    said = LEAST.replace("{invoice}", "{invoice_of_long_ago}")
    assert kept_table("2", said).rows[0].said is not None
    with pytest.raises(TableError):
        kept_table("3+old", text.replace('"absent"', '"gone"'))
