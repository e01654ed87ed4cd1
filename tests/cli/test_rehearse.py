"""`threecx rehearse`: a change is tried on a simulated PBX, and the calls that go elsewhere are shown."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from pbx_as_code.config.applying.apply import Applied, apply
from pbx_as_code.config.planning.operations import Plan
from pbx_simulator import SimulatedPbx
from tests.callflow.lint_company import COMPANY, write
from tests.cli.conftest import Threecx
from tests.config.odd_values import let_differ

MORE_NAMES = """\
playlists: [{name: Songs, files: [a.wav]}]
music_on_hold_settings: {music_on_hold: onhold.wav, music_on_hold1: a.wav}
"""


def test_the_same_files_change_no_call(threecx: Threecx, tmp_path: Path) -> None:
    directory = str(write(tmp_path / "acme"))
    done = threecx("rehearse", directory, "--base", directory)
    assert (done.status, done.err) == (0, ""), done.out
    assert "No call goes elsewhere than before." in done.out
    assert "The rehearsal succeeded: nothing to do" in done.out


def test_calls_that_go_elsewhere_are_shown(threecx: Threecx, tmp_path: Path) -> None:
    base = str(write(tmp_path / "base"))
    changed = COMPANY.replace('{to: IVR, number: "801"}', '{to: Queue, number: "800"}')
    wanted, report = str(write(tmp_path / "wanted", changed)), tmp_path / "rehearsal.md"
    done = threecx("rehearse", wanted, "--base", base, "--json", "--markdown", str(report))
    assert done.status == 0, done.out
    assert {call["number"] for call in done.json["calls"]} == {"+15550100"}
    [call] = done.json["calls"][:1]
    assert "digital receptionist 801" in call["before"]
    assert "queue 800" in call["after"]
    assert "| +15550100 |" in report.read_text()


def test_what_the_base_names_is_there_and_a_new_name_has_to_be_listed(threecx: Threecx, tmp_path: Path) -> None:
    bare = COMPANY.replace("required:\n  custom_prompts: [welcome.wav]\n", "") + MORE_NAMES
    bare = bare.replace('- number: "800"\n', '- number: "800"\n  on_hold_file: tune.wav\n', 1)
    assert bare.count("welcome.wav") == 1
    base = str(write(tmp_path / "base", bare))
    done = threecx("rehearse", base, "--base", base)
    assert (done.status, done.err) == (0, ""), done.out
    new = bare.replace("welcome.wav", "new.wav").replace("tune.wav", "loud.wav")
    done = threecx("rehearse", str(write(tmp_path / "new", new)), "--base", base, "--json")
    assert done.status == 1
    told = "names the custom prompt {0}, which neither the base nor `required` has. If it is on the PBX, list it: " \
           "required: {{custom_prompts: [{0}]}}"  # fmt: skip
    assert sorted(problem.partition(": ")[2] for problem in done.json["problems"]) == [
        f"digital receptionist 801 {told.format('new.wav')}", f"queue 800 {told.format('loud.wav')}",
    ]  # fmt: skip
    listed = str(write(tmp_path / "listed", new + "required: {custom_prompts: [new.wav, loud.wav]}\n"))
    assert threecx("rehearse", listed, "--base", base).status == 0


def test_what_the_pbx_refuses_is_told_before_it_happens(threecx: Threecx, tmp_path: Path) -> None:
    base = str(write(tmp_path / "base"))
    twice = COMPANY.replace("name: New Year at night", "name: New Year").replace(
        "day: 1, month: 1, day_end: 1", "day: 2, month: 1, day_end: 2"
    )
    wanted = str(write(tmp_path / "wanted", twice))
    done = threecx("rehearse", wanted, "--base", base, "--json")
    assert done.status == 1, "a second holiday of one name is refused by systems as seen"
    assert any("holiday Night / New Year" in problem for problem in done.json["problems"])
    assert threecx("rehearse", wanted, "--base", base, "--traits", "strict-odata").status == 0


def test_a_change_that_does_not_last_fails(threecx: Threecx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The second plan finds what was accepted and not stored."""
    applied: list[Plan] = []

    def once(made: Plan, *arguments: Any, **options: Any) -> Applied:
        applied.append(made)
        return apply(made, *arguments, **options) if len(applied) == 1 else Applied()

    monkeypatch.setattr("pbx_as_code.rehearsal.perform.apply", once)
    base = str(write(tmp_path / "base"))
    wanted = str(write(tmp_path / "wanted", COMPANY.replace("name: Sales", "name: Orders")))
    done = threecx("rehearse", wanted, "--base", base, "--json")
    assert done.status == 1
    assert done.json["problems"] == ["A second plan is not empty: update ring group 810"]


