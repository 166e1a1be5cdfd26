"""Lists of invoices as programs save them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from connectors.invoice_files.tables import UnreadableTable, read_table
from hub.composition.invoice_files import read_invoice_list
from hub.domain.models import InvoiceStatus
from hub.domain.money import Money
from hub.ports.invoice_file import InvoiceList, UnreadableInvoices
from tests.support.books import saved_book

HEAD = "Дата;Номер;Сумма;Валюта;Контрагент;ИНН;КПП;Оплата"
ROW = "02.03.2026 11:40:05;АБ00-000117;48 800,00;руб.;ООО Ель;7707083893;770701001;Не оплачен"


def listed(*lines: str, encoding: str = "utf-8-sig", **named: Any) -> InvoiceList:
    return read_invoice_list("\r\n".join(lines).encode(encoding), named.pop("columns", {}), **named)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251", "utf-16"])
def test_a_list_of_1c_is_read_in_every_encoding(encoding: str) -> None:
    (found,) = listed("Счета на оплату", "", HEAD, ROW, "Итого;;48 800,00", encoding=encoding).invoices
    assert (found.number, found.issued_on, found.amount) == ("АБ00-000117", date(2026, 3, 2), Money.of(48800, "RUB"))
    assert found.client is not None
    assert (found.client.names, found.client.main_tax_id, found.client.kpp) == (("ООО Ель",), "7707083893", "770701001")
    assert found.status is InvoiceStatus.OPEN
    assert found.id == "-:2026:АБ00-000117"


def test_totals_are_no_invoice_and_columns_are_told() -> None:
    found = listed(HEAD, ROW, ";Итого;48 800,00")
    assert len(found.invoices) == 1
    assert found.columns["номер"] == "Номер"
    assert found.columns["покупатель"] == "Контрагент"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("48 800,00", "48800.00"),
        ("48\u00a0800,50", "48800.50"),
        ("48,800.00", "48800.00"),
        ("48.800,00", "48800.00"),
        ("1.234.567,8", "1234567.80"),
        ("48800", "48800.00"),
        ("48 800,00 руб.", "48800.00"),
        ("1 234", "1234.00"),
        ("1,234", "1234.00"),
        ("1\u202f234,5", "1234.50"),
        ("1'234.50", "1234.50"),
        ("12 500,00р", "12500.00"),
        ("4710-00", "4710.00"),
        ("4710=", "4710.00"),
        ("1 000 руб. 05 коп.", "1000.05"),
        ("1000 рублей 00 копеек", "1000.00"),
        ("1.000 руб. 50 коп.", "1000.50"),
    ],
)
def test_sums_are_read_as_people_write_them(text: str, amount: str) -> None:
    (found,) = listed("Номер\tСумма", f"1\t{text}").invoices
    assert str(found.amount.amount) == amount


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("1;много;", "сумма «много»"),
        ("1;;", "сумма не указана"),
        ("1;12 500,00 руб. (в т.ч. НДС 20%);", "рядом может стоять только валюта"),
        ("1;1 000,00 руб. 50 коп.;", "рядом может стоять только валюта"),
        ("1;1 000.00 руб. 50 коп.;", "рядом может стоять только валюта"),
        ("1;1.0000 руб. 50 коп.;", "рядом может стоять только валюта"),
        ("1;1000,00 USD 50 коп.;", "рядом может стоять только валюта"),
        ("1;1000 USD 50 коп.;", "рядом может стоять только валюта"),
        ("1;1000 = 500 + 500;", "рядом может стоять только валюта"),
        ("1;10 тыс. руб.;", "рядом может стоять только валюта"),
        ("1;1 млн;", "рядом может стоять только валюта"),
        ("1;100 у.е.;", "рядом может стоять только валюта"),
        ("1;$100 USD;", "рядом может стоять только валюта"),
        ("1;50 коп.;", "рядом может стоять только валюта"),
        (f"1;{'9' * 200};", "рядом может стоять только валюта"),
        ("1;12 34;", "рядом может стоять только валюта"),
        ("1;1,5E+05;", "рядом может стоять только валюта"),
        ("1;12.345.67;", "рядом может стоять только валюта"),
        ("1;1000-5;", "рядом может стоять только валюта"),
        ("1;1.234,567;", "три знака"),
        ("1;0,500;", "три знака"),
        ("1;−5,00;", "не больше нуля"),
        ("1;0;", "не больше нуля"),
        ("1;9999999999999999;", "слишком большая"),
        ("1;-5,00;", "не больше нуля"),
        ("1;12345,678;", "три знака"),
        ("1;5,00;вчера", "дата «вчера»"),
        ("1;5,00;31.02.2026", "дата «31.02.2026»"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_and_the_others_go_on(row: str, words: str) -> None:
    found = listed("Номер;Сумма;Дата", row, "2;5,00;01.03.2026")
    (fault,) = found.faults
    assert fault.row == 2
    assert words in fault.message
    assert [item.number for item in found.invoices] == ["2"]


@pytest.mark.parametrize(
    ("text", "column", "amount"),
    [
        ("1000 USD", "", Money.of(1000, "USD")),
        ("$1000", "", Money.of(1000, "USD")),
        ("$ 1,000.50", "долл.", Money.of("1000.50", "USD")),
        ("1000,00 €", "евро", Money.of(1000, "EUR")),
        ("1000", "рублей", Money.of(1000, "RUB")),
        ("1000", "руб", Money.of(1000, "RUB")),
        ("1000", "RUR", Money.of(1000, "RUB")),
        ("1000", "840", Money.of(1000, "USD")),
        ("1000", "KZT", Money.of(1000, "KZT")),
        ("1000 долларов США", "", Money.of(1000, "USD")),
        ("1000 ₽", "Российский рубль", Money.of(1000, "RUB")),
    ],
)
def test_a_currency_stands_beside_the_sum_or_in_its_column(text: str, column: str, amount: Money) -> None:
    (found,) = listed("Номер;Сумма;Валюта", f"1;{text};{column}").invoices
    assert found.amount == amount


@pytest.mark.parametrize(
    ("text", "column", "words"),
    [
        ("$5", "руб.", "«$5» и в столбце «руб.» разная: USD и RUB"),
        ("5 руб. 00 коп.", "евро", "RUB и EUR"),
        ("5", "у.е.", "валюта «у.е.» не читается"),
    ],
)
def test_a_currency_that_contradicts_itself_or_is_none_is_told(text: str, column: str, words: str) -> None:
    found = listed("Номер;Сумма;Валюта", f"1;{text};{column}")
    assert not found.invoices
    assert words in found.faults[0].message


@pytest.mark.parametrize(
    ("said", "status"),
    [
        *((word, InvoiceStatus.PAID) for word in ("Оплачен", "оплачена", "Оплачено полностью", "Полностью оплачен")),
        *((word, InvoiceStatus.PAID) for word in ("Оплачен 100%", "Оплачен в аванс", "Да", "Paid", "True", "ОПЛАЧЁН")),
        *((word, InvoiceStatus.OPEN) for word in ("Оплачен частично", "Частично оплачен", "Не полностью оплачен")),
        *((word, InvoiceStatus.OPEN) for word in ("Не оплачен", "Неоплачен", "Нет", "unpaid", "Not paid", "", "-")),
        *((word, InvoiceStatus.OPEN) for word in ("Ожидает оплаты", "Ожидается оплата (после отгрузки)", "К оплате")),
        *((word, InvoiceStatus.OPEN) for word in ("Выставлен", "Создан", "Передан клиенту", "Отправлен клиенту")),
        *((word, InvoiceStatus.CANCELLED) for word in ("Отменен", "Отменён", "Аннулирован", "Отклонён", "Cancelled")),
    ],
)
def test_states_are_known_by_their_words(said: str, status: InvoiceStatus) -> None:
    whole = listed("Номер;Сумма;Статус", f"1;5;{said}")
    (found,) = whole.invoices
    assert found.status is status
    assert not whole.doubts
    (again,) = listed("Номер;Сумма;Статус", f"1;5;{said}", paid_as_open=True).invoices
    assert again.status is (InvoiceStatus.OPEN if status is InvoiceStatus.PAID else status)


@pytest.mark.parametrize(
    "said", ["Закрыт", "Готов к закрытию", "Оплачен?", "Оплачен 50%", "Оплачен: нет", "Не отменен", "Предоплачен", "1"]
)
def test_a_state_that_nobody_knows_is_not_paid_and_told(said: str) -> None:
    found = listed("Номер;Сумма;Статус", "1;5;Не оплачен", f"2;5;{said}")
    assert [item.status for item in found.invoices] == [InvoiceStatus.OPEN] * 2
    (doubt,) = found.doubts
    assert doubt.row == 3
    assert f"состояние «{said}»" in doubt.message


def test_one_number_of_two_years_is_two_invoices() -> None:
    found = listed("Номер;Сумма;Дата;ИНН организации", "7;5;01.03.2025;7701234567", "7;5;01.03.2026;7701234567")
    assert [item.id for item in found.invoices] == ["7701234567:2025:7", "7701234567:2026:7"]
    assert {item.organisation_tax_id for item in found.invoices} == {"7701234567"}


# Rows for one invoice


def test_two_organisations_with_one_number_are_told_and_neither_is_taken() -> None:
    head = "Номер;Дата;Сумма;Покупатель"
    found = listed(head, "1;02.03.2026;5;Ель", "2;02.03.2026;6;Ель", "1;02.03.2026;7;Сосна")
    assert [item.number for item in found.invoices] == ["2"]
    assert [fault.row for fault in found.faults] == [2, 4]
    assert found.faults[0].message == (
        "№ 1 2026 года есть ещё раз (строка 4), отличается: сумма, покупатель. Выход: оставьте одну строку; "
        "если это счета разных организаций, укажите «ИНН организации»"
    )
    own = listed(f"{head};ИНН организации", "1;02.03.2026;5;Ель;7701234567", "1;02.03.2026;7;Сосна;7701234568")
    assert len(own.invoices) == 2


@pytest.mark.parametrize(
    ("first", "second", "words"),
    [
        ("1;02.03.2026;5;Ель;7701234567;", "1;03.03.2026;5;Ель;7701234567;", "отличается: дата. Выход: оставьте одну"),
        ("1;;5;Ель;7701234567;", "1;;6;Ель;7701234567;", "если разных лет — дату"),
        ("1;;5;Ель;;Оплачен", "1;;5;Ель;;", "отличается: оплата. "),
        ("1;;5;;;", "1;;5 USD;Ель;;", "сумма, покупатель"),
    ],
)
def test_whatever_differs_is_told(first: str, second: str, words: str) -> None:
    found = listed("Номер;Дата;Сумма;Покупатель;ИНН организации;Оплата", first, second)
    assert not found.invoices
    assert [words in fault.message for fault in found.faults] == [True, True]


def test_the_same_row_again_is_one_invoice_with_a_word() -> None:
    rows = ["1;02.03.2026;5;ООО Ель;7707083893"] * 3
    found = listed("Номер;Дата;Сумма;Покупатель;ИНН", *rows, "1;02.03.2026;5,00 руб.;Ель;7707083893")
    assert len(found.invoices) == 1
    assert not found.faults
    (doubt,) = found.doubts
    assert (doubt.row, doubt.message) == (2, "этот же счёт повторён (строки 3, 4, 5), взят один раз")
    assert "и ещё 4" in listed("Номер;Сумма", *["1;5"] * 10).doubts[0].message


def test_an_inn_keeps_the_zero_that_a_table_dropped() -> None:
    rows = ["1;5;274062111;А", "2;5;7707083893/770701001;Б", "3;5;12;В", "4;5;;"]
    found = listed("Номер;Сумма;ИНН;Покупатель", *rows).invoices
    assert [item.client and item.client.main_tax_id for item in found] == ["0274062111", "7707083893", None, None]
    assert found[3].client is None


@pytest.mark.parametrize(
    ("text", "inn"),
    [
        ("7707083893", "7707083893"),
        ("'7707083893", "7707083893"),
        ("7707083893.0", "7707083893"),
        ("ИНН 7707083893", "7707083893"),
        ("инн: 7707083893 КПП 770701001", "7707083893"),
        ("7707083893 / 770701001", "7707083893"),
        ("7707083893\\770701001", "7707083893"),
        ("500100732259", "500100732259"),
        ("-", None),
        ("0", None),
        ("нет", None),
        ("", None),
    ],
)
def test_an_inn_is_read_as_tables_keep_it(text: str, inn: str | None) -> None:
    found = listed("Номер;Сумма;ИНН;Покупатель", f"1;5;{text};А")
    assert [item.client and item.client.main_tax_id for item in found.invoices] == [inn]
    assert not found.doubts


@pytest.mark.parametrize(
    ("column", "text", "words"),
    [
        ("ИНН", "77012345", "ИНН покупателя «77012345» не читается: в ИНН 10 или 12 цифр"),
        ("ИНН", "7.70123E+09", "ИНН покупателя «7.70123E+09» не читается: Excel сократил число"),
        ("ИНН", "7,7012345E+09", "Excel сократил число"),
        ("ИНН", "7707083893770701001", "не читается: в ИНН"),
        ("КПП", "7707010", "КПП покупателя «7707010» не читается: в КПП 9 знаков"),
        ("Расчётный счёт", "4.07028E+19", "расчётный счёт покупателя «4.07028E+19» не читается: Excel"),
        ("Расчётный счёт", "407028", "в номере счёта 20 цифр"),
    ],
)
def test_a_requisite_that_is_none_is_told_and_the_invoice_is_taken_without_it(
    column: str, text: str, words: str
) -> None:
    found = listed(f"Номер;Сумма;Покупатель;{column}", "1;5;А;", f"2;5;А;{text}")
    assert [item.client and item.client.tax_ids for item in found.invoices] == [(), ()]
    (doubt,) = found.doubts
    assert doubt.row == 3
    assert words in doubt.message
    assert doubt.message.endswith("счёт взят без него")


def test_an_organisation_that_cannot_be_told_is_a_fault() -> None:
    """Its ИНН is a part of what the invoice is known by."""
    found = listed("Номер;Сумма;ИНН организации", "1;5;7.70123E+09", "2;5;7701234567", "3;5;")
    assert [item.id for item in found.invoices] == ["7701234567:-:2", "-:-:3"]
    (fault,) = found.faults
    assert fault.row == 2
    assert fault.message.startswith("ИНН организации «7.70123E+09» не читается: Excel")


def test_a_row_without_its_number_is_told() -> None:
    head = "Номер;Дата;Сумма;Покупатель"
    rows = [";02.03.2026;5;Ель", ";;5;Ель", ";02.03.2026;5;", ";;5;", ";Итого;5;Ель", ";;;Главный бухгалтер"]
    found = listed(head, *rows, "1;02.03.2026;5;Ель")
    assert [(fault.row, fault.message) for fault in found.faults] == [(2, "нет номера счёта")]
    assert [item.number for item in found.invoices] == ["1"]
    assert not listed("Номер;Сумма", ";5", "1;5").faults
    assert len(listed("Номер;Сумма;ИНН", ";5;7701234567", "1;5;7701234567").faults) == 1


def test_a_person_may_name_a_column() -> None:
    lines = ("№ док.;К оплате всего", "1;5")
    with pytest.raises(UnreadableInvoices, match="не видно столбца: номер, сумма"):
        listed(*lines)
    named = {"number": "№ док.", "amount": "К оплате всего"}
    assert len(listed(*lines, columns=named).invoices) == 1
    with pytest.raises(UnreadableInvoices, match="дата"):
        listed(*lines, columns={**named, "date": "Когда"})
    with pytest.raises(UnreadableInvoices, match="хаб не знает"):
        listed(*lines, columns={"nomer": "№ док."})


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "ни одной строки"),
        (b"\n;;\n", "ни одной строки"),
        (b"\xd0\xcf\x11\xe0old", "старый формат"),
        (b"PKbroken", "повреждён"),
        (b"\x00\x01\x02", "не текст"),
        (b"a;b", "не видно столбца"),
    ],
)
def test_what_is_no_list_is_told_with_what_to_do(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableInvoices, match=words):
        read_invoice_list(raw, {})


# Rows of a text


def test_rows_are_told_by_the_lines_of_the_file() -> None:
    """Blank lines and cells of several lines are lines too."""
    found = listed("Счета", "", "Номер;Сумма;Покупатель", "", '1;5;"ООО Ель', 'Москва"', "2;много;", ";;", "3;?;")
    assert [item.client and item.client.names for item in found.invoices] == [("ООО Ель Москва",)]
    assert [fault.row for fault in found.faults] == [7, 9]


NAMES = "Номер;Дата;Покупатель;ИНН;Сумма"


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ('"ООО ""Ромашка"""', 'ООО "Ромашка"'),
        ('"ООО "Ромашка""', 'ООО "Ромашка"'),
        ('""Ромашка" ООО"', '"Ромашка" ООО'),
        ('ООО "Ромашка"', 'ООО "Ромашка"'),
        ('"ООО ""Ромашка; опт"""', 'ООО "Ромашка; опт"'),
        ('"ООО "Ромашка" и "Ко""', 'ООО "Ромашка" и "Ко"'),
        (' "ООО Ель" ', "ООО Ель"),
        ('"""Ель"""', '"Ель"'),
        ('"ООО\nЕль"', "ООО Ель"),
        ('"ООО ""Ель""\nМосква;\nулица"', 'ООО "Ель" Москва; улица'),
    ],
)
def test_quotes_are_read_as_programs_write_them(cell: str, name: str) -> None:
    found = listed(NAMES, f"1;01.02.2026;{cell};7701234567;1000", "2;01.02.2026;Б;7701234568;2000")
    assert not found.faults
    assert [item.client and item.client.names for item in found.invoices] == [(name,), ("Б",)]
    assert [str(item.amount.amount) for item in found.invoices] == ["1000.00", "2000.00"]


