"""Every form an error comes in, in plain words; and nothing but our own exceptions."""

from __future__ import annotations

import copy
import json
import pickle
from typing import Any

import httpx
import pytest
from threecx_xapi import RetryPolicy, errors, odata
from threecx_xapi._request.answers import complaint_of, retry_after
from threecx_xapi._request.steps import Answer
from threecx_xapi.errors import ErrorDetail

from tests.client.fake_pbx import FakePbx, Make

IN_USE = "WARNINGS.XAPI.ALREADY_IN_USE"


def odata_error(message: str = "", target: str | None = None, code: str = "", details: Any = None) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, "target": target, "details": details, "innererror": {}}}


def ask(make: Make, fake: FakePbx, answer: httpx.Response, method: str = "PATCH") -> errors.XapiError:
    fake.answers = [answer]
    with pytest.raises(errors.XapiError) as caught:
        make(retry=RetryPolicy(attempts=1)).request(method, "/Users(38)", params={"$filter": "Secret eq 'x'"})
    return caught.value


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, errors.ValidationFailed),
        (422, errors.ValidationFailed),
        (403, errors.Forbidden),
        (404, errors.NotFound),
        (405, errors.XapiError),
        (409, errors.Conflict),
        (410, errors.XapiError),
        (412, errors.PreconditionFailed),
        (413, errors.XapiError),
        (428, errors.PreconditionRequired),
        (429, errors.RateLimited),
        (500, errors.ServerError),
        (502, errors.ServerError),
        (503, errors.ServerError),
        (504, errors.ServerError),
        (599, errors.ServerError),
        (302, errors.UnexpectedAnswer),
        (304, errors.UnexpectedAnswer),
        (600, errors.UnexpectedAnswer),
    ],
)
@pytest.mark.parametrize("body", [b"", b"<html><head><title>Oops</title></head></html>", b"\xff\xfe", b'{"error": 5}'])
def test_status_decides_the_kind(
    make: Make, fake: FakePbx, status: int, kind: type[errors.XapiError], body: bytes
) -> None:
    error = ask(make, fake, httpx.Response(status, content=body, headers={"X-Request-Id": "r-1"}))
    assert type(error) is kind
    assert error.status == status
    assert error.request_id == "r-1"
    assert error.method == "PATCH"
    assert error.url == "https://pbx.example.com/xapi/v1/Users(38)"
    assert str(error) == error.message
    assert "PATCH https://pbx.example.com/xapi/v1/Users(38)" in error.message
    assert str(status) in error.message
    assert "Secret" not in error.message


def test_odata_details(make: Make, fake: FakePbx) -> None:
    error = ask(
        make,
        fake,
        httpx.Response(
            400,
            json=odata_error(f"Number:\n{IN_USE}", details=[{"code": "", "message": IN_USE, "target": "Number"}]),
        ),
    )
    assert (error.code, error.target) == (IN_USE, "Number")
    assert error.details == (ErrorDetail(IN_USE, "Number", IN_USE),)
    assert error.reason == f"Number: already in use ({IN_USE})"
    assert error.message == (
        "PATCH https://pbx.example.com/xapi/v1/Users(38) was refused (400): Number: already in use "
        f"({IN_USE}). Correct the value and try again; nothing was changed."
    )


