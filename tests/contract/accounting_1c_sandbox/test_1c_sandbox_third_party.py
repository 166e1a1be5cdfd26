"""Clients of 1C from the package index, their code untouched, work against the stand-in."""

import asyncio
import importlib
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlsplit

import pytest

from tests.support.databases import unavailable

from .client import CLIENTS, INVOICES, PAYMENTS, OData
from .conftest import Served, Start

T = TypeVar("T")
#: Clients that another Python runs.
SESSIONS = Path(__file__).parent / "clients"


def installed(module: str) -> Any:
    """A module of a client; without its package the tests are skipped here and fail in CI."""
    try:
        return import_module(module)
    except ModuleNotFoundError:
        unavailable(f"{module} is not installed")


def run(served: Served, work: Callable[[Any], Awaitable[T]], **options: Any) -> T:
    """Let a client of python-1c-odata work."""
    theirs = installed("python_1c_odata")
    parts = urlsplit(served.odata.root)
    infobase = parts.path.removesuffix("/odata/standard.odata").strip("/")

    async def inside() -> T:
        user, password = served.sandbox.user, served.sandbox.password
        server = f"{parts.scheme}://{parts.netloc}"
        async with theirs.Infobase(server, infobase, user, password, **options) as base:
            return await work(base)

    return asyncio.run(inside())


def part(name: str) -> Any:
    """A module of python-1c-odata."""
    return importlib.import_module(f"python_1c_odata.{name}")


@pytest.mark.parametrize("form", ["json", "atom"])
def test_python_1c_odata_reads_filters_counts_and_pages(start: Start, form: str) -> None:
    async def work(base: Any) -> tuple[Any, ...]:
        invoices = part("document").Document(base, INVOICES.partition("_")[2])
        page = await invoices.query(
            odata_filter="Posted eq true and Date ge datetime'2026-03-02T12:00:00'",
            orderby="Date desc",
            inlinecount=True,
        )
        every = [row["Number"] async for row in invoices.iterate(page_size=2)]
        one = await invoices.get(page.value[0]["Ref_Key"])
        return page.count, [row["Number"] for row in page.value], every, await invoices.count(), one["Number"]

    count, found, every, total, one = run(start(), work, format=form)
    assert (count, found, total, one) == (2, ["АБ00-000119", "АБ00-000118"], 5, "АБ00-000119")
    assert every == [f"АБ00-000{number}" for number in range(117, 122)]


def test_python_1c_odata_reads_the_metadata(start: Start) -> None:
    async def work(base: Any) -> tuple[Any, ...]:
        info = await base.entity_type_for_set(f"{PAYMENTS}_РасшифровкаПлатежа")
        return await base.has_entity_set(CLIENTS), info.keys, [each.name for each in info.properties]

    known, keys, names = run(start(), work)
    assert (known, keys) == (True, ("Ref_Key", "LineNumber"))
    assert {"СчетНаОплату_Key", "СуммаПлатежа", "Сделка_Type"} <= set(names)


def test_python_1c_odata_writes_and_posts(start: Start) -> None:
    served = start(if_match="strict")

    async def work(base: Any) -> tuple[Any, ...]:
        invoices = part("document").Document(base, INVOICES.partition("_")[2])
        modes = part("posting").PostingMode
        made = await invoices.create({"Date": "2026-04-01T10:00:00", "СуммаДокумента": 10.5}, posting_mode=modes.POST)
        key = made["Ref_Key"]
        posted = (await invoices.get(key))["Posted"]
        await invoices.unpost(key)
        with pytest.raises(part("errors").ConcurrencyError):
            await invoices.edit(key, {"Комментарий": "x"}, if_match=made["DataVersion"])
        edited = await invoices.edit(key, {"Комментарий": "y"})
        await invoices.delete(key)
        with pytest.raises(part("errors").EntityNotFound):
            await invoices.get(key)
        return made["Number"], posted, edited["Posted"], edited["Комментарий"]

    assert run(served, work) == ("0000-000001", True, False, "y")


def test_python_1c_odata_asks_virtual_tables(start: Start) -> None:
    async def ut(base: Any) -> Any:
        register = part("accumulation_register").AccumulationRegister(base, "РасчетыСКлиентами")
        return await register.balance(period=datetime(2026, 3, 5), condition=None)

    async def bp(base: Any) -> Any:
        register = part("information_register").InformationRegister(base, "КурсыВалют")
        return await register.slice_last(datetime(2026, 3, 2), "Валюта/Code eq '840'")

    assert sorted(row["СуммаBalance"] for row in run(start(config="ut11"), ut)["value"]) == [12200, 30500.5]
    assert [row["Курс"] for row in run(start(), bp)["value"]] == [78.5]