@pytest.mark.parametrize("later", ["Б", '"Б"', 'Б"', '"ООО "Б""', '"Б', '""'])
@pytest.mark.parametrize("between", [0, 1, 40])
def test_a_quote_that_is_not_closed_costs_its_own_row_alone(later: str, between: int) -> None:
    rows = [f"{number};01.02.2026;Б;7701234568;1000" for number in range(10, 10 + between)]
    found = listed(
        NAMES, '1;01.02.2026;"ООО А;7701234567;1000', *rows, f"2;01.02.2026;{later};7701234568;2000", "3;;;;3"
    )
    assert [fault.row for fault in found.faults][:1] == [2]
    assert "не закрыта кавычка" in found.faults[0].message
    wanted = [str(10 + number) for number in range(between)] + (["2"] if later != '"Б' else []) + ["3"]
    assert [item.number for item in found.invoices] == wanted


def test_a_quote_that_is_not_closed_at_the_end_of_a_row_or_the_file_is_told() -> None:
    found = listed("Номер;Сумма;Покупатель", '1;5;"ООО А', "2;5;Б", '3;5;"В')
    assert [fault.row for fault in found.faults] == [2, 4]
    assert [item.number for item in found.invoices] == ["2"]


def test_the_last_cell_may_have_several_lines() -> None:
    (found,) = listed("Номер;Сумма;Покупатель", '1;5;"ООО А', "", 'Москва"').invoices
    assert found.client is not None
    assert found.client.names == ("ООО А Москва",)


