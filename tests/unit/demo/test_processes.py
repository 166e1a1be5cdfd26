"""The demo's processes: started, waited for, stopped, and blamed by name when they fail."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from hub.demo.processes import Child, DemoError, answers, call, child_environment


def sandbox(log: Path) -> Child:
    return Child("Портал", ["connectors.bitrix24.sandbox"], log, announces=True)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_process_announces_itself_answers_and_is_stopped_at_the_end(tmp_path: Path) -> None:
    with sandbox(tmp_path / "portal.log") as child:
        said: Mapping[str, Any] = child.announcement(20)
        child.wait_until_answers(f"{said['webhook_url']}server.time", 10)
        assert not child.ended_within(0)
        pid = child.pid
    assert not is_alive(pid)
    assert not answers(said["url"])


def test_a_process_is_stopped_when_the_demo_fails_in_between(tmp_path: Path) -> None:
    child = sandbox(tmp_path / "portal.log")
    child.announcement(20)
    with pytest.raises(ZeroDivisionError), child:
        child.ended_within(1 / 0)
    assert not is_alive(child.pid)


def test_a_process_that_says_nothing_is_blamed_with_its_own_last_words(tmp_path: Path) -> None:
    log = tmp_path / "none.log"
    with Child("Портал", ["no_such_module_here"], log, announces=True) as child, pytest.raises(DemoError) as caught:
        child.announcement(20)
    assert "Портал не запустился" in str(caught.value)
    assert "no_such_module_here" in str(caught.value)


def test_a_process_that_ends_before_it_answers_is_blamed_at_once(tmp_path: Path) -> None:
    child = Child("Хаб", ["no_such_module_here"], tmp_path / "hub.log")
    with child, pytest.raises(DemoError, match="остановился сам с кодом 1"):
        child.wait_until_answers("http://127.0.0.1:9/health", 20)


def test_a_command_returns_what_it_printed() -> None:
    assert "sverka" in call(["connectors.bitrix24.sandbox", "--help"], 20)


def test_a_failed_command_is_an_error_unless_its_code_is_allowed() -> None:
    with pytest.raises(DemoError, match="no_such_module_here"):
        call(["no_such_module_here"], 20)
    assert call(["no_such_module_here"], 20, allowed=(1,)) == ""


def test_settings_of_the_callers_environment_do_not_reach_the_demo(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SVERKA_DATABASE", "postgresql://elsewhere/real")
    assert not [name for name in child_environment() if name.startswith("SVERKA_")]
