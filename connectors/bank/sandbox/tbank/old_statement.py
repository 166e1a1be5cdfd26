"""T-Bank's old statement method, still alive: days instead of moments, other names, no pages."""

from datetime import date, timedelta
from decimal import Decimal

from connectors.bank.sandbox.book import Row, day_start, moscow_day
from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.seed import Account, Party
from connectors.bank.sandbox.settings import TBankSettings
from connectors.bank.sandbox.tbank.envelope import invalid
from connectors.bank.sandbox.tbank.queries import account
from connectors.bank.sandbox.tbank.rows import VO_CODES, operation_id, own_party
from connectors.bank.sandbox.wire import Wire, filled, iso_day, kopecks

_MOST_ROWS = 50_000


def bank_statement(ask: Ask) -> Answer:
    """GET api/v1/bank-statement."""
    listed, book = account(ask), ask.banks.book
    today = moscow_day(ask.banks.clock.now())
    till = _day(ask, "till", today)
    since = _day(ask, "from", till - timedelta(days=30))
    if till < since:
        raise invalid("till раньше from")
    start, end = day_start(since), day_start(till + timedelta(days=1))
    rows = [row for row in book.rows(listed.number, start, end) if row.operation.status == "booked"]
    opening, closing = book.balance(listed.number, start), book.balance(listed.number, end)
    return Answer(
        {
            "accountNumber": listed.number,
            "saldoIn": kopecks(opening),
            "income": kopecks(_sum(rows, "in")),
            "outcome": kopecks(_sum(rows, "out")),
            "saldoOut": kopecks(closing),
            "operation": [_row(ask.banks.settings.tbank, listed, row) for row in rows[:_MOST_ROWS]],
        }
    )


def _day(ask: Ask, name: str, default: date) -> date:
    text = ask.query(name)
    try:
        return iso_day(text) if text else default
    except ValueError:
        raise invalid(f"{name}: нужна дата ГГГГ-ММ-ДД") from None


def _sum(rows: list[Row], direction: str) -> Decimal:
    return sum((row.amount for row in rows if row.operation.direction == direction), Decimal(0))


def _row(settings: TBankSettings, listed: Account, row: Row) -> Wire:
    moved, ours = row.operation, own_party(listed)
    payer, recipient = (moved.counterparty, ours) if moved.direction == "in" else (ours, moved.counterparty)
    day = moscow_day(row.at).isoformat()
    fields: dict[str, Wire] = {
        "operationId": operation_id(settings, row),
        "id": moved.document_number,
        "date": (moved.document_date or moscow_day(row.at)).isoformat(),
        "amount": kopecks(row.amount),
        "drawDate": day,
        "chargeDate": day,
        "operationType": VO_CODES[moved.kind],
        "paymentPurpose": moved.purpose,
    }
    return filled(fields | _side("payer", payer, "payerName") | _side("recipient", recipient, "recipient"))


def _side(role: str, party: Party, name_field: str) -> dict[str, Wire]:
    return {
        name_field: party.name,
        f"{role}Inn": party.inn,
        f"{role}Kpp": party.kpp,
        f"{role}Account": party.account,
        f"{role}Bic": party.bic,
        f"{role}Bank": party.bank_name,
        f"{role}CorrAccount": party.correspondent_account,
    }
