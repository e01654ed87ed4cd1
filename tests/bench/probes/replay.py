"""Bare httpx makes recorded requests: `replay.py URL TOKEN FILE CONCURRENCY [WRITES]` prints the seconds they took,
also of the processor, as JSON.

FILE holds [method, target, body] of each. Every answer is read and, where it is JSON, parsed. WRITES: how many of the
requests at a time may be writes.
"""

from __future__ import annotations

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from threading import Semaphore
from typing import Any

import httpx


def main() -> None:
    """Make them once."""
    url, token, recorded, concurrency, *writes = sys.argv[1:]
    write = Semaphore(int(writes[0] if writes else concurrency))
    requests: list[tuple[str, str, str]] = json.loads(Path(recorded).read_text())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    with httpx.Client(base_url=url, headers=headers, timeout=60) as http:

        def make(one: tuple[str, str, str]) -> Any:
            method, target, body = one
            with nullcontext() if method == "GET" else write:
                answer = http.request(method, target, content=body.encode() if body else None)
            return answer.json() if answer.content else None

        start, cpu = time.perf_counter(), time.process_time()
        with ThreadPoolExecutor(int(concurrency)) as threads:
            made = len(list(threads.map(make, requests)))
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    print(json.dumps({"seconds": seconds, "cpu": cpu, "done": made}))


if __name__ == "__main__":
    main()
