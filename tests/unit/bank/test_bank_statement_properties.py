"""Any set of documents survives writing and reading; any bytes end in items or in the one documented error."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.bank.errors import StatementFileError
from connectors.bank.statement import StatementSummary
from hub.domain.models import Direction
from tests.unit.bank.statement_builder import CLIENT, OWN, document, encode, items, lines, only, statement

pytestmark = pytest.mark.row(31)
_LETTERS = (
    "абвгдеёжзийклмнопрстуфхцчшщъыьэюяАБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯabzXYZ0123456789 .,:;=/\\|()[]{}\"'№%+-_*#@!?"
)
_text = st.text(alphabet=_LETTERS, max_size=60).map(lambda text: " ".join(text.split()))
_amount = st.integers(min_value=1, max_value=10**14).map(lambda minor: Decimal(minor).scaleb(-2))
_documents = st.lists(st.tuples(_text, _amount, _text.filter(bool), st.booleans()), max_size=6)
_encodings = st.lists(st.sampled_from(["cp1251", "cp866", "utf-8"]), min_size=1, max_size=3)
_ends = st.lists(st.sampled_from(["\r\n", "\n", "\r"]), min_size=1, max_size=3)


@settings(max_examples=150, deadline=None)
@given(_documents, _encodings, _ends)
def test_documents_survive_every_mix_of_encodings_and_line_ends(
    wanted: list[tuple[str, Decimal, str, bool]], encodings: list[str], ends: list[str]
) -> None:
    sections = [
        document(Номер=number, Сумма=f"{amount:.2f}", НазначениеПлатежа=purpose, Плательщик1=purpose)
        if is_incoming
        else document(
            Номер=number,
            Сумма=f"{amount:.2f}",
            НазначениеПлатежа=purpose,
            ПлательщикСчет=OWN,
            ПолучательСчет=CLIENT,
            ДатаПоступило=None,
            ДатаСписано="15.02.2026",
        )
        for number, amount, purpose, is_incoming in wanted
    ]

    found = lines(encode(statement(*sections), encodings, ends))

    assert [
        (line.document_number or "", line.amount.amount, line.purpose, line.direction is Direction.IN) for line in found
    ] == wanted


@settings(max_examples=150, deadline=None)
@given(_documents, _encodings, _encodings)
def test_fingerprints_with_occurrences_are_unique_in_a_file_and_equal_in_its_copy(
    wanted: list[tuple[str, Decimal, str, bool]], first: list[str], second: list[str]
) -> None:
    sections = [document(Номер=number, Сумма=f"{amount:.2f}") for number, amount, _, _ in wanted for _ in range(2)]

    keys = [(line.fingerprint, line.occurrence) for line in lines(encode(statement(*sections), first))]
    again = [(line.fingerprint, line.occurrence) for line in lines(encode(statement(*sections), second))]

    assert keys == again
    assert len(set(keys)) == len(keys) == 2 * len(wanted)


def _read_or_refuse(raw: bytes) -> None:
    try:
        found = items(raw)
    except StatementFileError:
        return
    (summary,) = only(found, StatementSummary)
    kinds = Counter(type(item).__name__ for item in found)
    assert (summary.lines, summary.broken, summary.skipped) == (
        kinds["StatementLine"],
        kinds["BrokenDocument"],
        kinds["SkippedDocument"],
    )


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400), st.sampled_from([b"", b"1CClientBankExchange\n", b"\xef\xbb\xbf1CClientBankExchange\r\n"])
)
def test_any_bytes_are_read_or_refused_in_words(raw: bytes, magic: bytes) -> None:
    _read_or_refuse(magic + raw)


_pieces = st.sampled_from(
    [
        *("1CClientBankExchange", "СекцияДокумент=Платежное поручение", "СекцияДокумент=Выписка", "СекцияДокумент"),
        *("КонецДокумента", "СекцияРасчСчет", "КонецРасчСчет", "КонецФайла", f"РасчСчет={OWN}", "Номер=", "Дата=0"),
        *(f"ПлательщикСчет={OWN}", f"ПолучательСчет={CLIENT}", "Сумма=1.00", "Сумма=", "ДатаСписано=15.02.2026"),
        *("ДатаПоступило=x", "НазначениеПлатежа=a", "ВсегоПоступило=1", "ВсегоСписано=-", "Валюта=??"),
        *("строка", "=", "==", ""),
    ]
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(_pieces, max_size=40), _encodings)
def test_any_order_of_the_formats_own_lines_is_read_or_refused(pieces: list[str], encodings: list[str]) -> None:
    _read_or_refuse(encode("\n".join(["1CClientBankExchange", *pieces]), encodings))


@settings(max_examples=150, deadline=None)
@given(st.integers(min_value=0, max_value=1200), st.binary(min_size=1, max_size=3))
def test_a_damaged_byte_never_stops_the_reader(place: int, noise: bytes) -> None:
    raw = encode(statement(document(), document(Номер="2")))
    _read_or_refuse(raw[:place] + noise + raw[place + len(noise) :])
