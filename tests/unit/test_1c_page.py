"""The page that says what to tick in 1C: all that the hub asks for is named and drawn, and drawings are plain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from connectors.accounting_1c.names import TICK
from mappings.accounting import SHIPPED, AccountingMap, ObjectMap, PaymentMap, shipped_map

DOCS = Path(__file__).resolve().parents[2] / "docs"
PAGE = (DOCS / "connect-1c.md").read_text(encoding="utf-8")
DRAWINGS = sorted((DOCS / "images" / "1c").glob("*.svg"))
SPACE = "{http://www.w3.org/2000/svg}"
#: A drawing is as wide as a telephone shows it nearly unchanged; letters below this are not read there.
WIDTH, LETTER = 440, 13


def objects(found: AccountingMap) -> Iterator[ObjectMap]:
    for name in AccountingMap.model_fields:
        value = getattr(found, name)
        if isinstance(value, ObjectMap):
            yield value


def words(drawing: Path) -> set[str]:
    return {item.text or "" for item in ElementTree.parse(drawing).iter(f"{SPACE}text")}


@pytest.mark.parametrize("configuration", sorted(SHIPPED))
def test_every_object_that_the_hub_asks_for_is_in_the_tables(configuration: str) -> None:
    found = list(objects(shipped_map(configuration)))
    assert len(found) >= 8
    for item in found:
        names = list(item.object)
        if isinstance(item, PaymentMap):
            names += [f"{document}_{rows}" for document in item.object for rows in item.rows]
        for name in names:
            assert f"`{name}`" in PAGE, name


@pytest.mark.parametrize("configuration", sorted(SHIPPED))
def test_every_object_that_the_hub_asks_for_is_ticked_in_the_drawing(configuration: str) -> None:
    drawn = words(DOCS / "images" / "1c" / f"composition-{configuration}.svg")
    shipped = shipped_map(configuration)
    titles = {item.title for item in objects(shipped) if item is not shipped.cash}
    assert titles <= drawn
    branches = {"Справочники", "Документы", "Регистры сведений", "Планы обмена"}
    ticks = (DOCS / "images" / "1c" / f"composition-{configuration}.svg").read_text("utf-8").count("l3.2 3.6 6 -8.2")
    assert ticks == len(titles), f"nothing else is ticked among {drawn - branches}"


@pytest.mark.parametrize("configuration", sorted(SHIPPED))
def test_what_may_be_left_out_is_said_so(configuration: str) -> None:
    for item in objects(shipped_map(configuration)):
        row = next(line for line in PAGE.splitlines() if f"`{item.object[0]}`" in line and f"«{item.title}»" in line)
        # The same catalogue serves two purposes in «Бухгалтерия»: what one of them needs is needed.
        needed = any(
            other.object[0] == item.object[0] and not other.optional for other in objects(shipped_map(configuration))
        )
        assert ("по желанию" in row) is not needed, row


def test_the_page_says_what_the_command_says() -> None:
    assert f"«Валюты» (Catalog_Валюты) — {TICK}" in PAGE


def test_every_drawing_is_on_the_page_in_words_too() -> None:
    shown = dict(re.findall(r"!\[([^\]]+)\]\((images/1c/[\w-]+\.svg)\)", PAGE))
    assert sorted(shown.values()) == [f"images/1c/{drawing.name}" for drawing in DRAWINGS]
    for number, said in enumerate(shown, 1):
        assert said.startswith(f"Рисунок {number}. ")
        assert f"*Рисунок {number}. " in PAGE
        assert len(said) > 80


def test_every_link_to_a_part_of_the_page_has_its_heading() -> None:
    headings = {
        re.sub(r"[^\w\- ]", "", line.lstrip("# ").lower()).replace(" ", "-")
        for line in PAGE.splitlines()
        if line.startswith("#")
    }
    assert set(re.findall(r"\]\(#([^)]+)\)", PAGE)) <= headings


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.stem)
def test_a_drawing_is_told_in_words_and_needs_nothing_from_elsewhere(drawing: Path) -> None:
    text = drawing.read_text(encoding="utf-8")
    root = ElementTree.fromstring(text)
    assert root.get("width") == str(WIDTH)
    assert root.get("viewBox") == f"0 0 {WIDTH} {root.get('height')}"
    assert root.get("role") == "img"
    for name in ("title", "desc"):
        item = root.find(f"{SPACE}{name}")
        assert item is not None
        assert item.get("id") in (root.get("aria-labelledby") or "").split()
        assert len(item.text or "") > 20
    addresses = re.findall(r"https?://\S+?[\"<]", text.replace('xmlns="http://www.w3.org/2000/svg"', ""))
    assert [found for found in addresses if "компания.ru" not in found] == []
    assert not re.search(r"<(script|style|image|foreignObject|use|a)\b|@import|url\(|href", text)
    assert all(float(size) >= LETTER for size in re.findall(r'font-size="([\d.]+)"', text))
    assert "sans-serif" in (root.get("font-family") or "")
