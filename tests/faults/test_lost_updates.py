"""A PBX that gives no ETags cannot refuse a write that is based on an old read: what keeps updates from being lost
then.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import deadline, locks
from threecx_xapi._token_store.folder import HeldLock

from pbx_as_code.engine.access.pbx import EntitySet, Singleton
from pbx_as_code.engine.access.target import object_lock
from pbx_simulator import SimulatedPbx
from tests import figures
from tests.collection.clocks import fall
from tests.collection.tasks import tasks_on
from tests.faults.plays import Player

FORKS = 20
CREATORS = 5
CONTACT = {"first_name": "Ann", "last_name": "Lee"}


@pytest.fixture
def plain(pbx_factory: Callable[..., SimulatedPbx]) -> SimulatedPbx:
    """A PBX that gives no ETags."""
    pbx = pbx_factory(traits=("no-etags",))
    pbx.put("TenantProperties", {"Name": "counter", "Value": "0"})
    pbx.put("Users", {"Id": 8900, "Number": "899", "FirstName": "Other"})
    for n in range(FORKS):
        pbx.put("Users", {"Id": 8000 + n, "Number": f"{500 + n}", "FirstName": "One"})
    pbx.clear_log()
    return pbx


@pytest.fixture
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """Disable locks, as if every task ran on another machine."""

    class Free:
        def release(self) -> None:
            pass

    monkeypatch.setattr(locks, "try_lock", lambda *_: Free())


def members(pbx: SimulatedPbx) -> set[str]:
    [row, *_] = pbx.entities("RingGroups")
    return {member["Number"] for member in row["Members"]}


def ring_group(pbx: SimulatedPbx) -> str:
    return str(pbx.entities("RingGroups")[0]["Number"])


@contextmanager
def right_before(
    monkeypatch: pytest.MonkeyPatch, kind: type, name: str, meanwhile: Callable[[], object], times: int = 1
) -> Iterator[None]:
    """Let somebody else do something between what a task decides and its write."""
    original = getattr(kind, name)
    left = [times]

    def method(self: Any, *args: Any, **named: Any) -> Any:
        if left[0]:
            left[0] -= 1
            meanwhile()
        return original(self, *args, **named)

    with monkeypatch.context() as patch:
        patch.setattr(kind, name, method)
        yield


def lock_files() -> list[Path]:
    return sorted(Path(os.environ["XDG_RUNTIME_DIR"]).rglob("object-*.lock"))


# --- one machine, real forks


@pytest.mark.parametrize("lists", ["add", "remove"])
def test_forks_that_write_one_list_lose_nothing(plain: SimulatedPbx, tmp_path: Path, lists: str) -> None:
    """No retries: each task succeeds at once, and says that it has changed something."""
    number, numbers = ring_group(plain), {f"{500 + n}" for n in range(FORKS)}
    if lists == "remove":
        assert tasks_on(plain)("ring_group", number=number, members=[{"number": one} for one in sorted(numbers)])[
            "changed"
        ]
    before = members(plain)
    task: dict[str, Any] = {
        "threecx.xapi.threecx_ring_group": {
            "number": number,
            "members": [{"number": "{{ 500 + (inventory_hostname[3:] | int) }}"}],
            "lists": lists,
        }
    }
    played = Player(plain, tmp_path, FORKS).run([task])
    assert played.rc == 0, played.output
    assert all(record["result"]["changed"] for record in played.tasks)
    lost = numbers ^ (members(plain) ^ before if lists == "add" else before - members(plain))
    figures.record("updates of one list made by 20 forks at a time, without ETags", FORKS)
    figures.record("updates lost", len(lost))
    assert not lost


@pytest.mark.parametrize(
    ("module", "entity_set", "options", "named"),
    [
        ("contact", "Contacts", CONTACT, {"LastName": "Lee"}),
        ("holiday", "Holidays", {"name": "Flood", "day": 1, "month": 2, "year": 2027, "day_end": 1, "month_end": 2,
          "year_end": 2027, "time_of_start_date": "PT0S", "time_of_end_date": "PT23H"}, {"Name": "Flood"}),
        ("inbound_rule", "InboundRules", {"rule_name": "Shop", "trunk": "10000", "condition": "BasedOnDID",
            "data": "+15550199",
          "call_type": "AllCalls", "office_hours_destination": {"to": "Extension", "number": "100"}},
          {"RuleName": "Shop"}),
    ],
)  # fmt: skip
def test_forks_that_create_the_same_one_create_one(
    plain: SimulatedPbx, tmp_path: Path, module: str, entity_set: str, options: dict[str, Any], named: dict[str, str]
) -> None:
    played = Player(plain, tmp_path, CREATORS).run([{f"threecx.xapi.threecx_{module}": options}])
    assert played.rc == 0, played.output
    assert sum(record["result"]["changed"] for record in played.tasks) == 1
    assert len([row for row in plain.entities(entity_set) if named.items() <= row.items()]) == 1
    assert [write.method for write in plain.writes] == ["POST"]


# --- several machines


@pytest.mark.usefixtures("elsewhere")
def test_machines_that_create_the_same_one_leave_one(plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """All tasks saw that the object was missing. Each task that did not create the first one removes its own."""
    barrier, create = threading.Barrier(CREATORS), EntitySet.create

    def at_the_same_moment(self: EntitySet, row: dict[str, Any], what: str) -> dict[str, Any]:
        barrier.wait(20)
        stored = create(self, row, what)
        barrier.wait(20)
        return stored

    monkeypatch.setattr(EntitySet, "create", at_the_same_moment)
    with ThreadPoolExecutor(CREATORS) as pool:
        results = list(pool.map(lambda _: tasks_on(plain)("contact", **CONTACT), range(CREATORS)))
    assert sum(result["changed"] for result in results) == 1
    [left] = [row for row in plain.entities("Contacts") if row["LastName"] == "Lee"]
    assert {result["contact"]["id"] for result in results} == {left["Id"]}
    assert sorted(write.method for write in plain.writes) == ["DELETE"] * (CREATORS - 1) + ["POST"] * CREATORS
    assert not tasks_on(plain)("contact", **CONTACT)["changed"]


@pytest.mark.usefixtures("elsewhere")
def test_who_comes_second_changes_the_first_one(plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """The PBX refuses a second object of the name, because another machine created one a moment before."""
    for module, names, mine in (
        ("user", {"number": "797"}, {"first_name": "Mine"}),
        ("user", {"email_address": "new@example.com"}, {"first_name": "Mine"}),
        ("group", {"name": "Night shift"}, {"answer_after": 7}),
        ("outbound_rule", {"name": "Faroe calls"}, {"prefix": "110"}),
        ("black_list_number", {"caller_id": "+15550777"}, {"description": "Mine"}),
        ("call_flow_app", {"number": "887"}, {"name": "Mine"}),
        ("parking", {"number": "SP7"}, {"groups": [{"group": "Sales"}]}),
        ("website_link", {"link": "shop"}, {"name": "Mine"}),
        ("ring_group", {"number": "886", "name": "Desk"}, {"members": [{"number": "100"}]}),
        ("queue", {"number": "885", "name": "Desk"}, {"forward_no_answer": {"to": "Extension", "number": "100"}}),
    ):
        task = tasks_on(plain)
        with right_before(monkeypatch, EntitySet, "create", lambda: task(module, **names)["changed"]):  # noqa: B023
            assert task(module, **names, **mine)["changed"], module
        assert not task(module, **names, **mine)["changed"], module
        posts = [write for write in plain.writes if write.method == "POST"]
        assert [write.status for write in posts] == [201, 400], module
        plain.clear_log()


@pytest.mark.usefixtures("elsewhere")
def test_a_value_that_another_object_has_is_still_refused(plain: SimulatedPbx) -> None:
    taken = {"number": "797", "email_address": "ada.moreno@example.com"}
    assert "EmailAddress: already in use" in tasks_on(plain)("user", **taken).msg
    assert "EmailAddress: already in use" in tasks_on(plain)("user", **taken).msg


@pytest.mark.usefixtures("elsewhere")
def test_a_duplicate_that_nobody_removes_is_reported(plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody creates one in the admin console, a moment after this task."""
    fall(monkeypatch)
    create = EntitySet.create

    def and_another(self: EntitySet, row: dict[str, Any], what: str) -> dict[str, Any]:
        stored = create(self, row, what)
        plain.put("Contacts", {"Id": stored["Id"] + 1, "FirstName": "Ann", "LastName": "Lee"})
        return stored

    monkeypatch.setattr(EntitySet, "create", and_another)
    told = tasks_on(plain)("contact", **CONTACT)
    assert told.data["changed"]
    assert "somebody else created contact" in told.msg
    assert "Remove one of them" in told.msg
    assert [write.method for write in plain.writes] == ["POST"]


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("lists", ["add", "remove"])
def test_what_another_machine_overwrites_is_written_again(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, lists: str
) -> None:
    """It had read the list before this task wrote it, and wrote it afterwards."""
    number = ring_group(plain)
    theirs = [*plain.entities("RingGroups")[0]["Members"], {"Number": "899"}]
    mine = theirs[0]["Number"] if lists == "remove" else "500"
    key, change = plain.entities("RingGroups")[0]["Id"], EntitySet.change
    overwritten: list[bool] = []

    def then_overwritten(self: EntitySet, *args: Any) -> None:
        change(self, *args)
        if not overwritten:
            overwritten.append(True)
            plain.put("RingGroups", {"Id": key, "Members": theirs})

    monkeypatch.setattr(EntitySet, "change", then_overwritten)
    assert tasks_on(plain)("ring_group", number=number, members=[{"number": mine}], lists=lists)["changed"]
    assert "899" in members(plain)
    assert (mine in members(plain)) == (lists == "add")