@pytest.mark.parametrize(
    ("body", "reason", "code", "target"),
    [
        # the message joins target and code
        (odata_error(f"Number:\n{IN_USE}"), f"Number: already in use ({IN_USE})", IN_USE, "Number"),
        (odata_error(IN_USE), f"already in use ({IN_USE})", IN_USE, None),
        (odata_error("No.", "Number"), "Number: No.", None, "Number"),
        (odata_error("No.", code="E7"), "No.", "E7", None),
        (odata_error(code="E7"), "E7", "E7", None),
        (
            odata_error(
                "x",
                details=[
                    {"message": "WARNINGS.XAPI.REQUIRED", "target": "Name"},
                    {"code": "WARNINGS.XAPI.DUPLICATE", "message": "", "target": "Mail"},
                ],
            ),
            "Name: required (WARNINGS.XAPI.REQUIRED); Mail: duplicate (WARNINGS.XAPI.DUPLICATE)",
            "WARNINGS.XAPI.REQUIRED",
            "Name",
        ),
        (
            odata_error("m", details=[{"message": f"m{n}", "target": None} for n in range(7)]),
            "m0; m1; m2; m3; m4; and 2 more",
            None,
            None,
        ),
        # what no PBX should send
        (odata_error("m", details="x"), "m", None, None),
        (odata_error("m", details=[None, 5, {}, []]), "m", None, None),
        ({"error": {"message": {"lang": "en", "value": "old form"}}}, "old form", None, None),
        ({"error": {"message": None, "code": None}}, "", None, None),
        ({"error": {}}, "", None, None),
        ({"error": None}, "", None, None),
        ({}, "", None, None),
        ([], "", None, None),
        (5, "", None, None),
        # plain strings and the OAuth form
        ({"error": "Just so."}, "Just so.", None, None),
        ({"error": f"Number: {IN_USE}"}, f"Number: already in use ({IN_USE})", IN_USE, None),
        ("Just so.", "Just so.", None, None),
        ({"error": "unauthorized", "error_description": "Who?"}, "Who?", "unauthorized", None),
        ({"error": "unauthorized", "error_description": None}, "unauthorized", None, None),
        # RFC 9457, as ASP.NET answers what never reached the API
        ({"type": "about:blank", "title": "Bad Request", "status": 400}, "Bad Request", None, None),
        ({"message": "m", "code": "C"}, "m", "C", None),
    ],
)
def test_forms(body: Any, reason: str, code: str | None, target: str | None) -> None:
    content = json.dumps(body, separators=(",", ":")).encode()
    complaint = complaint_of(Answer(400, httpx.Headers(), content))
    assert (complaint.reason, complaint.code, complaint.target) == (reason, code, target)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"<html><head><TITLE>\n 502 Bad Gateway </TITLE>", "'502 Bad Gateway'"),
        (b"  <!DOCTYPE html><p>x", "a web page"),
        (b"plain words", "plain words"),
        (b"\x00\x01\x1b[31mred", "??"),
        (b"[" * 100_000, "cut off or damaged: 100000 bytes"),
        (b'{"Id": 12, "AuthPassword": "gehe', "cut off or damaged: 32 bytes"),
    ],
)
def test_what_is_not_json(content: bytes, words: str) -> None:
    complaint = complaint_of(Answer(500, httpx.Headers(), content))
    assert words in complaint.reason
    assert len(complaint.reason) < 400
    assert complaint.reason.isprintable()


@pytest.mark.parametrize(
    "content",
    [
        b"x" * 5_000_000,
        b"<title>" + b"x" * 5_000_000,
        json.dumps(odata_error("x" * 1_000_000, details=[{"message": "y" * 1_000_000}] * 3)).encode(),
        json.dumps({"error": "x" * 1_000_000}).encode(),
        json.dumps({"error": "e" * 100_000, "error_description": "x"}).encode(),
    ],
)
def test_a_huge_body_is_cut_short(make: Make, fake: FakePbx, content: bytes) -> None:
    error = ask(make, fake, httpx.Response(500, content=content))
    assert len(error.message) < 2000
    assert len(repr(error.details) + str(error.code)) < 2000


def test_the_delta_message_is_translated(make: Make, fake: FakePbx) -> None:
    error = ask(
        make,
        fake,
        httpx.Response(400, json=odata_error("The input was not valid.\n\ndelta:\nThe delta field is required.")),
    )
    assert "delta" not in error.message
    assert "release 20.0.10.100" in error.message
    assert "does not know, or a value of the wrong type" in error.message
    assert type(error) is errors.ValidationFailed


