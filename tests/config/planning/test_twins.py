"""Objects that a PBX takes twice, created by two applies at the same time, or by somebody after the plan was made."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.applying.apply import Fate, State
from pbx_as_code.config.applying.refusals import Impossible, LimitExceeded, Stale
from pbx_as_code.config.applying.write import Written, write
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.lock import LOCK_FILE
from pbx_as_code.config.planning.limits import Limits
from pbx_as_code.config.planning.operations import Doing, Operation, Plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.engine.access.pbx import EntitySet
from pbx_as_code.errors import Ambiguous
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.collection.clocks import fall
from tests.config.applying import Site, declared, done, site

FILES = {
    "black_list_number": 'black_list_numbers: [{caller_id: "+15559"}]',
    "blocklist_address": "blocklist_addresses: [{address: 203.0.113.77, block_type: Block}]",
    "contact": "contacts: [{first_name: Kim, last_name: Lee}]",
    "holiday": "holidays: [{name: Xmas, group: DEFAULT, day: 25, month: 12, day_end: 25, month_end: 12, year: 0}]",
    "inbound_rule": """
        inbound_rules:
          - {rule_name: Main, condition: BasedOnDID, data: "+1555777", trunk: "10000", call_type: AllCalls,
             office_hours_destination: {to: Extension, number: "100"}}""",
    "outbound_rule": "outbound_rules: [{name: Abroad}]",
    "scheduled_report": "scheduled_reports: [{name: Daily}]",
}


def test_every_kind_with_twins_is_tried() -> None:
    assert {name for name, kind in KINDS.items() if kind.twins} == FILES.keys()


def test_what_somebody_has_created_since_the_plan_is_not_created_again() -> None:
    with SimulatedPbx() as simulated, site(simulated) as here:
        for kind, text in FILES.items():
            old, again = here.plan(text), here.plan(text)
            assert not here.apply(old).failed, kind
            simulated.clear_log()
            with pytest.raises(Stale, match="somebody has created it"):
                here.apply(again)
            assert simulated.writes == [], kind
            assert here.plan(text).operations == [], kind


def test_a_holiday_that_the_pbx_shows_in_no_department_is_one_of_the_default_department() -> None:
    with SimulatedPbx() as simulated, site(simulated) as here:
        made = here.plan(FILES["holiday"])
        simulated.put("Holidays", {"Id": 99, "Name": "Xmas", "Day": 25, "Month": 12, "DayEnd": 25, "MonthEnd": 12})
        with pytest.raises(Stale, match="somebody has created it"):
            here.apply(made)


def test_two_of_the_same_identity_are_created_on_purpose() -> None:
    two = (
        "contacts: [{first_name: Kim, last_name: Lee, mobile2: '+1'}, {first_name: Kim, last_name: Lee, mobile2: '+2'}]"
    )
    with SimulatedPbx() as simulated, site(simulated) as here:
        before = len(simulated.entities("Contacts"))
        assert not here.apply(FILES["contact"]).failed
        done = here.apply(two)
        assert not done.failed
        assert done.warnings == []
        assert len(simulated.entities("Contacts")) == before + 2
        assert here.plan(two).operations == []


def test_applies_at_the_same_time_leave_one() -> None:
    for kind in ("contact", "inbound_rule", "blocklist_address"):
        with SimulatedPbx() as simulated, ThreadPoolExecutor(4) as pool:
            entity_set = KINDS[kind].description.entity_set  # type: ignore[union-attr]
            before = len(simulated.entities(entity_set))
            clients = [
                XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret)
                for _ in range(4)
            ]
            sites = [Site(simulated, Pbx(client)) for client in clients]
            plans = [plan(declared(FILES[kind]), one.pbx, own_number=simulated.client_id) for one in sites]

            def run(number: int, sites: list[Site] = sites, plans: list[Any] = plans) -> list[str]:
                try:
                    return [fate.state.value for fate in sites[number].apply(plans[number]).fates]
                except Stale:  # the others were quicker
                    return ["unchanged"]

            states = [state for found in pool.map(run, range(4)) for state in found]
            assert len(simulated.entities(entity_set)) == before + 1, kind
            assert states.count("done") == 1, (kind, states)
            assert set(states) <= {"done", "unchanged"}
            for client in clients:
                client.close()


@pytest.mark.parametrize("first", [True, False])
def test_the_first_of_two_stays(first: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else, who removes nothing, creates the same contact right before ours or right after it."""
    with SimulatedPbx() as simulated, site(simulated) as here:
        create = EntitySet.create

        def between(self: EntitySet, *args: Any) -> Any:
            other = {"FirstName": "Kim", "LastName": "Lee", "Title": "other"}
            if first:
                simulated.put("Contacts", other)
            made = create(self, *args)
            if not first:
                simulated.put("Contacts", other)
            return made

        made = here.plan(FILES["contact"])
        fall(monkeypatch)
        monkeypatch.setattr(EntitySet, "create", between)
        done = here.apply(made)
        there = [row for row in simulated.entities("Contacts") if row["LastName"] == "Lee"]
        [fate] = done.fates
        if first:
            assert [row["Title"] for row in there] == ["other"]
            assert fate.state.value == "unchanged"
            assert "somebody else created it at the same moment, and theirs stays" in done.warnings[0]
        else:
            assert len(there) == 2, "what others have created is not ours to remove"
            assert fate.state.value == "done"
            assert "exists more than once" in done.warnings[0]


