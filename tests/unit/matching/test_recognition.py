"""By what a payer is known among the clients of the invoices, and why it is not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.domain.matching import MatchContext
from hub.domain.matching.recognition import Clients, Recognition, recognise
from hub.domain.models import Client, Payment
from tests.unit.matching.cases import CONTEXT, IVANOV, PION, ROZA, client, pay

_R = Recognition
ACCOUNT = "40702810900000012345"
TREASURY = "УФК по Самарской области"


def known(payment: Payment, *clients: Client, context: MatchContext = CONTEXT) -> Recognition:
    found = Clients()
    for one in clients:
        found.add(one)
    return recognise(payment, found, context)


@pytest.mark.parametrize(
    ("payment", "clients", "how"),
    [
        pytest.param(pay("", 1), [client(PION)], _R.TAX_ID, id="ИНН"),
        pytest.param(pay("", 1, kpp="770002002"), [client(PION, kpp="770001001")], _R.BRANCH, id="another КПП"),
        pytest.param(
            pay("", 1, None, account=ACCOUNT, name="Пион-2"),
            [client(None, "", account=ACCOUNT)],
            _R.ACCOUNT,
            id="account",
        ),
        pytest.param(pay(f"за ИНН {ROZA}", 1, None), [client(ROZA)], _R.TAX_ID_IN_TEXT, id="ИНН in the purpose"),
        pytest.param(pay("", 1, None, name="Пион ООО"), [client(PION)], _R.NAME, id="only the name"),
        pytest.param(pay("за ООО Роза", 1), [client(ROZA)], _R.FOR_ANOTHER, id="for another"),
        pytest.param(pay("", 1, "7710568760", name=TREASURY), [client(PION)], _R.SHARED, id="treasury"),
        pytest.param(pay("", 1, None), [client(PION)], _R.NO_REQUISITES, id="nothing told"),
        pytest.param(pay("", 1, IVANOV), [client(PION)], _R.NO_CLIENT, id="nobody"),
        pytest.param(pay("", 1), [], _R.NO_CLIENT, id="no clients at all"),
        pytest.param(pay("", 1), [client(ROZA, "ООО Пион"), client(PION)], _R.TAX_ID, id="the surest counts"),
    ],
)
def test_recognises(payment: Payment, clients: list[Client], how: Recognition) -> None:
    assert known(payment, *clients) is how


def test_a_rule_of_a_person_makes_a_stranger_known() -> None:
    context = replace(CONTEXT, aliases={f"t:{IVANOV}": frozenset({PION})})
    assert known(pay("", 1, IVANOV), client(PION), context=context) is _R.ALIAS


def test_a_word_that_hundreds_of_clients_share_is_not_gone_through() -> None:
    crowd = [client(None, f"ООО Торговый дом Сириус {number}") for number in range(300)]
    assert known(pay("", 1, None, name="Сириус Торговый", account="1" * 20), *crowd) is _R.NO_CLIENT
