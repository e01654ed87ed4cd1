"""Simulated PBXs in separate processes, as users start them: they share no interpreter with the measured code."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.machine import BUILD, ROOT

#: Service principals, invented: each may have one live token, and the requests written by hand need one too, as does a
#: client that only signs in by itself.
CLIENT, BY_HAND, OTHERS = ("900", "secret-of-900"), ("901", "secret-of-901"), ("902", "secret-of-902")
SIGNING_IN = {"clients": [{"id": name, "secret": secret} for name, secret in (CLIENT, BY_HAND, OTHERS)]}


@dataclass
class Pbx:
    """A simulated PBX that runs."""

    url: str

    def token(self, client: tuple[str, str] = BY_HAND) -> str:
        """Sign in, as somebody who writes the requests by hand does once."""
        form = f"grant_type=client_credentials&client_id={client[0]}&client_secret={client[1]}"
        answer = self._ask("POST", "/connect/token", form.encode())
        return str(answer["access_token"])

    def sign_ins(self) -> int:
        """How many tokens were granted, to anybody."""
        return int(self._ask("GET", "/_simulator/sign-ins")["count"])

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows of an entity set."""
        return list(self._ask("GET", f"/_simulator/entities/{name}"))

    def put(self, name: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store rows behind the API's back."""
        for row in rows:
            self._ask("POST", f"/_simulator/entities/{name}", json.dumps(row).encode())

    def delay(self, path: str, seconds: float) -> None:
        """Let every request whose path matches wait before it is answered, as one that comes from far away."""
        self._ask("POST", "/_simulator/fail", json.dumps({"path": path, "delay": seconds, "times": None}).encode())

    def requests(self) -> list[dict[str, Any]]:
        """Every request since the log was emptied."""
        return list(self._ask("GET", "/_simulator/requests"))

    def forget(self) -> None:
        """Empty the request log, which would grow with every request measured."""
        self._ask("DELETE", "/_simulator/requests")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Any:
        headers = {"Content-Type": "application/x-www-form-urlencoded" if path == "/connect/token" else "text/json"}
        asked = urllib.request.Request(self.url + path, data=body, headers=headers, method=method)
        with urllib.request.urlopen(asked) as answer:
            content = answer.read()
        return json.loads(content) if content else None


def seed(name: str, content: Mapping[str, Any]) -> Path:
    """Write a seed with the service principals and return its path."""
    path = BUILD / f"{name}.seed.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**SIGNING_IN, **content}))
    return path


def faxes(count: int) -> list[dict[str, Any]]:
    """Faxes to be seeded, numbered from 10000 on."""
    return [{"Number": str(10000 + number)} for number in range(count)]


def users(count: int) -> list[dict[str, Any]]:
    """Users to be seeded, numbered from 10000 on; invented."""
    return [
        {
            "Number": str(10000 + number),
            "FirstName": f"First{number % 89}",
            "LastName": f"Last{number % 977}",
            "EmailAddress": f"user{number}@example.com",
        }
        for number in range(count)
    ]


@contextlib.contextmanager
def started(path: Path) -> Iterator[Pbx]:
    """A simulated PBX with a seed, until the end of the block."""
    with fleet(1, path) as (pbx,):
        yield pbx


@contextlib.contextmanager
def fleet(count: int, path: Path) -> Iterator[list[Pbx]]:
    """`threecx-simulator --count N`: many simulated PBXs behind one process, told apart by their ports."""
    command = Path(sys.executable).with_name("threecx-simulator")
    with running([command, "--port", "0", "--seed", path, "--count", str(count), "--json"]) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise SystemExit("the simulated PBX does not start")
        yield [Pbx(one["url"]) for one in json.loads(line)]


@contextlib.contextmanager
def running(command: Sequence[str | Path]) -> Iterator[subprocess.Popen[str]]:
    """A process that is told to end, and waited for, at the end of the block."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=dict(os.environ))
    try:
        yield process
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()
