"""One read of a PBX, as a configuration: the same definitions as in exported files, with states."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from threecx_xapi.errors import Forbidden, NotFound

from pbx_as_code.config.configuration import Configuration, Definition, identity_of
from pbx_as_code.config.export import zones_of
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.exporting.filing import order_of
from pbx_as_code.config.pbx_rows import read
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.nodes import Entries, Place
from pbx_as_code.config.reader import without_collection
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import description
from pbx_as_code.pbx import Pbx

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

OBJECTS: Final = (
    "group", "trunk", "user", "parking", "fax", "call_flow_app", "queue", "ring_group", "receptionist",
    "outbound_rule", "inbound_rule", "holiday", "black_list_number",
)  # fmt: skip
"""Kinds of objects that a call can pass."""
SETTINGS: Final = (
    "office_hours", "general_settings_for_pbx", "e164_settings", "country_codes", "call_parking_settings",
    "dial_code_settings",
)  # fmt: skip
"""Settings that decide about calls."""
_HOURS: Final = ("group", "holiday", "office_hours")
"""Kinds that decide when a department is open."""
_SPARED: Final = frozenset({"parking", "fax", "call_flow_app", "black_list_number", "time_zone", *SETTINGS})
"""Kinds without which most calls can be followed: what the role of the client does not admit is unknown."""
_STATES: Final[Mapping[str, tuple[str, ...]]] = {
    "group": ("number", "is_default", "current_group_hours", "override_expires_at"),
    "user": ("current_profile_name", "queue_status", "is_registered"),
    "trunk": ("is_online",),
    "call_flow_app": ("compilation_succeeded", "invalid_script", "is_registered"),
}
"""Options that an export leaves out: states, and values that files cannot set."""
_NOWHERE: Final = Place("", 0, 0)


def read_pbx(client: XapiClient, *, pbx: Pbx | None = None, parallel: int = 4) -> Configuration:
    """Read everything of a PBX that decides about calls. Nothing is written: the client refuses to.

    It takes one request for each of some twenty kinds, more for kinds of several pages and on builds that expand one
    property at a time, and one for the emergency rules, which a PBX may keep apart.

    Parameters:
        client: of the PBX
        pbx: reads the kinds, such as one that shows its progress; made of the client if this is None
        parallel: requests at a time

    Raises:
        PbxError: something cannot be read
    """
    reading = client if client.read_only else client.without_writes()
    with without_collection():
        return _read(reading, pbx or Pbx(reading), parallel)


def read_hours(client: XapiClient, *, parallel: int = 4) -> Configuration:
    """Read what decides when the departments of a PBX are open, with four requests. Nothing is written.

    Parameters:
        client: of the PBX
        parallel: requests at a time

    Raises:
        PbxError: something cannot be read
    """
    pbx = Pbx(client if client.read_only else client.without_writes())
    names = [*_HOURS, "time_zone"]
    rows = dict(zip(names, read(pbx, names, parallel, {}), strict=True))
    configuration = Configuration()
    for name in _HOURS:
        configuration.definitions.extend(_definitions(KINDS[name], rows[name]))
    configuration.pbx = {"url": pbx.url, **zones_of(rows["office_hours"], rows["group"], rows["time_zone"])}
    return configuration


def _read(client: XapiClient, pbx: Pbx, parallel: int) -> Configuration:
    unread: dict[str, str] = {}
    names = [*OBJECTS, *SETTINGS, "time_zone"]
    rows = dict(zip(names, read(pbx, names, parallel, unread, spared=_SPARED), strict=True))
    emergency = _emergency_rules(client, rows)
    rows["outbound_rule"] += emergency or []
    _add_scripts(client, rows["call_flow_app"])
    configuration = Configuration()
    for name in (*OBJECTS, *SETTINGS):
        configuration.definitions.extend(_definitions(KINDS[name], rows[name]))
    configuration.complete = frozenset(name for name in OBJECTS if KINDS[name].section not in unread)
    configuration.pbx = {"url": pbx.url, "release": pbx.release}
    configuration.pbx |= zones_of(rows["office_hours"], rows["group"], rows["time_zone"])
    default = next((row.get("name") for row in rows["group"] if row.get("is_default")), None)
    configuration.pbx |= {"default_department": default} if default else {}
    configuration.pbx["did_rules"] = _did_rules(client, rows["inbound_rule"])
    configuration.required = _system_extensions(pbx, unread)
    configuration.pbx["emergency_read"] = emergency is not None
    configuration.pbx["unread"] = tuple(text for _, text in sorted(unread.items()))
    return configuration


def _definitions(kind: ConfigKind, rows: list[dict[str, Any]]) -> list[Definition]:
    found = [
        (declared(kind, row), {option: row[option] for option in _STATES.get(kind.name, ()) if option in row}, row)
        for row in rows
    ]
    found.sort(key=lambda one: order_of(kind, one[0]))
    twins: dict[Any, int] = {}
    made = []
    for values, states, row in found:
        script = {"script_code": row["script_code"]} if row.get("script_code") else {}
        definition = Definition(kind, {**values, **states, **script}, Entries(_NOWHERE))
        if kind.twins:
            identity = repr(identity_of(kind, values))
            definition.twin = twins.get(identity, -1) + 1
            twins[identity] = definition.twin
        made.append(definition)
    return made


def _system_extensions(pbx: Pbx, unread: dict[str, str]) -> dict[str, list[str]]:
    rows = read(pbx, ["system_extension"], 1, unread, spared=("system_extension",))[0]
    numbers = sorted(str(row["number"]) for row in rows if row.get("number"))
    return {"system_extensions": numbers} if numbers else {}


def _add_scripts(client: XapiClient, apps: list[dict[str, Any]]) -> None:
    """Add the scripts of call flow apps, which come only when asked for. They may hold credentials: the graph keeps
    only the numbers that they name.
    """
    if not apps:
        return
    try:
        found = list(client.call_flow_apps.iterate(select=("Number", "ScriptCode")))
    except (Forbidden, NotFound):
        return
    scripts = {row.number: row.script_code for row in found}
    for app in apps:
        app["script_code"] = scripts.get(app.get("number"))


def _emergency_rules(client: XapiClient, rows: Mapping[str, list[dict[str, Any]]]) -> list[dict[str, Any]] | None:
    """Emergency rules that the list of outbound rules lacks, with names instead of ids; None if they cannot be read."""
    try:
        found = list(client.outbound_rules.iterate_emergency_outbound_rules())
    except (Forbidden, NotFound):
        return None
    listed = {row.get("id") for row in rows["outbound_rule"]}
    groups = {row.get("id"): row.get("name") for row in rows["group"]}
    trunks = {row.get("id"): row.get("number") for row in rows["trunk"]}
    about = description("outbound_rule")
    assert isinstance(about, EntityDescription)  # noqa: S101 outbound rules are objects
    made = []
    for rule in found:
        row = rule.to_dict()
        if row.get("Id") in listed:
            continue
        one = {prop.option: row[prop.name] for prop in about.properties if prop.name in row}
        one["groups"] = [groups[key] for key in row.get("GroupIds") or [] if key in groups]
        one["dn_ranges"] = [{"from": span.get("From"), "to": span.get("To")} for span in row.get("DNRanges") or []]
        one["routes"] = [_route(route, trunks) for route in row.get("Routes") or []]
        one["emergency_rule"] = True
        made.append(one)
    return made


def _did_rules(client: XapiClient, rules: list[dict[str, Any]]) -> dict[str, tuple[Any, ...]]:
    """Identity of the inbound rule that the PBX itself names for each DID (I1)."""
    try:
        found = list(client.did_numbers.iterate(expand=("RoutingRule",)))
    except (Forbidden, NotFound):
        return {}
    known = {rule.get("id"): identity_of(KINDS["inbound_rule"], rule) for rule in rules}
    served = {row.number: row.routing_rule.id for row in found if row.number and row.routing_rule}
    return {number: known[rule] for number, rule in served.items() if rule in known}


def _route(route: Mapping[str, Any], trunks: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "trunk": trunks.get(route.get("TrunkId")),
        "strip_digits": route.get("StripDigits"),
        "prepend": route.get("Prepend"),
        "append": route.get("Append"),
        "caller_id": route.get("CallerID"),
    }


