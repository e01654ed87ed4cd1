"""Holidays: their department, their times, dates that do not exist, and a second one of the same name."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

OnPbx = Callable[[SimulatedPbx], Task]
DAY: dict[str, Any] = {"day": 4, "month": 7, "year": 2027, "day_end": 4, "month_end": 7, "year_end": 2027}
each_build = pytest.mark.parametrize(
    "traits", [(), ("as-seen",), ("as-seen", "omit-zeros"), ("strict-odata",)], ids="+".join
)


@each_build
def test_a_new_one_is_of_the_default_department(traits: tuple[str, ...], task_on: OnPbx) -> None:
    with SimulatedPbx(traits=traits) as pbx:
        task = task_on(pbx)
        [default] = [row for row in pbx.entities("Groups") if row["IsDefault"]]
        assert task("holiday", name="Fourth 2027", **DAY, check_mode=True)["holiday"]["group"] == default["Name"]
        made = task("holiday", name="Fourth 2027", **DAY)
        assert made["holiday"]["group"] == default["Name"]
        assert json.loads(pbx.writes[-1].body)["Group"] == default["Number"]
        assert not task("holiday", name="Fourth 2027", **DAY)["changed"]
        other = task("holiday", name="Other 2027", group="Sales", **DAY)
        assert other["holiday"]["group"] == "Sales"


@each_build
def test_a_whole_day_is_the_same_in_whatever_way_it_is_said(traits: tuple[str, ...], task_on: OnPbx) -> None:
    begins: tuple[Any, ...] = ("PT0S", "P0D", "00:00", "00:00:00", None)
    ends: tuple[Any, ...] = ("PT23H59M", "PT24H", "P1D", "23:59", "PT23H59M59S", "24:00", "PT0S", None)
    with SimulatedPbx(traits=traits) as pbx:
        task = task_on(pbx)
        assert task("holiday", name="Whole 2027", **DAY)["changed"]
        for begin in begins:
            for end in ends:
                times = {"time_of_start_date": begin, "time_of_end_date": end}
                assert not task("holiday", name="Whole 2027", **DAY, **times)["changed"], times
        [stored] = [row for row in pbx.entities("Holidays") if row["Name"] == "Whole 2027"]
        for begin, end in (("PT0S", "P1D"), ("P0D", "PT23H59M")):
            pbx.put("Holidays", {"Id": stored["Id"], "TimeOfStartDate": begin, "TimeOfEndDate": end})
            assert not task("holiday", name="Whole 2027", **DAY)["changed"]
            assert not task("holiday", name="Whole 2027", time_of_end_date="24:00", time_of_start_date="00:00")[
                "changed"
            ]


@each_build
def test_times_of_day_are_taken_as_office_hours_are(traits: tuple[str, ...], task_on: OnPbx) -> None:
    with SimulatedPbx(traits=[*traits, "refuse-hhmm"]) as pbx:
        task = task_on(pbx)
        times = {"time_of_start_date": "08:00", "time_of_end_date": "17:30"}
        assert task("holiday", name="Half 2027", **DAY, **times)["changed"]
        body = json.loads(pbx.writes[-1].body)
        assert (body["TimeOfStartDate"], body["TimeOfEndDate"]) == ("PT8H", "PT17H30M")
        for same in (times, {"time_of_start_date": "08:00:00", "time_of_end_date": "PT17H30M"}):
            assert not task("holiday", name="Half 2027", **same)["changed"]
        assert "time of day" in task("holiday", name="Half 2027", time_of_end_date="25:00").msg
        periods = [{"day_of_week": "Monday", "start": "08:00", "stop": "17:30"}]
        for name, key in (("group", {"name": "Sales"}), ("office_hours", {})):
            hours = {"hours": {"type": "SpecificHours", "periods": periods}}
            task(name, **key, **hours)
            assert '"08:00:00"' in pbx.writes[-1].body.decode()
            assert not task(name, **key, **hours)["changed"]


def test_a_date_that_does_not_exist_is_refused_by_the_name_of_the_option(task_on: OnPbx) -> None:
    with SimulatedPbx() as pbx:
        task = task_on(pbx)
        for wrong, target in (
            ({"month": 2, "day": 31}, "day"),
            ({"month": 2, "day": 29, "year": 2027}, "day"),
            ({"month": 13}, "month"),
            ({"month_end": 0}, "month_end"),
            ({"day_end": 32}, "day_end"),
            ({"day_end": 0}, "day_end"),
            ({"day_end": 3}, "day_end"),
            ({"month_end": 6}, "month_end"),
            ({"year_end": 2026}, "year_end"),
            ({"time_of_start_date": "12:00", "time_of_end_date": "08:00"}, "time_of_end_date"),
        ):
            for check_mode in (True, False):
                refused = task("holiday", name="Wrong", **{**DAY, **wrong}, check_mode=check_mode)
                assert refused.msg, wrong
                assert refused.data["target"] == target, (wrong, refused.msg)
        every_year = {"year": 0, "year_end": 0, "is_recurrent": True}
        assert task("holiday", name="Leap", **{**DAY, **every_year, "day": 29, "month": 2})["changed"]
        around = {"day": 24, "month": 12, "day_end": 2, "month_end": 1}
        assert task("holiday", name="Around", **{**DAY, **every_year, **around})["changed"]
        pbx.clear_log()
        assert task("holiday", name="Around", day_end=31, month_end=2).data["target"] == "day_end"
        item = {"name": "Item", **DAY, "day": 31, "month": 6}
        assert task("group", name="Sales", office_holidays=[item]).data["target"] == "office_holidays[0].day"
        assert pbx.writes == []


def test_a_second_one_of_the_same_name_is_explained(task_on: OnPbx) -> None:
    with SimulatedPbx(traits=["as-seen"]) as pbx:
        task = task_on(pbx)
        assert task("holiday", name="Easter Monday", **DAY)["changed"]
        next_year = {**DAY, "year": 2028, "year_end": 2028}
        refused = task("holiday", name="Easter Monday", **next_year)
        assert refused.data["target"] == "name"
        assert "There already is holiday" in refused.msg
        assert "the year in it" in refused.msg
        assert task("holiday", name="Easter Monday 2028", **next_year)["changed"]


def test_null_is_the_default_department(pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Any]) -> None:
    for traits in (("as-seen",), ("strict-odata",)):
        pbx = pbx_factory(traits=traits)
        task = task_on(pbx)
        day = {"name": "Ours", "group": None, "day": 1, "month": 5, "day_end": 1, "month_end": 5}
        assert task("holiday", **day)["holiday"]["group"] == "DEFAULT"
        pbx.clear_log()
        assert not task("holiday", **day)["changed"]
        assert not task("holiday", **{**day, "group": ""})["changed"], "an empty name says as little as null"
        assert pbx.writes == []
        assert task("holiday", **day, state="absent")["changed"]
        assert [row["Name"] for row in pbx.entities("Holidays")] == ["New Year", "Anniversary"]
