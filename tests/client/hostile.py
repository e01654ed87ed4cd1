"""Hostile and broken responses of a server: confusing JSON, damaged bodies, wrong headers."""

from __future__ import annotations

import gzip
import json
import traceback
import zlib
from collections.abc import Mapping
from typing import Any

import httpx
from hypothesis import strategies as st
from threecx_xapi.errors import XapiError

# Invented, unlike anything else that may appear, and as long as a real one.
TOKEN = "eyJhbGciOiJub25lIn0.eyJpbnZlbnRlZCI6InRva2VuIn0." + "Zq7invented" * 12
SECRET = "Zq7-invented-client-secret"

LETTERS = st.characters(codec=None)
TEXT = st.one_of(
    st.text(LETTERS, max_size=12),
    st.sampled_from(
        ["", "\ud800", "\x00", "NaN", "2024-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9" * 60, TOKEN, SECRET]
    ),
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.sampled_from([2**63, -(2**200), 10**4000]),
    st.floats(),
    TEXT,
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=12
)
"""Anything that json.dumps can write, NaN and lone surrogates included."""


@st.composite
def confused(draw: st.DrawFn, value: Any) -> Any:
    """A value with something else in the place of some of its parts."""
    if draw(st.integers(0, 5)) == 0:
        return draw(JSON)
    if isinstance(value, Mapping):
        made = {name: draw(confused(part)) for name, part in value.items() if draw(st.integers(0, 9))}
        return {**made, **draw(st.dictionaries(TEXT, SCALARS, max_size=2))}
    if isinstance(value, list):
        return [draw(confused(part)) for part in value] * draw(st.sampled_from([1, 1, 1, 0, 3]))
    return value


@st.composite
def bodies(draw: st.DrawFn, plain: Any) -> bytes:
    """A body that began as this JSON."""
    value = draw(confused(plain))
    text = json.dumps(value, ensure_ascii=draw(st.booleans()))
    if draw(st.integers(0, 7)) == 0:  # what json.dumps does not write
        text = draw(
            st.sampled_from(
                [
                    "[" * 100_000,
                    '{"value":' * 20_000,
                    '{"value":[{"Id":1,"Id":2}],"value":[{"Id":3}]}',
                    '{"value":[{"Id":1e999999}]}',
                    '{"Id":' + "9" * 6000 + "}",
                    "<html><title>" + TOKEN + "</title>",
                    "Authorization: Bearer " + TOKEN,
                    f'{{"error":{{"message":"{SECRET} {TOKEN}","code":"{TOKEN}",'
                    f'"details":[{{"message":"{SECRET}"}}]}}}}',
                    f'{{"error":"unauthorized","error_description":"client_secret={SECRET}"}}',
                    '{"Status":"AuthFailed ' + SECRET + '"}',
                ]
            )
        )
    content = text.encode(
        draw(st.sampled_from(["utf-8", "utf-8", "utf-8", "utf-8-sig", "utf-16", "utf-32"])), "surrogatepass"
    )
    damage = draw(st.integers(0, 5))
    if damage == 0:
        content = content[: draw(st.integers(0, len(content)))]
    elif damage == 1:
        at = draw(st.integers(0, len(content)))
        content = content[:at] + draw(st.binary(max_size=5)) + content[at + draw(st.integers(0, 3)) :]
    return content


NUMBERS = st.sampled_from(
    ["", "0", "-1", "3", "1e9", "1e999", "nan", "inf", "-inf", "9" * 400, "٣", "0x10", "Fri, 31 Dec 9999 23:59:59 GMT"]
)
HEADERS = {
    "Content-Type": st.sampled_from(
        ["application/json", "text/html", "application/json; charset=utf-7", "", "\xff", "multipart/mixed"]
    ),
    "Content-Disposition": st.sampled_from(
        [
            'attachment; filename="../../etc/passwd"',
            "attachment; filename*=utf-8''%00%2e%2e%2fx",
            "filename*=nonsense''x",
            '"' * 50,
        ]
    ),
    "ETag": st.sampled_from(['W/"1"', "", "\xe9", TOKEN, "*" * 5000]),
    "Retry-After": NUMBERS,
    "Date": NUMBERS,
    "X-3CX-Version": st.sampled_from(["20.0.8.1", "20.0.10", "", "a.b.c", "9" * 5000 + ".0.0", "٢٠.0.0", TOKEN]),
    "X-Request-Id": st.sampled_from(["r-1", TOKEN, "\xff\xfe", "x" * 5000]),
    "Location": st.sampled_from(
        [
            "https://evil.example/xapi/v1/Users",
            "http://pbx.example.com/xapi/v1/Users",
            "//evil.example",
            "/x",
            "",
            "http://[",
            "\xff",
        ]
    ),
    "Set-Cookie": st.just("session=hostile; Domain=pbx.example.com; Path=/"),
}


@st.composite
def responses(draw: st.DrawFn, plain: Any) -> httpx.Response:
    """An answer that began as a good one with this JSON."""
    content = draw(bodies(plain))
    names = draw(st.sets(st.sampled_from(sorted(HEADERS)), max_size=4))
    headers = [
        (name.encode(), draw(HEADERS[name]).encode("utf-8" if draw(st.booleans()) else "latin-1", "replace"))
        for name in sorted(names)
    ]
    packing = draw(st.sampled_from([None, None, None, None, "gzip", "deflate", "br", "lie", "cut"]))
    if packing in ("gzip", "cut"):
        content = gzip.compress(content)[: -4 if packing == "cut" else None]
    elif packing == "deflate":
        content = zlib.compress(content)
    if packing is not None:
        headers.append((b"content-encoding", {"lie": "gzip", "cut": "gzip"}.get(packing, packing).encode()))
    status = draw(
        st.sampled_from(
            [
                200,
                200,
                200,
                200,
                201,
                204,
                206,
                299,
                301,
                302,
                307,
                400,
                401,
                403,
                404,
                412,
                428,
                429,
                500,
                503,
                600,
                999,
            ]
        )
    )
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(content))


def shown(error: BaseException, *, with_locals: bool = False) -> str:
    """All that a person, a log or a traceback could show of an exception, its causes included.

    Parameters:
        with_locals: those of all frames too, as a rich traceback shows them; those of a test may hold the secrets
    """
    seen: list[str] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None:
            continue
        waiting += [one.__cause__, one.__context__]
        seen += [str(one), repr(one), repr(one.args), repr(vars(one))]
        seen += traceback.TracebackException.from_exception(one, capture_locals=with_locals).format()
    return "\n".join(seen)


def check(error: XapiError, secrets: tuple[str, ...] = (TOKEN, SECRET)) -> None:
    """An exception of the client's own, in plain words and without a secret."""
    assert isinstance(error, XapiError)
    everything = shown(error)
    assert [secret for secret in secrets if secret in everything] == []
    assert len(error.message) < 5000
