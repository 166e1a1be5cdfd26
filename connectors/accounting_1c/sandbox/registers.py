"""What posting a document writes into registers, and what it checks first."""

from decimal import Decimal
from typing import TypeAlias

from connectors.accounting_1c.sandbox.base import Base
from connectors.accounting_1c.sandbox.configurations import bp30, ut11
from connectors.accounting_1c.sandbox.model import Table
from connectors.accounting_1c.sandbox.values import ZERO_GUID, Row, Scalar

#: Records by register; a text is the reason why the document cannot be posted.
Records: TypeAlias = dict[str, list[Row]]

_BREAKDOWN = "РасшифровкаПлатежа"
_PAID = "UnavailableEnums.СтатусОплатыСчета"


def records_of(base: Base, table: Table, row: Row) -> Records | str:
    """The records of a document that is being posted, or the reason for a refusal."""
    match table.name:
        case bp30.PAYMENT:
            return _bp_payment(base, row)
        case ut11.ORDER | ut11.INVOICE:
            return _ut_claim(table, row)
        case ut11.PAYMENT:
            return _ut_payment(row)
        case _:
            return {}


def replace_records(base: Base, table: Table, row: Row, records: Records) -> None:
    """The document's records become these: one set a register, empty ones are gone."""
    recorder = (row.text("Ref_Key"), table.type_name)
    for register in base.configuration.tables.values():
        if register.kind != "recorder":
            continue
        found = records.get(register.name, [])
        had = base.store.find(register, recorder) is not None
        if not found and not had:
            continue
        if found:
            base.store.put(register, _record_set(register, recorder, row, found))
        else:
            base.store.drop(register, recorder)
        base.exchange.register(register, recorder, deleted=not found)


def _record_set(register: Table, recorder: tuple[str, str], row: Row, records: list[Row]) -> Row:
    rows = register.parts["RecordSet"]
    for number, record in enumerate(records, 1):
        record.values |= {
            "Recorder": recorder[0],
            "Recorder_Type": recorder[1],
            "Period": row.text("Date"),
            "LineNumber": number,
            "Active": True,
        }
        assert set(record.values) <= set(rows.properties)
    return Row({"Recorder": recorder[0], "Recorder_Type": recorder[1]}, {"RecordSet": records})


def _bp_payment(base: Base, row: Row) -> Records | str:
    rows = row.parts.get(_BREAKDOWN, [])
    total = sum((each.number("СуммаПлатежа") for each in rows), Decimal(0))
    if rows and total != row.number("СуммаДокумента"):
        return 'Сумма по строкам в табличной части "Расшифровка платежа" не совпадает с суммой документа!'
    missing = _missing(row, rows)
    if missing:
        if base.settings.incomplete_payment == "fails":
            return f'Поле "{missing}" не заполнено'
        # Forms fill accounts in, OData does not: the document is posted and moves nothing.
        return {}
    return {
        bp30.PAID_INVOICES: [
            Row(
                {
                    "Организация_Key": row.text("Организация_Key"),
                    "СчетНаОплату_Key": each.text("СчетНаОплату_Key"),
                    "Сумма": each.number("СуммаПлатежа"),
                }
            )
            for each in rows
            if each.values.get("СчетНаОплату_Key", ZERO_GUID) != ZERO_GUID
        ]
    }


def _missing(row: Row, rows: list[Row]) -> str:
    if row.values.get("СчетОрганизации_Key", ZERO_GUID) == ZERO_GUID:
        return "Банковский счет"
    if not rows:
        return "Расшифровка платежа"
    for field, title in (
        ("ДоговорКонтрагента_Key", "Договор"),
        ("СчетУчетаРасчетовСКонтрагентом_Key", "Счет расчетов"),
        ("СчетУчетаРасчетовПоАвансам_Key", "Счет авансов"),
    ):
        if any(each.values.get(field, ZERO_GUID) == ZERO_GUID for each in rows):
            return title
    return ""


def follow_payment(base: Base, table: Table, payment: Row) -> None:
    """Where statuses follow payments: that of each invoice of a payment, from all posted rows that name it."""
    if table.name != bp30.PAYMENT or not base.settings.statuses_follow_payments:
        return
    statuses = base.store.table(bp30.STATUSES)
    for key in {each.text("СчетНаОплату_Key") for each in payment.parts.get(_BREAKDOWN, [])} - {"", ZERO_GUID}:
        found = base.store.follow((bp30.INVOICE,), key)
        if found is None:
            continue
        paid = _paid(base, key)
        status = "НеОплачен" if not paid else "Оплачен"
        if Decimal(0) < paid < found[1].number("СуммаДокумента"):
            status = "ОплаченЧастично"
        values: dict[str, Scalar] = {
            "Организация_Key": found[1].text("Организация_Key"),
            "Документ": key,
            "Документ_Type": f"StandardODATA.{bp30.INVOICE}",
            "Статус": status,
            "Статус_Type": _PAID,
        }
        base.store.put(statuses, Row(values))
        base.exchange.register(statuses, tuple(str(values[name]) for name in statuses.key), deleted=False)


def _paid(base: Base, invoice: str) -> Decimal:
    payments = base.store.rows[bp30.PAYMENT].values()
    return sum(
        (
            each.number("СуммаПлатежа")
            for payment in payments
            if payment.flag("Posted")
            for each in payment.parts.get(_BREAKDOWN, ())
            if each.values.get("СчетНаОплату_Key") == invoice
        ),
        Decimal(0),
    )


def _ut_claim(table: Table, row: Row) -> Records | str:
    if row.values.get("Организация_Key", ZERO_GUID) == ZERO_GUID:
        return 'Поле "Организация" не заполнено'
    if table.name == ut11.INVOICE:
        return {}
    total = row.number("СуммаДокумента")
    claim = {**_settled(row.text("ОбъектРасчетов_Key"), row), "КОплате": total, "RecordType": "Receipt"}
    return {ut11.SETTLEMENTS: [Row({**claim, "Сумма": total})], ut11.SCHEDULE: [Row(dict(claim))]}


def _ut_payment(row: Row) -> Records | str:
    rows = row.parts.get(_BREAKDOWN, [])
    total = sum((each.number("Сумма") for each in rows), Decimal(0))
    if total != row.number("СуммаДокумента"):
        return 'Сумма по строкам в табличной части "Расшифровка платежа" не совпадает с суммой документа!'
    if not row.flag("ПроведеноБанком"):
        return {}
    paid: list[Row] = []
    planned: list[Row] = []
    for each in rows:
        amount = each.number("Сумма")
        one = {**_settled(each.text("ОбъектРасчетов_Key"), row), "КОплате": amount, "RecordType": "Expense"}
        paid.append(Row({**one, "Сумма": amount}))
        planned.append(Row(dict(one)))
    return {ut11.SETTLEMENTS: paid, ut11.SCHEDULE: planned}


def _settled(subject: str, row: Row) -> dict[str, Scalar]:
    return {
        "АналитикаУчетаПоПартнерам_Key": ZERO_GUID,
        "ОбъектРасчетов_Key": subject or ZERO_GUID,
        "Валюта_Key": row.text("Валюта_Key") or ZERO_GUID,
    }
