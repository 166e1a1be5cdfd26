"""Row 22: the bank corrects, back-dates and takes lines back; each is there once and no correction is silent."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

import pytest

from hub.ports.records import EffectKind, EffectState, PaymentState
from hub.services.match_payments import match_payments
from hub.store.engine import Database
from hub.store.queries import Queries
from tests.integration.office import Office, seed
from tests.support.matrix import Figures
from tests.support.shift import broken_promises, opened_office
from tests.support.statements import OUR_ACCOUNT, Received, statement

pytestmark = pytest.mark.row(22)
CREDITED = "ВсегоПоступило=".encode("cp1251")
PURPOSE = "Оплата по счету № {number} от 10.03.2026. НДС не облагается"


def line(number: int, invoice: int, amount: str, day: str = "13.03.2026") -> Received:
    return Received(str(number), amount, PURPOSE.format(number=invoice), day=day)


def proved(
    lines: Iterable[Received], first: str = "12.03.2026", last: str = "14.03.2026", made_on: str = "16.03.2026"
) -> bytes:
    """A file with the bank's turnovers, which the lines agree with: it holds its days whole."""
    held = list(lines)
    credited = sum((Decimal(item.amount) for item in held), Decimal(0))
    text = statement(held, day=first).decode("cp1251")
    account = (
        f"СекцияРасчСчет\r\nДатаНачала={first}\r\nДатаКонца={last}\r\nНачальныйОстаток=0.00\r\nРасчСчет={OUR_ACCOUNT}\r\n"
        f"ВсегоСписано=0.00\r\nВсегоПоступило={credited}\r\nКонечныйОстаток={credited}\r\nКонецРасчСчет\r\n"
    )
    text = text.replace(f"ДатаКонца={first}", f"ДатаКонца={last}", 1)
    text = text.replace(f"РасчСчет={OUR_ACCOUNT}\r\n", f"РасчСчет={OUR_ACCOUNT}\r\n{account}", 1)
    return text.replace("Получатель=1С", f"ДатаСоздания={made_on}\r\nПолучатель=1С", 1).encode("cp1251")


def told(database: Database, event: str) -> list[str]:
    return [row.subject for row in Queries(database).journal(limit=500) if row.event == event]


def gone(office: Office) -> list[str]:
    return [row.payment.id for row in office.payments() if row.vanished_in is not None]


FIRST, SECOND = line(50, 701, "1000.00"), line(51, 702, "2000.50")


def test_a_corrected_sum_is_a_new_line_and_the_old_one_is_shown_as_gone(database: Database, figures: Figures) -> None:
    with opened_office(database, seed()) as office:
        office.poll()
        office.bring_file(proved([FIRST, SECOND]), "monday.txt")
        office.settle()
        corrected = line(50, 701, "900.00")
        inbox_id = office.bring_file(proved([corrected, SECOND], made_on="17.03.2026"), "tuesday.txt")
        office.settle()
        old = office.payment("p1")
        assert gone(office) == ["p1"]
        assert any("Исчез из выписки" in text for text in old.warnings)
        with office.store.read() as uow:
            row = uow.inbox.get(inbox_id)
        assert row is not None
        assert any("№ 50 от 13.03.2026" in text for text in (row.summary or {})["warnings"])
        assert told(database, "payment.vanished") == ["p1"], "one line in the journal"
        assert old.state is PaymentState.MATCHED, "nothing is undone by machine"
        assert office.moves(9001) == ["EXECUTING"]
        assert office.payment("p3").state is PaymentState.NEEDS_YOU, "the invoice is paid by the line that is gone"
        figures.total("corrected lines shown", 1)
        assert broken_promises(office, database, [FIRST, SECOND, corrected]) == []


def test_a_correction_without_turnovers_is_told_by_number_parties_and_day(database: Database) -> None:
    with opened_office(database, seed()) as office:
        office.poll()
        office.bring_file(statement([FIRST, SECOND], day="13.03.2026"), "monday.txt")
        office.bring_file(statement([line(50, 701, "900.00")], day="13.03.2026"), "tuesday.txt")
        assert gone(office) == ["p1"], "the second line may just not have been asked for"


def test_a_line_that_the_bank_took_back_stops_what_was_not_sent_yet(database: Database, figures: Figures) -> None:
    with opened_office(database, seed()) as office:
        office.poll()
        office.bring_file(proved([FIRST, SECOND]), "monday.txt")
        match_payments(office.rt)
        office.bring_file(proved([SECOND], made_on="17.03.2026"), "tuesday.txt")
        office.settle()
        assert gone(office) == ["p1"]
        assert office.moves(9001) == []
        assert office.moves(9002) == ["EXECUTING"]
        parked = office.effect(EffectKind.MOVE_DEAL)
        assert parked.state is EffectState.PARKED
        assert "исчезли из выписки" in (parked.reason or "")
        figures.total("lines taken back before a write", 1)


def test_a_line_that_is_back_is_no_longer_shown_as_gone_and_both_are_in_the_journal(database: Database) -> None:
    with opened_office(database, seed()) as office:
        office.poll()
        office.bring_file(proved([FIRST, SECOND]), "monday.txt")
        office.bring_file(proved([SECOND], made_on="17.03.2026"), "tuesday.txt")
        assert gone(office) == ["p1"]
        office.bring_file(proved([FIRST, SECOND], made_on="18.03.2026"), "wednesday.txt")
        assert gone(office) == []
        assert told(database, "payment.vanished") == told(database, "payment.reappeared") == ["p1"]
        assert len(office.payments()) == 2


def test_a_back_dated_line_is_added_and_an_older_file_brought_late_takes_nothing_away(database: Database) -> None:
    with opened_office(database, seed()) as office:
        office.poll()
        late = line(49, 701, "1000.00", day="12.03.2026")
        older = proved([SECOND], made_on="15.03.2026")
        office.bring_file(proved([late, SECOND]), "newer.txt")
        office.bring_file(older, "older.txt")
        assert gone(office) == []
        office.settle()
        assert (office.moves(9001), office.moves(9002)) == (["EXECUTING"], ["EXECUTING"])
        assert broken_promises(office, database, [late, SECOND]) == []


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        ("made on its last day", proved([SECOND], last="13.03.2026", made_on="13.03.2026")),
        ("another day", proved([line(60, 702, "2000.50", day="14.03.2026")], first="14.03.2026")),
        (
            "turnovers do not agree",
            proved([SECOND]).replace(CREDITED, CREDITED + b"9"),
        ),
        ("cut off", proved([SECOND])[:-60]),
    ],
)
def test_a_file_that_proves_nothing_flags_nothing(database: Database, name: str, raw: bytes) -> None:
    with opened_office(database, seed()) as office:
        office.poll()
        office.bring_file(proved([FIRST, SECOND], last="13.03.2026", made_on="12.03.2026"), "first.txt")
        office.bring_file(raw, name)
        assert gone(office) == []
