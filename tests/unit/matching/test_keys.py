"""Keys are the one definition of candidates."""

from __future__ import annotations

from hub.domain.allocation import Allocation
from hub.domain.matching import InMemoryBook, MatchContext, invoice_keys, payment_keys, read_purpose
from hub.domain.matching.keys import key_tiers
from hub.domain.models import Invoice, InvoiceStatus, Payment
from tests.unit.matching.cases import PION, ROZA, client, inv, pay


def meet(payment: Payment, invoice: Invoice) -> bool:
    return not payment_keys(payment, read_purpose(payment.purpose)).isdisjoint(invoice_keys(invoice))


def test_an_invoice_is_found_by_number_whatever_its_status() -> None:
    for status in InvoiceStatus:
        assert meet(pay("сч 45", 1, ROZA), inv("ТД00-000045", 1200, status=status))


def test_an_open_invoice_is_found_by_client_and_sum_and_by_client_alone() -> None:
    keys = invoice_keys(inv("45", 1200))
    assert f"ca:{PION}|120000|RUB" in keys
    assert f"c:{PION}" in keys
    assert "am:120000|RUB" in keys


def test_a_settled_invoice_is_found_by_number_and_for_refunds_only() -> None:
    keys = invoice_keys(inv("45", 1200, paid=1200, status=InvoiceStatus.PAID))
    assert keys == {"n:45", f"pa:{PION}|120000|RUB"}


def test_the_key_of_the_sum_is_what_is_still_open() -> None:
    assert f"ca:{PION}|90000|RUB" in invoice_keys(inv("45", 1200, paid=300))


def test_the_name_of_a_client_without_a_tax_id_is_a_key_word_by_word() -> None:
    keys = invoice_keys(inv("45", 1200, client(None, "ООО Завод Пион")))
    assert {"nt:завод|120000|RUB", "nt:пион|120000|RUB"} <= keys
    assert not any(key.startswith("nt:") for key in invoice_keys(inv("45", 1200)))


def test_everything_that_decides_is_always_fetched() -> None:
    payment = pay("сч 45", 1200)
    tiers = key_tiers(payment, read_purpose(payment.purpose), MatchContext())
    assert {"n:45", f"ca:{PION}|120000|RUB", "na:пион|120000|RUB"} <= tiers.deciding
    assert f"c:{PION}" in tiers.suggesting
    assert tiers.last_resort == {"am:120000|RUB"}


def test_a_shared_account_is_no_key() -> None:
    transit = "30232810100000000001"
    assert not any(transit in key for key in invoice_keys(inv("45", 1200, client(None, "Пион", account=transit))))
    payment = pay("сч 45", 1200, account=transit)
    assert not any(transit in key or PION in key for key in payment_keys(payment, read_purpose(payment.purpose)))


def test_an_allocation_moves_an_invoice_to_the_keys_of_the_rest() -> None:
    book = InMemoryBook([inv("45", 1200)])
    payment = pay("сч 45", 300)
    book.allocate([Allocation("i45", payment.amount)])
    assert [item.id for item in book.candidates({f"ca:{PION}|90000|RUB"})] == ["i45"]
    assert list(book.candidates({f"ca:{PION}|120000|RUB"})) == []
    assert str(book.get("i45").paid.amount) == "300.00"
