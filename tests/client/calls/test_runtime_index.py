"""Operations by their operationId: what is known of them, and what a call is held against."""

from __future__ import annotations

import json
import pickle
from typing import Any

import pytest
from threecx_xapi import describe, errors, index, odata
from threecx_xapi._operations.fit import Fitter

from openapi.codegen.document import ApiDocument, load
from openapi.codegen.normalise import METHODS

DOCUMENT = load()
API = ApiDocument(DOCUMENT)
OPERATIONS = {
    item[method]["operationId"]: (method.upper(), path, item[method])
    for path, item in DOCUMENT["paths"].items()
    for method in METHODS
    if method in item
}


def refused(operation: str, parameters: dict[str, Any] | None = None, body: object = None, **more: Any) -> list[str]:
    with pytest.raises(index.InvalidCall) as raised:
        describe(operation).prepare(parameters, body, **more)
    return [f"{problem.where}: {problem.what}" for problem in raised.value.problems]


def test_every_operation_is_known_as_the_document_has_it() -> None:
    assert index.operation_ids() == sorted(OPERATIONS)
    for operation_id, (method, path, raw) in OPERATIONS.items():
        described = describe(operation_id)
        parameters = [API.resolve(each) for each in raw.get("parameters", ())]
        assert (described.method, described.path) == (method, path)
        assert list(described.path_parameters) == [each["name"] for each in parameters if each["in"] == "path"]
        assert list(described.query_parameters) == [each["name"] for each in parameters if each["in"] == "query"]
        assert described.takes_if_match == any(each["name"] == "If-Match" for each in parameters)
        assert (described.body is not None) == ("requestBody" in raw)
        assert (described.answer == "none") == ("204" in raw["responses"])


def test_kinds_of_answers() -> None:
    kinds = {
        "DeleteFax": "none",
        "GetFax": "json",
        "ListFax": "rows",
        "BatchDelete": "rows",
        "GenerateApiKey": "value",
        "ExportExtensions": "bytes",
    }
    assert {name: describe(name).answer for name in kinds} == kinds
    assert describe("ListFax").pages
    assert not describe("BatchDelete").pages
    assert not describe("ExportExtensions").pages


def test_the_operation_that_reads_what_another_writes() -> None:
    found = {name: reader and reader.id for name in ("DeleteFax", "UpdateFax") if (reader := describe(name).reader)}
    assert found == {"DeleteFax": "GetFax", "UpdateFax": "GetFax"}
    assert describe("GetFax").reader is None
    assert describe("CreateFax").reader is None, "the list does not read one"


@pytest.mark.parametrize(
    ("wrong", "right"),
    [
        ("DeletFax", "DeleteFax"),
        ("getusers", "GetUser"),
        ("ListUsers", "ListUser"),
        ("downloadrecording", "DownloadRecording"),
    ],
)
def test_a_misspelt_operation_is_refused_with_the_nearest(wrong: str, right: str) -> None:
    with pytest.raises(index.InvalidCall, match=f"no operation {wrong}; did you mean .*{right}") as raised:
        describe(wrong)
    assert raised.value.target == "operation"
    assert isinstance(raised.value, errors.ConfigurationError)


def test_what_is_like_nothing_has_no_hint() -> None:
    with pytest.raises(index.InvalidCall, match=r"^operation: the API has no operation zzzzqqqq\.$"):
        describe("zzzzqqqq")


def test_a_call_is_prepared() -> None:
    call = describe("UpdateFax").prepare({"Id": 12}, {"OutboundCallerId": None, "FaxServer": True}, if_match='W/"1"')
    assert (call.method, call.path, call.params, call.headers) == ("PATCH", "/Fax(12)", {}, {"If-Match": 'W/"1"'})
    assert call.body == {"OutboundCallerId": None, "FaxServer": True}


