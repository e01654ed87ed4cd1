"""The call flow of 1,000 users: what a trace and the whole graph cost once the files are loaded.

In processor seconds of this process, beside loading the files, so that a busy machine changes both.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from pbx_as_code.callflow import Kind, Ref, from_configuration
from pbx_as_code.callflow.lint import Context, lint
from pbx_as_code.callflow.map import all_pictures, as_page
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.text import plain
from pbx_as_code.callflow.trace.tracing import trace
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.loader import load_sources
from tests.bench.figures import Figure, Findings

USERS, DRAWN, RUNS = 1000, 300, 5
LIMIT_MS = 50
AT = datetime(2026, 11, 24, 10, tzinfo=UTC)


def measure() -> Findings:
    """Load the files, trace one number, derive every edge, look for faults, draw."""
    sources = [("company.yml", json.dumps(company(USERS)).encode())]
    loading, configuration = _spent(lambda: load_sources(sources))
    tracing, _ = _spent(lambda: _trace(configuration))
    deriving, graph = _spent(lambda: from_configuration(configuration).edges)
    linting, _ = _spent(lambda: lint(Context(from_configuration(configuration), AT.date())))
    smaller = load_sources([("company.yml", json.dumps(company(DRAWN)).encode())])
    drawing, _ = _spent(lambda: _draw(smaller), time.perf_counter)  # Graphviz is a separate process
    return Findings([
        Figure(f"load the files of {USERS:,} users", loading, "ms", RUNS),
        Figure("trace one number, graph included", tracing, "ms", RUNS).aim(
            f"< {LIMIT_MS} ms", lambda value: value < LIMIT_MS
        ),
        Figure("trace one number / load the files", tracing / loading, "x", RUNS),
        Figure(f"derive all {len(graph):,} edges", deriving, "ms", RUNS),
        Figure(f"lint {USERS:,} users, graph included", linting, "ms", RUNS).aim(
            "< 1,000 ms", lambda value: value < 1000
        ),
        Figure("lint / load the files", linting / loading, "x", RUNS),
        Figure(f"draw the page of {DRAWN} extensions, elapsed", drawing, "ms", RUNS).aim(
            "< 3,000 ms", lambda value: value < 3000
        ),
    ])  # fmt: skip


def _trace(configuration: Configuration) -> str:
    graph = from_configuration(configuration)
    return plain(trace(graph, Call(Ref(Kind.DID, "+15550100"), AT)), "call")


def _draw(configuration: Configuration) -> str:
    graph = from_configuration(configuration)
    return as_page(graph, all_pictures(graph), "company", AT)


def _spent(work: Callable[[], Any], clock: Callable[[], float] = time.process_time) -> tuple[float, Any]:
    """Median of milliseconds of a clock, of the processor's unless another is given, and the last result."""
    spent: list[float] = []
    result: Any = None
    for _ in range(RUNS):
        start = clock()
        result = work()
        spent.append((clock() - start) * 1000)
    return median(spent), result


def company(users: int) -> dict[str, Any]:
    """A company with a menu, queues of twenty agents, and as many DIDs as there are queues; all invented."""
    numbers = [str(20000 + position) for position in range(users)]
    queues = [str(4000 + position) for position in range(max(1, users // 20))]
    dids = [f"+1555{100 + position:04d}" for position in range(len(queues))]
    week = [
        {"day_of_week": day, "start": "09:00", "stop": "17:00"}
        for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    ]
    return {
        "pbx": {"default_department": "A", "time_zone": "Europe/Berlin"},
        "groups": [{"name": name, "hours": {"type": "OfficeHours", "periods": week}} for name in "ABCDEFGHIJ"],
        "holidays": [
            {"name": f"H{month}", "group": name, "is_recurrent": True, "day": 1, "month": month}
            for name in "ABCDEFGHIJ" for month in range(1, 13)
        ],
        "users": [_user(number, "ABCDEFGHIJ"[position % 10]) for position, number in enumerate(numbers)],
        "queues": [
            {"number": queue, "groups": [{"group": "ABCDEFGHIJ"[position % 10]}], "polling_strategy": "RingAll",
             "agents": [{"number": one} for one in numbers[position * 20 : position * 20 + 20]],
             "ring_timeout": 20, "master_timeout": 60,
             "forward_no_answer": {"to": "VoiceMail", "number": numbers[position * 20]}}
            for position, queue in enumerate(queues)
        ],
        "receptionists": [
            {"number": "9000", "ivr_type": "Default", "timeout": 10, "timeout_forward_type": "RepeatPrompt",
             "groups": [{"group": "A"}],
             "forwards": [{"input": str(key), "forward_type": "Queue", "forward_dn": queues[key]} for key in range(10)]}
        ],
        "trunks": [{"number": "10000", "did_numbers": dids}],
        "inbound_rules": [
            {"trunk": "10000", "condition": "BasedOnDID", "data": did, "rule_name": did,
             "office_hours_destination": {"to": "IVR", "number": "9000"} if not position
             else {"to": "Queue", "number": queues[position]}}
            for position, did in enumerate(dids)
        ],
    }  # fmt: skip


def _user(number: str, group: str) -> dict[str, Any]:
    mailbox = {"to": "VoiceMail", "number": number}
    route = {f"{what}_{who}": mailbox for what in ("no_answer", "busy", "not_registered") for who in _CALLERS}
    names = ("Away", "Out of office", "Custom 2")
    away = [{"name": name, "away_route": dict.fromkeys(_CALLERS, mailbox)} for name in names]
    return {
        "number": number, "primary_group": group, "groups": [{"group": group}], "enabled": True,
        "forwarding_profiles": [{"name": "Available", "no_answer_timeout": 20, "available_route": route}, *away],
    }  # fmt: skip


_CALLERS = ("internal", "external")
