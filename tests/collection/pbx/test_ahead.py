"""Looking ahead in a loop: fewer requests, and never a decision by what is old."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from threecx_xapi import deadline, errors, paging

from pbx_as_code.engine.find import knowledge as _ahead
from pbx_simulator import SimulatedPbx
from pbx_simulator.state.store import Row
from tests.collection.clocks import fall
from tests.collection.conftest import Task

COST = _ahead._COST


@pytest.fixture(autouse=True)
def _rows_stay_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a loop takes longer than rows are served; tests of their age have a separate clock."""
    monkeypatch.setattr(_ahead, "monotonic", lambda: 1000.0)


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    faxes = [{"Id": 5000 + number, "Number": str(8000 + number)} for number in range(250)]
    with SimulatedPbx({"Fax": faxes}) as simulated:
        yield simulated


@pytest.fixture
def task(pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> Task:
    return task_on(pbx)


def lists(pbx: SimulatedPbx) -> list[str]:
    """The queries of the pages that were read ahead."""
    return [logged.query for logged in pbx.requests if logged.method == "GET" and "$count" in logged.query]


def look_ups(pbx: SimulatedPbx) -> int:
    return sum("$filter" in logged.query for logged in pbx.requests if logged.method == "GET")


def go_on(task: Task, numbers: range, **options: Any) -> list[Any]:
    return [task("fax", number=str(number), **options) for number in numbers]


def gone(task: Task) -> None:
    """As many look-ups as make it worth reading the list of faxes, and some more."""
    go_on(task, range(9000, 9040), state="absent")


def test_a_long_loop_with_nothing_to_do_asks_for_pages(pbx: SimulatedPbx, task: Task) -> None:
    results = [*go_on(task, range(9000, 9200), state="absent"), *go_on(task, range(8000, 8250))]
    assert not any(result["changed"] for result in results)
    assert [result["fax"]["number"] for result in results[200:]] == [str(number) for number in range(8000, 8250)]
    assert look_ups(pbx) < 25
    assert len(lists(pbx)) == 3  # two looks at how long it is, and the first page; the others need no count
    assert not pbx.writes


def test_a_short_loop_asks_for_what_it_needs(pbx: SimulatedPbx, task: Task) -> None:
    go_on(task, range(9000, 9000 + COST), state="absent")
    assert not lists(pbx)


def removals(pbx: SimulatedPbx) -> list[tuple[str, int]]:
    return [(logged.method, logged.status) for logged in pbx.requests]


def test_what_is_to_be_removed_is_removed_by_its_etag(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.clear_log()
    for number in range(8000, 8003):
        assert task("fax", number=str(number), state="absent")["changed"]
        assert not task("fax", number=str(number), state="absent")["changed"]
    assert removals(pbx) == [("DELETE", 204), ("GET", 200), ("GET", 200)] * 3
    assert all(write.headers["if-match"] for write in pbx.writes)


def test_what_is_to_be_removed_and_has_changed_is_looked_up_again(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.put("Fax", {"Id": 5001, "OutboundCallerId": "49301234"})  # behind the back of the loop: another ETag
    pbx.clear_log()
    assert task("fax", number="8001", state="absent")["changed"]
    assert removals(pbx) == [("DELETE", 412), ("GET", 200), ("DELETE", 204), ("GET", 200)]


def test_what_is_to_be_removed_as_it_was_and_has_changed_stays(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.put("Fax", {"Id": 5001, "OutboundCallerId": "49301234"})
    assert "not as the task says" in task("fax", number="8001", outbound_caller_id="", state="absent").msg
    assert "8001" in {row["Number"] for row in pbx.entities("Fax")}


def test_what_is_to_be_removed_and_is_gone_meanwhile_is_gone(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.remove("Fax", 5001)
    assert not task("fax", number="8001", state="absent")["changed"]


def test_a_removal_nobody_knows_the_outcome_of_is_not_sent_twice(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.clear_log()
    pbx.fail(r"/Fax\(", method="DELETE", disconnect="after")
    done = task("fax", number="8001", state="absent")
    assert done["changed"]
    assert "no longer has it" in done.warnings[0]
    assert len(pbx.writes) == 1


def test_without_etags_what_is_to_be_removed_is_looked_up_itself(task_on: Callable[[SimulatedPbx], Task]) -> None:
    faxes = [{"Id": 5000 + number, "Number": str(8000 + number)} for number in range(5)]
    with SimulatedPbx({"Fax": faxes}, etags=False) as pbx:
        gone(task_on(pbx))
        pbx.clear_log()
        assert task_on(pbx)("fax", number="8001", state="absent")["changed"]
        # Looked up, removed, looked for: its number cannot change, and no other fax gets its id.
        assert removals(pbx) == [("GET", 200), ("DELETE", 204), ("GET", 200)]


def test_without_etags_what_can_change_is_looked_up_again_under_the_lock(
    task_on: Callable[[SimulatedPbx], Task],
) -> None:
    with SimulatedPbx({"Groups": [{"Id": 70, "Name": "Sales"}]}, etags=False) as pbx:
        gone(task_on(pbx))
        pbx.clear_log()
        assert task_on(pbx)("group", name="Sales", state="absent")["changed"]
        assert [one.method for one in pbx.requests if one.path == "/xapi/v1/Groups"][:2] == ["GET", "GET"]


def test_a_loop_of_removals_goes_on_by_what_was_read(pbx: SimulatedPbx, task: Task) -> None:
    results = go_on(task, range(8000, 8250), state="absent")
    assert all(result["changed"] for result in results)
    assert len(lists(pbx)) == 3
    assert len(pbx.requests) < 2.2 * 250


def test_after_a_removal_what_was_read_tells_nothing_else(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    task("fax", number="8003", state="absent")
    pbx.clear_log()
    assert not task("fax", number="8004")["changed"]
    assert look_ups(pbx) == 1


def test_a_fax_that_came_meanwhile_is_not_made_twice(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.put("Fax", {"Id": 7001, "Number": "8900"})
    pbx.clear_log()
    assert not task("fax", number="8900")["changed"]
    assert not pbx.writes


def test_a_fax_that_is_changed_is_changed_by_what_it_is_now(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.put("Fax", {"Id": 5002, "OutboundCallerId": "4930"})
    assert task("fax", number="8002", outbound_caller_id="4940", diff_mode=True).data["diff"]["before"] == {
        "outbound_caller_id": "4930"
    }


def test_after_a_write_nothing_read_before_it_is_served(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    task("fax", number="8003", outbound_caller_id="4950")
    pbx.put("Fax", {"Id": 7002, "Number": "9100"})
    assert task("fax", number="9100", state="absent")["changed"]


def test_what_another_client_of_the_loop_writes_counts_too(pbx: SimulatedPbx, task: Task) -> None:
    """check_mode may be a matter of the item, and so may who signs in: that is another client."""
    go_on(task, range(9000, 9040), state="absent", check_mode=True)
    assert lists(pbx)
    assert task("fax", number="8900")["changed"]
    assert task("fax", number="8900", state="absent", check_mode=True)["changed"]


@pytest.mark.parametrize("strange", [{"a": 1}, ["x"], 7, 1.5, True, None])
def test_a_row_without_a_name_that_can_be_compared_is_nobody(pbx: SimulatedPbx, task: Task, strange: Any) -> None:
    """And hides none of those after it."""
    original = paging.iterate

    def iterate(*args: Any, **options: Any) -> Iterator[Any]:
        for row in original(*args, **options):
            yield {**row, "Number": strange} if row["Id"] == 5000 else row

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "iterate", iterate)
        results = go_on(task, range(9000, 9040), state="absent")
    assert lists(pbx)
    assert not any(result["changed"] for result in results)
    assert task("fax", number="8001", state="absent")["changed"]


def test_check_mode_says_what_is_so_now(pbx: SimulatedPbx, task: Task) -> None:
    go_on(task, range(9000, 9040), state="absent", check_mode=True)
    assert lists(pbx)
    pbx.remove("Fax", 5004)
    assert not task("fax", number="8004", state="absent", check_mode=True)["changed"]


def test_asked_again_means_asked_of_the_pbx(pbx: SimulatedPbx, task: Task) -> None:
    """As `until` does."""
    gone(task)
    assert not task("fax", number="9300", state="absent")["changed"]
    pbx.put("Fax", {"Id": 7003, "Number": "9300"})
    assert task("fax", number="9300", state="absent")["changed"]


def test_asked_again_by_its_key(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    assert not task("fax", number="8005")["changed"]
    pbx.remove("Fax", 5005)
    assert "There is no fax" in task("fax", id=5005).msg


def test_if_match_is_held_against_the_pbx(pbx: SimulatedPbx, task: Task) -> None:
    gone(task)
    pbx.clear_log()
    task("fax", number="8006", if_match="*")
    assert look_ups(pbx) == 1


def test_what_was_read_is_served_for_seconds(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr(_ahead, "monotonic", lambda: now)
    gone(task)
    pbx.put("Fax", {"Id": 7004, "Number": "9400"})
    pbx.clear_log()
    now += _ahead.FRESH + 1
    assert task("fax", number="9400", state="absent")["changed"]
    assert pbx.requests


def test_what_took_longer_to_read_than_it_is_served_is_not_served(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    answered = 0
    original = paging.iterate

    def iterate(*args: Any, **options: Any) -> Iterator[Any]:
        nonlocal now, answered
        rows = list(original(*args, **options))
        now += _ahead.FRESH + 1
        answered = look_ups(pbx)
        for number in range(9000, 9040):
            pbx.put("Fax", {"Id": number, "Number": str(number)})
        return iter(rows)

    monkeypatch.setattr(_ahead, "monotonic", lambda: now)
    monkeypatch.setattr(paging, "iterate", iterate)
    results = go_on(task, range(9000, 9040), state="absent", check_mode=True)
    assert answered
    assert [result["changed"] for result in results] == [number >= answered for number in range(40)]


def test_reading_ahead_leaves_a_task_time_to_ask(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its deadline is for the task, and the task can do without: it is given half of what is left."""
    left = []

    def iterate(*_args: Any, **_options: Any) -> Iterator[Any]:
        left.append(deadline.remaining() or 0.0)
        raise errors.DeadlineExceeded("The list takes too long.")

    monkeypatch.setattr(paging, "iterate", iterate)
    assert not any(result["changed"] for result in go_on(task, range(9000, 9040), state="absent", task_deadline=12))
    assert len(left) == 1
    assert 0 < left[0] <= 6


def test_reading_ahead_ends_when_it_would_be_old(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = []
    original = paging.iterate

    def iterate(*args: Any, **options: Any) -> Iterator[Any]:
        left.append(deadline.remaining() or 0.0)
        return original(*args, **options)

    monkeypatch.setattr(paging, "iterate", iterate)
    gone(task)
    assert len(left) == 1
    assert 0 < left[0] <= _ahead.FRESH


@pytest.mark.parametrize("comes", [True, False])
def test_a_list_that_moves_while_it_is_read_is_not_believed(pbx: SimulatedPbx, task: Task, comes: bool) -> None:
    """A fax of the first page goes, and the first one of the second page slips into the first."""
    moved = False
    original = paging.iterate

    def iterate(*args: Any, **options: Any) -> Iterator[Any]:
        nonlocal moved
        for row in original(*args, **options):
            if not moved:
                moved = True
                pbx.remove("Fax", 5000)
                if comes:  # and there are as many as before
                    pbx.put("Fax", {"Id": 7005, "Number": "8901"})
            yield row

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paging, "iterate", iterate)
        results = go_on(task, range(8001, 8250), state="absent", check_mode=True)
    assert moved
    assert all(result["changed"] for result in results)


@pytest.mark.parametrize(
    "answer",
    [
        {"value": []},
        {"value": [], "@odata.count": 250},
        {"value": "none", "@odata.count": 0},
        {"@odata.count": 0},
        {"value": [{"Number": "8000"}], "@odata.count": 1},
        {"value": [{"Id": 5000}, {"Id": 5000}], "@odata.count": 2},
        [],
    ],
)
def test_a_pbx_that_lists_strangely_is_asked_one_by_one(pbx: SimulatedPbx, task: Task, answer: Any) -> None:
    go_on(task, range(9000, 9000 + COST), state="absent")
    pbx.fail(r"/Fax$", status=200, body=answer)  # meets the list
    assert task("fax", number="8007", state="absent")["changed"]


def test_a_pbx_that_does_not_list_is_asked_one_by_one(pbx: SimulatedPbx, task: Task) -> None:
    go_on(task, range(9000, 9000 + COST), state="absent")
    pbx.fail(r"/Fax$", status=403, times=2)  # a new token does not help
    assert task("fax", number="8007", state="absent")["changed"]
    pbx.clear_log()
    go_on(task, range(9000, 9100), state="absent")
    assert len(pbx.requests) == 100


def test_pages_may_be_short(task_on: Callable[[SimulatedPbx], Task]) -> None:
    faxes = [{"Id": 5000 + number, "Number": str(8000 + number)} for number in range(45)]
    with SimulatedPbx({"Fax": faxes}, page_cap=10) as pbx:
        task = task_on(pbx)
        results = go_on(task, range(8000, 8045))
        assert not any(result["changed"] for result in results)
        assert look_ups(pbx) < 45


def test_what_became_of_a_write_is_asked_of_the_pbx(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is looked for more often than it takes to read the list."""
    fall(monkeypatch)
    pbx = pbx_factory(slowness=20)
    assert task_on(pbx)("backup", file_name="weekly")["changed"]
    assert len([write for write in pbx.writes if "Backup" in write.path]) == 1
    assert not lists(pbx)


def test_what_no_etag_stands_for_is_looked_up_again(task_on: Callable[..., Task]) -> None:
    """The members of a ring group are stored elsewhere, so the group may keep its ETag when they change."""
    users = [{"Id": 20, "Number": "100", "FirstName": "Ada"}, {"Id": 21, "Number": "101", "FirstName": "Ben"}]
    with SimulatedPbx({"Users": users}) as pbx:
        task = task_on(pbx)
        assert task("ring_group", number="800", name="Sales", members=[{"number": "100"}])["changed"]
        for number in range(900, 900 + 4 * COST):
            task("ring_group", number=str(number), state="absent", members=[])
        assert lists(pbx)
        (group,) = pbx.entities("RingGroups")
        members = [{**group["Members"][0], "Id": 21, "Number": "101", "Name": "Ben"}]
        pbx._in_loop(lambda: pbx._store.amend("RingGroups", group["Id"], {"Members": members}))
        result = task("ring_group", number="800", members=[{"number": "100"}], state="absent")
        assert "not as the task says: members" in result.msg
        assert not [write for write in pbx.writes if write.method == "DELETE"]


QUEUES = {"Queues": [{"Id": 100 + number, "Number": str(800 + number), "Name": f"q{number}"} for number in range(30)]}


def no_queues(task: Task) -> None:
    for number in range(4 * COST):
        assert not task("queue", name=f"none{number}", state="absent")["changed"]


def test_a_second_one_of_the_name_that_came_meanwhile_is_seen(task_on: Callable[..., Task]) -> None:
    """The ETag of the first one says nothing of it."""
    with SimulatedPbx(QUEUES) as pbx:
        no_queues(task_on(pbx))
        assert lists(pbx)
        pbx.put("Queues", {"Number": "899", "Name": "q3"})
        assert "name q3 means 2 of them" in task_on(pbx)("queue", name="q3", state="absent").msg
        assert not pbx.writes


@pytest.mark.parametrize(
    "named", [{"name": "q3"}, {"number": "803", "name": "q3"}, {"number": "803", "max_callers_in_queue": 5}]
)
def test_etags_that_never_change_guard_nothing(
    task_on: Callable[..., Task], named: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Row, "etag", 'W/"1"')
    with SimulatedPbx(QUEUES) as pbx:
        pbx.put("Queues", {"Id": 103, "MaxCallersInQueue": 5})
        no_queues(task_on(pbx))
        assert lists(pbx)
        pbx.put("Queues", {"Id": 103, "Name": "another", "MaxCallersInQueue": 6})
        result = task_on(pbx)("queue", **named, state="absent")
        assert result.data.get("failed") or not result["changed"]
        assert not pbx.writes


def test_what_cannot_change_needs_no_second_look(task_on: Callable[..., Task]) -> None:
    with SimulatedPbx(QUEUES) as pbx:
        no_queues(task_on(pbx))
        pbx.clear_log()
        assert task_on(pbx)("queue", number="803", state="absent")["changed"]
        assert task_on(pbx)("queue", id=104, state="absent")["changed"]
        assert removals(pbx) == [("DELETE", 204), ("GET", 200)] * 2
