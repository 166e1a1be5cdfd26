"""Row 15 on the banks: half an answer, a page, an error under 200. Reads are repeated, and no day is half believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import pytest

from connectors.amocrm.sandbox.testing import RunningSandbox as RunningAmo
from connectors.amocrm.sandbox.testing import running_sandbox as running_amo
from connectors.bank.sandbox.testing import RunningSandbox as RunningBanks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from hub.domain.errors import UnknownOutcome
from hub.ports.bank import ProofState
from hub.store.engine import Database
from tests.support.house import (
    ACCOUNTS,
    BANKS,
    STARTED_AT,
    TBANK,
    TOCHKA,
    amo_seed,
    banks_seed,
    moved_in,
    start_again,
    transfer,
)
from tests.support.matrix import Figures
from tests.support.shift import broken_promises

pytestmark = pytest.mark.row(15)
BROKEN: Final[dict[str, dict[str, Any]]] = {
    "half reply with a length": {"kind": "half_reply"},
    "half reply in chunks": {"kind": "half_reply", "content_length": False},
    "page under 200": {"kind": "html", "status": 200},
    "error body under 200": {"kind": "refuse", "status": 200},
    "JSON cut in the middle": {"kind": "broken_json"},
    "another JSON": {"kind": "broken_json", "text": "[]"},
    "no JSON": {"kind": "broken_json", "text": "OK"},
}
#: What could pass for a day without movements; `./run test` takes these.
TELLING: Final = ("error body under 200", "another JSON")
READS: Final = {
    TOCHKA: ("tochka.accounts.list", "tochka.statements.create", "tochka.statements.get"),
    TBANK: ("tbank.accounts", "tbank.statement"),
}
SUBSCRIPTION: Final = {TOCHKA: "tochka.webhooks.*", TBANK: "tbank.webhook"}


@pytest.fixture(scope="module")
def amo() -> Iterator[RunningAmo]:
    """One account for all cases."""
    with running_amo(amo_seed()) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def banks() -> Iterator[RunningBanks]:
    """Both banks for all cases."""
    with running_banks(banks_seed()) as sandbox:
        yield sandbox


@pytest.mark.parametrize(
    ("bank", "method", "name"),
    [
        pytest.param(bank, method, name, marks=() if name in TELLING else pytest.mark.thorough)
        for bank in BANKS
        for method in READS[bank]
        for name in BROKEN
    ],
)
def test_a_broken_answer_of_a_bank_is_asked_for_again_and_changes_no_payment(
    sqlite_database: Database,
    amo: RunningAmo,
    banks: RunningBanks,
    figures: Figures,
    bank: str,
    method: str,
    name: str,
) -> None:
    start_again(amo, banks)
    with moved_in(amo, sqlite_database, banks) as house:
        house.poll()
        house.bank.add(transfer(bank, 1))
        assert house.poll_bank(bank).complete
        house.bank.add(transfer(bank, 2, "2000.00"))
        house.bank_fault(method, times=1, **BROKEN[name])
        house.poll_bank(bank)
        assert sum(house.bank.banks.faults.fired().values()) == 1, "the fault was met"
        house.clock.sleep(60)
        assert house.poll_bank(bank).complete
        assert house.gone() == [], "what was not shown is not taken away"
        assert len(house.payments()) == 2
        with house.store.read() as uow:
            proof = uow.banks.proof(bank, ACCOUNTS[bank], STARTED_AT.date())
        assert proof is not None
        assert proof.state is ProofState.PROVED
        house.settle()
        assert broken_promises(house, sqlite_database, house.ledger()) == []
        figures.total("banks: broken answers", 1)


@pytest.mark.parametrize("bank", BANKS)
@pytest.mark.parametrize("action", [{"kind": "half_reply"}, {"kind": "lose_reply", "applied": True}], ids=str)
def test_a_subscription_whose_answer_is_lost_is_an_unknown_outcome(
    sqlite_database: Database, amo: RunningAmo, banks: RunningBanks, bank: str, action: dict[str, Any]
) -> None:
    start_again(amo, banks)
    with moved_in(amo, sqlite_database, banks, site=True) as house:
        assert house.poll_bank(bank).complete
        house.bank_fault(SUBSCRIPTION[bank], **action)
        with pytest.raises(UnknownOutcome):
            house.rt.banks[bank].subscribe(house.door(bank))
