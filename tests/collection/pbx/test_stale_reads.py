"""A PBX that answers one read from before a write: the engine looks once more before it says that a write was lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.faults.when import When
from tests.collection import clocks

Task = Callable[..., Any]


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> clocks.Night:
    return clocks.fall(monkeypatch)


def test_one_stale_read_is_looked_at_again(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task], night: clocks.Night
) -> None:
    fax = {"Id": 7001, "Number": "7801", "OutboundCallerId": "1"}
    cases: list[tuple[str, str, dict[str, Any], dict[str, Any]]] = [
        ("fax", "/Fax", {"number": "7801", "outbound_caller_id": "2"}, {"value": [fax]}),
        ("fax", "/Fax", {"number": "7801", "state": "absent"}, {"value": [fax]}),
        ("fax", "/Fax", {"number": "7899"}, {"value": []}),
        ("voicemail_settings", "/VoicemailSettings", {"min_duration": 7}, {"MinDuration": 3}),
    ]
    for name, path, options, stale in cases:
        # A new one is looked for by its name and then by its id, before a pause and the second look.
        for lost, passes in ((2 if stale == {"value": []} else 1, True), (9, False)):
            rehearsal, pbx = pbx_factory(), pbx_factory()
            for one in (rehearsal, pbx):
                one.put("Fax", fax)
                one.put("VoicemailSettings", {"MinDuration": 3})
                one.clear_log()
            case = (name, options, lost)
            assert task_on(rehearsal)(name, **options)["changed"], case
            reads = [
                request for request in rehearsal.requests if request.method == "GET" and request.path.endswith(path)
            ]
            pbx.fail(
                f"{path}$",
                status=200,
                times=lost,
                body=json.dumps(stale),
                headers={"Content-Type": "application/json"},
                method="GET",
                when=When(first=len(reads)),
            )
            pbx.clear_log()
            night.slept.clear()
            done = task_on(pbx)(name, **options)
            assert done.data.get("failed", False) is not passes, (case, done.data)
            assert night.slept == [0.5], case
            assert len(pbx.writes) == 1, case
