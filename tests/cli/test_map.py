"""`threecx map` as a command."""

from __future__ import annotations

from pathlib import Path

from pbx_as_code.callflow.map import layout
from tests.callflow.lint_company import write
from tests.cli.conftest import Threecx


def test_each_form_is_written(threecx: Threecx, tmp_path: Path) -> None:
    directory = str(write(tmp_path / "acme"))
    forms = [".dot", *([".svg", ".html"] if layout.program() else [])]
    for form in forms:
        done = threecx("map", directory, "-o", str(tmp_path / f"map{form}"), "--at", "2026-12-25 18:00", "--json")
        assert (done.status, done.json["file"]) == (0, str(tmp_path / f"map{form}"))
        assert (tmp_path / f"map{form}").stat().st_size > 1000
    done = threecx("map", directory, "--number", "15550101", "-o", str(tmp_path / "number.mmd"))
    assert (done.status, "1 picture with 4 ways." in done.out) == (0, True)
    assert "flowchart LR" in (tmp_path / "number.mmd").read_text()


def test_bad_input_is_one_sentence(threecx: Threecx, tmp_path: Path) -> None:
    directory = str(write(tmp_path / "acme"))
    output = str(tmp_path / "map.svg")
    for arguments, wanted in (
        ((directory, "-o", "map.png"), "ends with one of .svg, .html, .mmd, .dot"),
        ((directory, "-o", "map.mmd"), "name the number with --number"),
        ((directory, "-o", output, "--number", "+1999"), "There is no entry number +1999. There are: +15550100"),
        ((directory, "-o", output, "--at", "noon"), "noon is no time. Write: 2026-12-25 18:00"),
        (("nowhere", "-o", output), "There is no directory nowhere."),
    ):
        done = threecx("map", *arguments)
        assert (done.status, wanted in " ".join(done.err.split())) == (1, True), done.err
