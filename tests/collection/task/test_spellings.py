"""Different spellings of the same value on the wire: found again, stored in another form with a
note, never made twice.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

OnPbx = Callable[[SimulatedPbx], Task]
RULE: dict[str, Any] = {
    "condition": "BasedOnDID",
    "call_type": "AllCalls",
    "rule_name": "Spelt",
    "office_hours_destination": {"to": "Extension", "number": "100"},
    "trunk": "10000",
}


@pytest.mark.parametrize("traits", [(), ("drop-plus",), ("as-seen", "drop-plus")], ids="+".join)
def test_a_rule_is_found_by_its_number_however_it_is_spelt(traits: tuple[str, ...], task_on: OnPbx) -> None:
    with SimulatedPbx(traits=traits) as pbx:
        task = task_on(pbx)
        before = len(pbx.entities("InboundRules"))
        rule = {name: value for name, value in RULE.items() if name != "rule_name"}
        made = task("inbound_rule", **rule, data="+15550301")
        assert made["changed"]
        assert [text for text in made.warnings if "'15550301' for '+15550301'" in text] == made.warnings
        assert bool(made.warnings) == ("drop-plus" in traits)
        for data in ("+15550301", "15550301", "+1 (555) 03-01"):
            again = task("inbound_rule", **rule, data=data)
            assert not again["changed"], data
            assert not again.warnings
            found = task("inbound_rule_info", data=data)["inbound_rules"]
            assert [one["id"] for one in found] == [made["inbound_rule"]["id"]]
        assert len(pbx.entities("InboundRules")) == before + 1
        for other in ("0015550301", "*5550301", "5550301"):
            assert task("inbound_rule_info", data=other)["inbound_rules"] == [], other
        assert task("inbound_rule", data="1 555 0301", state="absent")["changed"]
        assert len(pbx.entities("InboundRules")) == before


def test_a_number_stored_with_separators_is_found(task_on: OnPbx) -> None:
    with SimulatedPbx() as pbx:
        task = task_on(pbx)
        for number in range(120):  # more than a page ends in the same digits
            pbx.put("BlackListNumbers", {"Id": f"other-{number}", "CallerId": f"+49{number:04}01"})
        pbx.put("BlackListNumbers", {"Id": "spelt", "CallerId": "+1 555-03-01"})
        assert not task("black_list_number", caller_id="15550301")["changed"]
        assert task("black_list_number_info", caller_id="+15550301", limit=1)["black_list_numbers"][0]["id"] == "spelt"


@pytest.mark.parametrize("traits", [(), ("lower-case-emails",), ("as-seen", "lower-case-emails")], ids="+".join)
def test_a_user_is_found_by_the_address_in_any_case(traits: tuple[str, ...], task_on: OnPbx) -> None:
    with SimulatedPbx(traits=traits) as pbx:
        task = task_on(pbx)
        before = len(pbx.entities("Users"))
        made = task("user", email_address="Case.Test@example.com", first_name="Case")
        assert made["changed"]
        assert bool(made.warnings) == ("lower-case-emails" in traits)
        for address in ("case.test@Example.com", "CASE.TEST@EXAMPLE.COM", "Case.Test@example.com"):
            for check_mode in (True, False):
                again = task("user", email_address=address, first_name="Case", check_mode=check_mode)
                assert not again["changed"]
                assert not again.warnings
        assert len(pbx.entities("Users")) == before + 1


def test_values_in_structures_and_lists_are_compared_by_their_digits(task_on: OnPbx) -> None:
    with SimulatedPbx(traits=("as-seen", "drop-plus")) as pbx:
        task = task_on(pbx)
        for name, options in (
            ("user", {"number": "101", "mobile": "+49 30 123 456", "outbound_caller_id": "+4930123456"}),
            ("queue", {"number": "800", "forward_no_answer": {"to": "External", "external": "+4930123456"}}),
            ("trunk", {"number": "10000", "did_numbers": ["+4930123450", "+4930123451"]}),
        ):
            first = task(name, **options)
            assert first["changed"], name
            assert "which is equal" in " ".join(first.warnings), name
            again = task(name, **options)
            assert not again["changed"], name
            assert again.warnings == [], name
        twice = task("trunk", number="10000", did_numbers=["+4930123450", "+49 30 123451", "4930123451"])
        assert "did_numbers[2]: 4930123451 is given twice, also as +49 30 123451. Nothing was sent." in twice.msg
        # A number without digits, or with other digits, is another value.
        assert task("user", number="101", mobile="04930123456")["changed"]


def test_a_loop_that_reads_ahead_finds_other_spellings(task_on: OnPbx) -> None:
    with SimulatedPbx() as pbx:
        task = task_on(pbx)
        for number in range(30):
            pbx.put("BlackListNumbers", {"Id": f"n{number}", "CallerId": f"155503{number:02}"})
        for number in range(30):
            result = task("black_list_number", caller_id=f"+1 555-03{number:02}")
            assert not result["changed"], number
        assert pbx.writes == []
        assert len(pbx.requests) < 30, "the rest was served from what was read ahead"


def test_composed_and_decomposed_letters_are_the_same(task_on: OnPbx) -> None:
    with SimulatedPbx() as pbx:
        task = task_on(pbx)
        pairs = (("B\u00fcro", "Bu\u0308ro"), ("Cafe\u0301", "Caf\u00e9"))
        for stored, _ in pairs:
            pbx.put("Groups", {"Name": stored})
        for stored, given in pairs:
            assert not task("group", name=given)["changed"]
            assert len(task("group_info", name=given)["groups"]) == 1
            assert task("user", number="101", groups=[{"group": given}])["changed"]
            assert not task("user", number="101", groups=[{"group": stored}])["changed"]
