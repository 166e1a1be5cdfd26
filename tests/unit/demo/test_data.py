"""The shipped data: made by the generator, lawful, and as many-sided as the demo promises."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import TypeAdapter
from stdnum.ru import inn

from connectors.accounting_1c.sandbox.formats import published_schema as books_schema
from connectors.amocrm.sandbox.formats import published_schema as amo_schema
from connectors.bank.formats.client_bank_exchange import read_statement
from connectors.bank.sandbox.faults import BankAct
from connectors.bank.sandbox.formats import published_schema as bank_schema
from connectors.bank.statement import BrokenDocument, SkippedDocument, StatementLine, StatementSummary
from connectors.bitrix24.sandbox.formats import published_schema
from hub.demo.expectations import Expectations, load_expectations
from hub.demo.make import DATA, build, main, story
from hub.demo.story.calendar import TBANK
from hub.demo.story.days import moved
from mappings import load_rules


@pytest.fixture(scope="module")
def made() -> dict[str, bytes]:
    return build()


@pytest.fixture(scope="module")
def expected() -> Expectations:
    return load_expectations()


def test_committed_data_is_what_the_generator_makes(made: dict[str, bytes]) -> None:
    committed = {
        str(path.relative_to(DATA).as_posix()): path.read_bytes() for path in DATA.rglob("*") if path.is_file()
    }
    for written_by_hand in ("rules.yaml", "rules-amocrm.yaml"):
        del committed[written_by_hand]
    assert committed == made


def test_the_generator_writes_the_same_into_any_folder(tmp_path: Path, made: dict[str, bytes]) -> None:
    main(tmp_path)
    written = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert written == made


def test_the_portal_follows_the_published_seed_format(made: dict[str, bytes]) -> None:
    Draft202012Validator(json.loads(published_schema("seed"))).validate(json.loads(made["portal.json"]))


def test_the_account_the_base_and_the_banks_follow_their_published_seed_formats(made: dict[str, bytes]) -> None:
    Draft202012Validator(json.loads(amo_schema("seed"))).validate(json.loads(made["account.json"]))
    Draft202012Validator(json.loads(bank_schema("seed"))).validate(json.loads(made["banks.json"]))
    Draft202012Validator(json.loads(books_schema("seed"))).validate(json.loads(made["books.json"]))
    order: TypeAdapter[BankAct] = TypeAdapter(BankAct)
    for act in json.loads(made["hooks.json"])["acts"]:
        order.validate_python(act)


def test_the_rules_of_both_crms_are_one_text_with_other_numbers() -> None:
    shipped, other = (load_rules(DATA / name) for name in ("rules.yaml", "rules-amocrm.yaml"))
    for ours, theirs in (("0", "9101"), ("4", "9104")):
        first, second = shipped.pipelines[ours].actions, other.pipelines[theirs].actions
        assert set(first) == set(second)
        for event, action in first.items():
            assert (action.comment, action.task) == (second[event].comment, second[event].task)
            assert (action.stage_id is None) == (second[event].stage_id is None)


def test_the_rules_of_the_account_name_the_stages_of_the_same_names(made: dict[str, bytes]) -> None:
    portal, account = json.loads(made["portal.json"]), json.loads(made["account.json"])
    ours = {str(stage["id"]): stage["name"] for item in portal["categories"] for stage in item.get("stages", ())}
    theirs = {str(stage["id"]): stage["name"] for item in account["pipelines"] for stage in item["statuses"]}
    shipped, other = (load_rules(DATA / name) for name in ("rules.yaml", "rules-amocrm.yaml"))
    for mine, amo in (("0", "9101"), ("4", "9104")):
        for event, action in shipped.pipelines[mine].actions.items():
            told = other.pipelines[amo].actions[event].stage_id
            assert (ours.get(action.stage_id or ""), action.stage_id) == (theirs.get(told or ""), action.stage_id)


def test_the_rules_load_and_name_stages_that_the_portal_has(made: dict[str, bytes]) -> None:
    rules = load_rules(DATA / "rules.yaml")
    stages = {
        str(category["id"]): {stage["id"] for stage in category["stages"]}
        for category in json.loads(made["portal.json"])["categories"]
        if category["entity_type_id"] == 2
    }
    assert set(rules.pipelines) == set(stages)
    for pipeline, actions in rules.pipelines.items():
        named = {action.stage_id for action in actions.actions.values() if action.stage_id}
        assert named <= stages[pipeline]


def test_there_are_enough_payments_and_kinds_of_case(expected: Expectations) -> None:
    cases = Counter(item.case for item in expected.payments)
    assert len(expected.payments) >= 200
    assert len(cases) >= 30
    assert {item.decision for item in expected.payments} == {"auto", "suggest", "none"}


def test_every_encoding_and_habit_is_among_the_files() -> None:
    raws = {path.name[:2]: path.read_bytes() for path in (DATA / "statements").iterdir()}
    assert raws["01"].decode("cp1251").startswith("1CClientBankExchange\r\n")
    assert "Кодировка=Windows" in raws["02"].decode("utf-8")
    assert b"\r" not in raws["02"]
    assert "Кодировка=DOS" in raws["03"].decode("cp866")
    with pytest.raises(UnicodeDecodeError):
        raws["04"].decode("utf-8")
    assert raws["04"].endswith("КонецФайла\n".encode())
    assert raws["05"].startswith(b"\xef\xbb\xbf")
    assert raws["06"].decode("cp1251").count("СекцияРасчСчет") == 13
    assert "КонецФайла" not in raws["07"].decode("cp1251")


def test_the_statement_reader_finds_exactly_the_expected_payments(expected: Expectations) -> None:
    found: dict[tuple[str | None, str, int], StatementLine] = {}
    for path in sorted((DATA / "statements").iterdir()):
        for item in read_statement(path.read_bytes(), expected.own_accounts, expected.own_tax_ids):
            if isinstance(item, StatementLine):
                found.setdefault((item.own_account, item.fingerprint, item.occurrence), item)
    seen = Counter(
        (item.own_account, item.document_number, item.booked_on, item.amount, item.direction.value)
        for item in found.values()
    )
    assert seen == Counter(
        (item.account, item.number, item.booked_on, item.amount, item.direction)
        for item in expected.payments
        if any(source.endswith(".txt") for source in item.sources)
    )


def test_the_banks_hold_exactly_the_expected_payments(expected: Expectations, made: dict[str, bytes]) -> None:
    told = [act["operation"] for act in json.loads(made["hooks.json"])["acts"]]
    held = [item for item in json.loads(made["banks.json"])["operations"] if item.get("status") != "hold"]
    seen = Counter((item["account"], item["document_number"], item["booked_at"][:10], item["amount"]) for item in told)
    seen += Counter((item["account"], item["document_number"], item["booked_at"][:10], item["amount"]) for item in held)
    assert seen == Counter(
        (item.account, item.number, item.booked_on.isoformat(), f"{item.amount.amount:.2f}")
        for item in expected.payments
        if not all(source.endswith(".txt") for source in item.sources)
    )


def test_money_is_seen_by_file_by_api_and_by_hook_at_once(expected: Expectations) -> None:
    kinds = Counter(
        tuple(sorted({source.partition(",")[0] for source in item.sources if not source.endswith(".txt")}))
        + (("файл",) if any(source.endswith(".txt") for source in item.sources) else ())
        for item in expected.payments
    )
    assert {
        ("файл",),
        ("Точка", "вебхук: Точка"),
        ("Точка", "файл"),
        ("Точка", "вебхук: Точка", "файл"),
        ("Т-Банк",),
        ("Т-Банк", "файл"),
    } == set(kinds)


def test_each_file_holds_what_is_expected_of_it(expected: Expectations) -> None:
    for file in expected.files:
        items = list(
            read_statement((DATA / "statements" / file.name).read_bytes(), expected.own_accounts, expected.own_tax_ids)
        )
        broken = [item for item in items if isinstance(item, BrokenDocument)]
        wanted = [(item.line, item.key) for item in expected.broken if item.file == file.name]
        assert [(item.line_no, item.key) for item in broken] == wanted
        assert sum(isinstance(item, SkippedDocument) for item in items) == file.skipped
        summary = next(item for item in items if isinstance(item, StatementSummary))
        assert summary.lines == file.new + file.known
        checks = {account.check.state.value for account in summary.accounts}
        assert checks == ({"difference"} if broken else {"green"})


def test_no_expected_allocation_breaks_the_law(expected: Expectations, made: dict[str, bytes]) -> None:
    names = expected.invoices
    amounts = {names[str(item["id"])]: item["opportunity"] for item in json.loads(made["portal.json"])["invoices"]}
    amounts |= {names[str(item["id"])]: item["price"] for item in json.loads(made["account.json"])["invoices"]}
    documents = json.loads(made["books.json"])["objects"]["Document_СчетНаОплатуПокупателю"]
    amounts |= {item["Number"]: item["СуммаДокумента"] for item in documents}
    covered: Counter[str] = Counter()
    for item in expected.payments:
        assert sum(part.minor for part in item.allocations.values()) <= item.amount.minor
        for number, part in item.allocations.items():
            covered[number] += part.minor
    for number, minor in covered.items():
        assert minor <= int(amounts[number].replace(".", ""))


def in_1c(made: dict[str, bytes], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(made["books.json"])["objects"][name]
    return found


def test_sales_stand_in_1c_and_a_crm_or_in_1c_alone(expected: Expectations, made: dict[str, bytes]) -> None:
    both = Counter(name.partition(" ")[0] for item in expected.papers for name in item.invoices)
    alone = Counter(
        name.partition(" ")[0] for item in expected.papers for name in item.deals if not (item.invoices or item.asked)
    )
    assert min(both["bitrix24"], both["amocrm"]) >= 5
    assert min(alone["bitrix24"], alone["amocrm"]) >= 3
    assert len([item for item in expected.papers if item.asked]) == 2
    in_force = {item["Ref_Key"] for item in in_1c(made, "Document_СчетНаОплатуПокупателю") if item["Posted"]}
    assert in_force == {item.key for item in expected.papers}


def test_some_of_them_disagree(expected: Expectations, made: dict[str, bytes]) -> None:
    documents = {item["Ref_Key"]: item for item in in_1c(made, "Document_СчетНаОплатуПокупателю")}
    with_inn = {item["Ref_Key"] for item in in_1c(made, "Catalog_Контрагенты") if "ИНН" in item}
    cards = {f"bitrix24 {item['id']}": item for item in json.loads(made["portal.json"])["invoices"]}
    seen: Counter[str] = Counter()
    for paper in expected.papers:
        document = documents[paper.key]
        seen["no inn"] += document["Контрагент_Key"] not in with_inn
        for card in (cards[name] for name in paper.invoices if name in cards):
            seen["reference"] += card.get("xml_id") == paper.key
            seen["number"] += card["account_number"] != paper.number
            seen["sum"] += card["opportunity"] != document["СуммаДокумента"]
            seen["day"] += card["begin_date"] != document["Date"][:10]
    assert seen["reference"] >= 8
    assert seen["number"] > seen["reference"]
    assert min(seen["sum"], seen["day"], seen["no inn"]) >= 2


def test_purposes_quote_the_numbers_that_1c_printed(expected: Expectations, made: dict[str, bytes]) -> None:
    marked = [effect for item in expected.payments for effect in item.effects if effect.crm == "accounting_1c"]
    numbers = {item["Number"] for item in in_1c(made, "Document_СчетНаОплатуПокупателю")}
    assert {effect.subject for effect in marked} <= numbers
    assert max(Counter(marked).values()) == 1
    paid = {number for item in expected.payments for number in item.allocations}
    named = [line for line in story().lines if line.allocations and line.allocations[0][0].paper is not None]
    for line in named:
        digits = line.allocations[0][0].number.partition("-")[2]
        assert str(int(digits)) in line.purpose
        assert line.allocations[0][0].number in paid


def test_no_deal_is_expected_to_enter_a_stage_twice(expected: Expectations) -> None:
    moves = [effect for item in expected.payments for effect in item.effects if effect.kind == "move"]
    entered = Counter((effect.crm, effect.subject, effect.detail.split(" → ")[1]) for effect in moves)
    assert max(entered.values()) == 1


def test_only_automatic_payments_since_the_first_acting_day_write_anything(expected: Expectations) -> None:
    for item in expected.payments:
        if item.effects:
            assert item.decision == "auto"
            assert item.booked_on >= expected.act_from


def test_requisites_have_right_check_digits(made: dict[str, bytes]) -> None:
    numbers = [item["rq_inn"] for item in json.loads(made["portal.json"])["requisites"]]
    numbers += [item["payer"]["vat_id"] for item in json.loads(made["account.json"])["invoices"]]
    for number in numbers:
        assert inn.is_valid(number)
        assert number.startswith("0099")


def test_the_last_days_end_with_the_day_of_the_run(made: dict[str, bytes]) -> None:
    today = date(2026, 3, 1)
    told = json.loads(moved(made["hooks.json"], today))
    assert {act["operation"]["booked_at"][:10] for act in told["acts"]} == {"2026-03-01"}
    days = {item.booked_on for item in load_expectations(today).payments if item.account == TBANK.number}
    assert days == {date(2026, 2, 26), date(2026, 2, 27), date(2026, 2, 28)}
    for raw in made.values():
        assert re.search(rb"(?<!\d)2099(?!\d)", moved(raw, today)) is None


def test_a_purpose_never_passes_the_210_characters_of_a_payment_order() -> None:
    assert max(len(line.purpose) for line in story().lines) <= 210
