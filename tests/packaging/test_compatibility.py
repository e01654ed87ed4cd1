"""docs/compatibility.md shows the results that `make matrix` has kept, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import compatibility
from tests.compatibility import MATRIX, PAGE, Counted, Result, counted, page, read, record

JUNIT = """<testsuites><testsuite>
<testcase name="test_a[20.0.5]"/>
<testcase name="test_b[20.0.10-user]"><failure message="x"/></testcase>
<testcase name="test_c[20.0.10]"><skipped/></testcase>
<testcase name="test_d"><error/></testcase>
</testsuite></testsuites>"""


def test_the_page_shows_the_kept_results() -> None:
    assert PAGE.read_text() == page(read()), "python -m tests.compatibility writes it again"
    for result in read():
        assert result.passed + len(result.failed) > 0, "a run without tests proves nothing"


def test_every_cell_is_shown_with_its_result_or_as_not_run() -> None:
    result = Result("ansible-core", "2.19.99", "3.12.7", "0.9.0", "2026-01-31", 51, 1, ["test_one"], "passes alone")
    shown = page([result]).splitlines()
    assert (
        "| 2.19.99 | 3.12.7 | 0.9.0 | 2026-01-31 | 51 passed, 1 failed (test_one), 1 skipped; passes alone |" in shown
    )
    assert sum("not run yet" in line for line in shown) == sum(len(pythons) for _, pythons in MATRIX) - 1 + 5


def test_a_result_replaces_that_of_the_same_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compatibility, "RESULTS", tmp_path / "results.json")
    monkeypatch.setattr(compatibility, "PAGE", tmp_path / "page.md")
    compatibility.RESULTS.write_text("[]")
    for core, python, passed in (
        ("2.20.1", "3.12.0", 1),
        ("2.9.1", "3.12.0", 2),
        ("2.20.4", "3.12.3", 3),
        ("2.20.4", "3.13.0", 4),
    ):
        record(Result.of_today("ansible-core", core, python, Counted(passed=passed)))
    kept = json.loads(compatibility.RESULTS.read_text())
    assert [(each["release"], each["passed"]) for each in kept] == [("2.9.1", 2), ("2.20.4", 3), ("2.20.4", 4)]
    assert "| 2.20.4 | 3.12.3 |" in compatibility.PAGE.read_text()


def test_outcomes_are_counted_by_group(tmp_path: Path) -> None:
    file = tmp_path / "junit.xml"
    file.write_text(JUNIT)
    assert counted(file) == {"": Counted(1, 1, {"test_b[20.0.10-user]", "test_d"})}
    assert counted(file, r"\[(\d+\.\d+\.\d+)") == {
        "20.0.5": Counted(1),
        "20.0.10": Counted(0, 1, {"test_b[20.0.10-user]"}),
    }