def test_quotes_that_move_the_columns_are_told() -> None:
    found = listed("Номер,Покупатель,ИНН,Сумма", '1,"ООО "Ель", Москва",7701234567,5', "2,Б,7701234567,6")
    assert [(fault.row, "кавычки" in fault.message) for fault in found.faults] == [(2, True)]
    assert [item.number for item in found.invoices] == ["2"]


def test_a_quote_that_is_not_closed_in_the_headings_is_told() -> None:
    with pytest.raises(UnreadableInvoices, match="в строке 1 не закрыта кавычка"):
        listed('Номер;"Дата;Сумма', "1;01.02.2026;5", "2;01.02.2026;6")


# XLSX


ROWS: tuple[tuple[Any, ...], ...] = (
    ("Номер", None, "Сумма", "Дата"),
    ("АБ-7", None, 48800.5, datetime(2026, 3, 2, 11, 40)),
    (8, None, 0.1 + 0.2, date(2026, 3, 3)),
)


def test_a_book_is_read_with_its_texts_numbers_and_dates() -> None:
    assert read_table(saved_book(*ROWS))[1].cells == ["АБ-7", "", "48800.5", "2026-03-02 11:40:00"]
    found = read_invoice_list(saved_book(*ROWS), {}).invoices
    assert [(item.number, str(item.amount.amount), item.issued_on) for item in found] == [
        ("АБ-7", "48800.50", date(2026, 3, 2)),
        ("8", "0.30", date(2026, 3, 3)),
    ]