def test_a_refused_plan_leaves_the_records_as_they_are(tmp_path: Path) -> None:
    with SimulatedPbx() as simulated, site(simulated) as here:
        old = here.plan(FILES["contact"])
        assert not here.apply(FILES["contact"]).failed
        limited = here.plan("contacts: []", prune=("contacts",))
        taken = here.plan('users: [{number: "177", first_name: X, email_address: ada.moreno@example.com}]')
        for refused, why in ((old, Stale), (limited, LimitExceeded), (taken, Impossible)):
            with pytest.raises(why):
                here.apply(refused, tmp_path, limits=Limits(objects=0))
            assert list(tmp_path.iterdir()) == []
        assert not here.apply(FILES["outbound_rule"], tmp_path).failed
        before = (tmp_path / LOCK_FILE).read_bytes()
        with pytest.raises(Stale):
            here.apply(old, tmp_path)
        assert [(one.name, one.read_bytes()) for one in tmp_path.iterdir()] == [(LOCK_FILE, before)]


def test_two_that_two_applies_create_at_the_same_moment_stay_two(monkeypatch: pytest.MonkeyPatch) -> None:
    """The objects of both are created in turn; each apply removes its second one."""
    two = "contacts: [{first_name: Kim, last_name: Lee, title: a}, {first_name: Kim, last_name: Lee, title: b}]"
    with SimulatedPbx() as simulated, site(simulated) as here:
        create, theirs = EntitySet.create, list[int]()

        def in_turn(self: EntitySet, *args: Any) -> Any:
            made = create(self, *args)
            theirs.append(simulated.put("Contacts", {"FirstName": "Kim", "LastName": "Lee", "Title": "theirs"})["Id"])
            return made

        made = here.plan(two)
        fall(monkeypatch).meanwhile = lambda: simulated.remove("Contacts", theirs[1])
        monkeypatch.setattr(EntitySet, "create", in_turn)
        done = here.apply(made, parallel=1)
        left = [row["Title"] for row in simulated.entities("Contacts") if row["LastName"] == "Lee"]
        assert left == ["a", "theirs"]
        assert [fate.state.value for fate in done.fates] == ["done", "unchanged"]
        assert [warning for warning in done.warnings if "exists more than once" in warning] == []


def test_an_address_that_the_pbx_has_blocked_by_itself_is_none_of_ours() -> None:
    with SimulatedPbx() as simulated, site(simulated) as here:
        made = here.plan(FILES["blocklist_address"])
        simulated.put("Blocklist", {"IPAddrMask": "203.0.113.77", "ExpiresAt": "2099-01-01T00:00:00Z"})
        done = here.apply(made)
        assert [fate.state.value for fate in done.fates] == ["done"]
        assert done.warnings == []


def test_a_second_holiday_of_one_name_is_announced_and_not_left_in_doubt() -> None:
    """As seen, a PBX answers a second one with an empty 500, whatever its department."""
    days = "day: 3, month: 10, day_end: 3, month_end: 10"
    files = f"holidays: [{{group: Sales, name: Fest, {days}}}, {{group: Support, name: Fest, {days}}}]\n"
    with SimulatedPbx(traits=AS_SEEN) as simulated, site(simulated) as here:
        for expected in ({State.DONE, State.FAILED}, {State.FAILED}):
            made = here.plan(files)
            [hint] = made.hints
            assert "give each its own name, such as Fest S" in hint
            fates = here.apply(made).fates
            assert {one.state for one in fates} == expected
            [why] = [one.why for one in fates if one.why]
            assert "exists: this PBX takes one holiday of each name" in why
        names = f"holidays: [{{group: Sales, name: Fest, {days}}}, {{group: Support, name: Fest Support, {days}}}]\n"
        assert all("holiday" not in hint for hint in here.plan(names.replace("name: Fest,", "name: Mass,")).hints)
    with SimulatedPbx(traits=STRICT_ODATA) as simulated, site(simulated) as here:
        assert not here.apply(files).failed
        assert here.plan(files.replace("Fest", "Mass")).hints == [], "it has two of one name"


