"""Adoption: `adopt.py DIRECTORY` writes 10,000 users, and adopts 1,000 values that differ; prints JSON, and ends.

lines: of the files; read: CPU seconds for reading and typing them; adopt: CPU seconds from the finished comparison to
files that are verified and written; peak: the process's peak memory in MB; done: values that were adopted.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from pbx_as_code.config.adopting.adopt import adopt_matches
from pbx_as_code.config.adopting.outcome import Choices
from pbx_as_code.config.adopting.store import store
from pbx_as_code.config.exporting.emitter import emit
from pbx_as_code.config.loader import loaded, read_layers
from pbx_as_code.config.planning.compare import compare_values
from pbx_as_code.config.planning.matches import Matches

USERS, FILES, CHANGED = 10_000, 20, 1000


def user(number: int) -> dict[str, Any]:
    """An invented user with 24 lines."""
    extension = str(20000 + number)
    to = {"to": "VoiceMail", "number": extension}
    profile = {"name": "Available", "available_route": {"no_answer_internal": to, "no_answer_external": to}}
    return {
        "number": extension, "email_address": f"u{number}@example.com", "first_name": f"First {number}",
        "last_name": f"Last {number}", "mobile": f"+1555{number:07}", "outbound_caller_id": f"+1666{number:07}",
        "language": "EN", "primary_group": "Sales", "call_us_enable_chat": True, "internal": False,
        "groups": [{"group": "Sales", "rights": {"role_name": "users"}}],
        "forwarding_profiles": [profile],
    }  # fmt: skip


def main() -> None:
    """Do it once."""
    directory, each = Path(sys.argv[1]), USERS // FILES
    lines = 0
    for part in range(FILES):
        users = [user(number) for number in range(part * each, (part + 1) * each)]
        text = emit({"users": users}).replace("- number", "# a user\n- number")
        lines += text.count("\n")
        (directory / f"department-{part:02}.yml").write_text(text)
    start = time.process_time()
    layers = read_layers([directory])
    configuration = loaded(layers)
    read = time.process_time() - start
    matches = Matches()
    for number, one in enumerate(configuration.definitions):
        if number % (USERS // CHANGED) == 0:
            there = {**one.values, "mobile": f"+1777{number:07}"}
            matches.differing.append((one, there, compare_values(one, there)))
    start = time.process_time()
    adoption = adopt_matches(layers, configuration, matches, Choices())
    store(adoption)
    spent = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"lines": lines, "read": read, "adopt": spent, "peak": peak, "done": len(adoption.adopted)}))


if __name__ == "__main__":
    main()
