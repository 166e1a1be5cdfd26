"""The seed of the local 1C: both companies, their clients and contracts, and the documents that ask for money."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final
from uuid import UUID, uuid5

from hub.demo.story.book import Book
from hub.demo.story.calendar import MAIN, OWN_ACCOUNTS, SERVICE
from hub.demo.story.ledger import Company, Invoice, Line
from hub.demo.story.numbering import PREFIX_OF_MAIN, PREFIX_OF_SERVICE
from hub.demo.story.portal import JsonObject

_NAMES: Final = UUID("5b1e7a60-1c8b-4f0e-9b53-0050560000c2")
_PREFIXES: Final = ((MAIN, PREFIX_OF_MAIN), (SERVICE, PREFIX_OF_SERVICE))
_INVOICE: Final = "Document_СчетНаОплатуПокупателю"
_ENTERED: Final = 411


def accounting(book: Book) -> JsonObject:
    """The whole seed, in the sandbox's published format."""
    clients = _clients(book)
    return {
        "version": 1,
        "config": "bp30",
        "objects": {
            "Catalog_Валюты": [{"Ref_Key": _key("рубль"), "Code": "643", "Description": "руб."}],
            "Catalog_Организации": [_organisation(company, prefix) for company, prefix in _PREFIXES],
            "Catalog_БанковскиеСчета": [*_own_accounts(), *_accounts(clients)],
            "Catalog_Контрагенты": [_client(item, has_inn=has_inn) for item, has_inn in clients],
            "Catalog_ДоговорыКонтрагентов": [_contract(item) for item in book.papers if _contract_of(item)],
            _INVOICE: [*(_invoice(item) for item in book.papers), *_not_in_force(book.papers)],
            "Document_ПоступлениеНаРасчетныйСчет": list(_received(book.lines)),
            "InformationRegister_СтатусыДокументов": [_unpaid(item) for item in book.papers[::3]],
        },
    }


def _key(*named: str) -> str:
    return str(uuid5(_NAMES, " ".join(named)))


def organisation_key(company: Company) -> str:
    """The reference of one of our companies in 1C."""
    return _key("организация", company.inn)


def _organisation(company: Company, prefix: str) -> JsonObject:
    return {
        "Ref_Key": organisation_key(company),
        "Description": company.name,
        "НаименованиеСокращенное": company.name,
        "Префикс": prefix,
        "ИНН": company.inn,
        "КПП": company.kpp,
    }


def _clients(book: Book) -> list[tuple[Company, bool]]:
    """Every client once; some have a second card that was made in a hurry, without ИНН."""
    known = {item.inn: item for item in (*book.amo_clients, *book.clients)}
    hurried = [item.deal.client for item in book.papers if item.paper is not None and not item.paper.has_inn]
    return [*((item, True) for item in known.values()), *((item, False) for item in hurried)]


def _client_key(client: Company, *, has_inn: bool) -> str:
    return _key("контрагент", client.inn if has_inn else client.name)


def _client(client: Company, *, has_inn: bool) -> JsonObject:
    card: JsonObject = {
        "Ref_Key": _client_key(client, has_inn=has_inn),
        "Description": client.name,
        "НаименованиеПолное": client.name,
    }
    return card | {"ИНН": client.inn, "КПП": client.kpp} if has_inn else card


def _account(number: str, owner: str, kind: str) -> JsonObject:
    return {
        "Ref_Key": _key("счёт в банке", owner, number),
        "НомерСчета": number,
        "ВалютаДенежныхСредств_Key": _key("рубль"),
        "Owner": owner,
        "Owner_Type": f"StandardODATA.Catalog_{kind}",
    }


def _own_accounts() -> list[JsonObject]:
    mine = [own for own in OWN_ACCOUNTS if own.currency == "RUB"]
    return [_account(own.number, organisation_key(own.owner), "Организации") for own in mine]


def _accounts(clients: Iterable[tuple[Company, bool]]) -> list[JsonObject]:
    return [
        _account(client.account, _client_key(client, has_inn=True), "Контрагенты")
        for client, has_inn in clients
        if has_inn
    ]


def _contract_of(invoice: Invoice) -> str:
    return invoice.paper.contract if invoice.paper is not None else ""


def _contract_key(invoice: Invoice) -> str:
    return _key("договор", invoice.deal.client.inn, _contract_of(invoice))


