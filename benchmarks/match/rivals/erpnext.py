"""ERPNext's bank reconciliation tool: for a bank line one query a kind of document, each by the equal amount."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from benchmarks.match.rivals.shape import Cursor, Rival, Shape, TableRow
from hub.domain.models import Invoice, InvoiceStatus, Payment

_ACCOUNT: Final = "Расчётный счёт - НФ"
#: What the framework puts into every table of documents.
_COMMON: Final = """
    name varchar(140) NOT NULL PRIMARY KEY, creation timestamp(6), modified timestamp(6), modified_by varchar(140),
    owner varchar(140), docstatus smallint NOT NULL DEFAULT 0, parent varchar(140), parentfield varchar(140),
    parenttype varchar(140), idx bigint NOT NULL DEFAULT 0"""
_TABLES: Final = (
    f"""CREATE TABLE "tabSales Invoice" ({_COMMON}, customer varchar(140), customer_name varchar(140),
        tax_id varchar(140), company varchar(140), posting_date date, due_date date, currency varchar(140),
        status varchar(140), grand_total decimal(21, 9), outstanding_amount decimal(21, 9))""",
    f"""CREATE TABLE "tabSales Invoice Payment" ({_COMMON}, mode_of_payment varchar(140), amount decimal(21, 9),
        account varchar(140), type varchar(140), base_amount decimal(21, 9), clearance_date date,
        "default" smallint)""",
    f"""CREATE TABLE "tabPayment Entry" ({_COMMON}, payment_type varchar(140), posting_date date,
        party_type varchar(140), party varchar(140), paid_from varchar(140), paid_to varchar(140),
        paid_to_account_currency varchar(140), paid_amount decimal(21, 9), reference_no varchar(140),
        reference_date date, clearance_date date)""",
    f"""CREATE TABLE "tabJournal Entry" ({_COMMON}, posting_date date, cheque_no varchar(140), cheque_date date,
        pay_to_recd_from varchar(140), clearance_date date)""",
    f"""CREATE TABLE "tabJournal Entry Account" ({_COMMON}, account varchar(140), party_type varchar(140),
        party varchar(140), account_currency varchar(140), debit_in_account_currency decimal(21, 9),
        credit_in_account_currency decimal(21, 9))""",
)
_INDEXES: Final = (
    'CREATE INDEX ON "tabSales Invoice" (customer)',
    'CREATE INDEX ON "tabSales Invoice" (posting_date)',
    'CREATE INDEX ON "tabPayment Entry" (party_type)',
    'CREATE INDEX ON "tabPayment Entry" (reference_date)',
    'CREATE INDEX ON "tabJournal Entry Account" (account)',
    'CREATE INDEX ON "tabJournal Entry Account" (party_type)',
)

_PAYMENT_ENTRIES: Final = """
SELECT (CASE WHEN reference_no = %s THEN 1 ELSE 0 END) + (CASE WHEN party_type = 'Customer' AND party = %s THEN 1
        ELSE 0 END) + 1 AS rank, 'Payment Entry', name, paid_amount, reference_no, reference_date, party, party_type,
        posting_date, paid_to_account_currency
FROM "tabPayment Entry"
WHERE paid_amount = %s AND docstatus = 1 AND payment_type IN ('Receive', 'Internal Transfer')
  AND clearance_date IS NULL AND paid_to = %s
ORDER BY posting_date"""
_JOURNAL_ENTRIES: Final = """
SELECT (CASE WHEN entry.cheque_no = %s THEN 1 ELSE 0 END) + 1 AS rank, 'Journal Entry', entry.name,
       line.debit_in_account_currency, entry.cheque_no, entry.cheque_date, entry.pay_to_recd_from, line.party_type,
       entry.posting_date, line.account_currency
FROM "tabJournal Entry Account" line JOIN "tabJournal Entry" entry ON line.parent = entry.name
WHERE entry.clearance_date IS NULL AND line.account = %s AND line.debit_in_account_currency = %s
  AND entry.docstatus = 1
ORDER BY entry.posting_date"""
_SALES_INVOICES: Final = """
SELECT (CASE WHEN invoice.customer = %s THEN 1 ELSE 0 END) + 1 AS rank, 'Sales Invoice', invoice.name, paid.amount, '',
       '', invoice.customer, 'Customer', invoice.posting_date, invoice.currency
