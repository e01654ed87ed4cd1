"""That the report can be made, without measuring anything: table, JSON, plots, and the exit status."""

from __future__ import annotations

import io
import json
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from tests.bench import __main__ as command
from tests.bench import report as reports
from tests.bench import rounds
from tests.bench.figures import Figure, Findings, Growth, Line, missing, spread
from tests.bench.playbooks.plays import marginal, uri
from tests.bench.plots import comparisons
from tests.bench.report import Report

MACHINE = {"machine": "one of two cores", "python": "CPython 3.11", "ansible-core": "2.19", "commit": "abc"}


def within(value: float | None) -> Figure:
    """Something with a target of 10 ms."""
    return Figure("something", value, "ms", 3, side="threecx.xapi").aim("<= 10 ms", lambda v: v <= 10)


def found(value: float | None = 5.0) -> Findings:
    """Findings with all there is."""
    other = Figure("  the same by uri", 100.0, "ms", 3, side="ansible.builtin.uri")
    lines = [Line("threecx.xapi", [(1, 9.0), (10, 5.0), (100, 4.0)], "ms"), Line("debug", [(1, 2.0), (100, 2.0)], "ms")]
    return Findings(
        [within(value), other, missing("  a client", "could not be installed here")],
        [Growth("time for each item", "items", "ms", lines, first="signs in")],
    )


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folder to which the report is written."""
    monkeypatch.setattr(reports, "BUILD", tmp_path)
    return tmp_path


def text(report: Report) -> str:
    """The report as printed in the terminal."""
    console = Console(file=io.StringIO(), width=140)
    report.show(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(("value", "met"), [(10.0, True), (10.1, False), (None, False), (0.0, False), (-0.1, False)])
def test_a_target_is_met_or_missed(value: float | None, met: bool) -> None:
    figure = within(value)
    assert figure.met is met
    assert Report(MACHINE, {"tasks": Findings([figure])}).missed == ([] if met else [figure])


def test_a_figure_without_a_target_is_not_missed() -> None:
    assert Report(MACHINE, {"tasks": Findings([Figure("something", 1e9, "ms", 1), missing("x", "why")])}).missed == []


def test_the_table_says_everything_and_what_it_was_measured_on() -> None:
    shown = text(Report(MACHINE, {"tasks": found(12.0)}))
    for words in (
        *MACHINE.values(),
        "tasks",
        "something",
        "12.0 ms",
        "<= 10 ms",
        "MISSED",
        "could not be installed here",
    ):
        assert words in shown


def test_the_json_holds_every_figure_and_every_point(build: Path) -> None:
    Report(MACHINE, {"tasks": found(12.0)}).write(build)
    written: dict[str, Any] = json.loads((build / "report.json").read_text())
    assert {name: written[name] for name in MACHINE} == MACHINE
    first, other, gone = written["groups"]["tasks"]["figures"]
    assert (first["value"], first["unit"], first["runs"], first["target"], first["met"]) == (
        12,
        "ms",
        3,
        "<= 10 ms",
        False,
    )
    assert (other["met"], gone["value"], gone["note"]) == (None, None, "could not be installed here")
    assert written["groups"]["tasks"]["growth"][0]["lines"][0]["points"] == [[1, 9], [10, 5], [100, 4]]
    assert written["missed"] == ["something"]


def test_the_plots_are_svg_and_the_same_for_the_same_findings(build: Path) -> None:
    report = Report(MACHINE, {"tasks": found()})
    names = [path.name for path in report.write(build)]
    assert names == ["report.json", "comparisons.svg", "growth.svg"]
    before = [(build / name).read_bytes() for name in names]
    for content in before[1:]:
        assert ElementTree.fromstring(content).tag == "{http://www.w3.org/2000/svg}svg"
    report.write(build)
    assert [(build / name).read_bytes() for name in names] == before


def test_a_plot_of_an_earlier_run_does_not_stay_beside_the_report_of_another(build: Path) -> None:
    Report(MACHINE, {"tasks": found()}).write(build)
    Report(MACHINE, {"generate": Findings([within(5.0)])}).write(build)
    assert sorted(path.name for path in build.iterdir()) == ["report.json"]


def test_what_stands_below_a_row_in_the_same_unit_is_compared_with_it() -> None:
    seconds = [Figure("reading", 1.0, "s", 3, side="ours"), Figure("  by httpx", 2.0, "s", 3, side="httpx")]
    memory = [Figure("  peak memory", 50.0, "MB", 3, side="ours"), Figure("  httpx", 60.0, "MB", 3, side="httpx")]
    alone = [Figure("generate", 9.0, "s", 3, side="ours"), Figure("  by it", 2.0, "x", 3)]
    assert [(title, unit) for title, unit, _ in comparisons(seconds + memory + alone)] == [
        ("reading", "s"),
        ("reading: peak memory", "MB"),
    ]


@pytest.mark.parametrize(("value", "status"), [(5.0, 0), (12.0, 1)])
def test_the_command_fails_where_a_target_is_missed(
    value: float, status: int, build: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def module(name: str) -> SimpleNamespace:
        assert name == "tests.bench.playbooks.tasks"
        return SimpleNamespace(measure=lambda: found(value))

    monkeypatch.setattr(command, "import_module", module)
    assert command.main(["tasks"]) == status
    output = capsys.readouterr()
    assert ("missed: something: 12.0 ms, <= 10 ms" in output.err) is bool(status)
    assert (build / "report.json").exists()


def test_the_command_knows_its_groups(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        command.main(["everything"])
    assert stopped.value.code == 2
    assert "there is no group everything" in capsys.readouterr().err


@pytest.mark.parametrize("group", command.GROUPS)
def test_every_group_can_be_measured(group: str) -> None:
    assert callable(import_module(f"tests.bench.{command.GROUPS[group]}").measure)


def test_the_sides_take_turns_and_what_warms_up_does_not_count() -> None:
    order: list[str] = []

    def side(name: str) -> rounds.Measure:
        def measure() -> float:
            order.append(name)
            return float(len(order))

        return measure

    measured = rounds.interleave({"a": side("a"), "b": side("b")}, 3, warm=1)
    assert "".join(order) == "abababab"
    assert measured == {"a": [3, 5, 7], "b": [4, 6, 8]}
    assert rounds.medians(measured) == {"a": 5, "b": 6}


def test_the_marginal_cost_is_the_difference_of_two_plays_by_what_lies_between() -> None:
    assert marginal([3.0, 9.0, 3.5], [1.0, 1.0, 1.0], 20) == pytest.approx(125)


def test_flat_is_one_and_what_only_the_first_one_costs_does_not_count() -> None:
    line = Line("ours", [(1, 100.0), (10, 5.0), (100, 6.0)], "ms")
    assert spread(line, 10) == pytest.approx(1.2)
    assert spread(line, 1) == pytest.approx(20)


def test_noise_does_not_pass_for_flat() -> None:
    assert spread(Line("ours", [(10, -76.0), (100, 5.0)], "ms"), 10) is None
    assert spread(Line("ours", [(10, -5.0), (100, -4.0)], "ms"), 10) is None


def test_a_request_by_hand_leaves_the_templates_to_ansible() -> None:
    task = uri("Fax({{ item }})", method="DELETE", status=204, more="      loop: [1]\n")
    assert "/xapi/v1/Fax({{ item }})" in task
    assert "Bearer {{ token | default(lookup('env', 'BENCH_TOKEN')) }}" in task
    assert task.endswith("      loop: [1]\n")


def test_parts_of_a_group_run_alone(
    build: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    module = import_module("tests.bench.configuring")
    monkeypatch.setitem(module.PARTS, "far", found)
    assert command.main(["config:far"]) == 0
    assert "config:far" in json.loads((build / "report.json").read_text())["groups"]
    with pytest.raises(SystemExit):
        command.main(["config:nearby"])
    assert "there is no group config:nearby" in capsys.readouterr().err
