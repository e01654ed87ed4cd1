"""The request log, the state behind the API's back, and the same over HTTP."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from pbx_simulator import SeedError, SimulatedPbx
from pbx_simulator.cli import main
from pbx_simulator.model import document
from tests.simulator.support import BARE, Api, refused

Factory = Callable[..., SimulatedPbx]


def test_the_log_keeps_what_was_on_the_wire(pbx: SimulatedPbx, api: Api) -> None:
    api.post("/Fax?x=%27", {"AuthID": "ü"})
    logged = pbx.requests[-1]
    assert (logged.method, logged.path, logged.query, logged.status) == ("POST", "/xapi/v1/Fax", "x=%27", 201)
    assert logged.body == '{"AuthID":"ü"}'.encode()
    assert logged.headers["content-type"] == "application/json"
    assert [r.path for r in pbx.requests] == ["/connect/token", "/xapi/v1/Fax"]
    assert pbx.sign_ins == 1


def test_writes_are_actions_too_but_no_sign_ins(pbx: SimulatedPbx, api: Api) -> None:
    api.get("/Fax")
    api.post("/Fax/Pbx.BulkFaxDelete", {"ids": []})
    api.send("PUT", "/Fax(1)", json={})
    assert [(r.method, r.status) for r in pbx.writes] == [("POST", 204), ("PUT", 405)]
    pbx.clear_log()
    assert (pbx.requests, pbx.writes, pbx.sign_ins) == ([], [], 1)


def test_state_changes_behind_the_apis_back(pbx: SimulatedPbx, api: Api) -> None:
    before = api.one("/Fxs('001122334455')")["@odata.etag"]
    stored = pbx.put("Fxs", {"MacAddress": "001122334455", "Name": "New"})
    assert stored["Name"] == "New"
    assert stored["Brand"] == "Grandstream"
    assert api.one("/Fxs('001122334455')")["@odata.etag"] != before
    assert pbx.remove("Fxs", "001122334455") is True
    assert pbx.remove("Fxs", "001122334455") is False
    assert [row["MacAddress"] for row in pbx.entities("Fxs")] == ["0080f0aabbcc"]
    assert pbx.writes == []


def test_entities_are_copies(pbx: SimulatedPbx, api: Api) -> None:
    pbx.entities("Users")[0]["Groups"].clear()
    assert api.rows("/Users", expand="Groups")[0]["Groups"]


def test_reset_starts_over(pbx: SimulatedPbx, api: Api) -> None:
    pbx.remove("PhoneLogos", "company.png")
    pbx.reset()
    assert len(pbx.entities("PhoneLogos")) == 2
    assert (pbx.requests, pbx.sign_ins) == ([], 0)
    refused(api.get("/Fax"), 401)


def test_the_control_endpoints_do_the_same(pbx: SimulatedPbx, api: Api) -> None:
    control = f"{pbx.url}/_simulator"
    api.post("/Fax", {})
    assert [r["path"] for r in BARE.get(f"{control}/writes").json()] == ["/xapi/v1/Fax"]
    assert [r["body"] for r in BARE.get(f"{control}/requests").json()][1] == "{}"
    assert BARE.get(f"{control}/sign-ins").json() == {"count": 1}
    assert len(BARE.get(f"{control}/entities/PhoneLogos").json()) == 2
    assert BARE.get(f"{control}/entities/Nonsense").status_code == 404
    row = {"Filename": "new.png", "DisplayName": "New"}
    assert BARE.post(f"{control}/entities/PhoneLogos", json=row).json() == row
    assert BARE.post(f"{control}/entities/PhoneLogos", json={"Nope": 1}).status_code == 400
    assert BARE.delete(f"{control}/entities/PhoneLogos", params={"key": "new.png"}).status_code == 204
    assert BARE.delete(f"{control}/entities/PhoneLogos", params={"key": "new.png"}).status_code == 404
    assert BARE.post(f"{control}/fail", json={"path": "/Fax", "status": 503}).status_code == 204
    assert api.get("/Fax").status_code == 503
    wrongs: tuple[object, ...] = (
        {"nonsense": 1},
        {"path": 5},
        [],
        {"path": "x", "times": "y"},
        {"path": "x", "delay": "y"},
        {"path": "x", "drip": "y"},
        {"path": "x", "status": "503"},
        {"path": "x", "headers": 5},
    )
    for wrong in wrongs:
        assert BARE.post(f"{control}/fail", json=wrong).status_code == 400, wrong
    assert api.get("/x").status_code == 404
    assert BARE.post(f"{control}/revoke").status_code == 204
    refused(api.get("/Fax"), 401)
    assert BARE.delete(f"{control}/requests").status_code == 204
    assert BARE.get(f"{control}/requests").json() == []
    assert BARE.post(f"{control}/reset").status_code == 204
    assert len(pbx.entities("Fax")) == 3


# seeds


def test_a_seed_may_be_a_file_or_a_mapping(tmp_path: Path, pbx_factory: Factory) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text("Fax: [{Number: '77', AuthID: x}]\nMailSettings: {MailServer: smtp.example.net}\n")
    api = Api(pbx_factory(file))
    assert [row["Number"] for row in api.rows("/Fax")] == ["77"]
    assert api.one("/MailSettings")["MailServer"] == "smtp.example.net"
    assert [row["Name"] for row in api.rows("/Groups")] == ["DEFAULT"]
    assert Api(pbx_factory({"PhoneLogos": [{"Filename": "a.png"}]})).rows("/Fax") == []


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ({"Nonsense": []}, "no entity set or singleton called Nonsense"),
        ({"Fax": [{"Nope": 1}]}, "Fax, row 1: there is no property Nope"),
        ({"Fax": [{"AuthID": 5}]}, "AuthID cannot be 5"),
        ({"Fax": {}}, "give a list"),
        ({"Fxs": [{"Name": "x"}]}, "lacks its key"),
        ({"Queues": [{"Agents": [{"Number": "1"}]}]}, "NOT_FOUND in Agents"),
        ({"Groups": [{"Name": "A"}, {"Name": "A"}]}, r"Groups, row 2 \(Name A\): WARNINGS.XAPI.DUPLICATE in Name"),
        ({"Users": [{"Number": "100"}, {"Number": "100"}]}, r"Users, row 2 \(Number 100\): the number 100 is taken"),
        (
            {"Users": [{"Number": "100"}], "Fax": [{"Number": "100"}]},
            r"Fax, row 1 \(Number 100\): the number",
        ),
        ({"Users": [{"Number": "1"}, {"Id": 50, "Number": "2"}, {"Id": 50, "Number": "1"}]}, "the number 1 is taken"),
        ({"Firmwares": [{"Id": ""}]}, "lacks its key, Id"),
        ({"Peers": [{"Number": "1"}]}, "Peers is worked out"),
        ({"MyUser": {"FirstName": "x"}}, "MyUser is worked out"),
        ({"MyGroup": {"Name": "x"}}, "MyGroup is worked out"),
        ({"clients": {}}, "clients must be a list"),
        ({"clients": [{"id": "x"}]}, "clients need id and secret"),
        ({"clients": [{"id": "x", "secret": "y", "sekret": "z"}]}, "clients know no sekret"),
        ({"people": [{"username": "a"}]}, "people need username and password"),
        ({"people": [{"username": "a", "password": "b", "code": "c"}]}, "people know no code"),
        ({"clients": [{"id": 1, "secret": "y"}, {"id": "1", "secret": "z"}]}, "clients has 1 twice"),
        ({"Users": None}, "Users is an entity set"),
        ({"MailSettings": None}, "MailSettings: a row is a mapping"),
    ],
)
def test_a_bad_seed_says_what_is_wrong_in_one_line(seed: dict[str, object], message: str) -> None:
    with pytest.raises(SeedError, match=message) as caught:
        SimulatedPbx(seed)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("text", ["Users: [\n", "- a\n", "\x00", "a: !!python/name:os.system"])
def test_a_file_that_is_no_seed_is_refused_in_one_line(tmp_path: Path, text: str) -> None:
    file = tmp_path / "seed.yaml"
    file.write_text(text)
    with pytest.raises(SeedError) as caught:
        SimulatedPbx(file)
    assert "\n" not in str(caught.value)


def test_a_seed_without_departments_has_one_its_users_belong_to(pbx_factory: Factory) -> None:
    api = Api(pbx_factory({"Users": [{"Number": "100"}]}))
    user = api.rows("/Users", expand="Groups")[0]
    assert [(group["Name"], group["GroupId"]) for group in user["Groups"]] == [("DEFAULT", user["PrimaryGroupId"])]


def test_what_is_put_takes_nobodys_number(pbx: SimulatedPbx) -> None:
    with pytest.raises(SeedError, match="the number 888 is taken"):
        pbx.put("Fax", {"Number": "888"})
    assert len(pbx.entities("Fax")) == 3


def test_the_built_in_company_has_what_the_demo_needs(pbx: SimulatedPbx) -> None:
    assert "yealink-t46s-66.86.0.15" in [row["Id"] for row in pbx.entities("Firmwares")]
    assert [row["Filename"] for row in pbx.entities("PhoneLogos")] == ["old-logo.png", "company.png"]
    assert "001122334455" in [row["MacAddress"] for row in pbx.entities("Fxs")]
    assert [len(pbx.entities(name)) for name in ("Firmwares", "Fxs", "Fax", "CallFlowApps")] == [3, 2, 3, 2]
    assert (pbx.client_id, pbx.client_secret) == ("900", "simulated-secret-of-900")


@pytest.mark.parametrize("release", ["20", "abc", "20.0.10-beta", "20.0.4", "1.2.3", "", "20..10", "20.0.-5"])
def test_a_release_that_is_none_is_refused(release: str) -> None:
    with pytest.raises(ValueError, match="a release"):
        SimulatedPbx(release=release)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_is_none_is_refused(port: int) -> None:
    with pytest.raises(ValueError, match="a port"):
        SimulatedPbx(port=port)


# TLS and the command


def test_tls_with_a_throw_away_authority(pbx_factory: Factory) -> None:
    pbx = pbx_factory(tls=True)
    assert pbx.url.startswith("https://")
    assert pbx.ca_path is not None
    assert Api(pbx).get("/Fax").status_code == 200
    with pytest.raises(httpx.ConnectError):
        BARE.get(pbx.url)
    pbx.close()
    assert not os.path.exists(pbx.ca_path)


def test_the_command_prints_where_it_listens_and_stops_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "pbx_simulator.cli", "--port", "0", "--release", "20.0.8", "--no-etags"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        assert line.startswith("Simulated PBX 20.0.8 at http://127.0.0.1:")
        assert line.endswith("(client id 900, client secret simulated-secret-of-900)\n")
        url = line.split(" at ")[1].split(" ")[0]
        assert BARE.get(f"{url}/_simulator/sign-ins").json() == {"count": 0}
    finally:
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_the_command_leaves_no_certificate_behind_when_told_to_stop(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pbx_simulator.cli", "--port", "0", "--tls"]
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    line = process.stdout.readline()
    try:
        trust = Path(line.rstrip().removesuffix(")").split("trust ")[1])
        assert trust.is_file()
    finally:
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors, list(tmp_path.iterdir())) == (0, "", [])


def test_the_command_says_what_is_wrong_in_one_line(
    tmp_path: Path, pbx: SimulatedPbx, capsys: pytest.CaptureFixture[str]
) -> None:
    missing, broken = tmp_path / "none.yaml", tmp_path / "broken.yaml"
    broken.write_text("openapi: 3.0.4\npaths: {}\n")
    for given, message in (
        (["--seed", str(missing)], f"cannot read {missing}: No such file or directory"),
        (["--seed", str(tmp_path)], f"cannot read {tmp_path}: Is a directory"),
        (["--document", str(broken)], f"{broken} does not describe XAPI v1, or is cut off"),
        (["--port", "65536"], "a port is a number from 0 to 65535, not 65536"),
        (["--port", str(pbx.port)], f"cannot listen on 127.0.0.1:{pbx.port}: Address already in use"),
        (["--release", "abc"], "a release is at least three numbers with dots, from 20.0.5 on, not 'abc'"),
    ):
        assert main(["--port", "0", *given]) == 1
        assert capsys.readouterr() == ("", f"threecx-simulator: {message}\n")


@pytest.mark.parametrize("given", [["--nonsense"], ["--port", "x"], ["--release"], ["more"]])
def test_the_command_refuses_options_it_does_not_know(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(given)
    assert caught.value.code == 2
    assert "Traceback" not in capsys.readouterr().err


def test_an_ipv6_address_is_listened_on_too(pbx_factory: Factory) -> None:
    if not socket.has_ipv6 or not Path("/proc/net/if_inet6").exists():
        pytest.skip("this machine has no IPv6")
    try:
        pbx = pbx_factory(host="::1", tls=True)
    except OSError as error:
        pytest.skip(f"::1 cannot be listened on: {error.strerror}")
    assert pbx.url.startswith("https://[::1]:")
    assert Api(pbx).get("/Fax").status_code == 200


# the document


def test_the_document_is_parsed_once_and_kept_as_json(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    small = tmp_path / "small.yaml"
    small.write_text("openapi: 3.0.4\npaths: {}\n")
    assert document.load(small) is document.load(small)
    kept = list((tmp_path / "cache" / "threecx-simulator").iterdir())
    assert [file.suffix for file in kept] == [".json"]
    assert kept[0].stat().st_mode & 0o777 == 0o600
    kept[0].write_text("{ broken")
    again = tmp_path / "again.yaml"
    again.write_bytes(small.read_bytes())
    assert document.load(again) == {"openapi": "3.0.4", "paths": {}}


def test_a_cache_others_may_write_to_is_not_believed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    small = tmp_path / "one.yaml"
    small.write_text("openapi: 3.0.4\npaths: {}\ninfo: one\n")
    document.load(small)
    kept = next((tmp_path / "cache" / "threecx-simulator").iterdir())
    kept.write_text('{"paths": {"/planted": {}}}')
    kept.chmod(0o666)
    twin = tmp_path / "twin.yaml"
    twin.write_bytes(small.read_bytes())
    assert document.load(twin)["paths"] == {}


CUT = "openapi: 3.0.4\npaths: {/Fax: {get: {responses: {}}}}\ncomponents: {schemas: {}}\n"


@pytest.mark.parametrize(
    "text", ["[", "openapi: 2.0", "- 1", "openapi: 3.0.4", "openapi: 3.0.4\npaths: []\ncomponents: []", CUT]
)
def test_what_is_no_document_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "bad.yaml"
    file.write_text(text)
    with pytest.raises(document.DocumentError) as caught:
        SimulatedPbx(document=file)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("release", "operations"), [("20.0.5", 531), ("20.0.8", 571)])
def test_an_older_releases_own_document_drives_it_too(pbx_factory: Factory, release: str, operations: int) -> None:
    vendor = Path(__file__).resolve().parents[4] / "shared" / "vendor" / f"xapi-v1-{release}.yaml"
    if not vendor.is_file():
        pytest.skip(f"{vendor.name} of the vendor is not here")
    pbx = pbx_factory(release=release, document=vendor)
    served = BARE.get(f"{pbx.url}/xapi/v1/swagger.json").json()
    methods = {"get", "post", "patch", "put", "delete"}
    assert sum(method in methods for item in served["paths"].values() for method in item) == operations
    api = Api(pbx)
    assert [row["LastName"] for row in api.rows("/Users", filter="Number eq '100'")] == ["Moreno"]
    old, new = "/Parkings/Pbx.GetByNumber(number='SP1')", "/Parkings(Number='SP1')"
    assert api.one(old if release == "20.0.5" else new)["Number"] == "SP1"
    assert api.delete("/PhoneLogos('old-logo.png')").status_code == 204
