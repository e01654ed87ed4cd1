"""An invented forge: the comments of pull requests, as GitHub and GitLab offer them, in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

#: An invented credential.
TOKEN = "CANARY-of-the-forge"
_ISSUE = re.compile(r"/repos/acme/phones/issues/(\d+)/comments")
_ONE = re.compile(r"/repos/acme/phones/issues/comments/(\d+)")
_NOTES = re.compile(r"/projects/acme%2Fphones/merge_requests/(\d+)/notes(?:/(\d+))?")


@dataclass
class Forge:
    """A forge that runs.

    Attributes:
        url: of its API
        comments: by number of the pull request: each with an id and a body
        requests: method and path of each
        down: whether it refuses everything
    """

    url: str = ""
    comments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)
    down: bool = False

    def answer(self, method: str, path: str, token: str, body: str) -> tuple[int, Any]:
        """The status and the JSON of an answer."""
        self.requests.append(f"{method} {path}")
        if self.down:
            return 503, {}
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}
        many, one = _ISSUE.fullmatch(path) or _NOTES.fullmatch(path), _ONE.fullmatch(path)
        gitlab = path.startswith("/projects")
        number, known = (many[1], many[2] if gitlab else None) if many else ("", one[1] if one else None)
        if method == "GET" and many and known is None:
            return 200, self.comments.get(number, [])
        text = json.loads(body)["body"]
        if method == "POST" and many and known is None:
            made = {"id": 1 + sum(map(len, self.comments.values())), "body": text}
            self.comments.setdefault(number, []).append(made)
            return 201, made
        if method == ("PUT" if gitlab else "PATCH") and known is not None:
            [found] = [comment for of in self.comments.values() for comment in of if str(comment["id"]) == known]
            found["body"] = text
            return 200, found
        return 404, {}

    def said(self, number: str) -> list[str]:
        """The comments on a pull request."""
        return [comment["body"] for comment in self.comments.get(number, [])]


@contextmanager
def forge() -> Iterator[Forge]:
    """A forge on a port of this machine."""
    here = Forge()

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            path = self.path.partition("?")[0]
            status, found = here.answer(self.command, path, self.headers.get("Authorization", ""), body)
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PATCH = do_PUT = _answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        here.url = f"http://127.0.0.1:{server.server_port}"
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        yield here
        server.shutdown()
        thread.join()
