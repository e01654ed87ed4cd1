"""Functions shared by the generated endpoint modules."""

from __future__ import annotations

import asyncio
import copy
import pickle
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import httpx
import pytest
import threecx_xapi
from threecx_xapi._model import model
from threecx_xapi._operations.rows import rows
from threecx_xapi._unset import UNSET, Unset
from threecx_xapi.errors import ConfigurationError, UnexpectedAnswer
from threecx_xapi.operation import Operation, plain, query_strings, run, run_async

from tests.client.fake_pbx import FakePbx, Make, MakeAsync


class Kind(StrEnum):
    FAX = "FaxServer"


class Model:
    def __init__(self, **values: Any) -> None:
        self.values = values

    def to_dict(self) -> dict[str, Any]:
        return self.values

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Model:
        return cls(Id=data["Id"])


GET = Operation("GetFax", "GET", "/Fax({Id})", "json", Model.from_dict)
DELETE: Operation[None] = Operation("DeleteFax", "DELETE", "/Fax({Id})")
DOWNLOAD: Operation[bytes] = Operation("Download", "GET", "/Recordings/Pbx.Download(id={id})", "bytes")


def test_unset() -> None:
    assert repr(UNSET) == "Unset"
    assert not UNSET
    assert Unset() is UNSET
    assert copy.copy(UNSET) is UNSET
    assert copy.deepcopy({"a": UNSET})["a"] is UNSET
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(UNSET, protocol)) is UNSET


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_json(make: Make, make_async: MakeAsync, fake: FakePbx, kind: str) -> None:
    fake.answers = [httpx.Response(200, json={"Id": 12}, headers={"ETag": 'W/"7"', "X-Request-Id": "r"})]

    async def main() -> Any:
        async with make_async() as client:
            return await run_async(client, GET, {"Id": 12}, {"$select": ["Id", "Number"], "$expand": UNSET})

    response = (
        run(make(), GET, {"Id": 12}, {"$select": ["Id", "Number"], "$expand": UNSET})
        if kind == "sync"
        else asyncio.run(main())
    )
    assert response.parsed.values == {"Id": 12}
    assert (response.status_code, response.etag, response.request_id) == (200, 'W/"7"', "r")
    assert fake.lines == ["GET /Fax(12)?$select=Id,Number"]


def test_etag_of_the_body(make: Make, fake: FakePbx) -> None:
    fake.answers = [{"@odata.etag": 'W/"8"', "Id": 12}, {"Id": 12}, [{"@odata.etag": "x"}]]
    client = make()
    assert run(client, GET, {"Id": 12}).etag == 'W/"8"'
    assert run(client, GET, {"Id": 12}).etag is None
    assert client.request("GET", "/Users").etag is None


def test_nothing(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(204)]
    response = run(make(), DELETE, {"Id": 12}, headers={"If-Match": 'W/"7"', "X-None": UNSET})
    assert response.parsed is None
    assert fake.calls[0].headers["if-match"] == 'W/"7"'
    assert "x-none" not in fake.calls[0].headers


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ('attachment; filename="a b.wav"', "a b.wav"),
        ("attachment; filename=a.wav", "a.wav"),
        ("attachment; filename=a.wav; size=1", "a.wav"),
        ("attachment; filename=\"x.wav\"; filename*=UTF-8''%E9%9B%BB.wav", "電.wav"),
        ("attachment; filename*=utf-8'en'a%2Fb.wav", "b.wav"),
        ("attachment; filename*=nonsense''%41.wav; filename=y.wav", "y.wav"),
        ('attachment; filename="../../etc/passwd"', "passwd"),
        ('attachment; filename="..\\\\evil.exe"', "evil.exe"),
        ('attachment; filename="say \\"hi\\".wav"', 'say "hi".wav'),
        ('attachment; filename="a;b.wav"', "a;b.wav"),
        ('attachment; filename=""', None),
        ('attachment; filename="x/"', None),
        ("attachment; filename*=utf-8''a%0A%00%1B[31mb.wav", "a[31mb.wav"),
        ('attachment; filename=".."', None),
        ("attachment", None),
        (None, None),
    ],
)
def test_download(make: Make, fake: FakePbx, disposition: str | None, name: str | None) -> None:
    headers = {"Content-Disposition": disposition} if disposition else {}
    fake.answers = [httpx.Response(200, content=b"RIFF\x00\xff", headers=headers)]
    response = run(make(), DOWNLOAD, {"id": 5})
    assert response.parsed == b"RIFF\x00\xff"
    assert response.filename == name


