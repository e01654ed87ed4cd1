"""threecx_service: started, stopped, restarted, enabled, disabled; and waited for until the PBX says so."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.clocks import Night, fall
from tests.collection.conftest import Result

Task = Callable[..., Result]
GATEWAY, PHONES, DISABLED = "3CXGatewayService", "3CXPhoneSystem01", "3CXEventNotificationManager"


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    return fall(monkeypatch)


def service(pbx: SimulatedPbx, name: str) -> dict[str, Any]:
    [row] = [row for row in pbx.entities("Services") if row["Name"] == name]
    return row


def actions(pbx: SimulatedPbx) -> list[str]:
    """Return the requested actions, after checking that each names exactly one service."""
    asked = []
    for write in pbx.writes:
        [(parameter, options)] = json.loads(write.body).items()
        assert parameter == "options"
        assert len(options["ServiceNames"]) == 1
        assert "if-match" not in write.headers
        asked.append(write.path.rpartition(".")[2])
    return asked


@pytest.mark.parametrize(
    ("state", "was", "action", "is_now"),
    [
        ("stopped", "Running", "Stop", "Stopped"),
        ("started", "Stopped", "Start", "Running"),
        ("started", "Paused", "Start", "Running"),
    ],
)
def test_it_is_made_so_once(
    pbx: SimulatedPbx, task: Task, night: Night, state: str, was: str, action: str, is_now: str
) -> None:
    pbx.put("Services", {"Name": GATEWAY, "Status": was})
    would = task("service", name=GATEWAY, state=state, check_mode=True)
    assert would["changed"]
    assert would["service"]["status"] == is_now
    assert actions(pbx) == []
    assert service(pbx, GATEWAY)["Status"] == was
    assert night.slept == []

    done = task("service", name=GATEWAY, state=state)
    assert done["changed"]
    assert done["service"]["status"] == is_now == service(pbx, GATEWAY)["Status"]
    assert done["diff"] == would["diff"] == {"before": {"status": was}, "after": {"status": is_now}}
    assert actions(pbx) == [action]
    assert json.loads(pbx.writes[0].body) == {"options": {"ServiceNames": [GATEWAY]}}
    assert night.slept == [0.5, 1.0]

    again = task("service", name=GATEWAY, state=state)
    assert not again["changed"]
    assert "diff" not in again.data
    assert len(pbx.writes) == 1


@pytest.mark.parametrize("was", ["Running", "Stopped"])
def test_a_restart_is_a_change_each_time(pbx: SimulatedPbx, task: Task, night: Night, was: str) -> None:
    pbx.put("Services", {"Name": GATEWAY, "Status": was})
    assert task("service", name=GATEWAY, state="restarted", check_mode=True)["changed"]
    assert pbx.writes == []
    for _ in range(2):
        done = task("service", name=GATEWAY, state="restarted")
        assert done["changed"]
        assert done["service"]["status"] == "Running"
    assert actions(pbx) == ["Restart", "Restart"]


def test_what_is_on_its_way_is_waited_for_and_not_asked_for(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.put("Services", {"Name": GATEWAY, "Status": "StartPending"})
    night.meanwhile = lambda: pbx.put("Services", {"Name": GATEWAY, "Status": "Running"})
    done = task("service", name=GATEWAY, state="started")
    assert not done["changed"]
    assert done["service"]["status"] == "Running"
    assert pbx.writes == []


def test_enabled_and_disabled(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    would = task("service", name=GATEWAY, enabled=False, check_mode=True)
    off = task("service", name=GATEWAY, enabled=False)
    assert off["changed"]
    assert (off["service"]["status"], off["service"]["start_stop_enabled"]) == ("Stopped", False)
    assert off["diff"] == would["diff"]
    assert not task("service", name=GATEWAY, enabled=False)["changed"]
    assert not task("service", name=GATEWAY, enabled=False, state="stopped")["changed"]
    assert "it may be disabled" not in task("service", name=GATEWAY, state="started").msg
    assert "set enabled: true" in task("service", name=GATEWAY, state="started").msg

    would = task("service", name=GATEWAY, enabled=True, check_mode=True)
    on = task("service", name=GATEWAY, enabled=True)
    assert (on["service"]["status"], on["service"]["start_stop_enabled"]) == ("Stopped", True), (
        "it is not started by that"
    )
    assert on["diff"] == would["diff"]
    assert not task("service", name=GATEWAY, enabled=True)["changed"]
    assert actions(pbx) == ["Disable", "Enable"]
    assert night.slept, "it was waited for"


def test_both_at_once(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    would = task("service", name=DISABLED, enabled=True, state="started", check_mode=True)
    assert pbx.writes == []
    done = task("service", name=DISABLED, enabled=True, state="started")
    assert done["diff"] == would["diff"]
    assert done["service"]["status"] == "Running"
    assert not task("service", name=DISABLED, enabled=True, state="started")["changed"]
    assert task("service", name=DISABLED, enabled=False, state="stopped")["changed"]
    assert not task("service", name=DISABLED, enabled=False, state="stopped")["changed"]
    assert actions(pbx) == ["Enable", "Start", "Stop", "Disable"]


@pytest.mark.parametrize("state", ["started", "restarted"])
def test_what_is_disabled_does_not_run(pbx: SimulatedPbx, task: Task, state: str) -> None:
    assert f"cannot be {state}" in task("service", name=GATEWAY, enabled=False, state=state).msg
    assert pbx.requests == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_one_that_does_not_let_itself_be_stopped(pbx: SimulatedPbx, task: Task, check_mode: bool) -> None:
    for options in ({"state": "stopped"}, {"enabled": False}):
        refused = task("service", name=PHONES, **options, check_mode=check_mode)
        assert "cannot be stopped" in refused.msg
        assert refused["target"] == "start_stop_enabled"
    pbx.put("Services", {"Name": GATEWAY, "RestartEnabled": False})
    assert "cannot be restarted" in task("service", name=GATEWAY, state="restarted", check_mode=check_mode).msg
    assert pbx.writes == []
    assert not task("service", name=PHONES, state="started", enabled=True)["changed"], "it is running, and thus enabled"


@pytest.mark.parametrize(
    ("name", "meant"),
    [("3cxgatewayservice", GATEWAY), ("3CXGatewayServise", GATEWAY), ("PhoneSystem", PHONES), ("cups", GATEWAY)],
)
@pytest.mark.parametrize("check_mode", [True, False])
def test_there_is_none_of_that_name(pbx: SimulatedPbx, task: Task, name: str, meant: str, check_mode: bool) -> None:
    refused = task("service", name=name, state="stopped", check_mode=check_mode)
    assert f"There is no service with name {name}" in refused.msg
    assert meant in refused.msg
    assert refused["target"] == "name"
    assert pbx.writes == []


def test_it_is_not_waited_for_for_ever(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task], night: Night
) -> None:
    pbx = pbx_factory(slowness=1000)
    task = task_on(pbx)
    late = task("service", name=GATEWAY, state="stopped", wait_timeout=30)
    assert "is not stopped after 30 seconds: it is StopPending" in late.msg
    assert late.data["changed"] is True, "it was asked for"
    assert sum(night.slept) == 30


def test_it_need_not_be_waited_for(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    done = task("service", name=GATEWAY, state="stopped", wait=False)
    assert done["changed"]
    assert done["service"]["status"] == "Stopped"
    assert night.slept == []
    assert service(pbx, GATEWAY)["Status"] == "StopPending"
    assert not task("service", name=GATEWAY, state="stopped", wait=False)["changed"]


def test_a_pbx_that_restarts_itself_is_waited_for(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    night.meanwhile = lambda: pbx.fail("/Services$", status=500, times=1) if len(night.slept) < 3 else None
    assert task("service", name=GATEWAY, state="restarted")["changed"]
    assert len(night.slept) > 2


def test_a_pbx_that_does_not_show_it(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    """Accepted, and nothing to see of it: that is said, and the task does not hang for it."""
    pbx.fail("Pbx.Enable$", status=204, body="", method="POST")
    done = task("service", name=DISABLED, enabled=True)
    assert done["changed"]
    assert "does not report whether" in done.warnings[0]
    assert sum(night.slept) == 10


def test_a_refusal_is_explained(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.fail("Pbx.Stop$", status=403, method="POST", times=2)  # a new token does not help
    refused = task("service", name=GATEWAY, state="stopped")
    assert refused["status"] == 403
    assert f"Service with name {GATEWAY} could not be changed" in refused.msg
    assert service(pbx, GATEWAY)["Status"] == "Running"
    assert night.slept == []


def test_what_was_read_can_be_given_back_with_what_is_wanted(pbx: SimulatedPbx, task: Task) -> None:
    for row in task("service_info")["services"]:
        wanted = {
            "state": "started" if row["status"] == "Running" else "stopped",
            "enabled": row["status"] == "Running",
        }
        assert not task("service", **row, **wanted)["changed"]
    assert pbx.writes == []
    nothing = task("service", name=GATEWAY)
    assert "one of the following is required: state, enabled" in nothing.msg


def test_what_a_service_uses(task: Task) -> None:
    [row] = task("service_info", name=PHONES)["services"]
    assert (row["memory_used"], row["thread_count"]) == (402653184, 80)
    assert "etag" not in row
