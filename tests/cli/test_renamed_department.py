"""A hint if a department has another name in the files: the plan creates a new one, which a rename should not."""

from __future__ import annotations

from pathlib import Path

import pytest

from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx


@pytest.mark.parametrize("options", [(), ("--prune", "department:Sales")])
def test_another_name_is_said(
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
