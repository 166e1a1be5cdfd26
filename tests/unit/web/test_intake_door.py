"""The hooks' door as a callable, without sockets: every answer it gives, and what it takes in with which answer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest
from structlog.testing import capture_logs

from hub.ports.crm import HookRequest
from hub.ports.hooks import Admission, Arrival, HookDoor, Told
from hub.ports.records import InboxKind
from hub.services.runtime import Runtime
from hub.web.intake.asgi import Front, Intake
from hub.web.intake.counters import UNKNOWN, IntakeCounters
from hub.web.intake.limits import IntakeLimits
from hub.web.intake.refusals import Refusals
from hub.web.security.express import Reply
from tests.support.world import HandClock

Message = dict[str, Any]
LIMITS = IntakeLimits(body_bytes=100, body_s=0.05, commit_s=0.2, retry_after_s=17, refusals=3, refusals_s=3600.0)
ADDRESS = "/hooks/portal/s3cret"
TEXT = [
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
]


@dataclass
class Door:
    """Believes what begins with `good`; remembers what it was asked."""

    asked: list[HookRequest] = field(default_factory=list)

    def admit(self, request: HookRequest) -> Admission | None:
        self.asked.append(request)
        if request.body == b"boom":
            raise RuntimeError("boom")
        if not request.body.startswith(b"good"):
            return None
        kept = b"kept" if request.body == b"good proof" else None
        return Admission(InboxKind.HOOK, "form", "digest", kept)


@dataclass
class Writer:
    """Stores at once, never, or says no."""

    stored: list[Arrival] = field(default_factory=list)
    durable: bool = True
    silent: bool = False

    def put(self, arrivals: Sequence[Arrival], told: Told) -> None:
        self.stored += arrivals
        if not self.silent:
            told([self.durable] * len(arrivals))


@dataclass
class Case:
    """A door with its writer and its counters."""

    limits: IntakeLimits = LIMITS
    door: Door = field(default_factory=Door)
    writer: Writer = field(default_factory=Writer)
    counters: IntakeCounters = field(default_factory=IntakeCounters)
    answers: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        doors: dict[str, HookDoor] = {"portal": self.door, "closed": self.door}
        rt = cast(Runtime, SimpleNamespace(doors=doors, clock=HandClock()))
        secrets = {"portal": "s3cret", "closed": "", "unopened": "s3cret"}
        self.intake = Intake(rt, secrets, self.writer, self.counters, self.limits, self.answers)

    def ask(
        self,
        body: bytes | Iterable[Message] = b"good",
        path: str = ADDRESS,
        method: str = "POST",
        headers: Sequence[tuple[bytes, bytes]] = (),
        query: bytes = b"",
        client: tuple[str, int] | None = ("10.0.0.1", 5),
    ) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        """Status, headers and body of the answer."""
        messages = iter([piece(body)] if isinstance(body, bytes) else body)
        scope = {
            "type": "http",
            "path": path,
            "method": method,
            "headers": list(headers),
            "query_string": query,
            "client": client,
        }
        sent: list[Message] = []

        async def receive() -> Message:
            message = next(messages, None)
            if message is None:
                await asyncio.sleep(5)
                raise AssertionError("nobody waited so long")
            return message

        async def send(message: Any) -> None:
            sent.append(message)

        asyncio.run(self.intake(scope, receive, send))
        start, end = sent
        assert (start["type"], end["type"]) == ("http.response.start", "http.response.body")
        return start["status"], list(start["headers"]), end.get("body", b"")

    def status(self, *args: Any, **kwargs: Any) -> int:
        """Only the status."""
        return self.ask(*args, **kwargs)[0]


def piece(body: bytes, more: bool = False) -> Message:
    """A piece of a request's body."""
    return {"type": "http.request", "body": body, "more_body": more}


def test_an_authentic_hook_is_stored_before_it_is_acknowledged_with_nothing() -> None:
    case = Case()
    assert case.ask(headers=[(b"content-type", b"a"), (b"content-length", b"4")], query=b"a=1&b=&a=2") == (204, [], b"")
    assert case.writer.stored == [Arrival("portal", InboxKind.HOOK, "form", b"good", "digest", HandClock().now())]
    assert case.door.asked == [
        HookRequest("POST", {"a": "2", "b": ""}, {"content-type": "a", "content-length": "4"}, b"good")
    ]
    assert case.counters.snapshot() == {("portal", 204): 1}


def test_what_the_door_keeps_is_what_is_stored() -> None:
    case = Case()
    assert case.status(b"good proof") == 204
    assert case.writer.stored[0].raw == b"kept"


