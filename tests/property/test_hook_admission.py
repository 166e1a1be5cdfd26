"""The portal's door decides exactly as the full reading of the form does, whatever it has seen before."""

from __future__ import annotations

from urllib.parse import quote, quote_plus

from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import SecretStr

from connectors.bitrix24.door import Door
from connectors.bitrix24.webhook import hints, verify
from hub.ports.crm import HookRequest

TOKEN = "51f3a2b4c6d8"
FORM = "application/x-www-form-urlencoded"
KEY = "auth[application_token]"
#: Keys that name the token, nearly name it, or get in its way.
KEYS = st.sampled_from(
    [
        *(KEY, KEY, KEY, "auth", "auth[]", "auth[domain]", "auth[application_token][x]", "AUTH[application_token]"),
        *("auth[application_token]x", "xauth[application_token]", "auth[auth][application_token]", "application_token"),
        *("event", "data[FIELDS][ID]", "a[b][c][d][e][f]", "a[b][c][d][e][f][g]", "a[][][][][][]", "[auth]", ""),
        *(
            "auth [application_token]",
            "auth\x00[application_token]",
            "ключ[application_token]",
            "auth[application_token",
        ),
    ]
)
VALUES = st.sampled_from([TOKEN, TOKEN, TOKEN, "", TOKEN[:-1], TOKEN + "0", TOKEN.upper(), "x&y", "a=b", "я", "\ud800"])


def _some_letters_escaped(text: str) -> str:
    return "".join(f"%{ord(char):02x}" if at % 3 == 0 and ord(char) < 128 else char for at, char in enumerate(text))


#: How a key or a value may be written.
WAYS = st.sampled_from(
    [
        lambda text: quote(text, safe="", errors="replace"),
        lambda text: quote_plus(text, errors="replace"),
        lambda text: quote(text, safe="[]", errors="replace"),
        lambda text: quote(text, safe="", errors="replace").replace("%5B", "%5b").replace("%5D", "%5d"),
        lambda text: quote(text, safe="", errors="replace").replace("%5B", "["),
        _some_letters_escaped,
        lambda text: text,
    ]
)


@st.composite
def pairs(draw: st.DrawFn) -> bytes:
    """One pair of a form, whole or not."""
    key, value = draw(WAYS)(draw(KEYS)), draw(WAYS)(draw(VALUES))
    sign = draw(st.sampled_from(["=", "=", "=", "=", "", "=="]))
    return f"{key}{sign}{value}".encode(errors="surrogatepass")


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """A form, now and then broken or too large."""
    form = b"&".join(draw(st.lists(pairs(), max_size=6)))
    end = draw(
        st.sampled_from([b"", b"", b"", b"&", b"\xff", b"\x00", b"&a" * 499, b"&a" * 500, b"&x=" + b"y" * 65_536])
    )
    return form + end


def hook(body: bytes, content_type: str = FORM, method: str = "POST") -> HookRequest:
    return HookRequest(method, {}, {"content-type": content_type}, body)


END = f"&auth%5Bdomain%5D=acme.bitrix24.ru&auth%5Bapplication_token%5D={TOKEN}".encode()
#: Starts that are usual, nearly usual, or try to change what the end says.
STARTS = st.sampled_from(
    [
        *(
            b"event=ONCRMDEALUPDATE&data%5BFIELDS%5D%5BID%5D=7&ts=1",
            b"event=A&event_handler_id=1&ts=2",
            b"event=A&ts=2",
        ),
        *(
            b"event=A&auth=1&ts=2",
            b"auth=1&event=A&ts=2",
            b"event=A&%61uth=1&ts=2",
            b"event=A&ts=2&auth",
            b"event=A&ts=2&",
        ),
        *(
            b"event=A&data%5BFIELDS%5D%5BID%5D=" + TOKEN.encode() + b"&ts=1",
            b"ts=1",
            b"",
            b"event=A&ts=1" + b"&a" * 500,
        ),
        b"event=A&data%5BFIELDS%5D" + b"%5BID%5D" * 6 + b"=1&ts=1",
    ]
)
ENDS = st.sampled_from(
    [
        *(
            END,
            END,
            END,
            END + b"0",
            END[:-1],
            END + b"&auth=1",
            END + b"&auth%5Bapplication_token%5D=x",
            END + b"\xff",
        ),
        *(
            END.replace(b"acme", b"else"),
            END + b"&a" * 500,
            END + b"&x=" + b"y" * 65_536,
            END.replace(b"%5B", b"["),
            b"",
        ),
    ]
)


def admitted(door: Door, request: HookRequest) -> bool:
    return door.admit(request) is not None


@given(
    st.lists(bodies() | st.builds(bytes.__add__, STARTS, ENDS), max_size=8), st.sampled_from([TOKEN, "", "a%62", "я"])
)
@example([f"auth%5Bapplication_token%5D={TOKEN}".encode()], TOKEN)
@example(
    [f"auth=1&{KEY}={TOKEN}".encode(), f"{KEY}={TOKEN}&auth=1".encode(), f"{KEY}={TOKEN}&%61uth=1".encode()], TOKEN
)
@example([b"auth[application_token]=a%62", b"auth[application_token]="], "a%62")
@example(
    [b"event=A&ts=1" + END, b"event=A&auth=1&ts=1" + END, b"event=A&ts=2" + END, b"event=A&ts=2" + END + b"0"], TOKEN
)
def test_the_door_admits_exactly_what_the_full_reading_believes(sent: list[bytes], token: str) -> None:
    secret = SecretStr(token)
    door = Door(secret)
    for request in map(hook, sent):
        assert admitted(door, request) == (verify(request, secret) is not None)


@given(
    st.sampled_from(["POST", "post", "GET"]),
    st.sampled_from([FORM, FORM.upper(), f"{FORM}; charset=utf-8", "", "text/plain"]),
)
def test_method_and_content_type_count_the_same(method: str, content_type: str) -> None:
    door = Door(SecretStr(TOKEN))
    for _ in range(2):
        request = hook(b"event=A&ts=1" + END, content_type, method)
        assert admitted(door, request) == (verify(request, SecretStr(TOKEN)) is not None)
        assert admitted(door, hook(b"event=A&ts=1" + END))


@given(st.lists(bodies() | st.builds(bytes.__add__, STARTS, ENDS), max_size=8))
@example([b"event=A&data%5BFIELDS%5D%5BID%5D=" + TOKEN.encode() + b"&ts=1" + END])
def test_what_is_kept_holds_no_token_and_hints_at_the_same(sent: list[bytes]) -> None:
    door = Door(SecretStr(TOKEN))
    for request in map(hook, sent):
        admission = door.admit(request)
        if admission is not None:
            assert admission.kept is not None
            assert TOKEN.encode() not in admission.kept
            assert hints(hook(admission.kept)) == verify(request, SecretStr(TOKEN))
