"""Lists of structures in plans: items have their keys as names, and a new order shows beside other changes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pbx_as_code.config.planning.operations import Doing
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.config.reporting import report
from pbx_simulator import SimulatedPbx
from tests.config.applying import Site, declared, site

QUEUE = "queues: [{number: '800', polling_strategy: Hunt, agents: [%s]}]\n"


@pytest.fixture(scope="module")
def at() -> Iterator[Site]:
    with SimulatedPbx() as running, site(running) as made:
        made.apply(QUEUE % "{number: '300'}, {number: '301'}")
        yield made


@pytest.mark.parametrize(
    ("agents", "said"),
    [
        ("{number: '301'}, {number: '300'}", ['agents: in the order ["300", "301"] -> ["301", "300"]']),
        (
            "{number: '301', skill_group: '1'}, {number: '300'}",
            [
                'agents[301].skill_group: null -> "1"',
                'agents: in the order ["300", "301"] -> ["301", "300"]',
            ],
        ),
        (
            "{number: '100'}, {number: '300'}, {number: '301'}",
            [
                'agents[100]: absent -> {"number": "100"}',
                'agents: in the order ["300", "301"] -> ["100", "300", "301"]',
            ],
        ),
        ("{number: '300'}, {number: '301'}, {number: '100'}", ['agents[100]: absent -> {"number": "100"}']),
        ("{number: '301'}", ['agents[300]: {"number": "300"} -> absent']),
    ],
)
def test_a_new_order_shows_beside_other_changes(at: Site, agents: str, said: list[str]) -> None:
    made = at.plan(QUEUE % agents)
    (operation,) = made.operations
    assert [report.leaf(change) for change in operation.changes] == said
    kept, _ = load_plan(dump(made, []))
    assert [report.leaf(change) for change in kept.operations[0].changes] == said


def test_the_order_of_agents_that_ring_together_is_no_difference(at: Site) -> None:
    ringing = QUEUE.replace("Hunt", "RingAll")
    made = at.plan(ringing % "{number: '301', skill_group: '1'}, {number: '300'}")
    said = [report.leaf(change) for one in made.operations for change in one.changes]
    assert 'agents[301].skill_group: null -> "1"' in said
    assert not any("order" in line for line in said)


def test_a_link_of_a_new_object_shows_its_values_one_by_one(at: Site) -> None:
    """Its forwarding profiles would be one line of thousands of characters."""
    made = at.plan(
        "users:\n- number: '397'\n  groups: [{group: DEFAULT}]\n  primary_group: DEFAULT\n"
        "  forwarding_profiles:\n"
        "  - {name: Available, available_route: {no_answer_external: {to: Queue, number: '897'}}}\n"
        "queues: [{number: '897', name: New, agents: [{number: '397'}]}]\n"
    )
    assert [one.kind for one in made.operations if one.doing is Doing.LINK] == ["user"]
    shown = report.text(made).split("> link user 397")[1].splitlines()
    place = "forwarding_profiles[Available].available_route.no_answer_external"
    assert f'    {place}.to: "Queue"' in shown
    assert f'    {place}.number: "897"' in shown
    assert max(map(len, shown[:6])) < 120


def test_an_item_of_which_an_old_release_shows_a_part_is_not_in_another_order() -> None:
    exception = "{condition: BasedOnCallerID, data: '+1555*', destination: {to: Extension, number: '101'}}"
    seed = [{"Number": "100", "ForwardingExceptions": [{"Destination": {"To": "Extension", "Number": "101"}}]}]
    with SimulatedPbx({"Users": [*seed, {"Number": "101"}]}, release="20.0.5") as running, site(running) as made:
        found = made.plan(f"users: [{{number: '100', forwarding_exceptions: [{exception}]}}]\n")
        assert found.operations == []
        hidden = {".".join(map(str, one.path)) for one in found.uncompared}
        assert hidden == {"forwarding_exceptions.0.condition", "forwarding_exceptions.0.data"}


def test_an_item_that_goes_has_the_place_of_its_list_and_not_of_the_defaults(at: Site) -> None:
    text = "defaults: {queues: {agents: {skill_group: '1'}}}\nqueues:\n- number: '800'\n  agents: [{number: '300'}]\n"
    changes = [change for one in at.plan(declared(text)).operations for change in one.changes]
    [gone] = [change for change in changes if change.label == "agents[301]"]
    assert gone.place is not None
    assert (gone.place.line, gone.place.column) == (4, 3)


EXCEPTION = "{condition: BasedOnCallerID, data: '%s', destination: {to: Extension, number: '101'}}"


@pytest.mark.parametrize(
    ("declared_data", "kept"),
    [
        (("+4931", "+4940"), ("OfficeHours", "SpecificHours")),
        (("+4940", "+4930"), ("SpecificHours", "OfficeHours")),
        (("+4940",), ("SpecificHours",)),
        (("+4930", "+4940", "+4950"), ("OfficeHours", "SpecificHours", None)),
        (("+4950", "+4930", "+4940"), (None, "OfficeHours", "SpecificHours")),
    ],
)
def test_what_an_item_without_a_key_does_not_declare_stays(
    at: Site, declared_data: tuple[str, ...], kept: tuple[str | None, ...]
) -> None:
    at.pbx.ensure(
        "user",
        number="100",
        forwarding_exceptions=[
            {
                "condition": "BasedOnCallerID", "data": data, "call_type": "AllCalls", "enabled": True,
                "destination": {"to": "Extension", "number": "101"}, "hours": {"type": hours},
            }
            for data, hours in (("+4930", "OfficeHours"), ("+4940", "SpecificHours"))
        ],
    )  # fmt: skip
    files = (
        f"users: [{{number: '100', forwarding_exceptions: [{', '.join(EXCEPTION % one for one in declared_data)}]}}]"
    )
    made = at.plan(files)
    if declared_data[0] == "+4931":
        said = [report.leaf(change) for change in made.operations[0].changes]
        assert said == ['forwarding_exceptions[0].data: "+4930" -> "+4931"']
    assert not at.apply(made).failed
    assert at.plan(files).operations == []
    user = at.pbx.read("user", number="100")
    assert user is not None
    exceptions = user["forwarding_exceptions"]
    assert [one["data"] for one in exceptions] == list(declared_data)
    assert tuple((one["hours"] or {}).get("type") for one in exceptions) == kept
    assert [one["enabled"] for one in exceptions] == [None if one is None else True for one in kept]
