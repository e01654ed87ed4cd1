"""`threecx lint` as a command: its options, reports and exit status."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pbx_as_code.callflow.lint import all_rules
from pbx_simulator import SimulatedPbx
from tests.callflow.lint_company import planted, write
from tests.cli.conftest import Threecx


def test_the_command_tells_level_place_reason_and_remedy(threecx: Threecx, tmp_path: Path) -> None:
    [text] = planted("no-second-factor")
    directory = str(write(tmp_path / "files", text))
    done = threecx("lint", directory)
    assert (done.status, "0 errors, 0 warnings, 1 note; 0 ignored." in done.out) == (0, True)
    assert "company.yml:" in done.out
    assert all_rules()["no-second-factor"].fix in done.out
    assert threecx("lint", directory, "--fail-on", "note").status == 2
    assert threecx("lint", directory, "--fail-on", "note", "--ignore", "no-second-factor").status == 0
    assert threecx("lint", directory, "--json", "--rule", "no-members").json["findings"] == []
    wrong = threecx("lint", directory, "--rule", "no-membrs")
    assert (wrong.status, "did you mean no-members?" in wrong.err) == (1, True)
    assert "There is no directory nowhere" in threecx("lint", "nowhere").err
    for id_ in all_rules():
        assert id_ in threecx("lint", "--rules").out


def test_reports_for_ci_are_what_their_readers_expect(
    threecx: Threecx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    [text] = planted("disabled-destination")
    directory = write(tmp_path / "files", text)
    sarif, junit = tmp_path / "lint.sarif", tmp_path / "lint.xml"
    done = threecx("lint", str(directory), "--sarif", str(sarif), "--junit", str(junit), "--fail-on", "warning")
    assert done.status == 2
    [run] = json.loads(sarif.read_text())["runs"]
    [result] = run["results"]
    assert result["ruleId"] in {one["id"] for one in run["tool"]["driver"]["rules"]}
    [location] = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == (directory / "company.yml").as_uri()
    monkeypatch.chdir(tmp_path)
    Path("with blanks").mkdir()
    directory = write(Path("with blanks/files"), text)
    threecx("lint", str(directory), "--sarif", "lint.sarif")
    [result] = json.loads(Path("lint.sarif").read_text())["runs"][0]["results"]
    [location] = result["locations"]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "with%20blanks/files/company.yml"
    suite = ElementTree.fromstring(junit.read_text())
    assert (suite.get("failures"), suite.get("tests")) == ("1", str(len(all_rules()) + 1))
    assert [case.get("name") for case in suite if case.find("failure") is not None] == ["disabled-destination"]


def test_a_pbx_is_only_read(simulated: SimulatedPbx, threecx: Threecx, tmp_path: Path) -> None:
    profiles = tmp_path / "threecx"
    profiles.mkdir()
    (profiles / "config.toml").write_text(
        f'[profiles.acme]\nurl = "{simulated.url}"\nclient_id = "{simulated.client_id}"\nclient_secret_env = "SECRET"\n'
    )
    more = {"XDG_CONFIG_HOME": str(tmp_path), "SECRET": simulated.client_secret}
    done = threecx("lint", "profile:acme", "--json", **more)
    assert done.status == 2
    assert simulated.writes == []
    pins = {user["VMPIN"] for user in simulated.entities("Users")} - {
        user["Number"] for user in simulated.entities("Users")
    }
    assert {one["rule"] for one in done.json["findings"]} >= {"weak-pin", "no-second-factor"}
    assert not [pin for pin in pins if pin and f'"{pin}"' in done.out]


def test_layers_are_one_configuration_and_their_comments_count(threecx: Threecx, tmp_path: Path) -> None:
    [text] = planted("no-second-factor")
    standard, own = write(tmp_path / "standard", text), tmp_path / "own"
    own.mkdir()
    (own / "more.yml").write_text(
        "ring_groups:\n# lint: ignore no-members the team starts in May\n- {number: '899', name: New, members: []}\n"
        "# lint: ignore no-membrs typing\n"
    )
    both = ("lint", "-f", str(standard), "-f", str(own), "--json")
    found = threecx(*both).json
    [wrong] = [one for one in found["findings"] if one["rule"] == "bad-ignore"]
    assert (wrong["file"], wrong["line"]) == (f"{own}/more.yml", 4)
    assert "no-members" not in {one["rule"] for one in found["findings"]}
    assert "no-members" in {one["rule"] for one in found["ignored"]}
    assert "the last one wins" in threecx("lint", str(own), "-f", str(standard)).err
