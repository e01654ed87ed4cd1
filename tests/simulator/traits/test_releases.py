"""An older release lacks what came later: operations, parameters, properties, enum members; and nothing else."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from openapi.codegen import source
from pbx_simulator import SeedWarning, SimulatedPbx, knowledge
from pbx_simulator.model import document, releases
from pbx_simulator.model.routes import Routes
from pbx_simulator.model.schema import Schema
from pbx_simulator.seeds import seed
from pbx_simulator.seeds.adaptation import Adaptation
from tests.simulator.support import BARE, Api, refused

Factory = Callable[..., SimulatedPbx]
VENDOR = Path(__file__).resolve().parents[4] / "shared" / "vendor"
METHODS = {"get", "post", "patch", "put", "delete"}
BY_NUMBER = [f"/{owner}(Number={{Number}})" for owner in knowledge.BY_NUMBER]


@pytest.fixture(scope="module")
def old() -> Any:
    """A PBX of 20.0.5; its tests write nothing."""
    with SimulatedPbx(release="20.0.5") as pbx:
        caller = Api(pbx)
        yield caller
        caller.http.close()


@pytest.mark.parametrize(
    ("release", "path", "there"),
    [
        ("20.0.5", "/Holidays", False),
        ("20.0.5.551", "/MailSettings", False),
        ("20.0.6", "/MailSettings", False),
        ("20.0.7", "/MailSettings", True),
        ("20.0.8.1121", "/Holidays", True),
        ("20.0.8", "/SyslogSettings", False),
        ("20.0.9.995", "/SyslogSettings", True),
        ("20.0.10", "/SyslogSettings", True),
        ("20.0.10.3", "/OAuthClients", True),
        ("21.0.1", "/OAuthClients", True),
        ("20.0.5", "/Users", True),
    ],
)
def test_an_operation_is_there_from_its_release_on(pbx_factory: Factory, release: str, path: str, there: bool) -> None:
    answer = Api(pbx_factory(release=release)).get(path)
    assert answer.headers["X-3CX-Version"] == release
    assert answer.status_code == (200 if there else 404), answer.text


def test_a_method_may_be_missing_where_its_path_is_there(old: Api) -> None:
    refused(old.send("POST", "/Trunks(1)/Pbx.RunAnalysis", json={}), 404)
    refused(old.send("POST", "/Users/Pbx.InstallFirmware", json={}), 404)


def test_a_newer_property_is_not_answered(old: Api, api: Api) -> None:
    for path in ("/Users", "/Queues", "/Trunks"):
        before, now = old.rows(path)[0], api.rows(path)[0]
        newer = releases._since()["properties"][path[1:-1]]
        assert not set(before) & set(newer)
        assert set(now) - set(before) <= set(newer) | {"@odata.etag"}
        assert set(now) & set(newer)
    assert "DtmfMode" not in old.one("/ConferenceSettings")
    assert "DtmfMode" in api.one("/ConferenceSettings")


@pytest.mark.parametrize(
    ("release", "body", "status"),
    [
        ("20.0.5", {"ForbidRecording": True}, 400),
        ("20.0.8", {"ForbidRecording": True}, 400),
        ("20.0.10", {"ForbidRecording": True}, 204),
        ("20.0.5", {"DatevEnabled": True}, 400),
        ("20.0.8", {"DatevEnabled": True}, 204),
        ("20.0.5", {"FirstName": "Ada"}, 204),
    ],
)
def test_a_newer_property_binds_from_its_release_on(
    pbx_factory: Factory, release: str, body: dict[str, Any], status: int
) -> None:
    api = Api(pbx_factory(release=release))
    key = api.rows("/Users")[0]["Id"]
    answer = api.patch(f"/Users({key})", body)
    assert answer.status_code == status
    if status == 400:
        assert "delta" in answer.text


@pytest.mark.parametrize(("release", "status"), [("20.0.5", 400), ("20.0.8", 204), ("20.0.10", 204)])
def test_a_newer_enum_member_binds_from_its_release_on(pbx_factory: Factory, release: str, status: int) -> None:
    api = Api(pbx_factory(release=release))
    answer = api.patch("/VoicemailSettings", {"TranscribeEngine": "Engine3CXLocal"})
    assert answer.status_code == status


def test_a_newer_property_cannot_be_asked_for(old: Api) -> None:
    refused(old.get("/Users", select="ForbidRecording"), 400)
    refused(old.get("/Users", filter="ForbidRecording eq true"), 400)
    assert old.get("/Users", select="FirstName").status_code == 200


def test_an_action_refuses_a_newer_parameter(pbx_factory: Factory) -> None:
    body = {"dn": "100", "destination": "101"}
    for release, status in (("20.0.5", 400), ("20.0.8", 200)):
        api = Api(pbx_factory(release=release))
        assert api.send("POST", "/Users/Pbx.MakeCall", json=body).status_code == 200
        assert api.send("POST", "/Users/Pbx.MakeCall", json=body | {"testCall": True}).status_code == status


@pytest.mark.parametrize("owner", sorted(knowledge.BY_NUMBER))
def test_the_look_up_by_number_was_a_function(old: Api, api: Api, owner: str) -> None:
    number = "800" if owner == "Peers" else api.rows(f"/{owner}")[0]["Number"]
    function = f"/{owner}/Pbx.{knowledge.BY_NUMBER[owner]}(number='{number}')"
    key = f"/{owner}(Number='{number}')"
    assert old.one(function)["Number"] == api.one(key)["Number"] == number
    refused(old.get(key), 404)
    refused(api.get(function), 404)
    refused(old.get(function.replace(number, "12345")), 404, "WARNINGS.XAPI.NOT_FOUND", "Number")


def test_it_serves_the_document_it_is_driven_by(old: Api) -> None:
    served = yaml.load(BARE.get(f"{old.pbx.url}/xapi/v1/swagger.yaml").content, Loader=yaml.CSafeLoader)
    assert served == releases.load((20, 0, 5)) == BARE.get(f"{old.pbx.url}/xapi/v1/swagger.json").json()
    assert "/Holidays" not in served["paths"]
    assert 'EntitySet Name="Holidays"' not in old.send("GET", "/$metadata").text


def test_the_newest_release_has_the_whole_document() -> None:
    assert releases.load((20, 0, 10)) == releases.load((20, 0, 11, 5)) == document.load()
    assert releases.text((20, 0, 10)) == document.read_text()


def test_the_document_itself_stays_whole() -> None:
    releases.load((20, 0, 5))
    whole = document.load()
    assert "/Holidays" in whole["paths"]
    assert "ForbidRecording" in str(whole["components"]["schemas"]["Pbx.User"])
    assert "AmazonS3" in whole["components"]["schemas"]["Pbx.FileSystemType"]["enum"]


@pytest.mark.parametrize("release", [(20, 0, 5), (20, 0, 8)])
def test_it_has_what_the_releases_own_document_has_and_no_more(release: tuple[int, ...]) -> None:
    file = VENDOR / f"xapi-v1-{'.'.join(map(str, release))}.yaml"
    if not file.is_file():
        pytest.skip(f"{file.name} of the vendor is not here")
    theirs = source.read(str(file))  # in YAML 1.2, where No is an enum member
    ours, newest = releases.load(release), document.load()

    def operations(made: Any) -> set[tuple[str, str]]:
        return {(path, method) for path, item in made["paths"].items() for method in METHODS & set(item)}

    assert operations(ours) <= operations(theirs)
    # Operations that are missing from ours no longer exist in the newest document.
    assert not (operations(theirs) - operations(ours)) & operations(newest)
    mine, other, now = Routes(ours).schema, Routes(theirs).schema, Routes(newest).schema
    for name in set(mine.names()) & set(other.names()):
        for names in (_properties, _members):
            assert names(mine, name) <= names(other, name), name
            assert not (names(other, name) - names(mine, name)) & names(now, name), name


def _properties(schema: Schema, name: str) -> set[str]:
    return set(schema.type(name).properties)


def _members(schema: Schema, name: str) -> set[str]:
    return set(schema.node(name).get("enum", ()))


def test_the_built_in_company_fits_the_newest_release_as_it_is() -> None:
    """Seed values that an older release lacks are dropped silently, so a misspelt name must be found here."""
    planted = seed.read(None)
    adaptation = Adaptation(SimulatedPbx()._store.routes, lenient=True)
    assert adaptation.content(planted.content) == planted.content
    assert adaptation.dropped == []


NEWER: dict[str, Any] = {
    "Users": [
        {"Number": "100", "ForbidRecording": True, "FirstName": "Ada"},
        {"$times": 2, "Number": "20{n}", "ForbidRecording": True},
    ],
    "Holidays": [{"Name": "New Year"}],
}


def test_what_only_a_newer_release_has_is_left_out_with_a_warning() -> None:
    with pytest.warns(SeedWarning) as caught:
        pbx = SimulatedPbx(NEWER, release="20.0.5")
    [warned] = caught
    assert str(warned.message) == "release 20.0.5 does not have Users.ForbidRecording, Holidays: left out of the seed"
    assert [user["Number"] for user in pbx.entities("Users")] == ["100", "201", "202"]
    assert pbx.entities("Users")[0]["FirstName"] == "Ada"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert SimulatedPbx(NEWER).entities("Users")[0]["ForbidRecording"] is True


def test_an_enumerations_newer_member_is_left_out_too() -> None:
    newest = SimulatedPbx("empty")._store.routes.schema
    old = SimulatedPbx("empty", release="20.0.5")._store.routes
    name, prop, member = next(
        (name, prop.name, members[0])
        for name, described in old.sets.items()
        for prop in described.type.properties.values()
        if prop.value.kind == "enum"
        and not prop.value.collection
        and name not in ("Peers", "MyTokens")
        and (
            members := sorted(
                set(newest.type(described.type.name).properties[prop.name].value.members) - set(prop.value.members)
            )
        )
    )
    with pytest.warns(SeedWarning, match=rf"{name}\.{prop} {member}: left out"):
        SimulatedPbx({name: [{prop: member, **_KEYED.get(name, {})}]}, release="20.0.5")


#: A key, where a row does not get one.
_KEYED = {"CustomPrompts": {"Filename": "a.wav"}, "Sbcs": {"Name": "a"}}


def test_what_no_release_knows_is_refused_unless_the_seed_is_of_a_newer_one() -> None:
    unknown = {"Users": [{"Number": "100", "Nonsense": 1, "Language": "EN"}], "Nobodies": []}
    with pytest.raises(seed.SeedError, match="there is no property Nonsense"):
        SimulatedPbx({"Users": unknown["Users"]}, release="20.0.5")
    with pytest.raises(seed.SeedError, match="no entity set or singleton called Nobodies"):
        SimulatedPbx({"Nobodies": []}, release="20.0.5")
    with pytest.raises(seed.SeedError, match="there is no property Nonsense"):
        SimulatedPbx({"release": "20.0.10", **unknown})
    with pytest.warns(SeedWarning, match=r"release 20\.0\.10 does not have Users\.Nonsense, Nobodies: left out"):
        pbx = SimulatedPbx({"release": "20.0.11", **unknown})
    assert pbx.entities("Users")[0]["Language"] == "EN"
    with pytest.raises(seed.SeedError, match="release: a release is at least three numbers"):
        SimulatedPbx({"release": "newest"})


def test_the_command_says_it_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text("Users: [{Number: '100', ForbidRecording: true}]\nFaults: []\n")
    ended = subprocess.run(
        [sys.executable, "-m", "pbx_simulator", "--seed", str(file), "--release", "20.0.5"],
        check=False, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert ended.returncode == 1, "another section is unknown to all"
    assert ended.stderr.splitlines()[0] == (
        "threecx-simulator: warning: release 20.0.5 does not have Users.ForbidRecording: left out of the seed"
    )
    assert len(ended.stderr.splitlines()) == 2
