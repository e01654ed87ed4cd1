"""Traces of the built-in company and of the one that the playbook `provision` sets up, from the PBX and its export."""

from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.callflow import CallGraph, Kind, Ref, from_configuration, from_pbx
from pbx_as_code.callflow.expectations import FILE, check, read, recorded
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.steps import Ending
from pbx_as_code.callflow.trace.tracing import trace, trace_out
from pbx_as_code.config.export import export
from pbx_as_code.config.loader import load_sources
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.callflow.scenarios import told

AT = datetime(2026, 11, 24, 10, tzinfo=timezone.utc)  # noqa: UP017 for Python 3.10
COMPANY = Path(__file__).parents[2] / "ansible_collection" / "playbooks" / "vars" / "first_department.yml"
IN_ORDER = {
    "departments": "group", "trunks": "trunk", "users": "user", "ring_groups": "ring_group", "queues": "queue",
    "receptionists": "receptionist", "inbound_rules": "inbound_rule", "outbound_rules": "outbound_rule",
    "holidays": "holiday",
}  # fmt: skip


def both(simulated: SimulatedPbx, client: XapiClient) -> list[CallGraph]:
    """The graph of the PBX, and the one of its export."""
    made = export(Pbx(client.without_writes()), own_number=simulated.client_id)
    files = load_sources([(path, text.encode()) for path, text in made.files.items()])
    return [from_pbx(client), from_configuration(files)]


def ways(graph: CallGraph, number: str) -> list[str]:
    """The paths of a call, states left out."""
    return [told(way) for way in trace(graph, Call(Ref(Kind.DID, number), AT, ignore_state=True)).paths]


def hold_what_is_recorded(graph: CallGraph, tmp_path: Path) -> None:
    """Record where calls go, and check that."""
    (tmp_path / FILE).write_text(recorded(graph, AT), encoding="utf-8")
    expectations = read(tmp_path)
    assert len(expectations) >= len(graph.entries)
    assert [one.why for one in check(graph, expectations)] == [""] * len(expectations)


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_the_provisioned_company(traits: frozenset[str], tmp_path: Path) -> None:
    given = yaml.safe_load(COMPANY.read_text(encoding="utf-8"))
    with (
        SimulatedPbx("empty", traits=traits) as simulated,
        XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client,
    ):
        pbx = Pbx(client)
        for section, kind in IN_ORDER.items():
            for row in given[f"provision_pbx_{section}"]:
                pbx.ensure(kind, **(row | ({"auth_password": "invented"} if kind == "trunk" else {})))
        graphs = both(simulated, client)
    start = "DID +4930123450 > trunk 10000 > inbound rule Main number > digital receptionist 802"
    for graph in graphs:
        found = ways(graph, "+4930123450")
        assert f"{start} > (no key for 5 s) queue 800 > (answered) user 101: answered after 5 s" in found
        assert (
            f"{start} > (no key for 5 s) queue 800 > (nobody answers within 300 s) ring group 801 > "
            "(nobody answers within 20 s) voicemail of 100: voicemail after 325 s"
        ) in found
        assert f"{start} > (key 2) ring group 801 > (answered) user 100: answered after 0 s" in found
        assert ways(graph, "+4930123451") == ["DID +4930123451 > trunk 10000: dead end after 0 s"]
        out = trace_out(graph, Call(Ref(Kind.USER, "103"), AT, ignore_state=True), "0030123")
        assert out.paths[0].end.text == "030123 through 10000, caller id +4930123450"
        hold_what_is_recorded(graph, tmp_path)
        made = trace(graph, Call(Ref(Kind.DID, "+4930123450"), AT, ignore_state=True))
        assert any("callers wait 325 s" in warning for warning in made.warnings)


def test_the_built_in_company(tmp_path: Path) -> None:
    with (
        SimulatedPbx(traits=AS_SEEN) as simulated,
        XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client,
    ):
        graphs = both(simulated, client)
    for graph in graphs:
        hold_what_is_recorded(graph, tmp_path)
    live, files = graphs
    assert ways(live, "+15550100") == ways(files, "+15550100")
    start = "DID +15550101 > trunk 10000 > inbound rule Support line > queue 800"
    assert ways(live, "+15550101") == [
        f"{start} > (answered) user 300: answered after 0 s",
        f"{start} > (nobody answers within unknown seconds) queue 800: unknown after 0 s and an unknown time",
    ]
    (stated, *_) = trace(live, Call(Ref(Kind.USER, "100"), AT)).steps()
    assert stated.reasons[0].text == "100 is Available, as exported"
    emergency = trace_out(files, Call(Ref(Kind.USER, "100"), AT), "112")
    assert [step.ref.key for step in emergency.steps()][:3] == ["100", "Emergency", "10000"]
    assert emergency.paths[0].end.ending is Ending.OUTSIDE