@pytest.mark.row(28)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/hooks/portal/S3CRET", "portal"),
        ("/hooks/portal/s3cre", "portal"),
        ("/hooks/portal/s3crets", "portal"),
        ("/hooks/portal/", "portal"),
        ("/hooks/portal/\ud800", "portal"),
        ("/hooks/portal", UNKNOWN),
        ("/hooks/portal/s3cret/", UNKNOWN),
        ("/hooks//", UNKNOWN),
        ("/hooks/closed/", UNKNOWN),
        ("/hooks/closed/s3cret", UNKNOWN),
        ("/hooks/nobody/s3cret", UNKNOWN),
        ("/", UNKNOWN),
    ],
)
def test_any_other_address_does_not_exist_and_its_body_is_not_read(path: str, name: str) -> None:
    case = Case()
    assert case.status([], path=path) == 404
    assert case.door.asked == []
    assert case.counters.snapshot() == {(name, 404): 1}


@pytest.mark.row(28)
@pytest.mark.parametrize("path", [ADDRESS, "/hooks/portal/x", "/hooks/nobody/s3cret", "/hooks/closed/"])
def test_a_secret_is_compared_with_one_of_its_length_even_where_there_is_none(
    path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[int, int]] = []
    case = Case()
    monkeypatch.setattr("hmac.compare_digest", lambda one, two: compared.append((len(one), len(two))))
    assert case.status(path=path) == 404
    assert compared == [(32, 32)]


@pytest.mark.row(28)
def test_an_address_whose_system_is_not_open_does_not_exist() -> None:
    case = Case()
    assert case.status(path="/hooks/unopened/s3cret") == 404
    assert case.writer.stored == []


@pytest.mark.row(28)
def test_a_hook_that_is_not_authentic_leaves_only_a_count() -> None:
    case = Case()
    status, headers, body = case.ask(b"bad")
    assert (status, body) == (401, b"401\n")
    assert headers == [*TEXT, (b"content-length", b"4")]
    assert case.writer.stored == []
    assert case.counters.snapshot() == {("portal", 401): 1}


def test_only_a_post_is_a_hook() -> None:
    case = Case()
    assert case.ask(method="GET") == (405, [*TEXT, (b"content-length", b"4"), (b"allow", b"POST")], b"405\n")
    assert case.status(method="post") == 405
    assert case.status(method="GET", path="/hooks/nobody/x") == 405


@pytest.mark.parametrize("writer", [Writer(durable=False), Writer(silent=True)])
def test_what_is_not_durable_in_time_is_not_acknowledged(writer: Writer) -> None:
    case = Case(writer=writer)
    status, headers, _ = case.ask()
    assert status == 503
    assert headers == [*TEXT, (b"content-length", b"4"), (b"retry-after", b"17")]


def test_whatever_goes_wrong_is_never_acknowledged() -> None:
    case = Case()
    with capture_logs() as logs:
        assert case.status(b"boom") == 503
    assert [(line["event"], line["connection"]) for line in logs] == [("hook.failed", "portal")]
    assert case.counters.snapshot() == {("portal", 503): 1}


@pytest.mark.row(28)
def test_wrong_secrets_are_slowed_down_by_peer_and_the_right_one_never() -> None:
    case = Case()
    wrong = "/hooks/portal/x"
    assert [case.status(path=wrong) for _ in range(5)] == [404, 404, 404, 429, 429]
    status, headers, _ = case.ask(path=wrong)
    assert (status, headers[-1]) == (429, (b"retry-after", b"17"))
    assert case.status() == 204
    assert case.status(path=wrong, client=("10.0.0.2", 5)) == 404
    assert case.status(path=wrong, client=None) == 404


def test_our_own_trouble_does_not_count_against_a_peer() -> None:
    case = Case(writer=Writer(durable=False))
    assert {case.status() for _ in range(6)} == {503}
    case.writer.durable = True
    assert {case.status() for _ in range(6)} == {204}
    assert case.status(path="/hooks/portal/x") == 404


def test_a_sender_gets_the_status_that_it_takes_for_received() -> None:
    case = Case(answers={"portal": 200})
    assert case.ask() == (200, [*TEXT, (b"content-length", b"4")], b"200\n")
    assert {case.status() for _ in range(6)} == {200}
    assert case.counters.snapshot() == {("portal", 200): 7}
    # What was received is no refusal, whatever its status.
    assert case.status(path="/hooks/portal/x") == 404
    case.writer.durable = False
    assert case.status() == 503


