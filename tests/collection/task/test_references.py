"""Names instead of ids: given in any way, shown as people say them, sent as the PBX stores them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collection.plugins.plugin_utils._arguments import arguments_of
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.description import EntityDescription, Key, Property, Reference
from pbx_as_code.engine.compare.compare import merged
from pbx_as_code.engine.find import knowledge as _directory
from pbx_as_code.engine.find.knowledge import FRESH
from pbx_as_code.engine.perform import EntityRunner
from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


def groups(pbx: SimulatedPbx, number: str) -> list[int]:
    [fax] = [fax for fax in pbx.entities("Fax") if fax["Number"] == number]
    return [group["GroupId"] for group in fax["Groups"]]


def departments(pbx: SimulatedPbx) -> dict[str, int]:
    return {group["Name"]: group["Id"] for group in pbx.entities("Groups")}


def asked(pbx: SimulatedPbx, entity_set: str) -> int:
    return sum(request.path == f"/xapi/v1/{entity_set}" for request in pbx.requests)


@pytest.mark.parametrize("way", ["Name", "Number", "Id"])
def test_a_department_by_its_name_its_number_or_its_id(way: str, pbx: SimulatedPbx, task: Task) -> None:
    [sales] = [group for group in pbx.entities("Groups") if group["Name"] == "Sales"]
    wanted = [{"group": sales[way]}]
    changed = task("fax", number="861", groups=wanted)
    assert changed["changed"]
    assert [group["group"] for group in changed["fax"]["groups"]] == ["Sales"]
    assert json.loads(pbx.writes[-1].body) == {"Groups": [{"GroupId": sales["Id"]}]}
    assert groups(pbx, "861") == [sales["Id"]]
    assert not task("fax", number="861", groups=wanted)["changed"]
    assert len(pbx.writes) == 1


def test_what_is_shown_has_names_and_can_be_given_back(pbx: SimulatedPbx, task: Task) -> None:
    task("fax", number="861", groups=[{"group": "Support", "rights": {"role_name": "managers"}}])
    [fax] = task("fax_info", number="861")["faxes"]
    assert fax["groups"][0]["group"] == "Support"
    assert fax["groups"][0]["rights"]["role_name"] == "managers"
    pbx.clear_log()
    assert not task("fax", **fax)["changed"]
    assert pbx.writes == []


def test_an_info_module_brings_along_what_is_asked_for(pbx: SimulatedPbx, task: Task) -> None:
    task("fax", number="861", groups=[{"group": "Support"}])
    assert all("groups" not in fax for fax in task("fax_info")["faxes"])
    listed = {fax["number"]: fax for fax in task("fax_info", expand=["groups"])["faxes"]}
    assert [group["group"] for group in listed["861"]["groups"]] == ["Support"]
    assert "groups" not in task("fax_info", number="861", expand=[])["faxes"][0]


def test_departments_are_read_once_for_a_whole_list(pbx: SimulatedPbx, task: Task) -> None:
    for number in ("860", "861"):
        task("fax", number=number, groups=[{"group": "Support"}])
    pbx.clear_log()
    task("fax_info", expand=["groups"])
    assert asked(pbx, "Groups") <= 1


def test_one_that_does_not_exist_is_an_error_that_names_it(pbx: SimulatedPbx, task: Task) -> None:
    failed = task("fax", number="861", groups=[{"group": "Sales"}, {"group": "Suport"}])
    assert failed.msg.startswith("groups[1].group: there is no department Suport on http://")
    assert "did you mean Support?" in failed.msg
    assert failed.data["target"] == "groups[1].group"
    assert pbx.writes == []


def test_in_check_mode_it_is_a_warning_because_an_earlier_task_may_make_it(pbx: SimulatedPbx, task: Task) -> None:
    would = task("fax", number="861", groups=[{"group": "Purchasing"}], check_mode=True)
    assert would["changed"]
    assert len(would.warnings) == 1
    assert "there is no department Purchasing" in would.warnings[0]
    assert pbx.writes == []


def test_one_that_has_come_since_is_found(pbx: SimulatedPbx, task: Task) -> None:
    assert task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    pbx.put("Groups", {"Name": "Purchasing"})
    changed = task("fax", number="861", groups=[{"group": "Purchasing"}])
    assert groups(pbx, "861") == [departments(pbx)["Purchasing"]]
    assert [group["group"] for group in changed["fax"]["groups"]] == ["Purchasing"]


def test_what_departments_are_called_is_no_older_than_what_is_read_ahead(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a long loop, or one that asks again until something is so."""
    now = 1000.0
    monkeypatch.setattr(_directory, "monotonic", lambda: now)
    assert task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    now += FRESH - 1
    pbx.clear_log()
    assert not task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    assert asked(pbx, "Groups") == 0
    names = departments(pbx)
    pbx.put("Groups", {"Id": names["Sales"], "Name": "Sold"})
    pbx.put("Groups", {"Id": names["Support"], "Name": "Sales"})
    now += 2
    assert [group["group"] for group in task("fax_info", number="861")["faxes"][0]["groups"]] == ["Sold"]
    assert task("fax", number="861", groups=[{"group": "Sales"}])["changed"]
    assert groups(pbx, "861") == [names["Support"]]


