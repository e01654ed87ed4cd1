"""Facts that the document lacks: kept as data, so that the code has no special cases."""

from __future__ import annotations

# "Large properties are absent unless named in $select". XAPI.md names the first; the whole text of a template is alike.
LARGE_PROPERTIES: dict[str, frozenset[str]] = {
    "Pbx.CallFlowApp": frozenset({"ScriptCode"}),
    "Pbx.FxsTemplate": frozenset({"Content"}),
    "Pbx.PhoneTemplate": frozenset({"Content"}),
    "Pbx.TrunkTemplate": frozenset({"Content"}),
}

# Sets with a list and perhaps a delete but no path by key: what tells two rows apart where it is not called Id.
KEYS: dict[str, str] = {
    "Backups": "FileName",
    "Countries": "Name",
    "CustomPrompts": "Filename",
    "DidNumbers": "Number",
    "ChatHistoryView": "ConversationId",
    "ChatMessagesHistoryView": "MessageId",
    "CallHistoryView": "DstId",
    "LastCdrAndChatMessageTimestamp": "LastCdrStartedAt",
    "PhoneLogos": "Filename",
    "Services": "Name",
}

# Items of collections that no path names: what tells two of them apart where it is not called Id.
ITEM_KEYS: dict[str, str] = {
    "Pbx.Greeting": "Filename",
    "Pbx.PeerGroup": "GroupID",
    "Pbx.QueueAgent": "Number",
    "Pbx.QueueManager": "Number",
    "Pbx.Rights": "RoleName",
    "Pbx.RingGroupMember": "Number",
    "Pbx.UserGroup": "GroupId",
}

# String keys that the server assigns if the body has none.
ASSIGNED_STRING_KEYS = frozenset({"BlackListNumbers", "FxsTemplates", "PhoneTemplates", "TrunkTemplates"})

# "Any duplicate name answers 400 with WARNINGS.XAPI.DUPLICATE": properties besides the key that must differ.
UNIQUE: dict[str, tuple[str, ...]] = {
    "BlackListNumbers": ("CallerId",),
    "Groups": ("Name",),
    "OutboundRules": ("Name",),
    "Parameters": ("Name",),
    "ScheduledReports": ("Name",),
}

# Properties that a create needs, in addition to a string key that is not assigned.
REQUIRED: dict[str, tuple[str, ...]] = {
    "BlackListNumbers": ("CallerId",),
    "Blocklist": ("IPAddrMask",),
    "Groups": ("Name",),
    "Holidays": ("Name",),
    "OutboundRules": ("Name",),
    "Parameters": ("Name",),
}

# Numbers: the department's range they come from (properties of GroupProps), or a prefix and a running number.
NUMBER_RANGES: dict[str, str] = {
    "Users": "User",
    "Queues": "System",
    "RingGroups": "System",
    "Receptionists": "System",
    "CallFlowApps": "System",
    "Fax": "System",
    "ServicePrincipals": "System",
    "Trunks": "Trunk",
}
DEFAULT_RANGES: dict[str, tuple[int, int]] = {"User": (100, 799), "System": (800, 999), "Trunk": (10000, 10999)}
NUMBER_PREFIXES: dict[str, tuple[str, int]] = {"Parkings": ("SP", 1), "Groups": ("GRP", 0)}

# How long numbers and PINs may be. The document's ENL range is 2 to 5; the lengths of PINs and trunk numbers are ours.
EXTENSION_LENGTH = (2, 5)
TRUNK_NUMBER_LENGTH = (2, 6)
PIN_LENGTH = (3, 10)
# How long a name, a number or an address may be, where the document does not say; a PBX may be stricter.
LONGEST_NAME = 255
# Parameters are no names of anything that people call or see: their length is not known.
ANY_LENGTH = frozenset({"Pbx.DNProperty", "Pbx.Parameter", "Pbx.Property"})
# Music that comes with the PBX and is in no list.
SYSTEM_MUSIC = frozenset({"onhold.wav"})

