"""A PBX as files: `configure.py ACTION URL CLIENT SECRET [FILE]` prints what it took, as JSON, and ends.

export: write the PBX as files in memory; plan: read the files of FILE and plan, with nothing to do; change: give each
user of 20000 to 20999 the mobile number FILE; prune: remove every fax that is not declared. seconds: from the first
request to the result, imports and sign-in not counted; cpu: processor seconds of the same;
peak: the process's peak memory in MB; done: what there was.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from typing import Any

from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.applying.apply import apply
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.export import export
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.planning.consent import Consent
from pbx_as_code.config.planning.limits import Limits
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.secrets import Resolver
from pbx_as_code.config.structure import load_structure

CHANGED = 1000


def files(pbx: Pbx, own: str) -> list[tuple[str, bytes]]:
    """The PBX as files."""
    return [(path, text.encode()) for path, text in export(pbx, own_number=own).files.items()]


def applied(configuration: Configuration, pbx: Pbx, own: str, consent: Consent | None = None) -> int:
    """Plan and apply; how many operations were done."""
    made = plan(configuration, pbx, own_number=own, consent=consent)
    found = apply(made, pbx, secrets=Resolver([]), limits=Limits(objects=100_000, percent=100))
    return found.counts["done"]


def main() -> None:
    """Do it once."""
    action, url, client_id, secret, *more = sys.argv[1:]
    with XapiClient(url, client_id=client_id, client_secret=secret, read_only=action in ("export", "plan")) as client:
        pbx = Pbx(client)
        pbx.info("user", limit=1)
        before: Any = None
        if action == "plan":
            before = load_sources(files(pbx, client_id))
        elif action == "change":
            users = [{"number": str(20000 + n), "mobile": f"{more[0]}{n:04}"} for n in range(CHANGED)]
            before = load_structure({"users": users})
        elif action == "prune":
            before = load_structure({"faxes": []})
        start, cpu = time.perf_counter(), time.process_time()
        if action == "export":
            done = len(files(pbx, client_id))
        elif action == "plan":
            made = plan(before, pbx, own_number=client_id)
            done = len(made.operations) + len(made.impossible)
        else:
            consent = Consent(prune=("faxes:5*",)) if action == "prune" else None
            done = applied(before, pbx, client_id, consent)
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "cpu": cpu, "peak": peak, "done": done}))


if __name__ == "__main__":
    main()
