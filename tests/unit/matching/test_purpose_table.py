"""Long tables of purposes (purposes.txt, wordings.txt): which numbers and documents an accountant reads in each."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.domain.matching import read_purpose
from hub.domain.models import ReferenceKind


def lines(name: str) -> list[str]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return [line for line in text.splitlines() if line and not line.startswith("#")]


LINES = lines("purposes.txt")
WORDINGS = lines("wordings.txt")


def split(line: str) -> tuple[str, list[str], set[str]]:
    text, _, labels = line.rpartition("=>")
    numbers, _, documents = labels.partition("|")
    return text.strip(), numbers.split(), set(documents.split())


def other_documents(text: str) -> set[str]:
    named = read_purpose(text).documents
    told = [item for item in named if item.kind is not ReferenceKind.OTHER]
    return {
        f"{item.kind.value}:{item.number}" for item in told if item.kind is not ReferenceKind.INVOICE or not item.number
    }


def test_the_table_is_long() -> None:
    assert len(LINES) > 400
    assert len(WORDINGS) > 400


@pytest.mark.parametrize("line", LINES)
def test_reads_numbers_and_documents(line: str) -> None:
    text, numbers, documents = split(line)
    assert sorted(read_purpose(text).invoice_numbers) == sorted(numbers)
    assert other_documents(text) == documents


@pytest.mark.parametrize("line", WORDINGS)
def test_reads_the_whole_family_of_a_wording(line: str) -> None:
    text, _, numbers = line.rpartition("=>")
    read = read_purpose(text.strip().replace("\\n", "\n")).invoice_numbers
    assert sorted(number.replace(" ", "").replace("–", "-") for number in read) == sorted(numbers.split())
