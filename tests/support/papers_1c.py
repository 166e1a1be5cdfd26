"""A company's 1C: the base as a seed, documents of sales in it, and its write log in the words of the invariants."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from connectors.accounting_1c.sandbox.control import Control
from connectors.accounting_1c.sandbox.defaults import default_seed
from connectors.sandbox_kit.write_log import WriteRecord
from tests.support.sale import CLIENT, STARTED_AT, transfer
from tests.support.statements import Received

BUH: Final = "buh"
#: Payments of the base as a statement.
MONEY: Final = "buh-money"
INVOICE: Final = "Document_СчетНаОплатуПокупателю"
CASH: Final = "Document_ПриходныйКассовыйОрдер"
PAYMENT: Final = "Document_ПоступлениеНаРасчетныйСчет"
STATUS: Final = "InformationRegister_СтатусыДокументов"
ROWS: Final = "РасшифровкаПлатежа"
LINK: Final = "СчетНаОплату_Key"
UNPAID: Final = "НеОплачен"
PAID: Final = "Оплачен"
#: Positions of the states, by which nothing may go back.
ORDER: Final = {UNPAID: 0, "ОплаченЧастично": 1, PAID: 2}
#: Of the small seed: our organisation, its account (the one in Tochka), roubles, accounts of settlements.
OURS: Final = "ed17b728-c1da-5a6e-982a-99ea03d102ca"
ACCOUNT: Final = "d66a44fb-4340-50ad-877d-e58b60651b14"
_RUB: Final = "48f480a0-5408-5739-8867-0e1cd6d386a4"
_SETTLED: Final = "53773290-760c-5777-9752-24826e40d2d3"
_VECTOR: Final = "1c000000-0000-4000-8000-0000000000c1"
_CONTRACT: Final = "1c000000-0000-4000-8000-0000000000d1"
_VECTORS_ACCOUNT: Final = "1c000000-0000-4000-8000-0000000000a1"
_DROPPED: Final = (INVOICE, PAYMENT, STATUS, "Document_РеализацияТоваровУслуг")
_DOCUMENT: Final = re.compile(r"Документ='([0-9a-f-]{36})'")


def paper_id(place: int) -> str:
    """1C's reference of the invoice in that place, from 1."""
    return f"1c000000-0000-4000-8000-{place:012}"


def paper_number(place: int) -> str:
    """Its number as it is printed."""
    return f"АБ00-{300 + place:06}"


def paper(place: int, amount: str, **parts: Any) -> dict[str, Any]:
    """An invoice to the client of `tests.support.sale`."""
    base: dict[str, Any] = {
        "Ref_Key": paper_id(place),
        "Number": paper_number(place),
        "Date": f"2026-03-10T12:00:{place:02}",
        "Posted": True,
        "Организация_Key": OURS,
        "Контрагент_Key": _VECTOR,
        "ДоговорКонтрагента_Key": _CONTRACT,
        "БанковскийСчет_Key": ACCOUNT,
        "ВалютаДокумента_Key": _RUB,
        "СуммаДокумента": amount,
    }
    return base | parts


def base_seed(*sums: str, **settings: Any) -> dict[str, Any]:
    """A base with our organisation, one client, and an invoice of each sum."""
    seed = default_seed("bp30").model_dump(mode="json", exclude_unset=True)
    objects = {name: rows for name, rows in seed["objects"].items() if name not in _DROPPED}
    vector = {"Ref_Key": _VECTOR, "Description": "Вектор ООО", "НаименованиеПолное": CLIENT["name"]}
    vector |= {"ИНН": CLIENT["inn"], "КПП": CLIENT["kpp"]}
    objects["Catalog_Контрагенты"] = [*objects["Catalog_Контрагенты"], vector]
    contract = {"Ref_Key": _CONTRACT, "Owner_Key": _VECTOR, "Организация_Key": OURS, "ВидДоговора": "СПокупателем"}
    kept = objects.get("Catalog_ДоговорыКонтрагентов", [])
    objects["Catalog_ДоговорыКонтрагентов"] = [*kept, {**contract, "ВалютаВзаиморасчетов_Key": _RUB}]
    account = {
        "Ref_Key": _VECTORS_ACCOUNT,
        "НомерСчета": CLIENT["account"],
        "Description": "Основной",
        "Owner": _VECTOR,
    }
    accounts = objects["Catalog_БанковскиеСчета"]
    objects["Catalog_БанковскиеСчета"] = [*accounts, {**account, "Owner_Type": "StandardODATA.Catalog_Контрагенты"}]
    objects[INVOICE] = [paper(place, amount) for place, amount in enumerate(sums, 1)]
    return {**seed, "objects": objects, "settings": {"started_at": STARTED_AT.isoformat(), **settings}}


