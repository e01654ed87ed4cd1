"""Many tasks of all sorts on a PBX of which every twentieth request goes wrong, tried again until all are done."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests import figures
from tests.faults.plays import Player
from tests.faults.soak import SOAK
from tests.faults.trial import Trials, later
from tests.faults.worlds import settle, world

TASKS = 10_000 if SOAK else 500
SHARE = 0.05
"""How many of the requests meet a fault."""
_FAULTS: tuple[dict[str, Any], ...] = (
    {"status": 503, "retry_after": 1},
    {"status": 503, "retry_after": 1, "retry_after_as": "date"},
    {"status": 429, "retry_after": 1},
    {"status": 429, "retry_after": 1, "processed": True},
    {"status": 503, "retry_after": 1, "processed": True},
    {"status": 500},
    {"status": 500, "processed": True},
    {"status": 502, "body": "<html><title>Bad gateway</title></html>", "processed": True},
    {"status": 403},
    {"status": 412},
    {"disconnect": "before"},
    {"disconnect": "after"},
    {"cut": 0.5, "honest": False},
    {"cut": 0.5},
    {"revoke": True},
    {"disconnect": "after", "revoke": True, "away": 3599},
    {"clock": 3600},
    {"clock": 0},
)


def weather(seed: int, *, leave_out: tuple[str, ...] = ()) -> dict[str, Any]:
    """A fault plan in which a share of all requests goes wrong, each way as often as the others."""
    faults = [fault for fault in _FAULTS if not set(fault) & set(leave_out)]
    return {"seed": seed, "faults": [{**fault, "probability": SHARE / len(faults)} for fault in faults]}


def declared(dice: random.Random, how_many: int) -> list[tuple[str, dict[str, Any]]]:
    """Tasks, each about another entity or property; half of them about what is there already."""
    tasks: list[tuple[str, dict[str, Any]]] = []
    for n in range(how_many):
        state = dice.choice(("present", "present", "absent"))
        word = f"value {dice.randrange(10**6)}"
        module = dice.choice(("fax", "tenant_property", "black_list_number", "website_link", "dn_property"))
        options: dict[str, Any] = {
            "fax": {"number": f"{60000 + n}", "outbound_caller_id": f"{dice.randrange(10**6)}"},
            "tenant_property": {"name": f"NAME{n}", "value": word},
            "black_list_number": {"caller_id": f"+49{n:08}", "description": word},
            "website_link": {"link": f"link{n}", "name": word},
            "dn_property": {"number": "100", "name": f"NAME{n}", "value": word},
        }[module]
        if state == "absent":
            options = dict(list(options.items())[: 2 if module == "dn_property" else 1])
        tasks.append((module, {**options, "state": state}))
    return tasks


def earlier(tasks: list[tuple[str, dict[str, Any]]], dice: random.Random) -> list[tuple[str, dict[str, Any]]]:
    """Return tasks that give about half of the same entities other values first."""
    old = []
    for module, options in tasks:
        if dice.random() < 0.5:
            changing = {"fax": "outbound_caller_id", "black_list_number": "description", "website_link": "name"}
            old.append((module, {**options, changing.get(module, "value"): "1", "state": "present"}))
    return old


def contents(pbx: SimulatedPbx) -> list[str]:
    """All that is stored, whatever ids it was given, and credentials that are made from them."""
    settle(pbx)

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: plain(inner)
                for name, inner in value.items()
                if (name not in ("Id", "Number") or value.get("Name")) and name not in ("AuthID", "AuthPassword")
            }
        return [plain(item) for item in value] if isinstance(value, list) else value

    def named(place: str, data: Any) -> Any:
        """Properties of a number have names, and ids in the order in which they were made."""
        if not place.startswith("properties of"):
            return data
        return {name: {key: value for key, value in held.items() if key != "Id"} for name, held in data.items()}

    return sorted(
        json.dumps([place[0], plain(named(place[0], data))], sort_keys=True, default=str)
        for place, data in world(pbx).items()
    )


@pytest.fixture
def calm(trials: Trials) -> Iterator[Trials]:
    """The company as it was seeded, and nothing goes wrong."""
    trials.pbx.go_by(None)
    trials.begin_with(trials.seeded)
    trials.pbx.clear_log()
    yield trials
    trials.pbx.come_back()
    trials.pbx.go_by(None)
    trials.night.meanwhile = None


def test_all_is_as_declared_in_the_end(calm: Trials) -> None:
    pbx, run, dice = calm.pbx, calm.task, random.Random(5)
    tasks = declared(dice, TASKS)
    for module, options in earlier(tasks, dice):
        run(module, **options)["changed"]
    begin = pbx.snapshot()
    expected = [bool(run(module, **options)["changed"]) for module, options in tasks]
    goal = contents(pbx)
    assert 0 < sum(expected) < len(expected)

    calm.begin_with(begin)
    pbx.clear_log()
    pbx.go_by(weather(7))
    calm.night.meanwhile = pbx.come_back
    left, rounds, failures = list(range(len(tasks))), 0, 0
    while left:
        rounds += 1
        assert rounds < 20, f"{len(left)} tasks do not come to an end"
        still = []
        for number in left:
            pbx.come_back()
            later()
            module, options = tasks[number]
            done = run(module, **options)
            figures.record("tasks under stress")
            if done.data.get("failed"):
                failures += 1
                still.append(number)
                assert "mistake of the collection" not in done.data["msg"], done.data
            elif rounds == 1:
                assert done["changed"] == expected[number], (tasks[number], done.data)
        left = still
    met = sum(logged.faulty for logged in pbx.requests)
    figures.record("requests under stress that met a fault", met)
    figures.record("tasks under stress that failed, and were run again", failures)
    assert met > TASKS * SHARE
    pbx.come_back()
    pbx.go_by(None)
    later()
    assert contents(pbx) == goal
    pbx.clear_log()
    assert not any(run(module, **options)["changed"] for module, options in tasks)
    assert pbx.writes == []


def test_a_loop_reports_each_items_fate_and_is_run_until_all_is_done(pbx: SimulatedPbx, tmp_path: Path) -> None:
    """Real ansible-playbook, which really waits; so nothing here asks it to wait for long."""
    items = 200 if SOAK else 60
    numbers = [f"{60000 + n}" for n in range(items)]
    for number in numbers[::3]:
        pbx.put("Fax", {"Id": int(number), "Number": number, "OutboundCallerId": "0"})
    tasks: list[dict[str, Any]] = [
        {"threecx.xapi.threecx_fax": {"number": "{{ item }}", "outbound_caller_id": "1"}, "loop": numbers[1::2]},
        {"threecx.xapi.threecx_fax": {"number": "{{ item }}", "state": "absent"}, "loop": numbers[::2]},
    ]
    for task in tasks:
        task["ignore_errors"] = True
    player = Player(pbx, tmp_path)
    pbx.clear_log()
    pbx.go_by(weather(3, leave_out=("away", "retry_after")))
    rounds = failures = 0
    while True:
        rounds += 1
        assert rounds < 15
        played = player.run(tasks)
        assert played.rc == 0, played.output
        assert "Traceback" not in played.output
        failed = 0
        for task, record in zip(tasks, played.tasks, strict=True):
            fates = record["result"]["results"]
            assert [fate["item"] for fate in fates] == task["loop"]
            for fate in fates:
                assert ("msg" in fate and pbx.url in fate["msg"]) if fate.get("failed") else "changed" in fate, fate
            failed += sum(bool(fate.get("failed")) for fate in fates)
            figures.record("tasks under stress", len(fates))
        failures += failed
        if not failed:
            break
    figures.record("requests under stress that met a fault", sum(logged.faulty for logged in pbx.requests))
    figures.record("tasks under stress that failed, and were run again", failures)
    assert failures, "nothing went wrong"
    there = {row["Number"]: row["OutboundCallerId"] for row in pbx.entities("Fax") if row["Number"] in numbers}
    assert there == dict.fromkeys(numbers[1::2], "1")
