"""Raw bytes: what no HTTP library sends by itself, and what must still be answered, or refused, in one piece."""

from __future__ import annotations

import json
import socket

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api, refused

JSON = ("Content-Type: application/json",)
DELTA = "The input was not valid.\n\ndelta:\nThe delta field is required."


def head(api: Api, method: str, target: str, *fields: str) -> bytes:
    authorization = api.http.headers["Authorization"]
    lines = [f"{method} {target} HTTP/1.1", "Host: pbx.example.com", f"Authorization: {authorization}", *fields]
    return "\r\n".join([*lines, "", ""]).encode()


def exchange(pbx: SimulatedPbx, sent: bytes) -> bytes:
    """Send bytes as they are; everything that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", pbx.port), timeout=30) as connection:
        connection.sendall(sent)
        received = b""
        while part := connection.recv(65536):
            received += part
    return received


def ask(api: Api, method: str, target: str, body: bytes = b"", fields: tuple[str, ...] = ()) -> tuple[int, bytes]:
    """Send one request on a new connection; return status and body of the response."""
    length = (f"Content-Length: {len(body)}",) if body else ()
    received = exchange(api.pbx, head(api, method, target, *fields, *length, "Connection: close") + body)
    status, _, content = received.partition(b"\r\n\r\n")
    return int(status.split(b" ")[1]), content


# paths


@pytest.mark.parametrize(
    "path", ["//Fax", "/Fax/", "/Fax//", "/./Fax", "/x/../Fax", "/FAX", "/fax", "", "/", "/Users/$count", "/Fax/$ref"]
)
def test_a_path_the_document_does_not_have_is_not_mended(api: Api, path: str) -> None:
    status, content = ask(api, "GET", f"/xapi/v1{path}")
    assert status == 404
    assert f"GET /xapi/v1{path}" in json.loads(content)["error"]["message"]


@pytest.mark.parametrize("path", ["/Fxs('%ZZ')", "/Fxs('100%')", "/Fxs('%1')", "/TenantProperties('%')"])
def test_a_percent_sign_that_encodes_nothing_is_refused(api: Api, path: str) -> None:
    api.pbx.put("TenantProperties", {"Name": "%", "Value": "1"})
    status, content = ask(api, "GET", f"/xapi/v1{path}")
    assert (status, "percent" in json.loads(content)["error"]["message"]) == (400, True)


@pytest.mark.parametrize("query", ["$filter=Name%20eq%20'%ZZ'", "$filter=Name%20eq%20'100%'", "%2=1", "$top=%FF"])
def test_a_percent_sign_that_encodes_nothing_is_refused_in_a_query_too(api: Api, query: str) -> None:
    assert ask(api, "GET", f"/xapi/v1/TenantProperties?{query}")[0] == 400


def test_letters_may_be_encoded(api: Api) -> None:
    assert ask(api, "GET", "/xapi/v1/%46ax?%24top=1")[0] == 200


def test_a_long_filter_arrives(api: Api) -> None:
    numbers = ",".join(f"'{n}'" for n in range(2000))
    status, content = ask(api, "GET", f"/xapi/v1/Users?$select=Number&$filter=Number%20in%20({numbers})")
    assert (status, len(json.loads(content)["value"])) == (200, 9)


# methods


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PUT", "get"])
def test_another_method_is_405_and_says_which_are_allowed(api: Api, method: str) -> None:
    received = exchange(api.pbx, head(api, method, "/xapi/v1/Fax", "Connection: close"))
    assert received.startswith(b"HTTP/1.1 405 ")
    assert b"\r\nallow: GET, POST\r\n" in received
    assert received.endswith(b"\r\n\r\n") is (method == "HEAD")


# bodies


@pytest.mark.parametrize(
    "body",
    [
        b'{"Name": "x", "Value": "\xff"}',
        '{"Name": "x"}'.encode("utf-16"),
        b'{"Name": "x", "Nonsense@odata.bind": 1}',
        b'{"Name": "x", "a@b": 1}',
        b'{"Name": "x", "Name@b": 1}',
        b'{"Name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        b'{"Name": "\\ud800"}',
        b'{"Name": "x", "@odata.x": NaN}',
        b'{"Name": "x", "@odata.x": -1e999}',
    ],
    ids=lambda body: body[:30],
)
def test_a_body_that_cannot_be_read_fails_to_bind(api: Api, body: bytes) -> None:
    before = api.pbx.entities("TenantProperties")
    status, content = ask(api, "POST", "/xapi/v1/TenantProperties", body, JSON)
    assert (status, json.loads(content)["error"]["message"]) == (400, DELTA)
    assert api.pbx.entities("TenantProperties") == before


def test_a_body_without_a_content_type_is_not_supported(api: Api) -> None:
    status, content = ask(api, "POST", "/xapi/v1/Parkings", b"{}")
    assert (status, len(api.pbx.entities("Parkings"))) == (415, 2)
    assert "content type" in json.loads(content)["error"]["message"]
    assert ask(api, "POST", "/xapi/v1/Users/Pbx.BatchDelete", b'{"ids":[]}')[0] == 415


def test_an_empty_body(api: Api) -> None:
    for method, target in (("POST", "/Parkings"), ("PATCH", "/AntiHackingSettings")):
        for fields in ((), JSON, (*JSON, "Content-Length: 0")):
            status, content = ask(api, method, f"/xapi/v1{target}", b"", fields)
            assert (status, json.loads(content)["error"]["message"]) == (400, DELTA)


def test_a_chunked_and_a_large_body_arrive(api: Api) -> None:
    large = json.dumps({"Name": "large", "AuthID": "x" * 500_000}).encode()
    chunked = head(api, "POST", "/xapi/v1/Parkings", *JSON, "Transfer-Encoding: chunked", "Connection: close")
    assert exchange(api.pbx, chunked + b"1\r\n{\r\n1\r\n}\r\n0\r\n\r\n").startswith(b"HTTP/1.1 201 ")
    assert ask(api, "POST", "/xapi/v1/TenantProperties", large, JSON)[0] == 400
    assert api.pbx.requests[-1].body == large
    assert api.pbx.requests[-2].body == b"{}"


def test_pipelined_requests_are_answered_in_order(api: Api) -> None:
    sent = b"".join(
        (
            head(api, "GET", "/xapi/v1/Fax?$top=1"),
            head(api, "POST", "/xapi/v1/Parkings", *JSON, "Content-Length: 2") + b"{}",
            head(api, "GET", "/xapi/v1/Fax(999)", "Connection: close"),
        )
    )
    answers = exchange(api.pbx, sent).split(b"HTTP/1.1 ")[1:]
    assert [answer[:3] for answer in answers] == [b"200", b"201", b"404"]


# headers of answers


@pytest.mark.parametrize(
    ("name", "encoded"),
    [
        ("a\nb", "'a%0Ab'"),
        ("日本 é/%", "'%E6%97%A5%E6%9C%AC%20%C3%A9%2F%25'"),
        ("O'Brien", "'O''Brien'"),
        ("a?b#c", "'a%3Fb%23c'"),
    ],
)
def test_the_location_of_a_created_entity_can_be_followed(api: Api, name: str, encoded: str) -> None:
    answer = api.post("/TenantProperties", {"Name": name, "Value": "1"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == f"{api.pbx.url}/xapi/v1/TenantProperties({encoded})"
    assert api.http.get(answer.headers["Location"]).json()["Name"] == name


# signing in


@pytest.mark.parametrize("media", ["text/plain", "application/json", "application/xml", ""])
def test_the_token_endpoint_takes_forms_only(api: Api, media: str) -> None:
    body = f"grant_type=client_credentials&client_id={api.pbx.client_id}&client_secret={api.pbx.client_secret}".encode()
    fields = (f"Content-Type: {media}",) if media else ()
    status, content = ask(api, "POST", "/connect/token", body, fields)
    assert (status, json.loads(content)["error"]) == (400, "invalid_request")
    assert api.get("/Fax").status_code == 200  # the token it had still lives


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
def test_the_token_endpoint_is_asked_by_post(api: Api, method: str) -> None:
    assert ask(api, method, "/connect/token")[0] == 405


def test_a_refusal_of_the_token_comes_before_everything_else(pbx: SimulatedPbx) -> None:
    stranger = Api(pbx, sign_in=False)
    for method, path in (("GET", "/Nonsense"), ("PUT", "/Fax"), ("DELETE", "/Fax(1)"), ("GET", "/Fxs('%')")):
        refused(stranger.send(method, path), 401)
