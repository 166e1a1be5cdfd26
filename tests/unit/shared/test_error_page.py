"""The page of errors says what the tables say."""

from __future__ import annotations

from pathlib import Path

from connectors.shared.outcomes import Action
from tests.support.error_tables import TABLES, page

PAGE = Path(__file__).parents[3] / "docs" / "errors.md"


def test_the_page_is_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_system_that_is_called_has_a_table_that_knows_its_dead_credential_and_its_pace() -> None:
    for name, table in TABLES.items():
        actions = {row.action for row in table.rows}
        assert {Action.REAUTHORISE, Action.THROTTLED, Action.REFUSED, Action.RETRY} <= actions, name