def test_rows_of_a_book_are_told_as_the_sheet_numbers_them() -> None:
    found = read_invoice_list(saved_book(("Счета",), (), ("Номер", "Сумма"), (), (), ("1", "?"), ("2", 5)), {})
    assert [fault.row for fault in found.faults] == [6]


def test_whole_numbers_of_a_book_have_no_point() -> None:
    """As other programs than Excel write them: 7.707083893E9."""
    sheet = b"".join(
        [
            b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>',
            *(
                f'<row r="{row}">{"".join(cells)}</row>'.encode()
                for row, cells in (
                    (2, [f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in ("Номер", "Сумма", "ИНН")]),
                    (5, ["<c><v>1.17E2</v></c>", "<c><v>5E0</v></c>", "<c><v>7.707083893E9</v></c>"]),
                    (7, ["<c><v>118</v></c>", '<c t="inlineStr"><is><t>?</t></is></c>']),
                )
            ),
            b"</sheetData></worksheet>",
        ]
    )
    found = read_invoice_list(saved_book(*ROWS, sheet1=sheet), {})
    (invoice,) = found.invoices
    assert (invoice.number, str(invoice.amount.amount)) == ("117", "5.00")
    assert invoice.client is not None
    assert invoice.client.main_tax_id == "7707083893"
    assert [fault.row for fault in found.faults] == [7], "a row that the book leaves out is a row of the sheet"


