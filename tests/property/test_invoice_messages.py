"""Whatever comes in place of a message of EnterpriseData, it is read or refused in words; nothing else happens."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from random import Random
from warnings import catch_warnings, simplefilter

from hypothesis import example, given, settings
from hypothesis import strategies as st

from connectors.invoice_files.enterprise_data import is_xml
from hub.composition.invoice_files import read_invoice_list
from hub.domain.models import Invoice
from hub.ports.invoice_file import InvoiceList, UnreadableInvoices
from tests.support.books import saved_book
from tests.support.messages import Content, account, client, deletion, message, order, state, thing

WHOLE = message(
    order(), state("Оплачен"), thing("Контрагенты", client()), account("40702810000000000777"), deletion("7")
).encode()
BOOK = saved_book(("Номер", "Сумма"), ("1", 5))


def _packed(content: bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("Message.xml", content)
    return raw.getvalue()


PACKED = _packed(WHOLE)
_NAMES = ["КлючевыеСвойства", "Ссылка", "Номер", "Дата", "Сумма", "Валюта", "Контрагент", "ИНН", "Строка", "Body", "a"]
_TEXTS = st.one_of(
    st.sampled_from(["", "48800", "1.125", "-1", "2026-03-02T11:40:05", "0001-01-01T00:00:00", "7707083893", "true"]),
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=30),
)
_CONTENT: st.SearchStrategy[Content] = st.recursive(
    _TEXTS, lambda inner: st.lists(st.tuples(st.sampled_from(_NAMES), inner), max_size=4), max_leaves=12
)
_KINDS = st.sampled_from(
    [
        "Документ.ЗаказКлиента",
        "Документ.СчетНаОплатуПокупателю",
        "Справочник.Контрагенты",
        "Справочник.БанковскиеСчета",
        "Справочник.СостояниеОплатыЗаказа",
        "УдалениеОбъекта",
        "Документ.ЗаказПоставщику",
    ]
)


def _read(raw: bytes) -> InvoiceList | None:
    try:
        return read_invoice_list(raw, {})
    except UnreadableInvoices:
        return None


def _check(found: InvoiceList | None) -> None:
    for invoice in found.invoices if found is not None else ():
        assert isinstance(invoice, Invoice)
        assert invoice.number
        assert invoice.amount.is_positive
        assert len(invoice.id) < 1100
    for fault in found.faults if found is not None else ():
        assert fault.message
        assert fault.row > 0


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_no_change_of_bytes_breaks_the_reader(seed: int) -> None:
    chance, raw = Random(seed), bytearray(WHOLE)
    for _ in range(chance.randint(1, 12)):
        place = chance.randrange(len(raw))
        change: Callable[[], None] = chance.choice(
            [
                lambda at=place: raw.__setitem__(at, chance.randrange(256)),
                lambda at=place: raw.__delitem__(slice(at, at + chance.randint(1, 40))),
                lambda at=place: raw.__setitem__(slice(at, at), chance.randbytes(chance.randint(1, 8))),
            ]
        )
        change()
        if not raw:
            break
    _check(_read(bytes(raw)))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from([PACKED, BOOK]), st.integers(0, 2**32))
def test_no_change_of_bytes_breaks_an_archive_or_a_book(whole: bytes, seed: int) -> None:
    chance, raw = Random(seed), bytearray(whole)
    for _ in range(chance.randint(1, 4)):
        raw[chance.randrange(len(raw))] = chance.randrange(256)
    if chance.random() < 0.2:
        del raw[chance.randrange(1, len(raw)) :]
    with catch_warnings():
        simplefilter("ignore")  # the library of books warns of what it leaves out
        _check(_read(bytes(raw)))


@settings(max_examples=100, deadline=None)
@given(st.integers(1, len(WHOLE) - 1))
@example(len(WHOLE) - 3)
def test_a_message_that_was_cut_off_is_never_taken_by_half(length: int) -> None:
    whole = WHOLE.rstrip()
    if length < len(whole) and is_xml(whole[:length]):
        assert _read(whole[:length]) is None


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_KINDS, _CONTENT), max_size=5))
def test_whatever_stands_in_the_objects_is_read_or_told(objects: list[tuple[str, Content]]) -> None:
    found = _read(message(*objects).encode())
    assert found is not None
    _check(found)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=300))
@example(b"<")
@example(b"\xef\xbb\xbf<")
@example(b"\xff\xfe<\x00")
@example(b"\xfe\xff\x00<")
def test_bytes_of_any_kind_are_read_or_refused(raw: bytes) -> None:
    _check(_read(raw))
    _check(_read(b"<" + raw))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=1, max_size=20))
def test_the_same_message_gives_the_same_ids(numbers: list[int]) -> None:
    raw = message(*(order(reference="", number=str(number)) for number in numbers)).encode()
    first, again = _read(raw), _read(raw)
    assert first is not None
    assert first == again
    assert len({invoice.id for invoice in first.invoices}) == len(set(numbers))
