"""Doubts about the requisites of a party, worded for the accountant."""

from __future__ import annotations

from connectors.bank.requisites import AccountKey, account_key, is_account, is_bic, is_iban, is_inn, is_kpp
from hub.domain.models import Party


def party_doubts(whose: str, party: Party) -> tuple[str, ...]:
    """Russian sentences about requisites that fail their checks; `whose` is the side in the genitive."""
    if party.account is not None and is_iban(party.account):
        return ()  # the party lives under another country's rules
    return tuple(_doubts(whose, party))


def _doubts(whose: str, party: Party) -> list[str]:
    found = []
    if party.tax_id is not None and not is_inn(party.tax_id):
        found.append(f"ИНН {whose} {party.tax_id} не проходит проверку контрольных цифр.")
    if party.kpp is not None and not is_kpp(party.kpp):
        found.append(f"КПП {whose} {party.kpp} записан не по форме (должно быть 9 знаков).")
    if party.bic is not None and not is_bic(party.bic):
        found.append(f"БИК {whose} {party.bic} записан не по форме (должно быть 9 цифр).")
    if party.account is not None and not is_account(party.account):
        found.append(f"Счёт {whose} {party.account} записан не по форме (должно быть 20 цифр).")
    elif party.account and party.bic and account_key(party.account, party.bic) is AccountKey.INVALID:
        found.append(f"Счёт {whose} {party.account} не подходит к БИК {party.bic}: неверный контрольный ключ.")
    return found
