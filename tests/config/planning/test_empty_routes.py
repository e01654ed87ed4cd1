"""The free routes of an outbound rule, which a PBX shows with the trunk -1: exported, planned, created, drawn."""

from __future__ import annotations

from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.callflow import Kind, Ref, from_configuration, from_pbx
from pbx_as_code.callflow.map import all_pictures
from pbx_as_code.callflow.model.lines import OutboundRule
from pbx_as_code.config.checks import check
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.export import export
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.planning.planner import plan
from pbx_simulator import SimulatedPbx

EMPTY: dict[str, Any] = {"TrunkId": -1, "StripDigits": 0}


def _exported(client: XapiClient) -> Configuration:
    files = export(Pbx(client), own_number="900").files
    return load_sources([(path, text.encode()) for path, text in files.items()])


@pytest.mark.parametrize("traits", ["as-seen", "strict-odata"])
def test_an_exported_rule_with_empty_routes_plans_empty_and_is_drawn(traits: str) -> None:
    with SimulatedPbx(traits=(traits,)) as running:
        trunk = running.entities("Trunks")[0]["Id"]
        for rule in running.entities("OutboundRules"):
            running.put("OutboundRules", {**rule, "Routes": [{"TrunkId": trunk}, EMPTY, EMPTY, EMPTY, EMPTY]})
        with XapiClient(running.url, client_id="900", client_secret=running.client_secret, token_cache=False) as client:
            files = _exported(client)
            assert check(files) == []
            made = plan(files, Pbx(client), own_number="900")
            assert (made.operations, made.impossible) == ([], [])
            for graph in (from_configuration(files), from_pbx(client)):
                assert [one.trunk and one.trunk.key for one in next(graph.of(OutboundRule)).routes] == [
                    "10000",
                    *4 * [None],
                ]
                assert all_pictures(graph)


def test_a_rule_with_an_empty_route_is_created_as_it_was() -> None:
    with (
        SimulatedPbx() as running,
        XapiClient(running.url, client_id="900", client_secret=running.client_secret, token_cache=False) as client,
    ):
        routes = [{"trunk": "-1"}, {"trunk": "10001", "strip_digits": 1}]
        done = Pbx(client).ensure("outbound_rule", name="Night", prefix="7", routes=routes)
        assert done.changed
        stored = next(row for row in running.entities("OutboundRules") if row["Name"] == "Night")
        assert [route["TrunkId"] for route in stored["Routes"]] == [-1, running.entities("Trunks")[1]["Id"]]
        assert not Pbx(client).ensure("outbound_rule", name="Night", prefix="7", routes=routes).changed


def test_a_route_to_a_trunk_that_is_nowhere_declared_is_drawn_as_missing() -> None:
    text = b"outbound_rules:\n- name: Out\n  prefix: '0'\n  routes: [{trunk: '10099'}]\n"
    graph = from_configuration(load_sources([("out.yml", text)]))
    [edge] = graph.edges_from(next(graph.of(OutboundRule)).ref)
    assert edge.target == Ref(Kind.MISSING, "10099")
    assert all_pictures(graph)
