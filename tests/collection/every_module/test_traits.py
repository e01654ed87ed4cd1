"""Round trips under every trait: created, changed and removed, each of it once and then unchanged, in check mode too.

A trait is tried on what it can affect; the sets as-seen and strict-odata on everything.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from pbx_as_code.engine import connection as _client
from pbx_simulator import AS_SEEN, STRICT_ODATA, TRAITS, SimulatedPbx
from tests.collection.conftest import Result

Task = Callable[..., Result]
Options = dict[str, Any]


@dataclass(frozen=True)
class RoundTrip:
    """Tasks with one entity.

    Attributes:
        key: options that identify it.
        made: options that create it.
        changes: options of each task that changes it.
    """

    module: str
    key: Options
    made: Options
    changes: tuple[Options, ...]
    removal: Options = field(default_factory=dict)


_PERIODS = [{"day_of_week": "Monday", "start": "08:00:00", "stop": "16:30:00"}]
ROUND_TRIPS = {
    "user": RoundTrip(
        "user",
        {"number": "178"},
        {"first_name": "Juno", "last_name": "", "email_address": "Juno.Park@Example.com", "mobile": "+15550133"},
        (
            {"mobile": "+15550134"},
            {"mobile": "", "last_name": "Park"},
            {"groups": [{"group": "Sales", "rights": {"role_name": "managers"}}], "lists": "add"},
            {"groups": [{"group": "Sales"}]},
            {"email_address": "juno@example.com"},
            {"forwarding_profiles": [{"name": "Away", "away_route": {"external": {"to": "Queue", "number": "800"}}}]},
        ),
    ),
    "queue": RoundTrip(
        "queue",
        {"number": "878"},
        {"name": "Returns", "agents": [{"number": "102"}], "ring_timeout": 20, "groups": [{"group": "Sales"}]},
        (
            {"agents": [{"number": "103"}], "lists": "add"},
            {"agents": [{"number": "103"}], "lists": "remove"},
            {"groups": [{"group": "Support"}]},
            {"wrap_up_time": 0, "forward_no_answer": {"to": "External", "external": "+15550177"}},
        ),
    ),
    "ring_group": RoundTrip(
        "ring_group",
        {"number": "879"},
        {"name": "Front desk", "ring_strategy": "Hunt", "ring_time": 20, "members": [{"number": "102"}]},
        ({"members": [{"number": "103"}, {"number": "102"}]}, {"groups": [{"group": "Support"}], "lists": "add"}),
    ),
    "group": RoundTrip(
        "group",
        {"name": "Accounting"},
        {"language": "EN", "hours": {"type": "SpecificHours", "ignore_holidays": False, "periods": _PERIODS}},
        (
            {"hours": {"type": "SpecificHours", "periods": [{**_PERIODS[0], "stop": "17:00:00"}]}},
            {"members": [{"number": "103", "rights": {"role_name": "users"}}]},
            {"members": []},
        ),
    ),
    "holiday": RoundTrip(
        "holiday",
        {"name": "Founders' Day"},
        {
            "group": "Sales",
            "is_recurrent": False,
            "day": 3,
            "month": 4,
            "year": 2027,
            "day_end": 3,
            "month_end": 4,
            "year_end": 2027,
            "time_of_start_date": "PT12H",
            "time_of_end_date": "PT18H",
        },
        ({"day_end": 4}, {"time_of_start_date": "PT0S"}),
    ),
    "inbound_rule": RoundTrip(
        "inbound_rule",
        {"rule_name": "Berlin office"},
        {
            "trunk": "10000",
            "condition": "BasedOnDID",
            "data": "+15550104",
            "call_type": "AllCalls",
            "office_hours_destination": {"to": "External", "external": "+15550111"},
        },
        ({"office_hours_destination": {"to": "Queue", "number": "800"}}, {"data": "+15550105"}),
    ),
    "outbound_rule": RoundTrip(
        "outbound_rule",
        {"name": "Overseas"},
        {"priority": 0, "prefix": "00", "groups": ["DEFAULT"], "routes": [{"trunk": "10000", "strip_digits": 0}]},
        ({"routes": [{"trunk": "10000", "strip_digits": 2, "prepend": "+"}]}, {"groups": ["Sales"], "lists": "add"}),
    ),
    "contact": RoundTrip(
        "contact",
        {"first_name": "Lena", "last_name": "Fischer", "company_name": "Fischer Logistics"},
        {"phone_number": "+15550129", "email": "Lena@Fischer.example"},
        ({"phone_number": ""}, {"business": "+15550130", "department": "Sales"}, {"department": None}),
    ),
    "fax": RoundTrip("fax", {"number": "877"}, {"outbound_caller_id": "+15550141"}, ({"outbound_caller_id": ""},)),
    "black_list_number": RoundTrip(
        "black_list_number", {"caller_id": "+15550671"}, {"description": "Robot calls"}, ({"description": ""},)
    ),
}
#: Options of navigation properties, with what says how their lists are written.
EXPANDED = {"groups", "agents", "members", "forwarding_profiles", "lists"}
_MEMBERS = ("user", "queue", "ring_group", "group")
_TEXTS = ("user", "queue", "inbound_rule", "contact", "fax", "black_list_number")
#: Modules that a trait can affect. Traits that are not listed can affect all modules.
AFFECTED = {
    "seven-decimals": ("group",),
    "membership-rows": _MEMBERS,
    "default-grp0000": ("user", "outbound_rule", "holiday"),
    "refuse-hhmm": ("group",),
    "refuse-two-expands": _MEMBERS,
    "refuse-expand": _MEMBERS,
    "empty-as-null": _TEXTS,
    "null-as-empty": _TEXTS,
    "drop-plus": _TEXTS,
    "lower-case-emails": ("user", "contact"),
    "favourites-kept": _MEMBERS,
    "favourites-dropped": _MEMBERS,
    "holiday-needs-group": ("holiday",),
    "duplicate-holiday-500": ("holiday",),
    "any-case-sets": ("user",),
    "trailing-semicolon": ("user",),
    "select-paths": ("group",),
    "service-document": ("fax",),
    "roles-with-next-token": ("fax",),
    "missing-rights-401": ("fax",),
    "hidden-objects": ("user", "queue"),
}
SETTING = ("office_hours", {"hours": {"type": "OfficeHours", "periods": _PERIODS}})


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedPbx]:
    with SimulatedPbx(traits=()) as pbx:
        yield pbx


def under(pbx: SimulatedPbx, traits: frozenset[str]) -> SimulatedPbx:
    """The built-in company, fresh, on a PBX with these traits."""
    pbx.reset()
    _client.forget()
    pbx.traits = traits
    return pbx


def go_round(pbx: SimulatedPbx, task: Task, trip: RoundTrip) -> list[str]:
    """Create, change and remove an entity; return the failures."""
    wrong = []
    steps = [trip.made, *trip.changes, {**trip.removal, "state": "absent"}]
    for options in steps:
        told = {**trip.key, **options}
        for check_mode, wanted in ((True, True), (False, True), (False, False)):
            before = len(pbx.writes)
            result = task(trip.module, check_mode=check_mode, **told).data
            sent = len(pbx.writes) - before
            if result.get("failed") or result.get("changed") != wanted or bool(sent) != (wanted and not check_mode):
                outcome = result.get("msg") or f"changed={result.get('changed')}, {sent} writes"
                wrong.append(f"{trip.module} {told} check_mode={check_mode}: {outcome} {result.get('diff', '')}")
                break
    return wrong


def without_expanded(trip: RoundTrip) -> RoundTrip:
    """The same without options that only $expand can show."""

    def left(options: Options) -> Options:
        return {name: value for name, value in options.items() if name not in EXPANDED}

    return replace(trip, made=left(trip.made), changes=tuple(rest for told in trip.changes if (rest := left(told))))


def test_where_expand_is_refused_an_option_that_needs_it_fails_before_a_write(
    running: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]
) -> None:
    pbx = under(running, frozenset({"refuse-expand"}))
    task = task_on(pbx)
    for module, number, option in (
        ("user", "104", {"groups": [{"group": "Sales"}]}),
        ("queue", "800", {"agents": [{"number": "102"}]}),
        ("ring_group", "801", {"members": [{"number": "102"}]}),
    ):
        assert "the PBX refuses $expand=" in task(module, number=number, **option).msg
    assert pbx.writes == []


@pytest.mark.parametrize("trait", sorted(TRAITS))
def test_each_trait(running: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task], trait: str) -> None:
    pbx = under(running, frozenset({trait}))
    trips = [ROUND_TRIPS[name] for name in AFFECTED.get(trait, ROUND_TRIPS)]
    if trait == "refuse-expand":
        trips = [without_expanded(trip) for trip in trips]
    assert [trouble for trip in trips for trouble in go_round(pbx, task_on(pbx), trip)] == []


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_each_set(running: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task], traits: frozenset[str]) -> None:
    pbx = under(running, traits)
    task = task_on(pbx)
    assert [trouble for trip in ROUND_TRIPS.values() for trouble in go_round(pbx, task, trip)] == []
    name, options = SETTING
    assert [task(name, **options)["changed"] for _ in range(2)] == [True, False]


def test_hidden_departments_are_neither_sent_away_nor_shown(task_on: Callable[[SimulatedPbx], Task]) -> None:
    for trait in ("favourites-kept", "favourites-dropped"):
        with ExitStack() as stack:
            pbx = stack.enter_context(SimulatedPbx(traits=[trait]))
            task = task_on(pbx)
            for module, number, entity_set in (
                ("user", "100", "Users"),
                ("queue", "800", "Queues"),
                ("ring_group", "801", "RingGroups"),
            ):
                wanted = {"number": number, "groups": [{"group": "Sales"}]}
                made = task(module, **wanted)
                assert made["changed"]
                assert not task(module, **wanted)["changed"]
                assert "FAVORITES" not in str(made.data)
                stored = next(row for row in pbx.entities(entity_set) if row["Number"] == number)
                assert {group["Name"] for group in stored["Groups"]} == {"Sales", "___FAVORITES___100"}
            assert "FAVORITES" not in str(task("group_info").data)


def test_times_in_items_that_a_list_keeps_leave_as_the_pbx_takes_them(task_on: Callable[[SimulatedPbx], Task]) -> None:
    hours = {"Type": "SpecificHours", "Periods": [{"DayOfWeek": "Monday", "Start": "08:00:00", "Stop": "17:00:00"}]}
    kept = {"Id": 1, "CallType": "AllCalls", "Condition": "NoAnswer", "Data": "+15550131", "Hours": hours}
    added = {"call_type": "AllCalls", "condition": "PhoneBusy", "data": "+15550132"}
    with SimulatedPbx(traits=["as-seen"]) as pbx:
        [user] = [row for row in pbx.entities("Users") if row["Number"] == "104"]
        pbx.put("Users", {"Id": user["Id"], "ForwardingExceptions": [kept]})
        for mode in ("add", "remove"):
            assert task_on(pbx)("user", number="104", forwarding_exceptions=[added], lists=mode)["changed"]
            [sent, *_] = json.loads(pbx.writes[-1].body)["ForwardingExceptions"]
            [period] = sent["Hours"]["Periods"]
            assert (period["Start"], period["Stop"]) == ("08:00:00", "17:00:00")


@pytest.mark.parametrize("trait", ["stale-token-403", "missing-rights-401", "roles-with-next-token"])
def test_a_module_goes_on_with_a_new_token(
    running: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task], trait: str
) -> None:
    """A token that the PBX no longer takes is replaced once, and the task does its work."""
    pbx = under(running, frozenset({trait}))
    task = task_on(pbx)
    for module, number in (("user", "104"), ("queue", "800"), ("ring_group", "801")):
        assert task(f"{module}_info", limit=1).data.get("failed") is None
        before = pbx.sign_ins
        pbx.revoke_tokens()
        assert not task(module, number=number)["changed"]
        assert pbx.sign_ins == before + 1
    assert pbx.writes == []
