"""Values that match the document's types but that no PBX accepts.

They are refused with 400, the name of the property and a code of the document, and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.checks import possible
from pbx_simulator.checks.structure_rules import DISTINCT, STRUCTURE_RULES
from pbx_simulator.checks.uniqueness import CLAIMS
from pbx_simulator.checks.value_rules import VALUE_RULES
from pbx_simulator.model.document import load
from pbx_simulator.seeds import seed
from tests.simulator.support import Api, refused

INVALID, REQUIRED, DUPLICATE = "WARNINGS.INVALID", "WARNINGS.XAPI.REQUIRED", "WARNINGS.XAPI.DUPLICATE"
RANGE, IN_USE, NOT_FOUND = "WARNINGS.XAPI.OUT_OF_THE_RANGE", "WARNINGS.XAPI.ALREADY_IN_USE", "WARNINGS.XAPI.NOT_FOUND"
NO_FILE, NO_NUMBER = "WARNINGS.XAPI.FILE_NOT_FOUND", "WARNINGS.XAPI.NON_EXISTENT_EXT_NUMBER"
TOO_LONG, NO_NAME = "WARNINGS.LENGTH_NOT_MORE_255_CHARS", "WARNINGS.CONTACTS_SPECIFY_NAME_SURNAME_COMPANY"
MAC_USED, BAD_PIN = "WARNINGS.MAC_ADDRESS_ALREADY_IN_USE", "WARNINGS.XAPI.INVALID_PIN_NUMBER"


def holiday(**given: Any) -> dict[str, Any]:
    dates = {"Day": 24, "Month": 12, "Year": 2026, "DayEnd": 24, "MonthEnd": 12, "YearEnd": 2026}
    return {"Name": "Tried", "TimeOfStartDate": "PT0S", "TimeOfEndDate": "PT0S", **dates, **given}


#: Entity set, what is sent to it, the code and the property that is named.
IMPOSSIBLE: list[tuple[str, dict[str, Any], str, str]] = [
    ("Holidays", holiday(Day=31, Month=2), RANGE, "Day"),
    ("Holidays", holiday(Day=29, Month=2, Year=2025), RANGE, "Day"),
    ("Holidays", holiday(Month=13), RANGE, "Month"),
    ("Holidays", holiday(MonthEnd=13), RANGE, "MonthEnd"),
    ("Holidays", holiday(Day=0), RANGE, "Day"),
    ("Holidays", holiday(DayEnd=31, MonthEnd=11), RANGE, "DayEnd"),
    ("Holidays", holiday(DayEnd=23), RANGE, "DayEnd"),
    ("Holidays", holiday(YearEnd=2025), RANGE, "YearEnd"),
    ("Holidays", holiday(Year=0, YearEnd=0, IsRecurrent=True, DayEnd=2), RANGE, "DayEnd"),
    ("Holidays", holiday(TimeOfStartDate="PT12H", TimeOfEndDate="PT11H"), RANGE, "TimeOfEndDate"),
    ("Holidays", holiday(TimeOfEndDate="PT25H"), RANGE, "TimeOfEndDate"),
    ("Holidays", holiday(TimeOfStartDate="-PT1H"), RANGE, "TimeOfStartDate"),
    ("Holidays", holiday(Group="GRP99"), NOT_FOUND, "Group"),
    ("Holidays", holiday(Group="Sales"), NOT_FOUND, "Group"),
    ("Holidays", holiday(HolidayPrompt="nobody.wav"), NO_FILE, "HolidayPrompt"),
    ("Users", {"Number": "123456789012"}, RANGE, "Number"),
    ("Users", {"Number": "1"}, RANGE, "Number"),
    ("Users", {"Number": "12a"}, INVALID, "Number"),
    ("Queues", {"Number": "123456789012"}, RANGE, "Number"),
    ("Users", {"EmailAddress": "nobody"}, INVALID, "EmailAddress"),
    ("Users", {"EmailAddress": "a b@example.com"}, INVALID, "EmailAddress"),
    ("Users", {"EmailAddress": "a@example"}, INVALID, "EmailAddress"),
    ("Users", {"EmailAddress": "ADA.moreno@example.com"}, IN_USE, "EmailAddress"),
    ("Users", {"AuthID": "auth100"}, IN_USE, "AuthID"),
    ("Users", {"VMPIN": "12"}, BAD_PIN, "VMPIN"),
    ("Users", {"VMPIN": "12ab"}, BAD_PIN, "VMPIN"),
    ("Users", {"VMPIN": "1" * 11}, BAD_PIN, "VMPIN"),
    ("Users", {"PrimaryGroupId": 99}, NOT_FOUND, "PrimaryGroupId"),
    ("Users", {"PromptSet": "nobody"}, NOT_FOUND, "PromptSet"),
    ("Users", {"Phones": [{"MacAddress": "80:5e:c0:12:34:56"}]}, MAC_USED, "MacAddress"),
    ("Users", {"Phones": [{"MacAddress": "001122334455"}]}, MAC_USED, "MacAddress"),
    ("Users", {"Phones": [{"MacAddress": "0000000000"}]}, INVALID, "MacAddress"),
    ("Users", {"Phones": [{"MacAddress": "00112233445g"}]}, "WARNINGS.INVALID_HEX_CHARACTER", "MacAddress"),
    ("Users", {"Phones": [{"MacAddress": "000000000001"}, {"MacAddress": "00-00-00-00-00-01"}]}, DUPLICATE, "Phones"),
    ("Users", {"Phones": [{"MacAddress": "000000000001", "TemplateName": "no.ph.xml"}]}, NOT_FOUND, "TemplateName"),
    ("Users", {"Phones": [{"Settings": {"CustomLogo": "no.png"}}]}, NO_FILE, "CustomLogo"),
    ("Users", {"Phones": [{"Settings": {"LocalRTPPortStart": 20, "LocalRTPPortEnd": 10}}]}, RANGE, "LocalRTPPortEnd"),
    ("Users", {"Groups": [{"GroupId": 2}, {"GroupId": 2}]}, DUPLICATE, "Groups"),
    ("Users", {"Hours": {"Type": "SpecificHours", "Periods": [{"Start": "17:00:00", "Stop": "08:00"}]}}, RANGE, "Stop"),
    ("Fax", {"AuthID": "fax860"}, IN_USE, "AuthID"),
    ("Fxs", {"MacAddress": "805ec0123456"}, MAC_USED, "MacAddress"),
    ("Queues", {"Agents": [{"Number": "300"}, {"Number": "300"}]}, DUPLICATE, "Agents"),
    ("Queues", {"OnHoldFile": "nobody.wav"}, NO_FILE, "OnHoldFile"),
    ("Queues", {"ComfortPrompts": ["welcome.wav", "nobody.wav"]}, NO_FILE, "ComfortPrompts"),
    ("Queues", {"RingTimeout": -1}, RANGE, "RingTimeout"),
    ("Queues", {"VMEmailList": "a@example.com; nobody"}, INVALID, "VMEmailList"),
    ("RingGroups", {"MulticastPort": 65536}, RANGE, "MulticastPort"),
    ("Receptionists", {"PromptFilename": "nobody.wav"}, NO_FILE, "PromptFilename"),
    ("Receptionists", {"Forwards": [{"Input": "1", "ForwardType": "Queue"}]}, REQUIRED, "ForwardDN"),
    ("Receptionists", {"Forwards": [{"ForwardType": "Queue", "ForwardDN": "999"}]}, NO_NUMBER, "ForwardDN"),
    ("Receptionists", {"Forwards": [{"Input": "1"}, {"Input": "1"}]}, DUPLICATE, "Forwards"),
    ("Receptionists", {"TimeoutForwardType": "Extension"}, REQUIRED, "TimeoutForwardDN"),
    ("Trunks", {"DidNumbers": ["+15550300", "+1 555 0300"]}, DUPLICATE, "DidNumbers"),
    ("Trunks", {"DidNumbers": ["+15550100"]}, IN_USE, "DidNumbers"),
    ("Trunks", {"Gateway": {"Port": 70000}}, RANGE, "Port"),
    ("Trunks", {"RoutingRules": [{"Condition": "BasedOnDID"}]}, REQUIRED, "Data"),
    ("InboundRules", {"Condition": "BasedOnDID"}, REQUIRED, "Data"),
    ("InboundRules", {"TrunkDN": {"Number": "300"}}, NOT_FOUND, "TrunkDN"),
    ("Groups", {"Name": "Tried", "TimeZoneId": "nowhere"}, "WARNINGS.XAPI.INVALID_TIMEZONE", "TimeZoneId"),
    ("Groups", {"Name": "Tried", "Props": {"UserNumberFrom": "300", "UserNumberTo": "200"}}, RANGE, "UserNumberTo"),
    ("Groups", {"Name": "Tried", "OfficeHolidays": [holiday(Month=13)]}, RANGE, "Month"),
    ("OutboundRules", {"Name": "Tried", "GroupIds": [2, 2]}, DUPLICATE, "GroupIds"),
    ("OutboundRules", {"Name": "Tried", "DNRanges": [{"From": "200", "To": "100"}]}, RANGE, "To"),
    ("Blocklist", {"IPAddrMask": "192.0.2.300/32"}, "WARNINGS.INVALID_IP_MASK", "IPAddrMask"),
    ("Contacts", {"FirstName": "A", "Email": "@example.com"}, INVALID, "Email"),
    ("ScheduledReports", {"Name": "R", "EmailAddresses": "a@example.com,nobody", "DN": "100", "FilterDescription": "",
                          "ReportLink": "", "ReportParams": "", "ReportType": "ChatLogs", "ScheduleType": "Daily"},
     INVALID, "EmailAddresses"),
    ("ScheduledReports", {"Name": "R", "EmailAddresses": "a@example.com", "DN": "100,999", "FilterDescription": "",
                          "ReportLink": "", "ReportParams": "", "ReportType": "ChatLogs", "ScheduleType": "Daily"},
     NO_NUMBER, "DN"),
]  # fmt: skip

CONTACT_NUMBERS = ("Business", "Business2", "BusinessFax", "Home", "Mobile2", "Other", "Pager", "PhoneNumber")
#: Too long for a name, a number or an address.
LONG = "x" * 256
IMPOSSIBLE += [
    ("Holidays", holiday(Name=""), REQUIRED, "Name"),
    ("BlackListNumbers", {"CallerId": ""}, REQUIRED, "CallerId"),
    ("Blocklist", {"IPAddrMask": None}, REQUIRED, "IPAddrMask"),
    ("OutboundRules", {"Name": ""}, REQUIRED, "Name"),
    ("Contacts", {"FirstName": "", "PhoneNumber": "+15550199"}, NO_NAME, "FirstName"),
    ("Users", {"LastName": LONG}, TOO_LONG, "LastName"),
    ("Users", {"EmailAddress": f"{LONG}@example.com"}, TOO_LONG, "EmailAddress"),
    ("Queues", {"Name": LONG}, TOO_LONG, "Name"),
    ("InboundRules", {"OfficeHoursDestination": {"To": "External", "External": "1", "Name": LONG}}, TOO_LONG, "Name"),
    ("ServicePrincipals", {"Number": "a b"}, INVALID, "Number"),
    ("Users", {"Blfs": "<PhoneDevice><BLFS>"}, INVALID, "Blfs"),
    ("Users", {"Blfs": "<Other />"}, INVALID, "Blfs"),
    ("Users", {"CurrentProfileName": "Avaliable"}, NOT_FOUND, "CurrentProfileName"),
    ("Users", {"ForwardingProfiles": [{"Name": "Away"}, {"Name": "Away"}]}, DUPLICATE, "ForwardingProfiles"),
    ("Queues", {"Agents": [{"Number": "801"}]}, NOT_FOUND, "Agents"),
    ("Queues", {"Managers": [{"Number": "SP1"}]}, NOT_FOUND, "Managers"),
    ("RingGroups", {"Members": [{"Number": "800"}]}, NOT_FOUND, "Members"),
    ("RingGroups", {"MulticastAddress": "224.0.0.256"}, INVALID, "MulticastAddress"),
    ("Groups", {"Name": "Tried", "AnswerAfter": -1}, RANGE, "AnswerAfter"),
    ("Groups", {"Name": "Tried", "Rights": [{"RoleName": "users"}, {"RoleName": "users"}]}, DUPLICATE, "Rights"),
    ("Trunks", {"DidNumbers": ["reception"]}, INVALID, "DidNumbers"),
    ("Trunks", {"Gateway": {"TemplateFilename": "nobody.pv.xml"}}, NOT_FOUND, "TemplateFilename"),
    ("Trunks", {"ReceiveExtensions": [{"Number": "999"}]}, NO_NUMBER, "ReceiveExtensions"),
    ("Trunks", {"ReceiveExtensions": [{"Id": 999}]}, NOT_FOUND, "ReceiveExtensions"),
    ("OutboundRules", {"Name": "Tried", "DNRanges": [{"From": "a", "To": "b"}]}, INVALID, "From"),
    ("OutboundRules", {"Name": "Tried", "NumberLengthRanges": "ten"}, INVALID, "NumberLengthRanges"),
    ("OutboundRules", {"Name": "Tried", "NumberLengthRanges": "7,12-8"}, RANGE, "NumberLengthRanges"),
    ("Fxs", {"MacAddress": "000000000002", "FxsLines": [{"Key": 1}, {"Key": 1}]}, DUPLICATE, "FxsLines"),
    ("RingGroups", {"MulticastAddress": "192.0.2.1"}, INVALID, "MulticastAddress"),
    ("Playlists", {"Name": "Tried", "MaxVolumePercent": 101}, RANGE, "MaxVolumePercent"),
    ("Users", {"ClickToCallId": "ada moreno"}, INVALID, "ClickToCallId"),
    ("Users", {"WebMeetingFriendlyName": "ada/moreno"}, INVALID, "WebMeetingFriendlyName"),
    ("Trunks", {"Gateway": {"Host": "sip example com"}}, INVALID, "Host"),
    ("Parkings", {"Number": "SP 8!"}, INVALID, "Number"),
    ("OutboundRules", {"Name": "Tried", "Priority": -1}, RANGE, "Priority"),
    ("Fxs", {"MacAddress": "000000000002", "FxsLines": [{"Key": 1, "Number": "999"}]}, NO_NUMBER, "Number"),
    ("Fxs", {"MacAddress": "000000000002", "Group": "Nobody"}, NOT_FOUND, "Group"),
    ("Receptionists", {"Forwards": [{"Input": "one", "ForwardType": "EndCall"}]}, INVALID, "Input"),
    ("Receptionists", {"Forwards": [{"Input": "1*", "ForwardType": "EndCall"}]}, INVALID, "Input"),
    ("Users", {"OutboundCallerID": "+"}, INVALID, "OutboundCallerID"),
    ("Fax", {"OutboundCallerId": "reception"}, INVALID, "OutboundCallerId"),
    ("BlackListNumbers", {"CallerId": "everybody"}, INVALID, "CallerId"),
    ("Users", {"Mobile": "none"}, INVALID, "Mobile"),
    ("Users", {"Language": "Klingon"}, INVALID, "Language"),
    ("Groups", {"Name": "Tried", "Language": "E"}, INVALID, "Language"),
    *(("Contacts", {"FirstName": "A", name: "none"}, INVALID, name) for name in CONTACT_NUMBERS),
    ("Queues", {"ForwardNoAnswer": {"To": "External", "External": "mobile"}}, INVALID, "External"),
    ("Groups", {"Name": "SALES"}, DUPLICATE, "Name"),
    ("Fxs", {"MacAddress": "000000000002", "Template": {"Id": "no.fxs.xml"}}, NOT_FOUND, "Template"),
]  # fmt: skip


def test_impossible_values_are_refused_on_creation(api: Api) -> None:
    for name, body, code, target in IMPOSSIBLE:
        before = api.pbx.entities(name)
        refused(api.post(f"/{name}", body), 400, code, target)
        assert api.pbx.entities(name) == before, body


#: Properties of a row to change, in addition to those that the PBX sets.
BASES: dict[str, dict[str, Any]] = {
    "BlackListNumbers": {"Id": "9", "CallerId": "+15550699"},
    "Contacts": {"FirstName": "Base"},
    "Fxs": {"MacAddress": "00000000000f"},
    "Groups": {"Name": "Base"},
    "OutboundRules": {"Name": "Base"},
    "Playlists": {"Name": "Tried"},
}


def test_impossible_values_are_refused_in_a_change(api: Api) -> None:
    unchangeable = {"Number", "MacAddress"}
    for name, body, code, target in IMPOSSIBLE:
        if target in unchangeable & body.keys():
            continue
        key = {"Fxs": "MacAddress", "Playlists": "Name"}.get(name, "Id")
        body = {prop: value for prop, value in body.items() if prop != "MacAddress"} if key == "MacAddress" else body
        if name == "Holidays":
            row = api.post("/Holidays", holiday(Name="Base")).json()
        else:
            row = api.pbx.put(name, BASES.get(name, {}))
        before = api.pbx.entities(name)
        literal = f"'{row[key]}'" if isinstance(row[key], str) else row[key]
        refused(api.patch(f"/{name}({literal})", body), 400, code, target)
        assert api.pbx.entities(name) == before, body
        api.pbx.remove(name, row[key])


DESTINATIONS: list[tuple[str, Callable[[dict[str, Any]], dict[str, Any]]]] = [
    ("InboundRules", lambda to: {"OfficeHoursDestination": to}),
    ("InboundRules", lambda to: {"OutOfOfficeHoursDestination": to}),
    ("InboundRules", lambda to: {"HolidaysDestination": to}),
    ("Queues", lambda to: {"ForwardNoAnswer": to}),
    ("RingGroups", lambda to: {"ForwardNoAnswer": to}),
    ("Groups", lambda to: {"CustomOperator": to}),
    *(("Groups", lambda to, prop=prop: {prop: {"Route": to}}) for prop in ("OfficeRoute", "BreakRoute",
    "HolidaysRoute")),
    ("Users", lambda to: {"ForwardingExceptions": [{"Destination": to}]}),
    *(("Users", lambda to, prop=prop: {"ForwardingProfiles": [{"Name": "Available", "AvailableRoute": {prop: to}}]})
      for prop in ("BusyExternal", "NoAnswerInternal", "NotRegisteredExternal")),
    *(("Users", lambda to, prop=prop: {"ForwardingProfiles": [{"Name": "Away", "AwayRoute": {prop: to}}]})
      for prop in ("External", "Internal")),
]  # fmt: skip


#: Kinds of a destination, and the number of something that is not of the kind.
OTHER_KINDS = (
    ("Extension", "800"),
    ("Extension", "SP1"),
    ("Queue", "801"),
    ("RingGroup", "10000"),
    ("IVR", "100"),
    ("Fax", "800"),
    ("RoutePoint", "100"),
    ("VoiceMail", "802"),
)


def test_a_destination_that_leads_nowhere_is_refused_wherever_it_is(api: Api) -> None:
    for name, body in DESTINATIONS:
        key = api.pbx.put(name, {"Name": "Base"} if name == "Groups" else {})["Id"]
        for kind in ("Extension", "Queue", "RingGroup", "IVR", "Fax", "RoutePoint"):
            refused(api.patch(f"/{name}({key})", body({"To": kind})), 400, REQUIRED, "Number")
            refused(api.patch(f"/{name}({key})", body({"To": kind, "Number": "99"})), 400, NO_NUMBER, "Number")
        refused(api.patch(f"/{name}({key})", body({"To": "External"})), 400, REQUIRED, "External")
        for outside in ("Boomerang", "Deflect"):
            refused(api.patch(f"/{name}({key})", body({"To": outside, "Number": "100"})), 400, REQUIRED, "External")
        for kind, other in OTHER_KINDS:
            refused(api.patch(f"/{name}({key})", body({"To": kind, "Number": other})), 400, INVALID, "Number")
        for to in (
            {"To": "Extension", "Number": "100"},
            {"To": "External", "External": "+1555"},
            {"To": "VoiceMail"},
            {"To": "VoiceMail", "Number": "800"},
            {"To": "Fax", "Number": "100"},
            {"To": "IVR", "Number": "850"},
            {"To": "Boomerang", "Number": "100", "External": "+1555"},
            {"To": "None"},
        ):
            assert api.patch(f"/{name}({key})", body(to)).status_code == 204, to
        api.pbx.remove(name, key)
    hotel = {"NoAnswerDestination": {"To": "Extension"}}
    refused(api.patch("/HotelServices", hotel), 400, REQUIRED, "Number")


def test_settings_are_held_against_the_same_rules(api: Api) -> None:
    for path, body, code, target in [
        ("/MusicOnHoldSettings", {"MusicOnHold": "nobody.wav"}, NO_FILE, "MusicOnHold"),
        ("/ConferenceSettings", {"PinNumber": "12"}, BAD_PIN, "PinNumber"),
        ("/MailSettings", {"MailAddress": "nobody"}, INVALID, "MailAddress"),
        ("/NotificationSettings", {"EmailAddresses": "a@example.com;b"}, INVALID, "EmailAddresses"),
        ("/CallParkingSettings", {"AutoPickupForwardType": "DN"}, REQUIRED, "AutoPickupForwardDN"),
        (
            "/CallParkingSettings",
            {"AutoPickupForwardExternalNumber": "none"},
            INVALID,
            "AutoPickupForwardExternalNumber",
        ),
        ("/VoicemailSettings", {"TranscribeLanguage": "tlh-KL"}, INVALID, "TranscribeLanguage"),
        ("/NetworkSettings", {"SipPort": -1}, RANGE, "SipPort"),
        ("/OfficeHours", {"Hours": {"Periods": [{"Start": "10:00", "Stop": "09:59"}]}}, RANGE, "Stop"),
    ]:
        before = api.pbx.entities(path[1:])
        refused(api.patch(path, body), 400, code, target)
        assert api.pbx.entities(path[1:]) == before


def test_actions_are_held_against_the_same_rules(api: Api) -> None:
    ids = [row["Id"] for row in api.pbx.entities("Users")][:2]
    for path, body, code, target in [
        ("/Users/Pbx.BulkUpdate", {"ids": ids, "user": {"EmailAddress": "nobody"}}, INVALID, "EmailAddress"),
        ("/Users/Pbx.BulkUpdate", {"ids": ids, "user": {"EmailAddress": "x@example.com"}}, IN_USE, "EmailAddress"),
        ("/Users/Pbx.MultiUserUpdate", {"ids": ids, "user": {"PromptSet": "nobody"}}, NOT_FOUND, "PromptSet"),
        ("/Contacts/Pbx.CreateContactByNumber", {"number": "100", "contact": {"Email": "x"}}, INVALID, "Email"),
        (
            "/Trunks/Pbx.SetRoutes",
            {"routes": {"Id": 4, "Routes": [{"DID": "+1", "TrunkId": 99}]}},
            NOT_FOUND,
            "TrunkId",
        ),
    ]:
        before = {name: api.pbx.entities(name) for name in ("Users", "Contacts")}
        refused(api.post(path, body), 400, code, target)
        assert {name: api.pbx.entities(name) for name in before} == before


def test_what_has_a_long_name_can_be_removed_by_an_action(api: Api) -> None:
    about, named = "/DNProperties/Pbx.{}DNProperty", {"dnNumber": "100", "propertyName": LONG}
    for action in ("Create", "Update"):
        given = {"dnNumber": "100", "property": {"Name": LONG}}
        assert api.post(about.format(action), given).status_code == 204
    assert api.post(about.format("Delete"), named).status_code == 204
    refused(api.post(about.format("Delete"), named), 400, NOT_FOUND, "propertyName")
    refused(api.post(about.format("Create"), {**given, "dnNumber": LONG}), 400, NOT_FOUND, "dnNumber")


def test_what_is_possible_is_taken(api: Api) -> None:
    for name, body in [
        ("Holidays", holiday(DayEnd=2, MonthEnd=1, YearEnd=2027)),
        ("Holidays", holiday(Year=0, YearEnd=0, DayEnd=6, MonthEnd=1, IsRecurrent=True)),
        ("Holidays", holiday(Day=29, Month=2, DayEnd=29, MonthEnd=2, Year=0, YearEnd=0, IsRecurrent=True)),
        ("Holidays", holiday(TimeOfStartDate="PT12H", TimeOfEndDate="P1D", Group="GRP2")),
        ("Holidays", {"Name": "No dates", "Day": 0, "Month": 0, "DayEnd": 0, "MonthEnd": 0, "Year": 0, "YearEnd": 0,
                      "TimeOfStartDate": "PT0S", "TimeOfEndDate": "PT0S"}),
        ("Users", {"EmailAddress": "Grüße.von+x@mail.exämple.com", "VMPIN": "0123", "Number": "12345"}),
        ("Users", {"EmailAddress": "", "AuthID": None, "Phones": [{"MacAddress": "00-00-00-00-00-0A"}]}),
        ("Users", {"Hours": {"Type": "SpecificHours", "Periods": [{"Start": "08:00:00", "Stop": "00:00:00"}]}}),
        ("Queues", {"OnHoldFile": "Hold music", "GreetingFile": "hello.wav", "VMEmailList": "a@example.com, "
                                                                                            "b@example.com"}),
        ("Queues", {"Number": "840", "ForwardNoAnswer": {"To": "VoiceMail", "Number": "840"}}),
        ("Blocklist", {"IPAddrMask": "2001:db8::/32"}),
        ("RingGroups", {"MulticastAddress": "239.1.2.3"}),
        ("Playlists", {"Name": "Loud", "MaxVolumePercent": 100}),
        ("Receptionists", {"Forwards": [{"Input": "#", "ForwardType": "EndCall"}]}),
        ("Receptionists", {"Forwards": [{"Input": "Input1", "ForwardType": "EndCall"}]}),
        ("Users", {"Mobile": "+1 (555) 0133", "OutboundCallerID": "anonymous"}),
        ("BlackListNumbers", {"CallerId": "*0102"}),
        ("Users", {"ClickToCallId": "ada.moreno-2", "WebMeetingFriendlyName": "adamoreno"}),
        ("Trunks", {"Gateway": {"Host": "[2001:db8::1]"}}),
        ("Parkings", {"Number": "SP8"}),
        ("Users", {"Language": "DE"}),
        ("Groups", {"Name": "Brazil", "Language": "pt-BR"}),
        ("Contacts", {"FirstName": "A", "Business": "sip:ada@example.com", "Home": "(030) 1", "Pager": ""}),
        ("Fxs", {"MacAddress": "000000000003", "FxsLines": [{"Key": 1, "Number": "101"}]}),
    ]:  # fmt: skip
        assert api.post(f"/{name}", body).status_code == 201, body


def test_what_is_stored_and_sent_again_is_not_asked_about(api: Api) -> None:
    """A value that came to be before its target went stays: only what a write changes is held against the rules."""
    api.pbx.put(
        "Queues", {"Number": "805", "OnHoldFile": "gone.wav", "ForwardNoAnswer": {"To": "Extension", "Number": "99"}}
    )
    queue = api.one("/Queues(Number='805')")
    body = {"OnHoldFile": "gone.wav", "ForwardNoAnswer": queue["ForwardNoAnswer"], "RingTimeout": 7}
    assert api.patch(f"/Queues({queue['Id']})", body).status_code == 204
    user = api.one("/Users(Number='100')")
    assert api.patch(f"/Users({user['Id']})", {"EmailAddress": user["EmailAddress"].upper()}).status_code == 204


def test_the_seeds_of_the_package_are_possible() -> None:
    for given in (None, "empty"):
        pbx = SimulatedPbx(given)
        for name in pbx._store.routes.sets:
            for row in pbx.entities(name):
                possible.check(pbx._store, pbx._store.describe(name).type, row)
        for name, kind in pbx._store.routes.singletons.items():
            if name in seed.read(given).content:
                possible.check(pbx._store, kind, pbx._store.singleton(name).data)


def test_the_tables_name_what_the_document_has() -> None:
    pbx = SimulatedPbx("empty")
    schema = pbx._store.routes.schema
    named = {
        *VALUE_RULES,
        *DISTINCT,
        *((kind, p) for kind, rules in STRUCTURE_RULES.items() for r in rules for p in r.properties),
    }
    assert [place for place in sorted(named) if place[1] not in schema.type(place[0]).properties] == []
    for name, claims in CLAIMS.items():
        assert all(claim.prop in pbx._store.describe(name).type.properties for claim in claims.values())
    known = set(load()["components"]["schemas"]["Pbx.Warnings"]["enum"])
    used = {code for _, _, code, _ in IMPOSSIBLE} | {
        claim.code for claims in CLAIMS.values() for claim in claims.values()
    }
    assert used <= known


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/Recordings/Pbx.DownloadRecording(recId={})", ("1", "999999")),
        ("/Playlists/Pbx.DownloadPlaylistFile(playlistKey='Hold music',fileName={})", ("'one.wav'", "'bells.wav'")),
        ("/Playlists/Pbx.DownloadPlaylistFile(playlistKey={},fileName='one.wav')", ("'Hold music'", "'nobody'")),
        ("/Users/Pbx.DownloadGreeting(userId=13,fileName={})", ("'voicemail.wav'", "'nobody.wav'")),
        ("/Users/Pbx.DownloadGreeting(userId={},fileName='voicemail.wav')", ("13", "999")),
        ("/Users/Pbx.GetPhoneRegistrar(mac={})", ("'80:5E:C0:12:34:56'", "'000000000000'")),
        ("/CrmIntegration/Pbx.GetCrmTemplateSource(name={})", ("'Example CRM'", "'nobody'")),
        ("/Trunks({})/Pbx.ExportTrunk()", ("4", "99")),
        ("/Backups({})/Pbx.GetBackupExtras()", ("'nightly.zip'", "'nobody.zip'")),
    ],
)  # fmt: skip
def test_what_does_not_exist_cannot_be_downloaded(api: Api, path: str, there: tuple[str, str]) -> None:
    assert api.get(path.format(there[0])).status_code == 200
    refused(api.get(path.format(there[1])), 404)


def test_faxes_made_of_what_the_pbx_proposes_do_not_get_in_each_others_way(api: Api) -> None:
    for number in ("8991", "8992"):
        proposed = api.one("/Fax/Pbx.InitFax()")
        assert api.post("/Fax", {**proposed, "Number": number}).status_code == 201
