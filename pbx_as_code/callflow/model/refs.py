"""Names of the places a call can be at."""

from __future__ import annotations

from enum import Enum
from typing import Final, NamedTuple


class Kind(str, Enum):
    """Kind of a place. The values of objects are the names of `pbx_as_code.entities`."""

    DID = "did"
    TRUNK = "trunk"
    BLOCKED_NUMBER = "black_list_number"
    INBOUND_RULE = "inbound_rule"
    DEPARTMENT = "group"
    USER = "user"
    QUEUE = "queue"
    RING_GROUP = "ring_group"
    RECEPTIONIST = "receptionist"
    PARKING = "parking"
    FAX = "fax"
    CALL_FLOW_APP = "call_flow_app"
    SYSTEM_EXTENSION = "system_extension"
    OUTBOUND_RULE = "outbound_rule"
    VOICEMAIL = "voicemail"
    """Mailbox of a number."""
    EXTERNAL = "external"
    """A telephone number outside the PBX."""
    END = "end"
    """The PBX ends the call."""
    MISSING = "missing"
    """A number or name that belongs to no object."""
    UNKNOWN = "unknown"
    """A destination that the configuration does not tell."""

    def __str__(self) -> str:
        return self.value


class Ref(NamedTuple):
    """One place: hashable, comparable, the same for files and for the PBX they were exported from."""

    kind: Kind
    key: str
    """Number of whatever is dialled, of a trunk and of a DID; name of a department; for a rule, `rule_key`."""

    def __str__(self) -> str:
        return f"{LABELS[self.kind]} {self.key}".rstrip()


def rule_key(*parts: str | None, twin: int = 0) -> str:
    """Key of an inbound or outbound rule, such as "10000 / BasedOnDID / +4930101".

    Parameters:
        parts: trunk, condition, data and call type of an inbound rule; name of an outbound rule
        twin: how many rules with equal parts precede it
    """
    named = " / ".join(part for part in parts if part)
    return f"{named} #{twin + 1}" if twin else named


LABELS: Final = {
    Kind.DID: "DID",
    Kind.TRUNK: "trunk",
    Kind.BLOCKED_NUMBER: "blocked number",
    Kind.INBOUND_RULE: "inbound rule",
    Kind.DEPARTMENT: "department",
    Kind.USER: "user",
    Kind.QUEUE: "queue",
    Kind.RING_GROUP: "ring group",
    Kind.RECEPTIONIST: "digital receptionist",
    Kind.PARKING: "parking place",
    Kind.FAX: "fax",
    Kind.CALL_FLOW_APP: "call flow app",
    Kind.SYSTEM_EXTENSION: "system extension",
    Kind.OUTBOUND_RULE: "outbound rule",
    Kind.VOICEMAIL: "voicemail of",
    Kind.EXTERNAL: "external number",
    Kind.END: "end of the call",
    Kind.MISSING: "missing number",
    Kind.UNKNOWN: "unknown destination",
}
"""Kinds in sentences."""

END: Final = Ref(Kind.END, "")
"""The PBX ends the call."""
UNKNOWN: Final = Ref(Kind.UNKNOWN, "")
"""The configuration does not say where the call goes."""
