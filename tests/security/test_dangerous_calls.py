"""What the code never does: no pickle, no XML with document types, no shell, no TLS or redirect left to chance."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(path for room in ("connectors", "hub", "mappings") for path in (ROOT / room).rglob("*.py"))
#: Modules that run what they read, or read what blows up.
FORBIDDEN = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal", "jsonpickle", "telnetlib"}
XML = {"xml", "lxml", "defusedxml", "xmltodict"}
SAFE_XML = "connectors/shared/safe_xml.py"
BODIES_1C = "connectors/accounting_1c/sandbox/bodies.py"
READS_XML = {
    SAFE_XML,
    BODIES_1C,
    "connectors/accounting_1c/envelope.py",
    "connectors/accounting_1c/exchange.py",
    "connectors/accounting_1c/metadata.py",
    "connectors/accounting_1c/sandbox/render_atom.py",
    "connectors/invoice_files/enterprise_data.py",
}
CALLS = {"eval", "exec", "compile", "__import__"}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (item.name.partition(".")[0] for item in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in SOURCES:
        yield path.relative_to(ROOT), ast.parse(path.read_text(encoding="utf-8"))


def _keywords(tree: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from ((item.arg, item.value) for item in node.keywords if item.arg)


def test_nothing_that_runs_what_it_reads_is_imported() -> None:
    found = {(str(path), name) for path, tree in _trees() for name in _imports(tree) if name in FORBIDDEN}
    assert found == set()


def test_xml_is_parsed_only_where_a_format_needs_it() -> None:
    """1C tells its names, errors and messages of exchange in XML, and a book of tables consists of it."""
    found = {str(path) for path, tree in _trees() for name in _imports(tree) if name in XML}
    assert found == READS_XML


def test_one_parser_is_made_and_it_takes_no_document_types() -> None:
    text = {str(path): (ROOT / path).read_text(encoding="utf-8") for path in map(Path, READS_XML)}
    assert {path for path, source in text.items() if "ParserCreate" in source} == {SAFE_XML}
    assert {path for path, source in text.items() if "ElementTree" in source} == {BODIES_1C}
    assert "<!DOCTYPE" in text[BODIES_1C], "the stand-in refuses them before it parses"


def test_no_text_is_run_as_code() -> None:
    found = {
        (str(path), node.func.id)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS
    }
    assert found == set()


def test_yaml_is_never_loaded_with_its_own_types() -> None:
    unsafe = {"load", "load_all", "unsafe_load", "full_load"}
    found = {
        (str(path), node.func.attr)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "yaml"
        and node.func.attr in unsafe
    }
    assert found == set()


@pytest.mark.parametrize(
    ("keyword", "value"), [("verify", False), ("follow_redirects", True), ("shell", True), ("trust_env", True)]
)
def test_no_call_switches_a_protection_off(keyword: str, value: bool) -> None:
    found = {
        str(path)
        for path, tree in _trees()
        for name, given in _keywords(tree)
        if name == keyword and isinstance(given, ast.Constant) and given.value is value
    }
    assert found == set()


def test_certificates_are_always_checked() -> None:
    text = "\n".join(path.read_text(encoding="utf-8") for path in SOURCES)
    for off in ("CERT_NONE", "check_hostname = False", "_create_unverified_context"):
        assert off not in text


def test_templates_switch_no_escaping_off() -> None:
    templates = sorted((ROOT / "hub" / "web" / "templates").glob("*.html"))
    assert templates
    for path in templates:
        text = path.read_text(encoding="utf-8")
        assert "|safe" not in text.replace(" ", ""), path.name
        assert "autoescape false" not in text, path.name


def test_secrets_are_compared_in_constant_time() -> None:
    """A `==` beside a name that is a secret's is a slip; a hash of one may be looked up."""
    found = {
        (str(path), side.id)
        for path, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops)
        for side in (node.left, *node.comparators)
        if isinstance(side, ast.Name) and _names_a_secret(side.id)
    }
    assert found == set()


def _names_a_secret(name: str) -> bool:
    words = ("secret", "token", "signature", "password")
    return any(word in name.lower() for word in words) and not name.endswith("_hash")
