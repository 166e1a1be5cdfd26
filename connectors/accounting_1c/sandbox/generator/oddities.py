"""The oddities of real bases, dealt out in turn so that every kind is there."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from connectors.accounting_1c.sandbox.seed import QUIRKS, Generate

if TYPE_CHECKING:
    from connectors.accounting_1c.sandbox.generator.plan import Claim, Client, Line

_OF_CLIENTS = QUIRKS[: QUIRKS.index("control_sign")]
_OF_MONEY = ("paid_in_parts", "one_for_many", "advance", "unposted_payment", "marked_payment", "paid_twice")
_MANY = 200
_LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХ", "ABEKMHOPCTX")


class Oddities:
    """Gives each object its oddity, if it is its turn.

    Args:
        left_out: kinds that mean nothing in the configuration.
    """

    def __init__(self, order: Generate, left_out: frozenset[str]) -> None:
        wanted = [name for name in (QUIRKS if order.quirks is None else order.quirks) if name not in left_out]
        share = order.quirk_share
        self._clients = _dealt([name for name in wanted if name in _OF_CLIENTS], share)
        self._money = _dealt([name for name in wanted if name in _OF_MONEY], share)
        others = [name for name in wanted if name not in _OF_CLIENTS and name not in _OF_MONEY]
        self._claims = _dealt(others, share)

    def money(self) -> str:
        """How the next payment is odd; empty when it is not."""
        return next(self._money)

    def client(self, client: Client, earlier: list[Client]) -> None:
        """Make the next client odd."""
        match next(self._clients):
            case "branch" if earlier:
                head = earlier[-1]
                client.inn, client.kpp, client.head = head.inn, "710043001", head.key
                client.full_name = f"Филиал {head.full_name} в г. Туле"
            case "twin" if earlier:
                twin = earlier[-1]
                client.inn, client.kpp, client.name, client.full_name = twin.inn, twin.kpp, twin.name, twin.full_name
            case "no_inn":
                client.inn = client.kpp = ""
                client.natural = True
            case "foreigner":
                client.foreign_number, client.inn, client.kpp = f"BY{client.inn[:9]}", "", ""
            case "in_folder":
                client.in_folder = True
            case "marked_client":
                client.marked = True
            case "spaced_inn":
                client.inn = f" {client.inn} "
            case "nbsp_name":
                client.name = client.name.replace(" ", "\u00a0")
                client.full_name = client.full_name.replace(" ", "  ")
            case "quoted_name":
                client.name = f'{client.name} "О\'Бразец"'
            case "long_name":
                client.full_name = f"{client.full_name}, {'торговый дом и склад, ' * 10}".strip(", ")

    def claim(self, claim: Claim, earlier: list[Claim], number: int, line: Callable[[], Line]) -> None:
        """Make the next invoice odd."""
        quirk = next(self._claims)
        self._numbered(quirk, claim, earlier, number)
        self._marked(quirk, claim, number)
        match quirk:
            case "control_sign":
                claim.comment = "срочно\x0bпозвонить"
            case "no_contract":
                claim.contract = False
            case "currency":
                claim.foreign = True
            case "lost_client":
                claim.lost_client = True
            case "unknown_type":
                claim.lines[0].unknown = True
            case "midnight":
                claim.at = f"{claim.at[:10]}T00:00:00"
            case "second_before_midnight":
                claim.at = f"{claim.at[:10]}T23:59:59"
        self._summed(quirk, claim, line)

    def _marked(self, quirk: str, claim: Claim, number: int) -> None:
        match quirk:
            case "unposted_invoice":
                claim.posted = False
            case "marked_invoice":
                claim.posted, claim.marked = False, True
            case "status_lies":
                claim.status = "НеОплачен" if number % 2 else "Оплачен"
            case "status_missing":
                claim.status = "-"

    def _summed(self, quirk: str, claim: Claim, line: Callable[[], Line]) -> None:
        match quirk:
            case "zero_total":
                claim.total = Decimal(0)
            case "other_total":
                claim.total += Decimal("0.01")
            case "no_vat":
                for each in claim.lines:
                    each.vat = Decimal(0)
            case "many_rows":
                claim.lines += [line() for _ in range(_MANY)]
                claim.total = sum((each.total for each in claim.lines), Decimal(0))

    def _numbered(self, quirk: str, claim: Claim, earlier: list[Claim], number: int) -> None:
        match quirk:
            case "number_other_year":
                old = next((each for each in earlier if each.seller == claim.seller), None)
                claim.number = old.number if old and old.at[:4] != claim.at[:4] else claim.number
            case "number_other_seller" if earlier:
                claim.number = earlier[-1].number
            case "hand_number":
                claim.number = f"{number}/{claim.at[5:7]}-к"
            case "look_alike_prefix":
                claim.number = claim.number.translate(_LOOK_ALIKE)
            case "spaced_number":
                claim.number = f"{claim.number.replace('-', ' ')} "


def _dealt(kinds: list[str], share: float) -> Iterator[str]:
    if not kinds or share <= 0:
        return itertools.repeat("")
    return _spread(kinds, max(1, round(1 / share)))


def _spread(kinds: list[str], step: int) -> Iterator[str]:
    turn = itertools.cycle(kinds)
    for number in itertools.count(1):
        yield next(turn) if number % step == 0 else ""
