"""A PBX as files: export, plan and apply beside bare httpx, which makes the same requests with the same concurrency.

The requests are those that the simulated PBX has logged while we did it. A fresh process each time; the sides take
turns. Without delay the simulated PBX, which answers one request after the other, takes most of the time.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import yaml

import pbx_simulator
from tests.bench.figures import Figure, Findings, Growth, Line, spread
from tests.bench.machine import BUILD, ROOT
from tests.bench.pbx import CLIENT, Pbx, faxes, seed, started
from tests.bench.playbooks.plays import controller_of, looped
from tests.bench.progress import step
from tests.bench.rounds import interleave, medians

PROBES = Path(__file__).resolve().parent / "probes"
USERS, RUNS, READS, WRITES, CHANGED, REMOVED = 10_000, 3, 4, 2, 1000, 1000
SIZES = (0, 100, 1000, USERS)
DISTANCE = 0.05
FACTOR = 1.5
OURS, BARE = "threecx.xapi", "httpx"
_FAX = """\
    - threecx.xapi.threecx_fax:
        number: "{{ item }}"
        state: absent
"""


def measure() -> Findings:
    """Reading and planning, changing, removing, and how it grows."""
    findings = Findings()
    for part in PARTS.values():
        findings += part()
    return findings


def company(users: int) -> dict[str, Any]:
    """The built-in company with more users, and queues and inbound rules in proportion; all invented."""
    path = Path(pbx_simulator.__file__).parent / "seeds" / "seed.yaml"
    found: dict[str, Any] = yaml.safe_load(path.read_text())
    found.pop("clients", None)  # those of pbx.SIGNING_IN sign in
    more: dict[str, tuple[int, int, dict[str, str]]] = {
        "Users": (users, 20000, {"FirstName": "First {n}", "LastName": "Last {n}", "EmailAddress": "u{n}@example.com"}),
        "Queues": (users * 3 // 100, 40000, {"Name": "Queue {n}"}),
        "InboundRules": (users // 10, 100_000, {"RuleName": "Rule {n}", "Condition": "BasedOnDID", "Data": "+1{n}"}),
    }
    for entity_set, (count, first, values) in more.items():
        if count:
            number = {} if entity_set == "InboundRules" else {"Number": "{n}"}
            found[entity_set].append({"$times": count, "$from": first, **number, **values})
    return {**json.loads(json.dumps(found, default=str)), "traits": ["as-seen"]}


def _ours(pbx: Pbx, action: str, *more: str) -> dict[str, float]:
    found = _ran([str(PROBES / "configure.py"), action, pbx.url, *CLIENT, *more])
    if action == "plan" and found["done"]:
        raise SystemExit(f"a plan right after an export has {found['done']:.0f} operations")
    return found


def _ran(command: list[str]) -> dict[str, float]:
    done = subprocess.run([sys.executable, *command], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"a probe failed: {command}\n{done.stderr[-2000:]}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def _recorded(pbx: Pbx, name: str, *, reads_first: int = 0) -> tuple[Path, int]:
    """The requests since the log was emptied, without sign-ins, for bare httpx to make.

    Parameters:
        reads_first: reads at the beginning that were not measured
    """
    made = [one for one in pbx.requests() if one["path"].startswith("/xapi/")]
    kept = [
        (one["method"], one["path"] + (f"?{one['query']}" if one["query"] else ""), one.get("body") or "")
        for one in made[reads_first:]
    ]
    path = BUILD / f"{name}.requests.json"
    path.write_text(json.dumps(kept))
    pbx.forget()
    return path, len(kept)


def _bare(pbx: Pbx, token: str, recorded: Path, concurrency: int, writes: int = 0) -> dict[str, float]:
    more = [str(writes)] if writes else []
    return _ran([str(PROBES / "replay.py"), pbx.url, token, str(recorded), str(concurrency), *more])


def _reading(delay: float = 0.0) -> Findings:
    away = f", {delay * 1000:g} ms away" if delay else ""
    with started(seed("config", company(USERS))) as pbx:
        token = pbx.token()
        pbx.forget()
        step("recording the requests of an export")
        _ours(pbx, "export")
        recorded, requests = _recorded(pbx, "export", reads_first=1)
        pages = sum(-(-count // 100) for count in (USERS, USERS * 3 // 100, USERS // 10))
        if delay:
            pbx.delay("^/xapi/v1/", delay)
        cost: dict[str, list[float]] = {"export": [], "plan": [], BARE: []}
        peaks: dict[str, list[float]] = {side: [] for side in cost}

        def take(side: str) -> float:
            found = _bare(pbx, token, recorded, READS) if side == BARE else _ours(pbx, side)
            pbx.forget()
            cost[side].append(found["cpu"])
            peaks[side].append(found.get("peak", 0))
            return found["seconds"]

        spent = medians(interleave({side: partial(take, side) for side in cost}, RUNS))
    cpu = medians(cost)
    what = f"{USERS:,} users, {USERS * 3 // 100:,} queues, {USERS // 10:,} inbound rules"
    figures = [
        Figure(f"config: export of {what}{away}", spent["export"], "s", RUNS, side=OURS),
        Figure("  bare httpx, the same requests and concurrency", spent[BARE], "s", RUNS, side=BARE),
        _times("  by bare httpx", spent["export"], spent[BARE], 1.5, RUNS),
        Figure("  processor time", cpu["export"], "s", RUNS),
        Figure("  processor time of bare httpx", cpu[BARE], "s", RUNS),
        Figure("  peak memory", max(peaks["export"]), "MB", RUNS).aim("<= 400 MB", lambda v: v <= 400),
        Figure("  requests", requests, "requests", 1).aim(
            f"<= 4 for each of {pages} pages, and 150", lambda v: v <= 4 * pages + 150
        ),
        Figure(f"config: plan with nothing to do{away}", spent["plan"], "s", RUNS, side=OURS),
        _times("  by that reading", spent["plan"], spent[BARE], 1.6, RUNS),
        Figure("  processor time", cpu["plan"], "s", RUNS),
        Figure("  peak memory, with the export that wrote the files", max(peaks["plan"]), "MB", RUNS),
    ]
    return Findings(figures)


def _times(what: str, ours: float, other: float, most: float, runs: int) -> Figure:
    return Figure(what, ours / other, "x", runs).aim(f"<= {most:g}x", lambda v: v <= most)


def _changing() -> Findings:
    figures = []
    # Far away, waiting is nearly all of it, and hardly varies: once is enough.
    for away, delay, runs in (("", 0.0, RUNS), (", 50 ms away", DISTANCE, 1)):
        with started(seed("config_change", company(CHANGED))) as pbx:
            token = pbx.token()
            if delay:
                pbx.delay("^/xapi/v1/", delay)
            ours, bare = list[float](), list[float]()
            for number in range(runs):
                step(f"changing users{away}, {number + 1} of {runs}")
                pbx.forget()
                found = _ours(pbx, "change", f"+1{number}")
                if found["done"] != CHANGED:
                    raise SystemExit(f"{found['done']} of {CHANGED} users were changed")
                ours.append(found["seconds"])
                recorded, _ = _recorded(pbx, "change", reads_first=1)
                bare.append(_bare(pbx, token, recorded, 2 * WRITES, WRITES)["seconds"])
                pbx.forget()
        middle = medians({OURS: ours, BARE: bare})
        figures += [
            Figure(f"config: change {CHANGED:,} users{away}", middle[OURS], "s", runs, side=OURS),
            _times("  by bare httpx, the same requests", middle[OURS], middle[BARE], 1.4, runs),
        ]
    return Findings(figures)


def _removing() -> Findings:
    def rows() -> list[dict[str, Any]]:
        return [{"Number": str(50000 + number)} for number in range(len(faxes(REMOVED)))]

    with started(seed("config_remove", {"Fax": rows()})) as pbx:
        pbx.delay("^/xapi/v1/", DISTANCE)
        step("removing faxes, all at once")
        found = _ours(pbx, "prune")
        if found["done"] != REMOVED:
            raise SystemExit(f"{found['done']} of {REMOVED} faxes were removed")
        pbx.put("Fax", rows())
        step("removing faxes, in a loop of Ansible")
        loop = controller_of(pbx, "config_remove").run(looped(_FAX, f"range(50000, {50000 + REMOVED}) | list")).seconds
        left = [row for row in pbx.rows("Fax") if row["Number"].startswith("5")]
        if left:
            raise SystemExit(f"the loop has left {len(left)} faxes")
    return Findings(
        [
            Figure(f"config: remove {REMOVED:,} faxes, 50 ms away", found["seconds"], "s", 1, side=OURS),
            Figure("  in a loop of our module", loop, "s", 1),
            Figure("  times as fast as the loop", loop / found["seconds"], "x", 1).aim(">= 10x", lambda v: v >= 10),
        ]
    )


def _growing() -> Findings:
    spent: dict[str, dict[int, float]] = {"export": {}, "plan": {}}
    for count in SIZES:
        with started(seed(f"config_{count}", company(count))) as pbx:
            sides = {
                action: partial(lambda action, pbx: _ours(pbx, action)["seconds"], action, pbx) for action in spent
            }
            step(f"{count:,} users")
            for action, seconds in medians(interleave(sides, RUNS)).items():
                spent[action][count] = seconds
    each = Growth("time for each user, as files", "users", "ms")
    figures = []
    for action, of in spent.items():
        line = Line(action, [(n, (of[n] - of[0]) / n * 1000) for n in SIZES if n], "ms")
        each.lines.append(line)
        words = f"  {action}: most by least for each user, from 100 to {USERS:,}"
        figures.append(Figure(words, spread(line, 100), "x", RUNS).aim(f"<= {FACTOR:g}x", lambda v: v <= FACTOR))
    return Findings(figures, [each])


#: Parts that can be measured alone, such as `make bench ARGS=config:far`, each in a few minutes.
PARTS: dict[str, Callable[[], Findings]] = {
    "near": _reading,
    "far": partial(_reading, DISTANCE),
    "change": _changing,
    "remove": _removing,
    "growth": _growing,
}
