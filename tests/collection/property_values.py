"""Values for any property: what a PBX might have, what a task might make of it.

Without the generator and what it needs: the playbook tests run where that is not installed.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import Property, Reference
from pbx_simulator.model.schema import Type

#: In every credential that is planted or given. Invented.
CANARY = "CANARY"
_count = itertools.count(1)
_TEXTS = {
    "datetime": ("2026-01-31T08:00:00Z", "2027-02-28T09:30:00Z"),
    "date": ("2026-01-31", "2027-02-28"),
    "time": ("08:00:00", "09:30:00"),
    "duration": ("PT8H", "PT9H30M"),
    "uuid": ("00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"),
    "mac": ("0011223344aa", "66778899aa00"),
    "network": ("192.0.2.1/32", "198.51.100.0/24"),
    "telephone": ("+15550300001", "+15550400001"),
    "email": ("old@example.com", "new@example.com"),
    "profile": ("Available", "Away"),
    "day_begin": ("PT8H", "PT9H30M"),
    "day_end": ("PT17H", "PT18H30M"),
}
_ADDRESSES = ("old@example.com", "new@example.com")
_FILES = ("welcome.wav", "summer.wav")
#: Plain texts and numbers of which a PBX takes only some: what the built-in seed has, and what the rules allow.
KNOWN: dict[str, tuple[Any, Any]] = {
    "RoleName": ("users", "managers"),
    "CurrentProfileName": ("Available", "Away"),
    "DN": ("100", "101"),
    "DayEnd": (27, 28),
    "CustomLogo": ("company.png", "old-logo.png"),
    "From": ("100", "101"),
    "Group": ("DEFAULT", "Sales"),
    "Input": ("1", "2"),
    "Language": ("EN", "DE"),
    "LanguageCode": ("EN", "DE"),
    "MulticastAddress": ("224.0.0.1", "224.0.0.2"),
    "Number": ("100", "101"),
    "NumberLengthRanges": ("7", "7,10-12"),
    "PhoneUserId": (6, 7),
    "SbcName": ("", "branch1"),
    "SystemNumberFrom": ("820", "821"),
    "SystemNumberTo": ("828", "829"),
    "TemplateName": ("yealinkT4x.ph.xml", "old-reception.ph.xml"),
    "TimeZone": ("51", "12"),
    "TimeZoneId": ("51", "12"),
    "To": ("198", "199"),
    "TranscribeLanguage": ("en-US", "it-IT"),
    "TrunkNumberFrom": ("10100", "10101"),
    "TrunkNumberTo": ("10198", "10199"),
    "UserNumberFrom": ("200", "201"),
    "UserNumberTo": ("298", "299"),
    "YearEnd": (9998, 9999),
    **dict.fromkeys(
        ("Email", "EmailAddress", "EmailAddresses", "ExchangeEmailAddresses", "MailAddress", "StartupOwnerEmail",
            "VMEmailList"),
        _ADDRESSES,
    ),
    **dict.fromkeys(
        (
            "CallbackOfferPrompt", "ComfortPrompts", "CustomPrompt", "DestinationNoAnswerPrompt", "EmergencyPlayPrompt",
            "GreetingFile", "HolidayPrompt", "IntroFile", "OnHoldFile", "Prompt", "PromptFilename",
            *(f"MusicOnHold{n}" for n in ("", *range(1, 10))),
        ),
        _FILES,
    ),
}  # fmt: skip
#: Secrets that are numbers: what they begin with. Invented.
_PIN_CANARY = "58209"
_PINS = frozenset({"PinNumber", "VMPIN"})
#: A structure carries one of them (XAPI.md: a forwarding profile has either route).
_INSTEAD = {"AwayRoute": "AvailableRoute"}


def stored(prop: Property, shape: Type | None = None) -> Any:
    """A value in wire form, as a PBX answers it; credentials in a wrapping are concealed.

    Args:
        shape: what the simulator knows of the structure that has the property; it names the members of an enumeration
            that only the PBX fills, which the description does not.
    """
    if prop.encoding:
        return _ENCODED[prop.encoding][0]
    return [_stored(prop, shape)] if prop.many else _stored(prop, shape)


#: By encoding: what a PBX keeps, and what a task gives. The rest is in test_blf_keys.
_ENCODED: dict[str, tuple[str, list[dict[str, Any]]]] = {
    "blf_keys": (
        '<PhoneDevice><BLFS><BLF ID="-1" BLFNo="2" BLFType="ProfileStatus" BLFTypeID="5">1</BLF></BLFS></PhoneDevice>',
        [{"position": 3, "type": "Line"}],
    )
}
#: Two objects of each referenced entity set in the built-in seed, each with its id and its number or name.
_REFERRED = {
    "Groups": ((2, "Sales"), (3, "Support")),
    "Groups by number": (("GRP2", "Sales"), ("GRP3", "Support")),
    "Trunks": ((4, "10000"), (5, "10001")),
    "FxsTemplates": (("gxw400x.fxs.xml",) * 2, ("old-warehouse.fxs.xml",) * 2),
    "Defs/GatewayParameters": ((1, "$CallerNum"), (2, "$CalledNum")),
    "Defs/GatewayParameterValues": ((1, "FromUserPart"), (2, "ToUserPart")),
    "EmergencyGeoLocations": (("hq", "Headquarters"), ("branch", "Branch office")),
    "PromptSets": ((1, "English Prompt Set"), (2, "Company Prompt Set")),
    "PromptSets by folder": (
        ("1E6EE594-B5FC-4C95-9B95-5B7B5D7C0F5E", "English Prompt Set"),
        ("5F0C0B2A-8C0E-4E0E-9C59-0D1B6E6B7A11", "Company Prompt Set"),
    ),
    "Peers": (("200", "200"), ("201", "201")),
}


def _stored(prop: Property, shape: Type | None) -> Any:
    if prop.reference is not None:
        stands = _referred(prop.reference, prop.name)[0][0]
        return {prop.reference.stores: stands} if prop.reference.sends else stands
    if prop.kind == "complex":
        inner = None if shape is None else shape.properties[prop.name].value.type
        whole = {field.name: stored(field, inner) for field in _together(prop.fields)}
        return whole | {"Concealed": True} if prop.conceals else whole
    if prop.kind == "concealed":
        return {"Concealed": True, "Value": ""}
    if prop.kind in ("enum", "flags") and not prop.choices:
        assert shape is not None, f"nobody says what {prop.name} may be"
        return shape.properties[prop.name].value.members[0]
    return _scalar(prop, 0, f"{CANARY}-stored" if prop.secret else "old")


def given(prop: Property) -> Any:
    """Another value, as a task gives it."""
    if prop.encoding:
        return _ENCODED[prop.encoding][1]
    if prop.kind == "flags":
        return [prop.choices[-1]]
    return [_given(prop)] if prop.many else _given(prop)


def _given(prop: Property) -> Any:
    if prop.reference is not None:
        return _referred(prop.reference, prop.name)[1][1]
    if prop.kind == "complex":
        whole = {field.option: given(field) for field in _together(prop.fields) if not field.read_only}
        if prop.standing:  # another item would be one more
            whole |= {field.option: stored(field) for field in prop.fields if field.name in prop.item_key}
        return whole
    return _scalar(prop, 1, f"{CANARY}-{next(_count)}" if prop.secret else "new")


def known_names(reference: Reference) -> list[str]:
    """Names of referenced objects in the built-in seed."""
    return [name for _, name in _referred(reference)]


def _referred(reference: Reference, name: str = "") -> tuple[tuple[Any, str], ...]:
    if name == "TrunkDN":  # a peer, but not any
        return (("10000", "10000"), ("10001", "10001"))
    by_number = reference.stores == "Number" and reference.names[0] == "Name"
    by = " by number" if by_number else " by folder" if reference.stores == "Folder" else ""
    return _REFERRED[f"{reference.entity_set}{by}"]


def can_differ(prop: Property) -> bool:
    """Whether there is more than one value to choose from."""
    return len(prop.choices) != 1


def identifying(prop: Property) -> Any:
    """A value that nothing else has, in wire form; a task may give it as well."""
    number = next(_count)
    if prop.kind == "int":
        return 7000 + number
    if prop.kind == "network":
        return f"10.0.{number // 256}.{number % 256}/32"
    if prop.kind == "email" or prop.name in ("EmailAddress", "Email"):
        return f"one-{number}@example.com"
    if prop.kind in _TEXTS:
        text = _TEXTS[prop.kind][1]
        return text[: -len(str(number))] + str(number)
    return f"7{900 + number}" if prop.name == "Number" else f"one-{number}"[: prop.max_length]


def holds(result: Any, wanted: Any) -> bool:
    """Whether what was given is in a result, whatever the PBX adds to it; credentials are not shown."""
    if isinstance(wanted, Mapping):
        return isinstance(result, Mapping) and all(
            holds(result.get(name), value) for name, value in wanted.items() if not _is_canary(value)
        )
    if isinstance(wanted, list):
        return (
            isinstance(result, list)
            and len(result) == len(wanted)
            and all(holds(one, other) for one, other in zip(result, wanted, strict=True))
        )
    return bool(result == wanted) and type(result) is type(wanted)


def _is_canary(value: Any) -> bool:
    return isinstance(value, str) and value.startswith((CANARY, _PIN_CANARY))


def _together(fields: tuple[Property, ...]) -> list[Property]:
    """The fields that a structure can have at the same time."""
    names = {field.name for field in fields}
    return [field for field in fields if _INSTEAD.get(field.name) not in names]


#: Choices that fit the other values of this file: a number that is an extension is no route point.
_CHOSEN = {"AutoPickupForwardType": ("TransferBack", "DN")}


def _scalar(prop: Property, which: int, text: str) -> Any:
    if prop.name in _CHOSEN:
        return _CHOSEN[prop.name][which]
    if prop.choices:
        return prop.choices[-which]
    if prop.name in _PINS:
        return f"{_PIN_CANARY}{next(_count):05}" if which else f"{_PIN_CANARY}00000"
    known = KNOWN.get(prop.name)
    if known is not None and isinstance(known[which], int) == (prop.kind == "int"):
        return known[which]
    if prop.kind in _TEXTS:
        return _TEXTS[prop.kind][which]
    if prop.kind == "bool":
        return bool(which)
    if prop.kind in ("int", "float"):
        return max(prop.minimum or 0, 0) + 1 + which + (0.5 if prop.kind == "float" else 0)
    return text[: prop.max_length]
