"""The short way of whole requests, piece by piece: what it takes, what it leaves to the application, what it writes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from uvicorn import Config
from uvicorn.server import ServerState

from hub.web.security.express import ExpressProtocol, Reply, Taker, headers_by_name

PATH = b"/hooks/main/secret"
NO_CONTENT = b"HTTP/1.1 204 No Content\r\nserver: hub\r\n\r\n"


class Line(asyncio.Transport):
    """A connection that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = b""
        self.closed = False
        self.reading = True

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return ("127.0.0.1", 1) if name in ("peername", "sockname") else default

    def write(self, data: Any) -> None:
        self.written += bytes(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True

    def pause_reading(self) -> None:
        self.reading = False

    def resume_reading(self) -> None:
        self.reading = True


class Site:
    """An application that answers 200, with a shortcut that answers 204."""

    prefix = b"/hooks/"

    def __init__(self) -> None:
        self.entered: list[tuple[str, Mapping[str, str]]] = []
        self.taken: list[bytes] = []
        self.long: list[tuple[str, bytes]] = []
        self.answers: list[Callable[[Reply], None]] = []
        self.reply: Reply | None = Reply(204)
        self.knows = True
        self.takes = True

    @property
    def shortcut(self) -> Site:
        return self

    def enter(self, path: str, headers: Mapping[str, str]) -> Taker | None:
        self.entered.append((path, headers))
        return self._take if self.knows else None

    def _take(self, body: bytes, answer: Callable[[Reply], None]) -> bool:
        if not self.takes:
            return False
        self.taken.append(body)
        self.answers.append(answer)
        if self.reply is not None:
            answer(self.reply)
        return True

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.long.append((scope["path"], body))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b""})


class Plain:
    """An application without a shortcut."""

    def __init__(self) -> None:
        self.site = Site()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.site(scope, receive, send)


class Talk:
    """A client on a connection to a site."""

    def __init__(self, loop: asyncio.AbstractEventLoop, site: Any, **settings: Any) -> None:
        given: dict[str, Any] = {"access_log": False, "ws": "none", "lifespan": "off", "log_config": None} | settings
        self.loop = loop
        self.line = Line()
        self.state = ServerState()
        self.state.default_headers = [(b"server", b"hub")]
        self.protocol = ExpressProtocol(Config(site, **given), self.state, {}, loop)
        self.protocol.connection_made(self.line)

    def says(self, *pieces: bytes) -> bytes:
        """What is answered to pieces that come one after another."""
        before = len(self.line.written)
        for piece in pieces:
            self.protocol.data_received(piece)
            self.wait()
        return self.line.written[before:]

    def is_idle(self) -> bool:
        """Whether the connection will be closed when nothing more comes."""
        return self.protocol.timeout_keep_alive_task is not None

    def wait(self) -> None:
        """Let the application work."""
        for _ in range(10):
            self.loop.run_until_complete(asyncio.sleep(0))


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def site() -> Site:
    return Site()


@pytest.fixture
def talk(loop: asyncio.AbstractEventLoop, site: Site) -> Talk:
    return Talk(loop, site)


def head(
    *lines: bytes, path: bytes = PATH, method: bytes = b"POST", version: bytes = b"1.1", size: int | None = 3
) -> bytes:
    length = [b"Content-Length: %d" % size] if size is not None else []
    return b"\r\n".join([b"%s %s HTTP/%s" % (method, path, version), b"Host: hub", *length, *lines, b"", b""])


def whole(body: bytes = b"a=1", *lines: bytes, **parts: Any) -> bytes:
    return head(*lines, size=len(body), **parts) + body


# What is taken


def test_a_plain_request_that_came_whole_is_answered_by_a_call(talk: Talk, site: Site) -> None:
    assert talk.says(whole(b"a=1", b"X-Kind: one", b"X-Kind: two")) == NO_CONTENT
    assert (site.taken, site.long) == ([b"a=1"], [])
    assert site.entered == [(PATH.decode(), {"host": "hub", "content-length": "3", "x-kind": "two"})]
    assert talk.state.total_requests == 1
    assert not talk.line.closed


