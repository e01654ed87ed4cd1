"""Many change the same entity at a time: with ETags no update is lost, and without them nobody can notice."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import XapiClient
from threecx_xapi.errors import PreconditionFailed

from pbx_simulator import Gate, SimulatedPbx
from tests import figures
from tests.collection.tasks import Task, tasks_on
from tests.faults.plays import Player
from tests.faults.soak import SOAK

WORKERS = 20
ROUNDS = 100 if SOAK else 10
COUNTER = "/TenantProperties('counter')"
Factory = Callable[..., SimulatedPbx]


def counter(pbx: SimulatedPbx, row: str) -> int:
    [found] = [one for one in pbx.entities("TenantProperties") if one["Name"] == row]
    return int(found["Value"])


def client(pbx: SimulatedPbx) -> XapiClient:
    return XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret)


def together(work: Callable[[int, threading.Barrier], int]) -> int:
    """Let all workers work; the sum of what they return."""
    barrier = threading.Barrier(WORKERS)
    with ThreadPoolExecutor(WORKERS) as pool:
        return sum(pool.map(lambda number: work(number, barrier), range(WORKERS)))


def test_with_etags_no_update_of_the_client_is_lost(pbx_factory: Factory) -> None:
    pbx = pbx_factory(etags=True)
    pbx.put("TenantProperties", {"Name": "counter", "Value": "0"})

    def add(_: int, barrier: threading.Barrier) -> int:
        refused = 0
        with client(pbx) as mine:
            for turn in range(ROUNDS):
                while True:
                    reply = mine.request("GET", COUNTER)
                    if turn == 0 and not refused:
                        barrier.wait(60)  # all have read the same one
                    value = str(int(reply.json()["Value"]) + 1)
                    try:
                        mine.request("PATCH", COUNTER, json={"Value": value}, headers={"If-Match": reply.etag or ""})
                        break
                    except PreconditionFailed:
                        refused += 1
        return refused

    refused = together(add)
    lost = WORKERS * ROUNDS - counter(pbx, "counter")
    figures.record("updates made by 20 workers at a time", WORKERS * ROUNDS)
    figures.record("updates refused, and made again from what was there by then", refused)
    figures.record("updates lost", lost)
    assert lost == 0
    assert refused >= WORKERS - 1, "they never met"


def test_with_etags_no_update_of_a_task_is_lost(pbx_factory: Factory) -> None:
    """Tasks that decide from what they have read: the ETag they read goes along, as the _info module returned it."""
    pbx = pbx_factory(etags=True)
    pbx.put("TenantProperties", {"Name": "counter", "Value": "0"})
    turns = max(1, ROUNDS // 5)

    def add(_: int, barrier: threading.Barrier) -> int:
        task, refused = tasks_on(pbx), 0
        for turn in range(turns):
            while True:
                [seen] = task("tenant_property_info", name="counter")["tenant_properties"]
                if turn == 0 and not refused:
                    barrier.wait(60)
                done = task("tenant_property", name="counter", value=str(int(seen["value"]) + 1), if_match=seen["etag"])
                if done.data.get("failed") and done.data["changed"]:
                    assert "somebody else changed it right after" in done.msg
                    break  # this one was made, and the next one made from it, before it was read again
                if done.data.get("failed"):
                    assert done["status"] == 412, done.data
                elif done["changed"]:
                    break
                # Otherwise another one has just made the same of it: what is declared is so, and this one has not
                # added.
                refused += 1
        return refused

    assert together(add) >= WORKERS - 1
    lost = WORKERS * turns - counter(pbx, "counter")
    figures.record("updates made by 20 workers at a time", WORKERS * turns)
    figures.record("updates lost", lost)
    assert lost == 0


def test_without_etags_the_last_one_wins_and_nobody_can_tell(pbx_factory: Factory) -> None:
    """Documented limit of releases without ETags: of all writers that read the same version, only one survives."""
    pbx = pbx_factory(etags=False)
    pbx.put("TenantProperties", {"Name": "counter", "Value": "0"})

    def add(_: int, barrier: threading.Barrier) -> int:
        with client(pbx) as mine:
            reply = mine.request("GET", COUNTER)
            assert reply.etag is None
            barrier.wait(60)
            mine.request("PATCH", COUNTER, json={"Value": str(int(reply.json()["Value"]) + 1)})
        return 0

    together(add)
    assert counter(pbx, "counter") == 1
    figures.record("updates lost where a PBX gives no ETags, of 20 at a time", WORKERS - counter(pbx, "counter"))


def members(pbx: SimulatedPbx, number: str) -> set[str]:
    [row] = [row for row in pbx.entities("RingGroups") if row["Number"] == number]
    return {member["Number"] for member in row["Members"]}


def test_twenty_workers_of_ansible_add_to_the_same_list(pbx: SimulatedPbx, tmp_path: Path) -> None:
    """Each adds its own number to one ring group, and tries again where another was quicker."""
    [ring, *_] = pbx.entities("RingGroups")
    for n in range(WORKERS):
        pbx.put("Users", {"Id": 8000 + n, "Number": f"{500 + n}", "FirstName": "One"})
    before = members(pbx, ring["Number"])
    task: dict[str, Any] = {
        "threecx.xapi.threecx_ring_group": {
            "number": ring["Number"],
            "members": [{"number": "{{ 500 + (inventory_hostname[3:] | int) }}"}],
            "lists": "add",
        },
        "register": "done",
        "until": "done is not failed",
        "retries": 100,
        "delay": 0,
    }
    played = Player(pbx, tmp_path, WORKERS).run([task])
    assert played.rc == 0, played.output
    added = members(pbx, ring["Number"]) - before
    lost = WORKERS - len(added)
    figures.record("updates made by 20 workers at a time", WORKERS)
    figures.record("updates lost", lost)
    assert lost == 0
    # Each worker has written once. A worker whose read-back finds more items than it sent retries and then reports no
    # change, so not every last result is "changed".
    assert sum(write.status == 204 for write in pbx.writes) == WORKERS
    assert pbx.sign_ins == 1, "they share one token"


@pytest.mark.parametrize("state", ["present", "absent"])
def test_twenty_workers_make_or_remove_the_same_one(pbx: SimulatedPbx, state: str) -> None:
    """One of them does it; the others find it done, or say that somebody was quicker. There is never a second one."""
    if state == "absent":
        pbx.put("Fax", {"Id": 7001, "Number": "7801"})
    pbx.clear_log()

    def ask(_: int, barrier: threading.Barrier) -> int:
        task: Task = tasks_on(pbx)
        barrier.wait(60)
        done = task("fax", number="7801", state=state)
        if done.data.get("failed"):
            assert done["status"] in (400, 409, 412), done.data
            assert not done.data["changed"]
        return int(done.data["changed"])

    assert together(ask) == 1
    assert len([row for row in pbx.entities("Fax") if row["Number"] == "7801"]) == (state == "present")
    task = tasks_on(pbx)
    assert not task("fax", number="7801", state=state)["changed"]


def test_who_is_overtaken_after_the_write_is_told_so(pbx: SimulatedPbx) -> None:
    """The write was accepted, and what is read afterwards is somebody else's."""
    pbx.put("TenantProperties", {"Name": "counter", "Value": "0"})
    gate = Gate()
    pbx.fail("/TenantProperties", method="PATCH", status=204, delay=gate)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(tasks_on(pbx), "tenant_property", name="counter", value="1")
        assert gate.wait_arrived()
        pbx.put("TenantProperties", {"Name": "counter", "Value": "2"})
        gate.open()
        told = asked.result()
    assert told.data["changed"]
    assert "has stored value differently than it was sent" in told.msg
    assert told["target"] == "value"
