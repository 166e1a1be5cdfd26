"""Many at once: nothing lost, nothing claimed twice, nothing half written."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import URL

from hub.domain.allocation import AllocationError
from hub.ports.records import InboxKind
from hub.store.engine import Database
from hub.store.fair_lock import FairLock
from hub.store.unit_of_work import SqlStore
from tests.store.builders import CRM, NOW, add_payment, allocate, effect, invoice, received, rub

ROOT = Path(__file__).parents[2]


def together(count: int, work: Callable[[int], None]) -> None:
    """Run the work in threads that start at the same moment; the first failure is raised."""
    start, failures = threading.Barrier(count), list[BaseException]()

    def one(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


@contextmanager
def process(command: str, url: URL, owner: str) -> Iterator[subprocess.Popen[str]]:
    """A process of `tests.store.processes` that said it is ready."""
    address = url.render_as_string(hide_password=False)
    arguments = [sys.executable, "-m", "tests.store.processes", command, address, owner]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    started = subprocess.Popen(
        arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment
    )
    with started:
        assert started.stdout is not None
        assert started.stdout.readline() == "ready\n"
        yield started


def test_eight_threads_that_read_then_write_lose_nothing(sqlite_database: Database) -> None:
    store = SqlStore(sqlite_database)

    def add_one(_number: int) -> None:
        for _ in range(50):
            with store.write() as uow:
                uow.cursors.put(CRM, "count", str(int(uow.cursors.get(CRM, "count") or 0) + 1))

    together(8, add_one)
    with store.read() as uow:
        assert uow.cursors.get(CRM, "count") == "400"


def test_two_stores_over_one_sqlite_file_lose_nothing(sqlite_url: URL, open_url: Callable[[URL], Database]) -> None:
    stores = [SqlStore(open_url(sqlite_url)) for _ in range(4)]

    def add_one(number: int) -> None:
        for _ in range(25):
            with stores[number].write() as uow:
                uow.cursors.put(CRM, "count", str(int(uow.cursors.get(CRM, "count") or 0) + 1))

    together(4, add_one)
    with stores[0].read() as uow:
        assert uow.cursors.get(CRM, "count") == "100"


def test_an_invoice_under_lock_is_never_given_more_than_it_is(store: SqlStore) -> None:
    with store.write() as uow:
        uow.invoices.upsert(CRM, invoice(amount="100.00"), ())
        payments = [add_payment(uow, f"платёж {number}", "25.00") for number in range(8)]

    def give(number: int) -> None:
        for _ in range(25):
            with store.write() as uow:
                locked = uow.invoices.lock({"b24/71"})["b24/71"]
                if locked.open_amount.is_positive:
                    allocate(uow, payments[number], "b24/71", "1.00")

    together(8, give)
    with store.read() as uow:
        row = uow.invoices.get("b24/71")
        assert row is not None
        assert row.invoice.paid == rub("100.00")


def test_two_people_who_settle_one_payment_at_once_do_not_give_it_out_twice(store: SqlStore) -> None:
    with store.write() as uow:
        payment = add_payment(uow)
        for number in range(6):
            uow.invoices.upsert(CRM, invoice(str(number)), ())
    refused: list[int] = []

    def settle(number: int) -> None:
        try:
            with store.write() as uow:
                uow.invoices.lock({f"b24/{number}"})
                allocate(uow, payment, f"b24/{number}")
        except AllocationError:
            refused.append(number)

    together(6, settle)
    assert len(refused) == 5
    with store.read() as uow:
        assert uow.payments.given(payment) == rub("1200.00")


def test_imports_of_one_period_at_once_add_each_line_once(store: SqlStore) -> None:
    items = [received(f"платёж {number}") for number in range(120)]
    added: list[bool] = []

    def take_in(number: int) -> None:
        ordered = items if number % 2 else items[::-1]
        with store.write() as uow:
            added.extend(created for _, created in uow.payments.add(ordered, None, NOW))

    together(4, take_in)
    assert added.count(True) == 120


def test_the_same_invoice_upserted_at_once_is_one_invoice(store: SqlStore) -> None:
    def upsert(number: int) -> None:
        with store.write() as uow:
            uow.invoices.upsert(CRM, invoice(amount=f"{number + 1}.00"), {"number:71"})

    together(6, upsert)
    with store.read() as uow:
        assert [item.id for item in uow.invoices.by_keys({"number:71"})] == ["b24/71"]


def test_two_processes_claim_each_row_once(database_url: URL, open_url: Callable[[URL], Database]) -> None:
    store = SqlStore(open_url(database_url))
    with store.write() as uow:
        uow.connections.set_acting(CRM, True, date(2026, 1, 1))
        payment = add_payment(uow)
        inbox = {
            uow.inbox.add("file", InboxKind.STATEMENT_FILE, "x", b"", f"d{number}", NOW)[0] for number in range(40)
        }
        effects = [effect(f"k{number}", payment, subject=f"b24/{number}") for number in range(40)]
        outbox = set(uow.outbox.add(effects, NOW))
    with process("claim", database_url, "one") as one, process("claim", database_url, "two") as two:
        for started in (one, two):
            assert started.stdin is not None
            started.stdin.write("go\n")
            started.stdin.flush()
        lines = [line.split() for started in (one, two) for line in started.communicate()[0].splitlines()]
    assert (one.returncode, two.returncode) == (0, 0)
    assert sorted(int(number) for kind, number in lines if kind == "inbox") == sorted(inbox)
    assert sorted(int(number) for kind, number in lines if kind == "outbox") == sorted(outbox)


def test_a_process_killed_inside_a_transaction_leaves_nothing_half(
    database_url: URL, open_url: Callable[[URL], Database]
) -> None:
    store = SqlStore(open_url(database_url))
    with process("die", database_url, "victim") as victim:
        victim.kill()
        victim.wait()
    with store.write() as uow:
        assert uow.payments.waiting_dates(10) == []
        assert uow.inbox.due(NOW, 10) == []
        assert uow.cursors.get(CRM, "deals") is None
        assert uow.switches.lease("timer", "survivor", NOW, 10)
        assert uow.payments.add([received()], None, NOW)[0][1]


def test_the_lock_is_given_in_the_order_of_asking() -> None:
    lock, order, entered = FairLock(), list[int](), threading.Event()

    def take(number: int) -> None:
        with lock:
            order.append(number)

    threads = [threading.Thread(target=take, args=(number,)) for number in range(5)]
    with lock:
        for count, thread in enumerate(threads, start=1):
            thread.start()
            while lock.waiting < count:
                entered.wait(0.001)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_who_comes_ahead_waits_for_one_other_and_never_comes_twice_in_a_row() -> None:
    lock, order, entered = FairLock(), list[str](), threading.Event()

    def take(name: str) -> None:
        with lock.ahead() if name.isupper() else lock:
            order.append(name)

    names = ["a", "b", "c", "X", "Y"]
    threads = [threading.Thread(target=take, args=(name,)) for name in names]
    with lock:
        for count, thread in enumerate(threads, start=1):
            thread.start()
            while lock.waiting < count:
                entered.wait(0.001)
    for thread in threads:
        thread.join()
    assert order == ["X", "a", "Y", "b", "c"]


def test_a_second_entry_in_one_thread_is_an_error_ahead_of_others_too() -> None:
    lock = FairLock()
    with lock.ahead(), pytest.raises(RuntimeError), lock.ahead():
        pass
    assert lock.waiting == 0


def test_the_lock_is_free_again_after_an_exception() -> None:
    lock = FairLock()
    with pytest.raises(KeyError), lock:
        raise KeyError
    with lock:
        assert lock.waiting == 0
