"""Lines and sections: wrapped text, repeated keys, odd marks, damage and its limits."""

from __future__ import annotations

import io
import tracemalloc
from typing import BinaryIO, cast

import pytest

from connectors.bank.formats.client_bank_exchange import Limits, read_statement
from connectors.bank.formats.client_bank_exchange.encoding import CP866, CP1251, UTF8, declared_codec, decode_text
from connectors.bank.statement import BrokenDocument, SkippedDocument, StatementHeader, StatementLine, StatementSummary
from tests.unit.bank.statement_builder import (
    INCOMING,
    OUTGOING,
    document,
    encode,
    items,
    line,
    lines,
    only,
    statement,
    summary,
)


def broken(source: str | bytes) -> BrokenDocument:
    (found,) = only(items(source), BrokenDocument)
    return found


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\r\r\n"])
def test_any_line_end_will_do(end: str) -> None:
    assert line(encode(statement(document()), ends=(end,))).document_number == "245"


def test_line_numbers_are_those_of_an_editor() -> None:
    text = statement("", document(), "", document(Сумма="x"))

    found = broken(text)

    assert text.split("\n")[found.line_no - 1] == "Сумма=x"


def test_keys_in_any_case_with_spaces_around_are_known() -> None:
    text = statement(document()).replace("Сумма=", " СУММА = ").replace("СекцияДокумент", "СЕКЦИЯДОКУМЕНТ")

    assert line(text).amount.minor == 1_220_000


def test_the_first_filled_value_of_a_repeated_key_wins_and_raw_keeps_both() -> None:
    text = statement(document().replace("Номер=245", "Номер=\nНомер=245\nНомер=9"))

    found = line(text)

    assert found.document_number == "245"
    assert "Номер=\nНомер=245\nНомер=9" in found.raw


def test_unknown_keys_stay_in_raw_and_do_not_leak_into_the_purpose() -> None:
    found = line(statement(document(КодНовогоРеквизита="17")))

    assert found.purpose == INCOMING["НазначениеПлатежа"]
    assert "КодНовогоРеквизита=17" in found.raw


def test_a_stray_line_after_the_amount_cannot_become_another_amount() -> None:
    text = statement(document().replace("Сумма=12200.00", "Сумма=100\n200"))

    assert broken(text).key == "Сумма"


def test_a_word_of_the_format_alone_on_a_line_of_the_purpose_is_text() -> None:
    found = line(statement(document(НазначениеПлатежа="Возврат по письму\nПолучатель\nот 01.02.2026")))

    assert found.purpose == "Возврат по письму Получатель от 01.02.2026"


def test_raw_is_the_whole_section() -> None:
    assert line(statement(document())).raw == document()


def test_zero_bytes_are_dropped() -> None:
    raw = encode(statement(document())).replace("НДС".encode("cp1251"), "Н\0ДС".encode("cp1251"))

    assert line(raw).purpose == INCOMING["НазначениеПлатежа"]


def test_a_document_without_its_end_mark_is_quarantined_and_the_next_one_is_read() -> None:
    lost = document(Номер="1").removesuffix("\nКонецДокумента")
    found = items(statement(lost, document()))

    assert [item.document_number for item in only(found, StatementLine)] == ["245"]
    assert "не закрыта" in only(found, BrokenDocument)[0].message_ru


def test_a_payment_cut_before_its_amount_is_not_taken_for_a_wrapper() -> None:
    found = items(statement("СекцияДокумент=Платежное поручение\nНомер=1", document()))

    assert len(only(found, BrokenDocument)) == 1
    assert only(found, SkippedDocument) == []


def test_an_account_section_without_its_end_mark_is_still_read() -> None:
    text = statement("СекцияРасчСчет\nРасчСчет=40702810000000000005\nВсегоПоступило=0\nВсегоСписано=0", document())

    assert only(items(text), StatementHeader)[0].accounts == ("40702810000000000001", "40702810000000000005")
    assert len(lines(text)) == 1


def test_an_end_of_file_mark_inside_a_document_is_damage_and_not_a_cut_download() -> None:
    text = statement(document().removesuffix("\nКонецДокумента"))

    assert broken(text).key == "СекцияДокумент"
    assert not summary(text).truncated


def test_a_line_beyond_the_limit_quarantines_its_document_only() -> None:
    text = statement(document(НазначениеПлатежа="я" * 40_000), document(Номер="2"))
    found = items(text)

    assert [item.document_number for item in only(found, StatementLine)] == ["2"]
    assert only(found, BrokenDocument)[0].message_ru == "Строка длиннее 32 КБ: файл повреждён в этом месте."
    assert text.split("\n")[only(found, BrokenDocument)[0].line_no - 1].startswith("НазначениеПлатежа=яяя")


def test_a_section_that_never_ends_is_cut_at_the_limit() -> None:
    text = statement(document(НазначениеПлатежа="\n".join(["обрывок текста"] * 30_000)))

    found = broken(text)

    assert "слишком велика" in found.message_ru
    assert len(found.raw) <= Limits().document_bytes + len("\nКонецДокумента")


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("0.00", "равна нулю"),
        ("", "не указана"),
        ("-5.00", "сторно"),
        ("1,234", "копейки или тысячи"),
        ("9" * 16, "не бывает"),
    ],
)
def test_each_bad_amount_has_its_own_words(value: str, words: str) -> None:
    found = broken(statement(document(Сумма=value)))

    assert found.key == "Сумма"
    assert words in found.message_ru


