"""Tells the peak memory of the controller (this process, not the workers it forks) when the play is over."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
    name: bench_peak
    type: aggregate
    short_description: Peak memory of the controller
    description: Writes it to the file that BENCH_PEAK names, in kilobytes.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """The callback."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "bench_peak"
    CALLBACK_NEEDS_ENABLED = True

    def v2_playbook_on_stats(self, stats: object) -> None:
        """Write it down."""
        Path(os.environ["BENCH_PEAK"]).write_text(str(peak()))


def peak() -> int:
    """Kilobytes. Linux's ru_maxrss would count what the process that started this one had in memory."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))