def test_texts_are_quoted_and_dates_are_bare() -> None:
    assert describe("DeleteFirmware").prepare({"Id": "O'Brien a/b c%"}).path == "/Firmwares('O''Brien%20a%2Fb%20c%25')"
    dates = {"periodFrom": "2026-01-31T08:00:00+02:00", "periodTo": "2026-02-01"}
    known = describe("GetQueuePerformanceTotalsData").path_parameters
    values = {name: dates.get(name, "" if schema["type"] == "string" else 0) for name, schema in known.items()}
    path = describe("GetQueuePerformanceTotalsData").prepare(values).path
    assert "periodFrom=2026-01-31T08:00:00%2B02:00,periodTo=2026-02-01T00:00:00Z" in path


def test_query_parameters_as_the_wire_has_them() -> None:
    query = {
        "$select": ["Id", "Number"],
        "$expand": "Groups($select=Id,Name)",
        "$top": "5",
        "$count": "True",
        "$search": 7,
    }
    assert describe("ListUser").prepare(query).params == {
        "$select": "Id,Number",
        "$expand": "Groups($select=Id,Name)",
        "$top": "5",
        "$count": "true",
        "$search": "7",
    }


def test_misspelt_missing_and_unknown_parameters_are_all_named() -> None:
    assert refused("GetFax", {"id": 1, "$selct": "Id", "zzz": 1}) == [
        "parameters.id: there is no such parameter; did you mean Id?",
        "parameters.$selct: there is no such parameter; did you mean $select?",
        "parameters.zzz: there is no such parameter; GetFax takes Id, $select, $expand",
        "parameters.Id: it is missing; GetFax needs Id",
    ]
    assert refused("GetSystemStatus", {"Id": 1}) == [
        "parameters.Id: there is no such parameter; GetSystemStatus takes $select, $expand"
    ]
    assert refused("InitFax", {"a": 1}) == ["parameters.a: there is no such parameter; InitFax takes none"]


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("x", "expected an integer, got a text"),
        (True, "expected an integer, got true"),
        (1.5, "expected an integer, got a number with a fraction"),
        ([1], "expected an integer, got a list"),
        ({}, "expected an integer, got an object"),
        (None, "null is not allowed here"),
        (2**31, "too large; the maximum is 2147483647"),
        (-(2**31) - 1, "too small; the minimum is -2147483648"),
        ("\u00b2", "expected an integer, got a text"),
    ],
)
def test_an_integer(value: object, what: str) -> None:
    assert refused("GetFax", {"Id": value}) == [f"parameters.Id: {what}"]


@pytest.mark.parametrize(
    ("where", "body", "what"),
    [
        ("Frstname", {"Frstname": "A"}, "there is no such property; did you mean FirstName or LastName?"),
        ("Groups[1].GropId", {"Groups": [{}, {"GropId": 1}]}, "there is no such property; did you mean GroupId?"),
        ("Groups", {"Groups": {"GroupId": 1}}, "expected a list, got an object"),
        ("Groups", {"Groups": None}, "null is not allowed here"),
        ("Groups[0].Rights", {"Groups": [{"Rights": "users"}]}, "expected an object, got a text"),
        ("Require2FA", {"Require2FA": "yes"}, "expected true or false, got a text"),
        ("FirstName", {"FirstName": True}, "expected a text, got true; put it in quotes"),
        ("FirstName", {"FirstName": ["A"]}, "expected a text, got a list; put it in quotes"),
    ],
)
def test_a_body_is_refused_with_its_place(where: str, body: dict[str, Any], what: str) -> None:
    assert refused("UpdateUser", {"Id": 1}, body) == [f"body.{where}: {what}"]


def test_a_body_that_is_missing_or_not_taken() -> None:
    assert refused("UpdateUser", {"Id": 1}) == ["body: it is missing; UpdateUser needs one"]
    assert refused("GetUser", {"Id": 1}, {"Id": 1}) == ["body: GetUser takes none"]
    assert refused("UpdateUser", {"Id": 1}, ["x"]) == ["body: expected an object, got a list"]


