"""`threecx api`: any operation, checked before it is sent; writes and credentials need consent."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from threecx_xapi import describe
from threecx_xapi.index import operation_ids

from pbx_as_code.engine.operation.kept_credential import answers_one
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx


def test_a_list_and_one_object_are_read(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    done = threecx("api", "ListUser", "-f", "$filter=Number eq '100'", "-f", "$select=Id,Number", pbx=shared_pbx)
    (user,) = done.json
    assert (done.status, user["Number"]) == (0, "100")
    done = threecx("api", "GetUser", "-f", f"Id={user['Id']}", "--json", pbx=shared_pbx)
    assert done.json["status"] == 200
    assert done.json["result"]["Number"] == "100"
    assert shared_pbx.writes == []


def test_one_page_unless_all_are_asked_for(threecx: Threecx, simulated: SimulatedPbx) -> None:
    create = ("api", "CreateContact", "--input", "-", "--write")
    assert threecx(*create, stdin='{"FirstName": "A", "LastName": "B"}', pbx=simulated).status == 0
    assert threecx(*create, stdin='{"FirstName": "A", "LastName": "C"}', pbx=simulated).status == 0
    every = threecx("api", "ListContact", "--paginate", pbx=simulated).json
    before = len(simulated.requests)
    one = threecx("api", "ListContact", "-f", "$top=1", pbx=simulated)
    assert (len(one.json), len(simulated.requests) - before) == (1, 1)
    assert len(every) >= 3
    refused = threecx("api", "GetSystemStatus", "--paginate", pbx=simulated)
    assert (refused.status, "has no pages" in refused.err) == (1, True)


def test_the_first_of_several_pages_says_so(threecx: Threecx) -> None:
    with SimulatedPbx() as simulated:
        for number in range(120):
            simulated.put("Contacts", {"FirstName": "A", "LastName": f"B{number}"})
        done = threecx("api", "ListContact", pbx=simulated)
        assert len(done.json) == 100
        assert "--paginate reads every page" in done.err
        assert len(threecx("api", "ListContact", "--paginate", pbx=simulated).json) > 120


def test_every_operation_that_may_change_something_needs_consent(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    before = len(shared_pbx.requests)
    tried = 0
    for name in operation_ids():
        if describe(name).reads:
            continue
        error = threecx("api", name, "--json", pbx=shared_pbx).error
        assert error["kind"] == "usage"
        assert "Add --write" in error["message"]
        tried += 1
    assert tried > 200
    assert len(shared_pbx.requests) == before


def test_every_operation_that_answers_with_a_credential_needs_consent(
    threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path
) -> None:
    names = [name for name in operation_ids() if answers_one(describe(name))]
    assert len(names) >= 8
    for name in names:
        done = threecx("api", name, "--write", pbx=simulated)
        assert (done.status, "answers with a credential" in done.err) == (1, True)
    assert list(simulated.requests) == []
    file = tmp_path / "token"
    simulated.put("ServicePrincipals", {"Id": 501, "Number": "901"})
    call = ("api", "GenerateAppToken", "-f", "Id=501", "--write")
    done = threecx(*call, "--output", str(file), pbx=simulated)
    assert (done.status, done.out) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.read_text() not in done.err
    assert threecx(*call, "--reveal-secrets", pbx=simulated).out == file.read_text() + "\n"


def test_a_credential_in_an_answer_is_shown_only_when_asked_for(threecx: Threecx, simulated: SimulatedPbx) -> None:
    canary = "canary-Ab1!x"  # invented
    (user,) = threecx("api", "ListUser", "-f", "$filter=Number eq '100'", "-f", "$select=Id", pbx=simulated).json
    change = ("api", "UpdateUser", "-f", f"Id={user['Id']}", "--input", "-", "--write")
    assert threecx(*change, stdin=json.dumps({"AuthPassword": canary}), pbx=simulated).status == 0
    read = ("api", "GetUser", "-f", f"Id={user['Id']}")
    assert canary not in threecx(*read, pbx=simulated).out
    assert canary in threecx(*read, "--reveal-secrets", pbx=simulated).out


def test_a_write_is_sent_with_its_body_and_etag(threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path) -> None:
    (user,) = threecx("api", "ListUser", "-f", "$filter=Number eq '100'", "-f", "$select=Id", pbx=simulated).json
    file = tmp_path / "change.json"
    file.write_text('{"Mobile": "+15550187"}')
    change = ("api", "UpdateUser", "-f", f"Id={user['Id']}", "--input", str(file))
    assert threecx(*change, pbx=simulated).status == 1
    done = threecx(*change, "--write", pbx=simulated)
    assert (done.status, done.out) == (0, "")
    assert threecx("api", "GetUser", "-f", f"Id={user['Id']}", pbx=simulated).json["Mobile"] == "+15550187"
    (write,) = simulated.writes
    assert json.loads(write.body) == {"Mobile": "+15550187"}


def test_a_download_goes_to_a_private_file(threecx: Threecx, shared_pbx: SimulatedPbx, tmp_path: Path) -> None:
    missing = threecx("api", "ExportExtensions", pbx=shared_pbx)
    assert (missing.status, "Add --output FILE" in missing.err) == (1, True)
    file = tmp_path / "extensions.csv"
    done = threecx("api", "ExportExtensions", "--output", str(file), pbx=shared_pbx)
    assert (done.status, done.out) == (0, "")
    assert file.stat().st_mode & 0o777 == 0o600
    nowhere = threecx("api", "ExportExtensions", "--output", str(tmp_path / "no" / "x"), pbx=shared_pbx)
    assert nowhere.err.startswith("Error: --output: there is no folder")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ListUsr"], "did you mean ListUser"),
        (["GetUser"], "-f Id: it is missing"),
        (["GetUser", "-f", "Id=x"], "-f Id: expected an integer"),
        (["GetUser", "-f", "id=1"], "-f id: there is no such parameter; did you mean Id?"),
        (["GetUser", "-f", "Id"], "Id is not NAME=VALUE"),
        (["GetUser", "-f", "Id=1", "-f", "Id=2"], "Id is given twice"),
        (["GetUser", "-f", "Id=1", "--input", "-"], "GetUser takes none"),
        (["UpdateUser", "-f", "Id=1", "--write", "--input", "-"], "is not JSON: line 1"),
        (["UpdateUser", "-f", "Id=1", "--write", "--input", "/no/such/file"], "/no/such/file: No such file"),
        ([], "threecx api --list WORD"),
    ],
)
def test_what_cannot_be_meant_is_said_and_nothing_is_sent(
    threecx: Threecx, simulated: SimulatedPbx, arguments: list[str], said: str
) -> None:
    stdin = "{}" if arguments[:1] == ["GetUser"] else "{canary-51ab}"
    done = threecx("api", *arguments, stdin=stdin, pbx=simulated)
    assert done.status == 1
    assert said in done.err
    assert "canary-51ab" not in done.err
    assert done.out == ""
    assert list(simulated.requests) == []
    assert said in threecx("api", *arguments, "--json", stdin=stdin, pbx=simulated).error["message"]


def test_a_misspelt_property_of_a_body_is_said(threecx: Threecx, simulated: SimulatedPbx) -> None:
    change = ("api", "UpdateUser", "-f", "Id=1", "--write", "--input", "-")
    done = threecx(*change, stdin='{"FirstNam": "x"}', pbx=simulated)
    assert "--input.FirstNam: there is no such property; did you mean FirstName" in done.err
    assert simulated.writes == []


def test_a_refusal_of_the_pbx_has_its_status(threecx: Threecx, shared_pbx: SimulatedPbx) -> None:
    error = threecx("api", "GetUser", "-f", "Id=99999", "--json", pbx=shared_pbx).error
    assert (error["kind"], error["status"]) == ("not_found", 404)


def test_operations_are_found_by_a_word(threecx: Threecx) -> None:
    names = [line.split()[0] for line in threecx("api", "--list", "bulkfax").out.splitlines()]
    assert names
    assert set(names) <= set(operation_ids())
    assert len(threecx("api", "--list", "--json").json) == len(operation_ids())


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"Mobile": "1", "Mobile": "2"}', "Mobile is given twice in one object."),
        ('{"Groups": [{"GroupId": 1, "GroupId": 2}]}', "GroupId is given twice in one object."),
        ('{"RecordCalls": NaN}', "NaN is not JSON."),
        ('{"Mobile": -Infinity}', "-Infinity is not JSON."),
    ],
)
def test_a_body_that_json_does_not_have_is_not_sent(
    threecx: Threecx, simulated: SimulatedPbx, body: str, said: str
) -> None:
    done = threecx("api", "UpdateUser", "-f", "Id=1", "--write", "--input", "-", stdin=body, pbx=simulated)
    assert (done.status, said in done.err) == (1, True)
    assert list(simulated.requests) == []


def test_a_body_may_begin_with_a_byte_order_mark(threecx: Threecx, simulated: SimulatedPbx, tmp_path: Path) -> None:
    (user,) = threecx("get", "users", "number=100", "--json", pbx=simulated).json
    file = tmp_path / "change.json"
    file.write_text('\ufeff{"Mobile": "+15550188"}', encoding="utf-8")
    done = threecx("api", "UpdateUser", "-f", f"Id={user['id']}", "--write", "--input", str(file), pbx=simulated)
    assert done.status == 0
    assert json.loads(simulated.writes[-1].body) == {"Mobile": "+15550188"}
