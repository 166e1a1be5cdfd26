"""Checks that a seed fits together, naming each faulty field."""

from collections import Counter

from connectors.bank.sandbox.seed import Seed
from connectors.sandbox_kit.documents import DocumentError


def check_seed(seed: Seed) -> None:
    """Raises DocumentError for accounts given twice, operations on unknown accounts and numbers given twice."""
    faults = [*_accounts(seed), *_operations(seed)]
    if faults:
        raise DocumentError("\n".join(f"seed: {fault}" for fault in faults))


def _accounts(seed: Seed) -> list[str]:
    counted = Counter(account.number for account in seed.accounts)
    return [
        f"accounts[{place}].number: счёт {account.number} задан дважды"
        for place, account in enumerate(seed.accounts)
        if counted[account.number] > 1
    ]


def _operations(seed: Seed) -> list[str]:
    accounts = {account.number for account in seed.accounts}
    counted = Counter(operation.id for operation in seed.operations if operation.id is not None)
    faults = []
    for place, operation in enumerate(seed.operations):
        if operation.account not in accounts:
            faults.append(f"operations[{place}].account: счёта {operation.account} в accounts нет")
        if operation.id is not None and counted[operation.id] > 1:
            faults.append(f"operations[{place}].id: номер {operation.id} задан дважды")
    return faults