def test_an_etag_is_refused_where_none_is_taken() -> None:
    assert refused("GetFax", {"Id": 1}, if_match="*") == ["if_match: GetFax takes no ETag"]


def test_text_that_reads_like_what_is_wanted() -> None:
    """Templates before ansible-core 2.19 turn everything into text."""
    body = {"Id": "7", "Require2FA": "True", "FirstName": 100, "Groups": [{"GroupId": "95"}]}
    prepared = describe("UpdateUser").prepare({"Id": "12"}, body)
    assert prepared.path == "/Users(12)"
    assert prepared.body == {"Id": 7, "Require2FA": True, "FirstName": "100", "Groups": [{"GroupId": 95}]}
    json.dumps(prepared.body)


def test_annotations_pass() -> None:
    body = {"@odata.type": "#Pbx.User", "Number@odata.type": "Edm.String", "Number": "1"}
    assert describe("UpdateUser").prepare({"Id": 1}, body).body == body
    came_along = {"@odata.context": "x", "@odata.etag": 'W/"1"', "Groups@odata.count": 1}
    assert describe("UpdateUser").prepare({"Id": 1}, body | came_along).body == body, "does not go back"
    assert refused("UpdateUser", {"Id": 1}, {"@etag": 1}) == [
        "body.@etag: there is no such property; did you mean Tags?"
    ]


def fit(schema: dict[str, Any], value: object) -> object:
    fitter = Fitter(index.schemas())
    made = fitter.fit(schema, value, "x")
    return [problem.what for problem in fitter.problems] or made


ENUM = {"type": "string", "enum": ["Nothing", "Voicemail", "Recordings"]}
FLAGS = {**ENUM, "flags": True}
RATE = {"type": "number", "nullable": True, "words": ["-INF", "INF", "NaN"]}


@pytest.mark.parametrize(
    ("schema", "value", "expected"),
    [
        (ENUM, "Voicemail", "Voicemail"),
        (ENUM, "Voicemial", ["expected one of Nothing, Voicemail, Recordings; did you mean Voicemail?"]),
        (ENUM, "Voicemail, Recordings", ["expected one of Nothing, Voicemail, Recordings; did you mean Recordings "
                                         "or Voicemail?"]),
        (ENUM, False, ["expected one of Nothing, Voicemail, Recordings, got false"]),
        (FLAGS, "Voicemail, Recordings", "Voicemail, Recordings"),
        (FLAGS, "Recordings,Voicemail,Recordings", "Recordings, Voicemail"),
        (FLAGS, ["Voicemail", "Recordings"], "Voicemail, Recordings"),
        (FLAGS, ["Voicemail", 3], ["expected some of Nothing, Voicemail, Recordings, got a number"]),
        (FLAGS, "Voicemail, zzz", ["expected some of Nothing, Voicemail, Recordings"]),
        (RATE, 1.5, 1.5),
        (RATE, "1.5", 1.5),
        (RATE, "INF", "INF"),
        (RATE, float("nan"), "NaN"),
        (RATE, None, None),
        (RATE, "much", ["expected a number, got a text"]),
        ({"type": "number"}, float("inf"), ["expected a number, got INF"]),
        ({"type": "integer", "format": "uint8"}, 256, ["too large; the maximum is 255"]),
        ({"type": "integer", "minimum": 0}, -1, ["too small; the minimum is 0"]),
        ({"type": "string", "maxLength": 3}, "abcd", ["4 characters are too many; the maximum is 3"]),
        ({"type": "string", "format": "uuid"}, "x", ["expected a UUID such as "
                                                     "2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9f00"]),
        ({"type": "string", "format": "date-time"}, "2026-01-31 08:00:00+00:00", "2026-01-31T08:00:00+00:00"),
        ({"type": "string", "format": "date-time"}, "2026-01-31T08:00:00", "2026-01-31T08:00:00Z"),
        ({"type": "string", "format": "date-time"}, "tomorrow", ["expected a date and time such as "
                                                                 "2026-01-31T08:00:00Z"]),
        ({"type": "string", "format": "time"}, "8 o'clock", ["expected a time of day such as 08:30:00"]),
        ({"type": "string", "format": "duration"}, "PT1H30M", "PT1H30M"),
        ({"type": "string", "format": "duration"}, "PT", ["expected a duration such as PT30S"]),
        ({"type": "object"}, {"any": ["thing"]}, {"any": ["thing"]}),
    ],
)  # fmt: skip
def test_values(schema: dict[str, Any], value: object, expected: object) -> None:
    assert fit(schema, value) == expected


