"""$filter: what XAPI.md and the issue name, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import Api, refused


@pytest.fixture(scope="module")
def company() -> Iterator[Api]:
    """Read only: one for the whole module."""
    with SimulatedPbx() as pbx:
        pbx.put("TenantProperties", {"Name": "odd", "Value": "a/b c% + & # ü"})
        yield Api(pbx)


USERS = [
    ("Number eq '100'", "100"),
    ("'100' eq Number", "100"),
    ("Number ne '100' and Number lt '103'", "101 102"),
    ("Number gt '200' and Number le '300'", "201 300"),
    ("Number ge '300'", "300 301"),
    ("Number eq '100' or Number eq '104'", "100 104"),
    ("not (Number lt '300')", "300 301"),
    ("not startswith(Number,'1')", "200 201 300 301"),
    ("Number in ('100','101')", "100 101"),
    ("Number in ('100')", "100"),
    ("Number in ('100', '101') and not (Number in ('101'))", "100"),
    ("LastName eq 'O''Brien'", "101"),
    ("LastName eq 'Müller'", "104"),
    ("startswith(FirstName,'B')", "101"),
    ("endswith(LastName,'ee')", "201"),
    ("contains(EmailAddress,'tanaka')", "300"),
    ("contains(EmailAddress,'TANAKA')", ""),
    ("tolower(FirstName) eq 'ada'", "100"),
    ("toupper(FirstName) eq 'ADA'", "100"),
    ("contains(tolower(LastName),'brien')", "101"),
    ("Mobile eq null and startswith(Number,'3')", "300 301"),
    ("Mobile ne null", "100"),
    ("null ne Mobile", "100"),
    ("startswith(Mobile,'+1')", "100"),
    ("not startswith(Mobile,'+1')", ""),
    ("AllowLanOnly eq null and Number eq '100'", "100"),
    ("Enabled and Number eq '100'", "100"),
    ("Enabled eq false", ""),
    ("QueueStatus eq 'LoggedIn' and Number eq '100'", "100"),
    ("PrimaryGroupId eq 3", "300 301"),
    ("PrimaryGroupId gt 1 and PrimaryGroupId lt 3", "200 201"),
    ("PrimaryGroupId add 1 eq 4", "300 301"),
    ("length(FirstName) eq 3", "100 104"),
    ("indexof(FirstName,'da') eq 1", "100"),
    ("concat(FirstName,LastName) eq 'AdaMoreno'", "100"),
    ("substring(FirstName,1) eq 'da'", "100"),
    ("trim(FirstName) eq 'Ada'", "100"),
    ("Groups/any(g: g/GroupId eq 2)", "200 201"),
    ("Groups/any(g: g/Rights/RoleName eq 'managers')", "200"),
    ("Groups/all(g: g/GroupId eq 3)", "300 301"),
    ("Phones/any()", "300"),
    ("Phones/any(p: startswith(p/MacAddress,'805e') and contains(p/Name,'T46'))", "300"),
    ("Tags/any(t: t eq 'MS')", ""),
    ("FirstName eq 'ada'", ""),
    ("Mobile in (null) and startswith(Number,'3')", "300 301"),
    ("Number in ('100',null)", "100"),
    ("not (Mobile lt '0') and startswith(Number,'3')", "300 301"),
    ("not (startswith(Mobile,'+9') and Enabled)", "100"),
    ("not (Enabled and startswith(Mobile,'+9'))", "100"),
    ("not (startswith(Mobile,'+9') or Enabled eq false)", "100"),
    ("not (Enabled eq false or startswith(Mobile,'+9'))", "100"),
    ("startswith(Mobile,'+9') or Number eq '101'", "101"),
    ("Number eq '100' or Number eq '101' and Enabled eq false", "100"),
    ("(Number eq '100' or Number eq '101') and Enabled eq false", ""),
    ("not (Enabled eq true) or Number eq '100'", "100"),
    ("QueueStatus in ('LoggedIn') and Number eq '100'", "100"),
    ("QueueStatus ne 'LoggedOut' and Number eq '100'", "100"),
    ("Id gt -1 and Number eq '100'", "100"),
    ("Id in (-1)", ""),
    ("PrimaryGroupId in (2,3) and Number in ('200','300')", "200 300"),
    ("tolower(toupper(tolower(FirstName))) eq 'ada'", "100"),
    ("contains(tolower(trim(concat(FirstName,' '))),'ada')", "100"),
    ("Groups/any(g: tolower(g/Name) eq 'sales' and g/GroupId in (2,3))", "200 201"),
    ("  Number eq '100'  ", "100"),
    ("((Number eq '100'))", "100"),
]


@pytest.mark.parametrize(("text", "numbers"), USERS, ids=[text for text, _ in USERS])
def test_filter(company: Api, text: str, numbers: str) -> None:
    assert [row["Number"] for row in company.rows("/Users", filter=text, orderby="Number")] == numbers.split()


@pytest.mark.parametrize(
    ("path", "text", "count"),
    [
        ("/Blocklist", "ExpiresAt gt 2026-06-01T00:00:00Z", 1),
        ("/Blocklist", "ExpiresAt gt 2027-01-01T00:00:00+02:00", 1),
        ("/Blocklist", "ExpiresAt gt 2027-01-01T00:00:00.000Z", 0),
        ("/Blocklist", "ExpiresAt eq 2027-01-01", 1),
        ("/Blocklist", "year(ExpiresAt) eq 2027", 1),
        ("/Holidays", "TimeOfEndDate gt duration'PT1H'", 2),
        ("/Holidays", "IsRecurrent eq true and Year eq 0", 1),
        ("/Trunks", "Gateway/Name eq 'Example Telecom'", 1),
        ("/TenantProperties", "Value eq 'a/b c% + & # ü'", 1),
        ("/OutboundRules", "Priority eq 0", 1),
        ("/OutboundRules", "Priority eq null", 0),
        ("/Fxs", "tolower(MacAddress) eq '0080f0aabbcc'", 1),
        ("/Fxs", "MacAddress eq '0080F0AABBCC'", 0),
        ("/CallFlowApps", "contains(ScriptCode,'calls')", 1),
        ("/Groups", "Members/any(m: m/Number eq '200')", 1),
        ("/Groups", "Members/any() and Name ne 'DEFAULT'", 2),
        ("/OutboundRules", "Routes/any(r: r/TrunkId eq 4)", 2),
    ],
)
def test_filter_of_other_types(company: Api, path: str, text: str, count: int) -> None:
    assert len(company.rows(path, filter=text)) == count


BAD = [
    "Nonsense eq 1",
    "Number",
    "Number eq",
    "Number eq 100",
    "Id eq '100'",
    "Id eq 'abc",
    "Number = '100'",
    "Number eq 'O'Brien'",
    "and",
    "Number eq '100' and",
    "(Number eq '100'",
    "Number eq '100')",
    "nonsense(Number) eq 1",
    "startswith(Number)",
    "startswith(Id,'1')",
    "Number in ()",
    "Number in ('100',)",
    "Number in ('100',1)",
    "Groups eq 1",
    "Groups/GroupId eq 1",
    "Number/any(n: n eq '1')",
    "Groups/any(g: g/Nonsense eq 1)",
    "Groups/any(Number: Number/GroupId eq 1)",
    "not Number",
    "QueueStatus eq 'Nonsense'",
    "QueueStatus eq 'loggedin'",
    "startswith(QueueStatus,'Logged')",
    "tolower(QueueStatus) eq 'loggedin'",
    "Number EQ '100'",
    "Enabled eq True",
    "Enabled eq FALSE or Number eq '100'",
    "Mobile eq Null",
    "NOT Enabled",
    "number eq '100'",
    "Tolower(Number) eq '100'",
    'Number eq "100"',
    "Number eq '100';",
    "Number eq'100'",
    "Id eq TRUE",
    "'Nonsense' ne QueueStatus",
    "Enabled eq 'true'",
    "Hours eq 'x'",
    "geo.length(Number) eq 1",
    "Number eq '\x00",
    "(" * 200 + "Id eq 1",
]


@pytest.mark.parametrize("text", BAD, ids=[text[:30] for text in BAD])
def test_a_bad_filter_is_refused_in_the_odata_form(company: Api, text: str) -> None:
    refused(company.get("/Users", filter=text), 400)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/Blocklist", "ExpiresAt gt 2026-06-01T00:00:00"),
        ("/Blocklist", "ExpiresAt gt '2026-06-01T00:00:00Z'"),
        ("/Blocklist", "ExpiresAt gt datetime'2026-06-01T00:00:00Z'"),
        ("/Blocklist", "ExpiresAt gt 2026-13-01T00:00:00Z"),
        ("/OAuthClients", "Id eq '00000000-0000-4000-8000-000000000001'"),
        ("/OutboundRules", "Priority eq '0'"),
        ("/Fxs", "MacAddress eq 001122334455"),
    ],
)
def test_a_literal_of_another_type_is_refused(company: Api, path: str, text: str) -> None:
    refused(company.get(path, filter=text), 400)


def test_a_plus_is_a_space_unless_encoded(company: Api) -> None:
    url = f"{company.pbx.url}/xapi/v1/TenantProperties?$filter="
    assert len(company.http.get(url + "Value+eq+'a/b+c%25+%2B+%26+%23+%C3%BC'").json()["value"]) == 1
    assert company.http.get(url + "Value+eq+'%2B'").json()["value"] == []
