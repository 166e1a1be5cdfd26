"""What people do in the two CRMs and what happens at the two banks: one method for one kind of event."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import httpx

from connectors.amocrm.sandbox import testing as amo
from connectors.bank.sandbox import testing as banks
from connectors.bitrix24.sandbox import testing as bitrix24
from tests.day.clock import DayClock
from tests.day.plan import BANKS, FIRST_DEAL, Day, Sale, Step
from tests.day.seeds import (
    ACCOUNTS,
    AMO,
    CRMS,
    FIRST_ELEMENT,
    FIRST_LEAD,
    MANAGER,
    MIDNIGHT,
    OUR_TAX_ID,
    PORTAL,
    SELLER,
    client,
    payer,
    whole,
)

_TODAY: Final = date(2026, 3, 16)
#: Stages in the order of each pipeline, as the plan numbers them.
_STATUSES: Final = {1: 61002, 2: 61003, 3: 61004, "won": 142, "lost": 143}
_STAGES: Final = {1: "PREPARATION", 2: "PREPAYMENT_INVOICE", 3: "EXECUTING", "won": "WON", "lost": "LOSE"}


@dataclass
class Outside:
    """The systems outside, as people and banks move them; `do` is one event."""

    day: Day
    portal: bitrix24.RunningSandbox
    account: amo.RunningSandbox
    bank: banks.RunningSandbox
    clock: DayClock
    people: httpx.Client
    deals: dict[str, int] = field(default_factory=dict)
    invoices: dict[tuple[str, int], int] = field(default_factory=dict)
    money: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Which records of the seeds the plan means."""
        places = dict.fromkeys(CRMS, 0)
        elements = FIRST_ELEMENT
        for sale in self.day.sales.values():
            if not sale.existing:
                continue
            places[sale.crm] += 1
            self.deals[sale.key] = (FIRST_DEAL if sale.crm == PORTAL else FIRST_LEAD) + places[sale.crm]
            for part in range(len(sale.sums)):
                elements += sale.crm == AMO
                self.invoices[sale.key, part] = sale.numbers[part] if sale.crm == PORTAL else elements

    def do(self, step: Step) -> None:
        """One event of the plan, at its minute."""
        self.clock.until(MIDNIGHT + timedelta(minutes=step.minute))
        crm = self.day.sales[step.of].crm if step.of in self.day.sales else ""
        act = getattr(self, f"_{step.what}_{crm}" if crm else f"_{step.what}")
        act(self.day.sales[step.of] if crm else step.of, **step.args)

    def _rest(self, method: str, **params: Any) -> dict[str, Any]:
        answer = self.people.post(f"{self.portal.url}/rest/{MANAGER}/managercode/{method}.json", json=params)
        assert answer.status_code == 200, answer.text
        item: dict[str, Any] = answer.json()["result"]["item"]
        return item

    def _human(self, **deed: Any) -> int | None:
        return self.account.control.human({"user_id": SELLER} | deed)

    def _add_deal_portal(self, sale: Sale) -> None:
        fields = {"title": sale.key, "companyId": 100 + sale.client, "opportunity": str(sale.total), "categoryId": 0}
        self.deals[sale.key] = int(self._rest("crm.item.add", entityTypeId=2, fields=fields)["id"])

    def _add_invoice_portal(self, sale: Sale, part: int) -> None:
        fields = {
            "title": f"Счёт {sale.key}",
            "companyId": 100 + sale.client,
            "mycompanyId": 3,
            "parentId2": self.deals[sale.key],
            "opportunity": str(sale.sums[part]),
            "begindate": _TODAY.isoformat(),
        }
        made = self._rest("crm.item.add", entityTypeId=31, fields=fields)
        assert made["accountNumber"] == str(sale.numbers[part]), "the plan knows the numbers that the portal gives"
        self.invoices[sale.key, part] = int(made["id"])

    def _edit_invoice_portal(self, sale: Sale, amount: Decimal) -> None:
        fields = {"opportunity": str(amount)}
        self._rest("crm.item.update", entityTypeId=31, id=self.invoices[sale.key, 0], fields=fields)

    def _edit_deal_portal(self, sale: Sale, amount: Decimal) -> None:
        self._rest("crm.item.update", entityTypeId=2, id=self.deals[sale.key], fields={"opportunity": str(amount)})

    def _rename_deal_portal(self, sale: Sale) -> None:
        self._rest("crm.item.update", entityTypeId=2, id=self.deals[sale.key], fields={"title": "Переименована"})

    def _rename_client_portal(self, sale: Sale) -> None:
        self._rest("crm.item.update", entityTypeId=4, id=100 + sale.client, fields={"title": f"Клиент {sale.key}"})

    def _move_deal_portal(self, sale: Sale, stage: int | str) -> None:
        act = {"act": "move", "id": self.deals[sale.key], "user_id": MANAGER, "stage_id": _STAGES[stage]}
        self.portal.control.human(act)

    def _delete_invoice_portal(self, sale: Sale) -> None:
        number = self.invoices[sale.key, 0]
        self.portal.control.human({"act": "delete", "id": number, "entity_type_id": 31, "user_id": MANAGER})

    def _delete_deal_portal(self, sale: Sale) -> None:
        self.portal.control.human({"act": "delete", "id": self.deals[sale.key], "user_id": MANAGER})

    def _add_deal_amo(self, sale: Sale) -> None:
        fields = {
            "name": sale.key,
            "price": whole(sale.total),
            "pipeline_id": 9001,
            "status_id": 61002,
            "responsible_user_id": SELLER,
            "_embedded": {"companies": [{"id": 1000 + sale.client}]},
        }
        made = self._human(act="add", entity="lead", fields=fields)
        assert made is not None
        self.deals[sale.key] = made

    def _add_invoice_amo(self, sale: Sale, part: int) -> None:
        values: dict[str, Any] = {
            "BILL_STATUS": {"enum_code": "created"},
            "BILL_PRICE": {"value": str(sale.sums[part])},
        }
        values["PAYER"] = {"value": payer(sale.client)}
        fields = {
            "name": f"Счет №{sale.numbers[part]} от 16.03.2026",
            "custom_fields_values": [{"field_code": code, "values": [value]} for code, value in values.items()],
        }
        made = self._human(act="add", entity="element", fields=fields)
        assert made is not None
        self.invoices[sale.key, part] = made
        self._human(act="link", id=self.deals[sale.key], to="element", to_id=made)

    def _edit_invoice_amo(self, sale: Sale, amount: Decimal) -> None:
        price = [{"field_code": "BILL_PRICE", "values": [{"value": str(amount)}]}]
        fields = {"custom_fields_values": price}
        self._human(act="edit", entity="element", id=self.invoices[sale.key, 0], fields=fields)

    def _edit_deal_amo(self, sale: Sale, amount: Decimal) -> None:
        self._human(act="edit", id=self.deals[sale.key], fields={"price": whole(amount)})

    def _rename_deal_amo(self, sale: Sale) -> None:
        self._human(act="edit", id=self.deals[sale.key], fields={"name": "Переименована"})

    def _rename_client_amo(self, sale: Sale) -> None:
        self._human(act="edit", entity="company", id=1000 + sale.client, fields={"name": f"Клиент {sale.key}"})

    def _move_deal_amo(self, sale: Sale, stage: int | str) -> None:
        self._human(act="move", id=self.deals[sale.key], status_id=_STATUSES[stage], pipeline_id=9001)

    def _delete_invoice_amo(self, sale: Sale) -> None:
        self._human(act="delete", entity="element", id=self.invoices[sale.key, 0])

    def _delete_deal_amo(self, sale: Sale) -> None:
        self._human(act="delete", id=self.deals[sale.key])

    def _money(self, key: str, bank: str, amount: Decimal, direction: str = "in", **facts: Any) -> None:
        sale = self.day.sales.get(facts.get("sale", ""))
        operation = {
            "account": ACCOUNTS[bank],
            "amount": str(amount),
            "direction": direction,
            "document_number": key.removeprefix("m"),
            "document_date": _TODAY.isoformat(),
            "booked_at": self._booked_at(facts.get("days_ago", 0)),
            "purpose": facts.get("purpose", ""),
            "counterparty": {"name": "ООО «Прохожий»", "inn": "7700000016", "account": "40702810638000000013"},
        }
        if sale is not None:
            operation["purpose"] = f"Оплата по счету № {sale.numbers[facts['part']]}. НДС не облагается"
            operation["counterparty"] = client(sale.crm, sale.client)
        if "settles_after_s" in facts:
            status = "pending" if bank == "tochka" else "hold"
            operation |= {"status": status, "settles_after_s": facts["settles_after_s"]}
        self.money[key] = self.bank.control.add(operation)

    def _booked_at(self, days_ago: int) -> str:
        return (self.clock.now() - timedelta(days=days_ago)).isoformat()

    def _transfer(self, key: str, bank: str, amount: Decimal) -> None:
        other = next(name for name in BANKS if name != bank)
        for here, there, direction in ((bank, other, "out"), (other, bank, "in")):
            self.bank.control.add(
                {
                    "account": ACCOUNTS[here],
                    "amount": str(amount),
                    "direction": direction,
                    "document_number": key.removeprefix("m"),
                    "document_date": _TODAY.isoformat(),
                    "booked_at": self._booked_at(0),
                    "purpose": "Перевод собственных средств",
                    "counterparty": {"name": "ООО «Образец»", "inn": OUR_TAX_ID, "account": ACCOUNTS[there]},
                }
            )

    def _correct(self, key: str, amount: Decimal) -> None:
        self.bank.control.correct(self.money[key], amount=str(amount))

    def _re_date(self, key: str, days_ago: int) -> None:
        self.bank.control.correct(self.money[key], booked_at=self._booked_at(days_ago))

    def _cancel(self, key: str) -> None:
        self.bank.control.cancel(self.money[key])