def test_an_answer_has_its_status_its_headers_and_its_body(talk: Talk, site: Site) -> None:
    site.reply = Reply(401, [(b"content-length", b"2"), (b"retry-after", b"5")], b"no")
    expected = b"HTTP/1.1 401 Unauthorized\r\nserver: hub\r\ncontent-length: 2\r\nretry-after: 5\r\n\r\nno"
    assert talk.says(whole()) == expected


def test_a_request_without_a_body_is_whole(talk: Talk, site: Site) -> None:
    assert talk.says(whole(b"")) == NO_CONTENT
    assert site.taken == [b""]


def test_requests_that_come_together_are_answered_in_their_order(talk: Talk, site: Site) -> None:
    assert talk.says(whole(b"a=1") + whole(b"b=22") + whole(b"c=3")) == NO_CONTENT * 3
    assert site.taken == [b"a=1", b"b=22", b"c=3"]


def test_requests_of_a_kept_connection_are_taken_one_after_another(talk: Talk, site: Site) -> None:
    assert talk.says(whole(b"a=1"), whole(b"b=22"), whole(b"c=3")) == NO_CONTENT * 3
    assert (site.taken, site.long) == ([b"a=1", b"b=22", b"c=3"], [])


# What is left to the application


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(whole(method=b"PUT"), id="not a POST"),
        pytest.param(whole(version=b"1.0"), id="an old version"),
        pytest.param(whole(b"a=1", b"Connection: close"), id="closed after the answer"),
        pytest.param(whole(path=b"/other/main/secret"), id="another part of the site"),
        pytest.param(whole(path=PATH + b"?a=1"), id="with a query"),
        pytest.param(whole(path=PATH + b"%20"), id="with an escape"),
        pytest.param(whole(b"a=1", b"Content-Encoding: gzip"), id="packed"),
        pytest.param(whole(b"a=1", b"Expect: 100-continue"), id="expecting leave"),
        pytest.param(whole(b"a=1", b"Upgrade: h2c"), id="speaking of an upgrade"),
        pytest.param(head(b"Transfer-Encoding: chunked", size=None) + b"3\r\na=1\r\n0\r\n\r\n", id="in chunks"),
        pytest.param(head(size=None), id="without a length"),
    ],
)
def test_an_unusual_request_is_the_applications(talk: Talk, site: Site, request_: bytes) -> None:
    assert b"HTTP/1.1 200 OK" in talk.says(request_)
    assert (site.entered, site.taken) == ([], [])
    ((path, body),) = site.long
    assert path.startswith(("/hooks/main/secret", "/other/main/secret"))
    assert body == (b"" if request_ == head(size=None) else b"a=1")


@pytest.mark.parametrize("settings", [{"access_log": True}, {"root_path": "/hub"}, {"limit_concurrency": 100}])
def test_work_that_the_server_does_for_each_request_is_not_left_out(
    loop: asyncio.AbstractEventLoop, site: Site, settings: dict[str, Any]
) -> None:
    assert b"200 OK" in Talk(loop, site, **settings).says(whole())
    assert (site.entered, len(site.long)) == ([], 1)


def test_a_site_without_a_shortcut_is_asked_as_ever(loop: asyncio.AbstractEventLoop) -> None:
    plain = Plain()
    assert b"200 OK" in Talk(loop, plain).says(whole())
    assert plain.site.long == [(PATH.decode(), b"a=1")]


@pytest.mark.parametrize("refusal", ["knows", "takes"])
@pytest.mark.parametrize("body", [b"a=1", b""])
def test_what_the_shortcut_does_not_take_goes_to_the_application_whole(
    talk: Talk, site: Site, refusal: str, body: bytes
) -> None:
    setattr(site, refusal, False)
    for _ in range(2):
        assert b"200 OK" in talk.says(whole(body))
    assert (site.taken, site.long) == ([], [(PATH.decode(), body)] * 2)
    setattr(site, refusal, True)
    assert talk.says(whole(b"b=22")) == NO_CONTENT


