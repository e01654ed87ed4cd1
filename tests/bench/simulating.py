"""How fast the simulated PBX is: until it answers first, and with ten thousand users.

The start is that of the command, from the start of the process to the first list that was read, sign-in included.
Answers are read by http.client on a kept connection, which adds a fraction of a millisecond.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

from tests.bench.figures import Figure, Findings
from tests.bench.pbx import BY_HAND, Pbx, seed, started, users
from tests.bench.progress import step
from tests.bench.rounds import interleave, medians

STARTS, ROUNDS, REQUESTS, PAGES = 7, 9, 50, 5
USERS = 10_000


def measure() -> Findings:
    """Starting, and answering."""
    found = medians(interleave({"start": _start}, STARTS, warm=1))
    figures = [
        Figure("simulator: start (process start to the first answer)", found["start"], "s", STARTS).aim(
            "<= 1 s with the whole document", lambda v: v <= 1
        )
    ]
    step(f"starting with {USERS:,} users")
    with started(seed("users", {"Users": users(USERS)})) as pbx:
        return Findings(figures + _answers(pbx))


def _start() -> float:
    path = seed("one", {})
    start = time.perf_counter()
    with started(path) as pbx:
        get = _getter(pbx)
        get("/Users")
        return time.perf_counter() - start


def _answers(pbx: Pbx) -> list[Figure]:
    get = _getter(pbx)
    middle = get(f"/Users?$top=1&$skip={USERS // 2}")["value"][0]
    number = middle["Number"]
    by_filter = "/Users?$filter=" + quote(f"Number eq '{number}'")
    page = "/Users?$top=100&$orderby=LastName,Number%20desc&$filter=" + quote("contains(EmailAddress,'7')")
    asked: dict[str, tuple[str, int, Callable[[dict[str, Any]], object]]] = {
        "by key": (f"/Users({middle['Id']})", REQUESTS, lambda answer: answer["Number"] == number),
        "by natural key": (by_filter, REQUESTS, lambda answer: len(answer["value"]) == 1),
        "a page": (page, PAGES, lambda answer: len(answer["value"]) == 100),
    }

    def ask(name: str) -> float:
        path, times, right = asked[name]
        if not right(get(path)):
            raise SystemExit(f"{path} is answered with something else than was asked for")
        start = time.perf_counter()
        for _ in range(times):
            get(path)
        return (time.perf_counter() - start) / times * 1000

    found = medians(interleave({name: partial(ask, name) for name in asked}, ROUNDS, warm=1))
    runs = {name: ROUNDS * times for name, (_, times, _) in asked.items()}
    what = f"simulator: one entity by key out of {USERS:,} users"
    return [
        Figure(what, found["by key"], "ms", runs["by key"]).aim("<= 3 ms", lambda v: v <= 3),
        Figure("  by natural key ($filter)", found["by natural key"], "ms", runs["by natural key"]).aim(
            "<= 3 ms", lambda v: v <= 3
        ),
        Figure("  a 100-row page with filter and order", found["a page"], "ms", runs["a page"]).aim(
            "<= 25 ms", lambda v: v <= 25
        ),
    ]


def _getter(pbx: Pbx) -> Callable[[str], dict[str, Any]]:
    connection = http.client.HTTPConnection(urlsplit(pbx.url).netloc)
    bearer = {"Authorization": f"Bearer {pbx.token(BY_HAND)}"}

    def get(path: str) -> dict[str, Any]:
        connection.request("GET", f"/xapi/v1{path}", headers=bearer)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise SystemExit(f"{path} is answered with {answer.status}: {content[:500]!r}")
        found: dict[str, Any] = json.loads(content)
        return found

    return get
