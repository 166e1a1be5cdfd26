"""Who pays: by what a payer is recognised among the clients of the invoices, and why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from hub.domain.matching.context import MatchContext, telling
from hub.domain.matching.judge import Question, ask, client_verdict
from hub.domain.matching.keys import identities
from hub.domain.matching.names import name_tokens
from hub.domain.matching.reader import read_purpose
from hub.domain.matching.verdicts import CLIENT_ORDER, ClientVerdict
from hub.domain.models import Client, Payment

#: A word that so many clients have in their names tells none of them.
_MOST_BY_WORD: Final = 200


class Recognition(StrEnum):
    """By what a payer is known, the surest first; then why it is not."""

    TAX_ID = "tax_id"
    BRANCH = "branch"
    ACCOUNT = "account"
    ALIAS = "alias"
    TAX_ID_IN_TEXT = "tax_id_in_text"
    NAME = "name"
    FOR_ANOTHER = "for_another"
    SHARED = "shared"
    NO_REQUISITES = "no_requisites"
    NO_CLIENT = "no_client"


#: Enough to decide by, where the invoice agrees.
RECOGNISED: Final = frozenset(
    {
        Recognition.TAX_ID,
        Recognition.BRANCH,
        Recognition.ACCOUNT,
        Recognition.ALIAS,
        Recognition.TAX_ID_IN_TEXT,
    }
)
_KNOWN_BY: Final = {
    ClientVerdict.TAX_ID: Recognition.TAX_ID,
    ClientVerdict.BRANCH: Recognition.BRANCH,
    ClientVerdict.ACCOUNT: Recognition.ACCOUNT,
    ClientVerdict.ALIAS: Recognition.ALIAS,
    ClientVerdict.TAX_ID_IN_TEXT: Recognition.TAX_ID_IN_TEXT,
    ClientVerdict.NAME: Recognition.NAME,
    ClientVerdict.THIRD_PARTY: Recognition.FOR_ANOTHER,
}


class Clients:
    """Clients of invoices by what a payer may be known by."""

    def __init__(self) -> None:
        self._known: set[Client] = set()
        self._by_key: dict[str, list[Client]] = {}

    def add(self, client: Client | None) -> None:
        """Take a client in; doing it twice changes nothing."""
        if client is None or client in self._known:
            return
        self._known.add(client)
        for key in _keys(identities(client), client.accounts, client.names):
            self._by_key.setdefault(key, []).append(client)

    def like(self, question: Question) -> Iterator[Client]:
        """Clients that share a requisite or a telling word of the name with the payer or with whom it pays for."""
        payer, reading = question.payer, question.reading
        ids = {*payer.aliases, *reading.tax_ids, *([payer.tax_id] if payer.tax_id else [])}
        third = reading.third_party
        names = [name for name in (payer.name, third.name if third is not None else None) if name]
        for key in _keys(ids, [payer.account] if payer.account else [], names):
            found = self._by_key.get(key, [])
            if len(found) <= _MOST_BY_WORD or not key.startswith("n:"):
                yield from found


def _keys(ids: Iterable[str], accounts: Iterable[str], names: Iterable[str]) -> Iterator[str]:
    yield from (f"t:{value}" for value in ids)
    yield from (f"a:{value}" for value in accounts)
    yield from {f"n:{word}" for name in names for word in name_tokens(name)}


def recognise(payment: Payment, clients: Clients, context: MatchContext) -> Recognition:
    """By what the payer of an incoming payment is known, or why it is not."""
    question = ask(payment, read_purpose(payment.purpose), context)
    verdicts = [client_verdict(question, client) for client in clients.like(question)]
    best = max(verdicts, key=lambda verdict: CLIENT_ORDER[verdict], default=ClientVerdict.UNKNOWN)
    if best in _KNOWN_BY:
        return _KNOWN_BY[best]
    if question.payer.shared:
        return Recognition.SHARED
    party = payment.counterparty
    if telling(party.tax_id) is None and telling(party.account) is None:
        return Recognition.NO_REQUISITES
    return Recognition.NO_CLIENT
