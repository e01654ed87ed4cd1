"""The order of inbound rules of a trunk: of those that are new, and of those that are for the same calls."""

from __future__ import annotations

import pytest

from pbx_simulator import SimulatedPbx
from tests.config.applying import Site, done, site
from tests.config.companies import provide

RULE = "- {trunk: '10000', condition: BasedOnDID, data: '+15550777', rule_name: %s, office_hours_destination: %s}\n"
ITEM = "{condition: BasedOnDID, data: '+15550777', rule_name: %s}"
TO_100, TO_101 = "{to: Extension, number: '100'}", "{to: Extension, number: '101'}"


def _files(*order: str, last: str = "") -> str:
    listed = ", ".join(ITEM % name for name in order)
    rules = RULE % ("First", TO_100) + RULE % ("Second", TO_101)
    return f"trunks: [{{number: '10000', routing_rules: [{listed}{last}]}}]\ninbound_rules:\n{rules}"


def _order(at: Site) -> list[str]:
    [trunk] = [row for row in at.simulated.entities("Trunks") if row["Number"] == "10000"]
    return [rule["RuleName"] for rule in trunk["RoutingRules"]]


def test_the_name_tells_rules_for_the_same_calls_apart(at: Site) -> None:
    for order in (("First", "Second"), ("Second", "First"), ("Second",)):
        applied = at.apply(_files(*order))
        assert not [fate.why for fate in applied.fates if fate.why]
        assert _order(at)[: len(order)] == list(order)
        assert at.plan(_files(*order)).operations == []


def test_rules_for_the_same_calls_change_places(at: Site) -> None:
    assert not at.apply(_files("First", "Second")).failed
    assert done(at.plan(_files("Second", "First"))) == [("link", "trunk", "10000")]


def test_one_of_two_rules_for_the_same_calls_gets_another_name(at: Site) -> None:
    assert not at.apply(_files("First", "Second")).failed
    renamed = _files("First", "Second").replace("Second", "Another")
    applied = at.apply(renamed)
    assert [(one.kind, one.state.value) for one in applied.fates] == [("inbound_rule", "done")]
    assert _order(at)[:2] == ["First", "Another"]
    assert at.plan(renamed).operations == []


def test_rules_that_differ_in_their_destination_only_are_built_again(at: Site) -> None:
    rule = at.simulated.entities("InboundRules")[0]
    twin = {**rule, "Id": 99, "OfficeHoursDestination": {"To": "Extension", "Number": "101"}}
    at.simulated.put("InboundRules", twin)
    exported = at.exported()  # an empty PBX has none of the numbers
    exported.definitions = [*exported.of("trunk"), *exported.of("inbound_rule")]
    for number, one in enumerate(exported.of("inbound_rule")):
        one.values["office_hours_destination"] = {"to": "External", "external": f"+1555066{number}"}
    with SimulatedPbx("empty", traits=at.simulated.traits) as new, site(new) as there:
        provide(at.simulated, new)
        applied = there.apply(exported)
        assert not [fate.why for fate in applied.fates if fate.why]
        assert _order(there) == _order(at)
        assert there.plan(exported).operations == []


@pytest.mark.parametrize("listed", [(), (5,)])
def test_new_rules_stand_in_the_order_of_the_files(at: Site, listed: tuple[int, ...]) -> None:
    rule = "- {trunk: '%s', condition: BasedOnDID, data: '*%03d', rule_name: Rule %03d, office_hours_destination: %s}\n"
    files = "inbound_rules:\n" + "".join(rule % (10000 + n % 2, n, n, TO_100) for n in range(24))
    if listed:
        items = ", ".join(f"{{condition: BasedOnDID, data: '*{n:03}'}}" for n in listed)
        files += f"trunks: [{{number: '10001', routing_rules: [{items}]}}]\n"
    assert not at.apply(files, parallel=4).failed
    orders = [[rule["RuleName"] for rule in row["RoutingRules"]] for row in at.simulated.entities("Trunks")]
    ours = [[int(name[5:]) for name in names if name.startswith("Rule ")] for names in orders]
    assert ours == [list(range(0, 24, 2)), [*listed, *(n for n in range(1, 24, 2) if n not in listed)]]


def test_a_rule_that_waits_for_a_number_keeps_its_place(at: Site) -> None:
    """Its destination gets a number that is in use before, so that it is created late."""
    assert not at.apply("users: [{number: '395', first_name: Old}]\n").failed
    rule = "- {trunk: '%s', condition: BasedOnDID, data: '*%s', rule_name: Rule %s, office_hours_destination: %s}\n"
    destinations = ("{to: RingGroup, number: '395'}", TO_100, TO_100)
    files = "ring_groups: [{number: '395', name: New}]\ninbound_rules:\n" + "".join(
        rule % (trunk, n, n, to)
        for n, (trunk, to) in enumerate(zip((10001, 10001, 10000), destinations, strict=True), 1)
    )
    made = at.plan(files, remove=("users:395",))
    assert not at.apply(made, parallel=4).failed
    orders = [[rule["RuleName"] for rule in row["RoutingRules"]] for row in at.simulated.entities("Trunks")]
    assert orders[1] == ["Rule 1", "Rule 2"]
    [second] = [one for one in made.operations if one.identity[2:3] == ("*2",)]
    assert second.after == (), "it does not need the first one"


def test_rules_keep_their_order_if_one_waits_for_a_circle_of_changes(at: Site) -> None:
    """A rule leads to the old object of a number, and is to lead to the new one: one of the two has to give way."""
    old = "users: [{number: '395', first_name: Old}]\ninbound_rules:\n"
    rule = "- {trunk: '10001', condition: BasedOnDID, data: '*%s', rule_name: Rule %s, office_hours_destination: %s}\n"
    assert not at.apply(old + rule % (0, 0, "{to: Extension, number: '395'}")).failed
    group = "{to: RingGroup, number: '395'}"
    rules = "".join(rule % (n, n, to) for n, to in enumerate((group, group, TO_100)))
    made = at.plan(f"ring_groups: [{{number: '395', name: New}}]\ninbound_rules:\n{rules}", remove=("users:395",))
    assert not at.apply(made, parallel=4).failed
    assert [rule["RuleName"] for rule in at.simulated.entities("Trunks")[1]["RoutingRules"]] == [
        "Rule 0", "Rule 1", "Rule 2",
    ]  # fmt: skip
