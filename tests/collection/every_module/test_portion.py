"""limit and order_by of every _info module of a list, on the wire."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs

import pytest

from ansible_collection.plugins.plugin_utils._arguments import arguments_of
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.engine.perform import EntityRunner
from pbx_simulator import SimulatedPbx
from tests.descriptions import described

Task = Callable[..., Any]


@pytest.fixture
def many(pbx: SimulatedPbx) -> SimulatedPbx:
    """A PBX with 250 faxes."""
    for fax in pbx.entities("Fax"):
        pbx.remove("Fax", fax["Id"])
    for number in range(250):
        pbx.put("Fax", {"Id": number + 1, "Number": str(9000 + number)})
    pbx.clear_log()
    return pbx


def asked(pbx: SimulatedPbx) -> list[tuple[str | None, ...]]:
    """$orderby, $top and $skip of each request for faxes."""
    queries = [parse_qs(one.query) for one in pbx.requests if one.path == "/xapi/v1/Fax"]
    return [tuple(query.get(name, [None])[0] for name in ("$orderby", "$top", "$skip")) for query in queries]


def numbers(result: Any) -> list[int]:
    return [int(fax["number"]) for fax in result["faxes"]]


def test_without_them_every_row_comes_in_the_order_of_the_keys(many: SimulatedPbx, task: Task) -> None:
    assert numbers(task("fax_info")) == list(range(9000, 9250))
    assert asked(many) == [("Id", "100", None), ("Id", "100", "100"), ("Id", "100", "200"), ("Id", "100", "250")]


@pytest.mark.parametrize(
    ("limit", "pages"),
    [
        (1, [("1", None)]),
        (100, [("100", None)]),
        (130, [("100", None), ("30", "100")]),
        (250, [("100", None), ("100", "100"), ("50", "200")]),
    ],
)
def test_a_limit_reads_no_more_than_it_says(
    limit: int, pages: list[tuple[str | None, str | None]], many: SimulatedPbx, task: Task
) -> None:
    found = task("fax_info", limit=limit)
    assert numbers(found) == list(range(9000, 9000 + limit))
    assert found.warnings == [], "who asks for a limit knows of it"
    assert [(top, skip) for _, top, skip in asked(many)] == pages


def test_a_limit_above_what_there_is_and_none_at_all(many: SimulatedPbx, task: Task) -> None:
    assert len(task("fax_info", limit=1000)["faxes"]) == 250
    assert len(task("fax_info", limit=0)["faxes"]) == 250
    assert len(task("fax_info", limit=None)["faxes"]) == 250


def test_a_negative_limit_is_refused_before_anything_is_asked(many: SimulatedPbx, task: Task) -> None:
    refused = task("fax_info", limit=-1)
    assert "limit: -1 is not a valid number of faxes" in refused.msg
    assert refused["target"] == "limit"
    assert asked(many) == []


def test_the_order_is_passed_on(many: SimulatedPbx, task: Task) -> None:
    assert numbers(task("fax_info", order_by="Number desc", limit=3)) == [9249, 9248, 9247]
    assert asked(many) == [("Number desc", "3", None)]
    ordered = task("fax_info", order_by="Number desc", filter="Number ge '9100'")
    assert numbers(ordered) == list(range(9249, 9099, -1))


def test_an_order_by_what_is_not_there_is_the_pbx_s_to_refuse(many: SimulatedPbx, task: Task) -> None:
    refused = task("fax_info", order_by="Colour")
    assert refused.msg
    assert refused["status"] == 400


def listing(pbx: SimulatedPbx, limit: int, order: str = "", can_order: bool = True, /, **options: Any) -> Any:
    """The faxes, as if they were one of the lists that may be endless."""
    runner = EntityRunner(
        replace(described("threecx_fax_info"), limit=limit, order=order, can_order=can_order), info=True
    )
    given = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret, **options}
    checked = validate("fax_info", arguments_of(runner), given)
    assert checked.problem is None, checked.problem
    return runner.perform(given=given, validated=checked.params, check_mode=False, diff_mode=False)


def test_a_default_limit_warns_where_there_is_more(many: SimulatedPbx) -> None:
    result, warnings = listing(many, 120, "Number desc")
    assert numbers(result) == list(range(9249, 9129, -1))
    assert warnings == [
        f"There are more faxes on {many.url} than the 120 that are returned. Say which are meant with filter, how "
        "many are wanted with limit, or limit: 0 for every one."
    ]
    assert asked(many) == [("Number desc", "100", None), ("Number desc", "21", "100")]


def test_a_default_limit_says_nothing_where_that_is_all(many: SimulatedPbx) -> None:
    for limit in (250, 251):
        result, warnings = listing(many, limit)
        assert len(result["faxes"]) == 250
        assert warnings == []


@pytest.mark.parametrize("options", [{"limit": 0}, {"filter": "Number ge '9000'", "limit": 300}])
def test_a_default_limit_gives_way_to_the_task(options: dict[str, Any], many: SimulatedPbx) -> None:
    result, warnings = listing(many, 120, **options)
    assert len(result["faxes"]) == 250
    assert warnings == []


def test_a_default_limit_does_not_count_for_what_is_named(many: SimulatedPbx) -> None:
    result, warnings = listing(many, 1, number="9003")
    assert numbers(result) == [9003]
    assert warnings == []
    assert asked(many) == [("Id", "100", None)]


def test_what_takes_no_order_is_asked_for_none(many: SimulatedPbx) -> None:
    listing(many, 5, "", False)
    assert asked(many) == [(None, "6", None)]
