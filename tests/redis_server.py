"""A real redis-server for tests, on a free port."""

from __future__ import annotations

import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PASSWORD = "CANARY-invented-redis-password"
MISSING = "this machine has no redis-server (Debian: apt-get install redis-server)"


@contextmanager
def running_redis(folder: Path, *options: str) -> Iterator[str]:
    """The URL of a redis-server that is ready, with its password; the test is skipped where there is no such program.

    Parameters:
        folder: for its files
        options: further ones of redis-server
    """
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip(MISSING)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    with subprocess.Popen(
        [*command, "--requirepass", PASSWORD, *options], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            for line in process.stdout:
                if "Ready to accept connections" in line:
                    break
            else:
                raise AssertionError("redis-server did not start")
            yield f"redis://:{PASSWORD}@127.0.0.1:{port}/0"
        finally:
            process.kill()