@pytest.mark.parametrize(("refused", "status"), [(b"bad", 401), (b"good" + b"x" * 97, 413)])
def test_every_refusal_of_a_request_counts(refused: bytes, status: int) -> None:
    case = Case()
    assert {case.status(refused) for _ in range(3)} == {status}
    assert case.status(path="/hooks/portal/x") == 429


@pytest.mark.row(30)
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"good" + b"x" * 96, [], 204),
        (b"good" + b"x" * 97, [], 413),
        ([piece(b"good", more=True), piece(b"x" * 96)], [], 204),
        ([piece(b"good", more=True), piece(b"x" * 97)], [], 413),
        ([piece(b"good", more=True), piece(b"x" * 97, more=True)], [], 413),
        ([piece(b"good" + b"x" * 96, more=True), piece(b"x")], [], 413),
        ([piece(b"go", more=True), piece(b"od", more=True), {"type": "http.request"}], [], 204),
        ([piece(b"go", more=True), piece(b"od", more=True), piece(b" and more")], [], 204),
        ([{"type": "http.request", "body": b"good"}], [], 204),
        ([{"type": "http.request", "more_body": True}, piece(b"good")], [], 204),
        ([piece(b"good", more=True)], [], 408),
        ([piece(b"good", more=True), {"type": "http.disconnect"}], [], 400),
        ([{"type": "http.disconnect"}], [], 400),
        ([], [(b"content-length", b"101")], 413),
        (b"good", [(b"content-length", b"100")], 204),
        ([], [(b"content-length", b"-1")], 413),
        ([], [(b"content-length", b"1e1")], 413),
        ([], [(b"content-length", b"")], 413),
        (b"good", [(b"content-length", b"0" * 12)], 204),
        ([], [(b"content-length", b"0" * 13)], 413),
        ([], [(b"content-encoding", b"gzip")], 415),
        ([], [(b"content-encoding", b"")], 415),
        (b"good", [(b"content-encoding", b"Identity")], 204),
    ],
)
def test_a_body_is_read_within_its_bounds(
    body: bytes | list[Message], headers: list[tuple[bytes, bytes]], status: int
) -> None:
    case = Case()
    assert case.status(body, headers=headers) == status
    assert len(case.writer.stored) == (status == 204)
    if status == 204:
        whole = body if isinstance(body, bytes) else b"".join(item.get("body", b"") for item in body)
        assert case.writer.stored[0].raw == whole


@pytest.mark.row(30)
def test_a_query_keeps_its_bounds() -> None:
    case = Case()
    assert case.status(query=b"a=1&" * 99 + b"a=1") == 204
    assert case.status(query=b"a=1&" * 100 + b"a=1") == 400


def test_headers_are_read_byte_by_byte_and_the_last_of_equal_ones_counts() -> None:
    case = Case()
    case.ask(headers=[(b"x", b"1"), (b"x", b"\xff")], query=b"k=%D1%8F\xff")
    assert case.door.asked[0].headers == {"x": "\xff"}
    assert case.door.asked[0].query == {"k": "я\xff"}


def test_too_many_waiting_hooks_are_sent_away() -> None:
    assert Case(limits=replace(LIMITS, waiting=0)).status() == 503
    assert Case(limits=replace(LIMITS, waiting_bytes=3)).status() == 503
    assert Case(limits=replace(LIMITS, waiting=1, waiting_bytes=4)).status() == 204


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/hooks/portal/S3CRET", {}),
        ("/hooks/nobody/s3cret", {}),
        ("/hooks/closed/", {}),
        ("/hooks/portal/s3cret/", {}),
        (ADDRESS, {"content-length": "101"}),
        (ADDRESS, {"content-length": "1e1"}),
        (ADDRESS, {"content-encoding": "gzip"}),
    ],
)
def test_the_short_way_is_closed_to_what_the_door_would_refuse_by_its_head(path: str, headers: dict[str, str]) -> None:
    case = Case()
    assert case.intake.enter(path, headers) is None
    assert case.counters.snapshot() == {}


@pytest.mark.parametrize("body", [b"bad", b"boom"])
def test_the_short_way_leaves_what_is_not_admitted_untouched(body: bytes) -> None:
    case = Case()
    taker = case.intake.enter(ADDRESS, {})
    assert taker is not None
    assert taker(body, lambda _: pytest.fail("answered")) is False
    assert case.writer.stored == []
    assert case.counters.snapshot() == {}