def test_an_unknown_currency_of_our_account_is_quarantined() -> None:
    account = "40702999000000000001"
    found = broken(statement(document(ПолучательСчет=account), accounts=(account,)))

    assert found.message_ru == f"Счёт {account}: валюта с кодом 999 неизвестна."


def test_a_currency_that_no_account_shows_is_the_rouble_with_a_doubt() -> None:
    found = line(statement(document(ПлательщикСчет="", ПолучательСчет=""), accounts=()))

    assert found.amount.currency == "RUB"
    assert "Валюта по счетам не видна, принят рубль." in found.quality_warnings


def test_a_value_in_another_encoding_than_its_key_is_read() -> None:
    raw = encode(statement(document(НазначениеПлатежа="@@@")))

    assert line(raw.replace(b"@@@", "Оплата по счёту 71".encode())).purpose == "Оплата по счёту 71"


def test_a_letter_cut_in_half_at_the_end_of_a_value_is_dropped() -> None:
    assert decode_text("Оплата".encode()[:-1], UTF8) == "Оплат"


@pytest.mark.parametrize("codec", [CP1251, CP866])
def test_a_wrapped_line_is_read_in_the_encoding_of_its_file(codec: str) -> None:
    text = statement(document(НазначениеПлатежа="Оплата\nС№ 12 по счёту"))

    assert line(encode(text, (codec,))).purpose == "Оплата С№ 12 по счёту"


@pytest.mark.parametrize(
    ("word", "codec"),
    [
        ("Windows", CP1251), ("windows-1251", CP1251), ("DOS", CP866), ("UTF-8", UTF8), ("utf8", UTF8), ("", None),
        (None, None), ("КОИ-8", None),
    ],
)  # fmt: skip
def test_the_declared_encoding_is_understood_in_its_spellings(word: str | None, codec: str | None) -> None:
    assert declared_codec(word) == codec


def test_a_stream_that_cannot_be_rewound_is_read_all_the_same() -> None:
    class Pipe(io.RawIOBase):
        def __init__(self, raw: bytes) -> None:
            self._inner = io.BytesIO(raw)

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return False

        def read(self, size: int | None = -1) -> bytes:
            return self._inner.read(size)

    for codec in ("cp1251", "utf-16"):
        raw = statement(document()).encode(codec)
        found = list(read_statement(cast("BinaryIO", Pipe(raw))))
        assert only(found, StatementLine)[0].purpose == INCOMING["НазначениеПлатежа"]


def test_the_callers_stream_is_read_from_where_it_stands_and_left_open() -> None:
    stream = io.BytesIO(b"junk" + encode(statement(document())))
    stream.seek(4)

    assert len(only(list(read_statement(stream)), StatementLine)) == 1
    assert not stream.closed


def test_lines_across_block_borders_are_whole() -> None:
    documents = [document(Номер=str(number), Сумма=f"{number}.10") for number in range(1, 1500)]

    for ends in (("\r\n",), ("\r",), ("\n", "\r\n")):
        found = lines(encode(statement(*documents), ends=ends))
        assert [item.document_number for item in found] == [str(number) for number in range(1, 1500)]


def peak_memory(documents: int) -> int:
    stream = io.BytesIO(encode(statement(*(document(Номер=str(number)) for number in range(documents)))))
    tracemalloc.start()
    try:
        assert sum(isinstance(item, StatementLine) for item in read_statement(stream)) == documents
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_grows_by_a_key_of_each_document_and_not_by_the_document() -> None:
    few, many = peak_memory(1000), peak_memory(4000)

    assert (many - few) / 3000 < 400  # bytes; the section alone is 440, a parsed line some thousands


def test_a_line_becomes_the_domains_payment() -> None:
    found = line(statement(document()))
    payment = found.payment("p-1")

    assert (payment.id, payment.direction, payment.counterparty.name) == ("p-1", found.direction, 'ООО "Фиалка"')
    assert payment.direction_reason == found.direction_reason
    assert payment.organisation_tax_id == found.payee.tax_id
    assert found.received().fingerprint == found.fingerprint
    assert found.received().raw == found.raw


def test_an_outgoing_line_names_our_side_as_the_organisation() -> None:
    assert line(statement(document(OUTGOING))).organisation_tax_id == OUTGOING["ПлательщикИНН"]


def test_the_summary_counts_what_became_of_the_documents() -> None:
    text = statement(document(), document(Сумма="?"), document(OUTGOING, ДатаСписано=None))
    (found,) = only(items(text), StatementSummary)

    assert (found.lines, found.broken, found.skipped) == (1, 1, 1)


@pytest.mark.timeout(5)
@pytest.mark.parametrize(
    "damage",
    [
        "Клю" + "0" * 10_000 + "!=1",
        "НазначениеПлатежа1=" + " \u00a0" * 10_000 + "я",
        "Плательщик=р/с" + " " * 30_000 + "я",
        "Плательщик=я" + " " * 30_000 + "я",
        "Сумма=" + "1 000" * 5_000,
        "Дата=" + "1." * 10_000,
        "ПлательщикСчет=" + "*1" * 10_000,
    ],
)
def test_lines_made_to_slow_the_reader_down_do_not(damage: str) -> None:
    head, _, tail = document().partition("\n")

    found = items(statement(*[f"{head}\n{damage}\n{tail}"] * 5))

    assert len(found) == 7
