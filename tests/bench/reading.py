"""Compare the client with bare httpx: reading one user on a kept connection, and ten thousand users.

One user: a process for each side, in its own environment, that reads the same user over and over on one connection; the
sides take turns, a few hundred GETs at a time. Ten thousand: a fresh process each time. The response is parsed: into
models by the client, and by json for bare httpx.

Parallel reading saves network latency. The simulated PBX on this machine has none and answers one request after the
other, so parallel reading cannot be faster there. The gain is therefore measured with a delay per response, as for a
remote PBX, and also shown without it. The overhead of the client over httpx is measured without the delay, which would
hide it.
"""

from __future__ import annotations

import contextlib
import json
import statistics
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from tests.bench import scratch
from tests.bench.figures import Figure, Findings, missing
from tests.bench.machine import ROOT
from tests.bench.pbx import OTHERS, Pbx, seed, started, users
from tests.bench.progress import step
from tests.bench.rounds import interleave, medians

PROBES = Path(__file__).resolve().parent / "probes"
ROUNDS, GETS = 15, 100
RUNS, NEAR_RUNS, USERS, CONCURRENCY = 3, 7, 10_000, 8
#: Seconds an answer takes that neither the client nor this machine spends: there and back, and the work of a real PBX.
DISTANCE = 0.05


def measure() -> Findings:
    """One user, and all of them."""
    with started(seed("users", {"Users": users(USERS)})) as pbx:
        return Findings([*_one(pbx), *_all(pbx)])


