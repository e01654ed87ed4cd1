"""The client's own encoder: any text, sent as a key, an argument or a condition, is read as what it was."""

from __future__ import annotations

from datetime import timezone
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from threecx_xapi import odata
from threecx_xapi.client import XapiClient
from threecx_xapi.errors import ConfigurationError

from pbx_simulator.model.schema import Property, Type, Value
from pbx_simulator.odata import query, urls
from pbx_simulator.odata.filters import compile_filter
from tests.figures import record
from tests.fuzz.running import Tasks
from tests.fuzz.texts import texts
from tests.profiles import tries

TEXT = Value("string")
ROW = Type("Row", {name: Property(name, TEXT) for name in ("Name", "Other")})


def sendable(text: str) -> bool:
    """Half a surrogate pair is no text, and cannot be."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


@tries(300)
@given(text=texts())
def test_a_key(text: str) -> None:
    record("inputs tried")
    if not sendable(text):
        with pytest.raises(ConfigurationError, match="not valid Unicode"):
            odata.key("Fxs", text)
        return
    path = odata.key("Fxs", text)
    assert path.isascii()
    assert path.isprintable()
    assert path.count("/") == 1
    assert not set(path) & set(' ?#+;\\"')
    [segment] = urls.parse(path[1:].encode())
    assert segment.name == "Fxs"
    assert urls.read_literal((segment.arguments or {})[""], TEXT) == text


@tries(300)
@given(one=texts(), other=texts())
def test_arguments(one: str, other: str) -> None:
    record("inputs tried")
    if not sendable(one + " " + other):
        return
    path = odata.path("/DNs/Pbx.Find(a={a},b={b})/Pbx.Next()", a=one, b=other)
    first, found, last = urls.parse(path[1:].encode())
    assert (first.name, found.name, last.name) == ("DNs", "Pbx.Find", "Pbx.Next")
    assert {name: urls.read_literal(text, TEXT) for name, text in (found.arguments or {}).items()} == {
        "a": one,
        "b": other,
    }
    keyed = urls.parse(odata.key("Set", a=one, b=other)[1:].encode())[0]
    assert keyed.arguments == found.arguments


@tries(300)
@given(one=texts(), other=texts())
def test_conditions(one: str, other: str) -> None:
    record("inputs tried")

    def holds(condition: str, name: str = one, second: str = other) -> bool:
        return bool(compile_filter(condition, ROW).sift([{"Name": name, "Other": second}]))

    same = odata.eq("Name", one)
    assert holds(same)
    assert not holds(same, one + "x")
    assert not holds(odata.ne("Name", one))
    assert holds(odata.in_("Name", [one, other]))
    assert holds(odata.and_(same, odata.eq("Other", other)))
    assert not holds(odata.and_(same, odata.eq("Other", other + "x")))
    assert holds(odata.or_(odata.eq("Name", one + "x"), same))
    assert holds(odata.and_(odata.contains("Name", one), odata.startswith("Name", one), odata.endswith("Name", one)))
    assert not holds(odata.not_(same))


@tries(200)
@given(text=texts())
def test_a_query(text: str) -> None:
    record("inputs tried")
    if not sendable(text):
        return
    encoded = odata.encode_query(text)
    assert not set(encoded) & set(" &#+;%") - {"%"}
    assert unquote(encoded, errors="strict") == text
    raw = f"$filter={odata.encode_query(odata.eq('Name', text))}&$top=1"
    read = query.parse(raw.encode(), ROW, frozenset({"$filter", "$top"}))
    assert read.top == 1
    assert read.filter is not None
    assert read.filter.sift([{"Name": text, "Other": ""}])


@tries(300)
@given(
    value=st.integers()
    | st.floats()
    | st.booleans()
    | st.datetimes(timezones=st.just(timezone.utc))  # noqa: UP017 as in the client
    | st.dates()
    | st.times()
    | st.timedeltas()
    | st.uuids()
    | st.decimals()
    | st.binary()
    | st.none()
)
def test_other_values(value: Any) -> None:
    """Bare literals have no letter that ends one."""
    record("inputs tried")
    if isinstance(value, bytes) or (isinstance(value, Decimal) and not value.is_finite()):
        with pytest.raises(ConfigurationError):
            odata.literal(value)
        return
    literal = odata.literal(value)
    assert not set(literal.removeprefix("duration")) - set("0123456789abcdefABCDEFINTZPDHMSnulltrefasy'+-.:")


@tries(100)
@given(text=texts())
def test_over_the_wire(text: str, tasks: Tasks) -> None:
    """The simulated PBX stores it, finds it by a condition and by its key, and removes it."""
    record("inputs tried")
    if not sendable(text) or not text or len(text) > 5000:  # an address has its limits
        return
    pbx = tasks.pbx
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        client.request("POST", "/TenantProperties", json={"Name": text, "Value": text})
        answer = client.request("GET", "/TenantProperties", params={"$filter": odata.eq("Name", text)}).json()
        assert [(row["Name"], row["Value"]) for row in answer["value"]] == [(text, text)]
        any_version = {"If-Match": "*"}
        client.request("PATCH", odata.key("TenantProperties", text), json={"Value": "x"}, headers=any_version)
        client.request("DELETE", odata.key("TenantProperties", text), headers=any_version)
    assert text not in {row["Name"] for row in pbx.entities("TenantProperties")}
