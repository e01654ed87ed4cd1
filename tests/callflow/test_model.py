"""The graph: the same from files and from the PBX they were exported from, with places, and unknown where files say
nothing.
"""

from __future__ import annotations

import sys
import zoneinfo
from dataclasses import replace
from datetime import datetime, timezone

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.callflow import CallGraph, Kind, Ref, When, from_configuration, from_pbx
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.groups import Queue
from pbx_as_code.callflow.model.lines import Did, OutboundRule, Trunk
from pbx_as_code.callflow.model.nodes import Missing, Node
from pbx_as_code.callflow.model.services import CallFlowApp
from pbx_as_code.callflow.model.users import User, UserState
from pbx_as_code.config.export import export
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.errors import MissingPackage
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx

MOST_REQUESTS = 40
USER_101 = Ref(Kind.USER, "101")


def graph_of(text: str) -> CallGraph:
    return from_configuration(load_sources([("all.yml", text.encode())]))


def edges(graph: CallGraph, source: Ref) -> list[tuple[str, str]]:
    return [(str(edge.target), edge.label) for edge in graph.edges_from(source)]


def test_every_way_of_a_call_is_an_edge(acme: CallGraph) -> None:
    assert edges(acme, Ref(Kind.QUEUE, "800")) == [
        ("voicemail of 101", "closed"),
        ("digital receptionist 805", "holiday"),
        ("user 101", "member"),
        ("user 102", "member"),
        ("ring group 810", "no answer after 60 s"),
    ]
    assert edges(acme, Ref(Kind.RECEPTIONIST, "801"))[1:] == [
        ("queue 800", "key 1"),
        ("ring group 810", "key 2"),
        ("user 101", "no input after 10 s"),
    ]
    assert edges(acme, USER_101)[-2:] == [
        ("voicemail of 101", "Available: no answer after 20 s"),
        ("voicemail of 101", "Away: away"),
    ]
    trunk = acme.nodes[Ref(Kind.TRUNK, "10000")]
    assert isinstance(trunk, Trunk)
    assert [acme.nodes[ref].name for ref in trunk.rules] == ["r1", "r2", "r3", None]
    assert trunk.rules_ordered
    assert [did.key for did in acme.entries] == ["+4930100", "+4930101", "+4930102", "+4930103"]


def test_a_node_and_an_edge_know_their_place_in_the_files(acme: CallGraph) -> None:
    queue = acme.nodes[Ref(Kind.QUEUE, "800")]
    assert str(queue.place()) == "groups.yml:2:3"
    assert str(queue.place("agents", 1)).startswith("groups.yml:6:")
    overflow = next(edge for edge in acme.edges_from(queue.ref) if edge.when is When.NO_ANSWER)
    assert str(acme.place(overflow)) == "groups.yml:9:3"


def test_every_edge_leads_to_a_place_and_can_be_followed_backwards(acme: CallGraph) -> None:
    assert len(acme.edges) > 30
    for edge in acme.edges:
        assert isinstance(acme.node(edge.target), Node)
        assert edge in acme.edges_to(edge.target)
        assert edge.rules


def test_absent_values_are_unknown_and_not_defaults() -> None:
    graph = graph_of('queues:\n- {number: "800", agents: []}\nusers:\n- number: "100"\n')
    queue = graph.nodes[Ref(Kind.QUEUE, "800")]
    assert isinstance(queue, Queue)
    assert queue.master_timeout is None
    assert queue.routes.closed is None
    user = graph.nodes[Ref(Kind.USER, "100")]
    assert isinstance(user, User)
    assert user.enabled is None
    assert user.state == UserState(None, None, None)
    assert graph.default_department is None
    assert graph.settings.zone is None
    assert not graph.emergency_known


def test_a_missing_number_is_certain_only_if_every_object_is_declared() -> None:
    text = 'queues:\n- {number: "800", forward_no_answer: {to: Extension, number: "199"}}\n'
    kinds = "users, queues, ring_groups, receptionists, parkings, faxes, call_flow_apps"
    for before, certain in (("", False), (f"pbx: {{complete: [{kinds}]}}\n", True)):
        graph = graph_of(before + text)
        (edge,) = graph.edges_from(Ref(Kind.QUEUE, "800"))
        node = graph.node(edge.target)
        assert isinstance(node, Missing)
        assert (node.key, node.certain) == ("199", certain)


def test_rules_without_a_declared_order_stand_in_the_assumed_one() -> None:
    conditions = (
        "{condition: ForwardAll}", '{condition: BasedOnDID, data: "*01"}', '{condition: BasedOnDID, data: "*101"}',
        '{condition: BasedOnDID, data: "+4930101"}', '{condition: BasedOnCallerID, data: "*5"}',
    )  # fmt: skip
    rules = "".join(f'- {{trunk: "10000", {one[1:-1]}}}\n' for one in conditions)
    graph = graph_of(f'trunks: [{{number: "10000"}}]\ninbound_rules:\n{rules}')
    trunk = graph.nodes[Ref(Kind.TRUNK, "10000")]
    assert isinstance(trunk, Trunk)
    assert not trunk.rules_ordered
    assert [ref.key.split(" / ", 1)[1] for ref in trunk.rules] == [
        "BasedOnCallerID / *5", "BasedOnDID / +4930101", "BasedOnDID / *101", "BasedOnDID / *01", "ForwardAll"
    ]  # fmt: skip


