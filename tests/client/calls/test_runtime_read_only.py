"""A read-only client sends no write, and does not even sign in for one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from threecx_xapi.errors import WriteRefused

from tests.client.fake_pbx import FakePbx, Make, MakeAsync


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE", "post", "OPTIONS", "MERGE", "GET "])
def test_refused_before_anything_leaves(
    make: Make, make_async: MakeAsync, fake: FakePbx, runtime_dir: Path, method: str
) -> None:
    client = make(read_only=True)
    with pytest.raises(WriteRefused, match="read-only") as caught:
        client.request(method, "/Fax(1)", params={"a": "b"}, json={})
    assert caught.value.url == "https://pbx.example.com/xapi/v1/Fax(1)"
    assert caught.value.status is None

    async def main() -> None:
        async with make_async(read_only=True) as async_client:
            await async_client.request(method, "/Fax(1)")

    with pytest.raises(WriteRefused):
        asyncio.run(main())
    assert fake.requests == []
    assert not runtime_dir.exists()


def test_it_reads(make: Make, fake: FakePbx) -> None:
    client = make(read_only=True)
    assert client.read_only
    assert client.request("GET", "/Defs").status == 200
    assert client.request("head", "/Defs").status == 200
    assert [request.method for request in fake.requests] == ["POST", "GET", "HEAD"]  # the first one is the sign-in


def test_it_reads_on_when_the_token_is_refused(make: Make, fake: FakePbx) -> None:
    client = make(read_only=True)
    client.request("GET", "/Defs")
    fake.live = "revoked"
    assert client.request("GET", "/Defs").status == 200


def test_others_write(make: Make, fake: FakePbx) -> None:
    client = make()
    assert not client.read_only
    client.request("DELETE", "/Fax(1)")
    assert fake.lines == ["DELETE /Fax(1)"]


def test_it_stays_read_only(make: Make) -> None:
    with pytest.raises(AttributeError):
        setattr(make(read_only=True), "read_only", False)  # noqa: B010 (a type checker refuses the assignment)
