"""Names of parties, freed of what banks glue to them: ИНН, КПП, account, address."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from connectors.bank.formats.client_bank_exchange.values import code_or_none, tax_id_or_none

# «ИНН 7700000016 ООО …», «ИНН/КПП 7700000016/770001001 …»: after the word any number of digits is an id.
_WORD: Final = re.compile(
    r"(?:ИНН(?:\s*/\s*КПП)?|ИИН|БИН|УНП)\s*[:№]?\s*(\d{1,12})(?:\s*/\s*(\d{1,9}))?(?!\d)[\s,;:.]*", re.IGNORECASE
)
# «7700000016 ООО …», «7700000016, ООО …»: without the word only a full-length number is one.
_BARE: Final = re.compile(r"(\d{12}|\d{10})(?:\s*/\s*(\d{9}))?(?:\s*[,;:]\s*|\s+|$)")
_KPP: Final = re.compile(r"КПП\s*[:№]?\s*(\d{1,9})(?!\d)[\s,;:.]*", re.IGNORECASE)
# 1C adds the account in indirect settlement: «ООО … р/с 40702810… в БАНК г Город».
_ACCOUNT_TAIL: Final = re.compile(r"\sр/сч?\.?\s*[:№]?\s*\d{20}.*$", re.IGNORECASE | re.DOTALL)

# The rules allow 160 characters; beyond that there is only damage to look through.
_LONGEST_NAME: Final = 1_000


class PartyName(NamedTuple):
    """A name with the ids that were glued to it."""

    name: str | None
    tax_id: str | None = None
    kpp: str | None = None


def party_name(text: str) -> PartyName:
    """Take the ids off the front, the account and the address (`//…//`) off the end.

    >>> party_name('ИНН 7700000016 ООО "Фиалка"')
    PartyName(name='ООО "Фиалка"', tax_id='7700000016', kpp=None)
    """
    rest = text.strip()[:_LONGEST_NAME]
    tax_id = kpp = None
    if found := _WORD.match(rest) or _BARE.match(rest):
        tax_id, kpp = tax_id_or_none(found[1]), code_or_none(found[2] or "")
        rest = rest[found.end() :]
    if found := _KPP.match(rest):
        kpp = code_or_none(found[1]) or kpp
        rest = rest[found.end() :]
    rest = _ACCOUNT_TAIL.sub("", rest)
    name, slashes, _ = rest.partition("//")
    return PartyName((name.strip() or rest.strip() if slashes else rest.strip()) or None, tax_id, kpp)
