"""threecx_operation against a simulated PBX: each kind of operation, check mode, failures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from threecx_xapi import index

from pbx_as_code.engine.options.redaction import is_credential
from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Result, Task

#: Invented.
SECRET = "CANARY-secret"
FAX = {"Id": 7001, "Number": "7801", "OutboundCallerId": "1", "AuthPassword": SECRET}


@pytest.fixture
def call(task: Task) -> Callable[..., Result]:
    """``call("GetFax", Id=7001, body={...})``: what is no option is a parameter."""

    def run(operation: str, parameters: dict[str, Any] | None = None, /, **options: Any) -> Result:
        return task("operation", operation=operation, parameters=parameters or {}, **options)

    return run


Call = Callable[..., Result]


def paths(pbx: SimulatedPbx) -> list[str]:
    """Return the requested methods and URLs, decoded."""
    return [
        f"{request.method} {unquote(request.path)}" + (f"?{unquote(request.query)}" if request.query else "")
        for request in pbx.requests
        if request.path.startswith("/xapi/v1")
    ]


def test_an_entity_without_its_credentials(call: Call, pbx: SimulatedPbx) -> None:
    pbx.put("Fax", dict(FAX))
    result = call("GetFax", {"Id": 7001})
    assert (result["changed"], result["status"]) == (False, 200)
    assert result["etag"] == result["result"]["@odata.etag"]
    assert result["result"]["OutboundCallerId"] == "1"
    assert "AuthPassword" not in result["result"]
    assert call("GetFax", {"Id": 7001}, reveal_secrets=True)["result"]["AuthPassword"] == SECRET


def test_credentials_in_the_depth_go_too(call: Call, pbx: SimulatedPbx) -> None:
    pbx.put("Fxs", {"MacAddress": "aa0000000001", "Secret": SECRET, "Provisioning": {"ProvLink": f"http://x/{SECRET}"}})
    assert SECRET not in str(call("ListFxs").data)
    assert str(call("ListFxs", reveal_secrets=True).data).count(SECRET) == 2


def test_every_row_of_a_list(call: Call, pbx: SimulatedPbx) -> None:
    before = len(pbx.entities("Contacts"))
    for number in range(230):
        pbx.put("Contacts", {"Id": 5000 + number, "FirstName": f"F{number}", "LastName": "Paged"})
    rows = call("ListContact", {"$filter": "LastName eq 'Paged'", "$select": ["Id", "FirstName"], "$orderby": ["Id"]})
    assert [row["Id"] for row in rows["result"]] == list(range(5000, 5230))
    assert len(call("ListContact")["result"]) == before + 230
    some = call("ListContact", {"$top": 120, "$skip": 10, "$filter": "LastName eq 'Paged'", "$orderby": "Id"})
    assert [row["Id"] for row in some["result"]] == list(range(5010, 5130))
    assert "count" not in some.data
    counted = call("ListContact", {"$top": 0, "$count": True, "$filter": "LastName eq 'Paged'"})
    assert (counted["count"], counted["result"]) == (230, [])


@pytest.mark.parametrize("operation", ["ListContact", "GetIfaces", "GetTranscribeLanguages"])
def test_a_list_of_no_rows_is_asked_for(operation: str, call: Call, pbx: SimulatedPbx) -> None:
    """A task that asks the PBX for nothing does not succeed where the PBX would refuse it."""
    for parameters in ({"$top": 0}, {"$top": "0", "$count": False}, {"$top": 0, "$count": True}):
        if index.describe(operation).query_parameters.keys() >= parameters.keys():
            pbx.clear_log()
            assert (call(operation, parameters).data["status"], call(operation, parameters)["result"]) == (200, [])
            assert len(paths(pbx)) == 2, parameters
            pbx.fail(index.describe(operation).path.rpartition("/")[2], status=403, times=2)
            assert call(operation, parameters).data["status"] == 403, parameters
            pbx.go_by(None)


def test_a_list_of_names(call: Call, pbx: SimulatedPbx) -> None:
    rows = call("GetIfaces")["result"]
    assert rows
    assert all(isinstance(row, str) for row in rows)


def test_functions_with_texts_and_dates(call: Call, pbx: SimulatedPbx) -> None:
    result = call("GetFaxByNumber", {"Number": "O'Brien & Co/100%"})
    assert (result["status"], result["failed"]) == (404, True)
    assert paths(pbx)[-1] == "GET /xapi/v1/Fax(Number='O''Brien & Co/100%')"
    values = {
        "queueDns": "800",
        "periodFrom": "2026-01-01T00:00:00Z",
        "periodTo": "2026-01-31T23:59:59+01:00",
        "waitInterval": "0",
    }
    assert call("GetAbandonedQueueCallsData", values).data.get("failed") is None
    assert "periodFrom=2026-01-01T00:00:00Z,periodTo=2026-01-31T23:59:59+01:00" in paths(pbx)[-1]
    assert "queueDns='800'" in paths(pbx)[-1]


def test_a_plain_value_and_the_answer_of_an_action(call: Call, pbx: SimulatedPbx) -> None:
    assert call("HasSystemOwner", check_mode=True)["result"] in (True, False)
    gone = call("BatchDelete", body={"ids": [max(row["Id"] for row in pbx.entities("Users")) + 1]})
    assert gone["changed"] is True
    assert len(gone["result"]) == 1, "the one that failed, and why"


def test_a_credential_that_nobody_would_see_is_not_asked_for(call: Call, pbx: SimulatedPbx) -> None:
    """Some are made by the call, so the one in use would be lost and the new one not known."""
    only = [name for name in index.operation_ids() if index.describe(name).answer == "value" and is_credential(name)]
    assert {"GenerateAppToken", "GenerateApiKey", "GenerateProvLink", "GetPhoneSecret"} <= set(only)
    for name in only:
        given = {"Id": 1} if "{Id}" in index.describe(name).path else {}
        given |= {"grantPeriodDays": 1} if "grantPeriodDays" in index.describe(name).path else {}
        for check_mode in (False, True):
            refused = call(name, given, check_mode=check_mode)
            assert f"reveal_secrets: {name} answers with a credential" in refused.msg
            assert refused["target"] == "reveal_secrets"
    assert pbx.requests == []
    shown = call("GetPhoneSecret", {"Id": pbx.entities("Users")[0]["Id"]}, reveal_secrets=True)
    assert isinstance(shown["result"], str)
    assert shown.warnings == []


def test_creation_update_and_removal(call: Call, pbx: SimulatedPbx) -> None:
    made = call("CreateFax", body={"Id": 0, "Number": "7810", "AuthPassword": SECRET})
    assert (made["changed"], made["status"]) == (True, 201)
    assert made["diff"] == {"before": {}, "after": {"Id": 0, "Number": "7810", "AuthPassword": "(hidden, changed)"}}
    key = made["result"]["Id"]
    changed = call("UpdateFax", {"Id": key}, body={"OutboundCallerId": "9"}, if_match=made["etag"])
    assert (changed["changed"], changed["status"]) == (True, 204)
    assert changed["diff"]["after"] == {"OutboundCallerId": "9"}
    assert changed["diff"]["before"]["OutboundCallerId"] != "9"
    assert "result" not in changed.data
    stale = call("DeleteFax", {"Id": key}, if_match=made["etag"])
    assert (stale["status"], stale.data["changed"]) == (412, False)
    gone = call("DeleteFax", {"Id": key}, etag="*")
    assert (gone["diff"]["before"]["Number"], gone["diff"]["after"]) == ("7810", {})
    assert SECRET not in str(gone.data)
    assert key not in [row["Id"] for row in pbx.entities("Fax")]


def test_check_mode_sends_no_write(call: Call, pbx: SimulatedPbx) -> None:
    pbx.put("Fax", dict(FAX))
    calls: dict[str, dict[str, Any]] = {
        "CreateFax": {"body": {"Number": "7811"}},
        "UpdateFax": {"parameters": {"Id": 7001}, "body": {"OutboundCallerId": "2"}},
        "DeleteFax": {"parameters": {"Id": 7001}, "if_match": "*"},
        "BulkFaxDelete": {"body": {"ids": [7001]}},
    }
    for operation, options in calls.items():
        parameters = options.pop("parameters", {})
        assert call(operation, parameters, check_mode=True, **options)["changed"] is True
        assert "result" not in call(operation, parameters, check_mode=True, **options).data
    assert pbx.writes == []
    assert call("ListFax", check_mode=True)["result"], "what reads is called"


def test_check_mode_compares_the_etag(call: Call, pbx: SimulatedPbx) -> None:
    pbx.put("Fax", dict(FAX))
    etag = call("GetFax", {"Id": 7001})["etag"]
    assert call("DeleteFax", {"Id": 7001}, if_match=etag, check_mode=True, diff_mode=False)["changed"] is True
    pbx.put("Fax", FAX | {"OutboundCallerId": "2"})
    stale = call("DeleteFax", {"Id": 7001}, if_match=etag, check_mode=True, diff_mode=False)
    assert stale["status"] == 412
    assert "GetFax" in stale.msg
    assert pbx.writes == []


@pytest.mark.parametrize(
    ("operation", "options", "target", "said"),
    [
        ("DeletFax", {}, "operation", "did you mean DeleteFax"),
        ("DeleteFax", {"parameters": {"id": 1}}, "parameters.id", "did you mean Id?"),
        ("DeleteFax", {"parameters": {"Id": "x"}}, "parameters.Id", "expected an integer"),
        ("UpdateFax", {"parameters": {"Id": 1}, "body": {"OutboundCalerId": "1"}}, "body.OutboundCalerId",
            "OutboundCallerId"),
        ("UpdateFax", {"parameters": {"Id": 1}}, "body", "UpdateFax needs one"),
        ("GetFax", {"parameters": {"Id": 1}, "if_match": "*"}, "if_match", "takes no ETag"),
        ("DeleteFax", {"parameters": {"Id": 1}, "if_match": ""}, "if_match", "it is empty"),
        ("GetFax", {"parameters": {"Id": 1}, "dest": "x"}, "dest", "does not return a file"),
        ("GetFax", {"parameters": {"Id": 1}, "mode": "0600"}, "mode", "does not return a file"),
        ("ExportExtensions", {}, "dest", "give its path"),
        ("ExportExtensions", {"dest": "/nowhere/at/all"}, "dest", "there is no folder /nowhere/at"),
        ("ExportExtensions", {"dest": "x", "mode": "rw"}, "mode", "octal digits"),
    ],
)  # fmt: skip
def test_refused_before_anything_is_sent(
    call: Call, pbx: SimulatedPbx, operation: str, options: dict[str, Any], target: str, said: str
) -> None:
    for check_mode in (True, False):
        result = call(
            operation,
            options.get("parameters"),
            check_mode=check_mode,
            **{k: v for k, v in options.items() if k != "parameters"},
        )
        assert said in result.msg
        assert result.msg.endswith("Nothing was sent.")
        assert (result["target"], result["status"], result.data["changed"]) == (target, None, False)
    assert pbx.requests == []


def test_failures_tell_what_to_do(call: Call, pbx: SimulatedPbx) -> None:
    missing = call("DeleteFax", {"Id": 1})
    assert (missing["status"], missing["pbx"]) == (404, pbx.url)
    assert "Operation DeleteFax could not be called" in missing.msg
    assert "The object named by the parameters does not exist, or the PBX does not offer DeleteFax here" in missing.msg
    pbx.fail("/Fax", status=500, times=1, method="POST")
    broken = call("CreateFax", body={"Number": "7812"})
    assert broken["status"] == 500
    assert "It is not known whether it was called: look before you call it again." in broken.msg
    pbx.fail("/Fax", status=403, times=2)  # a new token does not help
    assert "not allowed" in call("ListFax").msg
    pbx.put("Fax", dict(FAX))
    refused = call("CreateFax", body={"Number": "7801"})
    assert (refused["status"], refused["code"], refused["target"]) == (400, "WARNINGS.XAPI.ALREADY_IN_USE", "Number")


def test_a_strict_pbx_asks_for_an_etag(pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]) -> None:
    strict = pbx_factory(strict_etags=True)
    strict.put("Fax", dict(FAX))
    result = task_on(strict)("operation", operation="DeleteFax", parameters={"Id": 7001})
    assert result["status"] == 428
    assert "Set if_match to the etag that operation GetFax returns, or to '*' for any version" in result.msg
    assert "when it was read" not in result.msg


def test_a_diff_that_cannot_be_read_is_none(call: Call, pbx: SimulatedPbx) -> None:
    pbx.put("Fax", dict(FAX))
    pbx.fail(r"/Fax\(7001\)", status=403, times=1, method="GET")
    result = call("DeleteFax", {"Id": 7001})
    assert result["changed"] is True
    assert "diff" not in result.data


def test_null_clears(call: Call, pbx: SimulatedPbx) -> None:
    pbx.put("Fax", dict(FAX))
    call("UpdateFax", {"Id": 7001}, body={"OutboundCallerId": None})
    assert next(row for row in pbx.entities("Fax") if row["Id"] == 7001)["OutboundCallerId"] is None


def test_a_download(call: Call, pbx: SimulatedPbx, tmp_path: Path) -> None:
    would = call("ExportExtensions", dest=str(tmp_path), check_mode=True)
    assert would["changed"] is True
    assert list(tmp_path.iterdir()) == []
    made = call("ExportExtensions", dest=str(tmp_path))
    file = Path(made["file"])
    assert file.parent == tmp_path.resolve()
    assert (made["changed"], made["size"], made["checksum"]) == (True, file.stat().st_size, would["checksum"])
    assert made["diff"] == {"before": {}, "after": {"file": str(file), "checksum": made["checksum"]}}
    for check_mode in (True, False):
        same = call("ExportExtensions", dest=str(tmp_path), check_mode=check_mode)
        assert same["changed"] is False
        assert "diff" not in same.data
    file.write_text("old")
    assert call("ExportExtensions", dest=str(file), check_mode=True)["changed"] is True
    assert file.read_text() == "old"
    again = call("ExportExtensions", dest=str(file))
    assert again["changed"] is True
    assert again["diff"]["before"]["checksum"] != again["checksum"]


def test_a_download_that_fails_leaves_the_file_alone(call: Call, pbx: SimulatedPbx, tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("old")
    pbx.fail("ExportExtensions", status=403, times=1)
    assert call("ExportExtensions", dest=str(file))["status"] == 403
    assert file.read_text() == "old"
    assert list(tmp_path.iterdir()) == [file]


def test_what_was_read_can_be_sent_back(call: Call, pbx: SimulatedPbx) -> None:
    pbx.put("Fax", dict(FAX))
    row = call("GetFax", {"Id": 7001})["result"]
    assert call("UpdateFax", {"Id": 7001}, body=row, if_match=row["@odata.etag"])["status"] == 204
    assert b"@odata" not in pbx.writes[-1].body
