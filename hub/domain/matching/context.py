"""What the matcher must know beyond payments and invoices: who we are, which payers are aliases, who pays for many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from hub.domain.matching.names import normal_name
from hub.domain.matching.said import Language
from hub.domain.matching.shapes import Numbering, NumberShapes
from hub.domain.matching.shared import (
    is_shared_account,
    is_shared_name,
    is_shared_tax_id,
    is_treasury,
    name_behind,
    plain_account,
)
from hub.domain.matching.table import SHIPPED, DecisionTable
from hub.domain.models import Party, Payment


@dataclass(frozen=True, slots=True)
class AliasWord:
    """Whose word an alias is, and since which day; `number` is the store's."""

    number: int
    author: str
    said_on: date


@dataclass(frozen=True, slots=True)
class MatchContext:
    """Settings of one company.

    Attributes:
        own_tax_ids: ИНН of our legal entities.
        own_accounts: our bank accounts.
        organisations: our account → ИНН of the legal entity that owns it.
        aliases: payer key (see `alias_keys`) → identities of clients (tax id or client id) that a person said it
            pays for.
        alias_words: whose word each of them is, by payer key and identity, where that is known.
        shared_tax_ids: further ИНН that pay for many (acquirers, marketplaces, treasury).
        shared_accounts: further accounts that gather other people's money.
        language: of reasons and evidence; it changes no decision.
        shapes: of our invoice numbers, as far as they were learned.
        table: says what a machine may decide; the hub's own unless the company has another.
        date_tolerance_days: how far the date of an invoice may stand from the date in the purpose; 0 means equal.
    """

    own_tax_ids: frozenset[str] = frozenset()
    own_accounts: frozenset[str] = frozenset()
    organisations: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, frozenset[str]] = field(default_factory=dict)
    alias_words: Mapping[tuple[str, str], AliasWord] = field(default_factory=dict)
    shared_tax_ids: frozenset[str] = frozenset()
    shared_accounts: frozenset[str] = frozenset()
    date_tolerance_days: int = 0
    language: Language = Language.RU
    table: DecisionTable = SHIPPED
    shapes: Numbering = field(default_factory=NumberShapes)

    def is_own_to_its_bearer(self, tax_id: str) -> bool:
        """The tax id is not that of somebody who pays for many."""
        return not is_shared_tax_id(tax_id) and tax_id not in self.shared_tax_ids

    def is_ours(self, party: Party) -> bool:
        """One of our own legal entities, by its tax id or account."""
        return party.tax_id in self.own_tax_ids or party.account in self.own_accounts

    def is_shared(self, party: Party) -> bool:
        """Money comes through somebody who pays for many, by the built-in lists or by the company's own."""
        tax_id, account = telling(party.tax_id), _account(party)
        by_account = is_shared_account(account) or account in self.shared_accounts
        by_tax_id = is_shared_tax_id(tax_id) or tax_id in self.shared_tax_ids
        return by_account or by_tax_id or is_shared_name(party.name)


@dataclass(frozen=True, slots=True)
class Payer:
    """The other side of a payment, reduced to what may identify a client.

    Attributes:
        tax_id: ИНН that speaks for this party alone; None when missing, of zeros, or shared.
        account: the same for the account.
        name_tells_apart: another name than the client's speaks against it; a treasury shortens the names it serves.
        shared: money came through a bank, treasury, acquirer or marketplace.
        aliases: identities of clients that a person said this payer pays for.
        alias_key: under which key they were found.
    """

    name: str | None
    tax_id: str | None
    kpp: str | None
    account: str | None
    shared: bool
    aliases: frozenset[str]
    alias_key: str | None = None
    name_tells_apart: bool = True


def telling(value: str | None) -> str | None:
    """A requisite that says something: not empty, not zeros."""
    if value is None:
        return None
    stripped = value.strip()
    return stripped if stripped.strip("0") else None


def _account(party: Party) -> str | None:
    account = telling(party.account)
    return None if account is None else plain_account(account)


def alias_keys(party: Party) -> tuple[str, ...]:
    """Keys under which an alias of a payer is kept, the surest first: `t:<tax id>`, `a:<account>`, `n:<name>`."""
    keys: list[str] = []
    tax_id, account = telling(party.tax_id), _account(party)
    if tax_id is not None:
        keys.append(f"t:{tax_id}")
    if account is not None:
        keys.append(f"a:{account}")
    name = normal_name(party.name) if party.name else ""
    if name:
        keys.append(f"n:{name}")
    return tuple(keys)


def _known_as(party: Party, context: MatchContext) -> str | None:
    """The surest key of a payer that has an alias. With a tax id of its own it may be a namesake: no name tells it."""
    by_name = telling(party.tax_id) is None
    keys = (key for key in alias_keys(party) if by_name or not key.startswith("n:"))
    return next((key for key in keys if key in context.aliases), None)


def payer_of(payment: Payment, context: MatchContext) -> Payer:
    """Who stands on the other side, with everything shared taken away."""
    party = payment.counterparty
    tax_id, account = telling(party.tax_id), _account(party)
    shared = context.is_shared(party)
    known_as = _known_as(party, context) if context.aliases and not shared else None
    return Payer(
        name=name_behind(party) if shared else party.name,
        name_tells_apart=not is_treasury(party),
        tax_id=None if shared else tax_id,
        kpp=None if shared else telling(party.kpp),
        account=None if shared else account,
        shared=shared,
        aliases=frozenset() if known_as is None else context.aliases[known_as],
        alias_key=known_as,
    )


def own_tax_id(payment: Payment, context: MatchContext) -> str | None:
    """ИНН of our legal entity that the money came to (or went from), where known."""
    if payment.organisation_tax_id:
        return telling(payment.organisation_tax_id)
    ours = payment.payer if payment.counterparty is payment.payee else payment.payee
    for account in (payment.own_account, ours.account):
        if account is not None and account in context.organisations:
            return context.organisations[account]
    return telling(ours.tax_id)
