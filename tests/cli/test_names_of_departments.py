"""Hints if a department has another name in the files: the plan creates a new one, which a rename should not."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize("options", [(), ("--prune", "department:Sales")])
def test_another_name_of_a_department_is_said(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path, options: tuple[str, ...]
) -> None:
    acme = tmp_path / "acme"
    assert threecx("export", str(acme), pbx=simulated).status == 0
    file = acme / "departments" / "sales.yml"
    file.write_text(file.read_text().replace("- name: Sales", "- name: Vertrieb", 1))
    done = threecx("plan", str(acme), "--include", "groups", *options, pbx=simulated)
    assert "If Sales was renamed, write `renamed_from: Sales` at Vertrieb" in done.out
    file.write_text(file.read_text().replace("- name: Vertrieb", "- renamed_from: Sales\n  name: Vertrieb", 1))
    done = threecx("plan", str(acme), "--include", "groups", pbx=simulated)
    assert "renamed_from" not in done.out
    assert '"Sales" -> "Vertrieb"' in done.out


def test_a_new_department_with_other_numbers_needs_no_hint(
    threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path
) -> None:
    (tmp_path / "a.yml").write_text(
        "groups: [{name: DEFAULT}, {name: Warehouse, props: {user_number_from: '500', user_number_to: '509'}}]\n"
    )
    assert "renamed_from" not in threecx("plan", str(tmp_path), pbx=shared_pbx).out
