"""OCA's reconciliation for Odoo: digits of the payment's words, compared in SQL with the digits of every open line."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from benchmarks.match.rivals.shape import Cursor, Rival, Shape, TableRow
from hub.domain.models import Invoice, InvoiceStatus, Payment

_LEAST_TOKEN: Final = 4
_UNWORDLY: Final = re.compile(r"[^0-9a-zA-Z]")
_RECEIVABLE, _COMPANY, _CURRENCY, _JOURNAL = 1, 1, 1, 1

_TABLES: Final = (
    """CREATE TABLE account_account (id serial PRIMARY KEY, code varchar, account_type varchar, reconcile boolean)""",
    """CREATE TABLE res_partner (
        id serial PRIMARY KEY, name varchar, complete_name varchar, parent_id integer, company_id integer, vat varchar,
        active boolean)""",
    """CREATE TABLE res_partner_bank (
        id serial PRIMARY KEY, partner_id integer NOT NULL, acc_number varchar, sanitized_acc_number varchar,
        company_id integer, sequence integer, active boolean, UNIQUE (sanitized_acc_number, partner_id))""",
    """CREATE TABLE account_move (
        id serial PRIMARY KEY, name varchar, ref varchar, state varchar, move_type varchar, date date,
        journal_id integer, company_id integer, currency_id integer, partner_id integer, amount_total numeric)""",
    """CREATE TABLE account_move_line (
        id serial PRIMARY KEY, move_id integer NOT NULL, journal_id integer, company_id integer, account_id integer,
        currency_id integer, partner_id integer, payment_id integer, statement_line_id integer,
        full_reconcile_id integer, move_name varchar, parent_state varchar, ref varchar, name varchar,
        matching_number varchar, display_type varchar, date date, date_maturity date, debit numeric, credit numeric,
        balance numeric, amount_currency numeric, amount_residual numeric, amount_residual_currency numeric,
        reconciled boolean)""",
)
_INDEXES: Final = (
    "CREATE INDEX ON res_partner (name)",
    "CREATE INDEX ON res_partner (parent_id)",
    "CREATE INDEX ON res_partner_bank (partner_id)",
    "CREATE INDEX ON account_move_line (move_id)",
    "CREATE INDEX ON account_move_line (journal_id)",
    "CREATE INDEX ON account_move_line (company_id)",
    "CREATE INDEX ON account_move_line (move_name)",
    "CREATE INDEX ON account_move_line (matching_number)",
    "CREATE INDEX ON account_move_line (date_maturity)",
    "CREATE INDEX ON account_move_line (payment_id) WHERE payment_id IS NOT NULL",
    "CREATE INDEX ON account_move_line (statement_line_id) WHERE statement_line_id IS NOT NULL",
    "CREATE INDEX ON account_move_line (full_reconcile_id) WHERE full_reconcile_id IS NOT NULL",
    "CREATE INDEX ON account_move_line (partner_id, ref)",
    "CREATE INDEX ON account_move_line (date DESC, move_name DESC, id)",
    "CREATE INDEX ON account_move_line (account_id, partner_id) WHERE reconciled IS NOT TRUE",
    "CREATE INDEX ON account_move_line (journal_id) WHERE amount_residual < 0",
    "CREATE INDEX ON account_move_line (account_id, date)",
)

#: Which lines may be matched at all; `{partner}` narrows them to a client that is known.
_OPEN: Final = """
    FROM account_move_line line JOIN account_account account ON account.id = line.account_id
    WHERE line.display_type NOT IN ('line_section', 'line_note') AND line.parent_state = 'posted'
      AND line.company_id IN (1) AND line.reconciled IS NOT TRUE AND line.account_id IN (1)
      AND (account.account_type NOT IN ('asset_receivable', 'liability_payable') OR line.payment_id IS NULL)
      AND line.balance > 0 AND line.currency_id = 1 {partner}"""
_BY_TOKENS: Final = """
WITH open_line AS (
    SELECT line.id, line.date, line.date_maturity, line.name {open})
SELECT word.id, count(*) AS hits
FROM (
    SELECT id, date, date_maturity, unnest(regexp_split_to_array(
        substring(regexp_replace(name, '[^0-9\\s]', '', 'g') FROM '\\S(?:.*\\S)*'), '\\s+')) AS token
    FROM open_line WHERE name IS NOT NULL
    {exact}) AS word
