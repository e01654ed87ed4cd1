"""A default department that is called otherwise on the PBX is said, instead of silently getting a second one."""

from __future__ import annotations

from pathlib import Path

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx


def test_another_name_of_the_default_department_is_said(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    file = tmp_path / "a.yml"
    file.write_text("groups: [{name: Head office}, {name: Sales}]\n")
    done = threecx("plan", str(tmp_path), pbx=simulated)
    assert (
        "DEFAULT is the default department of this PBX. The files do not declare it, and create Head office."
        in done.out
    )
    file.write_text("groups: [{name: Head office, renamed_from: DEFAULT}, {name: Sales}]\n")
    assert threecx("apply", str(tmp_path), "--yes", pbx=simulated).status == 0
    done = threecx("plan", str(tmp_path), pbx=simulated)
    assert (done.status, "default department" in done.out) == (0, False)


def test_a_new_department_needs_no_hint_if_the_default_one_is_declared(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text("groups: [{name: DEFAULT}, {name: Warehouse}]\n")
    assert "default department" not in threecx("plan", str(tmp_path), pbx=shared_pbx).out
