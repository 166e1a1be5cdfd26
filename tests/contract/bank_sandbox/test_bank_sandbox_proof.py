"""What the balance proof lives on: true changes move balances, spoilt statements do not."""

from decimal import Decimal
from typing import Any

import pytest

from connectors.bank.sandbox.errors import NoSuchOperation

from .banks import TBANK, TOCHKA, paid
from .conftest import Served, Start
from .receiver import Receiver


def tochka_gap(served: Served) -> Decimal:
    """Closing balance minus opening balance and rows of Tochka's statement."""
    shown = served.tochka.statement("2026-02-01", "2026-02-28")
    moved = sum(
        (signed(row["Amount"]["amount"], row["creditDebitIndicator"]) for row in shown["Transaction"]), Decimal(0)
    )
    return money(shown["endDateBalance"]) - money(shown["startDateBalance"]) - moved


def tbank_gap(served: Served) -> Decimal:
    """The same of T-Bank's statement."""
    page = served.tbank.page(TBANK, withBalances="true", operationStatus="Transaction")
    moved = sum((signed(row["accountAmount"], row["typeOfOperation"]) for row in page["operations"]), Decimal(0))
    return money(page["balances"]["balanceEnd"]) - money(page["balances"]["balanceBegin"]) - moved


def money(number: float) -> Decimal:
    return Decimal(str(number)).quantize(Decimal("0.01"))


def signed(number: float, indicator: str) -> Decimal:
    return money(number) if indicator == "Credit" else -money(number)


GAPS = {TOCHKA: tochka_gap, TBANK: tbank_gap}


def filled(start: Start, account: str) -> Served:
    return start(
        paid(account, 13, "300.00", id=1),
        paid(account, 14, "0.10", id=2, direction="out"),
        paid(account, 15, "5.00", id=3),
    )


@pytest.mark.parametrize("account", [TOCHKA, TBANK])
@pytest.mark.parametrize(
    ("lie", "gap"),
    [
        ({"how": "remove"}, "300.00"),
        ({"how": "double"}, "-300.00"),
        ({"how": "double", "other_id": True}, "-300.00"),
        ({"how": "alter"}, "-1.00"),
        ({"how": "alter", "amount": "299.99"}, "0.01"),
        ({"how": "turn"}, "600.00"),
    ],
)
def test_a_spoilt_statement_does_not_add_up_until_it_is_mended(
    start: Start, account: str, lie: dict[str, Any], gap: str
) -> None:
    served, gap_of = filled(start, account), GAPS[account]
    assert gap_of(served) == 0
    served.control.spoil(1, **lie)
    assert gap_of(served) == Decimal(gap)
    served.control.mend(1)
    assert gap_of(served) == 0


@pytest.mark.parametrize("account", [TOCHKA, TBANK])
def test_true_changes_keep_the_statement_in_balance(start: Start, account: str) -> None:
    served, gap_of = filled(start, account), GAPS[account]
    served.control.correct(1, amount="250.00", booked_at="2026-02-12T10:00:00+03:00")
    served.control.cancel(3)
    served.control.add(paid(account, 3, "17.17"))
    assert gap_of(served) == 0
    opening = {TOCHKA: Decimal("1000.00"), TBANK: Decimal("500.00")}[account]
    assert Decimal(str(served.control.balances()[account])) == opening + Decimal("267.07")


def test_a_doubled_row_has_its_own_id_or_the_same(start: Start) -> None:
    served = filled(start, TBANK)
    served.control.spoil(1, "double")
    assert len(served.tbank.rows(TBANK, limit=1)) == 4
    assert len({row["operationId"] for row in served.tbank.rows(TBANK, limit=1)}) == 3
    served.control.spoil(1, "double", other_id=True)
    assert len({row["operationId"] for row in served.tbank.rows(TBANK, limit=1)}) == 4


def test_what_is_not_in_the_book_cannot_be_touched(start: Start) -> None:
    served = filled(start, TOCHKA)
    served.control.cancel(3)
    for deed in ({"act": "cancel", "id": 3}, {"act": "spoil", "id": 9, "how": "remove"}, {"act": "mend", "id": 9}):
        with pytest.raises(NoSuchOperation):
            served.control.act(deed)
    with pytest.raises(NoSuchOperation):
        served.control.add(paid("4" * 20, 1))
    with pytest.raises(NoSuchOperation):
        served.control.add(paid(TOCHKA, 1, id=1))


def test_every_act_leaves_an_effect_in_the_write_log(start: Start) -> None:
    served = filled(start, TOCHKA)
    served.control.correct(1, amount="250.00")
    served.control.spoil(2, "remove")
    served.control.cancel(3)
    lines = [(line.method, line.entity_id, line.changed) for line in served.control.write_log.effects("operation")]
    assert lines == [
        ("correct", 1, {"amount": ("300.00", "250.00")}),
        ("spoil", 2, {"shown": ("true", "remove")}),
        ("cancel", 3, {"cancelled": (False, True)}),
    ]


@pytest.mark.parametrize("account", [TOCHKA, TBANK])
def test_a_webhook_may_be_faster_than_the_statement(start: Start, receiver: Receiver, account: str) -> None:
    served = start(tochka={"statement_lag_s": 30}, tbank={"statement_lag_s": 30})
    served.control.subscribe_tochka({"url": receiver.url, "events": ["incomingPayment"]})
    served.control.subscribe_tbank({"url": receiver.url, "auth_secret": "s3cret"})
    served.control.add(paid(account, 15, "5.00"))
    served.control.wait_hooks()
    assert len(receiver.bodies) == 1
    assert (shown(served, account), GAPS[account](served)) == (0, Decimal(0))
    served.control.advance(30)
    assert (shown(served, account), GAPS[account](served)) == (1, Decimal(0))


def shown(served: Served, account: str) -> int:
    """How many rows the bank's statement has."""
    if account == TBANK:
        return len(served.tbank.rows(TBANK))
    return len(served.tochka.statement("2026-02-01", "2026-02-28")["Transaction"])
