"""XML that blows up readers or reads files: refused wherever XML is read, at once and cheaply."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable

import pytest

from connectors.accounting_1c.envelope import read_error
from connectors.accounting_1c.exchange import read_feed
from connectors.accounting_1c.metadata import read_metadata
from connectors.invoice_files.enterprise_data import read_message
from connectors.invoice_files.xlsx import read_xlsx
from tests.support.books import saved_book
from tests.support.matrix import Figures
from tests.support.messages import message, order

_LEVELS = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
BOMBS = {
    "dtd": '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "external": '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
    "entities": f'<!DOCTYPE a [<!ENTITY e0 "boom">{_LEVELS}]><a>&e9;</a>',
    "parameter": '<!DOCTYPE a [<!ENTITY % x SYSTEM "http://169.254.169.254/">%x;]><a/>',
}


def _refused(read: Callable[[], object]) -> bool:
    try:
        read()
    except ValueError:
        return True
    return False


@pytest.mark.row(32)
@pytest.mark.parametrize("bomb", BOMBS)
@pytest.mark.parametrize(
    "read",
    [
        lambda text: read_metadata(text.encode(), frozenset()),
        lambda text: read_feed(text.encode()),
        lambda text: read_message(text.encode()),
        lambda text: read_message(message(order(), extra=text[: text.rindex("<")]).encode()),
        lambda text: read_xlsx(saved_book(("Номер", "Сумма"), sheet1=text.encode()), 10),
        lambda text: read_xlsx(saved_book(("Номер", "Сумма"), sharedStrings=text.encode()), 10),
        lambda text: read_xlsx(saved_book(("Номер", "Сумма"), styles=text.encode()), 10),
    ],
    ids=["names of 1C", "changes of 1C", "message", "whole message", "sheet", "strings", "styles"],
)
def test_a_document_type_is_refused_quickly_and_cheaply(
    bomb: str, read: Callable[[str], object], figures: Figures
) -> None:
    tracemalloc.start()
    began = time.perf_counter()
    assert _refused(lambda: read(BOMBS[bomb]))
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    figures.most("seconds until XML is refused", took)
    assert took < 1
    assert peak < 4 << 20


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_a_book_with_entities_is_refused_in_any_writing(encoding: str) -> None:
    bomb = BOMBS["entities"].encode(encoding)
    assert _refused(lambda: read_xlsx(saved_book(("Номер", "Сумма"), sheet1=bomb), 10))


@pytest.mark.row(32)
@pytest.mark.parametrize(
    "inside",
    ["<a>" * 500_000, "<a/>" * 250_000, f"<a {'x' * 2_000_000}='1'/>", "ы" * 1_000_000],
    ids=["depth", "breadth", "one name", "one text"],
)
def test_a_message_of_one_huge_thing_costs_little_more_than_its_bytes(inside: str, figures: Figures) -> None:
    raw = message(f"<Документ.ЗаказКлиента><Номер>{inside}</Номер></Документ.ЗаказКлиента>").encode()
    tracemalloc.start()
    began = time.perf_counter()
    _refused(lambda: read_message(raw))
    took, (_, peak) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    figures.most("seconds until a huge message is read or refused", took)
    assert took < 10
    assert peak < 4 * len(raw)


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_error_that_comes_as_such_a_document_has_no_words(bomb: str) -> None:
    assert read_error(BOMBS[bomb].encode()) == (None, "")