def test_removals_need_consent_and_have_limits(threecx: Threecx, tmp_path: Path) -> None:
    users = "".join(f'- number: "{number}"\n  groups: [{{group: Head office}}]\n' for number in range(110, 130))
    base = str(write(tmp_path / "base", COMPANY.replace("queues:\n", f"{users}queues:\n", 1)))
    wanted = str(write(tmp_path / "wanted"))
    assert threecx("rehearse", wanted, "--base", base).status == 0, "nothing is removed"
    done = threecx("rehearse", wanted, "--base", base, "--prune", "users", "--json")
    assert done.status == 1
    assert any("20" in problem for problem in done.json["problems"])


def test_a_plan_of_the_real_pbx_is_compared(simulated: SimulatedPbx, threecx: Threecx, tmp_path: Path) -> None:
    files = tmp_path / "files"
    assert threecx("export", str(files), pbx=simulated).status == 0
    (files / "more.yml").write_text("contacts:\n- first_name: New\n  last_name: Contact\n")
    plan = tmp_path / "plan.json"
    assert threecx("plan", str(files), "--out", str(plan), pbx=simulated).status == 2
    base = tmp_path / "base"
    assert threecx("export", str(base), pbx=simulated).status == 0
    done = threecx("rehearse", str(files), "--base", str(base), "--plan", str(plan), "--json")
    assert done.status == 0, done.out
    assert done.json["problems"] == []
    (files / "more.yml").write_text("contacts:\n- first_name: Other\n  last_name: Contact\n")
    done = threecx("rehearse", str(files), "--base", str(base), "--plan", str(plan), "--json")
    assert done.status == 1
    assert any(problem.startswith("Only the plan has: create contact") for problem in done.json["problems"])


def test_bad_input_is_one_sentence(threecx: Threecx, tmp_path: Path) -> None:
    directory = str(write(tmp_path / "acme"))
    for arguments, wanted in (
        ((directory,), "--base"),
        ((directory, "--base", "nowhere"), "There is no directory nowhere."),
        ((directory, "--base", directory, "--traits", "omit-null"), "did you mean omit-nulls?"),
        ((directory, "--base", directory, "--plan", str(tmp_path / "none.json")), "is no plan that can be read"),
    ):
        done = threecx("rehearse", *arguments)
        assert (done.status, wanted in " ".join(done.err.split())) == (1, True), done.err


def test_values_that_only_the_pbx_can_have_do_not_stop_a_rehearsal(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    let_differ(simulated)
    group = next(one for one in simulated.entities("RingGroups") if one["Number"] == "801")
    nowhere = {"To": "Extension", "Number": "199", "External": ""}
    simulated.put("RingGroups", {**group, "ForwardNoAnswer": nowhere})
    acme = tmp_path / "acme"
    assert threecx("export", str(acme), pbx=simulated).status == 0
    base = threecx("rehearse", str(acme), "--base", str(acme))
    assert base.status == 0, base.out
    assert all(f"  {one}: " in base.out for one in ("queue 800", "ring group 801", "holiday New Year", "office hours"))
    wanted = tmp_path / "wanted"
    copytree(acme, wanted)
    department = wanted / "departments" / "default.yml"
    department.write_text(department.read_text().replace("ring_timeout: 1099511627776", "ring_timeout: 1099511627777"))
    done = threecx("rehearse", str(wanted), "--base", str(acme))
    assert (done.status, done.out.count("! ")) == (1, 1), done.out
    assert "! queue 800: ring_timeout is a number from" in done.out
