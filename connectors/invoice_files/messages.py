"""From a message of EnterpriseData to invoices: its documents as rows of a list, so that both are read alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Final

from connectors.invoice_files.columns import Column
from connectors.invoice_files.enterprise_data import TEXT_MOST, Document, Fields, Message, reference_of
from connectors.invoice_files.mapper import RowFault, RowInvoice, doubts_of, invoice_of
from connectors.shared.guids import guid_of
from hub.domain.models import Client, Invoice

_NUMBER: Final = "КлючевыеСвойства.Номер"
_DATE: Final = "КлючевыеСвойства.Дата"
_REFERENCE: Final = "КлючевыеСвойства.Ссылка"
_ORGANISATION: Final = "КлючевыеСвойства.Организация"
_CLIENT: Final = "Контрагент"
_CONTRACT: Final = "ДанныеВзаиморасчетов.Договор"
_AMOUNT: Final = re.compile(r"[+-]?\d+(?:\.\d*)?", re.ASCII)
_NO_DATE: Final = "0001-01-01"
#: Where the code of a currency is: newer versions of the format keep it one floor lower.
_CODES: Final = ("ДанныеКлассификатора.Код", "Код")

#: What a person is shown: column -> the path in the document that it is taken from.
PATHS: Final[Mapping[Column, str]] = {
    Column.NUMBER: _NUMBER,
    Column.DATE: _DATE,
    Column.AMOUNT: "Сумма",
    Column.CURRENCY: "Валюта.Код",
    Column.STATUS: "СостояниеОплатыЗаказа.СостояниеОплаты",
    Column.CLIENT: f"{_CLIENT}.Наименование",
    Column.INN: f"{_CLIENT}.ИНН",
    Column.KPP: f"{_CLIENT}.КПП",
    Column.ACCOUNT: "БанковскиеСчета.НомерСчета",
    Column.ORGANISATION_INN: f"{_ORGANISATION}.ИНН",
    Column.CONTRACT: f"{_CONTRACT}.Номер",
}


def read_documents(message: Message, *, paid_as_open: bool = False) -> Iterator[RowInvoice | RowFault]:
    """Invoices of a message, in its order; a document that cannot be read is told by its number and its line.

    Args:
        paid_as_open: what the message calls paid is taken as open, so that its payments are looked for.
    """
    deleted = frozenset(message.deleted)
    for document in message.documents:
        if _is_deleted(document, deleted):
            continue
        try:
            yield _read(document, message, paid_as_open=paid_as_open)
        except ValueError as error:
            yield RowFault(document.line, f"{_title(document)}: {error}")


def removed_of(message: Message) -> tuple[str, ...]:
    """References of what the base has deleted or marked for deletion: invoices of earlier messages among them."""
    marked = [document for document in message.documents if _is_deleted(document, frozenset(message.deleted))]
    references = [reference_of(document.fields.get(_REFERENCE, "")) for document in marked]
    return tuple(dict.fromkeys([*message.deleted, *filter(None, references)]))


def columns_of(message: Message) -> dict[Column, str]:
    """What the documents tell, and where: for the person who looks the guess through."""
    told = {column for document in message.documents for column, text in _cells(document, message).items() if text}
    if any(reference in message.accounts for reference in map(_client_reference, message.documents)):
        told.add(Column.ACCOUNT)
    return {column: PATHS[column] for column in Column if column in told}


def _is_deleted(document: Document, deleted: frozenset[str]) -> bool:
    marks = (document.fields.get("ПометкаУдаления"), document.fields.get("КлючевыеСвойства.ПометкаУдаления"))
    return "true" in marks or reference_of(document.fields.get(_REFERENCE, "")) in deleted


def _title(document: Document) -> str:
    number = document.fields.get(_NUMBER, "")[:40]
    return f"{document.kind} № {number}" if number else document.kind


def _read(document: Document, message: Message, *, paid_as_open: bool) -> RowInvoice:
    cells = _cells(document, message)
    for column, text in cells.items():
        if len(text) > TEXT_MOST:
            raise ValueError(f"«{PATHS[column]}» длиннее {TEXT_MOST} знаков")
    if not cells[Column.NUMBER]:
        raise ValueError("нет номера")
    if document.fields.keys() & {"Валюта.Ссылка", "Валюта.Наименование"} and not cells[Column.CURRENCY]:
        raise ValueError("у валюты нет кода")
    invoice = _named(invoice_of(cells, paid_as_open=paid_as_open), document, message)
    doubts = tuple(f"{_title(document)}: {doubt}" for doubt in doubts_of(cells))
    return RowInvoice(document.line, invoice, doubts)


def _named(found: Invoice, document: Document, message: Message) -> Invoice:
    reference = reference_of(document.fields.get(_REFERENCE, ""))
    return replace(
        found,
        # A reference outlives a new number; where another program writes none, it is known as a row of a list is.
        id=reference or found.id,
        guid=guid_of(reference or ""),
        client=_with_accounts(found.client, message.accounts.get(_client_reference(document) or "", [])),
    )


def _cells(document: Document, message: Message) -> dict[Column, str]:
    """A document as a row of a list."""
    organisation = _resolved(document.fields, _ORGANISATION, message)
    client = _resolved(document.fields, _CLIENT, message)
    return {
        Column.NUMBER: document.fields.get(_NUMBER, ""),
        Column.DATE: "" if document.fields.get(_DATE, "").startswith(_NO_DATE) else document.fields.get(_DATE, ""),
        Column.AMOUNT: _amount(document.fields.get("Сумма", "")),
        Column.CURRENCY: _currency(_resolved(document.fields, "Валюта", message)),
        Column.STATUS: message.states.get(reference_of(document.fields.get(_REFERENCE, "")) or "", ""),
        Column.CLIENT: " ".join((client.get("Наименование") or client.get("НаименованиеПолное", "")).split()),
        Column.INN: client.get("ИНН", ""),
        Column.KPP: client.get("КПП", ""),
        Column.ORGANISATION_INN: organisation.get("ИНН", ""),
        Column.CONTRACT: _contract(document.fields),
    }


def _resolved(fields: Fields, path: str, message: Message) -> Fields:
    """What is told of the thing at a path: there and then, and where the message describes it."""
    start = f"{path}."
    here = {name.removeprefix(start): text for name, text in fields.items() if name.startswith(start)}
    return {**message.things.get(reference_of(here.get("Ссылка", "")) or "", {}), **here}


def _client_reference(document: Document) -> str | None:
    return reference_of(document.fields.get(f"{_CLIENT}.Ссылка", ""))


def _currency(fields: Fields) -> str:
    return next((fields[name] for name in _CODES if name in fields), "")


def _amount(text: str) -> str:
    """A sum of XML (xs:decimal) in the writing of lists, where three digits after a point are thousands."""
    if _AMOUNT.fullmatch(text) is None:
        return text
    whole, _, rest = text.partition(".")
    return f"{whole}.{rest or '00'}{'0' if len(rest) == 3 else ''}"


def _contract(fields: Fields) -> str:
    """The number of the contract, else its name without the date: `7788/УЕ от 20.12.2014`."""
    number = fields.get(f"{_CONTRACT}.Номер", "")
    return number or fields.get(f"{_CONTRACT}.Наименование", "").partition(" от ")[0].strip()


def _with_accounts(client: Client | None, numbers: list[str]) -> Client | None:
    known = [number for number in dict.fromkeys(numbers) if re.fullmatch(r"\d{20}", number, re.ASCII)]
    return client if client is None or not known else replace(client, accounts=tuple(known))