def test_the_delta_message_in_details(make: Make, fake: FakePbx) -> None:
    details = [{"code": "", "message": "The delta field is required.", "target": "delta"}]
    error = ask(make, fake, httpx.Response(400, json=odata_error("The input was not valid.", details=details)))
    assert "delta" not in error.message
    assert error.target is None


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, None),
        ({"Retry-After": "7"}, 7),
        ({"Retry-After": "-7"}, 0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After": "nan"}, None),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": ""}, None),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT", "Date": "Fri, 15 Jan 2027 08:00:00 GMT"}, 30),
        ({"Retry-After": "Fri, 15 Jan 2027 08:00:30 GMT"}, 30),
        ({"Retry-After": "Fri, 15 Jan 2027 07:00:00 GMT"}, 0),
        ({"Retry-After": "Fri, 99 Jan 2027 07:00:00 GMT"}, None),
    ],
)
def test_retry_after(headers: dict[str, str], expected: float | None) -> None:
    assert retry_after(httpx.Headers(headers), now=1_800_000_000.0) == expected


def test_retry_after_reaches_the_exception(make: Make, fake: FakePbx) -> None:
    error = ask(make, fake, httpx.Response(429, headers={"Retry-After": "7"}))
    assert error.retry_after == 7
    assert "asks to wait 7 seconds" in str(error)


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (httpx.Response(200), "the answer is empty"),
        (httpx.Response(200, text="<html>hello"), "the answer is a web page, which a PBX's API does not send"),
        (httpx.Response(200, text="<title>Sign in</title>"), "the answer is a web page entitled 'Sign in'"),
        (httpx.Response(200, text="hello"), "is not JSON; it begins: hello"),
        (httpx.Response(200, text="Null reference\n   at Pbx.Get()\n   at Pbx.Put()"), "begins: Null reference."),
        (httpx.Response(200, content=b'{"value": ['), "cut off or damaged: 11 bytes"),
        (httpx.Response(200, content=b"\xff"), "is not JSON"),
        (httpx.Response(200, content=b"[" * 100_000), "100000 bytes that are not JSON"),
    ],
)
def test_a_success_that_cannot_be_read(make: Make, fake: FakePbx, answer: httpx.Response, words: str) -> None:
    fake.answers = [answer]
    with pytest.raises(errors.UnexpectedAnswer, match=words) as caught:
        make().request("POST", "/Users").json()
    assert caught.value.status == 200
    assert "check its effect before you repeat it" in str(caught.value)


def test_garbled_compression(make: Make, fake: FakePbx) -> None:
    fake.answers = [
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=httpx.ByteStream(b"not gzip"))
    ]
    with pytest.raises(errors.UnexpectedAnswer, match="compressed"):
        make().request("GET", "/Users")


