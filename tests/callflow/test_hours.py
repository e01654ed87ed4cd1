"""States of departments at times, by hand: edges of periods, holidays, overrides, daylight saving time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from pbx_as_code.callflow import CallGraph, Kind, Ref, from_configuration
from pbx_as_code.callflow.hours.holidays import problem
from pbx_as_code.callflow.hours.moments import after_gap, changes, instants
from pbx_as_code.callflow.hours.periods import inside
from pbx_as_code.callflow.hours.schedules import holds
from pbx_as_code.callflow.hours.state import State, standing
from pbx_as_code.callflow.map.times import wall_clock
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.schedule import Period, Schedule
from pbx_as_code.callflow.trace.starts import moments
from pbx_as_code.config.loader import load_sources
from pbx_as_code.errors import BadOption

UTC = timezone.utc  # noqa: UP017 for Python 3.10
BERLIN = ZoneInfo("Europe/Berlin")
WEEK = "[Monday, Tuesday, Wednesday, Thursday, Friday]"


def graph_of(department: str, holidays: str = "", pbx: str = "time_zones: {A: Europe/Berlin}") -> CallGraph:
    text = f"pbx: {{default_department: A, {pbx}}}\ngroups:\n- name: A\n{department}"
    text += f"holidays:\n{holidays}" if holidays else ""
    return from_configuration(load_sources([("all.yml", text.encode())]))


def department_of(graph: CallGraph) -> Department:
    found = graph.nodes[Ref(Kind.DEPARTMENT, "A")]
    assert isinstance(found, Department)
    return found


def states(graph: CallGraph, local: str) -> list[str]:
    """States at a local time of Berlin, the likely one first."""
    moment = datetime.fromisoformat(local)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=BERLIN)
    found = standing(graph, department_of(graph), moment)
    return [str(one.state) for one in (found, *found.others)]


def hours(*periods: str, kind: str = "OfficeHours", more: str = "") -> str:
    listed = ", ".join(
        f'{{day_of_week: {day}, start: "{span.split("-")[0]}", stop: "{span.split("-")[1]}"}}'
        for day, span in (one.split(" ") for one in periods)
    )
    return f"  hours: {{type: {kind}, {more}periods: [{listed}]}}\n"


def test_edges_of_periods() -> None:
    """2026-11-24 is a Tuesday."""
    graph = graph_of(hours("Tuesday 09:00-12:00", "Tuesday 13:00-23:59", "Wednesday 00:00-06:00"))
    table = {
        "2026-11-24 08:59:59": ["closed"],
        "2026-11-24 09:00": ["open"],
        "2026-11-24 11:59:59": ["open"],
        "2026-11-24 12:00": ["closed", "open"],  # whether 12:00 belongs to it is uncertain
        "2026-11-24 12:01": ["closed"],
        "2026-11-24 23:58:59": ["open"],
        "2026-11-24 23:59": ["closed", "open"],  # so is the last minute of the day
        "2026-11-25 00:00": ["open"],
        "2026-11-25 05:59:59": ["open"],
        "2026-11-25 06:01": ["closed"],
        "2026-11-26 09:00": ["closed"],
    }
    assert {local: states(graph, local) for local in table} == table


def test_a_period_that_stops_at_midnight_lasts_until_the_end_of_the_day() -> None:
    graph = graph_of(hours("Tuesday 22:00-00:00", "Wednesday 00:00-06:00"))
    table = {"2026-11-24 21:59": ["closed"], "2026-11-24 23:59:59": ["open"], "2026-11-25 00:00": ["open"]}
    assert {local: states(graph, local) for local in table} == table


def test_types_of_a_department_s_own_hours() -> None:
    table = {
        hours("Tuesday 09:00-17:00", kind="SpecificHours"): ["open"],
        hours("Tuesday 09:00-17:00", kind="OutOfOfficeHours"): ["closed"],
        hours("Monday 09:00-17:00", kind="OutOfSpecificHours"): ["open"],
        hours("Monday 09:00-17:00", kind="Never"): ["closed"],
        "  hours: {type: AllHours}\n": ["open"],
        "  hours: {type: OfficeHours, periods: []}\n": ["closed"],
        "  language: EN\n": ["unknown", "open", "closed"],
        "  hours: {type: BreakTime}\n": ["unknown", "open", "closed"],
    }
    assert {text: states(graph_of(text), "2026-11-24 10:00") for text in table} == table


OPEN = hours("Thursday 09:00-17:00", "Friday 09:00-17:00", "Saturday 09:00-17:00", "Tuesday 09:00-17:00")
EVE = (
    "- {name: Eve, group: A, day: 24, month: 12, year: 2026, time_of_start_date: PT12H, day_end: 24, month_end: 12, "
    "year_end: 2026, time_of_end_date: P1D}\n"
)
HOLIDAYS: dict[str, dict[str, list[str]]] = {
    EVE: {"2026-12-24 11:59:59": ["open"], "2026-12-24 12:00": ["holiday"], "2026-12-24 23:59:59": ["holiday"],
          "2026-12-25 10:00": ["open"], "2025-12-24 13:00": ["closed"]},
    EVE.replace("P1D", "PT23H59M"): {"2026-12-24 23:59:30": ["holiday"], "2026-12-25 00:00": ["closed"]},
    EVE.replace("P1D", "PT13H"): {"2026-12-24 12:59": ["holiday"], "2026-12-24 13:00": ["open"]},
    # one interval, not the same hours on each day
    EVE.replace("day_end: 24", "day_end: 26").replace("P1D", "PT13H"): {
        "2026-12-24 11:00": ["open"], "2026-12-25 11:00": ["holiday"], "2026-12-25 14:00": ["holiday"],
        "2026-12-26 12:59": ["holiday"], "2026-12-26 13:00": ["open"]},
    "- {name: Xmas, is_recurrent: true, day: 25, month: 12, day_end: 26, month_end: 12, year: 2019}\n": {
        "2026-12-24 10:00": ["open"], "2026-12-25 00:00": ["holiday"], "2031-12-26 23:59:59": ["holiday"],
        "2026-12-27 00:00": ["closed"]},
    "- {name: One day, group: A, is_recurrent: true, day: 24, month: 11, day_end: 0, month_end: 0}\n": {
        "2026-11-24 10:00": ["holiday"], "2026-11-25 00:00": ["closed"], "2026-11-23 23:59:59": ["closed"]},
    # over New Year
    "- {name: Turn, group: A, is_recurrent: true, day: 30, month: 12, day_end: 2, month_end: 1}\n": {
        "2026-12-29 10:00": ["open"], "2026-12-31 10:00": ["holiday"], "2027-01-01 10:00": ["holiday"],
        "2027-01-02 23:59": ["holiday"], "2027-01-03 00:00": ["closed"]},
    "- {name: Years, group: A, day: 30, month: 12, year: 2026, day_end: 2, month_end: 1, year_end: 2027}\n": {
        "2027-01-01 10:00": ["holiday"], "2027-12-31 10:00": ["open"]},
    # 29 February does not exist in other years
    "- {name: Leap, group: A, is_recurrent: true, day: 29, month: 2, day_end: 29, month_end: 2}\n": {
        "2028-02-29 10:00": ["holiday"], "2026-02-28 10:00": ["open"], "2026-03-01 10:00": ["closed"]},
    # of another department, and without a date
    "- {name: Other, group: B, is_recurrent: true, day: 24, month: 11}\n": {"2026-11-24 10:00": ["open"]},
    "- {name: Empty, group: A, is_recurrent: true}\n": {"2026-11-24 10:00": ["open"]},
}  # fmt: skip


@pytest.mark.parametrize("holiday", HOLIDAYS)
def test_holidays(holiday: str) -> None:
    graph = graph_of(OPEN, holiday)
    table = HOLIDAYS[holiday]
    assert {local: states(graph, local) for local in table} == table


def test_holidays_that_cannot_be_understood_are_named() -> None:
    for text, said in (
        ("- {name: A, group: A}\n", "no day and month"),
        ("- {name: A, group: A, day: 1, month: 1}\n", "no year"),
        ("- {name: A, group: A, day: 2, month: 1, year: 2026, day_end: 1, month_end: 1}\n", "ends before it begins"),
        ("- {name: A, group: A, day: 2, month: 1, year: 2026}\n", ""),
    ):
        (holiday,) = department_of(graph_of(OPEN, text)).holidays
        assert said in (problem(holiday) or ""), text


def test_the_first_state_that_matches_counts() -> None:
    rest = '  break_time: {type: SpecificHours, periods: [{day_of_week: Tuesday, start: "12:00", stop: "13:00"}]}\n'
    graph = graph_of(OPEN + rest, "- {name: H, group: A, day: 1, month: 12, year: 2026}\n")
    table = {
        "2026-11-24 11:59": ["open"],
        "2026-11-24 12:00": ["break"],
        "2026-11-24 13:00": ["open", "break"],
        "2026-12-01 12:30": ["holiday"],
    }
    assert {local: states(graph, local) for local in table} == table
    ignoring = OPEN.replace("periods:", "ignore_holidays: true, periods:")
    graph = graph_of(ignoring + rest, "- {name: H, group: A, day: 1, month: 12, year: 2026}\n")
    assert states(graph, "2026-12-01 10:00") == ["open"]
    at_noon = datetime(2026, 11, 24, 12, 30, tzinfo=BERLIN)
    assert standing(graph, department_of(graph), at_noon, breaks=False).state is State.OPEN


def test_overrides() -> None:
    holiday = "- {name: H, group: A, day: 1, month: 12, year: 2026}\n"
    expires = '  override_expires_at: "2026-11-24T09:30:00Z"\n'  # 10:30 in Berlin
    table = {
        ("ForceClosed", ""): {"2026-11-24 10:00": ["closed"], "2026-12-01 10:00": ["closed", "holiday"]},
        ("ForceOpened, HasForcedMask", ""): {"2026-11-24 20:00": ["open"], "2026-12-01 10:00": ["open", "holiday"]},
        ("ForceOpened", "  override_holidays: true\n"): {"2026-12-01 10:00": ["open"]},
        ("ForceHoliday", ""): {"2026-11-24 10:00": ["holiday"], "2026-12-01 10:00": ["holiday"]},
        ("ForceBreak", ""): {"2026-11-24 20:00": ["break"]},
        ("ForceCustomOperator", ""): {"2026-11-24 20:00": ["custom operator"]},
        ("ForceClosed", expires): {"2026-11-24 10:29:59": ["closed"], "2026-11-24 10:30": ["open"]},
        ("Default", ""): {"2026-11-24 10:00": ["open"], "2026-11-24 20:00": ["closed"]},
    }
    for (flags, more), expected in table.items():
        graph = graph_of(f"{OPEN}  current_group_hours: [{flags}]\n{more}", holiday)
        assert {local: states(graph, local) for local in expected} == expected, flags
        ignored = standing(graph, department_of(graph), datetime(2026, 11, 24, 10, tzinfo=BERLIN), ignore_state=True)
        assert ignored.state is State.OPEN


def test_daylight_saving_time_in_berlin() -> None:
    """On 2026-03-29 clocks go from 02:00 to 03:00, on 2026-10-25 from 03:00 back to 02:00."""
    graph = graph_of(hours("Sunday 02:00-03:00", "Sunday 04:00-05:00"))
    table = {
        "2026-03-29 00:59:59+00:00": ["closed"],
        "2026-03-29 01:00+00:00": ["closed", "open"],  # 03:00, the minute after 02:00-03:00, which was skipped
        "2026-03-29 01:59:59+00:00": ["closed"],
        "2026-03-29 02:00+00:00": ["open"],  # 04:00
        "2026-10-24 23:59:59+00:00": ["closed"],
        "2026-10-25 00:00+00:00": ["open"],  # 02:00, for the first time
        "2026-10-25 00:59:59+00:00": ["open"],
        "2026-10-25 01:00+00:00": ["open"],  # 02:00, for the second time
        "2026-10-25 01:59:59+00:00": ["open"],
        "2026-10-25 02:00+00:00": ["closed", "open"],  # 03:00
        "2026-10-25 02:01+00:00": ["closed"],
        "2026-10-25 03:00+00:00": ["open"],  # 04:00
    }
    assert {moment: states(graph, moment) for moment in table} == table


def test_local_times_that_exist_twice_once_or_not_at_all() -> None:
    table = {
        ("2026-10-25 02:30", "Europe/Berlin"): ["2026-10-25T00:30:00", "2026-10-25T01:30:00"],
        ("2026-10-25 03:00", "Europe/Berlin"): ["2026-10-25T02:00:00"],
        ("2026-03-29 02:30", "Europe/Berlin"): [],
        ("2026-03-29 03:00", "Europe/Berlin"): ["2026-03-29T01:00:00"],
        ("2026-11-01 01:30", "America/New_York"): ["2026-11-01T05:30:00", "2026-11-01T06:30:00"],
        ("2026-03-08 02:00", "America/New_York"): [],
        ("2026-11-24 10:00", "Asia/Kolkata"): ["2026-11-24T04:30:00"],
        # Lord Howe moves its clocks by half an hour
        ("2026-04-05 01:45", "Australia/Lord_Howe"): ["2026-04-04T14:45:00", "2026-04-04T15:15:00"],
    }
    found = {}
    for local, zone in table:
        both = instants(datetime.fromisoformat(local), zone)
        found[local, zone] = [one.astimezone(UTC).replace(tzinfo=None).isoformat() for one in both]
    assert found == table
    assert after_gap(datetime(2026, 3, 29, 2, 30), "Europe/Berlin").isoformat() == "2026-03-29T03:30:00+02:00"


def test_times_of_a_trace() -> None:
    graph = graph_of(OPEN, pbx="time_zone: Europe/Berlin")
    twice = moments(graph, "2026-10-25 02:30")
    assert [one.at.isoformat() for one in twice] == ["2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+01:00"]
    assert all("comes twice" in one.note for one in twice)
    (skipped,) = moments(graph, "2026-03-29 02:30")
    assert skipped.at.isoformat() == "2026-03-29T03:30:00+02:00"
    assert "does not exist" in skipped.note
    (given,) = moments(graph, "2026-11-24T04:00-05:00")
    assert given.at.isoformat() == "2026-11-24T10:00:00+01:00"
    for text in ("2026-11-24 10:00 America/New_York", "2026-11-24 10:00-05:00", "2026-11-24 10:00 -05:00"):
        (other,) = moments(graph, text)
        assert other.at.astimezone(UTC).isoformat() == "2026-11-24T15:00:00+00:00", text
    assert len(moments(graph, "2026-11-01 01:30 America/New_York")) == 2
    (unknown,) = moments(graph_of(OPEN, pbx="url: x"), "2026-11-24 10:00")
    assert "no time zone is known" in unknown.note
    for wrong in ("Christmas", "2026-11-24 10:00 Berlin", "2026-11-24 10:00+01:00 Europe/Berlin"):
        with pytest.raises(BadOption):
            moments(graph, wrong)


def test_the_clock_of_the_pbx_counts_and_not_that_of_the_default_department() -> None:
    text = "pbx: {time_zone: Europe/Berlin, time_zones: {A: America/New_York}, default_department: A}\n"
    graph = from_configuration(load_sources([("all.yml", (text + "groups: [{name: A}]\n").encode())]))
    (moment,) = moments(graph, "2026-11-24 10:00")
    assert moment.at.isoformat() == "2026-11-24T10:00:00+01:00"
    assert wall_clock(graph, moment.at.astimezone(UTC)) == "Tue 2026-11-24 10:00 Europe/Berlin"


def test_without_a_zone_the_zone_of_the_pbx_counts_and_is_an_assumption() -> None:
    graph = graph_of(OPEN, pbx="time_zone: America/New_York")
    found = standing(graph, department_of(graph), datetime(2026, 11, 24, 10, tzinfo=BERLIN))  # 04:00 there
    assert found.state is State.CLOSED
    assert [reason.rule for reason in found.reasons if reason.assumed] == ["D3"]
    graph = graph_of(OPEN, pbx="url: x")
    found = standing(graph, department_of(graph), datetime(2026, 11, 24, 10, tzinfo=BERLIN))
    assert found.state is State.OPEN
    assert [reason.rule for reason in found.reasons if reason.assumed] == ["D3"]


def test_schedules_of_rules() -> None:
    """The table of schedule types: inside and outside of its periods, on an ordinary day and on a holiday."""
    table = {  # (inside, ordinary), (outside, ordinary), (inside, holiday), (outside, holiday)
        "AllHours": [True, True, True, True],
        "Never": [False, False, False, False],
        "SpecificHours": [True, False, True, False],
        "SpecificHoursExcludingHolidays": [True, False, False, False],
        "OutOfSpecificHours": [False, True, True, True],
        "OutOfSpecificHoursIncludingHolidays": [False, True, False, True],
        "OfficeHours": [True, False, False, False],
        "OutOfOfficeHours": [False, True, True, True],
        "BreakTime": [None, None, None, None],
    }
    period = Period(1, timedelta(hours=9), timedelta(hours=17))
    cases = [(10, False), (20, False), (10, True), (20, True)]
    for kind, expected in table.items():
        schedule = Schedule(kind, None, (period,))
        found = []
        for hour, holiday in cases:
            local = datetime(2026, 11, 24, hour)
            state = State.HOLIDAY if holiday else State.OPEN if inside(schedule, local).inside else State.CLOSED
            found.append(holds(schedule, local, state, holiday=holiday).holds)
        assert found == expected, kind


def test_changes_of_a_state() -> None:
    graph = graph_of(OPEN, EVE)
    start = datetime(2026, 12, 23, tzinfo=BERLIN)
    found = changes(graph, department_of(graph), start, start + timedelta(days=4))
    assert [f"{one.astimezone(BERLIN):%d %H:%M}" for one in found] == [
        "24 09:00", "24 12:00", "25 00:00", "25 09:00", "25 17:00", "26 09:00", "26 17:00"
    ]  # fmt: skip
    graph = graph_of(hours("Sunday 01:00-02:30"))
    start = datetime(2026, 10, 25, tzinfo=BERLIN)
    found = changes(graph, department_of(graph), start, start + timedelta(days=1))
    assert [one.astimezone(UTC).strftime("%H:%M") for one in found] == ["23:00", "00:30", "01:00", "01:30"]
