"""A hub of its settings beside a local Tochka, T-Bank and 1C, all over real sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.accounting_1c.sandbox.testing import RunningSandbox as Base
from connectors.accounting_1c.sandbox.testing import running_sandbox as running_base
from connectors.bank.sandbox.testing import RunningSandbox as Banks
from connectors.bank.sandbox.testing import running_sandbox as running_banks
from hub.composition.hub import Hub, open_hub
from hub.config import create_key_file, parse_config
from hub.ports.records import PaymentRow
from hub.services.import_statement import import_statement
from hub.services.poll_bank import poll_bank
from hub.services.read_inbox import read_inbox
from hub.store.queries import Queries
from tests.contract.bank.conftest import ACCOUNTS, HOOK_TOKEN, OUR_TAX_ID, PAYER, TBANK, TOCHKA, ago
from tests.unit.bank.statement_builder import document, encode, statement

BOOKS = "buh-money"
DOCUMENT = "Document_ПоступлениеНаРасчетныйСчет"
ACCOUNT = "Catalog_БанковскиеСчета"
#: Of the base's own seed: our organisation, its account at Tochka, the client «Фиалка» and its account.
OURS, OUR_TOCHKA = "ed17b728-c1da-5a6e-982a-99ea03d102ca", "d66a44fb-4340-50ad-877d-e58b60651b14"
VIOLET, VIOLETS_ACCOUNT = "a10667da-ecc9-575c-ab65-16c7e4455d09", "f681ff5c-5f08-5f09-8767-eeaaad332255"


@dataclass
class Company:
    """The hub, its banks and its books; one of the banks is looked at."""

    hub: Hub
    banks: Banks
    base: Base
    bank: str
    account: str

    @property
    def number(self) -> str:
        """Our account at the bank that is looked at."""
        return ACCOUNTS[self.bank]

    def poll(self) -> None:
        assert poll_bank(self.hub.rt, self.bank).complete

    def read_books(self) -> None:
        assert poll_bank(self.hub.rt, BOOKS).complete

    def upload(self, *lines: dict[str, str], amount: str = "12200.00") -> None:
        """The statement of yesterday, as the accountant takes it out of the bank."""
        facts = {
            "Номер": "245",
            "Дата": f"{ago(2):%d.%m.%Y}",
            "Сумма": amount,
            "ПлательщикСчет": PAYER["account"],
            "Плательщик": 'ООО "Фиалка"',
            "ПлательщикИНН": PAYER["inn"],
            "ПолучательСчет": self.number,
            "ПолучательИНН": OUR_TAX_ID,
            "ДатаПоступило": f"{ago(1):%d.%m.%Y}",
            "НазначениеПлатежа": "Оплата по счету № 71",
        }
        sections = [document(facts | line) for line in lines or ({},)]
        raw = encode(statement(*sections, accounts=(self.number,)))
        read_inbox(self.hub.rt, import_statement(self.hub.rt, raw, "kl_to_1c.txt", "anna").inbox_id)

    def write(self, post: bool = True, **fields: Any) -> str:
        """The accountant enters the document of yesterday's money; returns its reference."""
        row = {
            "Date": f"{ago(1).isoformat()}T00:00:00",
            "ВидОперации": "ОплатаПокупателя",
            "Организация_Key": OURS,
            "СчетОрганизации_Key": self.account,
            "Контрагент": VIOLET,
            "Контрагент_Type": "StandardODATA.Catalog_Контрагенты",
            "СчетКонтрагента_Key": VIOLETS_ACCOUNT,
            "СуммаДокумента": "12200",
            "НомерВходящегоДокумента": "245",
            "ДатаВходящегоДокумента": f"{ago(2).isoformat()}T00:00:00",
            "НазначениеПлатежа": "Оплата по счету № 71",
            "РасшифровкаПлатежа": [{"LineNumber": 1, "СуммаПлатежа": "12200"}],
            **fields,
        }
        return str(self.base.control.create(DOCUMENT, row, post=post))

    def payments(self) -> list[PaymentRow]:
        with self.hub.rt.store.read() as uow:
            rows = [uow.payments.get(f"p{number}") for number in range(1, 20)]
        return [row for row in rows if row is not None]

    def shown_by(self, row: PaymentRow) -> set[str]:
        """Names of the sources on the payment's page."""
        card = Queries(self.hub.database).payment(row.payment.id)
        assert card is not None
        return {source.name.partition(",")[0] for source in card.sources}


Start = Callable[..., Company]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """`start("tochka", *operations)`: the banks hold these operations, 1C holds nothing of them."""
    with ExitStack() as stack:

        def run(bank: str, *operations: dict[str, Any]) -> Company:
            banks = stack.enter_context(running_banks(_seed(operations)))
            base = stack.enter_context(running_base())
            config = parse_config(_settings(banks, base), tmp_path / "sverka.yaml")
            create_key_file(config.secret_key_file)
            hub = stack.enter_context(open_hub(config))
            account = OUR_TOCHKA if bank == "tochka" else _second_account(base)
            return Company(hub, banks, base, bank, account)

        yield run


def _second_account(base: Base) -> str:
    owner = {"Owner": OURS, "Owner_Type": "StandardODATA.Catalog_Организации"}
    return str(base.control.create(ACCOUNT, {"Description": "Второй", "НомерСчета": TBANK, **owner}))


def _seed(operations: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    return {
        "settings": {"tochka": {"created_polls": 0}, "tbank": {"limits_enabled": False}},
        "accounts": [
            {"bank": "tochka", "number": TOCHKA, "opening_balance": "1000.00"},
            {"bank": "tbank", "number": TBANK, "opening_balance": "500.00"},
        ],
        "operations": list(operations),
    }


def _settings(banks: Banks, base: Base) -> str:
    return f"""
company:
  name: Ромашка
  accounts: ["{TOCHKA}", "{TBANK}"]
  tax_ids: ["{OUR_TAX_ID}"]
connections:
  buh:
    system: accounting_1c
    address: {base.base_url}
    configuration: bp30
    login: {base.user}
    password: {base.password}
banks:
  tochka:
    bank: tochka
    token: {banks.tochka.token}
    client_id: {banks.tochka.client_id}
    api_url: {banks.tochka.base_url}
    keys_url: {banks.tochka.public_key_url}
    read_from: {ago(4).isoformat()}
  tbank:
    bank: tbank
    token: {banks.tbank.token}
    hook_token: {HOOK_TOKEN}
    api_url: {banks.tbank.base_url}
    read_from: {ago(4).isoformat()}
  {BOOKS}:
    bank: 1c
    connection: buh
    tax_ids: ["{OUR_TAX_ID}"]
    read_from: {ago(4).isoformat()}
"""
