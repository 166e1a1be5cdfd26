"""`python -m tests.worlds --seed N --out DIR` writes a world; `--score DECISIONS` prints the table for it."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tests.worlds.files import TRUTH, write_world
from tests.worlds.score import print_score, read_decisions, read_truths, score
from tests.worlds.world import make_world


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.worlds", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--payments", type=int, default=20_000)
    parser.add_argument("--invoices", type=int, default=60_000)
    parser.add_argument("--out", type=Path, required=True, help="folder of the world")
    parser.add_argument("--score", type=Path, help="decisions of `sverka match` to judge by the truth in the folder")
    asked = parser.parse_args()
    if asked.score is None:
        write_world(make_world(asked.seed, asked.payments, asked.invoices), asked.out)
        return 0
    found = score(read_truths(asked.out / TRUTH), read_decisions(asked.score))
    print_score(found, sys.stdout)
    return 1 if found.wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
