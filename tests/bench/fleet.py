"""Many simulated PBXs behind one process: `python -m tests.bench.fleet COUNT SEED` prints their addresses and serves."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sys

from pbx_simulator import SimulatedPbx


async def _serve(pbxs: list[SimulatedPbx]) -> None:
    ready = 0

    def announce() -> None:
        nonlocal ready
        ready += 1
        if ready == len(pbxs):
            print(json.dumps([pbx.url for pbx in pbxs]), flush=True)

    await asyncio.gather(*(pbx.serve(announce) for pbx in pbxs))


def main() -> None:
    """Serve until told to stop."""
    pbxs = [SimulatedPbx(sys.argv[2]) for _ in range(int(sys.argv[1]))]
    for pbx in pbxs:
        pbx.bind()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(pbxs))


if __name__ == "__main__":
    main()
