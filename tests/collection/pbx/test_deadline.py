"""A deadline bounds a task: all of its requests together, what it waits for, and answers that never end."""

from __future__ import annotations

import io
import math
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.engine.connection import connection
from pbx_as_code.engine.operation import download as _download
from pbx_as_code.errors import PbxError
from pbx_simulator import SimulatedPbx
from pbx_simulator.faults.fault import Gate
from tests.collection.clocks import Night, fall
from tests.collection.conftest import Result

Task = Callable[..., Result]
SHORT = 1.0  # seconds; what is dripped here would take a thousand


@pytest.fixture
def night(monkeypatch: pytest.MonkeyPatch) -> Night:
    """Of the client too."""
    night = fall(monkeypatch)
    monkeypatch.setattr("threecx_xapi.deadline.now", night.now)
    return night


def check(failed: Result, *words: str) -> None:
    assert set(failed.data) == {"failed", "changed", "msg", "status", "code", "target", "pbx", "kind"}
    for word in words:
        assert word in failed.msg, f"{word!r} is missing in: {failed.msg}"


@pytest.mark.parametrize("fault", [{"drip": 1.0}, {"size": math.inf, "drip": 0.01}])
def test_an_answer_that_never_ends(pbx: SimulatedPbx, task: Task, fault: dict[str, Any]) -> None:
    pbx.go_by({"faults": [{"path": r"/Fax$", "method": "GET", **fault}]})
    for failed in (task("fax_info", task_deadline=SHORT), task("fax", number="7801", task_deadline=SHORT)):
        check(failed, pbx.url, "could not be read", "deadline of 1 seconds", "a longer task_deadline")
        assert not failed.data["changed"]
    assert pbx.writes == []


def test_an_answer_of_any_size(pbx: SimulatedPbx, task: Task) -> None:
    pbx.go_by({"faults": [{"path": r"/Fax$", "method": "GET", "size": 200e6}]})
    check(task("fax_info"), pbx.url, "larger than 32 MiB")