def test_text(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(200, text="Zoë")]
    assert run(make(), Operation[str]("T", "GET", "/T", "text")).parsed == "Zoë"


@pytest.mark.parametrize("body", ["{}", "[]", "null", "5", '"x"', '{"id": 1}'])
def test_a_shape_that_does_not_fit(make: Make, fake: FakePbx, body: str) -> None:
    fake.answers = [httpx.Response(200, text=body)]
    with pytest.raises(UnexpectedAnswer, match="does not match GetFax") as caught:
        run(make(), GET, {"Id": 12})
    assert caught.value.__context__ is None


def test_data_where_there_is_none(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(204)]
    with pytest.raises(UnexpectedAnswer, match="empty"):
        run(make(), GET, {"Id": 12})


def test_query_strings() -> None:
    assert query_strings(
        {
            "list": ["Id", Kind.FAX, 3],
            "set": [],
            "yes": True,
            "no": False,
            "number": 5,
            "when": datetime(2026, 1, 2, tzinfo=UTC),
            "day": date(2026, 1, 2),
            "kind": Kind.FAX,
            "uuid": UUID(int=1),
            "unset": UNSET,
            "none": None,
            "text": "O'Brien",
        }
    ) == {
        "list": "Id,FaxServer,3",
        "set": "",
        "yes": "true",
        "no": "false",
        "number": "5",
        "when": "2026-01-02T00:00:00Z",
        "day": "2026-01-02",
        "kind": "FaxServer",
        "uuid": "00000000-0000-0000-0000-000000000001",
        "text": "O'Brien",
    }


def test_bodies(make: Make, fake: FakePbx) -> None:
    assert plain([Model(a=1), {"b": 2}]) == [{"a": 1}, {"b": 2}]
    post: Operation[None] = Operation("Post", "POST", "/Users")
    fake.answers = [httpx.Response(204)] * 3
    run(make(), post, body=Model(Phones=None))
    run(make(), post, body=[Model(a=1)])
    run(make(), post)
    assert [call.content for call in fake.calls] == [b'{"Phones":null}', b'[{"a":1}]', b""]


def test_a_missing_path_value_sends_nothing(make: Make, fake: FakePbx) -> None:
    with pytest.raises(ConfigurationError):
        run(make(), GET, {"Id": UNSET})
    assert fake.requests == []


def test_the_package_offers_what_it_lists() -> None:
    for name in threecx_xapi.__all__:
        assert getattr(threecx_xapi, name) is not None
    assert set(threecx_xapi.__all__) <= set(dir(threecx_xapi))
    with pytest.raises(AttributeError):
        threecx_xapi.nonsense  # noqa: B018


def test_headers(make: Make, fake: FakePbx) -> None:
    make(user_agent="nightly-cleanup/2").request("GET", "/Defs")
    for request in fake.requests:
        assert request.headers["user-agent"] == f"nightly-cleanup/2 threecx-xapi/{threecx_xapi.__version__}"
    assert fake.calls[0].headers["accept"].startswith("application/json")


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
def test_a_caller_cannot_replace_the_token(make: Make, fake: FakePbx, name: str) -> None:
    make().request("GET", "/Defs", headers={name: "Bearer other"})
    assert fake.calls[0].headers.get_list("authorization") == ["Bearer invented-token-1"]


def test_an_answer_deeper_than_anybody_nests(make: Make, fake: FakePbx) -> None:
    """Each client in it has a token, which has a client; as JSON it can still be read, as models no more."""
    text = '{"RefreshTokens":[{"Client":' * 250 + "null" + "}]}" * 250
    fake.answers = [httpx.Response(200, content=text), httpx.Response(200, content=f'{{"value":[{text}]}}')]
    client = make()
    with pytest.raises(UnexpectedAnswer, match=r"match GetOAuthClient \(RecursionError"):
        run(client, Operation("GetOAuthClient", "GET", "/OAuthClients(1)", "json", model("OAuthClient")))
    with pytest.raises(UnexpectedAnswer):
        list(rows(client, Operation("ListOAuthClient", "GET", "/OAuthClients", "json"), model("OAuthClient"), 100))
