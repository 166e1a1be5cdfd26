"""Carries out what happens on the accounts: from the control API and from the fault script alike."""

from connectors.bank.sandbox.banks import Banks
from connectors.bank.sandbox.book import Lie
from connectors.bank.sandbox.faults import Add, BankAct, Cancel, Correct, Mend, Spoil
from connectors.bank.sandbox.wire import plain


def perform(banks: Banks, act: BankAct) -> int:
    """Do it and write it down; returns the operation's number. Raises NoSuchOperation, ValidationError."""
    with banks.lock:
        match act:
            case Add():
                return _add(banks, act)
            case Correct():
                return _correct(banks, act)
            case Cancel(id=number):
                banks.book.cancel(number)
                banks.log_effect("control", "cancel", "operation", number, cancelled=(False, True))
            case Spoil(id=number):
                lie = Lie(act.how, act.amount, act.other_id)
                banks.book.entry(number).lie = lie
                banks.log_effect("control", "spoil", "operation", number, shown=("true", act.how))
            case Mend(id=number):
                banks.book.entry(number).lie = None
                banks.log_effect("control", "mend", "operation", number, shown=("spoilt", "true"))
        return number


def _add(banks: Banks, act: Add) -> int:
    entry = banks.book.add(act.operation, banks.clock.now(), hooks=act.hooks)
    added = {name: (None, plain(value)) for name, value in act.operation.model_dump(exclude_defaults=True).items()}
    banks.log_effect("control", "add", "operation", entry.number, **added)
    return entry.number


def _correct(banks: Banks, act: Correct) -> int:
    before = banks.book.entry(act.id).operation.model_dump()
    given = {name: getattr(act.fields, name) for name in act.fields.model_fields_set}
    fields = {name: value for name, value in given.items() if value is not None}
    entry = banks.book.correct(act.id, fields, hooks=act.hooks)
    after = entry.operation.model_dump()
    changed = {name: (plain(before[name]), plain(after[name])) for name in after if before[name] != after[name]}
    banks.log_effect("control", "correct", "operation", act.id, **changed)
    return act.id
