"""Every case of the peers through the path of `sverka match --bundles`: nothing given wrongly, and most of it right."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.corpus.decisions.loader import CaseFault
from tests.corpus.judge import Verdict, decisions_of, judge_case, told
from tests.corpus.peers.loader import PeerCase, load_peers
from tests.corpus.peers.report import Outcome, outcomes, print_not_right, print_summary

CASES: Final = load_peers()
#: Fewer would mean that files were lost.
LEAST_CASES: Final = 220
LEAST_PEERS: Final = 9
#: The share that should be right; the rest are misses, which do no harm.
GOAL: Final = 0.9


def _each(cases: Iterable[PeerCase], mark: str) -> list[Any]:
    """The cases as parameters; one known not to pass must fail, so that its mark goes when the matcher is mended."""
    return [
        pytest.param(item, id=item.case.name, marks=[pytest.mark.xfail(strict=True, reason=known)] if known else [])
        for item in cases
        for known in [getattr(item, mark)]
    ]


@pytest.mark.parametrize("peer_case", _each(CASES, "known_wrong"))
def test_machine_gives_no_money_wrongly(peer_case: PeerCase, tmp_path: Path) -> None:
    decisions = decisions_of(peer_case.case, tmp_path)
    assert judge_case(peer_case.case, decisions) is not Verdict.WRONG_AUTO, (told(decisions), peer_case.case.why)


@pytest.mark.parametrize("peer_case", _each([item for item in CASES if not item.known_wrong], "known_miss"))
def test_decides_rightly(peer_case: PeerCase, tmp_path: Path) -> None:
    decisions = decisions_of(peer_case.case, tmp_path)
    assert judge_case(peer_case.case, decisions) is Verdict.RIGHT, (told(decisions), peer_case.case.why)


def test_nine_in_ten_are_right() -> None:
    known = sum(bool(item.known_miss or item.known_wrong) for item in CASES)
    assert 1 - known / len(CASES) >= GOAL


def test_the_corpus_is_not_thin() -> None:
    assert len(CASES) >= LEAST_CASES
    assert len({item.peer for item in CASES}) >= LEAST_PEERS


def test_a_case_is_known_to_miss_or_to_be_wrong_not_both() -> None:
    assert [item.case.name for item in CASES if item.known_miss and item.known_wrong] == []


def test_the_report_counts_by_peer() -> None:
    found = outcomes(CASES[:3])
    found = [Outcome(item.peer_case, item.decisions, verdict) for item, verdict in zip(found, Verdict, strict=True)]
    out = io.StringIO()
    print_summary(found, out)
    *_, last = out.getvalue().splitlines()
    assert last.split() == ["all", "3", "1", "1", "1"]


def test_the_report_tells_what_is_not_right() -> None:
    (known, *_) = [item for item in CASES if item.known_miss]
    out = io.StringIO()
    print_not_right(outcomes([known]), out)
    assert known.case.name in out.getvalue()
    assert known.known_miss in out.getvalue()


GOOD: Final = """
- case: a case
  trap: a_trap
  source: some-owner/some.name@16.0:tests/test_match.py::test_one (second line)
  peer_expects: the invoice
  payments:
    p: {sum: "1.00", from: "ООО «Пион» 7700000016", on: 2026-03-01, text: "сч 45"}
  invoices:
    A: {number: "45", on: 2026-02-03, sum: "1.00", to: "ООО «Пион» 7700000016"}
  expect:
    p: {is: auto, gives: {A: "1.00"}}
  why: so
"""


def test_a_case_is_read_with_its_source(tmp_path: Path) -> None:
    (tmp_path / "some_peer.yaml").write_text(GOOD, encoding="utf-8")
    (found,) = load_peers(tmp_path)
    assert (found.peer, found.peer_expects, found.known_miss) == ("some_peer", "the invoice", "")
    source = found.source
    assert (source.repository, source.version) == ("some-owner/some.name", "16.0")
    assert (source.path, source.test) == ("tests/test_match.py", "test_one (second line)")


@pytest.mark.parametrize(
    ("old", "new", "told_of"),
    [
        ("  peer_expects: the invoice\n", "", "«peer_expects» is missing"),
        ("some-owner/some.name@16.0:", "", "a source is written"),
        ("::test_one (second line)", "", "a source is written"),
        ("  why: so", "  why: so\n  known_mis: so", "unknown fields"),
    ],
)
def test_a_slip_in_a_case_is_a_fault(old: str, new: str, told_of: str, tmp_path: Path) -> None:
    assert old in GOOD
    (tmp_path / "some_peer.yaml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(CaseFault, match=told_of):
        load_peers(tmp_path)