@pytest.mark.parametrize(
    ("cell", "amount"),
    [(1.125, "1.13"), (12345.678, "12345.68"), (1234, "1234.00"), (99.99, "99.99"), ("1.125", "1125.00")],
)
def test_a_number_of_a_book_is_no_thousands(cell: object, amount: str) -> None:
    (found,) = read_invoice_list(saved_book(("Номер", "Сумма"), ("1", cell)), {}).invoices
    assert str(found.amount.amount) == amount


@pytest.mark.parametrize(
    "raw",
    [
        saved_book(*ROWS, sheet1=b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'),
        saved_book(*ROWS, sheet1=b"<worksheet><sheetData>"),
        saved_book(*ROWS, sharedStrings=b"<sst"),
        saved_book(*ROWS, workbook=b"<a/>"),
        b"PK\x05\x06" + b"\x00" * 18,
    ],
    ids=["document type", "cut off", "strings", "no sheets", "no parts"],
)
def test_a_broken_book_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadableTable, match="повреждён"):
        read_table(raw)


def test_a_book_that_was_damaged_on_its_way_is_refused() -> None:
    """Packed bytes that mean nothing are told by another library than the archive around them."""
    whole = saved_book(*ROWS)
    start = whole.index(b"xl/worksheets/sheet1.xml") + len(b"xl/worksheets/sheet1.xml")
    for place in range(start, start + 60, 3):
        with pytest.raises(UnreadableTable, match="повреждён"):
            read_table(whole[:place] + b"\xff\xff\xff" + whole[place + 3 :])


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.invoice_files.xlsx.BOOK_BYTES", 100_000)
    with pytest.raises(UnreadableTable, match="слишком большой"):
        read_table(saved_book(*ROWS, sheet1=b" " * 200_000))


def test_a_list_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.invoice_files.tables.ROWS_MOST", 2)
    for raw in (b"a;b\n" * 4, saved_book(*ROWS)):
        with pytest.raises(UnreadableTable, match="больше 2 строк"):
            read_table(raw)
