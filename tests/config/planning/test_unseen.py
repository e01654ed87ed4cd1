"""An apply neither overwrites nor removes what its plan has not shown: somebody has created or changed it since."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_as_code.config.applying.apply import State
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.planning.plan_file import dump, load_plan
from tests.config.applying import INVENTED, Site


def row(at: Site, place: str, number: str) -> dict[str, Any] | None:
    return next((one for one in at.simulated.entities(place) if one["Number"] == number), None)


def test_an_object_that_somebody_has_created_meanwhile_is_left_alone(at: Site) -> None:
    files = (
        "users: [{number: '150', first_name: Ann}]\n"
        "ring_groups: [{number: '890', name: New, members: [{number: '150'}]}]\n"
    )
    made = at.plan(files)
    at.pbx.ensure("user", number="150", first_name="Bob", mobile="+15550150")
    fates = {one.kind: one for one in at.apply(made).fates}
    assert fates["user"].state is State.FAILED
    for part in (
        "user 150",
        "was not changed",
        "created it since the plan was made",
        'first_name is "Bob"',
        "Plan again",
    ):
        assert part in fates["user"].why
    assert fates["ring_group"].state is State.SKIPPED
    there = row(at, "Users", "150")
    assert there is not None
    assert (there["FirstName"], there["Mobile"]) == ("Bob", "+15550150")
    assert not at.apply(files).failed
    assert at.plan(files).operations == []


def test_an_equal_object_that_somebody_has_created_meanwhile_will_do(at: Site) -> None:
    files = "ring_groups: [{number: '890', name: New, members: [{number: '100'}]}]\n"
    made = at.plan(files)
    at.pbx.ensure("ring_group", number="890", name="New", members=[{"number": "100"}])
    [fate] = at.apply(made).fates
    assert fate.state is State.UNCHANGED


@pytest.mark.parametrize("from_file", [False, True])
def test_an_object_that_somebody_has_changed_meanwhile_is_not_removed(at: Site, from_file: bool) -> None:
    made = at.plan("users: [{number: '100'}]\n", remove=("ring_groups:801", "queues:800"))
    if from_file:
        made = load_plan(dump(made))[0]
    at.pbx.ensure("ring_group", number="801", members=[{"number": "100"}, {"number": "104"}], lists="add")
    at.pbx.ensure("ring_group", number="801", name="Needed")
    fates = {(one.doing.value, one.kind): one for one in at.apply(made).fates}
    failed = fates["remove", "ring_group"]
    assert failed.state is State.FAILED
    for part in ("ring group 801", "was not removed", "changed it since the plan was made", 'name is "Needed"'):
        assert part in failed.why
    assert row(at, "RingGroups", "801") is not None
    assert row(at, "Queues", "800") is None
    again = at.apply(at.plan("users: [{number: '100'}]\n", remove=("ring_groups:801",)))
    assert not again.failed
    assert row(at, "RingGroups", "801") is None


@pytest.mark.parametrize("number", [3, 8])
def test_of_many_that_are_removed_the_changed_ones_stay(at: Site, number: int) -> None:
    numbers = [str(180 + one) for one in range(number)]
    for one in numbers:
        at.pbx.ensure("user", number=one, first_name="Temporary")
    made = at.plan("users: [{number: '100'}]\n", remove=tuple(f"users:{one}" for one in numbers))
    at.pbx.ensure("user", number=numbers[1], mobile="+15550181")
    applied = at.apply(made, waiver=made.waiver)
    states = {one.identity[0]: one.state for one in applied.fates}
    assert states == {one: State.FAILED if one == numbers[1] else State.DONE for one in numbers}
    assert [one for one in numbers if row(at, "Users", one) is not None] == [numbers[1]]


def test_what_the_same_apply_takes_from_an_object_does_not_keep_it(at: Site) -> None:
    """Removing a user takes it out of queues and ring groups that are removed later."""
    at.pbx.ensure("user", number="180", first_name="Temporary")
    at.pbx.ensure("queue", number="880", name="Q", agents=[{"number": "180"}, {"number": "100"}])
    at.pbx.ensure(
        "ring_group", number="881", name="R", members=[{"number": "180"}],
        forward_no_answer={"to": "Queue", "number": "880"},
    )  # fmt: skip
    named = ("users:180", "queues:880", "ring_groups:881")
    assert not at.apply(at.plan("users: [{number: '100'}]\n", remove=named)).failed
    renamed = "pbx: {default_department: Head office}\ngroups: [{name: Head office}]\n"
    at.pbx.ensure("ring_group", number="881", name="R", members=[{"number": "100"}])
    made = at.plan(renamed, remove=("ring_groups:881",))
    assert len(made.operations) > 1
    assert not at.apply(made).failed


MENUS = """
receptionists:
- {number: '895', name: A, ivr_type: Default, prompt_filename: welcome.wav, forwards: [%s]}
- {number: '896', name: B, ivr_type: Default, prompt_filename: welcome.wav, forwards: [%s]}
"""


def test_a_destination_that_the_same_apply_removes_does_not_keep_an_object(at: Site) -> None:
    """A PBX lets the call end where the destination of a key was removed."""
    forwards = [f"{{input: '1', forward_type: IVR, forward_dn: '{number}'}}" for number in ("896", "895")]
    assert not at.apply(MENUS % tuple(forwards)).failed
    made = at.plan("users: [{number: '100'}]\n", remove=("receptionists:895", "receptionists:896"))
    first, second = made.operations
    assert (first.after, second.after) == ((), (first.number,)), "each changes the other, so they wait"
    applied = at.apply(made)
    assert not applied.failed, applied.fates
    assert row(at, "Receptionists", "896") is None


def test_a_key_whose_destination_the_same_apply_removes_goes(at: Site) -> None:
    """The number of its destination goes to another kind, to which another key leads: the removal is first."""
    files = "users: [{number: '898', first_name: Old}]\n" + MENUS % (
        "{input: '1', forward_type: Extension, forward_dn: '898'}, "
        "{input: '2', forward_type: Extension, forward_dn: '898'}",
        "",
    )
    assert not at.apply(files).failed
    files = "queues: [{number: '898', name: New}]\n" + MENUS % (
        "{input: '1', forward_type: Queue, forward_dn: '898'}",
        "",
    )
    applied = at.apply(at.plan(files, remove=("users:898",)))
    assert not applied.failed, applied.fates
    assert at.plan(files).operations == []


def test_another_destination_that_somebody_has_set_keeps_an_object(at: Site) -> None:
    assert not at.apply(MENUS % ("{input: '1', forward_type: IVR, forward_dn: '896'}", "")).failed
    made = at.plan("users: [{number: '100'}]\n", remove=("receptionists:895",))
    at.pbx.ensure("receptionist", number="895", forwards=[{"input": "1", "forward_type": "EndCall"}])
    [fate] = at.apply(made).fates
    assert 'forwards.forward_type is "EndCall"' in fate.why


def test_a_plan_file_holds_no_credential_of_what_is_to_be_removed(at: Site) -> None:
    at.pbx.ensure("user", number="180", first_name="Temporary", auth_password=INVENTED)
    made = at.plan("users: [{number: '100'}]\n", remove=("users:180",))
    assert "Temporary" in dump(made)
    assert INVENTED not in dump(made)
    read: Plan = load_plan(dump(made))[0]
    assert read.operations == made.operations
