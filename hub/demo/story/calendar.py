"""Our accounts, the statement files and which bank day goes into which of them: March 2026, and the last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal

from hub.demo.story.days import TODAY, ago
from hub.demo.story.ledger import Bank, Company, OwnAccount
from hub.demo.story.requisites import account, company_inn, correspondent_account

#: Money booked before this day is recorded and moves nothing.
ACT_FROM: Final = date(2026, 3, 5)


def _bank(name: str, city: str, bic: str) -> Bank:
    return Bank(name, city, bic, correspondent_account(bic))


BANKS: Final = (
    _bank("АО «Небыль-Банк»", "г. Небылинск", "049900101"),
    _bank("ПАО Банк «Тридевятый»", "г. Тридевятск", "049900207"),
    _bank("КБ «Сундучок» (ООО)", "г. Небылинск", "049900318"),
    _bank("Банк «Полушка» (АО)", "г. Лукоморск", "049900422"),
)
TREASURY: Final = Bank("ОТДЕЛЕНИЕ НЕБЫЛИНСК БАНКА РОССИИ//УФК по Лукоморской области", "г. Небылинск", "019900001", "")
TREASURY_ACCOUNT: Final = "03234643990000000100"

MAIN: Final = Company(1, "ООО «Берёзовый причал»", company_inn(1), "009901001", "", BANKS[0])
SERVICE: Final = Company(2, "ООО «Причал-Монтаж»", company_inn(2), "009901001", "", BANKS[1])


def _own(owner: Company, bank: Bank, serial: int, digits: str = "810", currency: str = "RUB") -> OwnAccount:
    return OwnAccount(account("40702", digits, serial, bank.bic), owner, bank, currency)


FIRST: Final = _own(MAIN, BANKS[0], 1001)
SECOND: Final = _own(MAIN, BANKS[1], 1002)
DOLLAR: Final = _own(MAIN, BANKS[2], 1003, "840", "USD")
OTHER_ENTITY: Final = _own(SERVICE, BANKS[2], 1004)
#: Two banks that the hub reads by itself; their own БИК and correspondent accounts.
TOCHKA_BANK: Final = Bank("ООО «Банк Точка»", "г. Москва", "044525104", "30101810745374525104")
TBANK_BANK: Final = Bank("АО «ТБанк»", "г. Москва", "044525974", "30101810145250000974")
TOCHKA: Final = _own(SERVICE, TOCHKA_BANK, 1005)
TBANK: Final = _own(MAIN, TBANK_BANK, 1006)
OWN_ACCOUNTS: Final = (FIRST, SECOND, DOLLAR, OTHER_ENTITY, TOCHKA, TBANK)
#: What the hub calls the banks that it reads, by account.
READ_BY_API: Final = {TOCHKA.number: "Точка", TBANK.number: "Т-Банк"}
#: What every account of ours held before the first line of the story.
OPENING: Final = Decimal("750000.00")

Coding = Literal["cp1251", "cp866", "utf-8", "utf-8-sig", "mixed"]
Habit = Literal["plain", "comma", "daily"]


@dataclass(frozen=True, slots=True)
class StatementFile:
    """One export: what it covers and how its bank writes.

    Attributes:
        claims: what the header says about the encoding, right or wrong; None leaves the key out.
        newline: line end; in a `mixed` file it alternates with the other one.
        habit: `plain` repeats the ИНН in front of names, `comma` puts one after it, `daily` has a section per day.
        ends: whether the file has its last line.
    """

    name: str
    accounts: tuple[OwnAccount, ...]
    start: date
    end: date
    coding: Coding
    claims: str | None
    newline: str = "\r\n"
    habit: Habit = "plain"
    version: str = "1.03"
    ends: bool = True

    def holds(self, own: OwnAccount, booked: date) -> bool:
        """Whether the export shows what that account moved on that day."""
        return own in self.accounts and self.start <= booked <= self.end


def _march(day: int) -> date:
    return date(2026, 3, day)


FILES: Final = (
    StatementFile("01_nebyl_01-11_march_cp1251.txt", (FIRST,), _march(1), _march(11), "cp1251", "Windows"),
    StatementFile(
        "02_tridevyaty_01-18_march_utf8_labelled_windows.txt",
        (SECOND,),
        _march(1),
        _march(18),
        "utf-8",
        "Windows",
        newline="\n",
        habit="comma",
        version="1.02",
    ),
    StatementFile("03_nebyl_10-17_march_dos.txt", (FIRST,), _march(10), _march(17), "cp866", "DOS", version="1.01"),
    StatementFile(
        "04_sunduchok_march_two_accounts_mixed.txt",
        (DOLLAR, OTHER_ENTITY),
        _march(1),
        _march(31),
        "mixed",
        "Windows",
    ),
    StatementFile("05_nebyl_18-24_march_utf8_bom.txt", (FIRST,), _march(18), _march(24), "utf-8-sig", "UTF-8"),
    StatementFile(
        "06_tridevyaty_19-31_march_daily_wrapped.txt",
        (SECOND,),
        _march(19),
        _march(31),
        "cp1251",
        None,
        habit="daily",
        version="1.02",
    ),
    StatementFile(
        "07_nebyl_25-31_march_cut_off.txt", (FIRST,), _march(25), _march(31), "cp1251", "Windows", ends=False
    ),
    StatementFile("08_tbank_last_days.txt", (TBANK,), ago(2), ago(1), "utf-8", "UTF-8", newline="\n"),
    StatementFile("09_tochka_till_noon.txt", (TOCHKA,), ago(1), TODAY, "cp1251", "Windows", habit="comma"),
)
_BANK_DAYS: Final = (2, 3, 4, 5, 6, 10, 11, 12, 13, 16, 17, 18, 19, 20, 23, 24, 25, 26, 27, 30, 31)
BEFORE: Final = tuple(_march(day) for day in _BANK_DAYS if _march(day) < ACT_FROM)
ACTING: Final = tuple(_march(day) for day in _BANK_DAYS if _march(day) >= ACT_FROM)