def _contract(invoice: Invoice) -> JsonObject:
    return {
        "Ref_Key": _contract_key(invoice),
        "Description": f"Договор № {_contract_of(invoice)}",
        "Owner_Key": _client_key(invoice.deal.client, has_inn=True),
        "Организация_Key": organisation_key(invoice.organisation),
        "ВидДоговора": "СПокупателем",
        "Номер": _contract_of(invoice),
        "Дата": _at(date(2026, 1, 19)),
        "ВалютаВзаиморасчетов_Key": _key("рубль"),
    }


def _at(day: date) -> str:
    """Dates of 1C are those of its server's clock, without a zone."""
    return datetime.combine(day, time(11, 40, 5)).isoformat()


def _invoice(invoice: Invoice) -> JsonObject:
    assert invoice.paper is not None
    document: JsonObject = {
        "Ref_Key": invoice.paper.key,
        "Number": invoice.number,
        "Date": _at(invoice.issued),
        "Posted": True,
        "Организация_Key": organisation_key(invoice.organisation),
        "Контрагент_Key": _client_key(invoice.deal.client, has_inn=invoice.paper.has_inn),
        "ВалютаДокумента_Key": _key("рубль"),
        "СуммаДокумента": f"{invoice.amount:.2f}",
        "СуммаВключаетНДС": True,
        "Товары": [_row(invoice.amount)],
    }
    return document | {"ДоговорКонтрагента_Key": _contract_key(invoice)} if invoice.paper.contract else document


def _unpaid(invoice: Invoice) -> JsonObject:
    """Some documents had their state set by hand; the others have no record in the register."""
    assert invoice.paper is not None
    return {
        "Организация_Key": organisation_key(invoice.organisation),
        "Документ": invoice.paper.key,
        "Документ_Type": f"StandardODATA.{_INVOICE}",
        "Статус": "НеОплачен",
        "Статус_Type": "UnavailableEnums.СтатусОплатыСчета",
    }


def _row(amount: Decimal) -> JsonObject:
    whole = f"{amount:.2f}"
    return {"LineNumber": 1, "Содержание": "Пиломатериалы", "Количество": 1, "Цена": whole, "Сумма": whole}


def _not_in_force(papers: list[Invoice]) -> list[JsonObject]:
    """A draft, and a document that was marked for deletion: neither asks for money."""
    last = max(item.number for item in papers if item.organisation is MAIN)
    prefix, _, digits = last.partition("-")
    spoiled: tuple[JsonObject, ...] = ({"Posted": False}, {"Posted": False, "DeletionMark": True})
    return [
        _invoice(item) | {"Ref_Key": _key("не счёт", str(place)), "Number": f"{prefix}-{int(digits) + place:06d}"} | how
        for place, (item, how) in enumerate(zip(papers, spoiled, strict=False), 1)
    ]


def _received(lines: Iterable[Line]) -> Iterable[JsonObject]:
    """What the accountant has entered of the bank's money before the hub reads it."""
    entered = [(line, line.allocations[0][0]) for line in lines if line.allocations]
    for place, (line, invoice) in enumerate(item for item in entered if item[1].paper and item[1].paper.received):
        yield _receipt(line, invoice, f"{PREFIX_OF_MAIN}00-{_ENTERED + place:06d}")


def _receipt(line: Line, invoice: Invoice, number: str) -> JsonObject:
    assert invoice.paper is not None
    client, ours = _client_key(line.other, has_inn=True), organisation_key(invoice.organisation)
    return {
        "Ref_Key": _key("поступление", number),
        "Number": number,
        "Date": _at(line.booked),
        "Posted": True,
        "ВидОперации": "ОплатаПокупателя",
        "Организация_Key": ours,
        "СчетОрганизации_Key": _key("счёт в банке", ours, line.account.number),
        "Контрагент": client,
        "Контрагент_Type": "StandardODATA.Catalog_Контрагенты",
        "СчетКонтрагента_Key": _key("счёт в банке", client, line.other.account),
        "НомерВходящегоДокумента": line.number,
        "ДатаВходящегоДокумента": _at(line.document_date or line.booked),
        "СуммаДокумента": f"{line.amount:.2f}",
        "ВалютаДокумента_Key": _key("рубль"),
        "НазначениеПлатежа": line.purpose,
        "РасшифровкаПлатежа": [
            {
                "LineNumber": 1,
                "СуммаПлатежа": f"{line.amount:.2f}",
                "СуммаВзаиморасчетов": f"{line.amount:.2f}",
                "СчетНаОплату_Key": invoice.paper.key,
            }
        ],
    }
