"""Entities that no module has: references in lists and structures, links, scopes, and templates of new objects."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collection.plugins.plugin_utils._arguments import arguments_of
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.description import EntityDescription, Key, Property, Reference
from pbx_as_code.engine.perform import EntityRunner
from pbx_simulator import SimulatedPbx
from tests.collection.observed import asked, departments

Task = Callable[..., Any]
DEPARTMENT = Reference("department", "Groups", "Id", ("Name", "Number"))
PEER = Reference("number", "Peers", "Number", ("Number", "Name"), ("Id", "Number", "Name", "Type"))
TRUNK = Reference("trunk", "Trunks", "Id", ("Number", "Gateway/Name"))


def entity(entity_set: str, *properties: Property, **more: Any) -> EntityDescription:
    return EntityDescription(
        name="thing",
        plural="things",
        label="thing",
        entity_set=entity_set,
        key=Key("Id", "id", "int"),
        properties=(Property("Id", "id", kind="int", read_only=True), *properties),
        can_create=True,
        can_update=True,
        can_delete=True,
        **more,
    )


OUTBOUND = entity(
    "OutboundRules",
    Property("Name", "name"),
    Property("GroupIds", "groups", many=True, reference=DEPARTMENT),
    Property(
        "Routes",
        "routes",
        kind="complex",
        many=True,
        ordered=True,
        fields=(Property("TrunkId", "trunk", reference=TRUNK), Property("Prepend", "prepend", nullable=True)),
    ),
    natural_keys=(Key("Name", "name"),),
)
INBOUND = entity(
    "InboundRules",
    Property("RuleName", "name"),
    Property("Data", "did", nullable=True),
    Property("TrunkDN", "trunk", navigation=True, nullable=True, reference=PEER),
    natural_keys=(Key("RuleName", "name"),),
    scope=(Key("Data", "did"),),
)
TRUNKS = entity(
    "Trunks",
    Property("Number", "number", immutable=True),
    Property("ExternalNumber", "external_number", nullable=True),
    natural_keys=(Key("Number", "number"),),
)
TEMPLATE = "provider.pv.xml"


@pytest.fixture
def of(pbx: SimulatedPbx) -> Task:
    """A task of a description that no module has."""

    def run(
        description: EntityDescription, /, *, check_mode: bool = False, **options: Any
    ) -> tuple[dict[str, Any], Any]:
        runner = EntityRunner(description, False)
        given = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret, **options}
        checked = validate("thing", arguments_of(runner), given)
        assert checked.problem is None
        result, warnings = runner.perform(given=given, validated=checked.params, check_mode=check_mode, diff_mode=False)
        assert "mistake of the collection" not in result.get("msg", "")
        return result, warnings

    return run


@pytest.mark.parametrize("trunk", ["10001", "Backup Carrier"])
def test_lists_of_ids_and_ids_in_structures(trunk: str, pbx: SimulatedPbx, of: Task) -> None:
    ids = {row["Number"]: row["Id"] for row in pbx.entities("Trunks")}
    wanted: dict[str, Any] = {"name": "Mobile", "groups": ["Sales"], "routes": [{"trunk": trunk}, {"trunk": "10000"}]}
    made, _ = of(OUTBOUND, **wanted)
    assert made["changed"]
    body = json.loads(pbx.writes[-1].body)
    assert body["GroupIds"] == [departments(pbx)["Sales"]]
    assert [route["TrunkId"] for route in body["Routes"]] == [ids["10001"], ids["10000"]]
    assert [route["trunk"] for route in made["thing"]["routes"]] == ["10001", "10000"]
    assert of(OUTBOUND, **wanted)[0]["changed"] is False
    pbx.put("OutboundRules", {**pbx.entities("OutboundRules")[-1], "Routes": [{"TrunkId": -1, "Prepend": "0"}]})
    gone, _ = of(OUTBOUND, name="Mobile", routes=[{"trunk": "-1", "prepend": "0"}])
    assert gone["changed"] is False, "a trunk that is gone stays as it is"


def test_two_of_a_name_are_an_error_that_lists_them_and_are_shown_by_number(pbx: SimulatedPbx, of: Task) -> None:
    pbx.put("Trunks", {"Number": "10002", "Gateway": {"Name": "Backup Carrier"}})
    ids = {row["Number"]: row["Id"] for row in pbx.entities("Trunks")}
    failed, _ = of(OUTBOUND, name="Mobile", routes=[{"trunk": "Backup Carrier"}])
    assert failed["msg"].startswith("routes[0].trunk: Backup Carrier means 2 of the trunks")
    assert f"Id {ids['10001']}, Id {ids['10002']}" in failed["msg"]
    assert pbx.writes == []
    assert of(OUTBOUND, name="Mobile", routes=[{"trunk": "10002"}])[0]["thing"]["routes"][0]["trunk"] == "10002"


def test_a_link_is_a_number_and_is_sent_as_the_pbx_has_it(pbx: SimulatedPbx, of: Task) -> None:
    made, _ = of(INBOUND, name="Main", trunk="Backup Carrier")
    assert made["changed"]
    [trunk] = [row for row in pbx.entities("Trunks") if row["Number"] == "10001"]
    sent = json.loads(pbx.writes[-1].body)["TrunkDN"]
    assert (sent["Id"], sent["Number"], sent["Type"]) == (trunk["Id"], "10001", "ExternalLine")
    assert made["thing"]["trunk"] == "10001"
    pbx.clear_log()
    assert of(INBOUND, name="Main", trunk="10001")[0]["changed"] is False
    assert asked(pbx, "Peers") == 1, "whether there still is what it refers to"
    assert of(INBOUND, name="Main", trunk="10001")[0]["changed"] is False
    assert asked(pbx, "Peers") == 1, "the next item of a loop knows"
    missing, _ = of(INBOUND, name="Main", trunk="4711")
    assert "trunk: there is no number 4711" in missing["msg"]


class TestScope:
    def test_it_belongs_to_the_name_where_it_is_given(self, pbx: SimulatedPbx, of: Task) -> None:
        first = of(INBOUND, name="Shop", did="1")[0]["thing"]
        other = of(INBOUND, name="Shop", did="2")[0]["thing"]
        assert first["id"] != other["id"]
        assert of(INBOUND, name="Shop", did="2")[0]["changed"] is False

    def test_without_it_two_are_an_error_that_says_how_to_tell_them_apart(self, pbx: SimulatedPbx, of: Task) -> None:
        of(INBOUND, name="Shop", did="1")
        of(INBOUND, name="Shop", did="2")
        failed, _ = of(INBOUND, name="Shop", state="absent")
        assert "means 2 of them" in failed["msg"]
        assert "Say which by did or id." in failed["msg"]
        assert of(INBOUND, name="Shop", did="1", state="absent")[0]["changed"]
        assert [row["Data"] for row in pbx.entities("InboundRules") if row["RuleName"] == "Shop"] == ["2"]


def test_a_name_does_not_name_another_where_a_number_is_given(pbx: SimulatedPbx, of: Task) -> None:
    rule = entity(
        "Queues",
        Property("Number", "number", immutable=True),
        Property("Name", "name"),
        natural_keys=(Key("Number", "number"), Key("Name", "name")),
    )
    made, _ = of(rule, number="809", name="Service Desk")
    assert made["changed"]
    assert [row["Number"] for row in pbx.entities("Queues") if row["Name"] == "Service Desk"] == ["800", "809"]
    failed, _ = of(rule, name="Service Desk")
    assert "means 2 of them" in failed["msg"]
    assert of(rule, number="800", name="Service Desk")[0]["changed"] is False


class TestInit:
    @staticmethod
    def description() -> EntityDescription:
        from dataclasses import replace

        from pbx_as_code.description import InitParameter

        return replace(
            TRUNKS,
            init="Trunks/Pbx.InitTrunk(template={template})",
            init_with=(InitParameter("template", "template", ("Gateway", "TemplateFilename")),),
        )

    def test_it_is_told_what_to_hand_out(self, pbx: SimulatedPbx, of: Task) -> None:
        made, _ = of(self.description(), number="10050", template=TEMPLATE)
        assert made["changed"]
        [init] = [request for request in pbx.requests if "InitTrunk" in request.path]
        assert init.path == f"/xapi/v1/Trunks/Pbx.InitTrunk(template='{TEMPLATE}')"
        assert of(self.description(), number="10050", template=TEMPLATE)[0]["changed"] is False

    def test_one_that_the_pbx_does_not_have_is_named(self, pbx: SimulatedPbx, of: Task) -> None:
        failed, _ = of(self.description(), number="10050", template="o'brien.pv.xml")
        assert f"{pbx.url} has no defaults for a new thing with template o'brien.pv.xml (404)" in failed["msg"]
        assert failed["status"] == 404
        assert pbx.writes == []

    @pytest.mark.parametrize("answer", [b"null", b"[1, 2]", b'"x"', b""])
    def test_what_is_nothing_to_start_from_makes_no_half_of_one(
        self, pbx: SimulatedPbx, of: Task, answer: bytes
    ) -> None:
        """Found by make soak: the trunk was created without everything that its template says."""
        pbx.fail(r"InitTrunk", status=200, body=answer.decode(), headers={"Content-Type": "application/json"})
        failed, _ = of(self.description(), number="10050", template=TEMPLATE)
        assert failed["failed"]
        assert "InitTrunk" in failed["msg"] or "The defaults of a new thing" in failed["msg"]
        assert pbx.writes == []

    def test_it_is_needed_at_creation_alone(self, pbx: SimulatedPbx, of: Task) -> None:
        failed, _ = of(self.description(), number="10050", external_number="1")
        assert "creating it needs template" in failed["msg"]
        assert pbx.writes == []
        assert of(self.description(), number="10000", external_number="1")[0]["changed"]

    def test_it_cannot_be_another_one_later(self, pbx: SimulatedPbx, of: Task) -> None:
        of(self.description(), number="10050", template=TEMPLATE)
        pbx.clear_log()
        failed, _ = of(self.description(), number="10050", template="other.pv.xml", external_number="1")
        assert "template of thing" in failed["msg"]
        assert "cannot be changed once it is created" in failed["msg"]
        assert pbx.writes == []


def test_navigation_that_is_refused_together_is_read_one_by_one(pbx: SimulatedPbx, of: Task) -> None:
    both = entity(
        "Queues",
        Property("Number", "number", immutable=True),
        Property(
            "Agents", "agents", kind="complex", many=True, navigation=True, item_key=("Number",),
            fields=(Property("Number", "number"),),
        ),
        Property(
            "Managers", "managers", kind="complex", many=True, navigation=True, item_key=("Number",),
            fields=(Property("Number", "number"),),
        ),
        natural_keys=(Key("Number", "number"),),
    )  # fmt: skip
    pbx.fail(r"/xapi/v1/Queues$", status=400, times=1)
    same, _ = of(both, number="800", agents=[{"number": "300"}, {"number": "301"}], managers=[{"number": "300"}])
    assert same["changed"] is False
    assert [request.query.count("$expand") for request in pbx.requests if request.path.endswith("Queues")] == [1, 1, 1]
