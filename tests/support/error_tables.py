"""The page of errors, made of the connectors' own tables: `python -m tests.support.error_tables > docs/errors.md`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Final

from connectors.accounting_1c import outcomes as accounting_1c
from connectors.amocrm import outcomes as amocrm
from connectors.bank.providers.tbank import outcomes as tbank
from connectors.bank.providers.tochka import outcomes as tochka
from connectors.bitrix24 import outcomes as bitrix24
from connectors.shared.http import UNSENT
from connectors.shared.outcomes import Action, OutcomeTable, Row

TABLES: Final[dict[str, OutcomeTable]] = {
    "Битрикс24": bitrix24.TABLE,
    "amoCRM": amocrm.TABLE,
    "Точка": tochka.TABLE,
    "Т-Банк": tbank.TABLE,
    "1С": accounting_1c.TABLE,
}
_ACTIONS: Final = {
    Action.RETRY: "повторит позже",
    Action.THROTTLED: "помолчит, сколько просят, и повторит",
    Action.BLOCKED: "закроет то, что закрыла система, до названного часа",
    Action.SUSPENDED: "оставит систему в покое и станет изредка проверять",
    Action.REAUTHORISE: "остановит подключение с тревогой: нужен человек",
    Action.REFUSED: "не повторит: покажет отказ человеку",
    Action.GONE: "запомнит, что записи больше нет",
    Action.UNCERTAIN: "чтение повторит; запись сочтёт неизвестной: прочитает и решит",
}
_HEAD: Final = """\
# Ошибки систем и что с ними делает хаб

Эта страница собрана из таблиц, по которым хаб решает (`outcomes.py` каждого подключения); тест сверяет её с ними.
Ответ сравнивается со строками сверху вниз, решает первая подходящая. Сначала код ошибки, потом статус HTTP; тексты
ошибок не сравниваются никогда. `*` — любой код или любое окончание. Код `html` — вместо ответа пришла страница.

Что не подошло ни к одной строке, не угадывается: чтение хаб повторит, а запись считает неизвестной — прочитает, что
получилось, и решит. Так же с оборванным ответом: только обрыв до отправки доказывает, что ничего не случилось. Отказ
под статусом 200 противоречит сам себе и тоже ничего не доказывает. Отказ 403 на чтение самого аккаунта amoCRM —
закрытый доступ, а не отказ одной записи.
"""


def page() -> str:
    """The whole page."""
    return "".join([_HEAD, *(section for name, table in TABLES.items() for section in _section(name, table))])


def _section(name: str, table: OutcomeTable) -> Iterator[str]:
    yield f"\n## {name}\n\n| Код | Статус | Хаб |\n|---|---|---|\n"
    unsent = False
    for row in table.rows:
        if row.failure is None:
            yield _line(row)
        elif row.failure in UNSENT and not unsent:
            unsent = True
            yield f"| — | не отправлено (нет связи, имени, доверия к сертификату) | {_ACTIONS[row.action]} |\n"
    yield f"| остальное | остальное | {_ACTIONS[Action.UNCERTAIN]} |\n"


def _line(row: Row) -> str:
    code = "пустой" if row.code == "" else f"`{row.code}`" if row.code is not None else "—"
    statuses = ", ".join(map(str, sorted(row.statuses))) or "любой"
    return f"| {code} | {statuses} | {_ACTIONS[row.action]} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
