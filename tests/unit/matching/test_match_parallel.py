"""However many processes decide, the output is that of one: decisions, faults and counts, to the last byte."""

from __future__ import annotations

import io
import json
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.match.world import write_mixed
from hub import match_parallel
from hub.domain.models import Payment
from hub.match_files import MatchFileError, MatchSummary, Report, run_match
from hub.match_parallel import can_fork, workers_for
from hub.match_worker import Task
from tests.unit.matching.cases import pay
from tests.unit.matching.test_match_files import INVOICE, PAYMENT, write

Result = tuple[str, list[str], MatchSummary]


pytestmark = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own process has threads of its plugins; they rest, and no worker needs one."""
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    assert can_fork(Path(__file__))


def decide(payments: Path, invoices: Path, workers: int) -> Result:
    out, faults = io.StringIO(), list[str]()
    summary = run_match([payments], invoices, out, report=faults.append, workers=workers)
    return out.getvalue(), faults, summary


def all_alike(payments: Path, invoices: Path) -> Result:
    alone = decide(payments, invoices, 1)
    assert decide(payments, invoices, 2) == alone
    assert decide(payments, invoices, 3) == alone
    return alone


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_worlds_with_faults_and_repeated_ids_are_decided_alike(tmp_path: Path, seed: int) -> None:
    text, faults, summary = all_alike(*write_mixed(tmp_path, seed, 450))
    assert len(text.splitlines()) == summary.decisions.total() > 100
    assert len(summary.decisions) == 3
    assert len(faults) == summary.faults > 20
    assert any("строка" in fault and "«amount»" in fault for fault in faults)
    assert any("встретился ещё раз" in fault and "счёт" in fault for fault in faults)


def test_payments_of_one_date_compete_across_processes(tmp_path: Path) -> None:
    payments = [PAYMENT | {"id": f"p{index}", "amount": "700.00"} for index in range(2)]
    text, _, _ = all_alike(write(tmp_path / "p.jsonl", *payments), write(tmp_path / "i.jsonl", INVOICE))
    assert [json.loads(line)["decision"] for line in text.splitlines()] == ["suggest", "suggest"]
    assert "не один платёж" in text


def test_what_one_process_gives_out_the_others_find_paid(tmp_path: Path) -> None:
    payments = [PAYMENT | {"id": f"p{day}", "booked_on": f"2026-03-0{day}", "amount": "400.00"} for day in range(1, 6)]
    text, _, _ = all_alike(write(tmp_path / "p.jsonl", *payments), write(tmp_path / "i.jsonl", INVOICE))
    decisions = [json.loads(line)["decision"] for line in text.splitlines()]
    assert decisions == ["auto", "auto", "auto", "suggest", "suggest"]


def test_a_rest_is_found_by_its_sum_after_another_process_paid_a_part(tmp_path: Path) -> None:
    part = PAYMENT | {"id": "a", "amount": "300.00", "purpose": "аванс по счету № 45"}
    rest = PAYMENT | {"id": "b", "amount": "900.00", "purpose": "за материалы", "booked_on": "2026-03-02"}
    text, _, _ = all_alike(write(tmp_path / "p.jsonl", part, rest), write(tmp_path / "i.jsonl", INVOICE))
    assert json.loads(text.splitlines()[1])["allocations"] == [{"invoice": "i1", "amount": "900.00"}]


@pytest.mark.parametrize("payments", [(), (PAYMENT,)])
@pytest.mark.parametrize("invoices", [(), ("",), (INVOICE,)])
def test_empty_files_are_decided_alike(tmp_path: Path, payments: tuple[Any, ...], invoices: tuple[Any, ...]) -> None:
    paths = [tmp_path / "p.jsonl", tmp_path / "i.jsonl"]
    for path, lines in zip(paths, (payments, invoices), strict=True):
        path.write_text("".join(f"{json.dumps(line) if line else ''}\n" for line in lines), encoding="utf-8")
    all_alike(*paths)


@pytest.mark.parametrize("end", ["\r\n", "\r", "\n\n", "\n \u00a0\n"])
def test_line_ends_and_a_byte_order_mark_change_nothing(tmp_path: Path, end: str) -> None:
    invoices = [json.dumps(INVOICE | {"id": f"i{index}", "number": str(44 + index)}) for index in range(5)]
    path = tmp_path / "i.jsonl"
    path.write_bytes("\ufeff".encode() + end.join(["{", *invoices, invoices[0], "[]"]).encode())
    text, faults, _ = all_alike(write(tmp_path / "p.jsonl", PAYMENT), path)
    assert len(faults) == 3
    assert json.loads(text)["allocations"] == [{"invoice": "i1", "amount": "1200.00"}]


def test_numbers_of_json_stay_exact_in_every_process(tmp_path: Path) -> None:
    invoice = json.dumps(INVOICE).replace('"amount": "1200.00"', '"amount": 90071992547409.93, "deal": 1e2')
    payment = json.dumps(PAYMENT).replace('"1200.00"', "90071992547409.93")
    text, faults, _ = all_alike(write(tmp_path / "p.jsonl", payment), write(tmp_path / "i.jsonl", invoice))
    assert faults == []
    assert json.loads(text)["allocations"] == [{"invoice": "i1", "amount": "90071992547409.93"}]


def test_an_issuer_that_only_a_repeated_line_names_is_not_us(tmp_path: Path) -> None:
    again = INVOICE | {"organisation_tax_id": PAYMENT["payer"]["tax_id"]}  # type: ignore[index]
    text, _, _ = all_alike(write(tmp_path / "p.jsonl", PAYMENT), write(tmp_path / "i.jsonl", INVOICE, again))
    assert json.loads(text)["decision"] == "auto"


def test_a_statement_is_decided_alike(tmp_path: Path) -> None:
    def reader(path: Path, report: Report) -> Iterable[Payment]:
        report(f"{path.name}: документ без суммы")
        return [pay("сч 45", 1200, id=""), pay("сч 46", 5, id="")]

    statement = tmp_path / "kl_to_1c.txt"
    statement.write_bytes("1CClientBankExchange\r\nКодировка=Windows".encode("cp1251"))
    invoices = write(tmp_path / "i.jsonl", INVOICE)
    told = []
    for workers in (1, 2):
        out, faults = io.StringIO(), list[str]()
        run_match([statement], invoices, out, report=faults.append, statement_reader=reader, workers=workers)
        told.append((out.getvalue(), faults))
    assert told[0] == told[1]
    assert "kl_to_1c.txt:1" in told[0][0]


def test_a_file_in_another_encoding_is_refused_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "i.jsonl"
    path.write_bytes(json.dumps(INVOICE).encode() + '\n{"id":"ё"}\n'.encode("cp1251"))
    for workers in (1, 2):
        with pytest.raises(MatchFileError, match="UTF-8"):
            decide(write(tmp_path / "p.jsonl", PAYMENT), path, workers)


def test_a_lost_worker_is_told_and_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(task: Task, _: object) -> None:
        if task.share[0] == 1:
            os._exit(9)

    monkeypatch.setattr(match_parallel, "work", dies)
    out = io.StringIO()
    with pytest.raises(MatchFileError, match="Повторите"):
        run_match(
            [write(tmp_path / "p.jsonl", PAYMENT)], write(tmp_path / "i.jsonl", INVOICE), out, report=print, workers=2
        )
    assert out.getvalue() == ""


def test_small_runs_and_runs_beside_threads_stay_in_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    invoices = write(tmp_path / "i.jsonl", INVOICE)
    assert workers_for([pay("сч 45", 1200)], invoices) == 1
    assert can_fork(invoices)
    assert not can_fork(tmp_path / "none.jsonl")
    assert not can_fork(Path(os.devnull))
    monkeypatch.setattr(threading, "active_count", lambda: 2)
    assert not can_fork(invoices)


def test_shapes_are_learned_of_all_parts_and_not_of_repeated_lines(tmp_path: Path) -> None:
    filling = [
        INVOICE | {"id": f"f{number}", "number": f"ТД00-{number:06d}", "amount": "7.00"} for number in range(200)
    ]
    asked = [
        PAYMENT | {"id": f"p{number}", "purpose": purpose}
        for number, purpose in enumerate(("опл. ЦБ-99", "опл. УТ-99", "опл. ЯЯ-99", "опл. ТД-999"))
    ]
    wanted = INVOICE | {"id": "i1", "number": "ТД00-000900"}
    last = INVOICE | {"id": "i2", "number": "УТ-5", "amount": "8.00"}
    again = filling[0] | {"number": "ЯЯ-7"}
    invoices = write(tmp_path / "i.jsonl", wanted, *filling, again, last)
    text, faults, _ = all_alike(write(tmp_path / "p.jsonl", *asked), invoices)
    assert len(faults) == 1
    told = [json.loads(line)["reason"] for line in text.splitlines()]
    assert ["на номера ваших счетов не похоже" in reason for reason in told] == [True, False, True, False]
