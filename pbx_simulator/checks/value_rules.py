"""Which values a property may have beyond its type: one table, read by possible.check.

The document gives types and formats only; what a PBX refuses besides is written down here, property by property.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.errors import (
    FILE_NOT_FOUND,
    INVALID,
    INVALID_HEX,
    INVALID_IP_MASK,
    INVALID_PIN,
    INVALID_TIMEZONE,
    NON_EXISTENT_NUMBER,
    NOT_FOUND,
    OUT_OF_RANGE,
)
from pbx_simulator.model.document import Json
from pbx_simulator.state.store import Store

#: Gives the warning code of a value that cannot be, None for one that can. Null and "" are never asked about.
ValueRule = Callable[[Store, Any], str | None]

_EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\".]+(?:\.[^@\s,;<>()\".]+)+")
_BETWEEN_EMAILS = re.compile(r"[,;\s]+")
_LENGTHS = re.compile(r"\s*([0-9]{1,3})(?:\s*-\s*([0-9]{1,3}))?\s*")
_MENU_KEY = re.compile(r"(?:Input)?(?:[0-9]{1,10}|[*#])")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,4})?")
_HIDDEN = frozenset({"anonymous", "private", "restricted", "unavailable"})
_MAC = re.compile(r"(?:[0-9A-Fa-f]{2}[:.-]?){5}[0-9A-Fa-f]{2}")


def email(_: Store, value: Any) -> str | None:
    """One e-mail address."""
    return None if _EMAIL.fullmatch(value) else INVALID


def emails(store: Store, value: Any) -> str | None:
    """E-mail addresses with commas, semicolons or blanks between them."""
    listed = [one for one in _BETWEEN_EMAILS.split(value) if one]
    return next((code for one in listed if (code := email(store, one))), None)


def pin(_: Store, value: Any) -> str | None:
    """A PIN: digits only, neither too short nor too long."""
    low, high = knowledge.PIN_LENGTH
    return None if _digits(value) and low <= len(value) <= high else INVALID_PIN


def extension_number(_: Store, value: Any) -> str | None:
    """The number of something that can be dialled inside."""
    if not _digits(value):
        return INVALID
    low, high = knowledge.EXTENSION_LENGTH
    return None if low <= len(value) <= high else OUT_OF_RANGE


def trunk_number(_: Store, value: Any) -> str | None:
    """The virtual extension number of a trunk."""
    if not _digits(value):
        return INVALID
    low, high = knowledge.TRUNK_NUMBER_LENGTH
    return None if low <= len(value) <= high else OUT_OF_RANGE


def mac(_: Store, value: Any) -> str | None:
    """A MAC address: twelve hexadecimal digits, with or without separators."""
    if _MAC.fullmatch(value):
        return None
    return INVALID if set(value) <= set("0123456789abcdefABCDEF:.-") else INVALID_HEX


def multicast(store: Store, value: Any) -> str | None:
    """An IP address that a group of phones listens to."""
    code = address(store, value)
    return code or (None if ipaddress.ip_address(value).is_multicast else INVALID)


def percent(_: Store, value: Any) -> str | None:
    """A share of a hundred."""
    return None if 0 <= value <= 100 else OUT_OF_RANGE


def part_of_address(_: Store, value: Any) -> str | None:
    """A text that is part of a web address."""
    return INVALID if re.search(r"[\s/?#\\]", value) else None


def host(_: Store, value: Any) -> str | None:
    """A name or an address of a host."""
    return INVALID if re.search(r"\s", value) else None


def network(_: Store, value: Any) -> str | None:
    """An IP address, alone or with a mask."""
    try:
        ipaddress.ip_network(value, strict=False)
    except ValueError:
        return INVALID_IP_MASK
    return None


def address(_: Store, value: Any) -> str | None:
    """An IP address."""
    try:
        ipaddress.ip_address(value)
    except ValueError:
        return INVALID
    return None


def port(_: Store, value: Any) -> str | None:
    """A port number; 0 stands for none."""
    return None if 0 <= value <= 65535 else OUT_OF_RANGE


def not_negative(_: Store, value: Any) -> str | None:
    """A number of seconds, calls or the like."""
    return None if value >= 0 else OUT_OF_RANGE


def known_number(store: Store, value: Any) -> str | None:
    """The number of something that exists on this PBX, system extensions included."""
    return None if is_known_number(store, value) else NON_EXISTENT_NUMBER


def is_known_number(store: Store, number: Any) -> bool:
    """Whether anything on this PBX has this number."""
    if store.number_taken(str(number)):
        return True
    system = store.settings.get("SystemStatus/SystemExtensions") or ()
    return any(row.get("Number") == number for row in system)


def kinds_of(store: Store, number: Any) -> str | None:
    """Which kind of peer has this number; None for one that is not shown, or that nothing has."""
    found = store.by_number(str(number))
    return None if found is None else knowledge.PEER_TYPES[found[0]]


def peer(store: Store, value: Any) -> str | None:
    """A reference to something that has a number: by the number, else by its id. An empty one refers to nothing."""
    if value.get("Number"):
        return known_number(store, value["Number"])
    key = value.get("Id")
    return None if not key or any(row.data["Id"] == key for _, row in store.numbered()) else NOT_FOUND


def department(store: Store, value: Any) -> str | None:
    """The name or the number of a department."""
    held = any(store.find("Groups", prop, value) for prop in ("Name", "Number"))
    return None if held else NOT_FOUND


def client_number(_: Store, value: Any) -> str | None:
    """The number or the name of an API client: letters and digits."""
    return None if value.isascii() and value.isalnum() else INVALID


def did(_: Store, value: Any) -> str | None:
    """A number that can be called from outside: it has a digit, and no blank at either end."""
    return None if value.strip() == value and any(map(str.isdigit, value)) else INVALID


def telephone(_: Store, value: Any) -> str | None:
    """A telephone number, a pattern of such, an address of SIP, or a word that stands for a hidden number."""
    return None if any(map(str.isdigit, value)) or set(value) & set("*@") or value.lower() in _HIDDEN else INVALID


def language(_: Store, value: Any) -> str | None:
    """The abbreviation of a language: EN or en-GB. Which of them a PBX has, nobody has seen."""
    return None if _LANGUAGE.fullmatch(value) else INVALID


def transcription(store: Store, value: Any) -> str | None:
    """The code of a language that this PBX transcribes, where it lists any."""
    listed = store.settings.get("VoicemailSettings/GetTranscribeLanguages") or ()
    known = [row.get("Code") for row in listed]
    return None if not known or value in known else INVALID


def menu_key(_: Store, value: Any) -> str | None:
    """A key of a menu, or the digits that a caller enters: 1, Input1, 4711, * or #."""
    return None if _MENU_KEY.fullmatch(value) else INVALID


