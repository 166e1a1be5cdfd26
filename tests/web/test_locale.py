"""The English catalogue holds every sentence of the desk, with the same blanks in it."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest

from hub.domain.deal_of_sale import DealTrait
from hub.domain.one_sale import Trait
from hub.services import control
from hub.services.one_sale import BOTH_PAID, PAID_MORE, SEVERAL
from hub.web.desk.journal import EVENTS
from hub.web.desk.sale_words import DIFFERENCES, FOR_DEAL
from hub.web.locale import Words, words

WEB = Path(__file__).parents[2] / "hub" / "web"
CATALOGUE: dict[str, str] = json.loads((WEB / "locale" / "en.json").read_text(encoding="utf-8"))
_CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
_SAID = re.compile(r"""(?:\b_\(|plural\([^"']*)(?:"([^"]+)"|'([^']+)')""")


def _of_templates() -> Iterator[str]:
    for path in (WEB / "templates").glob("*.html"):
        for double, single in _SAID.findall(path.read_text(encoding="utf-8")):
            yield double or single


def _of_code() -> Iterator[str]:
    """Every Cyrillic literal that is no docstring: the desk says nothing else in Russian."""
    for path in WEB.rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        bare = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare | parts:
                yield node.value


def _sentences() -> set[str]:
    return {text for text in (*_of_templates(), *_of_code()) if _CYRILLIC.search(text)}


def _blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def test_every_sentence_has_its_english_and_none_is_left_over() -> None:
    assert _sentences() - CATALOGUE.keys() == set()
    assert CATALOGUE.keys() - _sentences() == set()


@pytest.mark.parametrize("text", sorted(CATALOGUE))
def test_blanks_survive_translation(text: str) -> None:
    assert _blanks(text) == _blanks(CATALOGUE[text])
    assert not _CYRILLIC.search(CATALOGUE[text].replace("«", "")), CATALOGUE[text]


def test_templates_say_no_russian_outside_the_catalogue() -> None:
    for path in (WEB / "templates").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        left = re.sub(r"\{[{%].*?[%}]\}", "", text, flags=re.DOTALL)
        assert not _CYRILLIC.search(left), path.name


@pytest.mark.parametrize(
    ("count", "russian"),
    [
        (1, "платёж"),
        (2, "платежа"),
        (5, "платежей"),
        (11, "платежей"),
        (21, "платёж"),
        (112, "платежей"),
        (0, "платежей"),
    ],
)
def test_russian_counts_have_three_forms(count: int, russian: str) -> None:
    assert words("ru").plural(count, "платёж|платежа|платежей") == russian


def test_an_unknown_language_speaks_russian() -> None:
    assert words("xx").language == "ru"
    assert Words("en", {})("Платежи") == "Платежи"


def test_every_event_of_the_journal_has_words() -> None:
    """Events are dotted past tense; what a service writes must not reach a person as a bare name."""
    services = Path(control.__file__).parent
    written = {
        event
        for path in services.glob("*.py")
        for event in re.findall(r'AuditEntry\(\s*"([a-z_.]+)"', path.read_text(encoding="utf-8"))
    }
    # Events of sales go through a function of their own.
    written |= {
        event
        for path in services.glob("*.py")
        for event in re.findall(r'"(sale\.[a-z_]+)"', path.read_text(encoding="utf-8"))
    }
    assert len(written) > 10
    assert {"sale.joined", "sale.asked", "sale.parted", "sale.deal_found"} < written
    assert written <= EVENTS.keys()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_everything_that_differs_between_two_invoices_is_told_in_words(language: str) -> None:
    say = words(language)
    assert {*Trait, BOTH_PAID, PAID_MORE, SEVERAL} == DIFFERENCES.keys()
    assert set(DealTrait) == FOR_DEAL.keys()
    told = [say(sentence) for sentence in (*DIFFERENCES.values(), *FOR_DEAL.values())]
    assert len(set(told)) == len(told)
    assert all(bool(_CYRILLIC.search(sentence)) is (language == "ru") for sentence in told)
