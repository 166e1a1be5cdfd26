"""What is in the base when it starts: the seed's objects, and the generated ones when it asks for them."""

from collections.abc import Iterator

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.generator import into_bp30, into_ut11
from connectors.accounting_1c.sandbox.generator.plan import Planner
from connectors.accounting_1c.sandbox.generator.shared import Named, shared_rows
from connectors.accounting_1c.sandbox.loading import fill, post, put
from connectors.accounting_1c.sandbox.seed import Generate


def fill_base(base: Base) -> None:
    """Empty it and fill it. Raises DocumentError."""
    fill(base)
    if base.seed.generate is None:
        return
    for name, row in _made(base, base.seed.generate):
        table = base.store.table(name)
        put(base, table, row)
        if row.flag("Posted"):
            post(base, table, row)
    base.exchange.forget()


def _made(base: Base, order: Generate) -> Iterator[Named]:
    if base.seed.config == "ut11":
        plan = Planner(order, into_ut11.LEFT_OUT).make()
        yield from shared_rows(plan)
        yield from into_ut11.rows(plan)
        return
    plan = Planner(order, into_bp30.LEFT_OUT).make()
    yield from shared_rows(plan)
    yield from into_bp30.rows(plan, composite_goods=base.settings.nomenclature == "composite")
