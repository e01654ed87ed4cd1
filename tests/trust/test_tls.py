"""Certificates that are not to be trusted, each with real TLS: nothing is sent, and the message says why and what to
do.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient
from threecx_xapi._transport import wire
from threecx_xapi.errors import ConfigurationError, TlsError

from ansible_collection.plugins.module_utils._connection_options import connection_options
from pbx_as_code.engine import connection as _client
from pbx_simulator import SimulatedPbx
from pbx_simulator.http import listener
from pbx_simulator.http.tls import Certificate
from tests.trust.certificates import DAY, Issued, issue
from tests.trust.tasks import run, task_options

ONCE = RetryPolicy(attempts=1)
#: A name and an address of this machine that a certificate may be made for.
HERE = ("localhost", "127.0.0.1")


@pytest.fixture(scope="module")
def authority() -> Issued:
    return issue(authority=True)


@pytest.fixture(autouse=True)
def _private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setattr(wire, "_contexts", {})
    for name in ("THREECX_VALIDATE_CERTS", "THREECX_CA_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)
    yield
    _client.forget()


@pytest.fixture
def showing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Issued], SimulatedPbx]]:
    """Simulated PBXs that show a certificate of the test's own."""
    running: list[SimulatedPbx] = []

    def make(shown: Issued) -> SimulatedPbx:
        folder = tmp_path / f"pbx-{len(running)}"
        folder.mkdir()
        certificate = Certificate(shown.context(folder), str(folder / "none.pem"))
        monkeypatch.setattr(listener, "throw_away", lambda _host: certificate)
        running.append(SimulatedPbx(tls=True).start())
        return running[-1]

    yield make
    for one in running:
        one.close()


def access(pbx: SimulatedPbx, host: str = "localhost") -> dict[str, Any]:
    return {
        "host": f"https://{host}:{pbx.port}",
        "client_id": pbx.client_id,
        "client_secret": pbx.client_secret,
    }


def refusals(pbx: SimulatedPbx, host: str = "localhost", ca: Path | None = None) -> tuple[TlsError, str]:
    """Return the error of both clients, which must be equal, and the message of a task."""
    options = access(pbx, host) | ({} if ca is None else {"ca_path": str(ca)})
    with XapiClient(**options, retry=RetryPolicy()) as client, pytest.raises(TlsError) as caught:
        client.request("POST", "/Groups", json={})

    async def main() -> None:
        async with AsyncXapiClient(**options, retry=ONCE) as client:
            await client.request("POST", "/Groups", json={})

    with pytest.raises(TlsError) as again:
        asyncio.run(main())
    assert (again.value.message, again.value.problem) == (caught.value.message, caught.value.problem)
    failed = run("fax", number="800", state="absent", **task_options(options))
    assert failed.data["failed"]
    assert failed.data["changed"] is False
    assert pbx.requests == [], "nothing was sent, not even a sign-in"
    for words in (caught.value.message, failed.data["msg"]):
        assert f"{host}:{pbx.port}" in words
        assert pbx.client_secret not in words
    assert caught.value.sent is False
    assert "verify=False" in caught.value.message
    assert "verify=False" not in failed.data["msg"], "that is no option of a module"
    return caught.value, failed.data["msg"]


@pytest.mark.parametrize(
    ("problem", "validity", "why", "what_to_do", "option"),
    [
        ("expired", {"begins": -3 * DAY, "ends": -DAY}, "it has expired", "Renew it", "Renew the certificate"),
        ("not yet valid", {"begins": DAY, "ends": 3 * DAY}, "it is not valid yet", "clock", "Check the clocks"),
    ],
)
@pytest.mark.parametrize("signed_by", ["an authority", "itself"])
def test_out_of_its_time(
    showing: Callable[[Issued], SimulatedPbx],
    authority: Issued,
    tmp_path: Path,
    problem: str,
    validity: dict[str, Any],
    why: str,
    what_to_do: str,
    option: str,
    signed_by: str,
) -> None:
    shown = issue(*HERE, by=authority if signed_by == "an authority" else None, **validity)
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.pem if signed_by == "an authority" else shown.pem)
    error, msg = refusals(showing(shown), ca=ca)
    assert error.problem == problem
    assert why in error.message
    assert what_to_do in error.message
    assert why in msg
    assert option in msg
    assert "validate_certs" in msg


