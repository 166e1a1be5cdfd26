"""`python -m tests.corpus.peers.report` decides the cases of the peers and prints how many are right, by peer."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TextIO

from tests.corpus.judge import DecisionLine, Verdict, decisions_of, judge_case, told
from tests.corpus.peers.loader import PeerCase, load_peers


@dataclass(frozen=True, slots=True)
class Outcome:
    """A case, what was decided in it, and what that is worth."""

    peer_case: PeerCase
    decisions: Mapping[str, DecisionLine]
    verdict: Verdict


def outcomes(cases: Iterable[PeerCase]) -> list[Outcome]:
    """Decides every case by itself, as `sverka match --bundles` would."""
    found: list[Outcome] = []
    with TemporaryDirectory() as folder:
        for peer_case in cases:
            decisions = decisions_of(peer_case.case, Path(folder))
            found.append(Outcome(peer_case, decisions, judge_case(peer_case.case, decisions)))
    return found


def print_summary(found: Sequence[Outcome], out: TextIO) -> None:
    """One line a peer and one for all: cases, right, wrong by machine, missed."""
    counts = Counter((outcome.peer_case.peer, outcome.verdict) for outcome in found)
    peers = sorted({peer for peer, _ in counts})
    print(f"{'peer':<18}{'cases':>6}{'right':>7}{'wrong auto':>12}{'missed':>8}", file=out)
    for peer in peers:
        _print_line(peer, [counts[peer, verdict] for verdict in Verdict], out)
    _print_line("all", [sum(counts[peer, verdict] for peer in peers) for verdict in Verdict], out)


def _print_line(name: str, by_verdict: Sequence[int], out: TextIO) -> None:
    right, wrong, missed = by_verdict
    print(f"{name:<18}{sum(by_verdict):>6}{right:>7}{wrong:>12}{missed:>8}", file=out)


def print_not_right(found: Iterable[Outcome], out: TextIO) -> None:
    """What was decided in the cases that are not right, and why that is known, where it is."""
    for outcome in found:
        if outcome.verdict is not Verdict.RIGHT:
            peer_case = outcome.peer_case
            print(f"\n{peer_case.peer}, «{peer_case.case.name}»: {outcome.verdict.value}", file=out)
            print(f"  {told(outcome.decisions)}", file=out)
            print(f"  {peer_case.case.why}", file=out)
            print(f"  known: {peer_case.known_wrong or peer_case.known_miss or 'no'}", file=out)


def main() -> int:
    """Prints the table; with `--not-right` also every case that is not right. Fails on a wrong automatic decision."""
    parser = argparse.ArgumentParser(prog="python -m tests.corpus.peers.report", description=__doc__)
    parser.add_argument("--not-right", action="store_true", help="print every case that is not right")
    asked = parser.parse_args()
    found = outcomes(load_peers())
    print_summary(found, sys.stdout)
    if asked.not_right:
        print_not_right(found, sys.stdout)
    return 1 if any(outcome.verdict is Verdict.WRONG_AUTO for outcome in found) else 0


if __name__ == "__main__":
    raise SystemExit(main())
