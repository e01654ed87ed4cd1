"""`threecx plan|apply|drift --fleet`: many PBXs, a shared layer, and what happens if some of them fail."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import wait
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml

from pbx_simulator import AS_SEEN, SimulatedFleet, SimulatedPbx
from tests.cli.conftest import Ran, Threecx

_STANDARD = "anti_hacking_settings:\n  hack_auth_requests: 37\nusers:\n- {number: '100', language: DE}\n"
_DEFAULTS = {"client_secret_env": "SECRET", "layers": ["standard"]}
Fleet = Callable[..., Ran]


@pytest.fixture(scope="module")
def simulated() -> Iterator[SimulatedFleet]:
    with SimulatedFleet(6, traits=AS_SEEN) as pbxs:
        yield pbxs


@pytest.fixture
def pbxs(simulated: SimulatedFleet) -> list[SimulatedPbx]:
    """Six PBXs as they were at the start."""
    for pbx in simulated:
        pbx.reset()
    return list(simulated)


@pytest.fixture
def fleet(pbxs: list[SimulatedPbx], threecx: Threecx, tmp_path: Path) -> Fleet:
    """Run a command on a fleet file that names all PBXs; `lost` adds one that is not there, `canary` marks one."""
    (tmp_path / "standard").mkdir()
    (tmp_path / "standard" / "all.yml").write_text(_STANDARD)

    def run(command: str, *arguments: str, lost: bool = False, canary: str = "", **more: object) -> Ran:
        declared = {
            f"pbx{number}": {"url": pbx.url, **({"canary": True} if canary == f"pbx{number}" else {})}
            for number, pbx in enumerate(pbxs)
        }
        if lost:
            declared["lost"] = {"url": "http://127.0.0.1:9"}
        said = {
            "defaults": {"client_id": pbxs[0].client_id, **_DEFAULTS},
            "pbxs": declared,
            **more,
        }
        path = tmp_path / "fleet.yml"
        path.write_text(yaml.safe_dump(said, sort_keys=False))
        return threecx(command, "--fleet", str(path), *arguments, SECRET=pbxs[0].client_secret)

    return run


def test_exceptions_from_a_standard_are_what_drifts(fleet: Fleet, pbxs: list[SimulatedPbx], tmp_path: Path) -> None:
    applied = fleet("apply", "--yes", "--json")
    assert applied.status == 0, applied.out
    assert applied.json["counts"] == {"applied": 6}
    for number, language in ((1, "FR"), (4, "IT")):
        user = next(row for row in pbxs[number].entities("Users") if row["Number"] == "100")
        pbxs[number].put("Users", {"Id": user["Id"], "Language": language})
    page, junit, markdown = (tmp_path / name for name in ("drift.html", "drift.xml", "drift.md"))
    for pbx in pbxs:
        pbx.clear_log()
    done = fleet(
        "drift", "--json", "--html", str(page), "--junit", str(junit), "--markdown", str(markdown), lost=True
    )  # fmt: skip
    assert done.status == 1, "one is unreachable"
    assert {one["name"]: one["state"] for one in done.json["pbxs"]} == {
        "pbx0": "equal", "pbx1": "differs", "pbx2": "equal", "pbx3": "equal", "pbx4": "differs", "pbx5": "equal",
        "lost": "unreachable",
    }  # fmt: skip
    assert not any(
        "host_port" in text for text in (done.out, page.read_text(), markdown.read_text(), junit.read_text())
    )
    assert [pbx.writes for pbx in pbxs] == [[]] * 6
    text = page.read_text()
    for expected in ("FR", "IT", "unreachable", "all.yml"):
        assert expected in text
    assert "://" not in text.replace("http://127.0.0.1", "")
    suite = ElementTree.fromstring(junit.read_text())
    assert (suite.get("failures"), suite.get("errors"), suite.get("tests")) == ("2", "1", "7")
    assert "## pbx1: differs" in markdown.read_text()
    assert "pbx0" not in markdown.read_text()


def test_an_undeclared_object_of_a_complete_kind_is_drift(
    fleet: Fleet, pbxs: list[SimulatedPbx], tmp_path: Path
) -> None:
    spots = ", ".join(f"{{number: {row['Number']}}}" for row in pbxs[0].entities("Parkings"))
    (tmp_path / "standard" / "all.yml").write_text(f"pbx: {{complete: [parkings]}}\nparkings: [{spots}]\n")
    assert fleet("drift").status == 0
    pbxs[3].put("Parkings", {"Id": 999, "Number": "SP7"})
    done = fleet("drift", "--html", str(tmp_path / "drift.html"), "--junit", str(tmp_path / "drift.xml"))
    assert done.status == 2
    assert "pbx3: differs" in done.out
    assert "pbx.complete has parkings, but the files do not declare parking SP7" in done.out
    assert "parking SP7</td>" in (tmp_path / "drift.html").read_text()
    assert ElementTree.parse(tmp_path / "drift.xml").getroot().get("failures") == "1"


def test_a_second_apply_has_nothing_to_do(fleet: Fleet) -> None:
    assert fleet("apply", "--yes", "--limit", "pbx0,pbx1", "--json").json["counts"] == {"applied": 2}
    again = fleet("apply", "--yes", "--limit", "pbx0,pbx1", "--json")
    assert (again.status, again.json["counts"]) == (0, {"equal": 2})
    assert fleet("plan", "--limit", "pbx0,pbx1").status == 0
    assert fleet("plan").status == 2


def test_plans_are_written_for_each_pbx_and_can_be_applied(
    fleet: Fleet, pbxs: list[SimulatedPbx], threecx: Threecx, tmp_path: Path
) -> None:
    done = fleet("plan", "--limit", "pbx2", "--out", str(tmp_path / "plans"))
    assert done.status == 2
    assert [path.name for path in (tmp_path / "plans").iterdir()] == ["pbx2.json"]
    applied = threecx("apply", str(tmp_path / "plans" / "pbx2.json"), "--yes", pbx=pbxs[2])
    assert applied.status == 0, applied.err
    assert fleet("plan", "--limit", "pbx2").status == 0


def test_a_failing_canary_spares_the_others(fleet: Fleet, pbxs: list[SimulatedPbx]) -> None:
    pbxs[3].fail(path=r"/Users", method="PATCH", status=400)
    done = fleet("apply", "--yes", "--json", canary="pbx3")
    assert done.status == 1
    assert done.json["counts"] == {"failed": 1, "skipped": 5}
    assert [bool(pbx.writes) for pbx in pbxs] == [False, False, False, True, False, False]
    assert "the canary failed: pbx3" in done.json["pbxs"][0]["why"]


def test_an_apply_stops_after_some_failures(fleet: Fleet, pbxs: list[SimulatedPbx]) -> None:
    for pbx in pbxs[:3]:
        pbx.fail(path=r"/Users", method="PATCH", status=400)
    done = fleet("apply", "--yes", "--json", "--pbxs", "1", max_failures=2)
    assert [one["state"] for one in done.json["pbxs"]] == ["failed", "failed", *["skipped"] * 4]
    assert done.status == 1


def test_a_failed_apply_names_each_failure_and_a_disk_that_is_full(
    fleet: Fleet, pbxs: list[SimulatedPbx], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in ("/Users", "/AntiHackingSettings"):
        pbxs[0].fail(path=path, method="PATCH", status=400)
    done = fleet("apply", "--yes", "--limit", "pbx0,pbx1")
    assert "pbx0: failed: 2 failed" in done.out, done.out
    assert len([line for line in done.out.splitlines() if line.startswith("    failed: update ")]) == 2
    assert "pbx1: applied: 2 done\n" in done.out

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("pbx_as_code.config.applying.journal.Journal.complete", full)
        done = fleet("apply", "--yes", "--limit", "pbx0")
    home = tmp_path / ".threecx" / "pbx0"
    assert (
        f"2 of 2 operations are done, 0 were not successful, the others were not begun. The journal stays in {home}."
        in done.out
    )
    done = fleet("apply", "--yes", "--limit", "pbx0", "--json")
    (one,) = done.json["pbxs"]
    assert (one["state"], len(one["notes"])) == ("equal", 1), (
        "the note of the interrupted apply, and the journal is gone"
    )
    assert "was interrupted" in one["notes"][0]
    assert fleet("apply", "--yes", "--limit", "pbx0", "--json").json["pbxs"][0]["notes"] == []


def test_a_pbx_that_is_equal_gets_its_lock(fleet: Fleet, tmp_path: Path) -> None:
    """As with `threecx apply` and the role: what the files declare is theirs from then on."""
    fleet("apply", "--yes", "--limit", "pbx2")
    lock = tmp_path / ".threecx" / "pbx2" / "threecx.lock"
    before = lock.read_text()
    lock.unlink()
    assert fleet("apply", "--yes", "--limit", "pbx2", "--json").json["counts"] == {"equal": 1}
    assert lock.read_text() == before


def test_ctrl_c_finishes_what_was_begun_and_tells_it(
    fleet: Fleet, pbxs: list[SimulatedPbx], monkeypatch: pytest.MonkeyPatch
) -> None:
    waited = 0

    def interrupted(*arguments: Any, **options: Any) -> Any:
        nonlocal waited
        waited += 1
        if waited == 2:
            raise KeyboardInterrupt
        return wait(*arguments, **options)

    monkeypatch.setattr("pbx_as_code.fleet.running.outcomes.wait", interrupted)
    done = fleet("apply", "--yes", "--json", "--pbxs", "1")
    assert done.status == 130
    states = [(one["state"], one["why"]) for one in done.json["pbxs"]]
    assert states[0] == ("applied", None)
    assert states[1][0] in ("applied", "failed"), "what was begun is waited for, but no further operation is begun"
    assert set(states[2:]) == {("skipped", "It was not begun, because the run was interrupted.")}
    assert [bool(pbx.writes) for pbx in pbxs[2:]] == [False] * 4
    assert "the others were left alone" in done.err
    assert fleet("apply", "--yes", "--json").json["counts"]["equal"] >= 1
    assert fleet("plan").status == 0


def test_alerts_are_on_the_page(fleet: Fleet, pbxs: list[SimulatedPbx], tmp_path: Path) -> None:
    page = tmp_path / "drift.html"
    fleet("drift", "--limit", "pbx0", "--html", str(page))
    assert "TrunksRegistered" not in page.read_text()
    for pbx, ends in ((pbxs[0], "2020-03-01T00:00:00Z"), (pbxs[1], "2999-01-01T00:00:00Z")):
        trunk = pbx.entities("Trunks")[0]
        pbx.put("Trunks", {**trunk, "CertificateExpirationDate": ends})
    pbxs[2].fail(path="/Trunks", method="GET", status=403)
    fleet("drift", "--html", str(page))
    assert page.read_text().count("Stopped: ") == 1, "an alert of many PBXs is told once"
    assert '<details class="names"><summary>6</summary>pbx0, pbx1' in page.read_text()
    assert page.read_text().count("The certificate of trunk ") == 1
    assert "The certificate of trunk 10000 expired on 2020-03-01." in page.read_text()
    done = fleet("drift", "--limit", "pbx0", "--html", str(page), "--json")
    assert all(set(one) == {"about", "text"} for pbx in done.json["pbxs"] for one in pbx["alerts"])


def test_hints_of_a_plan_are_on_the_page(fleet: Fleet, tmp_path: Path) -> None:
    page = tmp_path / "drift.html"
    fleet("drift", "--limit", "pbx0", "--exclude", "users:9999", "--html", str(page))
    assert "<p>--exclude users:9999: There is no user called 9999" in page.read_text()


def test_no_secret_is_in_any_output(fleet: Fleet, pbxs: list[SimulatedPbx], tmp_path: Path) -> None:
    page = tmp_path / "drift.html"
    for arguments in (("drift", "--html", str(page)), ("plan",), ("apply", "--yes"), ("drift", "--json")):
        done = fleet(*arguments, lost=True)
        for text in (done.out, done.err, page.read_text()):
            assert pbxs[0].client_secret not in text
            assert "invented-sip" not in text


def test_bad_input_is_one_sentence(fleet: Fleet, threecx: Threecx, tmp_path: Path) -> None:
    for done, wanted in (
        (fleet("drift", "--limit", "nobody"), "nobody"),
        (fleet("drift", str(tmp_path)), "--fleet does not go with DIRECTORY"),
        (fleet("plan", "-f", str(tmp_path)), "--fleet does not go with -f"),
        (fleet("apply"), "Without a terminal, --yes is needed"),
        (threecx("drift", "--limit", "x", str(tmp_path)), "--limit and --pbxs are for --fleet"),
        (threecx("drift", "--fleet", str(tmp_path / "none.yml")), "none.yml"),
    ):
        assert (done.status, wanted in " ".join(done.err.split())) == (1, True), done.err
        assert "Traceback" not in done.err


def test_files_that_cannot_be_used_fail_their_pbx_only(fleet: Fleet, tmp_path: Path) -> None:
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "x.yml").write_text("users:\n- {number: '100', languag: DE}\n")
    path = tmp_path / "fleet.yml"
    fleet("plan")
    said = yaml.safe_load(path.read_text())
    said["pbxs"]["pbx1"]["layers"] = ["broken"]
    done = fleet("plan", "--json", pbxs=said["pbxs"])
    states = {one["name"]: one for one in done.json["pbxs"]}
    assert (done.status, states["pbx1"]["state"], states["pbx0"]["state"]) == (1, "failed", "differs")
    assert "x.yml:2:19" in states["pbx1"]["why"], json.dumps(states["pbx1"])


def test_a_selection_counts_for_every_pbx(fleet: Fleet, pbxs: list[SimulatedPbx]) -> None:
    assert fleet("apply", "--yes", "--include", "users:100").status == 0
    assert all(write.path.startswith("/xapi/v1/Users") for pbx in pbxs for write in pbx.writes)
    assert fleet("drift", "--include", "users").status == 0
    assert fleet("plan", "--exclude", "users").status == 2
    assert fleet("drift").status == 2


def test_messages_name_settings_of_the_fleet_file(fleet: Fleet, pbxs: list[SimulatedPbx]) -> None:
    """The options of the command and its variables do not go with --fleet."""
    done = fleet("plan", "--json", lost=True, defaults={**_DEFAULTS, "client_id": "901"})
    why = {one["name"]: one["why"] for one in done.json["pbxs"]}
    assert "Check client_id and the client secret that the fleet file names (Integrations > API" in why["pbx0"]
    assert "Check url in the fleet file, and that the PBX is running" in why["lost"]
    assert not any(text in done.out + done.err for text in ("--client-id", "THREECX_", "--url", "host_port"))
    assert [sum(request.path == "/connect/token" for request in pbx.requests) for pbx in pbxs] == [1] * 6