def test_dates_and_times_are_sent_in_the_form_that_every_pbx_reads() -> None:
    for form, given, sent in (
        ("date-time", "2026-01-31T08:00Z", "2026-01-31T08:00:00Z"),
        ("date-time", "2026-01-31T08:00+02:00", "2026-01-31T08:00:00+02:00"),
        ("date-time", "20260131T080000+0200", "2026-01-31T08:00:00+02:00"),
        ("date-time", "2026-W05-6T08:00:00Z", "2026-01-31T08:00:00Z"),
        ("date-time", "2026-01-31x08:00:00Z", "2026-01-31T08:00:00Z"),
        ("date-time", "2026-01-31T08:00:00,5Z", "2026-01-31T08:00:00.500000Z"),
        ("date-time", "2026-01-31T08:00:00.1234567Z", "2026-01-31T08:00:00.1234567Z"),
        ("date-time", "2026-01-31", "2026-01-31T00:00:00Z"),
        ("date", "20260131", "2026-01-31"),
        ("time", "08:30", "08:30:00"),
        ("time", "0830", "08:30:00"),
        ("time", "T08:30:15", "08:30:15"),
        ("time", "08:30:15.1234567", "08:30:15.1234567"),
    ):
        assert fit({"type": "string", "format": form}, given) == sent
    for form, given in (
        ("date-time", "2026-01-31T08:00:00+02:00:30"),
        ("time", "08:30:00+01:00"),
        ("time", "08:30:00Z"),
        ("duration", "PT\u0661S"),
        ("duration", "P\u0661D"),
    ):
        assert str(fit({"type": "string", "format": form}, given)).startswith("['expected a "), given


def test_no_value_is_quoted() -> None:
    """It may be a secret; this one is invented."""
    problems = refused(
        "UpdateUser", {"Id": "CANARY"}, {"Groups": "CANARY", "AuthPassword": ["CANARY"], "VMPIN": {"a": "CANARY"}}
    )
    assert len(problems) == 4
    assert "CANARY" not in str(problems)
    prepared = describe("UpdateUser").prepare({"Id": 1}, {"AuthPassword": "CANARY"})
    assert "CANARY" not in repr(prepared)


def test_what_makes_an_address_too_long_is_named() -> None:
    long = "x" * odata.LONGEST_ADDRESS
    for operation, parameters, named in (
        ("GetFxs", {"MacAddress": long, "$select": "Secret"}, "MacAddress"),
        ("ListUser", {"$filter": long, "$top": 1}, "$filter"),
        ("ListUser", {"$orderby": "x" * 10, "$select": [long, "Id"]}, "$select"),
        ("ListUser", {"$filter": "'" * 5 + " " * 20_000}, "$filter"),  # a space is %20
    ):
        [said] = refused(operation, parameters)
        assert said.startswith(f"parameters.{named}: too long; "), said
    fitting = "x" * (odata.LONGEST_ADDRESS - 100)
    assert fitting in describe("GetFxs").prepare({"MacAddress": fitting}).path


def test_a_refusal_survives_the_way_between_processes() -> None:
    with pytest.raises(index.InvalidCall) as raised:
        describe("GetFax").prepare({})
    again = pickle.loads(pickle.dumps(raised.value))
    assert (str(again), again.problems, again.target) == (str(raised.value), raised.value.problems, "parameters.Id")
