"""Literals, keys, paths and filters; and the bytes they become on the wire."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from enum import IntEnum, StrEnum
from uuid import UUID

import pytest
from threecx_xapi import odata
from threecx_xapi.errors import ConfigurationError

from tests.client.fake_pbx import FakePbx, Make


class Kind(StrEnum):
    NONE = "None"
    FAX = "FaxServer"


class Level(IntEnum):
    LOW = 3


BERLIN = timezone(timedelta(hours=2))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        (0, "0"),
        (-7, "-7"),
        (1.5, "1.5"),
        (float("inf"), "INF"),
        (float("-inf"), "-INF"),
        (float("nan"), "NaN"),
        (Decimal("1.10"), "1.10"),
        (Decimal("1E+3"), "1000"),
        ("", "''"),
        ("O'Brien", "'O''Brien'"),
        ("''", "''''''"),
        ("a/b c%", "'a/b c%'"),
        ("Zoë 電話", "'Zoë 電話'"),
        ("null", "'null'"),
        ("12", "'12'"),
        ("00:11:22:33:44:55", "'00:11:22:33:44:55'"),
        (Kind.FAX, "FaxServer"),
        (Level.LOW, "3"),
        (odata.Bare("Novel"), "Novel"),
        (datetime(2026, 3, 1, 8, 30, tzinfo=UTC), "2026-03-01T08:30:00Z"),
        (datetime(2026, 3, 1, 8, 30), "2026-03-01T08:30:00Z"),
        (datetime(2026, 3, 1, 8, 30, 0, 250000, tzinfo=BERLIN), "2026-03-01T08:30:00.250000+02:00"),
        (date(2026, 3, 1), "2026-03-01"),
        (time(8, 30), "08:30:00"),
        (timedelta(0), "duration'PT0S'"),
        (timedelta(days=1, hours=2, minutes=3, seconds=4), "duration'P1DT2H3M4S'"),
        (timedelta(seconds=0.5), "duration'PT0.5S'"),
        (timedelta(seconds=-90), "duration'-PT1M30S'"),
        (timedelta(milliseconds=5), "duration'PT0.005S'"),
        (timedelta(microseconds=50), "duration'PT0.00005S'"),
        (timedelta(seconds=10, milliseconds=20), "duration'PT10.02S'"),
        (timedelta(milliseconds=-5), "duration'-PT0.005S'"),
        (UUID(int=7), "00000000-0000-0000-0000-000000000007"),
    ],
)
def test_literal(value: object, expected: str) -> None:
    assert odata.literal(value) == expected


@pytest.mark.parametrize("value", [object(), [1], {"a": 1}, b"x", Decimal("NaN")])
def test_no_literal(value: object) -> None:
    with pytest.raises(ConfigurationError):
        odata.literal(value)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("O'Brien", "/Fxs('O''Brien')"),
        ("a/b c%", "/Fxs('a%2Fb%20c%25')"),
        ("", "/Fxs('')"),
        ("ü", "/Fxs('%C3%BC')"),
        ("?#&+;\n", "/Fxs('%3F%23%26%2B%3B%0A')"),
        ("..", "/Fxs('..')"),
        ("../../connect", "/Fxs('..%2F..%2Fconnect')"),
        ("00:11:22:33:44:55", "/Fxs('00:11:22:33:44:55')"),
        ("{Id}", "/Fxs('%7BId%7D')"),
        (12, "/Fxs(12)"),
        (True, "/Fxs(true)"),
        (datetime(2026, 3, 1, tzinfo=BERLIN), "/Fxs(2026-03-01T00:00:00%2B02:00)"),
        (odata.Bare("a/b"), "/Fxs(a%2Fb)"),
    ],
)
def test_path_and_key_encode_alike(value: object, expected: str) -> None:
    assert odata.path("/Fxs({MacAddress})", MacAddress=value) == expected
    assert odata.key("Fxs", value) == expected


def test_function_arguments() -> None:
    path = odata.path(
        "/ReportX/Pbx.Get(from={from},kind={kind},all={all})",
        **{"from": date(2026, 1, 2), "kind": Kind.NONE, "all": False},
    )
    assert path == "/ReportX/Pbx.Get(from=2026-01-02,kind=None,all=false)"


def test_a_parameter_may_be_called_template() -> None:
    assert odata.path("/T/Pbx.InitTrunk(template={template})", template="p.xml") == "/T/Pbx.InitTrunk(template='p.xml')"


def test_missing_value() -> None:
    with pytest.raises(ConfigurationError, match="needs a value for Id"):
        odata.path("/Fax({Id})")


def test_a_key_is_never_null() -> None:
    """An object whose key is not known must not be looked for, or removed, by the key null."""
    with pytest.raises(ConfigurationError, match="needs a value for Id"):
        odata.path("/Firmwares({Id})", Id=None)
    with pytest.raises(ConfigurationError, match="key"):
        odata.key("Firmwares", None)
    with pytest.raises(ConfigurationError, match="key"):
        odata.key("Parkings", Number=None)


def test_alternate_key() -> None:
    assert odata.key("Parkings", Number="SP1") == "/Parkings(Number='SP1')"
    with pytest.raises(ConfigurationError):
        odata.key("Parkings")
    with pytest.raises(ConfigurationError):
        odata.key("Parkings", 1, Number="SP1")


def test_half_a_surrogate_pair_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Unicode"):
        odata.key("Fxs", "\ud800")


def test_filters() -> None:
    assert odata.eq("Number", "100") == "Number eq '100'"
    assert odata.eq("Type", Kind.FAX) == "Type eq 'FaxServer'"  # quoted here, bare in a path
    assert odata.eq("Name", "O'Brien") == "Name eq 'O''Brien'"
    assert odata.ne("Id", None) == "Id ne null"
    assert odata.gt("Id", 1) == "Id gt 1"
    assert odata.ge("Id", 1) == "Id ge 1"
    assert odata.lt("Id", 1) == "Id lt 1"
    assert odata.le("Id", 1) == "Id le 1"
    assert odata.in_("Number", ["1", "2"]) == "Number in ('1','2')"
    assert odata.in_("Number", []) == "false"
    assert odata.and_("a eq 1", odata.or_("b eq 2", "c eq 3")) == "(a eq 1) and ((b eq 2) or (c eq 3))"
    assert odata.and_("a eq 1") == "a eq 1"
    assert odata.not_("a eq 1") == "not (a eq 1)"
    assert odata.contains("Name", "'") == "contains(Name,'''')"
    assert odata.startswith("Name", "a") == "startswith(Name,'a')"
    assert odata.endswith("Name", "a") == "endswith(Name,'a')"


def test_on_the_wire(make: Make, fake: FakePbx) -> None:
    """httpx sends URLs unchanged: nothing is decoded, nothing is encoded twice, no dots are resolved."""
    client = make()
    for value in ("O'Brien", "a/b c%", "%2F", "../..", "", "電"):
        client.request("GET", odata.key("Fxs", value))
    assert fake.lines == [
        "GET /Fxs('O''Brien')",
        "GET /Fxs('a%2Fb%20c%25')",
        "GET /Fxs('%252F')",
        "GET /Fxs('..%2F..')",
        "GET /Fxs('')",
        "GET /Fxs('%E9%9B%BB')",
    ]


def test_query_on_the_wire(make: Make, fake: FakePbx) -> None:
    make().request(
        "GET",
        "/Users",
        params={
            "$select": "Id,Number",
            "$expand": "Groups($expand=Rights;$top=2)",
            "$filter": odata.eq("Name", "O'Brien & +49#1%"),
        },
    )
    assert fake.lines == [
        "GET /Users?$select=Id,Number&$expand=Groups($expand%3DRights%3B$top%3D2)"
        "&$filter=Name%20eq%20'O''Brien%20%26%20%2B491%25'".replace("491", "49%231")
    ]


@pytest.mark.parametrize("path", ["Users", "/Users?$top=1", "/Users#x", ""])
def test_a_path_is_only_a_path(make: Make, fake: FakePbx, path: str) -> None:
    with pytest.raises(ConfigurationError):
        make().request("GET", path)
    assert fake.requests == []