def test_a_sign_in_that_never_ends(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(r"/connect/token$", drip=1.0)
    check(task("fax", number="7801", task_deadline=SHORT), pbx.url, "deadline of 1 seconds")


def test_a_write_whose_answer_never_ends(pbx: SimulatedPbx, task: Task) -> None:
    """It may have been carried out, and here it was: the task says so, and the next one finds it."""
    pbx.fail(r"/Fax$", method="POST", drip=1.0)
    failed = task("fax", number="7801", task_deadline=SHORT)
    check(failed, "could not be created", "It is not known whether it was created", "run the task again")
    assert [row["Number"] for row in pbx.entities("Fax")].count("7801") == 1
    assert not task("fax", number="7801")["changed"]
    assert len(pbx.writes) == 1


def test_a_pause_beyond_the_deadline_is_not_begun_before_a_repeated_creation(
    pbx: SimulatedPbx, task: Task, night: Night
) -> None:
    pbx.go_by({"faults": [{"path": r"/Fax$", "method": "POST", "n": 1, "status": 503, "retry_after": 60}]})
    failed = task("fax", number="7801", task_deadline=45)
    check(failed, "could not be created", "(503)", "asks to wait 60 seconds")
    assert night.slept == []
    assert len(pbx.writes) == 1
    pbx.go_by({"faults": [{"path": r"/Fax$", "method": "POST", "n": 1, "status": 503, "retry_after": 60}]})
    assert task("fax", number="7801", task_deadline=90)["changed"]
    assert len(night.slept) == 1


def test_a_sign_in_lost_before_a_write_leaves_no_doubt(pbx: SimulatedPbx, task: Task) -> None:
    task("fax_info")
    pbx.fail(r"/Fax$", method="POST", status=401)
    pbx.fail(r"/connect/token$", drip=1.0)
    failed = task("fax", number="7801", task_deadline=SHORT)
    check(failed, "could not be created", "deadline of 1 seconds", "Nothing was changed")
    assert "7801" not in [row["Number"] for row in pbx.entities("Fax")]


def test_what_is_read_after_a_write(pbx: SimulatedPbx, task: Task) -> None:
    """The write is done: that is said, and that it changed the PBX."""
    pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": "1"})

    gate = Gate()
    pbx.fail(r"/Fax\(7001\)$", method="PATCH", delay=gate)

    def begin() -> None:
        gate.wait_arrived()
        pbx.fail(r"/Fax", method="GET", times=None, drip=1.0)
        gate.open()

    opener = threading.Thread(target=begin)
    opener.start()
    failed = task("fax", number="7801", outbound_caller_id="2", task_deadline=SHORT)
    opener.join()
    check(failed, "was accepted by", "but the result could not be read", "deadline of 1 seconds")
    assert failed.data["changed"] is True


def test_every_task_has_its_own(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    """They share a client, and its connection, and nothing else."""
    for _ in range(3):
        assert not task("fax_info", task_deadline=60).data.get("failed")
        night.time += 50
    assert pbx.sign_ins == 1


def test_requests_of_a_task_share_it(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    """Each would have had time enough alone."""
    task("fax_info")
    requests = len(pbx.requests)
    original = night.now

    def later() -> float:
        night.time += 4
        return original()

    from threecx_xapi import deadline

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(deadline, "now", later)
        failed = task("fax", number="7801", outbound_caller_id="1", task_deadline=30)
    check(failed, "deadline of 30 seconds", "a longer task_deadline")
    assert len(pbx.requests) > requests


def test_waiting_ends_at_the_deadline(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.fail(r"/Backups$", method="GET", times=None, status=200, body={"value": []})
    began = night.time
    failed = task("backup", file_name="weekly", wait_timeout=600, task_deadline=90)
    check(failed, "was accepted by", "deadline", "a longer task_deadline")
    assert failed.data["changed"] is True
    assert 60 < night.time - began <= 90


def test_a_wait_shorter_than_the_deadline_says_so(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.fail(r"/Backups$", method="GET", times=None, status=200, body={"value": []})
    check(
        task("backup", file_name="weekly", wait_timeout=60, task_deadline=90),
        "does not have it after 60 seconds",
        "wait_timeout",
    )


def test_without_one_a_wait_has_all_its_time(pbx: SimulatedPbx, task: Task, night: Night) -> None:
    pbx.fail(r"/Backups$", method="GET", times=None, status=200, body={"value": []})
    check(task("backup", file_name="weekly", wait_timeout=3000), "does not have it after 3000 seconds")


ACCESS = {
    "host": "pbx",
    "access_token": "invented",
    "connect_timeout": 10.0,
    "request_timeout": 30.0,
    "validate_certs": True,
    "token_cache": True,
    "task_deadline": None,
}


@pytest.mark.parametrize(
    ("options", "seconds"),
    [
        ({}, 300),
        ({"task_deadline": 5.5}, 5.5),
        ({"wait_timeout": 600}, 1500),
        ({"wait_timeout": 600, "wait": True}, 1500),
        ({"wait_timeout": 600, "wait": False}, 300),
        ({"wait_timeout": 600, "task_deadline": 20.0}, 20),
        ({"wait_timeout": -1}, 300),
        ({"wait_timeout": 10**9}, 86400),
    ],
)
def test_how_long_it_is(options: dict[str, Any], seconds: float) -> None:
    reached = connection({}, {**ACCESS, **options})
    assert reached.deadline == seconds
    assert reached.arguments["deadline"] is None  # a client serves many tasks


@pytest.mark.parametrize("deadline", [0.0, -1.0, math.nan, math.inf, 1e9])
def test_what_cannot_be_meant(deadline: float) -> None:
    with pytest.raises(PbxError, match="^task_deadline: a number of seconds"):
        connection({"task_deadline": deadline}, {**ACCESS, "task_deadline": deadline})
    with pytest.raises(PbxError, match="^task_deadline: a number of seconds"):
        connection({"task_deadline": True}, {**ACCESS, "task_deadline": 1.0})


def test_it_comes_from_the_environment(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREECX_TASK_DEADLINE", "1")
    pbx.fail(r"/Fax$", method="GET", drip=1.0)
    check(task("fax_info"), "deadline of 1 seconds")


DOWNLOAD = {"operation": "DownloadRecording", "parameters": {"recId": 1}}


def test_a_download_of_any_size_fits_into_the_memory(pbx: SimulatedPbx, task: Task, tmp_path: Path) -> None:
    """More than an answer may have otherwise, and more than is in memory at a time."""
    pbx.go_by({"faults": [{"path": "DownloadRecording", "size": 60e6, "times": 1}]})
    tracemalloc.start()
    try:
        stored = task("operation", **DOWNLOAD, dest=str(tmp_path / "one.wav"))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert stored["changed"]
    assert stored["size"] == (tmp_path / "one.wav").stat().st_size == 60_000_000
    assert peak < 40e6, "of which the simulator, in this process, has a part"


def test_a_download_that_never_ends_leaves_nothing_behind(pbx: SimulatedPbx, task: Task, tmp_path: Path) -> None:
    pbx.go_by({"faults": [{"path": "DownloadRecording", "size": math.inf, "drip": 0.01}]})
    failed = task("operation", **DOWNLOAD, dest=str(tmp_path / "one.wav"), task_deadline=SHORT)
    check(failed, "Operation DownloadRecording", "deadline of 1 seconds")
    assert list(tmp_path.iterdir()) == []


def test_a_download_for_which_there_is_no_room(
    pbx: SimulatedPbx, task: Task, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(io.BytesIO):
        def write(self, _data: Any) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(_download, "scratch", Full)
    pbx.go_by({"faults": [{"path": "DownloadRecording", "size": 1000}]})
    failed = task("operation", **DOWNLOAD, dest=str(tmp_path / "one.wav"))
    check(failed, "No space left on device", "temporary files")
    assert list(tmp_path.iterdir()) == []
