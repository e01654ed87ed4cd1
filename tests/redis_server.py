"""A real redis-server for tests, on a free port."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trustme

PASSWORD = "CANARY-invented-redis-password"
WITHOUT_TLS = "this redis-server was built without TLS"
MISSING = "this machine has no redis-server (Debian: apt-get install redis-server)"


@contextmanager
def running_redis(folder: Path, *options: str, ca: trustme.CA | None = None) -> Iterator[str]:
    """The URL of a redis-server that is ready, with its password; the test is skipped where there is no such program.

    Parameters:
        folder: for its files
        options: further ones of redis-server
        ca: signs the certificate of 127.0.0.1; the server then uses TLS only
    """
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip(MISSING)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    listening = ["--port", str(port)] if ca is None else _with_tls(folder, port, ca)
    command = [program, *listening, "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(
        [*command, "--requirepass", PASSWORD, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said = ""
            for line in process.stdout:
                said += line
                if "Ready to accept connections" in line:
                    break
            else:
                if ca is not None and "tls-port" in said:
                    pytest.skip(WITHOUT_TLS)
                raise AssertionError(f"redis-server did not start: {said}")
            yield f"redis{'' if ca is None else 's'}://:{PASSWORD}@127.0.0.1:{port}/0"
        finally:
            process.kill()


def _with_tls(folder: Path, port: int, ca: trustme.CA) -> list[str]:
    ca.cert_pem.write_to_path(folder / "ca.pem")
    certificate = ca.issue_cert("127.0.0.1")
    certificate.private_key_pem.write_to_path(folder / "key.pem")
    (folder / "server.pem").write_bytes(b"".join(pem.bytes() for pem in certificate.cert_chain_pems))
    files = [("--tls-cert-file", "server.pem"), ("--tls-key-file", "key.pem"), ("--tls-ca-cert-file", "ca.pem")]
    named = [part for option, name in files for part in (option, str(folder / name))]
    return ["--port", "0", "--tls-port", str(port), "--tls-auth-clients", "no", *named]
