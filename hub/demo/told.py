"""What the demo has the local bank do: subscribe the hub to Tochka's hooks, and let new money come."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

from hub.demo.processes import ask

_EVENTS: Final = ("incomingPayment",)
#: The one answer that the bank takes for «received».
_TAKEN: Final = 200


class BankLine:
    """The control interface of the local banks.

    Args:
        control: its address, ending with a slash.
        hook: the hub's secret address for Tochka.
    """

    def __init__(self, control: str, hook: str) -> None:
        self._control = control
        self._hook = hook
        self._told = 0

    def subscribe(self) -> None:
        """What `sverka connect bank-hook` asks the bank for, where the hub is seen from outside."""
        ask(f"{self._control}hooks", {"tochka": {"url": self._hook, "events": list(_EVENTS)}})

    def tell(self, acts: Path) -> int:
        """Let this money come; returns how many hooks the bank sends, each of them twice."""
        wanted: list[dict[str, Any]] = json.loads(acts.read_text("utf-8"))["acts"]
        for act in wanted:
            ask(f"{self._control}act", act)
        self._told += len(wanted) * 2
        return len(wanted) * 2

    def is_silent(self) -> bool:
        """Whether the hub took every hook; the bank sends one that was refused again."""
        sent: list[dict[str, Any]] = ask(f"{self._control}hooks")
        return sum(item["status"] == _TAKEN for item in sent) >= self._told
