"""What the served demo tells its watcher to open, and how to let more money come."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hub.demo.expectations import ExpectedPayment
from hub.demo.seen import SeenPayment
from hub.demo.world import Doors, World

#: Payments worth a look, by case: what their pages show.
_SHOWN: Final = (
    ("three_sources", "одни деньги из выписки, вебхука и API Точки: платёж один, сделка в amoCRM"),
    ("api_and_file", "одни деньги из API банка и его выписки: платёж один"),
    ("same_number", "счета с одним номером есть в обеих CRM: выбран тот, что оплачен"),
    ("books_number", "счёт стоит в 1С и в CRM: платёж один, отмечены оба"),
    ("books_named", "счёт есть только в 1С, сделку назвала сама CRM"),
    ("books_asked", "счёт в 1С и счёт в CRM похожи, но не одно: ждёт человека"),
    ("other_entity", "деньги пришли не тому нашему юрлицу: ждёт человека"),
)
_WRITES: Final = "write-log?kind=effect"


def guide(
    address: str, world: World, doors: Doors, expected: Iterable[ExpectedPayment], seen: Iterable[SeenPayment]
) -> str:
    """The lines that follow the sign-in."""
    pages = [
        (f"{address}/", "что ждёт человека; рядом — сопоставленные и чужие деньги"),
        *((f"{address}/payments/{id_}", what) for id_, what in _payments(list(expected), list(seen))),
        (f"{address}/status", "обе CRM, 1С и оба банка: когда прочитаны, как сошлись остатки дней"),
        (f"{doors.portal['control_url']}{_WRITES}", "что записано в Битрикс24 (JSON)"),
        (f"{doors.amo['control_url']}{_WRITES}", "что записано в amoCRM (JSON)"),
        (f"{doors.books['control_url']}{_WRITES}", "что записано в 1С (JSON)"),
    ]
    width = max(len(page) for page, _ in pages)
    lines = [f"  {page.ljust(width)}  {what}" for page, what in pages]
    more = f"  curl -H 'content-type: application/json' --data-binary @{world.one_more} {doors.banks['control_url']}act"
    return "\n".join(
        ["Что открыть:", *lines, "Ещё один платёж по вебхуку Точки (сделка в amoCRM двинется сама):", more]
    )


def _payments(expected: list[ExpectedPayment], seen: list[SeenPayment]) -> Iterator[tuple[str, str]]:
    for case, what in _SHOWN:
        item = next((item for item in reversed(expected) if item.case == case), None)
        found = next((payment for payment in seen if item is not None and _is_same(item)(payment)), None)
        if found is not None:
            yield found.id, what


def _is_same(item: ExpectedPayment) -> Callable[[SeenPayment], bool]:
    place = (item.account, item.number, item.booked_on, item.amount)
    return lambda payment: (payment.account, payment.number, payment.booked_on, payment.amount) == place