@pytest.mark.parametrize("host", HERE)
def test_of_another_name(
    showing: Callable[[Issued], SimulatedPbx], authority: Issued, tmp_path: Path, host: str
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(authority.pem)
    error, msg = refusals(showing(issue("pbx.example.com", "192.0.2.1", by=authority)), host, ca)
    assert error.problem == "wrong name"
    for words in (error.message, msg):
        assert f"it was issued for a name other than {host}" in words
        assert (
            "Set the host to the name in the certificate" in words or "Set host to the name in the certificate" in words
        )


def test_self_signed(showing: Callable[[Issued], SimulatedPbx], tmp_path: Path) -> None:
    """Refused, until it is given itself as what to trust."""
    shown = issue(*HERE)
    pbx = showing(shown)
    error, msg = refusals(pbx)
    assert error.problem == "self-signed"
    for words in (error.message, msg):
        assert "it is self-signed" in words
        assert "ca_path" in words
    ca = tmp_path / "pbx.pem"
    ca.write_bytes(shown.pem)
    assert not run("fax", number="none", state="absent", ca_path=str(ca), **task_options(access(pbx))).data["changed"]
    assert pbx.requests


@pytest.mark.parametrize("others", [False, True], ids=["the usual ones", "of another CA"])
def test_of_an_unknown_authority(
    showing: Callable[[Issued], SimulatedPbx], authority: Issued, tmp_path: Path, others: bool
) -> None:
    ca = tmp_path / "ca.pem"
    ca.write_bytes(replace(issue(authority=True)).pem)
    error, msg = refusals(showing(issue(*HERE, by=authority)), ca=ca if others else None)
    assert error.problem == "unknown authority"
    for words in (error.message, msg):
        assert "the CA that signed it is unknown here" in words
        assert "ca_path" in words


def test_a_certificate_that_must_not_sign(showing: Callable[[Issued], SimulatedPbx], tmp_path: Path) -> None:
    """The owner of an ordinary certificate cannot use it to sign a certificate for the PBX."""
    root = issue(authority=True)
    theirs = issue("evil.example", by=root)
    ca = tmp_path / "ca.pem"
    ca.write_bytes(root.pem + theirs.pem)
    error, _ = refusals(showing(issue(*HERE, by=theirs)), ca=ca)
    assert error.problem in ("other", "unknown authority")


@pytest.mark.parametrize("named", ["bundle.pem", "company.CRT", "digest"])
@pytest.mark.parametrize("whole", [True, False], ids=["folder", "file"])
def test_a_bundle_is_trusted(
    showing: Callable[[Issued], SimulatedPbx], authority: Issued, tmp_path: Path, named: str, whole: bool
) -> None:
    """A file with several, or a folder: with the names `openssl rehash` gives, or with any."""
    if named == "digest":
        named = f"{subject_digest(authority, tmp_path)}.0"
    folder = tmp_path / "trusted"
    folder.mkdir()
    (folder / named).write_bytes(issue(authority=True).pem * (not named.endswith(".0")) + authority.pem)
    (folder / "key.pem").write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    pbx = showing(issue(*HERE, by=authority))
    path = folder if whole else folder / named
    for host in HERE:
        task = run("fax", number="none", state="absent", ca_path=str(path), **task_options(access(pbx, host)))
        assert task.data == {"changed": False}


def test_a_folder_of_nothing(tmp_path: Path) -> None:
    """OpenSSL takes it and trusts nothing, which looks like a PBX with a wrong certificate."""
    (tmp_path / "README.txt").write_text("no certificate")
    (tmp_path / "key.pem").write_text("no certificate")
    with (
        XapiClient("localhost", access_token="x", ca_path=str(tmp_path)) as client,
        pytest.raises(ConfigurationError, match="contains no certificate") as caught,
    ):
        client.request("GET", "/Defs")
    assert str(tmp_path) in caught.value.message
    failed = run("fax", number="1", host="localhost", access_token="x", ca_path=str(tmp_path))
    assert "contains no certificate" in failed.data["msg"]


def test_the_check_is_on_unless_it_is_switched_off(showing: Callable[[Issued], SimulatedPbx]) -> None:
    assert connection_options()["validate_certs"]["default"] is True
    pbx = showing(issue("pbx.example.com"))
    refusals(pbx)
    off = run("fax", number="none", state="absent", validate_certs=False, **task_options(access(pbx)))
    assert off.data == {"changed": False}
    sent = json.dumps([request.method for request in pbx.requests])
    assert "POST" in sent
    pbx.clear_log()
    _client.forget()
    refusals(pbx)


def subject_digest(issued: Issued, tmp_path: Path) -> str:
    """The name OpenSSL looks for: a digest of the subject, which only its own tool can make."""
    import shutil
    import subprocess

    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the name is made by the program openssl, which is not here")
    path = tmp_path / "one.pem"
    path.write_bytes(issued.pem)
    done = subprocess.run([openssl, "x509", "-hash", "-noout", "-in", path], capture_output=True, text=True, check=True)
    return done.stdout.strip()