def known_numbers(store: Store, value: Any) -> str | None:
    """Numbers of things that exist on this PBX, with commas, semicolons or blanks between them."""
    listed = [one for one in _BETWEEN_EMAILS.split(value) if one]
    return next((code for one in listed if (code := known_number(store, one))), None)


def number_lengths(_: Store, value: Any) -> str | None:
    """Lengths of numbers and ranges of such: 7, 10-12."""
    for part in value.split(","):
        found = _LENGTHS.fullmatch(part)
        if found is None:
            return INVALID
        low, high = found.groups()
        if high is not None and int(high) < int(low):
            return OUT_OF_RANGE
    return None


def digits_only(_: Store, value: Any) -> str | None:
    """A number without anything but digits."""
    return None if _digits(value) else INVALID


def phone_layout(_: Store, value: Any) -> str | None:
    """The XML of the keys of a phone."""
    from xml.etree import ElementTree  # only few requests need it, and it costs the start some milliseconds

    try:
        root = ElementTree.fromstring(value)  # noqa: S314  (what a test sends to a simulated PBX)
    except (ElementTree.ParseError, ValueError):
        return INVALID
    return None if root.tag == "PhoneDevice" else INVALID


def existing(name: str, prop: str, code: str = NOT_FOUND) -> ValueRule:
    """A reference to a row of an entity set by one of its properties."""

    def rule(store: Store, value: Any) -> str | None:
        if name not in store.routes.sets:
            return None
        key = store.describe(name).key.name
        found = store.get(name, value) if prop == key else store.find(name, prop, value)
        return None if found is not None else code

    return rule


def naming(name: str, prop: str) -> ValueRule:
    """A structure that names a row of an entity set by one of its properties; an empty one names none."""
    known = existing(name, prop)
    return lambda store, value: known(store, value[prop]) if value.get(prop) else None


def prompt_file(store: Store, value: Any) -> str | None:
    """The file of a custom prompt, or of one in a prompt set."""
    return None if _is_prompt(store, value) else FILE_NOT_FOUND


def music(store: Store, value: Any) -> str | None:
    """Sources of music on hold: a prompt's file, a playlist, a file of one, or the built-in file."""
    if value in knowledge.SYSTEM_MUSIC or _is_prompt(store, value):
        return None
    held = any(
        value in (row.data.get("Name"), row.data.get("PromptName"), *(row.data.get("Files") or ()))
        for row in store.rows("Playlists")
    )
    return None if held else FILE_NOT_FOUND


