"""The token store in a redis server with TLS: the certificate counts, and one message says what is wrong with it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme
from threecx_xapi import XapiClient, errors
from threecx_xapi._token_store import redis_server

from pbx_simulator import SimulatedPbx
from tests.redis_server import PASSWORD, running_redis


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("redis")


@pytest.fixture(scope="module")
def redis_url(folder: Path) -> Iterator[str]:
    with running_redis(folder, ca=trustme.CA()) as url:
        yield url


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))


def refusal(url: str) -> str:
    """The message of a client that cannot use the store, after no request to the PBX."""
    with SimulatedPbx() as pbx:
        client = XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, token_cache=url)
        with client, pytest.raises(errors.ConfigurationError) as raised:
            client.request("GET", "/Defs")
        assert pbx.requests == []
        assert pbx.sign_ins == 0
    message = str(raised.value)
    assert PASSWORD not in message
    assert message.startswith("token_cache: ")
    return message


def test_the_ca_in_the_url_is_trusted(redis_url: str, folder: Path, tmp_path: Path) -> None:
    url = f"{redis_url}?ssl_ca_certs={folder / 'ca.pem'}"
    with SimulatedPbx() as pbx:
        clients = [
            XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, token_cache=url)
            for _ in range(2)
        ]
        for client in clients:
            with client:
                client.request("GET", "/Defs")
                assert client.take_notices() == []
        assert pbx.sign_ins == 1
    assert not list(tmp_path.rglob("*.json")), "no token in a file"


def test_another_ca_is_one_message(redis_url: str, tmp_path: Path) -> None:
    trustme.CA().cert_pem.write_to_path(tmp_path / "other.pem")
    for url in (redis_url, f"{redis_url}?ssl_ca_certs={tmp_path / 'other.pem'}"):
        message = refusal(url)
        assert "shows a certificate that is not trusted: the CA that signed it is unknown here." in message
        assert "?ssl_ca_certs=FILE" in message
        assert str(tmp_path) not in message


def test_the_name_in_the_certificate_counts(redis_url: str, folder: Path) -> None:
    url = f"{redis_url.replace('127.0.0.1', 'localhost')}?ssl_ca_certs={folder / 'ca.pem'}"
    assert "it was issued for a name other than localhost. Use the name from the certificate" in refusal(url)


def test_the_name_counts_in_old_releases_too_unless_no_certificate_does() -> None:
    """Before release 6, redis-py checks the name only if it is told to."""
    for query in ("", "?ssl_cert_reqs=required", "?ssl_cert_reqs=optional"):
        assert redis_server._tls_options(f"rediss://redis.example.com/0{query}") == {"ssl_check_hostname": True}
    assert redis_server._tls_options("rediss://redis.example.com/0?ssl_cert_reqs=none") == {}


def test_the_certificate_is_not_checked_where_the_url_says_so(redis_url: str) -> None:
    assert redis_server.Server(f"{redis_url}?ssl_cert_reqs=none").call("PING")


def test_a_file_without_a_ca_is_named(redis_url: str, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("")
    for name, why in (("empty.pem", "no certificate in it"), ("none.pem", "No such file")):
        path = tmp_path / name
        assert f"ssl_ca_certs: {path} cannot be used: {why}" in refusal(f"{redis_url}?ssl_ca_certs={path}")


def test_tls_on_one_side_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "_CONNECT", 0.2)  # a server without TLS waits for the rest of the handshake
    with running_redis(tmp_path) as plain, SimulatedPbx() as pbx:
        url = plain.replace("redis:", "rediss:")
        with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, token_cache=url) as client:
            client.request("GET", "/Defs")
            (notice,) = client.take_notices()
        assert "no TLS on that port: use redis://, or the port with TLS" in notice
        assert "cannot be used with the parameters of its URL" in refusal(f"{plain}?ssl_ca_certs=/x")
