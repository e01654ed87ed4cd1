"""SIGKILL for the controller, at any request it has come to: the next run ends where one run would have ended."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from pbx_simulator import SimulatedPbx, When
from tests import figures
from tests.faults.plays import Player, bury, kill
from tests.faults.soak import SOAK
from tests.faults.worlds import touched, world

#: How often at any request, and how often at a write.
ANY, WRITES = (20, 20) if SOAK else (1, 2)


def book() -> list[dict[str, Any]]:
    """Some to make, some to change, some to remove; a list that is added to."""
    numbers = [f"{60000 + n}" for n in range(6)]
    return [
        {"threecx.xapi.threecx_fax": {"number": "{{ item }}", "outbound_caller_id": "1"}, "loop": numbers},
        {"threecx.xapi.threecx_fax": {"number": "{{ item }}", "state": "absent"}, "loop": numbers[::2]},
        {"threecx.xapi.threecx_mail_settings": {"mail_address": "pbx@example.com"}},
        {"threecx.xapi.threecx_dn_property": {"number": "100", "name": "COLOUR", "value": "red"}},
    ]


def test_the_next_run_ends_where_one_would_have(pbx: SimulatedPbx, tmp_path: Path) -> None:
    for number in ("60001", "60002"):
        pbx.put("Fax", {"Id": int(number), "Number": number, "OutboundCallerId": "0"})
    begin = pbx.snapshot()
    player = Player(pbx, tmp_path)
    pbx.clear_log()
    undisturbed = player.run(book())
    assert undisturbed.rc == 0, undisturbed.output
    goal, requests = world(pbx), len(pbx.requests)

    dice = random.Random(11)
    writes = [n for n, logged in enumerate(pbx.requests, 1) if logged.is_write]
    moments = [*(dice.randint(1, requests) for _ in range(ANY)), *(dice.choice(writes) for _ in range(WRITES))]
    left_over = 0
    for moment in moments:
        pbx.restore(begin)
        pbx.revoke_tokens()
        pbx.clear_log()
        gate = pbx.hold("", when=When(n=(moment,)))
        process = player.start(book())
        assert gate.wait_arrived(120), f"request {moment} never came"
        kill(process)
        gate.open()  # what had been sent arrives, and nobody is there to hear of it
        bury(process)
        pbx.go_by(None)
        left_over += bool(touched(world(pbx), goal))

        again = player.run(book())
        assert again.rc == 0, f"killed at request {moment}: {again.output}"
        assert not touched(world(pbx), goal), f"killed at request {moment}"
        figures.record("controllers killed, and run again to the end")
    assert left_over, "none was killed before it was done"
    assert not list(tmp_path.rglob(".threecx-*")), "no half of a file is left"
