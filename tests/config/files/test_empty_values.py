"""Zero, an empty list and null in files, beside a PBX that leaves them out: after one apply nothing drifts."""

from __future__ import annotations

import pytest

from pbx_simulator import SimulatedPbx
from tests.config.applying import site

#: Properties that a PBX was never given, and files that declare them empty.
NEVER_SET = (
    ("Users", "101", "PinProtectTimeout", 'users: [{number: "101", pin_protect_timeout: 0}]'),
    ("Users", "101", "TranscriptionMode", 'users: [{number: "101", transcription_mode: []}]'),
    ("Queues", "800", "SLATime", 'queues: [{number: "800", sla_time: 0}]'),
    ("Queues", "800", "ForwardNoAnswer", 'queues: [{number: "800", forward_no_answer: {to: "None"}}]'),
    ("Queues", "800", "ForwardNoAnswer", 'queues: [{number: "800", forward_no_answer: null}]'),
    ("Queues", "800", "PriorityQueue", 'queues: [{number: "800", priority_queue: false}]'),
    ("CDRSettings", "", "EnabledFields", "cdr_settings: {enabled_fields: [{name: null, length: 0}]}"),
    ("OutboundRules", "", "Routes", "outbound_rules: [{name: Abroad, routes: [{trunk: '10000', strip_digits: 0}]}]"),
)
BUILDS = (("as-seen",), ("as-seen", "omit-zeros"), ("strict-odata",), ("omit-zeros",), ("null-as-empty", "omit-zeros"))


@pytest.mark.parametrize("traits", BUILDS, ids="+".join)
def test_zero_and_nothing_do_not_drift_for_ever(traits: tuple[str, ...]) -> None:
    with SimulatedPbx(traits=traits) as simulated, site(simulated) as here:
        simulated.put("OutboundRules", {"Name": "Abroad", "Routes": [{"TrunkId": 4, "StripDigits": None}]})
        for entity_set, number, name, files in NEVER_SET:
            [row] = [one for one in simulated.entities(entity_set) if number in (one.get("Number"), "")][-1:]
            if number:
                simulated.put(entity_set, {"Id": row["Id"], name: None})
            assert not here.apply(files).failed, files
            assert here.plan(files).operations == [], files


def test_zero_is_declared_where_a_pbx_answers_null() -> None:
    with SimulatedPbx(traits=["strict-odata"]) as simulated, site(simulated) as here:
        [row] = [one for one in simulated.entities("Queues") if one["Number"] == "800"]
        simulated.put("Queues", {"Id": row["Id"], "SLATime": None, "WrapUpTime": 9})
        [change] = here.plan('queues: [{number: "800", sla_time: 0}]').operations[0].changes
        assert (change.old, change.new) == (None, 0)