def test_who_a_number_belongs_to_is_no_older_either(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An extension is asked for by its number, and sent with its id."""
    now = 1000.0
    monkeypatch.setattr(_directory, "monotonic", lambda: now)
    [user] = [row for row in pbx.entities("Users") if row["Number"] == "100"]
    assert "no number 999" in task("ring_group", number="890", members=[{"number": "100"}, {"number": "999"}]).msg
    pbx.remove("Users", user["Id"])
    now += FRESH + 1
    assert "no number 100" in task("ring_group", number="890", members=[{"number": "100"}]).msg


def test_two_names_of_one_department_are_one_too_many(pbx: SimulatedPbx, task: Task) -> None:
    number = next(group["Number"] for group in pbx.entities("Groups") if group["Name"] == "Sales")
    failed = task("fax", number="861", groups=[{"group": "Sales"}, {"group": number}])
    assert "is given twice" in failed.msg
    assert pbx.writes == []


def test_who_may_not_list_departments_sees_ids_and_cannot_name_them(pbx: SimulatedPbx, task: Task) -> None:
    task("fax", number="861", groups=[{"group": "Sales"}])
    fresh = {"token_cache": False}  # another client, which has read nothing yet
    pbx.fail(r"/xapi/v1/Groups$", status=403, times=99)
    [fax] = task("fax_info", number="861", **fresh)["faxes"]
    assert fax["groups"][0]["group"] == str(departments(pbx)["Sales"])
    assert not task("fax", **fax, **fresh)["changed"]
    failed = task("fax", number="861", groups=[{"group": "Support"}], **fresh)
    assert failed.data["status"] == 403
    assert "Departments could not be read" in failed.msg


def test_a_role_does_not_keep_the_rights_of_another() -> None:
    rights = Property(
        "Rights",
        "rights",
        kind="complex",
        fields=(Property("RoleName", "role_name"), Property("CanBargeIn", "can_barge_in", kind="bool")),
        led_by=("RoleName",),
    )
    held = {"RoleName": "managers", "CanBargeIn": True}
    assert merged(rights, {"RoleName": "users"}, held) == {"RoleName": "users"}
    assert merged(rights, {"RoleName": "managers"}, held) == held
    assert merged(rights, {"CanBargeIn": False}, held) == {"RoleName": "managers", "CanBargeIn": False}


class TestLists:
    def test_add_keeps_the_rest(self, pbx: SimulatedPbx, task: Task) -> None:
        ids = departments(pbx)
        task("fax", number="861", groups=[{"group": "Sales", "rights": {"role_name": "managers"}}])
        added = task("fax", number="861", groups=[{"group": "Support"}], lists="add")
        assert added["changed"]
        assert groups(pbx, "861") == [ids["Sales"], ids["Support"]]
        assert [group["rights"]["role_name"] for group in added["fax"]["groups"]] == ["managers", "users"]
        assert not task("fax", number="861", groups=[{"group": "Support"}], lists="add")["changed"]

    def test_add_changes_what_is_there_with_the_same_key(self, pbx: SimulatedPbx, task: Task) -> None:
        task("fax", number="861", groups=[{"group": "Sales"}, {"group": "Support"}])
        wanted = [{"group": "Sales", "rights": {"role_name": "managers"}}]
        changed = task("fax", number="861", groups=wanted, lists="add")["fax"]["groups"]
        assert [(group["group"], group["rights"]["role_name"]) for group in changed] == [
            ("Sales", "managers"),
            ("Support", "users"),
        ]

    def test_remove_takes_out_what_is_given(self, pbx: SimulatedPbx, task: Task) -> None:
        task("fax", number="861", groups=[{"group": "Sales"}, {"group": "Support"}])
        wanted = {"groups": [{"group": "Sales"}], "lists": "remove"}
        assert task("fax", number="861", check_mode=True, **wanted)["changed"]
        assert task("fax", number="861", **wanted)["changed"]
        assert groups(pbx, "861") == [departments(pbx)["Support"]]
        assert not task("fax", number="861", **wanted)["changed"]

    def test_remove_leaves_nothing_there_because_of_its_spelling(self, pbx: SimulatedPbx, task: Task) -> None:
        task("queue", number="800", agents=[{"number": "102"}], groups=[{"group": "Sales"}])
        task("outbound_rule", name="Abroad", groups=["Sales"], routes=[{"trunk": "10000"}])
        queue: dict[str, Any] = {"number": "800"}
        rule: dict[str, Any] = {"name": "Abroad"}
        pbx.clear_log()
        for kind, key, options in (
            ("queue", queue, {"groups": [{"group": "sales"}]}),
            ("queue", queue, {"groups": [{"group": " Sales"}]}),
            ("queue", queue, {"agents": [{"number": "102 "}]}),
            ("outbound_rule", rule, {"groups": ["SALES"]}),
            ("outbound_rule", rule, {"groups": ["grp2"]}),
            ("outbound_rule", rule, {"routes": [{"trunk": "example telecom"}]}),
        ):
            for check_mode in (True, False):
                refused = task(kind, **key, **options, lists="remove", check_mode=check_mode)
                assert "which differs in case or blanks only" in refused.msg, options
        misspelt = task("queue", number="800", groups=[{"group": "Slaes"}], lists="remove")
        assert not misspelt["changed"]
        assert "to be taken out; did you mean Sales?" in " ".join(misspelt.warnings)
        gone = task("queue", number="800", agents=[{"number": "199"}], groups=[{"group": "Gone"}], lists="remove")
        assert not gone["changed"]
        assert gone.warnings == []
        assert pbx.writes == []

    def test_plain_values_too(self, pbx: SimulatedPbx, task: Task) -> None:
        task("fxs", mac_address="001122334455", codecs=["PCMA", "PCMU"])
        added = task("fxs", mac_address="001122334455", codecs=["G722", "PCMA"], lists="add")
        assert added["fxs"]["codecs"] == ["PCMA", "PCMU", "G722"]
        left = task("fxs", mac_address="001122334455", codecs=["PCMU", "none"], lists="remove")
        assert left["fxs"]["codecs"] == ["PCMA", "G722"]

    def test_of_one_that_is_made_they_are_what_is_given(self, pbx: SimulatedPbx, task: Task) -> None:
        made = task("fax", number="8877", groups=[{"group": "Sales"}], lists="add")
        assert [group["group"] for group in made["fax"]["groups"]] == ["Sales"]


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


def test_a_prompt_set_is_named_and_its_folder_is_stored(pbx: SimulatedPbx, task: Task) -> None:
    folder = "5F0C0B2A-8C0E-4E0E-9C59-0D1B6E6B7A11"
    for name in ("Company Prompt Set", folder):
        done = task("queue", number="800", prompt_set=name)
        assert done["queue"]["prompt_set"] == "Company Prompt Set"
        assert done["changed"] == (name != folder)
    assert [row["PromptSet"] for row in pbx.entities("Queues") if row["Number"] == "800"] == [folder]
    assert task("queue", number="800", prompt_set="")["changed"], "the system's own again"
    assert "there is no prompt set Latin" in task("queue", number="800", prompt_set="Latin").msg


def test_a_place_is_named_as_soon_as_it_is_there(pbx: SimulatedPbx, task: Task) -> None:
    assert "there is no emergency location Gate 2" in task("user", number="200", emergency_location="Gate 2").msg
    assert task("emergency_locations", locations=[{"id": "g2", "friendly_name": "Gate 2"}])["changed"]
    assert task("user", number="200", emergency_location="Gate 2")["user"]["emergency_location"] == "Gate 2"
    assert [row["EmergencyLocationId"] for row in pbx.entities("Users") if row["Number"] == "200"] == ["g2"]
    assert task("emergency_locations", locations=[{"id": "g2", "friendly_name": "South gate"}])["changed"]
    assert task("user_info", number="200")["users"][0]["emergency_location"] == "South gate"


def test_a_new_object_may_refer_to_its_own_number(pbx: SimulatedPbx, task: Task) -> None:
    """Such as to its own voicemail: its number is nowhere to be found before it is created."""
    own = {"to": "VoiceMail", "number": "871"}
    made = task("queue", number="871", name="Night", forward_no_answer=own)
    assert made["changed"]
    assert made["queue"]["forward_no_answer"]["number"] == "871"
    assert not task("queue", number="871", forward_no_answer=own)["changed"]
    refused = task("queue", number="872", name="Day", forward_no_answer={"to": "VoiceMail", "number": "873"})
    assert "there is no number 873" in refused.msg


def test_a_list_that_names_an_entity_in_two_ways_has_it_once(pbx: SimulatedPbx, task: Task) -> None:
    """A department by its name and by its number."""
    number = next(row["Number"] for row in pbx.entities("Groups") if row["Name"] == "Sales")
    pbx.clear_log()
    assert task("outbound_rule", name="National", groups=["Sales", number])["outbound_rule"]["groups"] == ["Sales"]
    assert b'"GroupIds":[2]' in pbx.writes[0].body.replace(b" ", b"")
    assert not task("outbound_rule", name="National", groups=[number])["changed"]
