"""Seeds of many rows, as YAML and as JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SeedError, SimulatedPbx

ROW: dict[str, Any] = {
    "$times": 3,
    "$from": 500,
    "Number": "{n}",
    "FirstName": "U{n} of {n}",
    "Phones": [{"Name": "p{n}"}],
}


def shown(pbx: SimulatedPbx) -> list[tuple[str, str, str]]:
    return [
        (row["Number"], row["FirstName"], (row["Phones"] or [{"Name": ""}])[0]["Name"]) for row in pbx.entities("Users")
    ]


def test_one_row_stands_for_many() -> None:
    rows = [{"Number": "100", "FirstName": "Ada"}, ROW, {"$times": 0, "Number": "1"}]
    wanted = [("100", "Ada", ""), *((str(n), f"U{n} of {n}", f"p{n}") for n in range(500, 503))]
    assert shown(SimulatedPbx({"Users": rows})) == wanted


def test_a_seed_may_be_json(tmp_path: Path) -> None:
    file = tmp_path / "seed.json"
    file.write_text(json.dumps({"Users": [ROW]}))
    assert len(shown(SimulatedPbx(file))) == 3
    file.write_text('{"Users": [')
    with pytest.raises(SeedError, match=r"cannot read .*seed\.json: Expecting value"):
        SimulatedPbx(file)
    file.write_text("[]")
    with pytest.raises(SeedError, match="must be a mapping"):
        SimulatedPbx(file)


@pytest.mark.parametrize(
    "row",
    [{"$times": -1}, {"$times": "3"}, {"$times": True}, {"$times": 10**7}, {"$from": 1}, {"$times": 1, "$from": "a"}],
)
def test_what_is_no_number_of_times_is_refused(row: dict[str, Any]) -> None:
    with pytest.raises(SeedError, match=r"Users: \$(times|from) is a whole number from 0 to"):
        SimulatedPbx({"Users": [{"Number": "{n}", **row}]})


def test_a_reset_plants_a_file_that_has_changed_and_a_mapping_anew(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text("Fax: [{Number: '801'}]\n")
    of_file = SimulatedPbx(file)
    mapping = {"Fax": [{"Number": "801"}]}
    of_mapping = SimulatedPbx(mapping)
    for pbx in (of_file, of_mapping):
        pbx.put("Fax", {"Number": "802"})
        pbx.reset()
        assert [row["Number"] for row in pbx.entities("Fax")] == ["801"]
    file.write_text("Fax: [{Number: '803'}, {Number: '804'}]\n")
    mapping["Fax"].append({"Number": "804"})
    of_file.reset()
    of_mapping.reset()
    assert [len(pbx.entities("Fax")) for pbx in (of_file, of_mapping)] == [2, 2]


def test_users_made_by_default_do_not_share_what_one_of_them_changes() -> None:
    pbx = SimulatedPbx({"Users": [{"$times": 2, "Number": "10{n}"}]})
    first, second = pbx.entities("Users")
    profiles = [{**profile, "NoAnswerTimeout": 7} for profile in first["ForwardingProfiles"]]
    pbx.put("Users", {"Id": first["Id"], "ForwardingProfiles": profiles})
    changed, same = pbx.entities("Users")
    assert changed["ForwardingProfiles"][0]["NoAnswerTimeout"] == 7
    assert same["ForwardingProfiles"] == second["ForwardingProfiles"]
    assert same["ForwardingProfiles"][0]["NoAnswerTimeout"] == 20


def test_what_stands_twice_is_refused(tmp_path: Path) -> None:
    """YAML and JSON keep the last of two sections with one name, and drop the first without a word."""
    for name, text in (
        ("seed.yaml", "Users: [{Number: '100'}]\nUsers: [{Number: '101'}]\n"),
        ("row.yaml", "Users: [{Number: '100', Number: '101'}]\n"),
        ("seed.json", '{"Users": [], "Users": [{"Number": "101"}]}'),
    ):
        (tmp_path / name).write_text(text)
        with pytest.raises(SeedError, match=r"cannot read .*(Users|Number) is there twice"):
            SimulatedPbx(tmp_path / name)
    merged = tmp_path / "merged.yaml"
    merged.write_text("Fax:\n- &one {Number: '801', OutboundCallerId: '1'}\n- {<<: *one, Number: '802'}\n")
    assert [row["Number"] for row in SimulatedPbx(merged).entities("Fax")] == ["801", "802"]


def test_a_name_that_yaml_reads_as_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "seed.yaml"
    for text in ("on: []", "1: [{Name: x}]", "Users:\n- {Number: '100', 1: x}", "Users:\n- Groups: [{null: 1}]"):
        path.write_text(text)
        with pytest.raises(SeedError, match=r"line [12]: the name (on|1|null) is no text without quotes"):
            SimulatedPbx(path)


def test_members_that_are_no_list_are_refused() -> None:
    with pytest.raises(SeedError, match=r"Groups, row 1 \(Name x\): Members cannot be 5"):
        SimulatedPbx({"Groups": [{"Name": "x", "Members": 5}]})


def test_a_misspelt_section_is_answered_with_the_nearest() -> None:
    with pytest.raises(SeedError, match=r"called Usres, .*; did you mean Users\?"):
        SimulatedPbx({"Usres": []})


def test_the_row_that_cannot_be_stored_is_named() -> None:
    routes = [{"Id": 1, "Name": "Available", "AwayRoute": {"External": {"To": "VoiceMail"}}}]
    for row, message in (
        (
            {"Number": "101", "ForwardingProfiles": routes},
            r"^Users, row 2 \(Number 101\): WARNINGS.INVALID in Away",
        ),
        ({"Number": "100"}, r"^Users, row 2 \(Number 100\): the number 100 is taken"),
        ({"Nonsense": 1}, r"^Users, row 2: there is no property Nonsense"),
    ):
        with pytest.raises(SeedError, match=message):
            SimulatedPbx({"Users": [{"Number": "100"}, row]})


def test_sections_stand_in_any_order() -> None:
    """Each refers to what comes after it."""
    content: dict[str, Any] = {
        "OutboundRules": [{"Name": "Out", "GroupIds": [1], "Routes": [{"TrunkId": 2}]}],
        "InboundRules": [{"RuleName": "In", "TrunkDN": {"Number": "10000"}}],
        "Queues": [{"Number": "800", "Agents": [{"Number": "100"}], "Managers": [{"Number": "100"}]}],
        "RingGroups": [{"Number": "801", "Members": [{"Number": "100"}]}],
        "Users": [{"Number": "100", "FirstName": "Ada", "Groups": [{"GroupId": 1}]}],
        "Trunks": [{"Number": "10000", "Gateway": {"Name": "Carrier"}}],
        "Groups": [{"Name": "DEFAULT", "IsDefault": True, "CustomOperator": {"To": "Extension", "Number": "100"}}],
    }
    turned = dict(reversed(content.items()))
    stored = [{name: pbx.entities(name) for name in content} for pbx in (SimulatedPbx(content), SimulatedPbx(turned))]
    assert stored[0] == stored[1]
    assert [agent["Name"] for agent in stored[0]["Queues"][0]["Agents"]] == ["Ada"]
    assert stored[0]["Groups"][0]["CustomOperator"]["Name"] == "Ada"
    assert stored[0]["OutboundRules"][0]["Routes"][0]["TrunkName"] == "Carrier"
    assert stored[0]["InboundRules"][0]["TrunkDN"]["Name"] == "Carrier"


def test_members_of_a_department_stand_there_too_before_they_are_planted() -> None:
    """Recorded answers show memberships on both sides; one side is enough."""
    groups: list[dict[str, Any]] = [
        {"Name": "DEFAULT", "IsDefault": True, "Members": []},
        {"Name": "Sales", "Members": [{"Number": "100", "Rights": {"RoleName": "managers"}}, {"Number": "800"}]},
    ]
    content: dict[str, Any] = {
        "Groups": groups,
        "Queues": [{"Number": "800", "Groups": [{"GroupId": 1}]}],
        "Users": [{"Number": "100"}, {"Number": "101", "Groups": [{"GroupId": 2}]}],
    }
    for pbx in (SimulatedPbx(content), SimulatedPbx(dict(reversed(content.items())))):
        default, sales = pbx.entities("Groups")[:2]
        assert [member["Number"] for member in default["Members"]] == ["100", "800"]
        assert sorted(member["Number"] for member in sales["Members"]) == ["100", "101", "800"]
        user = pbx.entities("Users")[0]
        roles = {group["Name"]: group["Rights"]["RoleName"] for group in user["Groups"]}
        assert roles["Sales"] == "managers"
        pbx.put("Groups", {"Id": sales["Id"], "Members": [{"Number": "800"}]})
        assert [member["Number"] for member in pbx.entities("Groups")[1]["Members"]] == ["800"]
    groups[1]["Members"] = [{"Number": "999"}]
    with pytest.raises(SeedError, match=r"^Groups, row 2 \(Name Sales\): WARNINGS.XAPI.NOT_FOUND in Members"):
        SimulatedPbx(content)