def test_two_objects_with_one_number_collide() -> None:
    graph = graph_of('users: [{number: "100"}]\nqueues: [{number: "100"}]\n')
    assert graph.collisions == (("100", (Ref(Kind.USER, "100"), Ref(Kind.QUEUE, "100"))),)


def test_departments_of_an_object_say_how_certain_they_are() -> None:
    graph = graph_of(
        "pbx: {default_department: A}\ngroups: [{name: A}, {name: B}]\nusers:\n"
        '- {number: "1", primary_group: B, groups: [{group: A}, {group: B}]}\n'
        '- {number: "2", groups: [{group: A}, {group: B}, {group: ___FAVORITES___}]}\n'
        '- {number: "3", groups: [{group: B}]}\n'
        '- {number: "4"}\n'
    )
    found = [graph.departments_of(Ref(Kind.USER, number)) for number in "1234"]
    assert [[ref.key for ref in one.departments] for one in found] == [["B"], ["A", "B"], ["B"], ["A"]]
    assert [one.assumed for one in found] == [False, True, False, True]


def test_time_zones_are_names_and_a_wrong_one_is_refused() -> None:
    graph = graph_of("pbx: {time_zone: Europe/Berlin, time_zones: {A: America/New_York}}\ngroups: [{name: A}]\n")
    department = graph.nodes[Ref(Kind.DEPARTMENT, "A")]
    assert isinstance(department, Department)
    assert (department.zone, graph.settings.zone) == ("America/New_York", "Europe/Berlin")
    for zones in ("time_zone: Berlin", "time_zones: {A: 51}", "time_zones: [A]"):
        with pytest.raises(ConfigError, match=r"all\.yml:1:.*(such as Europe/Berlin|structure)"):
            graph_of(f"pbx: {{{zones}}}\n")


def test_a_machine_without_time_zones_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tzdata", None)
    before = zoneinfo.TZPATH
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    try:
        with pytest.raises(MissingPackage, match="pip install tzdata"):
            graph_of("pbx: {time_zone: Europe/Berlin}\n")
    finally:
        zoneinfo.reset_tzpath(to=before)
        zoneinfo.ZoneInfo.clear_cache()


def test_a_graph_is_the_same_from_a_pbx_and_from_its_export() -> None:
    for traits in (AS_SEEN, STRICT_ODATA):
        with (
            SimulatedPbx(traits=traits) as simulated,
            XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client,
        ):
            Pbx(client).ensure("group", name="Sales", time_zone_id="51")
            before = len(simulated.requests)
            live = from_pbx(client)
            requests = simulated.requests[before:]
            made = export(Pbx(client.without_writes()), own_number=simulated.client_id)
        assert len(requests) <= MOST_REQUESTS
        assert {request.method for request in requests} == {"GET"}
        files = from_configuration(load_sources([(path, text.encode()) for path, text in made.files.items()]))
        assert live.live
        assert set(live.edges) == set(files.edges)
        known = {ref: _stateless(node) for ref, node in live.nodes.items() if ref.kind is not Kind.SYSTEM_EXTENSION}
        assert known == {ref: _stateless(node) for ref, node in files.nodes.items()}
        sales = files.nodes[Ref(Kind.DEPARTMENT, "Sales")]
        assert isinstance(sales, Department)
        assert sales.zone == "Europe/Berlin"
        user = live.nodes[Ref(Kind.USER, "100")]
        assert isinstance(user, User)
        assert user.state.profile == "Available"
        assert live.settings == files.settings
        served = {did.key: did.rule.key if did.rule else None for did in live.entries}
        assert served == {
            "+15550100": "10000 / BasedOnDID / +15550100", "+15550101": "10000 / BasedOnDID / +15550101",
            "+15550190": None,
        }  # fmt: skip
        assert isinstance(live.taken_at, datetime)
        assert live.taken_at.tzinfo is timezone.utc  # noqa: UP017 for Python 3.10


def _stateless(node: Node) -> Node:
    """A node without what only a PBX tells."""
    if isinstance(node, User):
        return replace(node, state=UserState(None, None, None))
    if isinstance(node, Department):
        return replace(node, number=None, override=replace(node.override, flags=None, expires_at=None))
    if isinstance(node, Trunk):
        return replace(node, online=None)
    if isinstance(node, Did):
        return replace(node, rule=None)
    if isinstance(node, CallFlowApp):
        return replace(node, invalid=None, script_numbers=None)
    return node


def test_a_priority_that_a_pbx_left_out_is_zero() -> None:
    rules = (
        '- {name: A, priority: null, prefix: "0"}\n- {name: B, priority: 1, prefix: "0"}\n- {name: C, prefix: "0"}\n'
    )
    graph = graph_of(f"outbound_rules:\n{rules}")
    assert [rule.priority for rule in graph.of(OutboundRule)] == [0, 1, None]
