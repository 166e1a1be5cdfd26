"""The least that reading a base can cost: the same documents page by page with httpx, looked at by nobody."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote

import httpx

from benchmarks.accounting.base import Base

_ROWS: Final = 200
_BP30: Final = {
    "Catalog_Контрагенты": "Ref_Key,Description,НаименованиеПолное,ИНН,КПП,IsFolder,DeletionMark",
    "Catalog_БанковскиеСчета": "Ref_Key,НомерСчета,Owner,Owner_Type,DeletionMark",
    "Catalog_ДоговорыКонтрагентов": "Ref_Key,Номер,Дата,ВалютаВзаиморасчетов_Key",
    "Document_СчетНаОплатуПокупателю": (
        "Ref_Key,DataVersion,DeletionMark,Posted,Number,Date,Организация_Key,Контрагент_Key,ДоговорКонтрагента_Key,"
        "СуммаДокумента,ВалютаДокумента_Key"
    ),
    "Document_ПоступлениеНаРасчетныйСчет": "Ref_Key,DataVersion,DeletionMark,Posted,Date,РасшифровкаПлатежа",
    "InformationRegister_СтатусыДокументов": "*",
}


@dataclass(frozen=True, slots=True)
class PlainRead:
    """What the plain reading took."""

    seconds: float
    requests: int
    rows: int


def read_plainly(base: Base) -> PlainRead:
    """Every set, one page after another, over one connection."""
    began, requests, rows = time.perf_counter(), 0, 0
    with httpx.Client(auth=httpx.BasicAuth(base.user.encode(), base.password.encode()), timeout=60) as http:
        for name, fields in _BP30.items():
            skip = 0
            while True:
                page = _page(http, base, name, fields, skip)
                requests, rows = requests + 1, rows + page
                skip += page
                if page < _ROWS:
                    break
    return PlainRead(time.perf_counter() - began, requests, rows)


def _page(http: httpx.Client, base: Base, name: str, fields: str, skip: int) -> int:
    order = "" if name.startswith("InformationRegister") else "&$orderby=Ref_Key"
    options = f"$format=json&$select={quote(fields, safe=',*')}{order}&$top={_ROWS}&$skip={skip}"
    reply = http.get(f"{base.base_url}/{quote(name)}?{options}")
    reply.raise_for_status()
    return len(reply.json()["value"])