def test_python_1c_odata_tells_the_refusals_of_1c(start: Start) -> None:
    async def work(base: Any) -> tuple[str, str]:
        clients = part("catalog").Catalog(base, "Контрагенты")
        with pytest.raises(part("errors").ODataError) as wrong:
            await clients.query(odata_filter="Нет eq 1")
        invoices = part("document").Document(base, INVOICES.partition("_")[2])
        marked = (await invoices.query(odata_filter="DeletionMark")).value[0]["Ref_Key"]
        with pytest.raises(part("errors").ODataError) as refused:
            await invoices.post(marked, part("posting").PostingMode.POST)
        return wrong.value.internal_code, refused.value.message

    code, message = run(start(), work)
    assert (code, "Помеченный на удаление" in message) == ("10", True)


def managed(served: Served) -> tuple[Any, Any]:
    """A connection of PyOData1C and its manager of invoices."""
    theirs = installed("PyOData1C.odata")
    http, models = importlib.import_module("PyOData1C.http"), importlib.import_module("PyOData1C.models")
    field = importlib.import_module("pydantic").Field

    class Client(models.ODataModel):  # type: ignore[name-defined, misc]
        inn: str = field(alias="ИНН")

    class Invoice(models.ODataModel):  # type: ignore[name-defined, misc]
        key: str = field(alias="Ref_Key", exclude=True)
        number: str = field(alias="Number")
        at: datetime = field(alias="Date")
        posted: bool = field(alias="Posted", exclude=True)
        client: Client = field(alias="Контрагент", exclude=True)

        nested_models: ClassVar[Any] = {"client": Client}

    class Invoices(theirs.OData):  # type: ignore[name-defined, misc]
        database = urlsplit(served.odata.root).path.removesuffix("/odata/standard.odata").strip("/")
        entity_model = Invoice
        entity_name = INVOICES

    user = (served.sandbox.user.encode(), served.sandbox.password.encode())
    connection = http.Connection(urlsplit(served.odata.root).netloc, "http", http.auth.HTTPBasicAuth(*user))
    return connection, Invoices.manager(connection)


def test_pyodata1c_lists_filters_and_expands(start: Start) -> None:
    connection, manager = managed(start())
    with connection:
        found = manager.expand("client").filter(posted=True, at__gt=datetime(2026, 3, 2, 12)).top(5).all()
    assert [(row.number, row.client.inn) for row in found] == [
        ("АБ00-000118", "7700000030"),
        ("АБ00-000119", "7700000016"),
    ]


def test_pyodata1c_posts_and_unposts(start: Start) -> None:
    served = start()
    odata: OData = served.odata
    key = odata.one(INVOICES, "Number eq 'АБ00-000120'")["Ref_Key"]
    connection, manager = managed(served)
    with connection:
        manager.post_document(key)
        assert odata.get(f"{INVOICES}(guid'{key}')")["Posted"] is True
        manager.unpost_document(key)
        assert odata.get(f"{INVOICES}(guid'{key}')")["Posted"] is False
        marked = odata.one(INVOICES, "DeletionMark")["Ref_Key"]
        with pytest.raises(importlib.import_module("PyOData1C.exeptions").ResponseError, match="Помеченный"):
            manager.post_document(marked)


@pytest.fixture(scope="session")
def newer_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python that onec-odata asks for, with it installed; skipped where none is at hand, or no index of packages."""
    found = next(filter(_is_new_enough, (sys.executable, "python3.14", "python3.13", *_kept_by_pyenv())), None)
    if found is None:
        pytest.skip("onec-odata asks for Python 3.13 or newer, and none is at hand")
    folder = tmp_path_factory.mktemp("onec-odata")
    inside = str(folder / "bin" / "python")
    install = [inside, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r"]
    for command in ([found, "-m", "venv", str(folder)], [*install, str(SESSIONS / "onec-odata.lock")]):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"onec-odata cannot be installed here: {done.stderr[-300:]}")
    return inside


def _kept_by_pyenv() -> list[str]:
    """Versions that are there but not switched on."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    return sorted(map(str, root.glob("versions/3.*/bin/python")), reverse=True)


def _is_new_enough(python: str) -> bool:
    """A name may lead nowhere: pyenv has shims for versions that are not switched on."""
    asks = "import sys; sys.exit(sys.version_info < (3, 13))"
    try:
        return subprocess.run([python, "-c", asks], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@pytest.mark.xdist_group("onec-odata")
def test_onec_odata_reads_filters_pages_writes_and_posts(start: Start, newer_python: str) -> None:
    served = start(if_match="strict", count="plain")  # its count does not read a byte order mark
    address = served.odata.root.removesuffix("/odata/standard.odata")
    command = [newer_python, str(SESSIONS / "onec_session.py"), address, served.sandbox.user, served.sandbox.password]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    seen = json.loads(done.stdout)
    assert {"СуммаДокумента", "Контрагент_Key", "Posted"} <= set(seen.pop("properties"))
    assert seen == {
        "count": 2,
        "page": ["АБ00-000119", "АБ00-000118"],
        "every": [f"АБ00-000{number}" for number in range(117, 122)],
        "total": 5,
        "one": "АБ00-000119",
        "posted": True,
        "stale": ["ConcurrencyError", None],
        "edited": "y",
        "gone": ["EntityNotFoundError", 9],
        "wrong": ["PropertyNotFoundError", 10],
    }