FROM "tabSales Invoice Payment" paid JOIN "tabSales Invoice" invoice ON paid.parent = invoice.name
WHERE paid.clearance_date IS NULL AND paid.account = %s AND paid.amount = %s AND invoice.docstatus = 1"""


def invoice_query(payment: Payment) -> tuple[str, Sequence[object]]:
    return _SALES_INVOICES, [payment.payer.name, _ACCOUNT, payment.amount.amount]


def _look(cursor: Cursor, payment: Payment) -> None:
    amount, party, number = payment.amount.amount, payment.payer.name, payment.document_number or ""
    found = cursor.execute(_PAYMENT_ENTRIES, [number, party, amount, _ACCOUNT]).fetchall()
    found += cursor.execute(_JOURNAL_ENTRIES, [number, _ACCOUNT, amount]).fetchall()
    found += cursor.execute(*invoice_query(payment)).fetchall()
    found.sort(key=lambda row: int(str(row[0])), reverse=True)


def _rows(invoices: Iterable[Invoice]) -> Iterator[TableRow]:
    """Every invoice with the row that the tool finds it by; a paid one also with its cleared payment."""
    for number, invoice in enumerate(invoices, start=1):
        yield from _invoice_rows(number, invoice)
        if invoice.status is InvoiceStatus.PAID:
            yield "tabPayment Entry", _payment_entry(number, invoice)


def _made(name: str, invoice: Invoice) -> dict[str, object]:
    stamp = {"creation": invoice.issued_on, "modified": invoice.issued_on}
    cancelled = invoice.status is InvoiceStatus.CANCELLED
    who = {"modified_by": "Administrator", "owner": "Administrator"}
    return {"name": name, **stamp, **who, "docstatus": 2 if cancelled else 1}


def _invoice_rows(number: int, invoice: Invoice) -> Iterator[TableRow]:
    client, amount = invoice.client, invoice.amount.amount
    name = f"ACC-SINV-2026-{number:07d}"
    yield (
        "tabSales Invoice",
        _made(name, invoice)
        | {
            "customer": client.names[0] if client else None,
            "customer_name": client.names[0] if client else None,
            "tax_id": client.main_tax_id if client else None,
            "company": "Наша фирма",
            "posting_date": invoice.issued_on,
            "due_date": invoice.due_on,
            "currency": invoice.amount.currency,
            "status": invoice.status.value.title(),
            "grand_total": amount,
            "outstanding_amount": invoice.open_amount.amount,
        },
    )
    cleared = invoice.issued_on if invoice.status is InvoiceStatus.PAID else None
    yield (
        "tabSales Invoice Payment",
        _made(f"{number:010x}", invoice)
        | {
            "parent": name,
            "parentfield": "payments",
            "parenttype": "Sales Invoice",
            "idx": 1,
            "mode_of_payment": "Wire Transfer",
            "amount": amount,
            "account": _ACCOUNT,
            "type": "Bank",
            "base_amount": amount,
            "clearance_date": cleared,
        },
    )


def _payment_entry(number: int, invoice: Invoice) -> dict[str, object]:
    party = invoice.client.names[0] if invoice.client else None
    return _made(f"ACC-PAY-2026-{number:07d}", invoice) | {
        "payment_type": "Receive",
        "posting_date": invoice.issued_on,
        "party_type": "Customer",
        "party": party,
        "paid_from": "Дебиторы - НФ",
        "paid_to": _ACCOUNT,
        "paid_to_account_currency": invoice.amount.currency,
        "paid_amount": invoice.amount.amount,
        "reference_no": str(number),
        "reference_date": invoice.issued_on,
        "clearance_date": invoice.issued_on,
    }


ERPNEXT: Final = Rival(
    name="ERPNext bank_reconciliation_tool",
    upstream=(
        "frappe/erpnext: erpnext/accounts/doctype/bank_reconciliation_tool/bank_reconciliation_tool.py "
        "@ 91b08f179a4e29f3b9400190faa50154cc587709, get_matching_queries",
        "indexes: search_index of the doctypes in frappe/erpnext (sales_invoice.json, sales_invoice_payment.json, "
        "payment_entry.json, journal_entry_account.json), made by frappe/frappe: frappe/database/postgres/schema.py "
        "@ 71405dd4aaec6ec7169bc75424f25f1948b1e62f",
    ),
    tables=_TABLES,
    indexes=_INDEXES,
    rows=_rows,
    shapes=(Shape("equal amount, three queries a line", _look, invoice_query),),
)
