"""Tasks in many threads of one process: each has the result that it has alone."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.tasks import tasks_on

TASKS = 1000
THREADS = 8
KINDS = 13
NUMBERS = [str(50000 + n) for n in range(300)]
LEAVING = [str(56000 + n) for n in range(TASKS // KINDS + 1)]
"""Users that tasks remove."""


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as running:
        template = running.entities("Users")[0]
        for number in NUMBERS + LEAVING:
            running.put(
                "Users", {"Number": number, "FirstName": "Invented", "PrimaryGroupId": template["PrimaryGroupId"]}
            )
        task = tasks_on(running)
        assert task("ring_group", number="79998", name="Filled by tasks", members=[])["changed"]
        left = [{"number": number} for number in NUMBERS[:150]]
        assert task("ring_group", number="79999", name="Emptied by tasks", members=left)["changed"]
        yield running


@pytest.fixture
def impatient() -> Iterator[None]:
    """Threads take turns a hundred times as often, so that they meet where they could."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(0.00005)
    yield
    sys.setswitchinterval(usual)


def job(n: int) -> tuple[str, dict[str, Any], bool, bool]:
    """The n-th task: its module, its options, whether it is in check mode, and whether it changes anything."""
    round_, number = n // KINDS, NUMBERS[n * 7 % len(NUMBERS)]
    one = [{"number": NUMBERS[round_]}]
    new = f"{60000 + round_}"
    members = [{"number": number}, {"number": NUMBERS[n * 11 % len(NUMBERS)]}]
    if members[0] == members[1]:
        members.pop()
    return (
        ("ring_group", {"number": f"7{new[1:]}", "name": f"Ring {n}", "members": members}, False, True),
        ("queue", {"number": f"8{new[1:]}", "name": f"Queue {n}", "agents": members}, False, True),
        ("user", {"number": new, "first_name": "New"}, False, True),
        ("user", {"number": number, "first_name": "Invented"}, False, False),
        ("user", {"number": number, "first_name": "Invented"}, True, False),
        ("queue", {"number": f"9{new[1:]}", "name": f"Queue {n}", "agents": members}, True, True),
        ("group", {"name": f"Department {n}"}, False, True),
        ("user", {"number": f"4{new[1:]}", "state": "absent"}, False, False),
        ("user", {"number": number, "first_name": "Invented", "state": "present"}, False, False),
        ("ring_group_info", {"limit": 2}, False, False),
        ("ring_group", {"number": "79998", "members": one, "lists": "add"}, False, True),
        ("ring_group", {"number": "79999", "members": one, "lists": "remove"}, False, True),
        ("user", {"number": LEAVING[round_], "state": "absent"}, False, True),
    )[n % KINDS]


@pytest.mark.timeout(300)
def test_a_thousand_tasks_in_eight_threads_have_no_false_result(pbx: SimulatedPbx, impatient: None) -> None:
    task = tasks_on(pbx)
    person = {
        "host": pbx.url,
        "login_username": pbx.username,
        "login_password": pbx.password,
        "security_code": pbx.security_code,
    }
    principal = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
    ways: list[dict[str, Any]] = [principal, person, {**principal, "request_timeout": 29.0}]

    def carry_out(n: int) -> str | None:
        module, options, check, changes = job(n)
        # One way for all that is alike, so that clients meet what others write.
        result = task(module, check_mode=check, diff_mode=False, signing_in=ways[n % 3], **options)
        if result.data.get("failed"):
            return f"{n} {module}: {result.data['msg']}"
        warned = [warning for warning in result.warnings if "there is no" in warning]
        if result["changed"] != changes or warned:
            return f"{n} {module} {options}: changed {result['changed']}, {warned}"
        return None

    with ThreadPoolExecutor(THREADS) as threads:
        wrong = [found for found in threads.map(carry_out, range(TASKS)) if found is not None]
    assert not wrong, f"{len(wrong)} of {TASKS}: {wrong[:5]}"
    assert len(pbx.entities("Queues")) >= TASKS // KINDS
    members = {
        number: {member["number"] for member in task("ring_group_info", number=number)["ring_groups"][0]["members"]}
        for number in ("79998", "79999")
    }
    assert members["79998"] == set(NUMBERS[: len([n for n in range(TASKS) if n % KINDS == 10])])
    assert members["79999"] == set(NUMBERS[len([n for n in range(TASKS) if n % KINDS == 11]) : 150])
    there = {user["Number"] for user in pbx.entities("Users")}
    assert there.issuperset(NUMBERS)
    assert not there & {LEAVING[n // KINDS] for n in range(TASKS) if n % KINDS == 12}