@pytest.mark.parametrize("at", range(1, len(whole())))
def test_a_request_in_two_pieces_is_answered_once_and_whole(talk: Talk, site: Site, at: int) -> None:
    request, body_at = whole(), len(head())
    answer = talk.says(request[:at], request[at:])
    # The rest of a head may come later; a body may not.
    if at < body_at:
        assert (answer, site.taken, site.long) == (NO_CONTENT, [b"a=1"], [])
    else:
        assert b"200 OK" in answer
        assert (site.entered, site.long) == ([], [(PATH.decode(), b"a=1")])
    assert talk.says(whole(b"b=22")) == NO_CONTENT
    assert site.taken[-1] == b"b=22"


def test_after_a_request_of_the_application_the_short_way_is_open_again(talk: Talk, site: Site) -> None:
    assert b"200 OK" in talk.says(whole(method=b"PUT"))
    assert talk.says(whole()) == NO_CONTENT
    assert site.taken == [b"a=1"]


# Answers that come later


def test_behind_a_request_in_work_all_others_wait(talk: Talk, site: Site) -> None:
    site.reply = None
    assert talk.says(whole(b"a=1"), whole(b"b=22")) == b""
    assert (site.taken, site.long) == ([b"a=1"], [])
    site.answers[0](Reply(204))
    talk.wait()
    assert talk.line.written.startswith(NO_CONTENT + b"HTTP/1.1 200 OK")
    assert site.long == [(PATH.decode(), b"b=22")]


def test_a_client_that_reads_nothing_is_not_answered_by_a_call(talk: Talk, site: Site) -> None:
    talk.protocol.pause_writing()
    talk.says(whole())
    talk.protocol.resume_writing()
    talk.wait()
    assert (site.taken, site.long) == ([], [(PATH.decode(), b"a=1")])


def test_a_connection_that_closes_takes_nothing_more_by_a_call(talk: Talk, site: Site) -> None:
    talk.line.closed = True
    talk.says(whole())
    assert (site.entered, site.taken) == ([], [])


def test_nothing_is_written_to_a_client_that_is_gone(talk: Talk, site: Site) -> None:
    site.reply = None
    talk.says(whole())
    talk.protocol.connection_lost(ConnectionResetError())
    site.answers[0](Reply(204))
    assert (talk.line.written, talk.state.total_requests) == (b"", 0)


def test_nothing_is_written_to_a_connection_that_closes(talk: Talk, site: Site) -> None:
    site.reply = None
    talk.says(whole())
    talk.line.closed = True
    site.answers[0](Reply(204))
    assert (talk.line.written, talk.state.total_requests) == (b"", 0)


def test_a_server_that_stops_answers_what_is_in_work_and_closes(talk: Talk, site: Site) -> None:
    site.reply = None
    talk.says(whole())
    talk.protocol.shutdown()
    assert not talk.line.closed
    site.answers[0](Reply(204))
    assert talk.line.written == b"HTTP/1.1 204 No Content\r\nserver: hub\r\nconnection: close\r\n\r\n"
    assert talk.line.closed


def test_an_idle_connection_is_closed_at_once(talk: Talk) -> None:
    talk.says(whole())
    talk.protocol.shutdown()
    assert talk.line.closed


# A head that came before


def test_a_head_that_came_before_is_not_parsed_again(talk: Talk, site: Site) -> None:
    assert not talk.protocol.took_again(whole(b"a=1"))
    talk.says(whole(b"a=1"))
    assert talk.protocol.took_again(whole(b"b=2"))
    assert talk.protocol.took_again(whole(b"c=3"))
    assert talk.line.written == NO_CONTENT * 3
    assert (site.taken, len(site.entered)) == ([b"a=1", b"b=2", b"c=3"], 1)