def test_a_holiday_moves_to_another_department_in_one_apply() -> None:
    """The old one is removed first, where a PBX takes one of each name only."""
    files = "holidays: [{group: %s, name: Fest, day: 3, month: 10, day_end: 3, month_end: 10}]\n"
    for traits in (AS_SEEN, STRICT_ODATA):
        with SimulatedPbx(traits=traits) as simulated, site(simulated) as here:
            here.apply(files % "Sales")
            made = here.plan(files % "Support", prune=("holidays:*Fest",))
            assert [one.doing for one in made.operations] == [Doing.REMOVE, Doing.CREATE]
            assert not [hint for hint in made.hints if "holiday" in hint]
            assert [one.state for one in here.apply(made).fates] == [State.DONE, State.DONE]
            assert here.plan(files % "Support").operations == []


@pytest.mark.parametrize("times", [1, 99])
def test_an_order_that_another_apply_disturbs_is_set_again(
    simulated: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    """While another apply creates the same rules, each exists twice, until the younger ones are removed."""
    files = """
        inbound_rules:
          - {rule_name: One, condition: BasedOnDID, data: "+155571", trunk: "10000", call_type: AllCalls}
          - {rule_name: Two, condition: BasedOnDID, data: "+155572", trunk: "10000", call_type: AllCalls}
        trunks:
          - number: "10000"
            routing_rules:
              - {condition: BasedOnDID, data: "+155572", call_type: AllCalls}
              - {condition: BasedOnDID, data: "+155571", call_type: AllCalls}"""
    failures = [Ambiguous("It fits 2 of the items.") for _ in range(times)]

    def disturbed(pbx: Pbx, made: Plan, operation: Operation, *more: Any) -> Written:
        if operation.doing is Doing.LINK and failures:
            return Written(failure=failures.pop())
        return write(pbx, made, operation, *more)

    monkeypatch.setattr("pbx_as_code.config.applying.apply.write", disturbed)
    monkeypatch.setattr("pbx_as_code.config.applying.apply._SECONDS_FOR_OTHERS", 1 if times == 1 else 0)
    with site(simulated) as here:
        told: list[Fate] = []
        applied = here.apply(files, report=told.append)
        assert told == applied.fates
        assert len(told) == 3
        [order] = [one for one in told if one.kind == "trunk"]
        if times == 1:
            assert order.state is State.DONE
            assert here.plan(files).operations == []
        else:
            assert order.state is State.FAILED
            assert order.why.endswith("Another apply may be changing the same list: apply again once it has ended.")


@pytest.mark.parametrize("empty", ["", None])
def test_the_last_rule_of_a_trunk_has_no_name_and_is_created(simulated: SimulatedPbx, empty: str | None) -> None:
    nameless = {"RuleName": empty, "Data": empty, "Condition": "ForwardAll", "CallType": "AllCalls"}
    with SimulatedPbx(traits=simulated.traits) as other, site(other) as there:
        other.put("InboundRules", {**other.entities("InboundRules")[0], "Id": 99, **nameless})
        exported = there.exported()
    exported.definitions = [*exported.of("trunk"), *exported.of("inbound_rule")]
    with site(simulated) as here:
        made = here.plan(exported)
        created = ("create", "inbound_rule", "10000", "ForwardAll", None, "AllCalls")
        assert done(made) == [created, ("link", "trunk", "10000")]
        assert not here.apply(made).failed
        assert here.plan(exported).operations == []


def test_two_holidays_of_one_department_that_one_does_not_name_are_two() -> None:
    day = "month: 4, year: 2027, month_end: 4, year_end: 2027"
    first, second = (
        f"{{name: New, day: 1, day_end: 1, {day}}}",
        f"{{name: New, group: DEFAULT, day: 2, day_end: 2, {day}}}",
    )
    files = f"holidays: [{first}, {second}]\n"
    with SimulatedPbx(traits=STRICT_ODATA) as simulated, site(simulated) as at:
        made = at.plan(files)
        assert [one.twin for one in made.operations] == [0, 1]
        applied = at.apply(made)
        assert (applied.counts["done"], applied.counts["unchanged"], applied.warnings) == (2, 0, [])
        assert at.plan(files).operations == []
