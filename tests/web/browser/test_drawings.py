"""Drawings of the guide in a real browser: no text is cut off or covered, on a wide page and on a telephone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, ViewportSize

from tests.web.browser.conftest import NARROW, WIDE

IMAGES = Path(__file__).resolve().parents[3] / "docs" / "images"
DRAWINGS = sorted(IMAGES.rglob("*.svg"))
#: The smallest letters of a drawing at its own size.
_SMALLEST_PX = 13
_FAULTS = """() => {
  const view = document.documentElement.viewBox.baseVal, found = [];
  const boxes = [...document.querySelectorAll('text')].map(item => [item.getBBox(), item.textContent]);
  const covers = (a, b) => a.x < b.x + b.width - 1 && b.x < a.x + a.width - 1
    && a.y + 3 < b.y + b.height - 3 && b.y + 3 < a.y + a.height - 3;
  boxes.forEach(([box, text], number) => {
    if (box.x < 8 || box.x + box.width > view.width - 8 || box.y < 0 || box.y + box.height > view.height)
      found.push('out: ' + text);
    for (const [other, more] of boxes.slice(number + 1)) if (covers(box, other)) found.push(text + ' / ' + more);
    for (const badge of document.querySelectorAll('circle'))
      if (text.length > 1 && covers(badge.getBBox(), box)) found.push('badge: ' + text);
  });
  return found;
}"""


@pytest.mark.parametrize("drawing", DRAWINGS, ids=lambda drawing: drawing.stem)
def test_no_text_is_cut_off_or_covered(browser: Browser, drawing: Path) -> None:
    page = browser.new_page()
    page.goto(drawing.as_uri())
    assert page.evaluate(_FAULTS) == []
    page.close()


@pytest.mark.parametrize(("viewport", "letters_px"), [(WIDE, 13), (NARROW, 10)], ids=["wide", "narrow"])
def test_a_drawing_fits_the_page_and_stays_legible(
    browser: Browser, tmp_path: Path, viewport: ViewportSize, letters_px: float
) -> None:
    shown = "".join(f'<p><img style="max-width: 100%" src="{drawing.as_uri()}"></p>' for drawing in DRAWINGS)
    html = tmp_path / "page.html"
    # The sides of a page of GitHub: 16 pixels each on a telephone.
    html.write_text(f'<!doctype html><body style="margin: 0 16px">{shown}', encoding="utf-8")
    page = browser.new_page(viewport=viewport)
    page.goto(html.as_uri())
    widths = page.evaluate("[...document.images].map(item => [item.clientWidth, item.naturalWidth])")
    page.close()
    assert len(widths) == len(DRAWINGS) > 0
    for width, natural in widths:
        assert natural > 400, "the drawing was not shown"
        assert width <= viewport["width"] - 32
        assert _SMALLEST_PX * width / natural >= letters_px
