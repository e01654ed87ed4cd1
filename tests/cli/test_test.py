"""`threecx test` as a command."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

from tests.callflow.lint_company import write
from tests.cli.conftest import Threecx

_CALLS = """\
calls:
- {call: "+15550101", at: 2026-11-30 10:00, expect: [queue 800, voicemail 101]}
- {dial: "112", extension: "101", expect: [trunk 10000, external 112], caller_id: "+15550100"}
- {dial: "0049", extension: "101", expect: [external "049"]}
"""


def test_expectations_are_recorded_and_checked(threecx: Threecx, tmp_path: Path) -> None:
    directory = str(write(tmp_path / "acme"))
    missing = threecx("test", directory)
    assert (missing.status, "threecx test --record" in missing.err) == (1, True)
    assert threecx("test", directory, "--record").status == 0
    again = threecx("test", directory, "--record")
    assert (again.status, "calls.yml already" in again.err) == (1, True)
    junit = tmp_path / "calls.xml"
    done = threecx("test", directory, "--json", "--junit", str(junit))
    assert (done.status, done.json["counts"]) == (0, {"ok": 2})
    assert ElementTree.fromstring(junit.read_text()).get("failures") == "0"


def test_what_is_not_fulfilled_exits_with_2(threecx: Threecx, tmp_path: Path) -> None:
    directory = write(tmp_path / "acme")
    (directory / "calls.yml").write_text(_CALLS.replace(' "049"', " 049"))
    done = threecx("test", str(directory))
    assert done.status == 0, done.out
    (directory / "calls.yml").write_text(_CALLS.replace("queue 800", "ring_group 810"))
    done = threecx("test", str(directory))
    assert done.status == 2
    assert "failed: +15550101 at 2026-11-30 10:00 (calls.yml:2:3): It does not come to ring group 810" in done.out
    assert "company.yml:" in done.out, "the trace names the files"
    assert threecx("validate", str(directory)).status == 0