# With the trait hidden-objects: in use by what is not shown to anybody, one of each range of the built-in company.
HIDDEN_NUMBERS = frozenset({"199", "899", "10099", "SP9"})
# How many of them the state of the PBX counts.
HIDDEN_TOTALS: dict[str, int] = {"ExtensionsTotal": 1, "TrunksTotal": 1}

# The kind a numbered entity has among peers.
PEER_TYPES: dict[str, str] = {
    "Users": "Extension",
    "Queues": "Queue",
    "RingGroups": "RingGroup",
    "Receptionists": "IVR",
    "CallFlowApps": "RoutePoint",
    "Fax": "Fax",
    "Parkings": "Parking",
    "Trunks": "ExternalLine",
    "Groups": "Group",
    "ServicePrincipals": "RoutePoint",
}

FIRST_AVAILABLE: dict[str, str] = {
    "GetFirstAvailableExtensionNumber": "Users",
    "GetFirstAvailableHotdeskingNumber": "Users",
    "GetFirstAvailableQueueNumber": "Queues",
    "GetFirstAvailableReceptionistNumber": "Receptionists",
    "GetFirstAvailableRingGroupNumber": "RingGroups",
    "GetFirstAvailableTrunkNumber": "Trunks",
}

ROLES = ("system_owners", "system_admins", "group_owners", "managers", "group_admins", "receptionists", "users")

# "Call log, chats, recordings, scheduled reports need system_owners; a person's role `user` may not list users."
_OWNERS = frozenset({"system_owners"})
ROLES_THAT_MAY: dict[str, frozenset[str]] = {
    "CallHistoryView": _OWNERS,
    "ChatHistoryView": _OWNERS,
    "ChatMessagesHistoryView": _OWNERS,
    "Recordings": _OWNERS,
    "ScheduledReports": _OWNERS,
    "Users": frozenset(ROLES) - {"users"},
}

# "A forwarding profile carries either AvailableRoute or AwayRoute; sending the other is refused."
PROFILE_ROUTES: dict[str, str] = {
    "Available": "AvailableRoute",
    "Custom 1": "AvailableRoute",
    "Away": "AwayRoute",
    "Out of office": "AwayRoute",
    "Custom 2": "AwayRoute",
}

# Worked out from other sets, or another name for one row of such a set: nothing is stored there.
WORKED_OUT: dict[str, str] = {
    "Peers": "everything that has a number",
    "MyUser": "Users and who is signed in",
    "MyGroup": "Groups",
}

# Collections whose items name an extension by its number: nothing else answers calls in a queue or a ring group.
MEMBER_LISTS: dict[str, tuple[str, ...]] = {"Queues": ("Agents", "Managers"), "RingGroups": ("Members",)}

# Accepted and not stored: a role sent as GroupRights.
NOT_STORED: dict[str, frozenset[str]] = {"Pbx.UserGroup": frozenset({"GroupRights"})}

# Actions that remove the rows named in their body and answer 204: set, action -> the body's property.
BULK_DELETES: dict[tuple[str, str], str] = {
    ("BlackListNumbers", "BulkNumbersDelete"): "ids",
    ("Blocklist", "BulkIpsDelete"): "ids",
    ("Contacts", "DeleteContactsById"): "ids",
    ("Fax", "BulkFaxDelete"): "ids",
    ("InboundRules", "BulkInboundRulesDelete"): "ids",
    ("Recordings", "BulkRecordingsDelete"): "ids",
    ("WebsiteLinks", "BulkLinksDelete"): "ids",
}

# Actions bound to one row that remove it.
ROW_REMOVERS: dict[tuple[str, str], None] = {
    ("ActiveCalls", "DropCall"): None,
    ("SecurityTokens", "RevokeToken"): None,
    ("MyTokens", "RevokeToken"): None,
}

