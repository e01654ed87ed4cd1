"""Keys of a user's phones: data in tasks and results, one text of XML on the wire."""

from __future__ import annotations

import json
from typing import Any

import pytest

from pbx_as_code.engine.compare.encoded_values import parse, render
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Result, Task

#: Every kind, in the form a PBX was seen to keep; the texts are invented. Position 7 is missing, and Hologram is
#: unknown.
KEYS = [
    '<BLF ID="{101}" BLFNo="1" BLFType="BLF" BLFTypeID="0">101</BLF>',
    '<BLF ID="{102}" BLFNo="2" BLFType="SpeedDial" BLFTypeID="1">102</BLF>',
    '<BLF ID="-1" BLFNo="3" BLFType="CustomSpeedDial" BLFTypeID="2">+15550133\nGrace &amp; Co\nHopper &lt;x&gt;</BLF>',
    '<BLF ID="{SP1}" BLFNo="4" BLFType="SharedParking" BLFTypeID="3">SP1</BLF>',
    '<BLF ID="LOGGEDINQUEUE" BLFNo="5" BLFType="QueueLogin" BLFTypeID="4">DEFINED BY ID</BLF>',
    '<BLF ID="-1" BLFNo="6" BLFType="ProfileStatus" BLFTypeID="5">2</BLF>',
    '<BLF ID="-1" BLFNo="8" BLFType="Line" BLFTypeID="6" />',
    '<BLF  Extra="y" BLFNo="9" BLFType="Hologram" ID="77"><b>z</b></BLF>',
]
SHOWN: list[dict[str, Any]] = [
    {"position": 1, "type": "BLF", "extension": "101"},
    {"position": 2, "type": "SpeedDial", "extension": "102"},
    {
        "position": 3,
        "type": "CustomSpeedDial",
        "number": "+15550133",
        "first_name": "Grace & Co",
        "last_name": "Hopper <x>",
    },
    {"position": 4, "type": "SharedParking", "parking": "SP1"},
    {"position": 5, "type": "QueueLogin", "queue_login": "login"},
    {"position": 6, "type": "ProfileStatus", "profile": "Out of office"},
    {"position": 8, "type": "Line"},
    {"position": 9, "type": "Hologram"},
]
NONE = "<PhoneDevice><BLFS /></PhoneDevice>"


def layout(keys: list[str]) -> str:
    return f"<PhoneDevice><BLFS>{''.join(keys)}</BLFS></PhoneDevice>"


@pytest.fixture
def keys(pbx: SimulatedPbx) -> list[str]:
    """The keys of user 103, with the ids that things have on this PBX."""
    rows = [*pbx.entities("Users"), *pbx.entities("Parkings")]
    ids = {row["Number"]: row["Id"] for row in rows}
    made = [
        key.replace("{101}", str(ids["101"])).replace("{102}", str(ids["102"])).replace("{SP1}", str(ids["SP1"]))
        for key in KEYS
    ]
    keep(pbx, layout(made))
    return made


def user(pbx: SimulatedPbx) -> dict[str, Any]:
    [found] = [row for row in pbx.entities("Users") if row["Number"] == "103"]
    return found


def keep(pbx: SimulatedPbx, text: str) -> None:
    pbx.put("Users", {**user(pbx), "Blfs": text})


def shown(result: Result) -> list[dict[str, Any]]:
    found = result.data["user"] if "user" in result.data else result.data["users"][0]
    return [{name: value for name, value in key.items() if value is not None} for key in found["blf_keys"]]


def done(result: Result) -> Result:
    assert not result.data.get("failed"), result.data
    return result


def test_round_trip_to_the_byte(keys: list[str]) -> None:
    assert render(parse(layout(keys))) == layout(keys)
    assert render(parse(NONE)) == NONE
    assert parse("") == []


def test_each_kind_is_made_as_the_pbx_writes_it(pbx: SimulatedPbx, task: Task, keys: list[str]) -> None:
    keep(pbx, NONE)
    assert done(task("user", number="103", blf_keys=SHOWN[:-1])).data["changed"]
    assert user(pbx)["Blfs"] == layout(keys[:-1])
    assert not done(task("user", number="103", blf_keys=SHOWN[:-1])).data["changed"]


def test_results_and_infos_have_data_and_can_be_given_back(pbx: SimulatedPbx, task: Task, keys: list[str]) -> None:
    found = done(task("user_info", number="103"))
    assert shown(found) == SHOWN
    assert "PhoneDevice" not in json.dumps(found.data)
    back = done(task("user", number="103", blf_keys=found.data["users"][0]["blf_keys"]))
    assert not back.data["changed"]
    assert pbx.writes == []
    assert user(pbx)["Blfs"] == layout(keys)


