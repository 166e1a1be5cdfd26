"""`./run bench-accuracy [--seed N] [--payments N] [--invoices N]`: a world and the decisions by kind of case."""

from __future__ import annotations

import argparse
import secrets
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hub.match_files import run_match
from tests.worlds.files import INVOICES, PAYMENTS, write_world
from tests.worlds.records import Truth
from tests.worlds.score import Made, Row, Score, print_score, read_decisions, score
from tests.worlds.world import World, make_world

DECISIVE_SHARE: Final = 0.97
FIRST_SHARE: Final = 0.95
_EXAMPLES: Final = 5


def main() -> int:
    parser = argparse.ArgumentParser(prog="./run bench-accuracy", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="repeats a world; a new one each time unless given")
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--invoices", type=int, default=None, help="three a payment unless given")
    parser.add_argument("--keep", type=Path, default=None, help="folder to leave the world and the decisions in")
    asked = parser.parse_args()
    seed = secrets.randbelow(10**6) if asked.seed is None else asked.seed
    world = make_world(seed, asked.payments, asked.invoices or 3 * asked.payments)
    print(f"seed {seed}: {len(world.payments)} payments, {len(world.invoices)} invoices")
    with TemporaryDirectory() as temporary:
        found = _decide(world, asked.keep or Path(temporary))
    print_score(found, sys.stdout)
    _examples(world, found)
    return 0 if _bars(found.total) else 1


def _decide(world: World, folder: Path) -> Score:
    write_world(world, folder)
    out = folder / "decisions.jsonl"
    start = time.perf_counter()
    with out.open("w", encoding="utf-8") as file:
        run_match([folder / PAYMENTS], folder / INVOICES, file, report=lambda text: print(text, file=sys.stderr))
    print(f"decided in {time.perf_counter() - start:.1f} s")
    return score(world.truths, read_decisions(out))


def _examples(world: World, found: Score) -> None:
    purposes = {payment.id: payment.purpose for payment in world.payments}
    for title, cases in (("wrong", found.wrong), ("not decided", found.missed), ("not first", found.misplaced)):
        for truth, made in cases[:_EXAMPLES]:
            print(f"{title}: {_case(truth, made, purposes[truth.payment])}")


def _case(truth: Truth, made: Made, purpose: str) -> str:
    right = ", ".join(truth.allocations or truth.first)
    return (
        f"{truth.payment} ({truth.kind}, {truth.answer}) «{purpose}» is for {right or 'nothing of ours'}: {made.reason}"
    )


def _bars(total: Row) -> bool:
    decided = total.decided / max(total.decisive, 1)
    first = total.right_first / max(total.doubtful, 1)
    verdicts = (
        (f"wrong automatic decisions: {total.wrong}, bar 0", total.wrong == 0),
        (f"decisive cases decided: {decided:.1%}, bar {DECISIVE_SHARE:.0%}", decided >= DECISIVE_SHARE),
        (f"doubtful cases, the right one first: {first:.1%}, bar {FIRST_SHARE:.0%}", first >= FIRST_SHARE),
    )
    for text, reached in verdicts:
        print(f"{'ok  ' if reached else 'FAIL'} {text}")
    return all(reached for _, reached in verdicts)


if __name__ == "__main__":
    raise SystemExit(main())