@pytest.mark.parametrize(
    ("raised", "kind", "sent", "words"),
    [
        (httpx.ConnectTimeout(""), errors.Timeout, False, "did not accept a connection within 10 seconds"),
        (httpx.PoolTimeout(""), errors.Timeout, False, "nothing was sent"),
        (httpx.ReadTimeout(""), errors.Timeout, True, "was not answered within 30 seconds"),
        (httpx.WriteTimeout(""), errors.Timeout, None, "may have been carried out"),
        (httpx.ConnectError("[Errno 113] No route to host"), errors.ConnectFailed, False, "No route to host"),
        (httpx.ProxyError("407 Proxy Authentication Required"), errors.ConnectFailed, False, "407"),
        (httpx.ReadError(""), errors.TransportError, None, "closed the connection"),
        (httpx.WriteError(""), errors.TransportError, None, "closed the connection"),
        (
            httpx.RemoteProtocolError("Server disconnected without sending a response."),
            errors.TransportError,
            None,
            "closed the connection",
        ),
        (httpx.RemoteProtocolError("illegal status line"), errors.TransportError, None, "not HTTP"),
        (
            httpx.LocalProtocolError("Illegal header value b'Bearer x'"),
            errors.ConfigurationError,
            None,
            "cannot be sent",
        ),
        # An error that no layer has translated does not tell whether the request was sent.
        (
            OSError(5, "Input/output error"),
            errors.TransportError,
            None,
            "Input/output error.* may have been carried out",
        ),
        (httpx.CloseError(""), errors.TransportError, None, "closed the connection"),
    ],
)
def test_no_answer(
    make: Make,
    fake: FakePbx,
    once: RetryPolicy,
    raised: Exception,
    kind: type[errors.XapiError],
    sent: bool | None,
    words: str,
) -> None:
    fake.answers = [raised]
    with pytest.raises(kind, match=words) as caught:
        make(retry=once).request("PATCH", "/Users(1)", json={})
    error = caught.value
    assert type(error) is kind
    assert error.status is None
    assert error.method == "PATCH"
    assert "pbx.example.com" in str(error)
    assert "Bearer" not in str(error)
    assert getattr(error, "sent", None) is sent
    # The exception of httpx carries the request, and with it the token.
    assert error.__cause__ is None
    assert error.__context__ is None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("If-Match", '"1"\r\nX-Evil: 1'),
        ("If-Match", '"1"\n'),
        ("If-Match", "\x00"),
        ("If-Match", "ü"),
        ("If-Match", ' "1"'),
        ("If-Match", '"1" '),
        ("X-Good", "1 "),
        ("X-Good", " "),
        ("If-Match", ""),  # would be taken for none at all, and the condition with it
        ("if-match", "  "),
        ("X-Good: 1\r\nX-Evil", "1"),
        ("", "1"),
    ],
)
def test_a_header_that_cannot_be_sent(make: Make, fake: FakePbx, name: str, value: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="nothing was sent") as caught:
        make().request("DELETE", "/Fax(1)", headers={name: value})
    assert "header" in str(caught.value) or "If-Match" in str(caught.value)
    assert caught.value.__context__ is None
    assert fake.requests == []


@pytest.mark.parametrize("body", [{1, 2}, float("nan"), {"a": object()}, {"a": "\ud800"}])
def test_a_body_that_is_not_json(make: Make, fake: FakePbx, body: object) -> None:
    with pytest.raises(errors.ConfigurationError, match="cannot be written as JSON"):
        make().request("POST", "/Users", json=body)
    assert fake.requests == []


def test_json_body_bytes(make: Make, fake: FakePbx) -> None:
    make().request("POST", "/Users", json={"Name": "Zoë", "Phones": None, "List": [1, True]})
    assert fake.calls[0].content == '{"Name":"Zoë","Phones":null,"List":[1,true]}'.encode()
    assert fake.calls[0].headers["content-type"] == "application/json"
    make().request("POST", "/Users")
    assert fake.calls[1].content == b""
    assert "content-type" not in fake.calls[1].headers
    make().request("POST", "/Users", json=None)
    assert fake.calls[2].content == b"null"


@pytest.mark.parametrize("kind", [errors.ValidationFailed, errors.Timeout, errors.ConfigurationError])
def test_exceptions_survive_pickle_and_copy(kind: type[errors.XapiError]) -> None:
    error = kind("m", reason="r", status=400, code="c", details=(ErrorDetail("c", "t", "m"),), retry_after=1.5)
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
        assert type(twin) is kind
        assert twin.__dict__ == error.__dict__
        assert (str(twin), twin.args) == ("m", ("m",))


def test_the_tree() -> None:
    for name in ("Timeout", "DeadlineExceeded", "TlsError", "ConnectFailed"):
        assert issubclass(getattr(errors, name), errors.TransportError)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert all(issubclass(kind, errors.XapiError) for kind in kinds)
    assert issubclass(errors.MissingRights, errors.Forbidden)
    assert len(kinds) == 19


