"""The bars of a run, each with what was seen."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Verdict:
    """One bar; `most` where less is better."""

    name: str
    bar: float
    seen: float
    unit: str
    most: bool

    @property
    def holds(self) -> bool:
        """The bar is taken."""
        return self.seen <= self.bar if self.most else self.seen >= self.bar


@dataclass(slots=True)
class Verdicts:
    """All bars of a run, in the order they were judged."""

    judged: list[Verdict] = field(default_factory=list)

    def at_most(self, name: str, seen: float, bar: float, unit: str = "") -> None:
        """Less is better."""
        self.judged.append(Verdict(name, bar, seen, unit, most=True))

    def at_least(self, name: str, seen: float, bar: float, unit: str = "") -> None:
        """More is better."""
        self.judged.append(Verdict(name, bar, seen, unit, most=False))

    @property
    def hold(self) -> bool:
        """Every bar is taken."""
        return all(item.holds for item in self.judged)

    def lines(self) -> list[str]:
        """A table: bar, seen, ok or MISS."""
        width = max((len(item.name) for item in self.judged), default=0)
        head = f"{'':{width}}  {'bar':>12}  {'seen':>12}"
        return [head, *(_line(item, width) for item in self.judged)]


def _line(item: Verdict, width: int) -> str:
    bar = f"{'<=' if item.most else '>='} {item.bar:g}{item.unit}"
    return f"{item.name:{width}}  {bar:>12}  {item.seen:>{12 - len(item.unit)}.2f}{item.unit}  {_word(item)}"


def _word(item: Verdict) -> str:
    return "ok" if item.holds else "MISS"
