"""Uploading statements: acknowledged at once, summarised when read."""

from __future__ import annotations

import httpx
import pytest

from hub.services.read_inbox import read_inbox
from tests.web.conftest import SAME_ORIGIN, Browser, signed_in
from tests.web.desk_world import DeskWorld

pytestmark = pytest.mark.anyio

GOOD = "statement\n100;Оплата по счёту 1\n?;плохая\n200;Оплата по счёту 2\n".encode()


async def _send(browser: Browser, *files: tuple[str, bytes]) -> httpx.Response:
    parts = [("files", (name, raw, "text/plain")) for name, raw in files]
    return await browser.http.post("/uploads", data={"csrf": browser.csrf}, files=parts, headers=SAME_ORIGIN)


async def test_files_are_acknowledged_before_they_are_read(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        answer = await _send(browser, ("one.txt", GOOD), ("two.txt", GOOD + b"300;x\n"))
        assert answer.status_code == 303
        page = await browser.get(answer.headers["location"])
        assert "Файлы приняты и сохранены" in page
        assert page.count("читаем") >= 2
        assert 'hx-trigger="every 1s"' in page
    assert desk.queries.imports().total == 2


async def test_the_summary_names_accounts_counts_and_broken_lines(desk: DeskWorld) -> None:
    upload = desk.upload(GOOD, "kl_to_1c.txt")
    async with signed_in(desk) as browser:
        page = await browser.get(f"/uploads/{upload}")
        assert "<strong>2</strong> новых платежа" in page
        assert "4070 2810 0000 0000 0001" in page
        assert "сходится с итогами банка" in page
        assert "сумма «12 тысяч» не читается как число" in page
        assert "Сумма=12 тысяч" in page
        assert "every 1s" not in page


async def test_the_same_file_again_adds_nothing_and_says_so(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        await _send(browser, ("one.txt", GOOD))
        answer = await _send(browser, ("renamed.txt", GOOD))
        assert "уже загружали" in await browser.get(answer.headers["location"])
    assert desk.queries.imports().total == 1


async def test_a_file_that_is_no_statement_is_explained(desk: DeskWorld) -> None:
    upload = desk.upload(b"PK", "март.xlsx")
    async with signed_in(desk) as browser:
        for path in ("/uploads", f"/uploads/{upload}"):
            assert "Это не выписка в формате 1С" in await browser.get(path)


async def test_sending_no_file_is_explained(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        answer = await browser.post("/uploads")
        assert answer.status_code == 400
        assert "Выберите файл выписки" in answer.text


async def test_a_name_with_folders_is_cut_to_the_name(desk: DeskWorld) -> None:
    async with signed_in(desk) as browser:
        await _send(browser, (r"C:\bank\..\выписка.txt", GOOD))
    line = desk.queries.imports().rows[0]
    assert line.name == "выписка.txt"
    read_inbox(desk.rt, line.id)
    assert desk.queries.imports().rows[0].summary is not None