# Actions that empty a set.
PURGES: dict[tuple[str, str], tuple[str, ...]] = {
    ("EventLogs", "PurgeEventLog"): ("EventLogs",),
    ("Recordings", "PurgeLocal"): ("Recordings",),
    ("Backups", "PurgeLocalBackups"): ("Backups",),
    ("", "PurgeCalls"): ("CallHistoryView",),
    ("", "PurgeChats"): ("ChatHistoryView", "ChatMessagesHistoryView"),
    ("", "PurgeAllLogs"): ("CallHistoryView", "ChatHistoryView", "ChatMessagesHistoryView", "EventLogs"),
}

# Function that finds an entity by its number where a release has no Fax(Number='800') yet.
BY_NUMBER: dict[str, str] = {
    "Fax": "GetByNumber",
    "Parkings": "GetByNumber",
    "Peers": "GetPeerByNumber",
    "Queues": "GetByNumber",
    "Receptionists": "GetByNumber",
    "RingGroups": "GetByNumber",
    "Trunks": "GetTrunkByNumber",
    "Users": "GetByNumber",
}

# Release whose behaviour differs from the document.
SECONDS_FROM = (20, 0, 9)


OLDEST_RELEASE = (20, 0, 5)


def release_number(release: str) -> tuple[int, ...]:
    """`20.0.9.995` as numbers that compare.

    Raises:
        ValueError: where it is not numbers with dots between, or older than what XAPI.md knows.
    """
    parts = release.split(".")
    if len(parts) >= 3 and all(part.isascii() and part.isdigit() for part in parts):
        number = tuple(int(part) for part in parts)
        if number >= OLDEST_RELEASE:
            return number
    raise ValueError(f"a release is at least three numbers with dots, from 20.0.5 on, not {release!r}")


# Settings that one operation sets and another returns: set, setter -> getter, the property of the setter's body.
SETTING_PAIRS: dict[tuple[str, str], tuple[str, str]] = {
    ("", "SetUpdateSettings"): ("GetUpdateSettings", "settings"),
    ("Backups", "SetBackupFailoverSettings"): ("GetBackupFailoverSettings", "settings"),
    ("Backups", "SetBackupRepositorySettings"): ("GetBackupRepositorySettings", "settings"),
    ("Backups", "SetBackupSettings"): ("GetBackupSettings", "settings"),
    ("Backups", "SetRestoreSettings"): ("GetRestoreSettings", "settings"),
    ("ConferenceSettings", "UpdateMCURequestStatus"): ("GetMCURequestStatus", "request"),
    ("Contacts", "SetDirSearchSettings"): ("GetDirSearchSettings", "dirSearchSettings"),
    ("Recordings", "SetRecordingRepositorySettings"): ("GetRecordingRepositorySettings", "settings"),
}
# One value that an action sets: set, setter -> the singleton, or the set and function, that shows it, and its property
# there.
SETTING_VALUES: dict[tuple[str, str], tuple[str, str]] = {
    ("SystemStatus", "SetChatLogStatus"): ("SystemStatus", "IsChatLogEnabled"),
    ("SystemStatus", "SetMultiCompanyMode"): ("Defs/GetSystemParameters", "IsMulticompanyMode"),
}
# Sets whose rows an action takes all at once: set, setter -> the property of its body.
SETTING_LISTS: dict[tuple[str, str], str] = {
    ("CallCostSettings", "UpdateCost"): "costs",
    ("EmergencyGeoLocations", "Update"): "locations",
}


def setting_place(owner: str, getter: str) -> str:
    """Under which name what a function shows is kept: `Backups/GetBackupSettings`, `GetUpdateSettings`."""
    return f"{owner}/{getter}".lstrip("/")


# Functions that show what is kept and not worked out.
KEPT = frozenset(
    {setting_place(owner, getter) for (owner, _), (getter, _) in SETTING_PAIRS.items()}
    | {place for place, _ in SETTING_VALUES.values() if "/" in place}
)


# "Ask for too much history and it is 504": arguments that say from when to when. How much is too much XAPI.md does
# not say; five years is ours.
HISTORY = (("periodFrom", "periodTo"), ("startDt", "endDt"), ("startDate", "endDate"))
HISTORY_DAYS = 5 * 366
