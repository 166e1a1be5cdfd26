"""The payer and the payee of a document."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, NamedTuple

from connectors.bank.formats.client_bank_exchange.direction import Side
from connectors.bank.formats.client_bank_exchange.keys import PAYEE, PAYER
from connectors.bank.formats.client_bank_exchange.lexer import Section
from connectors.bank.formats.client_bank_exchange.names import party_name
from connectors.bank.formats.client_bank_exchange.values import (
    bic_or_none,
    code_or_none,
    is_masked,
    normal_account,
    tax_id_or_none,
)
from connectors.bank.quality import party_doubts
from hub.domain.models import Party

_WHOSE: Final = {PAYER: "плательщика", PAYEE: "получателя"}
_SUFFIXES: Final = ("1", "", "ИНН", "КПП", "Счет", "РасчСчет", "2", "БИК", "Банк1", "Банк2", "3")


# Values of usual length repeat from document to document; longer ones are damage and would only fill the memory.
_WORTH_KEEPING: Final = 1_000


class PartySide(NamedTuple):
    """One side: as the domain wants it, with every account for the question whose it is, and with doubts."""

    party: Party
    side: Side
    doubts: tuple[str, ...]


def read_party(section: Section, side: str) -> PartySide:
    """The side whose keys begin with `Плательщик` or `Получатель`."""
    get = section.fields.get
    values = tuple([get(side + suffix, "") for suffix in _SUFFIXES])
    if sum(map(len, values)) > _WORTH_KEEPING:
        return _build(side, values)
    return _remembered(side, values)


@lru_cache(maxsize=4096)
def _remembered(side: str, values: tuple[str, ...]) -> PartySide:
    return _build(side, values)


def _build(side: str, values: tuple[str, ...]) -> PartySide:
    first, full, tax_id, kpp, account, bank_account, second, bic, bank, city, third = values
    short_name, full_name = party_name(first), party_name(full)
    inn = tax_id_or_none(tax_id) or short_name.tax_id or full_name.tax_id
    accounts = _accounts(account, bank_account, second)
    party = Party(
        name=short_name.name or full_name.name,
        tax_id=inn,
        kpp=code_or_none(kpp) or short_name.kpp or full_name.kpp,
        account=_identity(accounts),
        bic=bic_or_none(bic),
        bank_name=", ".join(part for part in (bank, city) if part) or third or None,
    )
    return PartySide(party, Side(accounts, inn), party_doubts(_WHOSE[side], party))


def _accounts(account: str, bank_account: str, second: str) -> tuple[str, ...]:
    """Accounts in the order of trust; `Плательщик2` is one only in indirect settlement, when it is 20 digits."""
    indirect = normal_account(second)
    if indirect is not None and not (len(indirect) == 20 and indirect.isdigit()):
        indirect = None
    found = (normal_account(account), normal_account(bank_account), indirect)
    return tuple(dict.fromkeys(item for item in found if item is not None))


def _identity(accounts: tuple[str, ...]) -> str | None:
    """The party's own account: never a masked one, and a bank's inner account (30…) only for want of another."""
    full = [account for account in accounts if not is_masked(account)]
    return next((account for account in full if not account.startswith("30")), full[0] if full else None)
