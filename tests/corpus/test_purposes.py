"""Labelled purposes by theme: what the reader must get right, and its precision and recall over all of them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from hub.domain.matching import read_purpose
from tests.corpus import labelled
from tests.corpus.labelled import load, misses, numbers_read, numbers_wanted, themes

# Exactly as many as there are: it only goes down, whenever the reader learns one of them.
_MOST_KNOWN_MISSES = 37


@pytest.mark.parametrize("theme", themes())
def test_the_reader_agrees_with_every_label_of_the_theme(theme: str) -> None:
    found = {case.where: misses(case, read_purpose(case.text)) for case in load(theme) if not case.known_miss}
    assert {where: missed for where, missed in found.items() if missed} == {}


def test_numbers_of_invoices_are_read_with_high_precision_and_recall() -> None:
    wanted: Counter[tuple[str, str]] = Counter()
    read: Counter[tuple[str, str]] = Counter()
    for case in _all():
        wanted.update((case.where, number) for number, _ in numbers_wanted(case, "invoice").elements())
        read.update((case.where, number) for number, _ in numbers_read(read_purpose(case.text).numbers).elements())
    right = (wanted & read).total()
    assert right / read.total() >= 0.99
    assert right / wanted.total() >= 0.95


def test_the_corpus_is_large_and_few_of_its_labels_are_out_of_reach() -> None:
    cases = _all()
    assert len(cases) >= 890
    assert sum(case.known_miss for case in cases) <= _MOST_KNOWN_MISSES


@pytest.mark.parametrize(
    "written",
    [
        "    invoice 45\n",
        "Оплата\n",
        "Оплата\n  invoice 45\n",
        "Оплата\n    bill 45\n",
        "Оплата\n    nothing\n    invoice 45\n",
        "Оплата\n    mark gift\n",
        "Оплата\n    document paper 45\n",
    ],
)
def test_a_line_that_is_not_understood_is_an_error(
    written: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theme.txt").write_text(written, encoding="utf-8")
    monkeypatch.setattr(labelled, "FOLDER", tmp_path)
    with pytest.raises(ValueError):
        load("theme")


def _all() -> list[labelled.Labelled]:
    return [case for theme in themes() for case in load(theme)]
