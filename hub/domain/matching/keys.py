"""Keys: the one definition of which invoices a payment may concern, for bulk runs and live work alike.

Keys of an invoice:
    n:<folded number>                     every status; full, short and loose spellings, in every system that keeps it
    r:<kind>|<folded number>              its references, while open
    c:<tax id or client id>               while open; with `|<minor>|<currency>` as ca:
    a:<account>, aa:…                     the same for accounts of the client
    nm:<name>, na:…                       the same for every name of the client
    nt:<word>|<minor>|<currency>          words of the name, only where the client has no tax id
    am:<minor>|<currency>                 while open
    pa:<tax id or client id>|<paid>       what was paid, for our refunds
The amount in a key is the open amount, so keys change when money is allocated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from hub.domain.matching.context import MatchContext, Payer, payer_of
from hub.domain.matching.mentions import mentions_of
from hub.domain.matching.names import name_tokens, normal_name
from hub.domain.matching.numbers import Spelling, folded, runs_in, simpler_readings, spelling
from hub.domain.matching.reading import PurposeReading
from hub.domain.matching.shared import is_shared_account, is_shared_tax_id, plain_account
from hub.domain.models import Client, Direction, Invoice, Payment, ReferenceKind
from hub.domain.money import Money

#: Kinds that lead to an invoice when the purpose names them.
KEYED_REFERENCES: Final = frozenset(
    {
        ReferenceKind.CONTRACT,
        ReferenceKind.ORDER,
        ReferenceKind.UPD,
        ReferenceKind.ACT,
        ReferenceKind.WAYBILL,
        ReferenceKind.SPECIFICATION,
        ReferenceKind.VAT_INVOICE,
    }
)


#: Kinds of keys that end with a sum, `|<minor>|<currency>`.
WITH_SUM: Final = ("ca:", "aa:", "na:", "nt:", "pa:")
#: The kind of keys that an invoice gets when it is paid.
OF_PAID: Final = "pa:"
#: Kinds of keys that only suggest.
_SUGGESTING: Final = frozenset({"c", "a", "nm", "r", "am"})


@dataclass(frozen=True, slots=True)
class PaymentKeys:
    """Keys of a payment by what they are for.

    Attributes:
        deciding: always fetched, without a limit: every invoice that may decide the payment, contradict or tie.
        suggesting: fetched only when nothing decides; many hits mean no suggestion by that key.
        last_resort: equal amount alone, and numbers without a noun; fetched when there is nothing else to show.
        payer: whom they were made for.
    """

    payer: Payer
    deciding: frozenset[str]
    suggesting: frozenset[str]
    last_resort: frozenset[str]

    @property
    def every(self) -> frozenset[str]:
        """All keys together."""
        return self.deciding | self.suggesting | self.last_resort


@dataclass(frozen=True, slots=True)
class ClientStems:
    """The part of an invoice's keys that its client gives.

    Attributes:
        identities: tax ids and the client's own id.
        whole: keys as they are.
        with_sum: beginnings of keys that end with the open sum.
    """

    identities: frozenset[str]
    whole: tuple[str, ...]
    with_sum: tuple[str, ...]


def client_stems(client: Client) -> ClientStems:
    """What a client gives to the keys of each of its invoices."""
    known = identities(client)
    accounts = [account for account in map(plain_account, client.accounts) if not is_shared_account(account)]
    names = [normal for name in client.names if (normal := normal_name(name))]
    words = [word for name in client.names for word in name_tokens(name)] if client.main_tax_id is None else []
    named = (("c", known), ("a", accounts), ("nm", names))
    summed = (("ca", known), ("aa", accounts), ("na", names), ("nt", words))
    return ClientStems(
        known,
        tuple(f"{kind}:{value}" for kind, values in named for value in values),
        tuple(f"{kind}:{value}|" for kind, values in summed for value in values),
    )


def invoice_keys(
    invoice: Invoice,
    stems_of: Callable[[Client], ClientStems] = client_stems,
    spelling_of: Callable[[str], Spelling | None] = spelling,
) -> frozenset[str]:
    """Keys under which an invoice is found.

    Args:
        stems_of: a run over many invoices may remember what their clients give.
        spelling_of: and may leave out numbers that no payment names.
    """
    keys = keys_of_what_is_open(invoice, stems_of, spelling_of)
    _add_number(keys, invoice.number, spelling_of)
    for issued in invoice.also:
        _add_number(keys, issued.number, spelling_of)
    return frozenset(keys)


def _add_number(keys: set[str], number: str | None, spelling_of: Callable[[str], Spelling | None]) -> None:
    found = spelling_of(number) if number else None
    if found is not None:
        keys.add(f"n:{found.folded}")
        keys.update(f"n:{text}" for text in found.short)
        keys.update(f"n:{text}" for text in found.loose)


def keys_of_what_is_open(
    invoice: Invoice,
    stems_of: Callable[[Client], ClientStems] = client_stems,
    spelling_of: Callable[[str], Spelling | None] = spelling,
) -> set[str]:
    """Those keys of an invoice that a payment changes: all but its number."""
    keys: set[str] = set()
    stems = None if invoice.client is None else stems_of(invoice.client)
    if stems is not None and invoice.paid.is_positive:
        paid = _sum_text(invoice.paid)
        keys.update([f"{OF_PAID}{identity}|{paid}" for identity in stems.identities])
    open_amount = invoice.open_amount
    if not open_amount:
        return keys
    sum_text = _sum_text(open_amount)
    keys.add(f"am:{sum_text}")
    for reference in invoice.references:
        known = spelling_of(reference.number) if reference.number else None
        if known is not None and reference.kind in KEYED_REFERENCES:
            keys.add(f"r:{reference.kind.value}|{known.folded}")
    if stems is not None:
        keys.update(stems.whole)
        keys.update([stem + sum_text for stem in stems.with_sum])
    return keys


def deciding_keys(invoice: Invoice) -> frozenset[str]:
    """Those of its keys that can decide a payment; the others only find it as a suggestion."""
    return frozenset(key for key in invoice_keys(invoice) if key.partition(":")[0] not in _SUGGESTING)


def identities(client: Client) -> frozenset[str]:
    """What may be equal to a payer's tax id or to the target of an alias: tax ids but КПП, and the client's own id."""
    found = {item.value for item in client.tax_ids if item.kind.value != "kpp" and item.value.strip("0")}
    return frozenset(value for value in found if not is_shared_tax_id(value)) | (
        {client.id} if client.id else frozenset()
    )


def payment_keys(payment: Payment, reading: PurposeReading, context: MatchContext | None = None) -> frozenset[str]:
    """All keys under which invoices of a payment are looked for (and unmatched payments found again)."""
    return key_tiers(payment, reading, context or MatchContext()).every


def key_tiers(payment: Payment, reading: PurposeReading, context: MatchContext) -> PaymentKeys:
    """Keys of a payment, told apart by use."""
    payer = payer_of(payment, context)
    sum_text = _sum_text(payment.amount)
    if payment.direction is Direction.OUT:
        paid = {f"{OF_PAID}{identity}|{sum_text}" for identity in _payer_identities(payer, reading)}
        return PaymentKeys(payer, frozenset(number_keys(reading) | paid), frozenset(), frozenset())
    deciding = number_keys(reading)
    suggesting: set[str] = set()
    for identity in _payer_identities(payer, reading):
        deciding.add(f"ca:{identity}|{sum_text}")
        suggesting.add(f"c:{identity}")
    if payer.account is not None:
        deciding.add(f"aa:{payer.account}|{sum_text}")
        suggesting.add(f"a:{payer.account}")
    for name in _names(payer, reading):
        normal = normal_name(name)
        if normal:
            deciding.add(f"na:{normal}|{sum_text}")
            suggesting.add(f"nm:{normal}")
        deciding.update(f"nt:{word}|{sum_text}" for word in name_tokens(name))
    for document in reading.documents:
        number = folded(document.number) if document.number else None
        if number is not None and document.kind in KEYED_REFERENCES:
            suggesting.add(f"r:{document.kind.value}|{number}")
    mentioned = {} if reading.numbers or reading.bare else mentions_of(payment.purpose, reading)
    last_resort = {f"am:{sum_text}", *(f"n:{number}" for number in mentioned)}
    return PaymentKeys(payer, frozenset(deciding), frozenset(suggesting), frozenset(last_resort))


def runs_of_numbers(keys: Iterable[str]) -> set[str]:
    """Runs of digits of the numbers in keys: a number without any of them has none of these keys."""
    numbers = (key for key in keys if key.startswith(("n:", "r:")))
    return {run for number in numbers for run in runs_in(number)}


def number_keys(reading: PurposeReading) -> set[str]:
    """Keys of every number that the purpose names, in all readings."""
    keys: set[str] = set()
    for named in (*reading.numbers, *reading.bare):
        number = folded(named.text)
        if number is not None:
            keys.add(f"n:{number}")
            keys.update(f"n:{text}" for text in simpler_readings(named.text))
    return keys


def _payer_identities(payer: Payer, reading: PurposeReading) -> set[str]:
    found = {payer.tax_id} if payer.tax_id is not None else set()
    return found | payer.aliases | {value for value in reading.tax_ids if not is_shared_tax_id(value)}


def _names(payer: Payer, reading: PurposeReading) -> list[str]:
    names = [payer.name] if payer.name else []
    if reading.third_party is not None:
        names.append(reading.third_party.name)
    return names


def _sum_text(money: Money) -> str:
    return f"{abs(money.minor)}|{money.currency}"
