"""The shipped data: made by the generator, lawful, and as many-sided as the demo promises."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from stdnum.ru import inn

from connectors.bank.formats.client_bank_exchange import read_statement
from connectors.bank.statement import BrokenDocument, SkippedDocument, StatementLine, StatementSummary
from connectors.bitrix24.sandbox.formats import published_schema
from hub.demo.expectations import Expectations, load_expectations
from hub.demo.make import DATA, build, main
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
    for written_by_hand in ("rules.yaml",):
        del committed[written_by_hand]
    assert committed == made


def test_the_generator_writes_the_same_into_any_folder(tmp_path: Path, made: dict[str, bytes]) -> None:
    main(tmp_path)
    written = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path in tmp_path.rglob("*.*")}
    assert written == made


def test_the_portal_follows_the_published_seed_format(made: dict[str, bytes]) -> None:
    Draft202012Validator(json.loads(published_schema("seed"))).validate(json.loads(made["portal.json"]))


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
        (item.account, item.number, item.booked_on, item.amount, item.direction) for item in expected.payments
    )


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
    amounts = {item["account_number"]: item["opportunity"] for item in json.loads(made["portal.json"])["invoices"]}
    covered: Counter[str] = Counter()
    for item in expected.payments:
        assert sum(part.minor for part in item.allocations.values()) <= item.amount.minor
        for number, part in item.allocations.items():
            covered[number] += part.minor
    for number, minor in covered.items():
        assert minor <= int(amounts[number].replace(".", ""))


def test_no_deal_is_expected_to_enter_a_stage_twice(expected: Expectations) -> None:
    moves = [effect for item in expected.payments for effect in item.effects if effect.kind == "move"]
    entered = Counter((effect.subject, effect.detail.split(" → ")[1]) for effect in moves)
    assert max(entered.values()) == 1


def test_only_automatic_payments_since_the_first_acting_day_write_anything(expected: Expectations) -> None:
    for item in expected.payments:
        if item.effects:
            assert item.decision == "auto"
            assert item.booked_on >= expected.act_from


def test_requisites_have_right_check_digits(made: dict[str, bytes]) -> None:
    for item in json.loads(made["portal.json"])["requisites"]:
        assert inn.is_valid(item["rq_inn"])
        assert item["rq_inn"].startswith("0099")


def test_a_purpose_never_passes_the_210_characters_of_a_payment_order() -> None:
    from hub.demo.make import story

    assert max(len(line.purpose) for line in story().lines) <= 210
