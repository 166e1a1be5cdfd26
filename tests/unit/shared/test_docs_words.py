"""Documentation that points somewhere or quotes the hub: the place is there, and the hub really says it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
GUIDES = ("connect-amocrm", "connect-bitrix24", "connect-tbank", "connect-tochka")
_QUOTED = re.compile(r"«((?:[^«»]|«[^«»]*»)+)»")
_LINK = re.compile(r"\]\(([^)\s:]+)\)")


def anchors(page: Path) -> set[str]:
    """Anchors as GitHub makes them of headings: signs go, spaces become hyphens, one by one."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    plain = (re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower() for heading in headings)
    return {re.sub(r"[^\w\- ]", "", text.strip()).replace(" ", "-") for text in plain}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for link in _LINK.findall(page.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        target = page.parent / path if path else page
        assert target.exists(), link
        assert not anchor or target.suffix != ".md" or anchor in anchors(target), link


def said() -> str:
    """What the sources can print: their text with literals of several lines joined."""
    files = [path for folder in ("connectors", "hub") for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    return re.sub(r'"\s*\n\s*f?"', "", text)


def quoted(guide: str) -> Iterator[str]:
    """Phrases in the first cells of the table of troubles."""
    page = (ROOT / "docs" / f"{guide}.md").read_text(encoding="utf-8")
    table = page.partition("| Что показал хаб | Что сделать |")[2].partition("\n\n")[0]
    for row in table.splitlines()[2:]:
        yield from _QUOTED.findall(row.split("|")[1])


def test_tables_of_troubles_quote_what_the_hub_says() -> None:
    words = said().replace("{bank}", "").replace("{words.bank}", "")
    for guide in GUIDES:
        phrases = list(quoted(guide))
        assert len(phrases) > 3, guide
        for phrase in phrases:
            # What is filled in stands in the middle: a number, a name, the vendor's code.
            parts = re.split(r"…|: ACCESS_DENIED|^Т-Банк|«Состояние»|: $", phrase)
            for part in filter(None, (part.strip(" :") for part in parts)):
                assert part in words, f"{guide}: «{part}»"