def paper_purpose(place: int) -> str:
    """What the client writes when paying that invoice."""
    return f"Оплата по счету № {300 + place}. НДС не облагается"


def paper_transfer(bank: str, place: int, amount: str = "1000.00", **parts: Any) -> dict[str, Any]:
    """The client's payment of that invoice as an operation of a bank."""
    told = {"document_number": str(70 + place), "purpose": paper_purpose(place)}
    return transfer(bank, place, amount, **{**told, **parts})


def paper_money(place: int, amount: str = "1000.00", **parts: Any) -> Received:
    """The same as a line of a statement file."""
    named = {"day": "16.03.2026", "tax_id": CLIENT["inn"], "name": "ООО Вектор", "account": CLIENT["account"]}
    return Received(str(70 + place), amount, paper_purpose(place), **{**named, **parts})


def draft(
    place: int, amount: str = "1000.00", day: str = "2026-03-16", invoice: str | None = None, **fields: Any
) -> dict[str, Any]:
    """The accountant's document of that payment, as it is loaded from the bank: it names no invoice yet."""
    row = {"LineNumber": 1, "ДоговорКонтрагента_Key": _CONTRACT, "СуммаПлатежа": amount, "СуммаВзаиморасчетов": amount}
    row["СчетУчетаРасчетовСКонтрагентом_Key"] = _SETTLED
    return {
        "Date": f"{day}T00:00:00",
        "ВидОперации": "ОплатаПокупателя",
        "Организация_Key": OURS,
        "СчетОрганизации_Key": ACCOUNT,
        "Контрагент": _VECTOR,
        "Контрагент_Type": "StandardODATA.Catalog_Контрагенты",
        "СчетКонтрагента_Key": _VECTORS_ACCOUNT,
        "ДоговорКонтрагента_Key": _CONTRACT,
        "СуммаДокумента": amount,
        "ВалютаДокумента_Key": _RUB,
        "СчетУчетаРасчетовСКонтрагентом_Key": _SETTLED,
        "НомерВходящегоДокумента": str(70 + place),
        "ДатаВходящегоДокумента": f"{day}T00:00:00",
        "НазначениеПлатежа": paper_purpose(place),
        ROWS: [{**row, **({LINK: invoice} if invoice is not None else {})}],
        **fields,
    }


def in_base_words(control: Control) -> list[dict[str, Any]]:
    """The base's write log as `tests.support.invariants` reads it: states of invoices as their stages."""
    told: list[dict[str, Any]] = []
    for record in control.write_log.records():
        row = _translated(record)
        # A call that makes a record has no key yet: it is of what it made, the line before.
        if record.kind == "call" and record.applied and row["entity_id"] is None and told:
            row["entity_id"] = told[-1]["entity_id"]
        told.append(row)
    return told


def _translated(record: WriteRecord) -> dict[str, Any]:
    row: dict[str, Any] = record.model_dump(mode="json")
    row |= {"connection": BUH, "owner": None, "request_id": f"1c-{record.request_id}", "entity_type": "invoice"}
    named = _DOCUMENT.search(str(row.get("entity_key") or ""))
    row["entity_id"] = named.group(1) if named else None
    changed: Mapping[str, Any] = record.changed or {}
    if record.entity_type == STATUS and "Статус" in changed:
        before, after = changed["Статус"]
        row["changed"] = {"stageId": [before or UNPAID, after]}
    if record.kind == "call" and record.entity_type == STATUS:
        row["method"] = "crm.item.update"
    return row


def cash_order(place: int, amount: str = "1000.00", day: str = "2026-03-16", **fields: Any) -> dict[str, Any]:
    """The accountant's order of cash that the client brought for that invoice."""
    return {
        "Date": f"{day}T10:00:00",
        "ВидОперации": "ОплатаПокупателя",
        "Организация_Key": OURS,
        "Контрагент_Key": _VECTOR,
        "ДоговорКонтрагента_Key": _CONTRACT,
        "СуммаДокумента": amount,
        "ВалютаДокумента_Key": _RUB,
        "ПринятоОт": CLIENT["name"],
        "Основание": paper_purpose(place),
        **fields,
    }
