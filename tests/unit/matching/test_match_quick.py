"""What the quick reading of an invoice line tells is what the full reading tells; the rest it leaves alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.matching import MatchContext, invoice_keys, read_purpose
from hub.domain.matching.keys import key_tiers
from hub.match_lines import FieldFault, invoice_from, read_bytes
from hub.match_plain import PlainInvoices
from hub.match_quick import PlainLines, quickly
from hub.match_scan import wanted_of
from tests.unit.matching.cases import pay
from tests.unit.matching.test_match_files import INVOICE

_TEXTS = (
    "",
    " ",
    " 45 ",
    "paid",
    "OPEN",
    "cancelled",
    "2026-03-01",
    "2026-02-30",
    "20260301",
    "1200.00",
    "0.00",
    "1200",
)
_MORE_TEXTS = (
    "-5.00",
    "1e3",
    "12_0.00",
    "１２.00",
    "999999999999999.99",
    "RUB",
    "rub",
    "USD",
    "RUR",
    "ТД00-000123",
    "12/26",
)
_REFERENCES: tuple[Any, ...] = (
    [{"kind": "Договор", "number": "12/26", "date": "2026-01-12"}],
    [{"number": 5}],
    ["x"],
    [],
)
_CLIENTS: tuple[Any, ...] = (
    {"name": "ООО Пион", "tax_id": "7700000016", "kpp": "770001001", "account": "40702810100000000001"},
    {"name": 5},
    {},
)
_ODD: st.SearchStrategy[Any] = st.sampled_from((None, 45, 1.5, True, *_TEXTS, *_MORE_TEXTS, *_REFERENCES, *_CLIENTS))
_LINES = st.fixed_dictionaries({}, optional=dict.fromkeys((*INVOICE, "due_on", "references", "more"), _ODD)).map(
    lambda changes: json.dumps(INVOICE | changes, ensure_ascii=False).encode()
)
_PAYMENTS = [
    pay("Оплата по счету 45 и ТД00-000123 по договору 12/26", 1200, "7700000016", name="Пион ООО"),
    pay("возврат за материалы", 1200, "7700000016", name="ООО Пион", account="40702810100000000001"),
]
_WANTED = frozenset(
    key for item in _PAYMENTS for key in wanted_of(key_tiers(item, read_purpose(item.purpose), MatchContext()).every)
)


@given(_LINES)
def test_a_line_is_read_quickly_as_in_full_or_not_at_all(line: bytes) -> None:
    found = quickly(line, PlainInvoices().read)
    plain = quickly(line, PlainLines(_WANTED).read)
    assert (found is None) == (plain is None)
    if found is None or plain is None:
        return
    full = invoice_from(read_bytes(line))
    assert found == full
    assert (plain.identity, plain.issuer) == (full.id, full.organisation_tax_id)
    assert plain.hits == _WANTED & set(map(hash, invoice_keys(full)))


def test_the_usual_line_is_read_quickly() -> None:
    line = json.dumps(INVOICE | {"paid": "0.00", "references": [{"kind": "договор", "number": "12/26"}]}).encode()
    assert quickly(line, PlainInvoices().read) == invoice_from(read_bytes(line))
    found = quickly(line, PlainLines(_WANTED).read)
    assert found is not None
    assert found.hits


@pytest.mark.parametrize("text", ["{", "[]", "5", '{"id": NaN}', "\xff"])
def test_what_is_no_object_is_left_to_the_full_reading(text: str) -> None:
    line = text.encode("latin-1")
    assert quickly(line, PlainInvoices().read) is None
    with pytest.raises((FieldFault, UnicodeDecodeError)):
        read_bytes(line)
