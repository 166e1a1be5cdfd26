"""Documents of organisations that the settings leave out: they are left alone, and leave us when they were ours."""

from __future__ import annotations

import pytest

from tests.unit.accounting_1c.base import INVOICE, Base, World, guid, invoice


@pytest.mark.parametrize(("inn", "told"), [("500100732259", set()), ("", {guid(1)})])
def test_an_invoice_that_goes_to_another_organisation_leaves_unless_nobody_knows_whose_it_is(
    inn: str, told: set[str]
) -> None:
    base = Base()
    base.sets["Catalog_Организации"].append({"Ref_Key": guid(2, "b"), "Description": "Лютик", "ИНН": inn})
    base.add(INVOICE, invoice(1))
    world = World(base, organisations=["7701234567"])
    world.poll()
    assert set(world.invoices) == {guid(1)}
    base.edit(INVOICE, guid(1), Организация_Key=guid(2, "b"))
    world.poll()
    assert set(world.invoices) == told
