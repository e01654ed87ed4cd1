"""`threecx drift`: a value that could not be compared is said, and is never equal."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # only texts of ours are parsed
from pathlib import Path

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx


def cases(path: Path) -> dict[str, list[str]]:
    """The outcomes of each test case by its name; none is a success."""
    suite = ET.fromstring(path.read_text())
    counts = {name: int(suite.get(name, "-1")) for name in ("failures", "errors", "skipped")}
    found = {case.get("name", ""): [outcome.tag for outcome in case] for case in suite}
    tags = [tag for outcomes in found.values() for tag in outcomes]
    assert counts == {
        "failures": tags.count("failure"),
        "errors": tags.count("error"),
        "skipped": tags.count("skipped"),
    }
    assert suite.get("tests") == str(len(found))
    return found


def test_credentials_alone_are_no_failure(threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "trunks: [{number: '10000', simultaneous_calls: 10, auth_password: !secret x}]\nusers: [{number: '100'}]\n"
    )
    report = tmp_path / "drift.xml"
    done = threecx("drift", str(tmp_path), "--junit", str(report), pbx=shared_pbx)
    assert done.status == 0
    assert "? not compared: trunk 10000 auth_password" in done.out
    assert cases(report) == {"trunk 10000": ["skipped"], "user 100": []}


def test_what_a_list_does_not_show_is_neither_equal_nor_drift(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path
) -> None:
    app = shared_pbx.entities("CallFlowApps")[0]["Number"]
    declared = f"call_flow_apps: [{{number: '{app}', script_code: x}}]\nusers: [{{number: '100'}}]\n"
    (tmp_path / "a.yml").write_text(declared)
    report = tmp_path / "drift.xml"
    arguments = ("drift", str(tmp_path), "--junit", str(report))
    done = threecx(*arguments, pbx=shared_pbx)
    assert done.status == 1
    assert "does not show it in a list" in done.out
    assert ["error"] in cases(report).values()
    (tmp_path / "b.yml").write_text("users: [{number: '101', mobile: '+15550177'}]\n")
    assert threecx(*arguments, pbx=shared_pbx).status == 2
    assert cases(report)["user 101"] == ["failure"]


def test_a_kind_that_this_release_lacks_is_no_agreement(threecx: Threecx, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("ai_settings: {}\nusers: [{number: '100'}]\n")
    with SimulatedPbx(release="20.0.5") as pbx:
        done = threecx("drift", str(tmp_path), "--json", pbx=pbx)
        assert done.status == 1
        assert [one["kind"] for one in done.json["uncompared"]] == ["ai_settings"]
