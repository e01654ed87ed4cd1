"""A PBX refuses a reference that a task could resolve: the message says which object it is, or that it is gone."""

from __future__ import annotations

from typing import Any

from pbx_simulator import SimulatedPbx, When
from tests.collection.tasks import Task

OUTSIDE = {"to": "Queue", "number": "101"}
#: Module, options, and the end of the message.
REFUSED: tuple[tuple[str, dict[str, Any], str], ...] = (
    (
        "queue",
        {"number": "800", "managers": [{"number": "100"}, {"number": "850"}]},
        "managers[1].number: 850 (Callback) is a call flow app, perhaps the wrong kind of object here.",
    ),
    (
        "ring_group",
        {"number": "812", "members": [{"number": "Service Desk"}]},
        "members[0].number: Service Desk is a queue, perhaps the wrong kind of object here.",
    ),
    (
        "queue",
        {"number": "800", "forward_no_answer": {"to": "Queue", "number": "100"}},
        "forward_no_answer.number: 100 (Ada Moreno) is a user, perhaps the wrong kind of object here.",
    ),
    (
        "receptionist",
        {"number": "822", "forwards": [{"input": "1", "forward_type": "Queue", "forward_dn": "100"}]},
        "forwards[0].forward_dn: 100 (Ada Moreno) is a user, perhaps the wrong kind of object here.",
    ),
    (
        "user",
        {
            "number": "100",
            "forwarding_profiles": [{"name": "Available", "available_route": {"no_answer_external": OUTSIDE}}],
        },
        "forwarding_profiles[0].available_route.no_answer_external.number: 101 (Brendan O'Brien) is a user, perhaps "
        "the wrong kind of object here.",
    ),
)


def test_objects_of_the_wrong_kind_are_named(task: Task) -> None:
    for module, options, end in REFUSED:
        message = task(module, **options).msg
        assert message.endswith(f"Nothing was changed. {end}"), message


def test_a_number_that_was_never_looked_up_is_named_with_the_nearest(task: Task) -> None:
    message = task("fxs", mac_address="001122334455", fxs_lines=[{"key": 1, "number": "109"}]).msg
    assert "fxs_lines[0].number: there is no number 109 on http" in message
    assert "did you mean 100 (Ada Moreno), 101 (Brendan O'Brien)" in message


def test_an_object_that_was_removed_after_it_was_read_is_named(pbx: SimulatedPbx, task: Task) -> None:
    members = [{"number": "200"}, {"number": "201"}]
    assert not task("ring_group", number="801", members=members)["changed"]  # their numbers are known now
    [grace] = [user for user in pbx.entities("Users") if user["Number"] == "201"]
    pbx.remove("Users", grace["Id"])
    message = task("queue", number="800", agents=[{"number": "100"}, {"number": "201"}]).msg
    assert "Agents: not found (WARNINGS.XAPI.NOT_FOUND)" in message
    assert "agents[1].number: there is no number 201 on http" in message
    assert "did you mean 101 (Brendan O'Brien), 200 (Farid Haddad)" in message


def test_other_complaints_and_failing_look_ups_add_nothing(pbx: SimulatedPbx, task: Task) -> None:
    assert task("user", number="1x2", primary_group="Sales").msg.endswith("Nothing was changed.")
    assert task("fax", number="100", groups=[{"group": "Sales"}]).msg.endswith("see it. Nothing was changed.")
    pbx.fail("/Peers$", status=500, times=None, when=When(first=2))
    message = task("queue", number="800", managers=[{"number": "850"}]).msg
    assert message.endswith(
        "Managers: not found (WARNINGS.XAPI.NOT_FOUND). Correct the value and run the task again. Nothing was changed."
    )
