"""Seeds of a small Bitrix24 portal for tests."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.statements import CLIENT_ACCOUNT, CLIENT_TAX_ID, OUR_TAX_ID

WEBHOOK_CODE = "testcode0123456789"
RULES = """\
pipelines:
  "0":
    deal_partly_paid:
      stage: PREPAYMENT_INVOICE
      comment: "Частичная оплата: {invoices}, осталось {deal_rest}"
    deal_paid:
      stage: EXECUTING
      comment: "Оплачено: {invoices}"
      task:
        title: "Отгрузить: {invoices}"
        due_days: 1
mark_invoices_paid: true
"""


def seed(sums: Sequence[str]) -> dict[str, object]:
    """A portal with one client, and a deal with one smart invoice for each sum; deal n has invoice number 700+n."""
    numbers = range(1, len(sums) + 1)
    return {
        "version": 1,
        "settings": {"rate_limit": {"enabled": False}, "operating": {"enabled": False}},
        "webhooks": [{"user_id": 1, "code": WEBHOOK_CODE}],
        "users": [{"id": 1, "name": "Интеграция", "admin": True}, {"id": 17, "name": "Менеджер"}],
        "companies": [
            {"id": 3, "title": "Наша фирма", "is_my_company": True},
            {"id": 512, "title": "ООО «Фиалка»"},
        ],
        "requisites": [
            {"id": 1, "entity_id": 3, "rq_inn": OUR_TAX_ID},
            {"id": 2, "entity_id": 512, "rq_inn": CLIENT_TAX_ID, "rq_company_name": "ООО «Фиалка»"},
        ],
        "bank_details": [{"id": 1, "requisite_id": 2, "rq_acc_num": CLIENT_ACCOUNT, "rq_bik": "044525000"}],
        "deals": [
            {"id": 9000 + n, "title": f"Поставка {n}", "company_id": 512, "opportunity": amount, "assigned_by_id": 17}
            for n, amount in zip(numbers, sums, strict=True)
        ],
        "invoices": [
            {
                "id": 700 + n,
                "title": f"Счёт {700 + n}",
                "account_number": str(700 + n),
                "company_id": 512,
                "my_company_id": 3,
                "deal_id": 9000 + n,
                "opportunity": amount,
                "begin_date": "2026-03-10",
                "created_at": "2026-03-10T10:00:00+03:00",
            }
            for n, amount in zip(numbers, sums, strict=True)
        ],
    }
