"""A kept decision is made once more from its ground: what is the same, what differs and how it is named."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.decision import Decision, DecisionKind
from hub.domain.matching import SHIPPED, InMemoryBook
from hub.domain.matching import rederive as module
from hub.domain.matching.ground import Ground, Rivals, decide_day_with_grounds
from hub.domain.matching.old_tables import WITHOUT_TEXT, shipped_texts
from hub.domain.matching.rederive import Part, Recheck, Rederived, derive, recheck
from hub.domain.matching.rows import Outcome
from hub.domain.matching.said import Language
from hub.domain.matching.table import kept_table, meaning_of
from hub.domain.models import Direction, Invoice, Payment
from hub.domain.money import Money
from tests.unit.matching.cases import CONTEXT, ROZA, inv, pay
from tests.unit.matching.own_tables import own, with_outcome
from tests.unit.matching.test_texts import WORLDS


def decided(
    payment: Payment, *invoices: Invoice, language: Language = Language.RU, others: tuple[Payment, ...] = ()
) -> tuple[Decision, Ground]:
    """A decision with its ground, made beside other payments of the date."""
    context = replace(CONTEXT, language=language)
    decision, ground = decide_day_with_grounds((payment, *others), InMemoryBook(invoices), context)[0]
    assert ground is not None
    return decision, ground


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("world", WORLDS)
def test_a_decision_follows_from_its_ground_with_every_word(world: str, language: Language) -> None:
    payment, invoices = WORLDS[world]
    decision, ground = decided(payment, *invoices, language=language)
    derived = derive(decision, payment, ground, SHIPPED)
    assert (derived.decision, derived.differences, derived.as_kept) == (decision, (), frozenset())


def fields_of(found: Recheck | None) -> dict[str, tuple[str, str]]:
    assert found is not None
    return {item.field: (item.kept, item.derived) for item in found.differences}


def test_what_was_changed_in_the_record_is_named_field_by_field() -> None:
    payment = pay("сч 45", 1200)
    decision, ground = decided(payment, inv("45", 1200), inv("46", 1200))

    def differing(wrong: Decision) -> dict[str, tuple[str, str]]:
        return fields_of(recheck(wrong, payment, ground, (SHIPPED,)))

    assert differing(decision) == {}
    assert differing(replace(decision, code="sum_client")) == {"code": ("sum_client", "number_sum_client")}
    assert differing(replace(decision, kind=DecisionKind.SUGGEST)) == {"kind": ("suggest", "auto")}
    assert differing(replace(decision, reason=decision.reason[:-1])).keys() == {"reason"}
    less = replace(decision.allocations[0], amount=Money.of(1199, "RUB"))
    assert differing(replace(decision, allocations=(less,))) == {"allocations": ("i45 1199.00 RUB", "i45 1200.00 RUB")}
    assert differing(replace(decision, unapplied=Money.of(1, "RUB"))) == {"unapplied": ("1.00 RUB", "0.00 RUB")}
    turned = differing(replace(decision, candidates=decision.candidates[::-1]))
    assert turned["candidate 1: invoices"] == ("i46 1200.00 RUB", "i45 1200.00 RUB")
    alone = differing(replace(decision, candidates=decision.candidates[:1]))
    assert alone["candidate 2: row"] == ("—", "other_number")


def test_what_was_changed_in_the_ground_is_named_too() -> None:
    payment = pay("сч 45", 1200)
    decision, ground = decided(payment, inv("45", 1200))

    def differing(wrong: Ground) -> dict[str, tuple[str, str]]:
        return fields_of(recheck(decision, payment, wrong, (SHIPPED,)))

    (invoice,) = ground.findings.invoices
    paid = replace(invoice, paid=Money.of(200, "RUB"))
    found = differing(replace(ground, findings=replace(ground.findings, invoices=(paid,))))
    assert found["kind"] == ("auto", "suggest")
    assert found["candidate 1: amount"] == ("equal (for)", "over (against)")
    assert found["step 1, answer 1"][1].startswith("i45 1000.00 RUB: agrees absent over tax_id")
    unread = differing(replace(ground, reading=replace(ground.reading, tax_ids=("7700000016",))))
    assert unread == {"purpose: tax_ids": ("('7700000016',)", "()")}
    contested = differing(replace(ground, rivals={"i45": Rivals(given=0, claimed=100)}))
    assert contested["code"] == ("number_sum_client", "contested")
    assert {"kind", "reason"} < contested.keys()


def test_payments_of_the_same_date_are_part_of_the_ground() -> None:
    first, second = pay("сч 45", 1200), pay("сч 45", 700, id="p2")
    decision, ground = decided(first, inv("45", 1200), others=(second,))
    assert (decision.code, ground.rivals) == ("contested", {"i45": Rivals(given=0, claimed=70000)})
    assert derive(decision, first, ground, SHIPPED).differences == ()
    vague, sure = pay("доски", 500), pay("сч 45", 1200, id="p2")
    decision, ground = decided(vague, inv("45", 1200), others=(sure,))
    assert decision.reason.endswith("Но этот счёт в тот же день закрывает другой платёж.")
    assert ground.rivals == {"i45": Rivals(given=120000, claimed=0)}
    assert derive(decision, vague, ground, SHIPPED).differences == ()


def test_another_reader_and_other_sentences_are_taken_as_they_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    payment = pay("сч 45", 1200)
    decision, ground = decided(payment, inv("45", 1200), inv("46", 1200))
    monkeypatch.setattr(module, "READER_VERSION", "next")
    monkeypatch.setattr(module, "read_purpose", lambda _: pytest.fail("the purpose was read again"))
    told = replace(decision, reason="Сказано иначе.")
    found = recheck(told, payment, replace(ground, words="then"), (SHIPPED,))
    assert found is not None
    assert (found.how, found.as_kept) == (Rederived.SAME, frozenset(Part))
    by_own = own(with_outcome("number_sum_client", "suggest"))
    by_another = recheck(told, payment, replace(ground, words="then"), (by_own,))
    assert fields_of(by_another)["kind"] == ("auto", "suggest")


def test_one_text_of_a_version_is_enough_and_none_is_not_looked_at() -> None:
    payment = pay("сч 45", 1200)
    decision, ground = decided(payment, inv("45", 1200))
    stricter = kept_table(SHIPPED.version, with_outcome("number_sum_client", "suggest"))
    found = recheck(decision, payment, ground, (stricter, SHIPPED))
    assert found is not None
    assert found.how is Rederived.SAME
    assert fields_of(recheck(decision, payment, ground, (stricter,)))["kind"] == ("auto", "suggest")
    assert recheck(decision, payment, ground, ()) is None


def test_without_its_ground_only_the_row_is_derived() -> None:
    payment = pay("сч 45", 1200)
    decision, _ = decided(payment, inv("45", 1200))
    assert recheck(decision, payment, None, (SHIPPED,)) == Recheck(Rederived.SAME, by_verdicts=True)
    found = recheck(replace(decision, code="sum_client"), payment, None, (SHIPPED,))
    assert fields_of(found) == {"row": ("sum_client auto", "number_sum_client auto")}


def test_a_row_of_which_nobody_has_a_sentence_any_more_still_decides() -> None:
    text = SHIPPED.text.replace('code = "number_sum_client"', 'code = "gone_since"')
    gone = kept_table("then", text)
    payment = pay("сч 45", 1200)
    decision, ground = decided(payment, inv("45", 1200))
    derived = derive(decision, payment, replace(ground, words="then"), gone)
    assert {item.field for item in derived.differences} == {"code", "version", "candidate 1: row"}


def test_texts_that_the_hub_shipped_before_are_there_word_for_word() -> None:
    """Two texts called themselves 3; the second has one row more."""
    first, second = (kept_table("3", text) for text in shipped_texts("3"))
    assert meaning_of(first.rows)[:12] == "267854d0341c"
    assert meaning_of(second.rows)[:12] == "4d625629d17f"
    assert [row.code for row in second.rows if row not in first.rows] == ["mentioned"]
    assert all(row.outcome in Outcome for row in first.rows)
    assert (shipped_texts("2"), shipped_texts(SHIPPED.version)) == ((), (SHIPPED.text,))
    assert SHIPPED.version not in WITHOUT_TEXT


def test_a_decision_of_version_3_follows_by_the_text_of_its_time() -> None:
    """Fixture: the row `mentioned` came without another version; its decisions differed by the text kept first."""
    payment = pay("спасибо за ACC-SINV-2026-00012", 100, ROZA)
    decision, _ = decided(payment, inv("ACC-SINV-2026-00012", 1200, None))
    assert decision.code == "mentioned"
    then = replace(decision, version="reader 4, table 3")
    first, second = (kept_table("3", text) for text in shipped_texts("3"))
    assert fields_of(recheck(then, payment, None, (first,))) == {"row": ("mentioned", "unrelated drop")}
    found = recheck(then, payment, None, (first, second))
    assert found is not None
    assert found.how is Rederived.SAME


def test_money_that_went_out_is_derived_as_well() -> None:
    payment = pay("Возврат по счету 45", 1200, direction=Direction.OUT)
    decision, ground = decided(payment, inv("45", 1200, paid=1200))
    assert decision.code == "outgoing_refund"
    assert derive(decision, payment, ground, SHIPPED).differences == ()
