"""What the quick reading of an invoice line tells is what the full reading tells; the rest it leaves alone."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.domain.matching import MatchContext, invoice_keys, read_purpose
from hub.domain.matching.keys import key_tiers
from hub.match_lines import invoice_from, read_bytes
from hub.match_plain import PlainInvoices
from hub.match_quick import PlainLines
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
    lambda changes: json.dumps(INVOICE | changes, ensure_ascii=False)
)
_PAYMENTS = [
    pay("Оплата по счету 45 и ТД00-000123 по договору 12/26", 1200, "7700000016", name="Пион ООО"),
    pay("возврат за материалы", 1200, "7700000016", name="ООО Пион", account="40702810100000000001"),
]
_WANTED = frozenset(
    key for item in _PAYMENTS for key in wanted_of(key_tiers(item, read_purpose(item.purpose), MatchContext()).every)
)


_USUAL = json.dumps(INVOICE | {"paid": "0.00", "references": [{"kind": "договор", "number": "12/26"}]})


def _readers() -> tuple[PlainInvoices, PlainLines]:
    return PlainInvoices(), PlainLines(_WANTED)


def _agree_on(line: str, invoices: PlainInvoices, lines: PlainLines) -> bool:
    """Both readings take the line or leave it; what they take is what the full reading tells."""
    found, plain = invoices.read(line), lines.read(line)
    assert (found is None) == (plain is None)
    if found is None or plain is None:
        return False
    full = invoice_from(read_bytes(line.encode()))
    assert found == full
    assert (plain.identity, plain.issuer) == (full.id, full.organisation_tax_id)
    assert plain.hits == _WANTED & set(map(hash, invoice_keys(full)))
    return True


@given(st.lists(_LINES, min_size=1, max_size=6))
def test_a_line_is_read_quickly_as_in_full_or_not_at_all(some: list[str]) -> None:
    readers = _readers()
    assert _agree_on(_USUAL, *readers)
    for line in some:
        _agree_on(line, *readers)


@given(st.permutations(sorted(INVOICE)), st.sampled_from([None, (",", ":")]), st.sampled_from(["", "\n", "\r\n"]))
def test_fields_may_stand_in_any_order(names: list[str], separators: tuple[str, str] | None, end: str) -> None:
    line = json.dumps({name: INVOICE[name] for name in names}, separators=separators, ensure_ascii=False)
    assert _agree_on(line + end, *_readers())


@given(st.text(st.sampled_from('{}[]":, \\/n\t\x01№я1'), max_size=8), st.sampled_from(["id", "client", "deal", "more"]))
def test_signs_in_a_text_never_change_what_is_read(text: str, name: str) -> None:
    readers = _readers()
    usual = INVOICE | {"more": "x"}
    assert _agree_on(json.dumps(usual, ensure_ascii=False), *readers)
    value: Any = {"name": text, "tax_id": text} if name == "client" else text
    line = json.dumps(usual | {name: value}, ensure_ascii=False)
    taken = _agree_on(line, *readers)
    plain = text.isprintable() and not set('"\\') & set(text) and (name != "id" or text.strip() != "")
    assert taken == (plain or name == "client")


@pytest.mark.parametrize(
    "line",
    [
        _USUAL[:-1],
        _USUAL + "{}",
        _USUAL.replace("{", "{,", 1),
        _USUAL.replace("}", ", }", 1),
        _USUAL.replace('", "', '"; "'),
        "\ufeff" + _USUAL,
        '{"id": "1", "id": "2", "amount": "5.00"}',
        '{"amount": "5.00"}',
        "{",
        "[]",
        "5",
        '{"id": NaN}',
        "[" * 100_000,
    ],
)
def test_what_is_not_plainly_an_invoice_is_left_to_the_full_reading(line: str) -> None:
    invoices, lines = _readers()
    assert invoices.read(_USUAL) is not None
    assert invoices.read(line) is None
    assert lines.read(line) is None


def test_plain_lines_behind_many_odd_ones_are_read_quickly_again() -> None:
    invoices = PlainInvoices()
    odd = json.dumps(INVOICE | {"amount": "1200"})
    assert {invoices.read(odd) for _ in range(40)} == {None}
    assert any(invoices.read(_USUAL) is not None for _ in range(2_000))


def test_many_makes_of_lines_are_read_all_the_same() -> None:
    invoices = PlainInvoices()
    makes = [json.dumps(INVOICE | dict.fromkeys([f"more{number}"], "x")) for number in range(40)]
    read = [invoices.read(line) for line in (*makes, *makes)]
    assert read[0] == invoice_from(read_bytes(makes[0].encode()))
    assert {item for item in read if item is not None} == {read[0]}
