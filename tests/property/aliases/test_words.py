"""What people say, change and take back in any order: in force is what was said last, and nothing of it is lost."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.domain.matching import alias_keys
from hub.domain.models import Party
from hub.services.alias_context import deciding_context
from hub.services.aliases import CannotAlias, add_alias, change_alias, end_alias
from hub.store.engine import open_database
from hub.store.queries import Queries
from hub.store.unit_of_work import SqlStore
from tests.support.aliases import CLIENT, IVANOV, SHARED, paid_by
from tests.support.world import World, client

ROSE: Final = "7800000017"
_HONEST: Final = (
    IVANOV,
    Party(tax_id="7700000030"),
    Party("Петров Пётр Петрович"),
    Party(account="40802810100000000007"),
    Party("ООО «Фиалка»", CLIENT),
)
_PAYERS: Final = (*_HONEST, *SHARED[:6])
_PAIRS: Final = st.tuples(st.sampled_from(_PAYERS), st.sampled_from((CLIENT, ROSE, "7799999999")))
_STEPS: Final = st.lists(st.tuples(st.sampled_from(("add", "change", "end")), _PAIRS, st.integers(0, 3)), max_size=12)


@dataclass
class Said:
    """What should be in force: by the alias' number, the payer's surest key and the client."""

    world: World
    queries: Queries
    in_force: dict[int, tuple[str, str]] = field(default_factory=dict)

    def take(self, kind: str, payer: Party, target: str, place: int) -> None:
        """One step of a person; a refused one changes nothing."""
        chosen = sorted(self.in_force)[place % len(self.in_force)] if self.in_force else 404
        try:
            if kind == "end":
                end_alias(self.world.rt, chosen, "olga")
                del self.in_force[chosen]
                return
            if kind == "add":
                row = add_alias(self.world.rt, payer, target, "olga")
            else:
                row = change_alias(self.world.rt, chosen, payer, target, "olga", f"{place}")
                del self.in_force[chosen]
        except CannotAlias:
            return
        self.in_force[row.id] = (alias_keys(payer)[0], target)

    def check(self) -> None:
        """In force is what was said, nobody who pays for many is among it, and the matcher is told just that."""
        found = self.queries.aliases(limit=100).rows
        assert {line.row.id: (line.row.said.payer_key, line.row.said.target) for line in found} == self.in_force
        assert all(line.row.said.payer not in SHARED for line in found)
        payments = [paid_by(payer).payment for payer in _PAYERS]
        with self.world.store.read() as uow:
            told = deciding_context(self.world.rt, uow, payments).aliases
        assert {(key, target) for key, targets in told.items() for target in targets} == set(self.in_force.values())


@contextmanager
def people(template: Path) -> Iterator[Said]:
    """An empty store with two clients."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "hub.sqlite3"
        shutil.copy(template, path)
        database = open_database(f"sqlite:///{path}")
        try:
            world = World(SqlStore(database))
            world.crm.add(client(), client("513", ROSE, "ООО «Роза»"))
            world.sync()
            yield Said(world, Queries(database))
        finally:
            database.close()


@settings(max_examples=40, deadline=None)
@given(steps=_STEPS)
def test_in_force_is_what_was_said_and_not_taken_back(
    sqlite_template: Path, steps: list[tuple[str, tuple[Party, str], int]]
) -> None:
    with people(sqlite_template) as said:
        for kind, (payer, target), place in steps:
            said.take(kind, payer, target, place)
            said.check()
        made = said.queries.aliases().total + said.queries.aliases(ended=True).total
        for number in sorted(said.in_force):
            end_alias(said.world.rt, number, "olga")
        said.in_force.clear()
        said.check()
        assert said.queries.aliases(ended=True).total == made, "what was said stays on record"
