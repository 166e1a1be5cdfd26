"""The line formats of `sverka match` and `sverka purpose`."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from hub.domain.decision import DecisionKind
from hub.domain.models import Payment
from hub.match_files import MatchFileError, MatchSummary, Report, purpose_line, run_bundles, run_match
from tests.unit.matching.cases import pay

PAYMENT = {
    "id": "p1",
    "direction": "in",
    "amount": "1200.00",
    "currency": "RUB",
    "booked_on": "2026-03-01",
    "purpose": "Оплата по счету № 45 от 03.02.2026",
    "payer": {"name": "ООО Пион", "tax_id": "7700000016", "kpp": None, "account": None},
    "payee": {"tax_id": "7701000017"},
}
INVOICE = {
    "id": "i1",
    "number": "45",
    "issued_on": "2026-02-03",
    "due_on": None,
    "amount": "1200.00",
    "paid": "0.00",
    "currency": "RUB",
    "status": "open",
    "client": {"name": 'ООО "Пион"', "tax_id": "7700000016", "kpp": None},
    "organisation_tax_id": "7701000017",
    "deal": "d1",
    "references": [{"kind": "contract", "number": "5/26", "date": "2026-01-01"}],
}


def write(path: Path, *lines: Any) -> Path:
    texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def match(
    tmp_path: Path, payments: list[Any], invoices: list[Any]
) -> tuple[list[dict[str, Any]], list[str], MatchSummary]:
    out, faults = io.StringIO(), list[str]()
    paths = [write(tmp_path / "p.jsonl", *payments)]
    summary = run_match(paths, write(tmp_path / "i.jsonl", *invoices), out, report=faults.append)
    return [json.loads(line) for line in out.getvalue().splitlines()], faults, summary


def test_writes_one_line_a_payment_in_input_order(tmp_path: Path) -> None:
    late = PAYMENT | {"id": "p0", "booked_on": "2026-03-09"}
    lines, faults, summary = match(tmp_path, [late, PAYMENT], [INVOICE])
    assert faults == []
    assert [line["payment"] for line in lines] == ["p0", "p1"]
    assert [line["decision"] for line in lines] == ["suggest", "auto"]
    assert lines[1]["allocations"] == [{"invoice": "i1", "amount": "1200.00"}]
    assert lines[1]["candidates"][0]["invoices"] == ["i1"]
    assert {"aspect": "number", "verdict": "agrees", "stand": "for", "text": "номер «45» совпал"} in lines[1][
        "candidates"
    ][0]["evidence"]
    assert set(lines[1]) == {"payment", "decision", "allocations", "candidates", "reason"}
    assert summary.decisions == {DecisionKind.AUTO: 1, DecisionKind.SUGGEST: 1}


def test_absent_fields_are_unknown_not_wrong(tmp_path: Path) -> None:
    bare_payment = {"id": "p1", "direction": "in", "amount": "1200", "booked_on": "2026-03-01", "purpose": "сч 45"}
    lines, faults, _ = match(tmp_path, [bare_payment], [{"id": "i1", "number": "45", "amount": "1200"}])
    assert faults == []
    assert lines[0]["decision"] == "auto"


def test_amounts_written_as_json_numbers_stay_exact(tmp_path: Path) -> None:
    payment = json.dumps(PAYMENT).replace('"1200.00"', "90071992547409.93")
    invoice = json.dumps(INVOICE).replace('"amount": "1200.00"', '"amount": 90071992547409.93')
    lines, faults, _ = match(tmp_path, [payment], [invoice])
    assert faults == []
    assert lines[0]["allocations"] == [{"invoice": "i1", "amount": "90071992547409.93"}]


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount": "12,5"}, "«amount»"),
        ({"amount": None}, "«amount»"),
        ({"amount": "1.001"}, "«amount»"),
        ({"booked_on": "01.03.2026"}, "«booked_on»"),
        ({"booked_on": None}, "«booked_on»"),
        ({"direction": "sideways"}, "«direction»"),
        ({"payer": "ООО Пион"}, "«payer»"),
        ({"id": ""}, "«id»"),
        ({"currency": "рубли"}, "«currency»"),
    ],
)
def test_a_wrong_line_is_named_and_the_others_go_on(tmp_path: Path, change: dict[str, Any], named: str) -> None:
    lines, faults, summary = match(tmp_path, [PAYMENT | change, PAYMENT | {"id": "good"}], [INVOICE])
    assert [line["payment"] for line in lines] == ["good"]
    assert len(faults) == summary.faults == 1
    assert "p.jsonl, строка 1" in faults[0]
    assert named in faults[0]


@pytest.mark.parametrize("line", ["{", "[]", "12", '{"id": NaN}'])
def test_a_line_that_is_no_json_object_is_named(tmp_path: Path, line: str) -> None:
    _, faults, _ = match(tmp_path, [line, PAYMENT], [INVOICE])
    assert "p.jsonl, строка 1" in faults[0]


def test_a_wrong_invoice_is_named_and_left_out(tmp_path: Path) -> None:
    broken = INVOICE | {"references": ["договор 5"]}
    lines, faults, _ = match(tmp_path, [PAYMENT], [broken])
    assert "i.jsonl, строка 1" in faults[0]
    assert lines[0]["decision"] == "none"


def test_a_kind_of_document_that_is_not_known_does_not_lose_the_invoice(tmp_path: Path) -> None:
    unusual = INVOICE | {"references": [{"kind": "poem", "number": "7"}, {"kind": "Договор", "number": "5"}]}
    lines, faults, _ = match(tmp_path, [PAYMENT], [unusual])
    assert faults == []
    assert lines[0]["decision"] == "auto"


def test_a_repeated_id_is_named_and_counts_once(tmp_path: Path) -> None:
    lines, faults, _ = match(tmp_path, [PAYMENT, PAYMENT], [INVOICE, INVOICE])
    assert len(lines) == 1
    assert len(faults) == 2


def test_each_bundle_is_a_world_of_its_own(tmp_path: Path) -> None:
    bundles = [{"id": name, "payments": [PAYMENT], "invoices": [INVOICE]} for name in ("w1", "w2")]
    out, faults = io.StringIO(), list[str]()
    run_bundles(write(tmp_path / "b.jsonl", *bundles), out, report=faults.append)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(line["bundle"], line["decision"]) for line in lines] == [("w1", "auto"), ("w2", "auto")]
    assert faults == []


def test_a_fault_inside_a_bundle_is_named(tmp_path: Path) -> None:
    bundle = {"id": "w1", "payments": [PAYMENT | {"amount": "x"}, 5], "invoices": None}
    faults = list[str]()
    run_bundles(write(tmp_path / "b.jsonl", bundle), io.StringIO(), report=faults.append)
    assert [fault for fault in faults if "payments[1]" in fault and "«amount»" in fault]
    assert [fault for fault in faults if "payments[2]" in fault]
    assert [fault for fault in faults if "«invoices»" in fault]


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(MatchFileError, match="Проверьте путь"):
        run_match([tmp_path / "none.jsonl"], tmp_path / "i.jsonl", io.StringIO(), report=print)


def test_a_file_in_another_encoding_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "p.jsonl"
    path.write_bytes('{"id":"ё"}'.encode("cp1251"))
    with pytest.raises(MatchFileError, match="UTF-8"):
        run_match([path], write(tmp_path / "i.jsonl", INVOICE), io.StringIO(), report=print)


def test_a_statement_file_goes_through_the_given_reader(tmp_path: Path) -> None:
    def reader(path: Path, report: Report) -> Iterable[Payment]:
        report(f"{path.name}: документ без суммы")
        return [pay("сч 45", 1200, id="")]

    statement = tmp_path / "kl_to_1c.txt"
    statement.write_bytes("1CClientBankExchange\r\nКодировка=Windows".encode("cp1251"))
    out, faults = io.StringIO(), list[str]()
    run_match([statement], write(tmp_path / "i.jsonl", INVOICE), out, report=faults.append, statement_reader=reader)
    assert json.loads(out.getvalue())["payment"] == "kl_to_1c.txt:1"
    assert faults == ["kl_to_1c.txt: документ без суммы"]


def test_a_purpose_becomes_one_object() -> None:
    line = purpose_line("Оплата по сч.№ 71/2 от 10.02.26г. по дог. 5/26, сумма 1000-00 В т.ч. НДС 22% 180-33")
    assert line == {
        "invoice_numbers": ["71/2"],
        "documents": [
            {"kind": "invoice", "number": "71/2", "date": "2026-02-10"},
            {"kind": "contract", "number": "5/26", "date": None},
        ],
        "dates": ["2026-02-10"],
        "amounts": ["1000.00"],
        "vat": {"none": False, "rate": "22", "amount": "180.33"},
    }
    assert purpose_line("за товар")["vat"] is None