def test_one_changed_key_is_one_changed_leaf(pbx: SimulatedPbx, task: Task, keys: list[str]) -> None:
    change = {"position": 6, "type": "ProfileStatus", "profile": "Custom 1"}
    looked = done(task("user", number="103", lists="add", blf_keys=[change], check_mode=True))
    assert looked.data["changed"]
    assert pbx.writes == []
    result = done(task("user", number="103", lists="add", blf_keys=[change]))
    before, after = (result.data["diff"][side]["blf_keys"] for side in ("before", "after"))
    assert [(one, other) for one, other in zip(before, after, strict=True) if one != other] == [(before[5], after[5])]
    assert before[5] | {"profile": "Custom 1"} == after[5]
    assert user(pbx)["Blfs"] == layout([*keys[:5], keys[5].replace(">2<", ">3<"), *keys[6:]])


def test_another_type_leaves_nothing_of_the_former(pbx: SimulatedPbx, task: Task, keys: list[str]) -> None:
    done(task("user", number="103", lists="add", blf_keys=[{"position": 1, "type": "Line"}]))
    assert user(pbx)["Blfs"] == layout(['<BLF ID="-1" BLFNo="1" BLFType="Line" BLFTypeID="6" />', *keys[1:]])
    done(task("user", number="103", blf_keys=[]))
    assert user(pbx)["Blfs"] == NONE


def test_a_profile_is_named_in_any_way(pbx: SimulatedPbx, task: Task, keys: list[str]) -> None:
    written = len(pbx.writes)
    for profile in ("Out of office", " out of  Office", "2", 2):
        key = {"position": 6, "type": "ProfileStatus", "profile": profile}
        assert not done(task("user", number="103", lists="add", blf_keys=[key])).data["changed"], profile
    assert len(pbx.writes) == written
    for index, name in enumerate(("Available", "Away", "Out of office", "Custom 1", "Custom 2", "5")):
        key = {"position": 6, "type": "ProfileStatus", "profile": name.lower()}
        assert done(task("user", number="103", lists="add", blf_keys=[key])).data["changed"], name
        assert f'BLFTypeID="5">{index}</BLF>' in user(pbx)["Blfs"]
        assert shown(done(task("user_info", number="103")))[5]["profile"] == name


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"position": 1, "type": "BLF", "extension": "4711"}, "there is no number 4711"),
    ({"position": 1, "type": "SharedParking", "parking": "SP99"}, "there is no number SP99"),
    ({"position": 1, "type": "BLF"}, "blf_keys[0].extension: a key of type BLF needs it"),
    ({"position": 1, "type": "Line", "extension": "101"}, "blf_keys[0].extension: a key of type Line does not have it"),
    ({"position": 0, "type": "Line"}, "blf_keys[0].position"),
    ({"position": 1, "type": "QueueLogin", "queue_login": "maybe"}, "maybe is not one of login, logout"),
    ({"position": 1, "type": "CustomSpeedDial", "number": 15550133}, "blf_keys[0].number: a text is needed here"),
    ({"position": 1, "type": "ProfileStatus", "profile": "Avaliable"}, "there is no forwarding profile Avaliable; did"),
    ({"position": 1, "type": "ProfileStatus", "profile": "-1"}, "blf_keys[0].profile: there is no forwarding profile"),
    ({"position": 1, "type": "CustomSpeedDial", "number": "1", "first_name": "a\nb"}, "a line break in it"),
    ({"position": 1, "type": "Hologram2"}, "Hologram2 is not a type"),
]


@pytest.mark.parametrize(("key", "message"), WRONG)
def test_what_cannot_be_stored_is_refused(
    pbx: SimulatedPbx, task: Task, keys: list[str], key: dict[str, Any], message: str
) -> None:
    failed = task("user", number="103", blf_keys=[key])
    assert failed.data.get("failed")
    assert message in failed.msg
    assert pbx.writes == []
    assert user(pbx)["Blfs"] == layout(keys)


def test_the_phones_reload_only_what_has_changed(pbx: SimulatedPbx, task: Task) -> None:
    macs = ["805ec0000001", "805ec0000002"]
    pbx.put(
        "Users", {**user(pbx), "Blfs": NONE, "Phones": [{"MacAddress": mac, "Id": n} for n, mac in enumerate(macs, 1)]}
    )
    options: dict[str, Any] = {"number": "103", "blf_keys": [{"position": 1, "type": "Line"}], "reprovision": True}

    def reloaded() -> list[str]:
        actions = [write for write in pbx.writes if write.path.endswith("/Users/Pbx.ReprovisionPhone")]
        pbx.clear_log()
        return [json.loads(action.body)["mac"] for action in actions]

    done(task("user", **options, check_mode=True))
    assert reloaded() == []
    done(task("user", **{**options, "reprovision": False, "mobile": "1"}))
    assert reloaded() == []
    keep(pbx, NONE)
    done(task("user", **options))
    assert reloaded() == macs
    done(task("user", **options))
    assert reloaded() == []
