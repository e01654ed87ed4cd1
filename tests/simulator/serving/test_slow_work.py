"""Asynchronous work of a PBX, which is complete after a number of polls."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api

GATEWAY = {"options": {"ServiceNames": ["3CXGatewayService"]}}


def status(api: Api) -> tuple[str, bool]:
    [row] = [row for row in api.rows("/Services") if row["Name"] == "3CXGatewayService"]
    return row["Status"], row["StartStopEnabled"]


@pytest.mark.parametrize("slowness", [0, 1, 4])
def test_a_backup(pbx_factory: Callable[..., SimulatedPbx], slowness: int) -> None:
    api = Api(pbx_factory(slowness=slowness))
    assert api.post("/Backups/Pbx.Backup", {"description": {"Name": "now"}}).status_code == 204
    looks = [any(row["FileName"] == "now.zip" for row in api.rows("/Backups")) for _ in range(6)]
    assert looks == [False] * slowness + [True] * (6 - slowness)


def test_one_backup_at_a_time(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    api = Api(pbx_factory(slowness=1))
    can = "/Backups/Pbx.GetCanCreateBackup()"
    assert api.one(can)["value"] is True
    api.post("/Backups/Pbx.Backup", {"description": {"Name": "now"}})
    assert [api.one(can)["value"] for _ in range(2)] == [False, True]


def test_services(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    api = Api(pbx_factory(slowness=1))
    assert status(api) == ("Running", True)
    for action, seen in {
        "Stop": [("StopPending", True), ("Stopped", True)],
        "Restart": [("StartPending", True), ("Running", True)],
        "Disable": [("StopPending", False), ("Stopped", False)],
        "Enable": [("Stopped", True), ("Stopped", True)],
        "Start": [("StartPending", True), ("Running", True)],
    }.items():
        assert api.post(f"/Services/Pbx.{action}", GATEWAY).status_code == 204, action
        assert [status(api), status(api)] == seen, action


def test_a_service_that_does_not_let_itself_be_stopped(pbx: SimulatedPbx) -> None:
    api = Api(pbx)
    refused = api.post("/Services/Pbx.Stop", {"options": {"ServiceNames": ["3CXPhoneSystem01"]}})
    assert refused.status_code == 400
    assert {row["Name"]: row["Status"] for row in api.rows("/Services")}["3CXPhoneSystem01"] == "Running"


def test_the_later_of_two_counts(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    api = Api(pbx_factory(slowness=2))
    api.post("/Services/Pbx.Stop", GATEWAY)
    api.post("/Services/Pbx.Start", GATEWAY)
    assert [status(api)[0] for _ in range(4)] == ["StartPending", "StartPending", "Running", "Running"]
