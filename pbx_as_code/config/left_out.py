"""Options that files leave out, by kind and path: facts only.

An export writes none of it. Read-only properties are not listed: the descriptions say so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

STATE: Final[Mapping[str, tuple[str, ...]]] = {
    "black_list_number": (),
    "blocklist_address": ("expires_at",),
    "fxs": ("fxs_lines.name",),
    "group": ("current_group_hours", "override_expires_at"),
    "scheduled_report": ("report_link",),
    "user": ("current_profile_name", "queue_status", "hotdesking_assignment"),
}
"""Properties that change while people telephone."""

BOUND: Final[Mapping[str, tuple[str, ...]]] = {
    "fax": ("auth_id",),
    "fax_server_settings": ("auth_id",),
    "group": ("number", "time_zone_id", "click_to_call_id", "props.fqdn", "props.startup_license"),
    "network_settings": ("pbx_public_fqdn", "public_static_ip", "public_interface"),
    "office_hours": ("time_zone_id",),
    "playlist": ("repository_path",),
    "queue": ("click_to_call_id",),
    "ring_group": ("click_to_call_id",),
    "sbc": ("local_ipv4", "public_ip", "phone_mac"),
    "trunk": (
        "certificate_name",
        "gateway.specified_ip_for_registration_contact",
        "public_ip_in_sip",
    ),
    "user": ("auth_id", "sip_id", "click_to_call_id", "contact_image"),
}
"""Properties that mean something on one PBX only: ids, addresses, sign-in names it made up."""

DECLARED_ELSEWHERE: Final[Mapping[str, Mapping[str, str]]] = {
    "group": {
        "members": "declare `groups` of each member instead",
        "office_holidays": "declare `holidays` with this department as `group` instead",
    },
}
"""The side of a relation that files do not declare, and what declares it."""

SECRETS: Final[Mapping[str, tuple[str, ...]]] = {
    "call_flow_app": ("script_code",),
    "fxs": ("variables.value",),
    "parameter": ("value",),
    "tenant_property": ("value",),
    "trunk": ("certificate", "gateway.variable_choices.value"),
    "user": ("phones.settings.provision_extended_data",),
}
"""Options that may hold a credential although the PBX does not mark them."""

_DATES: Final = ("day", "month", "day_end", "month_end", "year_end", "time_of_start_date", "time_of_end_date")

PERSONAL: Final[Mapping[str, tuple[str, ...]]] = {
    "black_list_number": ("description",),
    "blocklist_address": ("description",),
    "call_flow_app": ("name",),
    "contact": ("title", "department", "tag"),
    "fxs": ("name",),
    "holiday": _DATES,
    "inbound_rule": ("rule_name",),
    "outbound_rule": ("priority", "prefix", "number_length_ranges"),
    "playlist": ("files",),
    "queue": ("name",),
    "receptionist": ("name", "timeout_forward_type", "timeout_forward_dn", "invalid_key_forward_dn"),
    "ring_group": ("name",),
    "sbc": ("display_name",),
    "scheduled_report": ("number",),
    "trunk": ("auth_id", "separate_auth_id"),
    "user": ("first_name", "last_name", "web_meeting_friendly_name", "emergency_additional_info"),
    "website_link": ("name", "dn", "website"),
}
"""Options whose value belongs to one object: defaults of a kind give it to no other one."""

NAMED_VALUES: Final = frozenset({"parameter", "tenant_property"})
"""Kinds with an option `value` that holds a credential in some objects only, see `credentials.py`."""
