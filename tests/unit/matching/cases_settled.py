"""Cases that a machine settles by the number or by the sum, and their nearest misses."""

from __future__ import annotations

from tests.unit.matching.case_table import (
    CANCELLED,
    PAID,
    PION_BRANCH,
    auto,
)
from tests.unit.matching.cases import (
    OUR_OTHER_COMPANY,
    ROZA,
    client,
    inv,
    pay,
)

NUMBER_ROAD = [
    auto("number, sum and ИНН", pay("по счету 45", 1200), [inv("45", 1200)], {"i45": "1200.00"}, "number_sum_client"),
    auto(
        "number and sum, client not known",
        pay("сч 45", 1200, None),
        [inv("45", 1200)],
        {"i45": "1200.00"},
        "number_sum",
    ),
    auto(
        "number and sum, name alike", pay("сч 45", 1200, None, name="Пион ООО"), [inv("45", 1200)], {"i45": "1200.00"}
    ),
    auto("number and date", pay("сч 45 от 03.02.26", 1200), [inv("45", 1200)], {"i45": "1200.00"}),
    auto("number with zeros of 1C", pay("сч 123", 1200), [inv("ТД00-000123", 1200)], {"iТД00-000123": "1200.00"}),
    auto(
        "number with prefix, no zeros", pay("сч ТД-123", 1200), [inv("ТД00-000123", 1200)], {"iТД00-000123": "1200.00"}
    ),
    auto("Latin twins", pay("сч TД00-000123", 1200), [inv("ТД00-000123", 1200)], {"iТД00-000123": "1200.00"}),
    auto("lower case", pay("сч ут-45/1", 1200), [inv("УТ-45/1", 1200)], {"iУТ-45/1": "1200.00"}),
    auto("letter O for zero", pay("по счету 1О5", 1200), [inv("105", 1200)], {"i105": "1200.00"}),
    auto(
        "part of a named invoice", pay("по счету 45", 300), [inv("45", 1200)], {"i45": "300.00"}, "number_client_part"
    ),
    auto("rest of a named invoice", pay("доплата сч 45", 900), [inv("45", 1200, paid=300)], {"i45": "900.00"}),
    auto("share stated in per cent", pay("Предоплата 30% сч 45", 360), [inv("45", 1200)], {"i45": "360.00"}),
    auto(
        "two named make the sum",
        pay("по счетам 45 и 46", 1700),
        [inv("45", 1200), inv("46", 500)],
        {"i45": "1200.00", "i46": "500.00"},
        "several_sum_client",
    ),
    auto(
        "a range makes the sum",
        pay("по счетам 45-47", 600, None),
        [inv("45", 100), inv("46", 200), inv("47", 300)],
        {"i45": "100.00", "i46": "200.00", "i47": "300.00"},
        "several_sum",
    ),
    auto(
        "sums written next to numbers",
        pay("сч.45 на сумму 1000 руб, сч.46 на сумму 200 руб", 1200),
        [inv("45", 1200), inv("46", 500)],
        {"i45": "1000.00", "i46": "200.00"},
    ),
    auto(
        "the year tells twins apart",
        pay("сч 45 от 03.02.2026", 1200),
        [inv("45", 1200, on="2025-02-03", id="old"), inv("45", 1200, id="new")],
        {"new": "1200.00"},
    ),
    auto(
        "the ИНН tells twins apart",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 1200, ROZA, id="b")],
        {"a": "1200.00"},
    ),
    auto(
        "our legal entity tells twins apart",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 1200, id="b", org=OUR_OTHER_COMPANY)],
        {"a": "1200.00"},
    ),
    auto(
        "the sum tells twins apart",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 700, id="b", on="2025-02-03")],
        {"a": "1200.00"},
    ),
    auto(
        "a paid twin does not stand in the way",
        pay("сч 45", 1200),
        [inv("45", 1200, id="a"), inv("45", 1200, id="b", on="2025-02-03", status=PAID, paid=1200)],
        {"a": "1200.00"},
    ),
    auto(
        "the named one of two equal sums",
        pay("сч 45", 1200),
        [inv("45", 1200), inv("46", 1200)],
        {"i45": "1200.00"},
    ),
    auto(
        "a contract that agrees", pay("сч 45 дог. 5/26", 1200), [inv("45", 1200, contract="5/26")], {"i45": "1200.00"}
    ),
    auto("loose slash part with sum and ИНН", pay("сч 12", 1200), [inv("12/26", 1200)], {"i12/26": "1200.00"}),
    auto(
        "branch by another КПП, but named",
        pay("сч 45", 1200, kpp="770099001"),
        [inv("45", 1200, PION_BRANCH)],
        {"i45": "1200.00"},
    ),
    auto(
        "treasury pays, number and sum agree",
        pay("сч 45 за школу", 1200, "7710000001", name="УФК по г. Москве", account="03214643000000017300"),
        [inv("45", 1200)],
        {"i45": "1200.00"},
    ),
    auto(
        "words of a loan do not outweigh full agreement",
        pay("сч 45 по договору займа", 1200),
        [inv("45", 1200)],
        {"i45": "1200.00"},
    ),
]

SUM_ROAD = [
    auto(
        "the only open invoice of that sum",
        pay("Оплата за доски", 1200),
        [inv("45", 1200), inv("46", 700)],
        {"i45": "1200.00"},
        "sum_client",
    ),
    auto(
        "by bank account",
        pay("За доски", 1200, None, name="", account="40702810100000000001"),
        [inv("45", 1200, client(None, "", account="40702810100000000001"))],
        {"i45": "1200.00"},
    ),
    auto("the rest of a part-paid invoice", pay("За доски", 700), [inv("45", 1200, paid=500)], {"i45": "700.00"}),
    auto("a deal that is its own invoice", pay("За доски", 1200), [inv(None, 1200, id="deal")], {"deal": "1200.00"}),
    auto(
        "an equal sum of another client is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, ROZA)],
        {"i45": "1200.00"},
    ),
    auto(
        "an equal sum of our other entity is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, org=OUR_OTHER_COMPANY)],
        {"i45": "1200.00"},
    ),
    auto(
        "a cancelled twin is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, status=CANCELLED)],
        {"i45": "1200.00"},
    ),
    auto(
        "a later invoice is no rival",
        pay("За доски", 1200),
        [inv("45", 1200), inv("46", 1200, on="2026-03-05")],
        {"i45": "1200.00"},
    ),
    auto("a VAT invoice number is no invoice number", pay("по сч-ф 99", 1200), [inv("45", 1200)], {"i45": "1200.00"}),
    auto(
        "the contract excludes the other",
        pay("по дог. 5/26", 1200),
        [inv("45", 1200, contract="5/26"), inv("46", 1200, contract="7/26")],
        {"i45": "1200.00"},
    ),
    auto(
        "the date of the invoice excludes the other",
        pay("по счёту от 03.02.2026", 1200),
        [inv("45", 1200), inv("46", 1200, on="2026-02-10")],
        {"i45": "1200.00"},
    ),
    auto(
        "ИНН in the text behind a bank",
        pay("Оплата от ООО Пион ИНН 7700000016 за доски", 1200, "7707083893", name="ПАО Сбербанк"),
        [inv("45", 1200)],
        {"i45": "1200.00"},
    ),
]