@pytest.mark.usefixtures("elsewhere")
def test_it_gives_up_on_a_list_that_is_overwritten_every_time(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    number, key, change = ring_group(plain), plain.entities("RingGroups")[0]["Id"], EntitySet.change

    def then_overwritten(self: EntitySet, *args: Any) -> None:
        change(self, *args)
        plain.put("RingGroups", {"Id": key, "Members": [{"Number": "899"}, {"Number": f"50{len(plain.writes)}"}]})

    monkeypatch.setattr(EntitySet, "change", then_overwritten)
    told = tasks_on(plain)("ring_group", number=number, members=[{"number": "519"}], lists="add")
    assert told.data["changed"]
    assert "somebody else changed it right after" in told.msg
    assert len(plain.writes) == 5


# --- between what a task reads and what it writes


def test_a_value_somebody_else_has_changed_is_not_overwritten(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other() -> None:
        plain.put("TenantProperties", {"Name": "counter", "Value": "2"})

    with right_before(monkeypatch, EntitySet, "locked", other):
        told = tasks_on(plain)("tenant_property", name="counter", value="1")
    assert told["status"] == 412
    assert told["target"] == "value"
    assert 'value: "0" -> "2"' in told.msg
    assert told.msg.endswith("Nothing was changed.")
    assert plain.writes == []


def test_what_somebody_else_has_just_done_is_not_done_again(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other() -> None:
        plain.put("TenantProperties", {"Name": "counter", "Value": "1"})

    with right_before(monkeypatch, EntitySet, "locked", other):
        assert not tasks_on(plain)("tenant_property", name="counter", value="1")["changed"]
    with right_before(monkeypatch, EntitySet, "locked", lambda: plain.remove("TenantProperties", "counter")):
        assert not tasks_on(plain)("tenant_property", name="counter", state="absent")["changed"]
    with right_before(
        monkeypatch, EntitySet, "locked", lambda: plain.put("Contacts", {"FirstName": "Ann", "LastName": "Lee"})
    ):
        assert not tasks_on(plain)("contact", **CONTACT)["changed"]
    assert plain.writes == []


def test_what_is_not_as_the_task_says_by_then_is_not_removed(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    def other() -> None:
        plain.put("TenantProperties", {"Name": "counter", "Value": "2"})

    with right_before(monkeypatch, EntitySet, "locked", other):
        told = tasks_on(plain)("tenant_property", name="counter", value="0", state="absent")
    assert "is not as the task says: value" in told.msg
    assert plain.writes == []


@pytest.mark.parametrize(
    ("module", "mine", "theirs"),
    [
        ("mail_settings", {"mail_address": "mine@example.com"}, {"mail_user": "theirs"}),
        ("backup_settings", {"rotation": 9}, {"schedule_enabled": False}),
    ],
)
def test_what_a_task_leaves_alone_is_sent_as_it_is_by_then(
    plain: SimulatedPbx,
    monkeypatch: pytest.MonkeyPatch,
    module: str,
    mine: dict[str, Any],
    theirs: dict[str, Any],
) -> None:
    """Settings that are changed one by one, and those that an action takes as a whole."""
    task = tasks_on(plain)
    with right_before(monkeypatch, Singleton, "locked", lambda: task(module, **theirs)["changed"]):
        assert task(module, **mine)["changed"]
    now = task(f"{module}_info")[module]
    assert {name: now[name] for name in (*mine, *theirs)} == {**mine, **theirs}


# --- the lock


def test_nothing_to_do_takes_no_lock(plain: SimulatedPbx) -> None:
    task = tasks_on(plain)
    assert not task("tenant_property", name="counter", value="0")["changed"]
    assert not task("tenant_property", name="nobody", state="absent")["changed"]
    assert task("tenant_property", name="counter", value="1", check_mode=True)["changed"]
    assert task("tenant_property", name="counter", state="absent", check_mode=True)["changed"]
    assert task("contact", **CONTACT, check_mode=True)["changed"]
    assert lock_files() == []
    assert task("tenant_property", name="counter", value="1")["changed"]
    [held] = lock_files()
    assert held.stat().st_mode & 0o777 == 0o600
    assert held.stat().st_size == 0


@pytest.mark.parametrize(
    ("module", "options"),
    [
        ("tenant_property", {"name": "counter", "value": "1"}),
        ("tenant_property", {"name": "counter", "state": "absent"}),
        ("contact", CONTACT),
        ("mail_settings", {"mail_address": "mine@example.com"}),
        ("backup_settings", {"rotation": 9}),
        ("dn_property", {"number": "100", "name": "COLOUR", "value": "red"}),
        ("backup", {"file_name": "weekly"}),
    ],
)
def test_every_kind_of_write_waits_for_its_lock_until_its_deadline(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, module: str, options: dict[str, Any]
) -> None:
    def held_until_the_deadline(*_: str) -> None:
        monkeypatch.setattr(deadline, "remaining", lambda: 0.0)

    monkeypatch.setattr(locks, "try_lock", held_until_the_deadline)
    told = tasks_on(plain)(module, **options)
    assert "another task on this machine has been writing it" in told.msg
    assert told.msg.endswith("Nothing was sent.")
    assert not told.data["changed"]
    assert plain.writes == []


def test_a_lock_is_of_one_object_and_is_let_go_whatever_happens() -> None:
    asked = ("https://pbx.example.com", "/Fax")

    def fail() -> None:
        with object_lock(*asked, "+49 30", "fax") as waited:
            assert not waited
            assert locks.try_lock(*asked, "4930") is None, "another spelling of the same"
            with object_lock(*asked, "4930", "fax"):  # the same task does not wait for itself
                raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    held = locks.try_lock(*asked, "4930")
    assert held is not None
    others = [locks.try_lock(*other) for other in (("https://b.example.com", "/Fax", "4930"), (*asked, "4931"))]
    assert all(others), "another PBX, another object"
    for lock in (held, *others):
        assert lock is not None
        lock.release()


def test_a_lock_excludes_others_again_after_its_folder_was_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ("https://pbx.example.com", "/Fax", "4930")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    for _ in range(2):
        held = locks.try_lock(*asked)
        assert held is not None
        assert list(tmp_path.glob("threecx-xapi/locks/*.lock"))
        assert locks.try_lock(*asked) is None
        held.release()
        shutil.rmtree(tmp_path / "threecx-xapi")


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="permissions are those of POSIX")
def test_a_folder_that_others_can_write_since_is_not_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = ("https://pbx.example.com", "/Fax", "4930")
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    first = locks.try_lock(*asked)
    assert first is not None
    first.release()
    (tmp_path / "threecx-xapi" / "locks").chmod(0o777)
    held = locks.try_lock(*asked)
    assert held is not None
    assert not isinstance(held, HeldLock), "a lock of this process alone"
    assert locks.try_lock(*asked) is None
    held.release()


def test_a_lock_whose_descriptor_was_closed_ends_no_task_and_closes_no_other_file(tmp_path: Path) -> None:
    for reused in (False, True):
        held = locks.try_lock("https://pbx.example.com", "/Fax", "4930")
        assert isinstance(held, HeldLock)
        descriptor = held._descriptor
        os.close(descriptor)
        if reused:
            other = os.open(tmp_path / "other", os.O_CREAT | os.O_WRONLY)
            os.dup2(other, descriptor)
        held.release()
        if reused:
            os.write(descriptor, b"still open")


def test_who_had_to_wait_is_told_so() -> None:
    asked = ("https://pbx.example.com", "/Fax", "1", "fax")
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with object_lock(*asked):
            held.set()
            done.wait(60)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(hold)
        assert held.wait(60)
        threading.Timer(0.05, done.set).start()
        with object_lock(*asked) as waited:
            assert waited
        first.result()