class Side:
    """One of those compared: its Python, what it imports from, and the token it is given."""

    def __init__(self, name: str, title: str, python: Path, pbx: Pbx, token: str, path: Path | None = None) -> None:
        self.name, self.title, self._python, self._pbx, self._token = name, title, python, pbx, token
        self._environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(path or "")}

    def command(self, probe: str, name: str, *more: object) -> list[str]:
        """How to run a probe of this side."""
        return [str(self._python), str(PROBES / f"{probe}.py"), name, self._pbx.url, self._token, *map(str, more)]

    def read(self, name: str) -> dict[str, float]:
        """Read every user in a fresh process; what it took."""
        done = subprocess.run(
            self.command("read_all", name, USERS, CONCURRENCY), env=self._environment,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{self.title} cannot read all users:\n{done.stderr[-2000:]}")
        found: dict[str, float] = json.loads(done.stdout)
        if found["rows"] != USERS:
            raise SystemExit(f"{self.title} has read {found['rows']:,.0f} users of {USERS:,}")
        self._pbx.forget()
        return found

    @contextlib.contextmanager
    def getting(self, key: int) -> Iterator[subprocess.Popen[str]]:
        """A process that reads one user as often as it is told."""
        process = subprocess.Popen(
            self.command("get_one", self.name, key), env=self._environment,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.communicate()


def sides(pbx: Pbx) -> dict[str, Side]:
    """Everything that is compared and can be installed."""
    token, plain = pbx.token(), scratch.plain()
    found = [
        Side("httpx", "httpx", plain, pbx, token),
        Side("ours", "threecx_xapi", plain, pbx, token, ROOT / "generated_client"),
        Side("stock", "stock client", plain, pbx, token, scratch.stock()),
    ]
    sdk = scratch.sdk()
    if sdk is not None:
        found.append(Side("sdk", scratch.SDK, sdk, pbx, ":".join(OTHERS)))
    return {side.name: side for side in found}


def _one(pbx: Pbx) -> list[Figure]:
    key = int(pbx.rows("Users")[USERS // 2]["Id"])
    with contextlib.ExitStack() as stack:
        processes = {name: stack.enter_context(side.getting(key)) for name, side in sides(pbx).items()}

        def get(name: str) -> float:
            return _told(processes[name], GETS) / GETS * 1000

        found = medians(interleave({name: partial(get, name) for name in processes}, ROUNDS, warm=1))
    pbx.forget()
    runs = ROUNDS * GETS
    figures = [
        Figure("client: GET one entity, typed", found["ours"], "ms", runs, side="threecx_xapi"),
        Figure("  bare httpx and json on a kept connection", found["httpx"], "ms", runs, side="httpx"),
        Figure("  by bare httpx", found["ours"] / found["httpx"], "x", runs).aim("<= 1.25x", lambda v: v <= 1.25),
        Figure("  the stock client", found["stock"], "ms", runs, side="stock client"),
    ]
    if "sdk" in found:
        return [*figures, Figure(f"  {scratch.SDK}", found["sdk"], "ms", runs, side=scratch.SDK)]
    return [*figures, missing(f"  {scratch.SDK}", "could not be installed here", side=scratch.SDK)]


def _told(process: subprocess.Popen[str], gets: int) -> float:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(f"{gets}\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line:
        raise SystemExit("a client has ended before its time; what it said stands above")
    return float(line)


def _all(pbx: Pbx) -> list[Figure]:
    compared = sides(pbx)
    memory: dict[str, list[float]] = {}
    grown: dict[str, list[float]] = {}

    def read(name: str) -> float:
        found = compared[name.removesuffix("_paged")].read(name)
        memory.setdefault(name, []).append(found["peak"])
        grown.setdefault(name, []).append(found["peak"] - found["before"])
        return found["seconds"]

    names = ["httpx", "ours", "ours_paged", *(name for name in ("stock", "sdk") if name in compared)]
    near = medians(interleave({name: partial(read, name) for name in names}, NEAR_RUNS))
    pbx.delay("^/xapi/v1/Users", DISTANCE)
    far = medians(interleave({name: partial(read, name) for name in names[:3]}, RUNS))
    what = f"client: read {USERS:,} users ({CONCURRENCY} at a time)"
    away = f"{DISTANCE * 1000:g} ms away"
    peak, more = ({name: statistics.median(values) for name, values in of.items()} for of in (memory, grown))
    step("")
    figures = [
        Figure(what, near["ours"], "s", NEAR_RUNS, side="threecx_xapi"),
        Figure("  bare httpx and json, the same bytes and concurrency", near["httpx"], "s", NEAR_RUNS, side="httpx"),
        Figure("  by bare httpx", near["ours"] / near["httpx"], "x", NEAR_RUNS).aim("<= 1.4x", lambda v: v <= 1.4),
        Figure("  page after page", near["ours_paged"], "s", NEAR_RUNS, side="threecx_xapi, page after page"),
        Figure("  the stock client, page after page", near["stock"], "s", NEAR_RUNS, side="stock client"),
    ]
    if "sdk" in near:
        figures.append(Figure(f"  {scratch.SDK}, page after page", near["sdk"], "s", NEAR_RUNS, side=scratch.SDK))
    else:
        figures.append(missing(f"  {scratch.SDK}", "could not be installed here", side=scratch.SDK))
    return [
        *figures,
        Figure(
            "  times as fast as page after page, on this machine", near["ours_paged"] / near["ours"], "x", NEAR_RUNS
        ),
        Figure(f"  the same from a PBX {away}", far["ours"], "s", RUNS),
        Figure(f"  bare httpx and json, {away}", far["httpx"], "s", RUNS),
        Figure(f"  page after page, {away}", far["ours_paged"], "s", RUNS),
        Figure(f"  times as fast as page after page, {away}", far["ours_paged"] / far["ours"], "x", RUNS).aim(
            ">= 3x", lambda v: v >= 3
        ),
        Figure("  peak memory (resident, whole process)", peak["ours"], "MB", NEAR_RUNS + RUNS, side="threecx_xapi"),
        Figure("  peak memory of bare httpx", peak["httpx"], "MB", NEAR_RUNS + RUNS, side="httpx"),
        Figure("  peak memory by bare httpx", peak["ours"] / peak["httpx"], "x", NEAR_RUNS + RUNS).aim(
            "<= 2x", lambda v: v <= 2
        ),
        Figure("  of it for the rows", more["ours"], "MB", NEAR_RUNS + RUNS, side="threecx_xapi, the rows"),
        Figure("  of it for the rows, bare httpx", more["httpx"], "MB", NEAR_RUNS + RUNS, side="httpx, the rows"),
        Figure("  for the rows, by bare httpx", more["ours"] / more["httpx"], "x", NEAR_RUNS + RUNS),
    ]
