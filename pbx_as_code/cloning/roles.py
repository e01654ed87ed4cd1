"""Roles of options: their values are numbers, DIDs, departments and other names that a map changes."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from pbx_as_code.config.kinds import DIALLED
from pbx_as_code.description import Property


class Role(Enum):
    """Role of a value."""

    NUMBER = "number"
    """An internal number."""
    BOUND = "end of a range"
    """The first or last internal number of a range."""
    NUMBERS = "numbers"
    """A text with several internal numbers."""
    OWN_TELEPHONE = "own telephone"
    """A telephone number of the PBX itself: a DID or a caller id."""
    TELEPHONE = "telephone"
    """Any telephone number, or an internal number as it is dialled."""
    TRUNK = "trunk"
    TRUNK_NAME = "trunk name"
    DEPARTMENT = "department"
    LANGUAGE = "language"
    PROMPT_SET = "prompt set"
    EMAIL = "email"
    TEXT = "text"
    """Anything else. A host name is changed if it is the whole value, and other texts never."""
    NOTHING = "nothing"
    """A value that is never a name or number, such as a choice."""


REFERENCES: Final[Mapping[str, Role]] = {
    "Peers": Role.NUMBER,
    "Groups": Role.DEPARTMENT,
    "Trunks": Role.TRUNK,
    "PromptSets": Role.PROMPT_SET,
}
"""By the entity set of a reference."""
_PLAIN: Final[Mapping[tuple[str, str], Role]] = {
    **{(kind, "number"): Role.NUMBER for kind in DIALLED},
    ("conference_settings", "extension"): Role.NUMBER,
    ("conference_settings", "external_numbers"): Role.OWN_TELEPHONE,
    ("fax_server_settings", "number"): Role.NUMBER,
    ("fxs", "fxs_lines.number"): Role.NUMBER,
    ("fxs", "group"): Role.DEPARTMENT,
    ("fxs", "language"): Role.LANGUAGE,
    ("general_settings_for_pbx", "operator_extension"): Role.NUMBER,
    ("google_settings", "user_sync.starting_extension_number"): Role.NUMBER,
    ("group", "language"): Role.LANGUAGE,
    ("group", "name"): Role.DEPARTMENT,
    ("group", "props.system_number_from"): Role.BOUND,
    ("group", "props.system_number_to"): Role.BOUND,
    ("group", "props.trunk_number_from"): Role.BOUND,
    ("group", "props.trunk_number_to"): Role.BOUND,
    ("group", "props.user_number_from"): Role.BOUND,
    ("group", "props.user_number_to"): Role.BOUND,
    ("hotel_services", "hotel_groups"): Role.DEPARTMENT,
    ("microsoft365_integration", "ad_users.starting_extension_number"): Role.NUMBER,
    ("office_hours", "system_language"): Role.LANGUAGE,
    ("outbound_rule", "dn_ranges.from"): Role.BOUND,
    ("outbound_rule", "dn_ranges.to"): Role.BOUND,
    ("outbound_rule", "routes.caller_id"): Role.OWN_TELEPHONE,
    ("receptionist", "forward_sms_to"): Role.TELEPHONE,
    ("receptionist", "forwards.custom_data"): Role.TELEPHONE,
    ("sbc", "group"): Role.DEPARTMENT,
    ("scheduled_report", "number"): Role.NUMBER,
    ("trunk", "did_numbers"): Role.OWN_TELEPHONE,
    ("trunk", "external_number"): Role.OWN_TELEPHONE,
    ("trunk", "gateway.name"): Role.TRUNK_NAME,
    ("trunk", "public_info_groups"): Role.DEPARTMENT,
    ("user", "agent_settings.allowed_extensions"): Role.NUMBERS,
    ("user", "agent_settings.language"): Role.LANGUAGE,
    ("user", "blf_keys.number"): Role.TELEPHONE,
    ("user", "language"): Role.LANGUAGE,
    ("user", "phones.settings.custom_queue_ringtones.queue"): Role.NUMBER,
    ("user", "phones.settings.phone_language"): Role.LANGUAGE,
    ("voicemail_settings", "extension"): Role.NUMBER,
    ("voicemail_settings", "transcribe_language"): Role.LANGUAGE,
    ("website_link", "group"): Role.DEPARTMENT,
}
"""Options that are plain texts for the PBX, by kind and path."""


def role_of(kind: str, path: str, prop: Property) -> Role:
    """Role of the values of an option.

    Parameters:
        kind: of the object
        path: of the option, without indexes
        prop: the option
    """
    role = _PLAIN.get((kind, path))
    if role is not None:
        return role
    if prop.reference is not None:
        return REFERENCES.get(prop.reference.entity_set, Role.NOTHING)
    if prop.kind == "telephone":
        return Role.OWN_TELEPHONE if prop.option == "outbound_caller_id" else Role.TELEPHONE
    if prop.kind == "email":
        return Role.EMAIL
    return Role.TEXT if prop.kind == "str" and not prop.choices else Role.NOTHING