@pytest.mark.parametrize(
    ("writer", "status", "headers"),
    [
        ({}, 204, []),
        ({"durable": False}, 503, [*TEXT, (b"content-length", b"4"), (b"retry-after", b"17")]),
        ({"silent": True}, 503, [*TEXT, (b"content-length", b"4"), (b"retry-after", b"17")]),
    ],
)
def test_the_short_way_answers_every_hook_once_and_one_trouble_does_not_spread(
    writer: dict[str, Any], status: int, headers: list[tuple[bytes, bytes]]
) -> None:
    case = Case(writer=Writer(**writer))
    replies: list[Reply] = []

    def broken(_: Reply) -> None:
        raise RuntimeError("this answer cannot be given")

    async def ask() -> None:
        taker = case.intake.enter(ADDRESS, {"content-type": "a"})
        assert taker is not None
        assert taker(b"good 1", broken)
        assert taker(b"good 2", replies.append)
        assert taker(b"good 3", replies.append)
        assert replies == []
        await asyncio.sleep(2 * LIMITS.commit_s)

    asyncio.run(ask())
    assert [(reply.status, list(reply.headers)) for reply in replies] == [(status, headers)] * 2
    assert [arrival.raw for arrival in case.writer.stored] == [b"good 1", b"good 2", b"good 3"]
    assert case.door.asked[0] == HookRequest("POST", {}, {"content-type": "a"}, b"good 1")
    assert case.counters.snapshot() == {("portal", status): 3}


def test_on_the_short_way_a_sender_gets_the_status_that_it_takes_for_received() -> None:
    case = Case(answers={"portal": 200})
    replies: list[Reply] = []

    async def ask() -> None:
        taker = case.intake.enter(ADDRESS, {})
        assert taker is not None
        assert taker(b"good", replies.append)
        await asyncio.sleep(2 * LIMITS.commit_s)

    asyncio.run(ask())
    assert replies == [Reply(200, [*TEXT, (b"content-length", b"4")], b"200\n")]
    assert case.counters.snapshot() == {("portal", 200): 1}


def test_a_full_house_is_told_on_the_short_way_at_once() -> None:
    case = Case(limits=replace(LIMITS, waiting=0))
    replies: list[Reply] = []
    taker = case.intake.enter(ADDRESS, {})
    assert taker is not None
    assert taker(b"good", replies.append)
    assert [reply.status for reply in replies] == [503]
    assert case.writer.stored == []


def test_only_hooks_go_to_the_door() -> None:
    async def desk(*request: Any) -> None:
        taken.append(("desk", *request))

    async def door(*request: Any) -> None:
        taken.append(("door", *request))

    taken: list[tuple[Any, ...]] = []
    front = Front(desk, cast(Intake, door))
    receive, send = cast(Any, object()), cast(Any, object())
    asked = [("http", "/hooks/a/b"), ("http", "/hooks"), ("http", "/x/hooks/"), ("websocket", "/hooks/a/b")]
    scopes = [{"type": kind, "path": path} for kind, path in asked]
    for scope in scopes:
        asyncio.run(cast(Any, front(scope, receive, send)))
    takers = ["door", "desk", "desk", "desk"]
    assert taken == [(taker, scope, receive, send) for taker, scope in zip(takers, scopes, strict=True)]


def test_refusals_are_forgotten_with_their_window() -> None:
    refusals = Refusals(2, 60.0)
    refusals.add("a", 0.0)
    assert not refusals.too_many("a", 59.9)
    refusals.add("a", 59.9)
    assert refusals.too_many("a", 59.9)
    assert not refusals.too_many("b", 59.9)
    assert not refusals.too_many("a", 60.0)
    refusals.add("a", 60.0)
    assert not refusals.too_many("a", 61.0)


def test_a_peer_is_not_slowed_down_for_what_nobody_did() -> None:
    assert not Refusals(1, 60.0).too_many("a", 0.0)


def test_ever_new_peers_cannot_fill_the_memory_and_count_as_one() -> None:
    refusals = Refusals(2, 60.0)
    for number in range(10_000):
        refusals.add(f"peer {number}", 1.0)
    assert not refusals.too_many("new", 1.0)
    refusals.add("new", 1.0)
    assert not refusals.too_many("newer", 1.0)
    refusals.add("newer", 1.0)
    assert refusals.too_many("newest", 1.0)
    assert not refusals.too_many("peer 5", 1.0)
    refusals.add("peer 5", 1.0)
    assert refusals.too_many("peer 5", 1.0)
