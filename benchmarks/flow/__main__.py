"""`./run bench-flow`: see the package. Exit code 1 when a bar is missed."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

from benchmarks.flow.figures import Spread, calls, decided, effects
from benchmarks.flow.last_year import fill
from benchmarks.flow.processes import CONNECTION, ROOT, SIGNING_SECRET, Hub, Portal
from benchmarks.flow.rival import move_all
from benchmarks.flow.world import NEW, portal_seed

_CALL_S: Final = 0.1
_QUOTA: Final = {"standard": 2.0, "enterprise": 5.0}
_ACK_S: Final = 0.2
_DECIDED_S: Final = 1.0
_BUDGET: Final = 0.95
_FLAT: Final = 0.10
#: Until caches are warm and the burst that the portal grants is used up, neither memory nor budget is compared.
_WARM_UP: Final = 0.2


@dataclass(frozen=True, slots=True)
class Given:
    """What was asked for."""

    payments: int
    minutes: float
    rate: float
    plan: str

    @property
    def count(self) -> int:
        """Payments of this run."""
        return int(self.rate * self.minutes * 60)


@dataclass(frozen=True, slots=True)
class Sample:
    """The hub's process at a moment."""

    at: float
    memory_mb: float
    cpu_s: float


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(prog="./run bench-flow", description=__doc__)
    parser.add_argument("--payments", type=int, default=100_000, help="payments in the store before (100000)")
    parser.add_argument("--minutes", type=float, default=10, help="how long (10)")
    parser.add_argument("--rate", type=float, default=50, help="payments a second (50)")
    parser.add_argument("--plan", choices=sorted(_QUOTA), default="enterprise", help="the portal's limits")
    asked = parser.parse_args()
    given = Given(asked.payments, asked.minutes, asked.rate, asked.plan)
    with tempfile.TemporaryDirectory(prefix="sverka-flow-") as folder:
        sys.exit(0 if _run(given, Path(folder)) else 1)


def _run(given: Given, folder: Path) -> bool:
    seed = portal_seed(given.count, _CALL_S, given.plan)
    print(
        f"portal: plan {given.plan}, {_QUOTA[given.plan]:.0f} requests/s, every call {_CALL_S * 1000:.0f} ms; "
        f"{given.rate:.0f} payments/s for {given.minutes:g} min into a store of {given.payments}"
    )
    with Portal(folder / "portal", seed) as portal, Hub(folder, portal.webhook_url, given.plan) as hub:
        _prepare(hub, given)
        samples, began = list[Sample](), time.time()
        lines = list(_load(hub, given, samples))
        ended = time.time()
        requests = portal.requests()
        ok = _report(given, hub, lines, samples, requests, (began, ended))
    moved = _moved_in(requests)
    with Portal(folder / "rival", seed) as portal:
        _race(portal, moved, ended - began)
    return ok


def _prepare(hub: Hub, given: Given) -> None:
    hub.write_settings("observe")
    began = time.monotonic()
    fill(hub.settings, CONNECTION, given.payments)
    print(f"store filled in {time.monotonic() - began:.0f} s")
    hub.write_settings("act")
    began = time.monotonic()
    hub.start()
    hub.wait_until_polled()
    print(f"{given.count} deals and invoices read from the portal in {time.monotonic() - began:.0f} s")


def _load(hub: Hub, given: Given, samples: list[Sample]) -> Iterator[dict[str, Any]]:
    arguments = [hub.door, SIGNING_SECRET, str(given.rate), str(given.count)]
    with (hub.folder / "load.jsonl").open("w+") as out:
        load = subprocess.Popen([sys.executable, "-m", "benchmarks.flow.load", *arguments], stdout=out, cwd=ROOT)
        while load.poll() is None:
            samples.append(Sample(time.time(), hub.memory_mb(), hub.cpu_s()))
            time.sleep(1)
        time.sleep(2)
        out.seek(0)
        yield from (json.loads(line) for line in out)


def _report(
    given: Given,
    hub: Hub,
    lines: list[dict[str, Any]],
    samples: list[Sample],
    requests: list[dict[str, Any]],
    span: tuple[float, float],
) -> bool:
    stored = [line for line in lines if line["status"] == 204]
    acknowledged = Spread.of([line["ack_s"] for line in lines])
    outcome = decided(hub.database, {line["number"]: line["sent_at"] for line in stored})
    warm = span[0] + (span[1] - span[0]) * _WARM_UP
    made = calls(requests, warm, span[1])
    use = made.made / (_QUOTA[given.plan] * (span[1] - warm))
    refused = calls(requests, span[0], span[1]).refused
    grown = _growth([item.memory_mb for item in samples if item.at >= warm])
    busy = (samples[-1].cpu_s - samples[0].cpu_s) / (samples[-1].at - samples[0].at)
    answered = f"acknowledged {len(stored)} of {given.count}: {acknowledged}"
    found = f"decided {sum(outcome.kinds.values())} ({dict(outcome.kinds)}): {outcome.after}"
    checks = [
        (answered, len(stored) == given.count and acknowledged.p99 <= _ACK_S),
        (found, sum(outcome.kinds.values()) == given.count and outcome.after.p99 <= _DECIDED_S),
        (f"portal's budget used: {use:.1%}, {refused} refused; {dict(made.methods)}", use >= _BUDGET and not refused),
        (f"memory: {samples[-1].memory_mb:.0f} MiB, {grown:+.1%} over the run", abs(grown) <= _FLAT),
    ]
    for text, holds in checks:
        print(f"{'ok  ' if holds else 'MISS'} {text}")
    print(f"     effects: {dict(effects(hub.database))}; the hub used {busy:.2f} of a core")
    return all(holds for _, holds in checks)


def _growth(memory: list[float]) -> float:
    """The last fifth against the first one, after the warm-up."""
    part = max(1, len(memory) // 5)
    return median(memory[-part:]) / median(memory[:part]) - 1


def _moved_in(requests: list[dict[str, Any]]) -> int:
    """How many deals the hub has moved: each took one update, and its invoice another."""
    return sum(str(item["method"]).lower() == "crm.item.update" for item in requests) // 2


def _race(portal: Portal, moved: int, seconds: float) -> None:
    race = move_all(portal.webhook_url, [NEW + place for place in range(max(1, moved))])
    refused = calls(portal.requests(), 0, time.time()).refused
    print(
        f"     sverka: {moved} deals in {seconds:.0f} s, each read, guarded, moved, read back, marked, noted\n"
        f"     fast_bitrix24: the same {race.deals} deals read and moved, nothing else, in {race.seconds:.1f} s, "
        f"{refused} refused{'; ' + race.failed if race.failed else ''}"
    )


if __name__ == "__main__":
    main()