@pytest.mark.parametrize(
    ("said", "read"),
    [
        (rb'"a\ud800b"', "a\ufffdb"),
        (rb'"\uDFFF\ud83d"', "\ufffd\ufffd"),
        (b'"\xed\xa0\x80"', "\ufffd"),
        ('"\udc00"'.encode("utf-16-le", "surrogatepass"), "\ufffd"),
        (rb'[{"\ud800": ["\udc00"]}]', [{"\ufffd": ["\ufffd"]}]),
        (rb'"\ud83d\ude00 \\ud800"', "\U0001f600 \\ud800"),
        ('"\ud55c"'.encode(), "\ud55c"),
    ],
)
def test_half_a_surrogate_pair_is_answered(make: Make, fake: FakePbx, said: bytes, read: object) -> None:
    """A name that was cut in the middle of an emoji: nobody could show what is read of it, nor hand it on."""
    fake.answers = [httpx.Response(200, content=said)]
    answered = make().request("GET", "/Users").json()
    assert answered == read
    json.dumps(answered, ensure_ascii=False).encode()


def test_half_a_surrogate_pair_in_a_complaint(make: Make, fake: FakePbx) -> None:
    fake.answers = [
        httpx.Response(400, content=rb'{"error": {"code": "\ud800", "message": "\ud800", "target": "\udc00"}}')
    ]
    with pytest.raises(errors.ValidationFailed) as caught:
        make().request("GET", "/Users")
    repr(vars(caught.value)).encode()
    f"{caught.value.code} {caught.value.target} {caught.value.reason}".encode()


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", "[-1e400]"])
def test_a_number_that_json_does_not_have_is_no_data(number: str) -> None:
    from threecx_xapi.reply import Reply, data

    content = f'{{"Id": 1, "Value": {number}}}'.encode()
    with pytest.raises(errors.UnexpectedAnswer, match="not JSON"):
        Reply(200, httpx.Headers(), content).json()
    assert Reply(200, httpx.Headers({"ETag": 'W/"1"'}), content).etag == 'W/"1"'
    assert data(b'{"Value": [1.5e3, -0.0, 1e308]}') == {"Value": [1500.0, -0.0, 1e308]}


def test_a_redirection_is_told_with_what_it_leads_to(make: Make, fake: FakePbx) -> None:
    places = {
        "https://elsewhere.example.com:8443/x?token=invented": "redirects to https://elsewhere.example.com:8443 (302)",
        "//elsewhere.example.com/x": "redirects to https://elsewhere.example.com (302)",
        "/login?next=invented": "redirects to another path, /login (302)",
        "/%7Einvented": "redirects to another path (302)",
        "": "redirects (302)",
        "https://[": "redirects (302)",
    }
    for location, words in places.items():
        fake.answers = [httpx.Response(302, headers={"Location": location})]
        with pytest.raises(errors.UnexpectedAnswer) as caught:
            make().request("GET", "/Users")
        assert words in str(caught.value), location
        assert "invented" not in str(caught.value)


@pytest.mark.parametrize("path", ["Users", "", "/Users?$top=1", "/Users#1"])
def test_what_is_no_path_is_not_sent(make: Make, fake: FakePbx, path: str) -> None:
    with pytest.raises(errors.ConfigurationError, match="begins with / and has no query"):
        make().request("GET", path)
    assert fake.calls == []


def test_an_address_that_is_too_long_is_not_sent(make: Make, fake: FakePbx) -> None:
    long = "x" * odata.LONGEST_ADDRESS
    client = make()
    for call in (
        lambda: client.request("GET", f"/Fxs('{long}')"),
        lambda: client.users.list(filter_=f"Number eq '{long}'"),
        lambda: list(client.users.iterate(filter_=f"Number eq '{long}'")),
        lambda: client.fxs.get(long),
    ):
        with pytest.raises(errors.ConfigurationError, match=r"has \d+ characters; at most 60000 can be sent") as caught:
            call()
        assert len(str(caught.value)) < 300
    assert fake.requests == []
