"""Tochka's statements: made by one call, prepared meanwhile, read by polls, gone after a day."""

from datetime import date, timedelta

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.book import day_start
from connectors.bank.sandbox.calls import Answer, Ask
from connectors.bank.sandbox.faults import StatementEnds
from connectors.bank.sandbox.tochka.access import account, account_id_of, accounts
from connectors.bank.sandbox.tochka.accounts import stamp
from connectors.bank.sandbox.tochka.envelope import absent, invalid
from connectors.bank.sandbox.tochka.prepared import Prepared, Status
from connectors.bank.sandbox.tochka.rows import transaction
from connectors.bank.sandbox.wire import Wire, iso_day, kopecks
from connectors.sandbox_kit.faults import Call
from connectors.sandbox_kit.jsontypes import as_int, as_map, as_text

_DEFAULT_LISTED = 5


def create(ask: Ask) -> Answer:
    """POST statements: a new statement in Created."""
    banks = ask.banks
    order = as_map(as_map(ask.body().get("Data")).get("Statement"))
    listed = account(ask, as_text(order.get("accountId")))
    start, end = _day(as_text(order.get("startDateTime"))), _day(as_text(order.get("endDateTime")))
    _check_period(banks, start, end)
    number = next(banks.tochka.numbers)
    prepared = Prepared(number, listed.number, start, end, banks.clock.now())
    rule = banks.faults.take([Call("tochka.statements.create")], {"statement"})
    if rule is not None and isinstance(rule.action, StatementEnds):
        prepared.ends = rule.action.ends
    if banks.settings.tochka.snapshot == "created":
        _take_rows(banks, prepared)
    banks.tochka.statements[str(number)] = prepared
    banks.log_effect("rest", "tochka.statements.create", "statement", number, account=(None, listed.number))
    return Answer({"Statement": _head(prepared, account_id_of(listed))})


def read(ask: Ask) -> Answer:
    """GET accounts/{accountId}/statements/{statementId}: one poll."""
    banks = ask.banks
    listed = account(ask, ask.params["accountId"])
    prepared = banks.tochka.statements.get(ask.params["statementId"])
    if prepared is None or prepared.account != listed.number or _expired(banks, prepared):
        raise absent("Выписка не найдена")
    prepared.polls += 1
    prepared.status = _status(banks, prepared)
    if prepared.status == "Ready" and prepared.rows is None:
        _take_rows(banks, prepared)
    shown = _whole(ask, prepared)
    return Answer({"Statement": [shown] if banks.settings.tochka.statement_form == "list" else shown})


def list_all(ask: Ask) -> Answer:
    """GET statements?limit=: the newest first. Listing is no poll."""
    limit = as_int(ask.query("limit"), _DEFAULT_LISTED)
    if limit is None or limit < 1:
        raise invalid("limit должен быть положительным числом")
    banks = ask.banks
    own = {listed.number for listed in accounts(ask)}
    live = [p for p in banks.tochka.statements.values() if p.account in own and not _expired(banks, p)]
    newest = sorted(live, key=lambda p: p.number, reverse=True)[:limit]
    return Answer({"Statement": [_whole(ask, prepared) for prepared in newest]})


def _day(text: str) -> date:
    try:
        return iso_day(text)
    except ValueError:
        raise invalid(f"Нужна дата ГГГГ-ММ-ДД, а не {text!r}") from None


def _check_period(banks: Banks, start: date, end: date) -> None:
    longest = banks.settings.tochka.max_period_days
    if end < start:
        raise invalid("Конец периода раньше начала")
    if longest is not None and (end - start).days + 1 > longest:
        raise invalid(f"Период длиннее {longest} дней")


def _expired(banks: Banks, prepared: Prepared) -> bool:
    kept = timedelta(seconds=banks.settings.tochka.statement_kept_s)
    return banks.clock.now() >= prepared.created_at + kept


def _status(banks: Banks, prepared: Prepared) -> Status:
    settings = banks.settings.tochka
    if prepared.polls <= settings.created_polls:
        return "Created"
    if prepared.polls <= settings.created_polls + settings.processing_polls or prepared.ends == "never":
        return "Processing"
    return prepared.ends


def _take_rows(banks: Banks, prepared: Prepared) -> None:
    start, end = day_start(prepared.start), day_start(prepared.end + timedelta(days=1))
    with_pending = banks.settings.tochka.fresh_form == "booked_memorial"
    book = banks.book
    prepared.opening = book.balance(prepared.account, start, with_pending=with_pending)
    prepared.closing = book.balance(prepared.account, end, with_pending=with_pending)
    # A card hold is a reserve and reaches a statement only when it settles.
    prepared.rows = [row for row in book.rows(prepared.account, start, end) if row.operation.status != "hold"]


def _head(prepared: Prepared, account_id: str) -> dict[str, Wire]:
    return {
        "accountId": account_id,
        "statementId": str(prepared.number),
        "status": prepared.status,
        "startDateTime": prepared.start.isoformat(),
        "endDateTime": prepared.end.isoformat(),
        "creationDateTime": stamp(prepared.created_at),
    }


def _whole(ask: Ask, prepared: Prepared) -> Wire:
    listed = ask.banks.book.account("tochka", prepared.account)
    assert listed is not None
    shown = _head(prepared, account_id_of(listed))
    if prepared.status == "Ready" and prepared.opening is not None and prepared.closing is not None:
        shown["startDateBalance"] = kopecks(prepared.opening)
        shown["endDateBalance"] = kopecks(prepared.closing)
        rows = prepared.rows or []
        shown["Transaction"] = [transaction(ask.banks, prepared, listed, row) for row in rows]
    return shown
