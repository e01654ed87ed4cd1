"""Operations that answer with a credential: it is kept in a file or shown, or nothing is sent."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import index

from openapi.codegen.document import load
from pbx_as_code.engine.operation import kept_credential
from pbx_as_code.engine.options.redaction import is_credential
from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Task

#: Invented, as the simulated PBX makes it.
TOKEN = "invented-secret-of-901"
FXS = {"MacAddress": "aa0000000001", "Secret": "CANARY-s", "Password": "CANARY-p"}  # invented
#: Actions with a credential in what they answer that can be read again at any time: the trunk they return.
READABLE_AGAIN = {"FinalizeTrunkProvisioning"}


@pytest.fixture
def principal(pbx: SimulatedPbx) -> int:
    pbx.put("ServicePrincipals", {"Id": 501, "Number": "901"})
    return 501


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def posts(pbx: SimulatedPbx) -> list[str]:
    return [request.path for request in pbx.writes]


def test_a_new_secret_goes_to_a_private_file_and_nowhere_else(
    task: Task, pbx: SimulatedPbx, principal: int, tmp_path: Path
) -> None:
    place = tmp_path / "secret"
    made = task("operation", operation="GenerateAppToken", parameters={"Id": principal}, dest=str(place))
    assert place.read_text() == TOKEN
    assert permissions(place) == 0o600
    assert (made["changed"], made["status"]) == (True, 200)
    assert (made["file"], made["size"]) == (str(place.resolve()), len(TOKEN))
    assert TOKEN not in str(made.data)
    assert not {"result", "checksum", "diff"} & made.data.keys(), "a checksum lets a short credential be guessed"
    shown = task(
        "operation", operation="GenerateAppToken", parameters={"Id": principal}, dest=str(place), reveal_secrets=True
    )
    assert (shown["result"], shown["changed"]) == (TOKEN, True)


def test_the_file_is_private_whatever_was_there(task: Task, principal: int, tmp_path: Path) -> None:
    place = tmp_path / "secret"
    place.write_text("old")
    place.chmod(0o644)
    given: dict[str, Any] = {"operation": "GenerateAppToken", "parameters": {"Id": principal}, "dest": str(place)}
    task("operation", **given)
    assert permissions(place) == 0o600
    task("operation", **given, mode="0640")
    assert permissions(place) == 0o640, "where the task says so"
    assert os.listdir(tmp_path) == ["secret"]


def test_check_mode_calls_no_action_and_writes_no_file(
    task: Task, pbx: SimulatedPbx, principal: int, tmp_path: Path
) -> None:
    place = tmp_path / "secret"
    would = task(
        "operation", operation="GenerateAppToken", parameters={"Id": principal}, dest=str(place), check_mode=True
    )
    assert (would["changed"], would["file"]) == (True, str(place.resolve()))
    assert (posts(pbx), os.listdir(tmp_path)) == ([], [])


def test_a_credential_that_is_only_read_changes_the_file_once(task: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    pbx.put("Users", {"Id": 4101, "Number": "4101", "DeskphonePassword": "CANARY-desk"})  # invented
    given: dict[str, Any] = {
        "operation": "GetPhoneSecret",
        "parameters": {"Id": 4101},
        "dest": str(tmp_path / "phone"),
    }
    assert task("operation", **given, check_mode=True)["changed"] is True
    assert os.listdir(tmp_path) == []
    assert [task("operation", **given)["changed"] for _ in range(2)] == [True, False]
    assert task("operation", **given, check_mode=True)["changed"] is False
    assert (tmp_path / "phone").read_text() == "CANARY-desk"


def test_an_object_with_credentials_is_kept_as_json_and_shown_without_them(
    task: Task, pbx: SimulatedPbx, tmp_path: Path
) -> None:
    pbx.put("Fxs", dict(FXS))
    given = {"operation": "RegenerateWebCredentials", "parameters": {"MacAddress": FXS["MacAddress"]}}
    refused = task("operation", **given)
    assert "reveal_secrets" in refused.msg
    assert "dest" in refused.msg
    assert pbx.requests == []
    made = task("operation", **given, dest=str(tmp_path / "fxs.json"))
    kept = json.loads((tmp_path / "fxs.json").read_text())
    assert made["result"]["MacAddress"] == kept["MacAddress"] == FXS["MacAddress"]
    assert "Password" not in made["result"]
    assert "Secret" not in made["result"]
    assert kept["Password"]


def test_nothing_is_sent_where_the_file_cannot_be_written(
    task: Task, pbx: SimulatedPbx, principal: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    places = [str(tmp_path / name) for name in ("folder", "pipe", "missing/file", "folder/")]
    for place in (*places, ""):
        refused = task("operation", operation="GenerateAppToken", parameters={"Id": principal}, dest=place)
        assert refused.msg.startswith("dest:"), place
        assert refused["target"] == "dest"
    monkeypatch.setattr(os, "access", lambda *_, **__: False)
    refused = task("operation", operation="GenerateAppToken", parameters={"Id": principal}, dest=str(tmp_path / "file"))
    assert "no permission to write" in refused.msg
    assert posts(pbx) == []


def test_a_credential_that_is_lost_after_all_is_said_to_be(
    task: Task, pbx: SimulatedPbx, principal: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    lost = task("operation", operation="GenerateAppToken", parameters={"Id": principal}, dest=str(tmp_path / "file"))
    assert "No space left on device" in lost.msg
    assert "GenerateAppToken was carried out" in lost.msg
    assert "call it again" in lost.msg
    assert "Nothing was written" not in lost.msg
    assert lost.data["changed"] is True
    assert TOKEN not in str(lost.data)
    assert os.listdir(tmp_path) == []


def test_an_answer_without_a_credential_is_not_kept(
    task: Task, pbx: SimulatedPbx, principal: int, tmp_path: Path
) -> None:
    place = tmp_path / "secret"
    place.write_text("the old one")
    for body in ({"value": None}, {"value": ""}, b""):
        pbx.fail("GenerateAppToken", status=200, body=body)
        lost = task("operation", operation="GenerateAppToken", parameters={"Id": principal}, dest=str(place))
        assert "contains no credential" in lost.msg, body
        assert lost.data["changed"] is True
        assert place.read_text() == "the old one"


def test_an_operation_without_a_credential_takes_no_file(task: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    refused = task("operation", operation="ListFax", dest=str(tmp_path / "f"))
    assert refused["target"] == "dest"
    assert pbx.requests == []


def credentials_within(document: Any, schema: Any, seen: tuple[str, ...] = ()) -> Iterator[str]:
    """The properties of a schema that are credentials, at every depth."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        if name in seen:
            return
        seen, schema = (*seen, name), document["components"]["schemas"][name]
    for part in (*schema.get("allOf", ()), *schema.get("anyOf", ()), *filter(None, [schema.get("items")])):
        yield from credentials_within(document, part, seen)
    for name, inner in schema.get("properties", {}).items():
        yield from [name] if is_credential(name) else credentials_within(document, inner, seen)


def test_every_action_of_the_document_that_answers_with_one() -> None:
    document = load()
    found = set()
    for path, methods in document["paths"].items():
        if "post" not in methods or "Pbx." not in path:
            continue
        operation = methods["post"]
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                if list(credentials_within(document, content["schema"])):
                    found.add(operation["operationId"])
    assert found == {"RegenerateWebCredentials", "SetOAuthState", "FinalizeTrunkProvisioning"}
    for name in found - READABLE_AGAIN:
        assert kept_credential.answers_one(index.describe(name)), name
    assert not kept_credential.answers_one(index.describe("ListRefreshToken")), "rows, of which the rest is of use"
    assert not kept_credential.answers_one(index.describe("ReplaceLicenseKey")), "it takes one"
