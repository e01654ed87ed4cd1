"""Drift of a fleet beside bare httpx, which makes the same requests to the same PBXs with the same concurrency.

Both sides run in this process and take turns; the requests are those that the simulated PBXs have logged. Each side has
a separate client and has signed in before: a second sign-in of one client would end the token of the other side.
"""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median

import httpx
import yaml

from pbx_as_code.fleet import FleetPbx, homes_of, load_fleet
from pbx_as_code.fleet.running import Settings, drift, page
from pbx_simulator import AS_SEEN, SimulatedFleet, SimulatedPbx
from tests.bench.figures import Figure, Findings
from tests.bench.progress import step

PBXS, USERS, AT_ONCE, READS, RUNS = 200, 50, 8, 4, 3
FACTOR = 1.6
LARGEST = 5_000_000  # bytes of the page
CLIENTS = [{"id": "900", "secret": "invented-of-900"}, {"id": "901", "secret": "invented-of-901"}]  # ours, and bare's
OURS, BARE = "threecx.xapi", "httpx"


def measure() -> Findings:
    """Drift of every PBX from one shared layer."""
    users = {"$times": USERS, "$from": 300, "Number": "{n}", "FirstName": "First {n}"}
    with (
        tempfile.TemporaryDirectory() as folder,
        SimulatedFleet(PBXS, seed={"clients": CLIENTS, "Users": [users]}, traits=AS_SEEN) as simulated,
    ):
        settings, chosen = _declared(Path(folder), list(simulated))
        spent: dict[str, list[float]] = {OURS: [], BARE: []}
        step(f"drift of {PBXS} PBXs")
        drift(chosen, settings)
        for pbx in simulated:
            pbx.clear_log()
        drift(chosen, settings)
        asked = [[(one.path, one.query) for one in pbx.requests if one.method == "GET"] for pbx in simulated]
        tokens = list(map(_token, simulated))
        for _ in range(RUNS):
            start = time.perf_counter()
            outcomes = drift(chosen, settings)
            spent[OURS].append(time.perf_counter() - start)
            spent[BARE].append(_bare(list(simulated), tokens, asked))
        ours, bare = median(spent[OURS]), median(spent[BARE])
        size = len(page(outcomes, "fleet.yml").encode())
    requests = sum(map(len, asked))
    return Findings([
        Figure(f"drift of {PBXS} PBXs of {USERS} users", ours, "s", RUNS, side=OURS),
        Figure(f"the same {requests:,} requests", bare, "s", RUNS, side=BARE),
        Figure("drift / bare httpx", ours / bare, "x", RUNS).aim(f"<= {FACTOR}", lambda value: value <= FACTOR),
        Figure("page of the fleet", size / 1e6, "MB", 1).aim("< 5 MB", lambda _: size < LARGEST),
    ])  # fmt: skip


def _declared(folder: Path, pbxs: list[SimulatedPbx]) -> tuple[Settings, list[FleetPbx]]:
    standard = folder / "standard"
    standard.mkdir()
    users = [{"number": str(300 + number), "language": "EN"} for number in range(USERS)]
    (standard / "users.yml").write_text(yaml.safe_dump({"users": users}))
    (folder / "secret").write_text(pbxs[0].client_secret)
    said = {
        "defaults": {
            "client_id": pbxs[0].client_id,
            "client_secret_command": ["cat", str(folder / "secret")],
            "layers": ["standard"],
        },
        "pbxs": {f"pbx{number}": {"url": pbx.url} for number, pbx in enumerate(pbxs)},
    }
    path = folder / "fleet.yml"
    path.write_text(yaml.safe_dump(said))
    fleet = load_fleet(path)
    return Settings(parallel=AT_ONCE, requests=READS, homes=homes_of(fleet)), list(fleet.pbxs.values())


def _token(pbx: SimulatedPbx) -> str:
    form = {"grant_type": "client_credentials", "client_id": CLIENTS[1]["id"], "client_secret": CLIENTS[1]["secret"]}
    return str(httpx.post(f"{pbx.url}/connect/token", data=form).json()["access_token"])


def _bare(pbxs: list[SimulatedPbx], tokens: list[str], asked: list[list[tuple[str, str]]]) -> float:
    trusted = httpx.create_ssl_context()  # one for all: each client of httpx would read the certificates again

    def one(number: int) -> int:
        headers = {"Authorization": f"Bearer {tokens[number]}"}
        with httpx.Client(base_url=pbxs[number].url, headers=headers, timeout=60, verify=trusted) as http:

            def get(request: tuple[str, str]) -> int:
                path, query = request
                answer = http.get(f"{path}?{query}" if query else path)
                return len(answer.raise_for_status().json())

            with ThreadPoolExecutor(READS) as threads:
                return sum(threads.map(get, asked[number]))

    start = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(one, range(len(pbxs))))
    return time.perf_counter() - start
