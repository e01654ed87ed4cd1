"""The rules by which calls are followed: number, statement, source and confidence. Steps name them; documentation is
made of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

CONFIDENCE: Final[Mapping[str, str]] = {
    "H": "high: the vendor says so, or several independent sources do",
    "M": "medium: one source that read a live PBX or a backup, or vendor text for an older version",
    "L": "low: hearsay, or inferred from a name",
}
"""Levels of confidence."""
SOURCES: Final[Mapping[str, str]] = {
    "manual": "manual of the vendor for V20",
    "older manuals": "manuals of the vendor for V5 to V18, and the vendor's training",
    "API": "the vendor's OpenAPI documents, 20.0.5 to 20.0.11",
    "object model": "object model reference and samples of the vendor for V18",
    "partners": "articles of partners and providers",
    "programs": "programs by others that read backups or live systems",
    "inferred": "inferred; no source says so",
    "trace": "a convention of this trace",
}
"""Kinds of sources."""


class Part(NamedTuple):
    """One statement of a rule."""

    text: str
    confidence: str
    source: str
    """A key of `SOURCES`, or several with commas."""


class Rule(NamedTuple):
    """One rule."""

    number: str
    section: str
    parts: tuple[Part, ...]

    @property
    def confidence(self) -> str:
        """Confidence of its main statement."""
        return self.parts[0].confidence


_SECTIONS: Final[Mapping[str, str]] = {
    "T": "How uncertainty is shown",
    "D": "Hours, holidays and overrides",
    "I": "Inbound calls",
    "DEST": "Destinations",
    "U": "Users",
    "Q": "Queues",
    "R": "Ring groups",
    "V": "Digital receptionists",
    "X": "Scripts, fax, parking",
    "O": "Outbound calls",
    "L": "Loops and dead ends",
}

_RULES: Final[Mapping[str, tuple[tuple[str, str, str], ...]]] = {
    "T1": ((
        "Each step names its rules. Where a reading is uncertain and the other "
        "one leads elsewhere, both are shown.", "H", "trace",
    ),),
    "T2": (("Facts that the API lacks are unknown or a branch; --assume sets them.", "H", "trace"),),
    "T3": ((
        "States (profile, login, registration, override) were true when they "
        "were read; --ignore-state drops them.", "H", "trace",
    ),),
    "T4": (("An absent value is unknown and never a default.", "H", "trace"),),
    "D1": ((
        "Hours are those of the department of the object at which the call "
        "arrives, again at each hop.", "H", "manual",
    ),),
    "D2": (
        ("A user's hours are those of the primary department, or of the only one.", "M", "programs"),
        ("Without any department, those of the default department count.", "L", "inferred"),
        ("With several departments and no primary one, any of them may count.", "L", "inferred"),
    ),
    "D3": (
        ("A department has its own time zone; wall-clock times are compared.", "H", "API, partners"),
        ("Without one, the time zone of the PBX counts.", "L", "inferred"),
    ),
    "D4": (
        ("A schedule's type says whether its periods open or close, and whether holidays count.", "H", "object model"),
        ("The type BreakTime follows the department's break.", "L", "API"),
    ),
    "D5": (
        ("ignore_holidays counts for the type OfficeHours only.", "H", "object model"),
        ("It keeps holidays from closing that schedule.", "M", "programs"),
        ("A schedule without periods counts as closed.", "M", "object model, programs"),
    ),
    "D6": (
        ("A period lies within one day and ends after it starts.", "H", "object model, API"),
        ("Its start belongs to it, its end does not.", "M", "programs"),
        ("Whether the last minute of a period, or of a day that ends at 23:59, belongs to it.", "L", "inferred"),
    ),
    "D7": (
        ("A holiday belongs to a department (since 20.0.7).", "H", "API, partners"),
        ("A holiday without a department counts for all of them.", "L", "inferred"),
    ),
    "D8": (
        (
            "A holiday is one interval from its first day and time to its last; "
            "a recurring one has no year.", "H", "object model",
        ),
        ("An end of P1D or PT24H is the next midnight; PT23H59M ends the day.", "M", "programs"),
        ("A recurring holiday that ends before it begins lasts over New Year.", "L", "inferred"),
        ("A recurring holiday on 29 February does not exist in other years.", "L", "inferred"),
    ),
    "D9": (("First match: override, holiday, break, open, closed.", "M", "programs"),),
    "D10": (
        (
            "An override beats the schedule and holidays, and stays until "
            "it is reset or expires.", "H", "older manuals, partners",
        ),
        ("It expires at a time in UTC.", "M", "object model"),
        ("ForceCustomOperator sends callers to the custom operator of the department.", "L", "API"),
        ("override_holidays decides whether an override counts on holidays.", "L", "API"),
    ),
    "D11": (("The routes of a department are for calls addressed to it, not for the objects in it.", "L", "API"),),
    "D12": (("A department without hours has the office hours of the PBX.", "L", "inferred"),),
    "I1": (
        ("The trunk is identified first; the DID belongs to a trunk.", "H", "partners"),
        ("With one DID on two trunks, either may take the call.", "L", "inferred"),
        ("A PBX names the rule that serves a DID; that counts before the order of the rules.", "H", "API"),
    ),
    "I2": (
        (
            "A rule's number is exact, or * with the last digits; several are "
            "separated by comma, semicolon or blank.", "M", "older manuals, partners",
        ),
        ("A leading + is ignored, leading zeros are not.", "M", "programs"),
        ("A trunk may rewrite a caller's number before rules see it.", "L", "inferred"),
    ),
    "I3": (
        (
            "The first rule of the trunk that fits wins, in the order "
            "of its routing rules.", "M", "object model, partners",
        ),
        ("Without a declared order: caller id, exact DID, longest pattern, all others.", "L", "inferred"),
    ),
    "I4": ((
        "A rule ForwardAll at the end of the list takes every call "
        "without another rule.", "H", "object model, programs",
    ),),
    "I5": (
        (
            "A switched-on destination for holidays counts on holidays, one for closed hours "
            "outside of hours, else that of office hours.", "H", "object model",
        ),
        ("A destination whose switch is off does not count.", "M", "programs"),
        ("The hours are those of the department of the destination in office hours.", "H", "manual"),
    ),
    "I6": (
        ("A rule for all hours without a destination for closed hours has the same destination.", "M", "programs"),
        ("A rule for office hours without one is skipped, or has the same destination.", "L", "object model, programs"),
    ),
    "I7": (("A break changes no inbound rule; the routes of the destination know it.", "H", "API, older manuals"),),
    "I8": (("After the rule, the destination looks at its own hours again.", "H", "manual"),),
    "I9": (("A destination without a department has the hours of the default department.", "L", "inferred"),),
    "I10": (
        ("Callers on the block list are refused before any rule.", "M", "partners"),
        ("A trunk without inbound calls refuses them.", "L", "API"),
    ),
    "DEST": (
        (
            "The member of a destination says what it needs: an object's number, a "
            "mailbox, or an outside number.", "H", "object model",
        ),
        ("Mailboxes of queues and ring groups exist since 20.0.9.", "L", "API"),
        ("ProceedWithNoExceptions handles the call as if open.", "M", "programs"),
        ("VoiceMailOfDestination acts as None.", "L", "object model"),
        ("A mailbox without a number is that of the object itself.", "L", "inferred"),
    ),
    "U1": (
        ("Exceptions come before the profile.", "H", "object model"),
        ("Calls to a disabled user end in a way that is unknown.", "L", "inferred"),
    ),
    "U2": (
        ("The first enabled exception that fits wins.", "H", "older manuals"),
        ("Hours of an exception are those of the user's department.", "L", "inferred"),
    ),
    "U3": (
        ("A profile decides: Available, Away, Out of office, Custom 1, Custom 2.", "H", "object model, API"),
        ("A temporary status is not in the API.", "H", "object model"),
    ),
    "U4": (
        ("With AutoSwitchProfiles, Available in hours and Out of office else.", "H", "older manuals, programs"),
        ("In a break, Away.", "L", "programs"),
        ("With GlobalSchedule the hours are the department's, else the user's own.", "M", "object model, API"),
    ),
    "U5": ((
        "Available: not registered and busy go on at once, else the "
        "phone rings until the timeout.", "H", "object model",
    ),),
    "U6": (
        ("With all_calls, one destination counts for everybody.", "M", "object model"),
        ("Internal callers keep their own destination if both differ.", "L", "inferred"),
    ),
    "U7": (
        ("Away and Out of office: calls go on at once.", "H", "object model"),
        ("Without all_hours, the destination counts outside office hours only.", "M", "object model"),
    ),
    "U8": (("A caller with an extension is internal; a forwarded outside call stays external.", "M", "programs"),),
    "U9": (
        ("ring_my_mobile rings the mobile at the same time, through an outbound rule.", "H", "older manuals"),
        ("allow_forward_to_external can forbid forwarding to outside numbers.", "L", "API"),
        ("An outbound rule has to admit the user who forwards.", "L", "inferred"),
    ),
    "U10": (("A call to a mailbox that is switched off ends.", "L", "programs"),),
    "Q1": (
        ("A queue has its own routes for closed hours, breaks and holidays.", "M", "programs, API"),
        ("Without a route, it handles the call; so do ring groups and menus.", "L", "inferred"),
        ("Internal callers are not exempt.", "L", "inferred"),
    ),
    "Q2": (
        ("Without a logged-in agent, the call goes on immediately.", "H", "older manuals, partners"),
        ("With * a caller leaves the queue for the same destination.", "M", "partners"),
    ),
    "Q3": (
        ("An agent is logged in to the PBX and to this queue; the latter is not in the API.", "H", "older manuals"),
        ("A profile may log its user out.", "M", "programs"),
    ),
    "Q4": (
        (
            "Agents are polled again and again until master_timeout, each "
            "try for ring_timeout.", "H", "object model, older manuals",
        ),
        ("An introduction may come first; whether it counts is unknown.", "L", "inferred"),
    ),
    "Q5": (("The polling strategy decides who rings first.", "H", "object model"),),
    "Q6": (
        ("Forwarding of agents and members is not followed.", "M", "programs, older manuals"),
        ("Agents and members on a call, or without a registered phone, are passed over.", "M", "older manuals"),
    ),
    "Q7": (
        ("A callback ends in an outgoing call.", "L", "API"),
        ("With max_callers_in_queue callers waiting, the next one goes on immediately.", "L", "inferred"),
    ),
    "R1": (
        ("A ring group has routes like a queue and rings its members once.", "H", "older manuals"),
        ("Hunt: whether the ring time counts for each member is unknown.", "L", "inferred"),
    ),
    "R2": (
        ("A profile may take its user out of ring groups.", "H", "object model"),
        ("With no member to ring, the call goes on at once.", "L", "inferred"),
    ),
    "R3": (("Paging: phones answer by themselves.", "H", "older manuals"),),
    "V1": (("A menu plays its prompt; each key has an action.", "H", "object model"),),
    "V2": (("Without input for the timeout, its own action follows; RepeatPrompt starts again.", "H", "object model"),),
    "V3": (("An invalid key has a destination, else the prompt repeats.", "L", "API"),),
    "V4": (
        ("A caller may dial any extension at the prompt.", "H", "older manuals"),
        ("transfer_enable (since 20.0.8) may switch it.", "L", "API"),
    ),
    "V5": (("Call by name finds users with a recorded name.", "H", "older manuals"),),
    "V6": (("Menus made of code or scripts decide by themselves.", "H", "API"),),
    "X1": (("A call flow app decides at run time.", "H", "API"),),
    "X2": (("Fax, parking places, system extensions and AI agents take a call.", "H", "API"),),
    "O1": (("Dial codes, then internal numbers, then outside numbers.", "L", "inferred"),),
    "O2": (
        ("A user with internal set has no outside calls.", "M", "object model"),
        ("Outside calls may be barred outside office hours.", "L", "API"),
    ),
    "O3": (
        ("Numbers with + are rewritten before rules are matched.", "M", "older manuals"),
        ("Calls to countries that are not among country_codes are refused.", "L", "API"),
    ),
    "O4": (("The matching rule with the lowest priority is used, and no later one.", "H", "manual, older manuals"),),
    "O5": (
        ("A rule matches by prefix and length and source; an empty condition fits all.", "H", "manual, object model"),
        ("The source fits by extension or by department.", "H", "object model"),
    ),
    "O6": (
        ("Routes in order: digits are stripped, then prepended.", "H", "object model, manual"),
        ("Empty slots, and trunks that are not registered or switched off, are skipped.", "H", "partners"),
    ),
    "O7": (("Most refusals lead to the next route; busy, no response and cancel do not.", "H", "partners"),),
    "O8": (("Caller id: route, user, trunk, main number.", "H", "object model, programs"),),
    "O9": (
        ("Emergency rules are kept apart.", "H", "API, partners"),
        ("They come before ordinary rules.", "L", "inferred"),
    ),
    "O10": (("Without a rule, the call is refused.", "H", "manual"),),
    "L1": (("A call that returns to a place in the same state goes round; no source gives a limit.", "L", "inferred"),),
    "L2": (("At a missing or disabled destination the PBX ends the call or plays a message.", "L", "inferred"),),
    "L3": (("Providers often end a call that nobody answers for 60 to 180 seconds.", "L", "partners"),),
}  # fmt: skip


def _section(number: str) -> str:
    return _SECTIONS[number if number in _SECTIONS else number[0]]


RULES: Final[Mapping[str, Rule]] = {
    number: Rule(number, _section(number), tuple(Part(*part) for part in parts)) for number, parts in _RULES.items()
}
"""Every rule by its number."""


def confidence_of(number: str, *, assumed: bool = False) -> str:
    """Confidence of a reason: of the main statement of its rule, of the least certain one if it is an assumption; ? if
    the rule is certain and the fact unknown.

    Parameters:
        number: of the rule
        assumed: whether the reason is an assumption
    """
    parts = RULES[number].parts
    if not assumed:
        return parts[0].confidence
    least = max((part.confidence for part in parts), key="HML".index)
    return "?" if least == "H" else least
