"""Requests and responses of the generated client on the wire. Each known defect of the stock generator has a test."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from uuid import UUID

import httpx
import pytest
from threecx_xapi import XapiClient, errors, with_response
from threecx_xapi.models import EventLogType, Fax, RemoteAccessStatus, User

from tests.client.generated_support import Wire

NOON = datetime(2024, 3, 1, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("key", "literal"),
    [
        ("nightly.zip", "'nightly.zip'"),
        ("O'Brien", "'O''Brien'"),
        ("''", "''''''"),
        ("a/b c%", "'a%2Fb%20c%25'"),
        ("", "''"),
        ("..", "'..'"),
        ("Zürich ☎", "'Z%C3%BCrich%20%E2%98%8E'"),
        ("00:15:65:aa:bb:cc", "'00:15:65:aa:bb:cc'"),
        ("a?b#c&d", "'a%3Fb%23c%26d'"),
        ("line\nbreak", "'line%0Abreak'"),
        ("%27", "'%2527'"),
    ],
)
def test_a_string_key_is_a_quoted_and_encoded_literal(key: str, literal: str) -> None:
    wire = Wire(status=204)
    wire.client.backups.delete(key)
    assert wire.line == f"DELETE /xapi/v1/Backups({literal})"


def test_a_mac_address_is_a_string_key() -> None:
    wire = Wire(status=204)
    wire.client.fxs.delete("001122334455")
    assert wire.line == "DELETE /xapi/v1/Fxs('001122334455')"


def test_an_integer_key_is_bare() -> None:
    wire = Wire(status=204)
    wire.client.fax.delete(12)
    assert wire.line == "DELETE /xapi/v1/Fax(12)"


@pytest.mark.parametrize(("value", "literal"), [(True, "true"), (False, "false")])
def test_a_boolean_argument_is_lower_case(value: bool, literal: str) -> None:
    wire = Wire({})
    wire.client.voicemail_settings.get_converter_request_status(value)
    assert wire.line.endswith(f"(strict={literal})")


def test_a_uuid_argument_is_bare() -> None:
    wire = Wire({"value": "x"})
    one, two = UUID(int=1), UUID(int=2)
    wire.client.updates.get_details(one, two)
    assert wire.line == f"GET /xapi/v1/GetUpdateDetails(key={one},id={two})"


@pytest.mark.parametrize(
    ("moment", "literal"),
    [
        (NOON, "2024-03-01T12:00:00Z"),
        (NOON.replace(microsecond=1500), "2024-03-01T12:00:00.001500Z"),
        (datetime(2024, 3, 1, 12, tzinfo=timezone(timedelta(hours=2))), "2024-03-01T12:00:00%2B02:00"),
        (datetime(2024, 3, 1, 12), "2024-03-01T12:00:00Z"),
    ],
)
def test_dates_strings_and_enums_in_one_function(moment: datetime, literal: str) -> None:
    wire = Wire({"value": []})
    wire.client.activity_log.list(moment, NOON, "10'0", "", EventLogType.ERROR)
    assert wire.line == (
        f"GET /xapi/v1/ActivityLog/Pbx.GetLogs(startDate={literal},endDate=2024-03-01T12:00:00Z,"
        "extension='10''0',call='',severity=Error)"
    )


def test_select_expand_and_orderby_are_joined_by_commas() -> None:
    wire = Wire({"value": []})
    wire.client.users.list(
        top=5,
        skip=0,
        count=True,
        filter_="Number eq '100'",
        search="a b&c",
        select=["Id", "Number"],
        orderby=["Number desc", "Id"],
        expand=["Groups($expand=Rights)", "Phones"],
    )
    assert wire.line == (
        "GET /xapi/v1/Users?$top=5&$skip=0&$search=a%20b%26c&$filter=Number%20eq%20'100'&$count=true"
        "&$orderby=Number%20desc,Id&$select=Id,Number&$expand=Groups($expand%3DRights),Phones"
    )


def test_one_name_as_a_plain_string_is_not_taken_apart() -> None:
    wire = Wire({"value": []})
    wire.client.users.list(select="Id")
    assert wire.line == "GET /xapi/v1/Users?$select=Id"


def test_what_is_not_given_is_not_sent() -> None:
    wire = Wire({"value": []})
    wire.client.users.list()
    assert wire.line == "GET /xapi/v1/Users"
    assert wire.requests[0].content == b""


@pytest.mark.parametrize("etag", ['W/"abc"', "*"])
def test_if_match_is_sent_as_given(etag: str) -> None:
    wire = Wire(status=204)
    wire.client.fax.delete(12, if_match=etag)
    wire.client.fax.update(12, Fax(number="801"), if_match=etag)
    assert [request.headers["if-match"] for request in wire.requests] == [etag, etag]


@pytest.mark.parametrize("given", [{}, {"if_match": None}])
def test_without_if_match_there_is_no_such_header(given: Any) -> None:
    wire = Wire(status=204)
    wire.client.fax.delete(12, **given)
    assert "if-match" not in wire.requests[0].headers


def test_a_body_carries_null_and_leaves_out_what_was_not_given() -> None:
    wire = Wire(status=204)
    wire.client.fax.update(12, Fax(outbound_caller_id=None, fax_server=False))
    assert wire.line == "PATCH /xapi/v1/Fax(12)"
    assert json.loads(wire.requests[0].content) == {"OutboundCallerId": None, "FaxServer": False}
    assert wire.requests[0].headers["content-type"].startswith("application/json")


def test_the_arguments_of_an_action_are_its_body() -> None:
    wire = Wire(status=204)
    wire.client.fax.bulk_delete(ids=[1, 2])
    assert wire.line == "POST /xapi/v1/Fax/Pbx.BulkFaxDelete"
    assert json.loads(wire.requests[0].content) == {"ids": [1, 2]}


def test_a_created_entity_comes_back_typed() -> None:
    wire = Wire({"Id": 7, "Number": "107"}, status=201)
    created = wire.client.users.create(User(number="107"))
    assert isinstance(created, User)
    assert (created.id, created.number) == (7, "107")


def test_a_null_array_is_none() -> None:
    user = Wire({"value": [{"Id": 1, "Phones": None}]}).client.users.list()
    assert user[0].phones is None


@pytest.mark.parametrize(("name", "arguments"), [("get", (12,)), ("list", ()), ("delete", (12,))])
@pytest.mark.parametrize(
    "answer",
    [
        {"content": b""},
        {"content": b"<html><body>Bad gateway</body></html>", "headers": {"content-type": "text/html"}},
        {"json": {"error": "plain"}},
        {"json": {"error": {"code": "", "message": "No", "details": None}}},
        {"json": {"unexpected": True}},
        {"json": []},
        {"json": None},
        {"content": b"\xff\xfe"},
    ],
)
@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.ValidationFailed),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (412, errors.PreconditionFailed),
        (428, errors.PreconditionRequired),
        (500, errors.ServerError),
    ],
)
def test_an_error_is_raised_whatever_its_body(
    name: str, arguments: tuple[int, ...], answer: dict[str, Any], status: int, error: type[errors.XapiError]
) -> None:
    with pytest.raises(error) as raised:
        getattr(Wire(status=status, **answer).client.fax, name)(*arguments)
    assert raised.value.status == status


def test_a_function_says_which_of_its_errors_is_meant() -> None:
    body = {"error": {"code": "", "message": "x", "details": [{"message": "WARNINGS.XAPI.IN_USE", "target": "Number"}]}}
    with pytest.raises(errors.ValidationFailed) as raised:
        Wire(body, status=400).client.users.create(User(number="1"))
    assert (raised.value.code, raised.value.target) == ("WARNINGS.XAPI.IN_USE", "Number")


def test_a_download_is_bytes_with_a_file_name() -> None:
    wire = Wire(
        content=b"RIFF\x00\xff",
        headers={"content-type": "audio/wav", "content-disposition": 'attachment; filename="call 1.wav"'},
    )
    assert wire.client.recordings.download(5) == b"RIFF\x00\xff"
    answer = with_response(wire.client.recordings.download)(5)
    assert (answer.parsed, answer.filename) == (b"RIFF\x00\xff", "call 1.wav")
    assert wire.line == "GET /xapi/v1/Recordings/Pbx.DownloadRecording(recId=5)"


def test_the_detailed_answer_has_status_headers_and_etag() -> None:
    answer = with_response(Wire({"Id": 12}, headers={"ETag": 'W/"7"', "X-3CX-Version": "20.0.10"}).client.fax.get)(12)
    fax = Fax(id=12, additional_properties={"@odata.etag": 'W/"7"'})
    assert (answer.status_code, answer.etag, answer.parsed) == (200, 'W/"7"', fax)
    assert answer.headers["x-3cx-version"] == "20.0.10"


def test_an_entity_knows_its_etag() -> None:
    fax = Wire({"@odata.etag": 'W/"7"', "Id": 12}).client.fax.get(12)
    assert fax.etag == 'W/"7"'
    assert Wire({"Id": 12}).client.fax.get(12).etag is None


def test_a_primitive_answer_is_the_value_itself() -> None:
    assert Wire({"value": "abc"}).client.users.get_phone_secret(1) == "abc"


@pytest.mark.parametrize("answer", [RemoteAccessStatus("Unheard"), RemoteAccessStatus(next(iter(RemoteAccessStatus)))])
def test_an_enum_answer(answer: RemoteAccessStatus) -> None:
    for body in ({"value": answer.value}, answer.value):
        assert Wire(body).client.system_status.get_remote_access_status() == answer


@pytest.mark.parametrize("wire", [Wire(status=204), Wire(content=b""), Wire(content=b"null")])
def test_a_nullable_answer_may_be_nothing(wire: Wire) -> None:
    assert wire.client.ai_settings.get_vector_stores(10, "") is None


@pytest.mark.parametrize("content", [b"", b"null", b"[]", b'"text"', b"17", b"<html>", b'{"Id": 1'])
def test_an_answer_that_is_no_object_is_our_exception(content: bytes) -> None:
    with pytest.raises(errors.UnexpectedAnswer):
        Wire(content=content).client.fax.get(12)


@pytest.mark.parametrize("value", [None, 3, "x", {"a": 1}])
def test_an_answer_without_rows_is_our_exception(value: object) -> None:
    with pytest.raises(errors.UnexpectedAnswer, match="instead of rows"):
        Wire({"value": value}).client.fax.list()


def test_a_row_of_another_shape_is_kept() -> None:
    wrong: list[Any] = [1, None, "x", []]
    assert Wire({"value": wrong}).client.fax.list() == wrong


def test_a_page_tells_how_many_rows_there_are() -> None:
    wire = Wire({"@odata.count": 250, "@odata.nextLink": "https://pbx/next", "value": [{"Id": 1}, {"Id": 2}]})
    page = wire.client.fax.list(top=2, count=True)
    assert (len(page), page.total, page.next_link, page[0].id) == (2, 250, "https://pbx/next", 1)
    assert [fax.id for fax in page[1:]] == [2]
    assert repr(page) == "Page([Fax(id=1), Fax(id=2)], total=250)"
    assert Wire({"value": []}).client.fax.list().total is None


def test_every_page_is_read_as_typed_rows() -> None:
    wire = Wire({"value": [{"Id": 1}, {"Id": 2}, {"Id": 3}]})
    rows = list(wire.client.users.iterate(select=["Id"], filter_="Id lt 5", page_size=7))
    assert rows == [User(id=1), User(id=2), User(id=3)]
    assert wire.line == "GET /xapi/v1/Users?$filter=Id%20lt%205&$select=Id&$top=7&$count=true"


def test_pages_are_asked_for_when_needed() -> None:
    wire = Wire({"value": [{"Id": 1}, {"Id": 2}]})
    rows = wire.client.users.iterate(page_size=2)
    assert wire.requests == []
    next(rows)
    assert len(wire.requests) == 1


def test_a_row_that_is_no_object_is_our_exception() -> None:
    with pytest.raises(errors.UnexpectedAnswer):
        list(Wire({"value": ["x"]}).client.users.iterate())


def test_a_list_of_strings_has_no_typed_rows() -> None:
    assert not hasattr(Wire().client.call_flow_apps, "iterate_files")
    assert Wire({"value": ["a", "b"]}).client.call_flow_apps.get_files(3) == ["a", "b"]


def test_async_does_the_same() -> None:
    async def calls(wire: Wire) -> list[object]:
        async with wire.async_client as client:
            return [
                await client.users.list(select=["Id", "Number"]),
                (await with_response(client.users.list)(top=1)).parsed,
                [row async for row in client.users.iterate()],
                (await with_response(client.fax.delete)(12, if_match="*")).status_code,
            ]

    wire = Wire({"value": [{"Id": 1}]})
    listed, detailed, rows, status = asyncio.run(calls(wire))
    assert listed == detailed
    assert rows == [User(id=1)]
    assert status == 200
    assert [request.url.raw_path for request in wire.requests] == [
        b"/xapi/v1/Users?$select=Id,Number",
        b"/xapi/v1/Users?$top=1",
        b"/xapi/v1/Users?$top=100&$count=true",
        b"/xapi/v1/Fax(12)",
    ]


def test_async_errors_are_raised_too() -> None:
    async def call() -> None:
        async with Wire(status=404, content=b"").async_client as client:
            await client.fax.get(12)

    with pytest.raises(errors.NotFound):
        asyncio.run(call())


def test_a_read_only_client_sends_no_write() -> None:
    wire = Wire(status=204)
    client = XapiClient("pbx.example.com", access_token="invented", read_only=True, transport=httpx.MockTransport(wire))
    with pytest.raises(errors.WriteRefused):
        client.fax.delete(12)
    assert wire.requests == []


def test_an_etag_that_comes_in_the_header_alone_is_the_models_too() -> None:
    wire = Wire({"Id": 12, "Number": "861"}, headers={"ETag": 'W/"7"'})
    assert wire.client.fax.get(12).etag == 'W/"7"'


def test_what_was_read_can_be_written_without_the_control_information_it_came_with() -> None:
    answer = {
        "@odata.context": "$metadata#Users/$entity",
        "@odata.etag": 'W/"7"',
        "@odata.type": "#Pbx.User",
        "Id": 12,
        "Groups@odata.count": 1,
        "Groups": [{"@odata.etag": 'W/"1"', "GroupId": 95, "Group@odata.bind": "Groups(95)"}],
        "Unknown": {"Id@odata.navigationLink": "x", "kept": [{"@odata.id": "Users(1)"}]},
    }
    wire = Wire({}, status=201)
    with_response(wire.client.users.create)(User.from_dict(answer))
    assert json.loads(wire.requests[-1].content) == {
        "@odata.type": "#Pbx.User",
        "Id": 12,
        "Groups": [{"GroupId": 95, "Group@odata.bind": "Groups(95)"}],
        "Unknown": {"kept": [{"@odata.id": "Users(1)"}]},
    }
