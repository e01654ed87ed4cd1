"""A credential that an operation answers goes to a file of its owner, and nowhere else."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.engine.operation import download
from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Result

Task = Callable[..., Result]
MAKES = "GenerateAppToken"
READS = "GetPhoneSecret"


@pytest.fixture
def call(task: Task) -> Task:
    def run(operation: str, dest: Path | str, parameters: dict[str, Any] | None = None, **options: Any) -> Result:
        return task("operation", operation=operation, parameters=parameters or {}, dest=str(dest), **options)

    return run


def user(pbx: SimulatedPbx) -> dict[str, Any]:
    return {"Id": pbx.entities("Users")[0]["Id"]}


def principal(pbx: SimulatedPbx) -> dict[str, Any]:
    """The service principal that signs in here."""
    return {"Id": pbx.entities("ServicePrincipals")[0]["Id"]}


def test_what_is_made_is_kept(call: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    kept = tmp_path / "token"
    would = call(MAKES, kept, principal(pbx), check_mode=True)
    assert would["changed"]
    assert pbx.writes == []
    assert not kept.exists()

    made = call(MAKES, kept, principal(pbx))
    assert made["changed"]
    assert len(pbx.writes) == 1
    secret = kept.read_text()
    assert secret
    assert secret not in json.dumps(made.data)
    assert "result" not in made.data
    assert "checksum" not in made.data, "a digest of a short credential gives it away"
    assert (made["changed"], made["file"], made["size"]) == (True, str(kept), len(secret))
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600

    kept.chmod(0o644)
    assert call(MAKES, kept, principal(pbx))["changed"], "an action makes a new one each time"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_what_is_read_is_changed_once(call: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    kept = tmp_path / "secret"
    assert call(READS, kept, user(pbx), check_mode=True)["changed"]
    assert not kept.exists()
    assert call(READS, kept, user(pbx))["changed"]
    assert not call(READS, kept, user(pbx))["changed"]
    assert not call(READS, kept, user(pbx), check_mode=True)["changed"]
    assert call(READS, kept, user(pbx), mode="0640")["changed"]
    assert stat.S_IMODE(kept.stat().st_mode) == 0o640
    shown = call(READS, kept, user(pbx), reveal_secrets=True)
    assert shown["result"] == kept.read_text()


def test_a_structure_is_kept_as_json(call: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    pbx.put("Fxs", {"MacAddress": "aa0000000001", "Name": "attic", "Password": "invented-password-1"})
    kept = tmp_path / "fxs.json"
    made = call("RegenerateWebCredentials", kept, {"MacAddress": "aa0000000001"})
    assert made["changed"]
    secret = json.loads(kept.read_text())
    assert secret["MacAddress"] == "aa0000000001"
    assert "Password" not in made["result"]
    assert secret["Password"]
    assert secret["Password"] not in json.dumps(made.data)


def test_a_place_that_cannot_work_is_refused_beforehand(call: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    for dest, said in (
        (tmp_path, "is a folder. Give the path of a file"),
        (f"{tmp_path}/later/", "there is no folder"),
        (tmp_path / "nowhere" / "token", "there is no folder"),
    ):
        refused = call(MAKES, dest, principal(pbx))
        assert said in refused.msg
        assert refused["target"] == "dest"
    assert "octal digits" in call(MAKES, tmp_path / "token", principal(pbx), mode="rw").msg
    assert pbx.requests == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_is_not_writable(call: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "is not writable" in call(MAKES, tmp_path / "token", principal(pbx)).msg
    assert pbx.requests == []


def test_a_credential_that_was_made_and_lost_is_said_to_be(
    call: Task, pbx: SimulatedPbx, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(download, "_replace", full)
    lost = call(MAKES, tmp_path / "token", principal(pbx))
    assert lost.data["changed"] is True
    for words in (
        f"{MAKES} on {pbx.url} was carried out",
        "No space left on device",
        "Call it again with another dest",
    ):
        assert words in lost.msg
    assert "Nothing was written" not in lost.msg