def _is_prompt(store: Store, value: Any) -> bool:
    if "CustomPrompts" in store.routes.sets and store.get("CustomPrompts", value) is not None:
        return True
    sets = (row.data.get("Prompts") or () for row in store.rows("PromptSets"))
    return any(prompt.get("Filename") == value for prompts in sets for prompt in prompts)


def time_zone(store: Store, value: Any) -> str | None:
    """The id of a time zone, where this PBX lists any."""
    listed: Iterable[Json] = ()
    if "Defs" in store.routes.singletons:
        listed = store.singleton("Defs").data.get("TimeZones") or ()
    known = [row.get("Id") for row in listed]
    return None if not known or value in known else INVALID_TIMEZONE


def _digits(value: Any) -> bool:
    return isinstance(value, str) and value.isascii() and value.isdigit()


#: Rules by "Type.Property" without "Pbx."; a rule applies to each item of a list.
_TABLE: tuple[tuple[ValueRule, tuple[str, ...]], ...] = (
    (email, (
        "Contact.Email", "ExternalAccount.Email", "FaxServerSettings.Email", "GroupProps.StartupOwnerEmail",
        "MailSettings.MailAddress", "RequestHelp.ReplyEmail", "User.EmailAddress",
    )),
    (emails, (
        "ContactsDirSearchSettings.ExchangeEmailAddresses", "NotificationSettings.EmailAddresses", "Queue.VMEmailList",
        "RingGroup.VMEmailList", "ScheduledReport.EmailAddresses",
    )),
    (pin, ("ConferenceSettings.PinNumber", "User.VMPIN")),
    (extension_number, (
        "CallFlowApp.Number", "Fax.Number", "GroupProps.SystemNumberFrom", "GroupProps.SystemNumberTo",
        "GroupProps.UserNumberFrom", "GroupProps.UserNumberTo", "Queue.Number", "Receptionist.Number",
        "RingGroup.Number", "User.Number",
    )),
    (client_number, ("Parking.Number", "ServicePrincipal.Number")),
    (trunk_number, ("GroupProps.TrunkNumberFrom", "GroupProps.TrunkNumberTo", "Trunk.Number")),
    (mac, ("Fxs.MacAddress", "Phone.MacAddress", "Sbc.PhoneMAC")),
    (network, ("BlocklistAddr.IPAddrMask",)),
    (multicast, ("RingGroup.MulticastAddress",)),
    (percent, ("Playlist.MaxVolumePercent",)),
    (part_of_address, ("User.ClickToCallId", "User.WebMeetingFriendlyName")),
    (host, ("Gateway.Host", "Gateway.ProxyHost")),
    (did, ("Trunk.DidNumbers",)),
    (telephone, (  # dialled or matched; that a mobile phone or a contact needs a digit is not seen on a real PBX
        "BlackListNumber.CallerId", "CallParkingSettings.AutoPickupForwardExternalNumber", "Contact.Business",
        "Contact.Business2", "Contact.BusinessFax", "Contact.Home", "Contact.Mobile2", "Contact.Other", "Contact.Pager",
        "Contact.PhoneNumber", "Destination.External", "Fax.OutboundCallerId", "OutboundRoute.CallerID",
        "Trunk.ExternalNumber", "Trunk.OutboundCallerID", "User.Mobile", "User.OutboundCallerID",
    )),
    (language, ("Group.Language", "PromptSet.LanguageCode", "User.Language")),
    (transcription, ("VoicemailSettings.TranscribeLanguage",)),
    (menu_key, ("ReceptionistForward.Input",)),
    (digits_only, ("DNRange.From", "DNRange.To")),
    (number_lengths, ("OutboundRule.NumberLengthRanges",)),
    (phone_layout, ("MultiEditUserData.Blfs", "User.Blfs")),
    (peer, (
        "AgentSettings.PhonebookOverride", "EmergencyNotificationsSettings.EmergencyDNPrompt", "ServicePrincipal.Peers",
        "Trunk.ReceiveExtensions", "Weblink.DN",
    )),
    (department, ("Fxs.Group", "Sbc.Group", "Weblink.Group")),
    (port, (
        "CDRSettings.SocketPort", "FxsProvisioning.LocalAudioPortEnd", "FxsProvisioning.LocalAudioPortStart",
        "FxsProvisioning.LocalSipPort", "FxsProvisioning.RemotePort", "Gateway.Port", "Gateway.ProxyPort",
        "HotelServices.Port", "Microsoft365TeamsIntegration.TlsPortForNativeFQDN",
        "Microsoft365TeamsIntegration.TlsPortForNonNativeFQDN", "NetworkSettings.SipPort",
        "NetworkSettings.StunPrimaryPort", "NetworkSettings.StunSecondaryPort", "NetworkSettings.StunThirdPort",
        "NetworkSettings.TunnelPort", "PhoneSettings.LocalRTPPortEnd", "PhoneSettings.LocalRTPPortStart",
        "PhoneSettings.LocalSipPort", "PhoneSettings.RemoteSpmPort", "RemoteMySqlConfig.Port",
        "RemotePostgreConfig.Port", "RemoteSqlServerConfig.Port", "RingGroup.MulticastPort", "Sbc.AudioPort",
        "SyslogCustomRelayConfig.Port", "Trunk.TunnelRemotePort", "TrunkTemplate.DefaultProxyPort",
        "TrunkTemplate.DefaultRegistrarPort",
    )),
    (not_negative, (
        "CallParkingSettings.AutoPickupTimeout", "CallParkingSettings.MaximumParkedCalls",
        "ForwardingProfile.NoAnswerTimeout", "Fxs.FxsLineCount", "Gateway.Lines", "Gateway.TimeBetweenReg",
        "Group.AnswerAfter", "HotelServices.NoAnswerTimeout", "OutboundRule.Priority",
        "Queue.AnnounceEstimatedWaitTimeInterval", "Queue.AnnouncementInterval", "Queue.AutoLogoutMissedCalls",
        "Queue.CallbackEnableTime", "Queue.ComfortPromptsInterval", "Queue.MasterTimeout", "Queue.MaxCallersInQueue",
        "Queue.RingTimeout", "Queue.SLATime", "Queue.WrapUpTime", "Receptionist.Timeout", "RingGroup.RingTime",
        "Sbc.LogSize", "Trunk.SimultaneousCalls", "User.PinProtectTimeout",
    )),
    (prompt_file, (
        "EmergencyNotificationsSettings.EmergencyPlayPrompt", "Group.CustomPrompt", "Holiday.HolidayPrompt",
        "Queue.CallbackOfferPrompt", "Queue.ComfortPrompts", "Queue.DestinationNoAnswerPrompt", "Queue.GreetingFile",
        "Queue.IntroFile", "Receptionist.PromptFilename", "RingGroup.GreetingFile", "Route.Prompt",
    )),
    (music, (
        "CallParkingSettings.MusicOnHold", "ConferenceSettings.MusicOnHold", "Group.MusicOnHold", "Queue.OnHoldFile",
        *(f"MusicOnHoldSettings.MusicOnHold{n}" for n in ("", *range(1, 10))),
    )),
    (time_zone, ("Fxs.TimeZone", "Group.TimeZoneId", "OfficeHours.TimeZoneId")),
    (known_number, ("DeviceLine.Number", "Receptionist.InvalidKeyForwardDN")),
    (known_numbers, ("ScheduledReport.DN",)),
    (existing("EmergencyGeoLocations", "Id"), ("User.EmergencyLocationId",)),
    (naming("FxsTemplates", "Id"), ("Fxs.Template",)),
    (existing("Groups", "Id"), ("User.PrimaryGroupId",)),
    (existing("Groups", "Number"), ("Holiday.Group",)),
    (existing("PhoneLogos", "Filename", FILE_NOT_FOUND), ("PhoneSettings.CustomLogo",)),
    (existing("PhoneTemplates", "Id"), ("Phone.TemplateName",)),
    (existing("PromptSets", "Folder"), (
        "Group.PromptSet", "MultiEditUserData.PromptSet", "Queue.PromptSet", "Receptionist.PromptSet",
        "User.PromptSet",
    )),
    (existing("Sbcs", "Name"), ("FxsProvisioning.SbcName", "PhoneSettings.SbcName")),
    (existing("TrunkTemplates", "Id"), ("Gateway.TemplateFilename",)),
    (existing("Trunks", "Id"), ("SetRoute.TrunkId",)),
    (existing("Users", "Id"), ("Sbc.PhoneUserId",)),
)  # fmt: skip

#: The rule of each property, by "Pbx.Type" and property.
VALUE_RULES: dict[tuple[str, str], ValueRule] = {
    ("Pbx." + place.partition(".")[0], place.partition(".")[2]): rule for rule, places in _TABLE for place in places
}