WHERE word.token = ANY(%s)
GROUP BY word.date_maturity, word.date, word.id
ORDER BY hits DESC, word.date_maturity, word.date, word.id"""
_EXACT: Final = "UNION ALL SELECT id, date, date_maturity, name FROM open_line WHERE coalesce(name, '') <> ''"
_BY_AMOUNT: Final = """
SELECT line.id {open} AND round(line.amount_residual, 2) = round(%s, 2)
ORDER BY line.date_maturity, line.date, line.id"""
_BY_PARTNER: Final = "SELECT line.id {open} ORDER BY line.date_maturity, line.date, line.id"

_PARTNER_BY_ACCOUNT: Final = """
SELECT id, partner_id FROM res_partner_bank WHERE active AND sanitized_acc_number ILIKE %s {company}
ORDER BY sequence, id"""
_PARTNER_BY_NAME: Final = """
SELECT id FROM res_partner WHERE active AND parent_id IS NULL AND name ILIKE %s {company}
ORDER BY complete_name, id DESC LIMIT 1"""
_OF_COMPANY: Final = "AND company_id = 1"


def _tokens(text: str) -> tuple[list[str], list[str]]:
    """Runs of at least four digits, one a word of the text, and the whole text where it is one word."""
    words = text.split()
    kept = [_UNWORDLY.sub("", word) for word in words]
    digits = ["".join(filter(str.isdecimal, word)) for word in kept if len(word) >= _LEAST_TOKEN]
    return [run for run in digits if len(run) >= _LEAST_TOKEN], [text] if len(words) == 1 else []


def main_query(payment: Payment, partner: int | None) -> tuple[str, Sequence[object]]:
    narrowed = _OPEN.format(partner="" if partner is None else "AND line.partner_id = %s")
    known = [] if partner is None else [partner]
    runs, exact = _tokens(payment.purpose)
    if runs or exact:
        statement = _BY_TOKENS.format(open=narrowed, exact=_EXACT if exact else "")
        return statement, [*known, runs + exact]
    if partner is None:
        return _BY_AMOUNT.format(open=narrowed), [payment.amount.amount]
    return _BY_PARTNER.format(open=narrowed), known


def _look_without_partner(cursor: Cursor, payment: Payment) -> None:
    cursor.execute(*main_query(payment, None)).fetchall()


def _look_with_partner(cursor: Cursor, payment: Payment) -> None:
    cursor.execute(*main_query(payment, partner_of(cursor, payment))).fetchall()


def partner_of(cursor: Cursor, payment: Payment) -> int | None:
    """Whose account it is, else whose name is like the payer's: first among the company's own, then among all."""
    payer = payment.payer
    if payer.account:
        for company in (_OF_COMPANY, ""):
            rows = cursor.execute(_PARTNER_BY_ACCOUNT.format(company=company), [f"%{payer.account}%"]).fetchall()
            owners = {int(str(owner)) for _, owner in rows}
            if len(owners) == 1:
                return owners.pop()
    if payer.name:
        for company in (_OF_COMPANY, ""):
            row = cursor.execute(_PARTNER_BY_NAME.format(company=company), [f"%{payer.name}%"]).fetchone()
            if row is not None:
                return int(str(row[0]))
    return None


def _rows(invoices: Iterable[Invoice]) -> Iterator[TableRow]:
    """One receivable line an invoice; lines of goods and VAT, which Odoo has besides, would only slow it."""
    yield "account_account", {"id": _RECEIVABLE, "code": "62", "account_type": "asset_receivable", "reconcile": True}
    partners: dict[str, int] = {}
    for number, invoice in enumerate(invoices, start=1):
        client = invoice.client
        if client is not None and client.id not in partners:
            partners[client.id] = len(partners) + 1
            yield from _partner_rows(partners[client.id], client.names[0], client.main_tax_id, client.accounts)
        yield from _move_rows(number, invoice, partners[client.id] if client else None)


def _partner_rows(number: int, name: str, tax_id: str | None, accounts: Sequence[str]) -> Iterator[TableRow]:
    named = {"id": number, "name": name, "complete_name": name, "parent_id": None, "company_id": None}
    yield "res_partner", {**named, "vat": tax_id, "active": True}
    for account in accounts:
        written = {"partner_id": number, "acc_number": account, "sanitized_acc_number": account}
        yield "res_partner_bank", {**written, "company_id": None, "sequence": 10, "active": True}


def _move_rows(number: int, invoice: Invoice, partner: int | None) -> Iterator[TableRow]:
    amount, open_amount = invoice.amount.amount, invoice.open_amount.amount
    contract = invoice.references[0].number if invoice.references else None
    shared = {
        "journal_id": _JOURNAL,
        "company_id": _COMPANY,
        "currency_id": _CURRENCY,
        "partner_id": partner,
        "date": invoice.issued_on,
        "ref": contract,
    }
    state = "cancel" if invoice.status is InvoiceStatus.CANCELLED else "posted"
    move = {"id": number, "name": invoice.number, "state": state, "move_type": "out_invoice", "amount_total": amount}
    yield "account_move", {**shared, **move}
    line = {
        "id": number,
        "move_id": number,
        "account_id": _RECEIVABLE,
        "move_name": invoice.number,
        "parent_state": state,
        "name": invoice.number,
        "display_type": "payment_term",
        "date_maturity": invoice.due_on or invoice.issued_on,
        "debit": amount,
        "credit": 0,
        "balance": amount,
        "amount_currency": amount,
        "amount_residual": open_amount,
        "amount_residual_currency": open_amount,
        "reconciled": not open_amount and state == "posted",
        "matching_number": None if open_amount else str(number),
    }
    yield "account_move_line", {**shared, **line}


OCA: Final = Rival(
    name="OCA account_reconcile_model_oca (Odoo)",
    upstream=(
        "OCA/account-reconcile: account_reconcile_model_oca/models/account_reconcile_model.py "
        "@ bef8b0bff3d2f858735963e3fee0173c741c8bb6, _get_invoice_matching_amls_candidates",
        "OCA/account-reconcile: account_reconcile_model_oca/models/account_bank_statement_line.py "
        "@ 0fb7c6a3c19f6b83267c251b602012dbe04a10bf, _retrieve_partner",
        "indexes: odoo/odoo: addons/account/models/account_move_line.py @ 000b8267e067d35fd9b9e6332d3ebd0a5d944a30",
    ),
    tables=_TABLES,
    indexes=_INDEXES,
    rows=_rows,
    shapes=(
        Shape("tokens, whoever pays", _look_without_partner, lambda payment: main_query(payment, None)),
        Shape("payer by account or name, then its tokens", _look_with_partner, lambda payment: main_query(payment, 1)),
    ),
)
