"""What a person types of an alias: the payer, the client that is looked for, a note."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from hub.domain.models import Party
from hub.ports.aliases import AliasRow
from hub.web.visit import Form

#: Digits of an ИНН, БИН, ИИН or УНП, or of the code that a foreign company has instead.
_TAX_ID: Final = re.compile(r"[0-9]{5}|[0-9]{9}|[0-9]{10}|[0-9]{12}")
#: Twenty digits in Russia, an IBAN or the like elsewhere.
_ACCOUNT: Final = re.compile(r"[0-9A-Z]{8,34}")
_LONGEST_NAME: Final = 300
_LONGEST_NOTE: Final = 500
_LONGEST_SEARCH: Final = 200


class Mistyped(ValueError):
    """A requisite cannot be what it is said to be; the message says what it should look like (Russian)."""


@dataclass(frozen=True, slots=True)
class AliasForm:
    """The fields as they were typed; `client` is what the search looks for."""

    tax_id: str = ""
    account: str = ""
    name: str = ""
    client: str = ""
    note: str = ""

    def payer(self) -> Party:
        """The payer that is meant.

        Raises:
            Mistyped: its tax id or account is none.
        """
        tax_id, account = _joined(self.tax_id), _joined(self.account).upper()
        if tax_id and not _TAX_ID.fullmatch(tax_id):
            raise Mistyped("ИНН — это 10 или 12 цифр (УНП — 9, код иностранной компании — 5).")
        if account and not _ACCOUNT.fullmatch(account):
            raise Mistyped("Счёт — это 20 цифр или IBAN.")
        return Party(name=self.name or None, tax_id=tax_id or None, account=account or None)


def _joined(text: str) -> str:
    return "".join(text.split())


def typed(form: Form) -> AliasForm:
    """The fields of a sent form."""
    return AliasForm(
        tax_id=form.text("tax_id")[:_LONGEST_SEARCH],
        account=form.text("account")[:_LONGEST_SEARCH],
        name=form.text("name")[:_LONGEST_NAME],
        client=form.text("client")[:_LONGEST_SEARCH],
        note=form.text("note")[:_LONGEST_NOTE],
    )


def filled(row: AliasRow) -> AliasForm:
    """The fields of an alias as it stands."""
    payer = row.said.payer
    return AliasForm(payer.tax_id or "", payer.account or "", payer.name or "", row.said.client_name, row.said.note)
