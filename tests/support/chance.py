"""The number that everything at random is drawn from."""

from __future__ import annotations

import os
import secrets


def run_seed(usual: int | None = None) -> int:
    """SVERKA_SEED, else the usual one, else a new one; it is printed, so that a run can be repeated."""
    told = os.environ.get("SVERKA_SEED")
    number = int(told) if told else usual if usual is not None else secrets.randbelow(1_000_000)
    print(f"SVERKA_SEED={number}", flush=True)
    return number
