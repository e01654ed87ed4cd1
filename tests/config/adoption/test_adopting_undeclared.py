"""Adoption of references that dangle on the PBX itself: `pbx.undeclared` follows, so that the files stay valid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.config.kinds import KINDS
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx, threecx
from tests.config.odd_values import OddPbx, change_row

__all__ = ["threecx"]


def let_dangle(pbx: SimulatedPbx, to: str = "Extension", number: str = "199") -> None:
    """Leave the ring group 801 a destination as a PBX may do when the extension is removed."""
    row = next(one for one in pbx.entities("RingGroups") if one["Number"] == "801")
    pbx.put("RingGroups", {**row, "ForwardNoAnswer": {"To": to, "Number": number, "External": ""}})


def undeclared(text: str) -> list[str]:
    """The names, which an export lists at the end of its section."""
    _, _, listed = text.partition("  undeclared:")
    return [line.strip(' -"') for line in listed.splitlines() if line.lstrip().startswith("- ")]


@pytest.fixture
def acme(threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path) -> Path:
    """Files of the PBX."""
    assert threecx("export", str(tmp_path / "acme"), pbx=simulated).status == 0
    return tmp_path / "acme"


def adopt(threecx: Threecx, simulated: SimulatedPbx, acme: Path, *options: str) -> dict[str, Any]:
    done = threecx("export", str(acme), *options, "--json", pbx=simulated)
    assert done.status == 0, done.out + done.err
    assert threecx("validate", str(acme)).status == 0
    assert threecx("plan", str(acme), pbx=simulated).status == 0
    assert threecx("export", str(acme), *options, pbx=simulated).out.startswith("0 values adopted")
    told: dict[str, Any] = done.json
    return told


@pytest.mark.parametrize(("to", "number"), [("Extension", "199"), ("Queue", "100")])
def test_what_dangles_on_the_pbx_is_listed_while_it_does(
    threecx: Threecx, simulated: SimulatedPbx, acme: Path, to: str, number: str
) -> None:
    before = (acme / "pbx.yml").read_text()
    let_dangle(simulated, to, number)
    dry = threecx("export", str(acme), "--dry-run", pbx=simulated)
    assert number in dry.out
    assert (acme / "pbx.yml").read_text() == before
    told = adopt(threecx, simulated, acme)
    assert [one["actual"] for one in told["adopted"] if one["option"] == "undeclared"] == [[number]]
    assert undeclared((acme / "pbx.yml").read_text()) == [number]
    let_dangle(simulated, "Extension", "101")
    adopt(threecx, simulated, acme)
    assert undeclared((acme / "pbx.yml").read_text()) == []


def test_another_name_is_added_to_those_that_are_listed(threecx: Threecx, simulated: SimulatedPbx, acme: Path) -> None:
    let_dangle(simulated)
    adopt(threecx, simulated, acme)
    row = simulated.entities("Queues")[0]
    simulated.put("Queues", {**row, "ForwardNoAnswer": {"To": "Extension", "Number": "198", "External": ""}})
    adopt(threecx, simulated, acme, "--only-drift")
    assert undeclared((acme / "pbx.yml").read_text()) == ["199", "198"]


def test_a_user_that_was_removed_on_the_pbx_and_is_still_called(
    threecx: Threecx, simulated: SimulatedPbx, acme: Path
) -> None:
    let_dangle(simulated, number="104")
    adopt(threecx, simulated, acme)
    assert undeclared((acme / "pbx.yml").read_text()) == []
    row = next(one for one in simulated.entities("Users") if one["Number"] == "104")
    simulated.remove("Users", row["Id"])
    let_dangle(simulated, number="104")
    adopt(threecx, simulated, acme, "--missing", "remove")
    assert undeclared((acme / "pbx.yml").read_text()) == ["104"]


def test_a_misspelt_number_is_not_listed(threecx: Threecx, simulated: SimulatedPbx, acme: Path) -> None:
    """It is told by validate: only what the PBX has too may dangle."""
    (acme / "more.yml").write_text(
        "ring_groups:\n- {number: '829', forward_no_answer: {to: Extension, number: '197'}}\n"
    )
    let_dangle(simulated)
    assert threecx("export", str(acme), pbx=simulated).status == 2  # the ring group 829 is not on the PBX
    assert undeclared((acme / "pbx.yml").read_text()) == ["199"]
    checked = threecx("validate", str(acme))
    assert checked.status == 1
    assert "197" in checked.out + checked.err


@pytest.mark.parametrize("number", [1, 5])
def test_values_that_no_task_could_set_are_adopted_and_listed(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path, number: int
) -> None:
    odd = OddPbx(simulated)
    acme = tmp_path / "acme"
    assert threecx("export", str(acme), pbx=simulated).status == 0
    odd.hold(number)
    assert threecx("export", str(acme), pbx=simulated).status in (0, 2)  # 2: some may be credentials
    assert len(undeclared((acme / "pbx.yml").read_text())) > 5
    assert threecx("validate", str(acme)).out.endswith("no problem.\n")
    plan = threecx("plan", str(acme), "--exclude", "parameters", "--exclude", "tenant_properties", pbx=simulated)
    assert (plan.status, "0 to create, 0 to change, 0 to remove, 0 impossible" in plan.out) == (0, True)


def test_a_second_object_of_one_name_does_not_stop_an_adoption(
    threecx: Threecx, simulated: SimulatedPbx, acme: Path
) -> None:
    change_row(simulated, KINDS["user"], 8, lambda row: row.update(Number="101"))
    change_row(simulated, KINDS["user"], 9, lambda row: row.update(FirstName="New"))
    done = threecx("export", str(acme), "--json", pbx=simulated)
    assert done.status == 2
    assert [(one["object"], one["reason"]) for one in done.json["conflicts"] if one["object"] == "user 101"] == [
        ("user 101", "second")
    ]
    assert "first_name: New" in (acme / "departments" / "default.yml").read_text()
    assert threecx("validate", str(acme)).status == 0
