"""The result of a task for a PBX that does not answer says so by a stable key."""

from __future__ import annotations

import socket

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