@pytest.mark.parametrize(
    "request_",
    [
        pytest.param(whole(b"b=22"), id="of another length"),
        pytest.param(whole(b"b=2", path=PATH.replace(b"main", b"mail")), id="of another head"),
        pytest.param(whole(b"b=2")[:-1], id="cut off"),
        pytest.param(whole(b"b=2") + b"x", id="with more behind it"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_another_head_is_parsed(talk: Talk, site: Site, request_: bytes) -> None:
    talk.says(whole(b"a=1"))
    assert not talk.protocol.took_again(request_)
    assert site.taken == [b"a=1"]


def test_a_request_in_work_is_not_overtaken(talk: Talk, site: Site) -> None:
    site.reply = None
    talk.says(whole(b"a=1"))
    assert not talk.protocol.took_again(whole(b"b=2"))
    site.answers[0](Reply(204))
    assert talk.protocol.took_again(whole(b"b=2"))
    assert not talk.protocol.took_again(whole(b"c=3"))


def test_what_the_shortcut_takes_no_more_is_parsed_and_goes_to_the_application(talk: Talk, site: Site) -> None:
    talk.says(whole(b"a=1"))
    site.takes = False
    assert not talk.protocol.took_again(whole(b"b=2"))
    assert b"200 OK" in talk.says(whole(b"b=2"))
    assert site.long == [(PATH.decode(), b"b=2")]


@pytest.mark.parametrize(
    "pieces",
    [
        pytest.param([whole(b"a=1") + whole(b"b=2")], id="two in one piece"),
        pytest.param([whole(b"a=1")[:20], whole(b"a=1")[20:]], id="a cut head"),
        pytest.param([b"\r\n" + whole(b"a=1")], id="an empty line before it"),
    ],
)
def test_only_the_head_of_one_whole_piece_is_remembered(talk: Talk, pieces: list[bytes]) -> None:
    assert talk.says(*pieces).startswith(NO_CONTENT)
    remembered = talk.protocol.took_again(whole(b"c=3"))
    assert not remembered


@pytest.mark.parametrize(
    ("pieces", "again"),
    [
        pytest.param([whole()[:20], whole()[20:]], whole(b"b=2")[20:], id="the rest of a cut head"),
        pytest.param([whole() + b"\r\n"], whole(b"b=2") + b"\r\n", id="with an empty line behind it"),
        pytest.param([whole(method=b"PUT")], whole(b"b=2", method=b"PUT"), id="of the application"),
    ],
)
def test_a_piece_that_was_no_whole_request_of_the_short_way_is_not_remembered(
    talk: Talk, site: Site, pieces: list[bytes], again: bytes
) -> None:
    talk.says(*pieces)
    assert not talk.protocol.took_again(again)
    assert b"b=2" not in site.taken


def test_a_body_may_look_like_the_end_of_a_head(talk: Talk, site: Site) -> None:
    talk.says(whole(b"a\r\n\r\nb"))
    assert talk.protocol.took_again(whole(b"c\r\n\r\nd"))
    assert site.taken == [b"a\r\n\r\nb", b"c\r\n\r\nd"]


def test_the_last_head_is_the_one_that_is_remembered(talk: Talk, site: Site) -> None:
    talk.says(whole(b"a=1"), whole(b"b=22"))
    assert not talk.protocol.took_again(whole(b"c=3"))
    assert talk.protocol.took_again(whole(b"d=44"))
    assert site.taken == [b"a=1", b"b=22", b"d=44"]


def test_a_connection_is_not_closed_for_idleness_while_a_request_is_in_work(talk: Talk, site: Site) -> None:
    talk.says(whole(b"a=1"))
    assert talk.is_idle()
    site.reply = None
    assert talk.protocol.took_again(whole(b"b=2"))
    assert not talk.is_idle()
    site.answers[-1](Reply(204))
    assert talk.is_idle()


def test_headers_are_known_by_their_names_and_the_last_counts() -> None:
    assert headers_by_name([(b"a", b"1"), (b"b", b"\xe9"), (b"a", b"2")]) == {"a": "2", "b": "é"}
