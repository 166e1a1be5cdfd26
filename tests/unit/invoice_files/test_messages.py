"""Messages of EnterpriseData: invoices that 1C writes for other programs."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from typing import Any

import pytest

from hub.composition.invoice_files import read_invoice_list
from hub.domain.models import InvoiceStatus, Reference, ReferenceKind
from hub.domain.money import Money
from hub.ports.invoice_file import InvoiceList, UnreadableInvoices
from tests.support.books import saved_book
from tests.support.messages import (
    CLIENT_REF,
    INVOICE_REF,
    RUB_REF,
    SPACE,
    account,
    client,
    currency,
    deletion,
    element,
    message,
    order,
    state,
    thing,
)

OTHER_REF = "1b7e0c52-0d4a-11f1-9a01-0050560000a2"
ACCOUNT = "40702810000000000777"


def read(text: str, *, encoding: str = "utf-8", **named: Any) -> InvoiceList:
    return read_invoice_list(text.encode(encoding), named.pop("columns", {}), **named)


def test_an_invoice_is_read_with_its_client_and_contract() -> None:
    (found,) = read(message(order())).invoices
    assert (found.number, found.issued_on, found.amount) == ("АБ00-000117", date(2026, 3, 2), Money.of(48800, "RUB"))
    assert found.client is not None
    assert (found.client.names, found.client.main_tax_id, found.client.kpp) == (("ООО Ель",), "7707083893", "770701001")
    assert found.organisation_tax_id == "7701234567"
    assert found.references == (Reference(ReferenceKind.CONTRACT, "7/УЕ"),)
    assert found.status is InvoiceStatus.OPEN
    assert found.id == INVOICE_REF
    assert not found.markable


def test_a_person_sees_where_everything_was_taken_from() -> None:
    found = read(message(order()))
    assert found.columns["номер"] == "КлючевыеСвойства.Номер"
    assert found.columns["ИНН"] == "Контрагент.ИНН"
    assert "оплата" not in found.columns
    assert "оплата" in read(message(order(), state("НеОплачен"))).columns


@pytest.mark.parametrize("version", ["1.3", "1.6", "1.8", "1.11", "1.17", "1.17.3", "1.22"])
def test_every_version_of_the_format_is_read(version: str) -> None:
    assert len(read(message(order(), version=version)).invoices) == 1


def test_versions_before_the_classifier_keep_the_code_of_a_currency_in_it() -> None:
    (found,) = read(message(order(Валюта=[("Код", "840"), ("Наименование", "USD")]), version="1.6")).invoices
    assert found.amount == Money.of(48800, "USD")


@pytest.mark.parametrize(
    "kind", ["Документ.ЗаказКлиента", "Документ.СчетНаОплатуПокупателю", "Документ.СчетНаОплатуКлиенту"]
)
def test_an_invoice_has_several_names(kind: str) -> None:
    assert len(read(message(order(kind=kind))).invoices) == 1


def test_other_documents_are_no_invoices() -> None:
    others = [order(kind=f"Документ.{name}") for name in ("ЗаказПоставщику", "РеализацияТоваровУслуг")]
    assert read(message(*others)) == InvoiceList({}, (), ())


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_a_message_is_read_in_every_encoding(encoding: str) -> None:
    declared = {"cp1251": "windows-1251"}.get(encoding, encoding)
    text = message(order()).removeprefix("\ufeff").replace('encoding="utf-8"', f'encoding="{declared}"')
    assert len(read(text, encoding=encoding).invoices) == 1


def test_prefixes_are_the_writers_own() -> None:
    """What counts is the namespace that a prefix stands for."""
    text = message(order()).replace("<Body xmlns=", "<e:Body xmlns:e=").replace("</Body>", "</e:Body>")
    head, body = text.split("/1.17", 2)[:2], text.split("/1.17", 2)[2]
    start, end = body.index("<Документ"), body.index("</e:Body>")
    inner = body[start:end].replace("</", "\0").replace("<", "<e:").replace("\0", "</e:")
    assert len(read("/1.17".join([*head, body[:start] + inner + body[end:]])).invoices) == 1


def test_the_namespace_may_stand_on_each_document() -> None:
    text = message(order())
    (space,) = set(re.findall(r'(?<=<Body) xmlns="[^"]+"', text))
    moved = text.replace(space, "").replace("<Документ.ЗаказКлиента>", f"<Документ.ЗаказКлиента{space}>")
    assert len(read(moved).invoices) == 1


def test_a_document_beside_the_body_is_none_of_the_message() -> None:
    stray = element("Прочее", [order(reference=OTHER_REF)]).replace("<Прочее>", f'<Прочее xmlns="{SPACE}/1.17">')
    for place in ("<Body", "</Message>"):
        found = read(message(order()).replace(place, f"{stray}{place}", 1))
        assert [item.id for item in found.invoices] == [INVOICE_REF]


def test_a_message_without_a_declaration_may_begin_with_empty_lines() -> None:
    text = message(order()).partition("?>")[2]
    assert len(read(f"\n \n{text}").invoices) == 1


def test_objects_that_lack_what_they_are_for_change_nothing() -> None:
    objects: list[Any] = [
        order(),
        thing("Контрагенты", [("ИНН", "7736050003")]),
        ("Справочник.БанковскиеСчета", "пусто"),
        account(""),
        account(ACCOUNT, owner=""),
        ("Справочник.СостояниеОплатыЗаказа", [("СостояниеОплаты", "Оплачен")]),
        ("Справочник.СостояниеОплатыЗаказа", [("КлючевыеСвойства", [("Заказ", [("Ссылка", INVOICE_REF)])])]),
        ("УдалениеОбъекта", []),
    ]
    assert read(message(*objects)) == read(message(order()))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("48800", "48800.00"),
        ("48800.5", "48800.50"),
        ("48800.50", "48800.50"),
        ("1.125", "1.13"),
        ("12345.678", "12345.68"),
        ("48800.0000", "48800.00"),
        ("0.30000000000000004", "0.30"),
    ],
)
def test_a_sum_of_xml_has_no_thousands(text: str, amount: str) -> None:
    (found,) = read(message(order(amount=text))).invoices
    assert str(found.amount.amount) == amount


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("Оплачен", InvoiceStatus.PAID),
        ("НеОплачен", InvoiceStatus.OPEN),
        ("ОплаченЧастично", InvoiceStatus.OPEN),
        ("ЧастичноОплачен", InvoiceStatus.OPEN),
        ("Отменен", InvoiceStatus.CANCELLED),
    ],
)
@pytest.mark.parametrize("before", [True, False])
def test_the_state_of_payment_comes_from_its_own_object(said: str, status: InvoiceStatus, before: bool) -> None:
    objects = [state(said), order()] if before else [order(), state(said)]
    (found,) = read(message(*objects)).invoices
    assert found.status is status
    (again,) = read(message(*objects), paid_as_open=True).invoices
    assert again.status is (InvoiceStatus.OPEN if status is InvoiceStatus.PAID else status)


def test_a_state_that_nobody_knows_is_told_with_its_document() -> None:
    found = read(message(order(), state("Закрыт")))
    assert [item.status for item in found.invoices] == [InvoiceStatus.OPEN]
    (doubt,) = found.doubts
    assert doubt.row == 5
    assert doubt.message.startswith("Документ.ЗаказКлиента № АБ00-000117: состояние «Закрыт»")


def test_requisites_that_are_none_are_told_with_their_document() -> None:
    found = read(message(order(Контрагент=client(ИНН="77012345", КПП="7"))))
    assert [doubt.message for doubt in found.doubts] == [
        "Документ.ЗаказКлиента № АБ00-000117: ИНН покупателя «77012345» не читается: в ИНН 10 или 12 цифр; "
        "счёт взят без него",
        "Документ.ЗаказКлиента № АБ00-000117: КПП покупателя «7» не читается: в КПП 9 знаков; счёт взят без него",
    ]


def test_what_stands_elsewhere_in_the_message_is_found_by_its_reference() -> None:
    objects = [
        order(Контрагент=[("Ссылка", CLIENT_REF.upper())], Валюта=[("Ссылка", RUB_REF)]),
        thing("Контрагенты", client()),
        thing("Валюты", currency("156")),
        account(ACCOUNT),
        account(ACCOUNT),
        account("40702"),
        account("40702810000000000888", OTHER_REF),
        account("40702810000000000999", whose="ОрганизацииСсылка"),
    ]
    found = read(message(*objects))
    (invoice,) = found.invoices
    assert invoice.amount == Money.of(48800, "CNY")
    assert invoice.client is not None
    assert (invoice.client.names, invoice.client.main_tax_id) == (("ООО Ель",), "7707083893")
    assert invoice.client.accounts == (ACCOUNT,)
    assert found.columns["расчётный счёт"] == "БанковскиеСчета.НомерСчета"


def test_a_client_without_a_tax_id_is_known_by_its_name() -> None:
    (found,) = read(message(order(Контрагент=client(ИНН="", КПП="", Наименование="  Иванов\nИван ")))).invoices
    assert found.client is not None
    assert (found.client.names, found.client.tax_ids) == (("Иванов Иван",), ())
    (nobody,) = read(message(order(Контрагент=""))).invoices
    assert nobody.client is None


def test_a_contract_without_a_number_is_told_by_its_name() -> None:
    for name, number in (
        ("7788/УЕ от 20.12.2014", "7788/УЕ"),
        ("7/УЕ от 20.12.2014 от руки", "7/УЕ"),
        ("С покупателем - руб.", None),
    ):
        (found,) = read(message(order(ДанныеВзаиморасчетов=[("Договор", [("Наименование", name)])]))).invoices
        assert [item.number for item in found.references] == ([number] if number else [])


def test_a_number_and_a_sum_are_enough() -> None:
    bare: Any = ("Документ.ЗаказКлиента", [("КлючевыеСвойства", [("Номер", "7")]), ("Сумма", "5")])
    found = read(message(bare))
    (invoice,) = found.invoices
    assert (invoice.id, invoice.number, invoice.amount) == ("-:-:7", "7", Money.of(5, "RUB"))
    assert (invoice.issued_on, invoice.client, invoice.organisation_tax_id, invoice.references) == (
        None,
        None,
        None,
        (),
    )
    assert list(found.columns) == ["номер", "сумма"]


def test_an_organisation_without_a_tax_id_is_told_by_nothing() -> None:
    keys: Any = [("Ссылка", INVOICE_REF), ("Номер", "7"), ("Организация", [("Наименование", "ООО Мы")])]
    (found,) = read(message(order(КлючевыеСвойства=keys))).invoices
    assert found.organisation_tax_id is None


def test_a_client_of_whom_nothing_is_told_is_none_even_where_its_account_is() -> None:
    (found,) = read(message(order(Контрагент=[("Ссылка", CLIENT_REF)]), account(ACCOUNT))).invoices
    assert found.client is None


def test_a_client_without_a_short_name_has_its_full_one() -> None:
    (found,) = read(message(order(Контрагент=client(Наименование="")))).invoices
    assert found.client is not None
    assert found.client.names == ("Общество с ограниченной ответственностью «Ель»",)


def test_a_text_of_a_thousand_signs_is_read() -> None:
    (found,) = read(message(order(number="7" * 1000))).invoices
    assert found.number == "7" * 1000


def test_an_invoice_without_a_reference_is_known_as_a_row_of_a_list_is() -> None:
    for reference in ("", "00000000-0000-0000-0000-000000000000", "123"):
        (found,) = read(message(order(reference=reference))).invoices
        assert found.id == "7701234567:2026:АБ00-000117"


def test_an_empty_date_is_none() -> None:
    (found,) = read(message(order(day="0001-01-01T00:00:00"))).invoices
    assert found.issued_on is None


@pytest.mark.parametrize(
    ("faulty", "words"),
    [
        (order(amount=""), "сумма не указана"),
        (order(amount="много"), "сумма «много»"),
        (order(amount="0"), "не больше нуля"),
        (order(amount="-5.00"), "не больше нуля"),
        (order(amount="9" * 40), "сумма «999"),
        (order(day="вчера"), "дата «вчера»"),
        (order(number=""), "Документ.ЗаказКлиента: нет номера"),
        (order(number="7" * 1001), "«КлючевыеСвойства.Номер» длиннее 1000 знаков"),
        (order(number="\n&" * 600), "«КлючевыеСвойства.Номер» длиннее 1000 знаков"),
        (order(Валюта=currency("ЖЖЖ")), "валюта «ЖЖЖ»"),
        (order(Валюта=[("Ссылка", RUB_REF)]), "у валюты нет кода"),
        (order(Валюта=[("Наименование", "руб.")]), "у валюты нет кода"),
    ],
)
def test_a_document_that_cannot_be_read_is_named_and_the_others_go_on(faulty: Any, words: str) -> None:
    found = read(message(faulty, order(reference=OTHER_REF, number="118")))
    (fault,) = found.faults
    assert words in fault.message
    assert fault.message.startswith("Документ.ЗаказКлиента")
    assert fault.row == 5, "the line of the file where the document begins"
    assert [item.number for item in found.invoices] == ["118"]


def test_a_fault_names_the_number_of_its_document() -> None:
    (fault,) = read(message(order(amount="?"))).faults
    assert fault.message.startswith("Документ.ЗаказКлиента № АБ00-000117: сумма «?»")


def test_a_document_twice_with_two_sums_is_told_and_is_no_invoice() -> None:
    found = read(message(order(), order(amount="5")))
    assert not found.invoices
    assert [fault.row for fault in found.faults] == [5, 6]
    assert "есть ещё раз (строка 6), отличается: сумма. Выход: оставьте одну строку" in found.faults[0].message


def test_what_the_base_deleted_is_told_and_is_no_invoice() -> None:
    alive = order(reference="", number="118")
    found = read(message(order(), alive, deletion(INVOICE_REF), deletion(OTHER_REF.upper()), deletion("")))
    assert [item.number for item in found.invoices] == ["118"]
    assert found.removed == (INVOICE_REF, OTHER_REF)


@pytest.mark.parametrize("path", [["ПометкаУдаления"], ["КлючевыеСвойства", "ПометкаУдаления"]])
def test_a_document_that_is_marked_for_deletion_is_no_invoice(path: list[str]) -> None:
    kind, parts = order()
    assert isinstance(parts, list)
    if len(path) == 2:
        keys = parts[0][1]
        assert isinstance(keys, list)
        keys.append((path[1], "true"))
    else:
        parts.append((path[0], "true"))
    found = read(message((kind, parts)))
    assert (found.invoices, found.removed) == ((), (INVOICE_REF,))


def test_columns_cannot_be_named_in_a_message() -> None:
    with pytest.raises(UnreadableInvoices, match="без --column"):
        read(message(order()), columns={"number": "Номер"})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<a/>", "XML («a»), но не сообщение EnterpriseData"),
        ('<КоммерческаяИнформация ВерсияСхемы="2.10"/>', "CommerceML"),
        ("<Message><Body><Документ.ЗаказКлиента/></Body></Message>", "но не сообщение"),
        (message(order(), version="2.0"), "версия формата EnterpriseData «2.0»"),
        (message(order(), version="1.x"), "версия формата EnterpriseData «1.x»"),
        (message(order())[:-30], "повреждён или обрезан"),
        (message("<Документ.ЗаказКлиента><Номер>7"), "повреждён или обрезан"),
        (message("<нет:Документ/>"), "повреждён или обрезан"),
        (message(order(), extra='<!DOCTYPE Message SYSTEM "a.dtd">'), "DOCTYPE"),
        (message(f"<Документ.ЗаказКлиента>{'<a>' * 200}"), "слишком много вложений"),
        ('<?xml version="1.0" encoding="ебцдик"?><a/>', "повреждён"),
        ('<?xml version="1.0" encoding="utf-7"?><a/>', "повреждён"),
        ('<?xml version="1.0" encoding="gb2312"?><a/>', "повреждён"),
    ],
)
def test_what_is_no_message_is_told_with_what_to_do(text: str, words: str) -> None:
    with pytest.raises(UnreadableInvoices) as caught:
        read(text)
    assert words in str(caught.value)


# Packed


def packed(**files: str | bytes) -> bytes:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("_", "."), content)
    return raw.getvalue()


def test_a_message_is_taken_out_of_its_archive() -> None:
    raw = packed(Message_xml=message(order()), readme_txt="не нужно", **{"папка/": ""})
    assert [item.id for item in read_invoice_list(raw, {}).invoices] == [INVOICE_REF]


def test_a_book_of_tables_is_no_archive_of_messages() -> None:
    assert len(read_invoice_list(saved_book(("Номер", "Сумма"), ("1", 5)), {}).invoices) == 1


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (packed(a_xml=message(), b_xml=message()), "файлов XML: 2, а нужен один"),
        (packed(readme_txt="x"), "файлов XML: 0, а нужен один"),
        (packed(a_xml=b"\0" * 3000), "ни одной строки|не текст"),
        (
            packed(a_xml=message(order())).replace(b"PK\x01\x02\x14\x03\x14\0\0", b"PK\x01\x02\x14\x03\x14\0\x01"),
            "сами",
        ),
        (packed(a_xml=message(order()))[:-40], "повреждён"),
        (packed(a_xml=message(order())).replace(b"a.xml", b"a.xml\xff\xff\xff\xff", 1), "не распаковывается"),
    ],
    ids=["two", "none", "no message", "locked", "cut off", "damaged"],
)
def test_an_archive_without_one_message_is_told(raw: bytes, words: str) -> None:
    with pytest.raises(UnreadableInvoices, match=words):
        read_invoice_list(raw, {})


def test_a_message_that_unpacks_without_end_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.invoice_files.packed.MESSAGE_BYTES", 1 << 20)
    with pytest.raises(UnreadableInvoices, match="больше 1 МБ"):
        read_invoice_list(packed(a_xml=b" " * (2 << 20)), {})


def test_an_empty_message_has_no_invoices() -> None:
    assert read(message()) == InvoiceList({}, (), ())


def test_a_message_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.invoice_files.enterprise_data.DOCUMENTS_MOST", 2)
    with pytest.raises(UnreadableInvoices, match="больше 2 документов"):
        read(message(order(), order(), order()))
