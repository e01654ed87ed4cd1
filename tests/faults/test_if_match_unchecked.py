"""if_match on a PBX that gives no ETags: nothing compares it. The task says so, and is protected as without it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.engine.access.pbx import EntitySet
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Result, tasks_on
from tests.faults.test_busy import refuse, right_after
from tests.faults.test_lost_updates import right_before

GIVEN = 'W/"elsewhere"'
#: Tasks that write an object in a version.
TASKS: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("tenant_property", {"name": "counter", "value": "1"}, "tenant property counter"),
    ("ring_group", {"number": "801", "name": "Night"}, "ring group"),
    ("mail_settings", {"mail_user": "new"}, "mail settings"),
    ("parking", {"number": "SP2", "state": "absent"}, "parking"),
    ("operation", {"operation": "DeleteParking", "parameters": {"Id": 7001}}, "what operation DeleteParking is about"),
)


@pytest.fixture
def plain(pbx_factory: Callable[..., SimulatedPbx]) -> SimulatedPbx:
    pbx = pbx_factory(traits=("no-etags",))
    pbx.put("TenantProperties", {"Name": "counter", "Value": "0"})
    pbx.put("Parkings", {"Id": 7001, "Number": "SP71"})
    pbx.clear_log()
    return pbx


def notes(result: Result) -> list[str]:
    assert not result.data.get("failed"), result.msg
    return [warning for warning in result.warnings if warning.startswith("if_match was not checked")]


def test_a_task_says_that_nothing_checked_it(plain: SimulatedPbx) -> None:
    task = tasks_on(plain)
    for module, options, what in TASKS:
        for check_mode in (True, False):
            result = task(module, **options, if_match=GIVEN, check_mode=check_mode)
            assert result["changed"], module
            [note] = notes(result)
            assert f"{plain.url} sends no ETag for {what}" in note
        if module != "operation":
            assert not task(module, **options)["changed"]
    with XapiClient(plain.url, client_id=plain.client_id, client_secret=plain.client_secret) as client:
        done = Pbx(client).ensure("tenant_property", name="counter", value="2", if_match=GIVEN)
    assert any("if_match was not checked" in warning for warning in done.warnings)


def test_nothing_is_said_where_there_is_nothing_to_say(plain: SimulatedPbx) -> None:
    task = tasks_on(plain)
    assert notes(task("tenant_property", name="counter", value="1", if_match="*")) == []
    assert notes(task("tenant_property", name="counter", value="1", if_match=GIVEN)) == [], "it wrote nothing"
    assert notes(task("parking", number="SP71", state="absent", if_match="*")) == []


def test_a_pbx_with_etags_checks_it(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    pbx = pbx_factory(traits=("strict-odata",))
    task = tasks_on(pbx)
    pbx.put("Parkings", {"Id": 7001, "Number": "SP71"})
    [shown] = task("parking_info", number="SP71")["parkings"]
    for module, options, _ in TASKS:
        if module != "tenant_property":
            assert task(module, **options, if_match=GIVEN)["status"] == 412, module
    done = task("operation", operation="DeleteParking", parameters={"Id": 7001}, if_match=shown["etag"])
    assert notes(done) == []


def test_a_change_is_noticed_as_without_if_match(plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch) -> None:
    """A given ETag used to pass for protection, so the object was not read again right before the write."""
    task = tasks_on(plain)

    def somebody_else() -> None:
        plain.put("TenantProperties", {"Name": "counter", "Value": "7"})

    with right_before(monkeypatch, EntitySet, "locked", somebody_else):
        failed = task("tenant_property", name="counter", value="1", if_match=GIVEN)
    assert "somebody else changed value" in failed.msg
    assert plain.writes == []


def test_a_busy_pbx_is_read_before_the_change_is_sent_again(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    refuse(plain, 503)
    right_after(monkeypatch, lambda: plain.put("TenantProperties", {"Name": "counter", "Value": "7"}))
    failed = tasks_on(plain)("tenant_property", name="counter", value="1", if_match=GIVEN)
    assert "Changed by somebody else" in failed.msg or "somebody else changed value" in failed.msg
    assert [row["Value"] for row in plain.entities("TenantProperties") if row["Name"] == "counter"] == ["7"]


def test_an_operation_whose_object_cannot_be_read_says_that_nobody_knows(
    pbx_factory: Callable[..., SimulatedPbx],
) -> None:
    """Some objects have no operation that reads one of them, and some builds answer no object by its key."""
    pbx = pbx_factory(traits=("no-etags", "no-read-by-key"))
    pbx.put("Parkings", {"Id": 7001, "Number": "SP71"})
    pbx.put("CustomPrompts", {"Filename": "old.wav"})
    task = tasks_on(pbx)
    for operation, parameters in (
        ("DeleteParking", {"Id": 7001}),
        ("DeleteCustomPrompt", {"Filename": "old.wav"}),
    ):
        for check_mode in (True, False):
            options = {"operation": operation, "parameters": parameters, "check_mode": check_mode}
            done = task("operation", **options, if_match=GIVEN)
            assert done["changed"]
            [note] = [warning for warning in done.warnings if "not known whether if_match was checked" in warning]
            assert f"what operation {operation} is about cannot be read on {pbx.url}" in note
            if check_mode:
                assert task("operation", **options, if_match="*").warnings == []
