"""A company with many deals, its statement files and the moments of bad luck: everything drawn from one seed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from tests.support.portal import seed
from tests.support.statements import Received, statement

#: A part pays for a task, the whole for a comment: two or three effects a payment.
RULES: Final = """\
pipelines:
  "0":
    deal_partly_paid:
      stage: PREPAYMENT_INVOICE
      task:
        title: "Частичная оплата: {invoices}"
    deal_paid:
      stage: EXECUTING
      comment: "Оплачено: {invoices}"
mark_invoices_paid: true
"""
_CLIENTS_OF_DEALS: Final = 5
_WEIGHTS: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_WRITES: Final = ("crm.item.update", "crm.timeline.comment.add", "tasks.task.add")
_READS: Final = ("crm.item.get", "crm.stagehistory.list")
#: One batch reads a whole page of the poll: a share of a call's trouble is enough.
_BATCH: Final = ("batch",)


@dataclass(frozen=True, slots=True)
class Load:
    """What the hub is put through.

    Attributes:
        seed: the portal's content.
        lines: the credited lines, each once.
        files: statement files, a day each; some days come twice.
        faults: rules of the portal's fault script.
    """

    seed: Mapping[str, object]
    lines: Sequence[Received]
    files: Sequence[bytes]
    faults: list[Mapping[str, object]]


def make_load(chance: random.Random, payments: int, files: int, hook_url: str = "", token: str = "") -> Load:
    """About nine deals in ten are paid by one payment, the others in two parts; `files` days, 20 at most."""
    sums: list[list[int]] = []
    left = payments
    while left:
        parts = 2 if left >= 2 and chance.random() < 0.1 else 1
        sums.append([chance.randrange(1_000, 900_000) for _ in range(parts)])
        left -= parts
    clients = [_client(n) for n in range(1 + len(sums) // _CLIENTS_OF_DEALS)]
    lines = list(_lines(sums, clients, files))
    chance.shuffle(lines)
    content = _portal(sums, clients)
    if hook_url:
        events = ["ONCRMDEALUPDATE", "ONCRMDYNAMICITEMUPDATE"]
        content["outgoing_webhooks"] = [{"url": hook_url, "events": events, "application_token": token}]
    return Load(content, lines, _files(chance, lines, files), _faults())


@dataclass(frozen=True, slots=True)
class _Client:
    id: int
    tax_id: str
    account: str
    name: str


def _client(number: int) -> _Client:
    stem = f"77{1_000_000 + number * 7919 % 8_999_999:07d}"
    check = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, stem, strict=True)) % 11 % 10
    return _Client(1000 + number, f"{stem}{check}", f"407028101{number:011d}", f"ООО «Клиент {number}»")


def _lines(sums: Sequence[Sequence[int]], clients: Sequence[_Client], days: int) -> Iterator[Received]:
    number = 0
    for at, parts in enumerate(sums):
        client = clients[at % len(clients)]
        for amount in parts:
            number += 1
            words = "Оплата" if len(parts) == 1 else "Часть оплаты"
            purpose = f"{words} по счету № {701 + at} от 10.03.2026. НДС не облагается"
            day = _day(number % days)
            yield Received(str(number), _text(amount), purpose, day, client.tax_id, client.name, client.account)


def _text(minor: int) -> str:
    return f"{minor // 100}.{minor % 100:02d}"


def _portal(sums: Sequence[Sequence[int]], clients: Sequence[_Client]) -> dict[str, Any]:
    content: dict[str, Any] = dict(seed([_text(sum(parts)) for parts in sums]))
    first = {"companies": content["companies"][:1], "requisites": content["requisites"][:1]}
    content["companies"] = first["companies"] + [{"id": one.id, "title": one.name} for one in clients]
    content["requisites"] = first["requisites"] + [
        {"id": one.id, "entity_id": one.id, "rq_inn": one.tax_id, "rq_company_name": one.name} for one in clients
    ]
    content["bank_details"] = [{"id": one.id, "requisite_id": one.id, "rq_acc_num": one.account} for one in clients]
    for at, (deal, invoice) in enumerate(zip(content["deals"], content["invoices"], strict=True)):
        deal["id"] = 100_001 + at
        invoice["deal_id"] = deal["id"]
        invoice["company_id"] = deal["company_id"] = clients[at % len(clients)].id
    return content


def _files(chance: random.Random, lines: Sequence[Received], count: int) -> list[bytes]:
    """Each file is a whole day of the account; every third day is shown once more, in another order."""
    files = []
    for at in range(count):
        day = _day(at)
        of_day = [line for line in lines if line.day == day]
        files.append(statement(of_day, day))
        if at % 3 == 2:
            files.append(statement(chance.sample(of_day, len(of_day)), day))
    return files


def _day(at: int) -> str:
    return f"{11 + at:02d}.03.2026"


def _faults() -> list[Mapping[str, object]]:
    """One call in four goes wrong: refused, its reply lost or cut, or it takes effect later than anybody waits."""
    rules = [*_rules(_WRITES, 0.05, late=True), *_rules(_READS, 0.05), *_rules(_BATCH, 0.01)]
    return [{**rule, "times": None} for rule in rules]


def _rules(methods: Sequence[str], probability: float, *, late: bool = False) -> Iterator[dict[str, object]]:
    kinds: list[dict[str, object]] = [
        {"kind": "lose_reply", "applied": True},
        {"kind": "half_reply"},
        {"kind": "refuse", "status": 503, "code": "QUERY_LIMIT_EXCEEDED"},
        {"kind": "refuse", "status": 429, "code": "QUERY_LIMIT_EXCEEDED"},
    ]
    if late:
        kinds.append({"kind": "late_apply", "after_s": 1.0})
    for method in methods:
        for action in kinds:
            yield {
                "name": f"{action['kind']} {action.get('status', '')}".strip(),
                "match": {"method": method, "probability": probability},
                "action": action,
            }
