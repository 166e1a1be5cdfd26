"""`sverka export-audit`: the journal as a file, checked without the hub."""

from __future__ import annotations

import csv
import json
import stat
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.cli.journal_file import check_file, safe_cell, write_jsonl
from hub.composition.hub import open_hub
from hub.config import create_key_file, load_config
from hub.domain.journal import GENESIS, block_body, block_hash, line_hash
from hub.ports.records import AuditEntry
from hub.store.queries import JournalBlock
from tests.support.matrix import Figures
from tests.unit.cli.test_cli_hub import SETTINGS, run

Document = dict[str, Any]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hub with three blocks of two lines and one line that is not sealed yet, and its journal exported."""
    folder = tmp_path_factory.mktemp("journal")
    config_path = folder / "sverka.yaml"
    config_path.write_text(SETTINGS, encoding="utf-8")
    create_key_file(folder / "data" / "secret.key")
    with open_hub(load_config(config_path), connect=False) as hub:
        for block in range(3):
            with hub.rt.store.write() as uow:
                for number in range(2):
                    entry = AuditEntry("payment.matched", "=cmd|' /C calc'!A0", f"p{block}", {"n": number, "т": "ёлка"})
                    uow.audit.append(entry, hub.clock.now())
                uow.audit.seal(hub.clock.now())
        with hub.rt.store.write() as uow:
            uow.audit.append(AuditEntry("hub.paused", "cli", "hub"), hub.clock.now())
    result = run(config_path, "export-audit", "--out", folder / "journal.jsonl")
    assert (result.exit_code, result.stderr) == (0, "")
    return folder


@pytest.fixture
def config_path(home: Path) -> Path:
    """Its settings."""
    return home / "sverka.yaml"


@pytest.fixture
def exported(home: Path) -> list[Document]:
    """The lines of the export."""
    file = home / "journal.jsonl"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def fault_of(documents: list[Document]) -> str | None:
    return check_file(json.dumps(item) for item in documents).fault


def test_a_whole_export_fits_and_names_its_newest_block(
    config_path: Path, exported: list[Document], tmp_path: Path
) -> None:
    assert fault_of(exported) is None
    file = config_path.parent / "journal.jsonl"
    result = run(config_path, "export-audit", "--verify", file)
    assert result.exit_code == 0
    assert "записей 7, блоков 3, последний блок 3" in result.output
    assert "Ещё не скреплены блоком: 1" in result.output
    assert run(tmp_path / "absent.yaml", "export-audit", "--verify", file).exit_code == 0


def change(kind: str, place: int, name: str, value: object) -> Callable[[list[Document]], None]:
    def edit(documents: list[Document]) -> None:
        [item for item in documents if item["kind"] == kind][place][name] = value

    return edit


def drop(kind: str, place: int) -> Callable[[list[Document]], None]:
    def edit(documents: list[Document]) -> None:
        documents.remove([item for item in documents if item["kind"] == kind][place])

    return edit


def insert(documents: list[Document]) -> None:
    line = next(item for item in documents if item["kind"] == "line")
    documents.insert(documents.index(line), line | {"id": 900})


def cut_last_block(documents: list[Document]) -> None:
    last = [item for item in documents if item["kind"] == "block"][-1]
    place = documents.index(last)
    end = documents[-1] | {"lines": 4, "blocks": 2}
    documents[place:] = [end]


EDITS = {
    **{f"line {name}": change("line", 2, name, "x") for name in ("at", "event", "actor", "subject", "data")},
    "line id": change("line", 2, "id", 77),
    "line block": change("line", 2, "block", 1),
    "line unsealed": change("line", 2, "block", None),
    **{f"block {name}": change("block", 1, name, "x") for name in ("sealed_at", "previous_hash", "hash", "body")},
    "block number": change("block", 1, "number", 3),
    "line deleted": drop("line", 3),
    "block deleted": drop("block", 0),
    "end deleted": drop("end", 0),
    "line inserted": insert,
    "last block cut off": cut_last_block,
    "head": change("journal", 0, "head", {"number": 9, "hash": GENESIS}),
}


@pytest.mark.row(41)
@pytest.mark.parametrize("name", EDITS)
def test_an_edited_export_is_found_out_without_the_database(
    exported: list[Document], name: str, figures: Figures
) -> None:
    EDITS[name](exported)
    assert fault_of(exported) is not None
    figures.total("edits of an export found", 1)


def test_an_export_of_one_subject_is_checked_by_the_hashes_in_its_blocks(config_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "one.jsonl"
    assert run(config_path, "export-audit", "--subject", "p1", "--out", file).exit_code == 0
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [item["subject"] for item in lines if item["kind"] == "line"] == ["p1", "p1"]
    assert fault_of(lines) is None
    change("line", 0, "actor", "x")(lines)
    assert "изменена" in (fault_of(lines) or "")


def test_a_period_is_named_by_days(config_path: Path) -> None:
    past = run(config_path, "export-audit", "--until", "2020-01-01")
    assert past.output.count('"line"') == 0
    assert run(config_path, "export-audit", "--since", "2020-01-01").output.count('"kind": "line"') == 7


def test_a_table_runs_nothing_in_a_spreadsheet(config_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "journal.csv"
    assert run(config_path, "export-audit", "--format", "csv", "--out", file).exit_code == 0
    with file.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["block"] for row in rows] == ["1", "1", "2", "2", "3", "3", ""]
    assert {row["actor"] for row in rows} == {"'=cmd|' /C calc'!A0", "cli"}
    assert all(len(row["line_sha256"]) == 64 for row in rows)


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@SUM(A1)", "\tx", "\rx", "\n=1"])
def test_whatever_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert safe_cell(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "not json", '{"kind": "line"}', "[]", '{"kind": "journal", "version": 99}'])
def test_a_file_that_is_no_export_is_refused(config_path: Path, tmp_path: Path, text: str) -> None:
    file = tmp_path / "strange.jsonl"
    file.write_text(text, encoding="utf-8")
    result = run(config_path, "export-audit", "--verify", file)
    assert result.exit_code == 1
    assert "цепочка не сходится" in result.output
    assert "Внутренняя ошибка" not in result.output + result.stderr


def long_journal(blocks: int) -> Iterator[JournalBlock]:
    previous = GENESIS
    for number in range(1, blocks + 1):
        lines = tuple(
            {"id": place, "at": "2026-03-02T12:00:00+00:00", "event": "e", "actor": "hub", "subject": "p1", "data": {}}
            for place in range(number * 1000, number * 1000 + 1000)
        )
        body = block_body((int(str(line["id"])), line_hash(line)) for line in lines)
        at = "2026-03-02T12:00:01+00:00"
        digest = block_hash(number, at, previous, body)
        seal = {"number": number, "sealed_at": at, "previous_hash": previous, "hash": digest, "body": body}
        yield JournalBlock(number, dict(seal), lines)
        previous = digest


def peak_of(file: Path, blocks: int) -> int:
    """Most memory, bytes, that writing and checking a journal of so many blocks took."""
    header = {"since": "x", "until": None, "subject": None, "head": {"number": blocks, "hash": ""}}
    tracemalloc.start()
    try:
        with file.open("w", encoding="utf-8") as stream:
            assert write_jsonl(stream, header, long_journal(blocks)) == blocks * 1000
        with file.open(encoding="utf-8") as stream:
            found = check_file(stream)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (found.fault, found.lines, found.blocks) == (None, blocks * 1000, blocks)
    return peak


def test_a_journal_of_any_length_is_written_and_checked_in_the_memory_of_a_block(tmp_path: Path) -> None:
    assert peak_of(tmp_path / "long.jsonl", 9) < 1.2 * peak_of(tmp_path / "short.jsonl", 3)
