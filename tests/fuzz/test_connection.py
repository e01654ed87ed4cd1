"""How a task reaches the PBX, given what nobody expects: nothing but the PBX that is named is ever spoken to."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st

from pbx_as_code.engine import connection as _client
from tests.fuzz.faithful import short
from tests.fuzz.judging import readable
from tests.fuzz.running import Tasks
from tests.fuzz.texts import texts
from tests.fuzz.values import STRANGE
from tests.fuzz.wire import check_head
from tests.profiles import tries

_HOSTS = (
    "{host}", "{host}/", "{host}/x", "{host}//", "{host}?x", "{host}#x", "user@{host}", "user:word@{host}",
    "{host}@evil.example",
    "evil.example\\@{host}", "{host}\n", "{host}\r\nX: 1", "{host}\x00", "{host} evil.example", "{host}%20",
    "{host}%2fx",
    "[::1]", "[::1]:{port}", "::1", "[::1", "::ffff:127.0.0.1", "[fe80::1%25eth0]", "[::1%x y]", "[::1%\n]",
    "127.0.0.1", "127.1", "2130706433", "0x7f000001",
    "localhost", "LOCALHOST:{port}", "localhost.:{port}", "127.0.0.1:0", "127.0.0.1:99999", "127.0.0.1:-1",
    "127.0.0.1:", "127.0.0.1:x",
    "127.0.0.1:\u0661", "\u2460", "evil\u3002example", "b\u00fccher.example", "xn--", "a..b", ".", "..", "-", "_",
    "a" * 300, "http://",
    "https://", "://", "//{host}", "ftp://127.0.0.1", "file:///etc/passwd", "javascript:x", "unix://x",
    "HTTP://127.0.0.1:{port}",
    "http:/127.0.0.1:{port}", "http:127.0.0.1:{port}", "http://http://127.0.0.1:{port}",
    "http://127.0.0.1:{port}/xapi/v1",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def asked_for() -> Iterator[list[Any]]:
    """Every name that anybody looks up. Nothing but this machine is found."""
    found: list[Any] = []
    real = socket.getaddrinfo

    def look_up(host: Any, port: Any, *more: Any, **options: Any) -> Any:
        found.append(host)
        if host in ("127.0.0.1", b"127.0.0.1", "::1", b"::1", "localhost", b"localhost"):
            return real(host, port, *more, **options)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", look_up)
        yield found


def access(tasks: Tasks) -> dict[str, Any]:
    return {
        "host": tasks.pbx.url,
        "api_client_id": tasks.pbx.client_id,
        "api_client_secret": tasks.pbx.client_secret,
        "token_cache": False,
        "request_timeout": 5,
    }


def try_out(tasks: Tasks, hostile: dict[str, Any], without: tuple[str, ...] = ()) -> bool:
    """Whether the task was done; where it was not, the message says of which option, or what the PBX or the way to it
    said.
    """
    _client.forget()
    tasks.pbx.clear_log()
    asked = {name: value for name, value in access(tasks).items() if name not in without} | hostile
    result = tasks.as_given("fax_info", asked)
    readable(result, asked)
    for request in tasks.pbx.requests:
        check_head(request)
    if not result.failed:
        return True
    named = any(option in result.msg for option in hostile)
    assert named or "could not be read on http" in result.msg, f"{result.msg[:500]} for {short(asked)}"
    return False


@tries(150)
@driven_by(pattern=st.sampled_from(_HOSTS) | texts(), port=st.none() | st.integers(-1, 70000) | STRANGE)
def test_the_host(pattern: str, port: Any, tasks: Tasks, asked_for: list[Any]) -> None:
    host = pattern
    for word, meant in (("{host}", tasks.pbx.url), ("{port}", str(tasks.pbx.port))):
        host = host.replace(word, meant)
    asked_for.clear()
    # To this machine's own ports 80 and 443 nobody listens here; the simulator's is elsewhere.
    try_out(tasks, {"host": host, "host_port": port})
    for name in asked_for:
        text = name.decode() if isinstance(name, bytes) else name
        assert re.fullmatch(r"[\w.:%\-]+", text), f"{text!r} was looked up for {host!r}"
        assert "evil" not in text or host.startswith("evil\u3002"), f"{text!r} was looked up for {host!r}"


@tries(60)
@driven_by(value=STRANGE | st.floats() | st.sampled_from([0, -1, 1e-9, 86400, 86401, "5", "5s", "1e3", 1e308]))
def test_the_timeout(value: Any, tasks: Tasks) -> None:
    try_out(tasks, {"request_timeout": value})


@tries(60)
@driven_by(data=st.data())
def test_who_signs_in(data: st.DataObject, tasks: Tasks) -> None:
    ways = (
        ("api_client_id", "api_client_secret"),
        ("login_username", "login_password", "security_code"),
        ("access_token",),
    )
    way = data.draw(st.sampled_from(ways))
    hostile = {option: data.draw(texts() | texts() | STRANGE) for option in way}
    done = try_out(tasks, hostile, without=("api_client_id", "api_client_secret"))
    tried = [request for request in tasks.pbx.requests if request.path == "/connect/token"]
    assert not done or hostile == {"api_client_id": tasks.pbx.client_id, "api_client_secret": tasks.pbx.client_secret}
    for request in tried:
        form = parse_qs(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True, errors="strict")
        assert set(form) == {"grant_type", "client_id", "client_secret"}
        assert form["client_id"] == [str(hostile["api_client_id"])]
        assert form["client_secret"] == [str(hostile["api_client_secret"])]
    if way == ("access_token",):
        # As it is read from a file or copied from a header: with a line break at the end, or the word before it.
        for request in tasks.pbx.requests:
            bare = re.sub(r"^Bearer\s+", "", str(hostile["access_token"]).strip(), flags=re.IGNORECASE)
            assert request.headers["authorization"] == f"Bearer {bare}"


@pytest.mark.parametrize("option", ["validate_certs", "token_cache"])
@tries(15)
@driven_by(value=STRANGE)
def test_what_is_on_or_off(option: str, value: Any, tasks: Tasks) -> None:
    try_out(tasks, {option: value})


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/no/such/file",
        "{folder}",
        "{garbage}",
        "{folder}/a\nb",
        "{folder}/\0",
        "~nobody/x",
        "$HOME",
        "\udcff",
        [],
        5,
    ],
)
def test_the_certificates(path: Any, tasks: Tasks, tmp_path: Path) -> None:
    garbage = tmp_path / "garbage.pem"
    garbage.write_bytes(b"-----BEGIN CERTIFICATE-----\nbm9uc2Vuc2U=\n-----END CERTIFICATE-----\n\xff\x00")
    if isinstance(path, str):
        path = path.replace("{folder}", str(tmp_path)).replace("{garbage}", str(garbage))
    assert not try_out(tasks, {"host": f"https://127.0.0.1:{tasks.pbx.port}", "ca_path": path})
