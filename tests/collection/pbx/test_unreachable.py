"""The result of a task for a PBX that does not answer says so by a stable key."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from threecx_xapi.client import XapiClient

from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Task


def test_nobody_listens(pbx: SimulatedPbx, task: Task) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))  # bound and not listening: refused for sure
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        failed = task("fax", number="7801", host=url, task_deadline=2)
        assert failed["kind"] == "unreachable"


def test_a_write_that_was_not_answered_is_not_merely_unreachable(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail("/Fax$", method="POST", disconnect=True, times=None)
    failed = task("fax", number="7801")
    assert "is not known" in failed.msg
    assert failed["kind"] is None


def test_a_pbx_that_answers_is_reachable(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail("/Fax$", status=500, times=None)
    assert task("fax_info")["kind"] is None


def test_a_sign_in_that_is_not_answered(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail("/connect/token$", disconnect=True, times=None)
    assert task("fax", number="7801")["kind"] == "unreachable"


def test_how_long_a_task_waits_for_a_connection(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float | None] = []

    def refused(_address: Any, timeout: float | None = None, **_: Any) -> Any:
        asked.append(timeout)
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", refused)
    monkeypatch.setattr(XapiClient, "_sleep", staticmethod(lambda _: None))  # before it tries again
    for options, expected in (({}, "10"), ({"connect_timeout": 4.5}, "4.5"), ({"request_timeout": 3}, "3")):
        asked.clear()
        failed = task("fax", number="7801", host="http://192.0.2.1", **options)
        assert f"within {expected} seconds" in failed.msg
        assert failed["kind"] == "unreachable"
        assert asked
        assert all(f"{seconds:g}" == expected for seconds in asked if seconds is not None)
    monkeypatch.setenv("THREECX_CONNECT_TIMEOUT", "2.5")
    assert "within 2.5 seconds" in task("fax", number="7801", host="http://192.0.2.1").msg
