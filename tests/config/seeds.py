"""Credentials planted into every secret property of a simulated PBX."""

from __future__ import annotations

from itertools import count
from typing import Any

from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.description import EntityDescription, Property
from pbx_simulator import SimulatedPbx
from pbx_simulator.seeds.seed import SeedError

CANARY = "canary-7c1f"  # invented
_NUMBERS = count(1)

TEXTS = (
    "yes", "NO", "on", "true", "0123", "1e3", "~", "null", "0x1F", "0o17", "1_000", "+1", "1.", "-", "12:30:45",
    "2024-01-01", ".inf", "!secret x", "!remove", "{{ x }}", "{% if %}", "{# c #}", "a: b", "# c", "- x", '"q"', "it's",
    "Ünï \"çode\"", "e\u0301", "😀 👩\u200d👧", "trail  ", "  lead", "\u00a0nbsp", "\u2028separator", "\u0085line",
    "\ufeffmark", "x" * 60, "\\back", "%pct", "@at", "`tick", "*star", "&amp", "|pipe", ">gt", "?q", "[a]", "{a}", "=",
    "<<", "---", "...",
)  # fmt: skip
"""Texts that YAML, expressions or markers could take for something else."""
STRANGE: dict[str, Any] = {
    "Defs": {"TimeZones": [{"Id": "51", "Name": "Rome", "IanaName": "Europe/Rome"}]},
    "Groups": [
        {"Name": "Zentrale", "IsDefault": True},
        *({"Name": text, "TimeZoneId": "51"} for text in (
            "Sales", "yes", "0123", "~", 'A "q": b', "{{ x }}", "!secret y", "😀", "# c", "1e3", "a/b", "..", "CON",
            ".hidden", "trail ", "a\\b", "x" * 120,
        )),
    ],
    "PromptSets": [],
    "Users": [
        *(
            {"Number": str(1000 + n), "FirstName": text, "LastName": TEXTS[-n - 1]}
            | ({} if n % 3 else {"PrimaryGroupId": None})
            for n, text in enumerate(TEXTS)
        ),
        {"Number": "1900", "FirstName": "tab\there", "LastName": "line\nbreak\r\n"},
        {"$times": 200, "$from": 2000, "Number": "{n}", "FirstName": "Agent"},
    ],
    "Queues": [
        {"Number": "800", "Name": "Large", "Agents": [{"Number": str(2000 + n)} for n in range(200)]},
        {"Number": "801", "Name": "{{ y }}", "Agents": []},
    ],
    "RingGroups": [{"Number": "810", "Name": "yes", "Members": []}],
    "Contacts": [{"FirstName": text, "LastName": text, "CompanyName": "C"} for text in TEXTS],
    "Parameters": [{"Name": f"P{n}", "Value": text, "Description": text} for n, text in enumerate(TEXTS)],
    "BlackListNumbers": [
        {"Id": str(n), "CallerId": f"+155{n:04d}*", "Description": text} for n, text in enumerate(TEXTS)
    ],
    "Holidays": [
        {
            "Name": "New Year's", "Group": "Zentrale", "Day": 24, "Month": 12, "DayEnd": 2, "MonthEnd": 1, "Year": 0,
            "YearEnd": 0, "IsRecurrent": True, "TimeOfStartDate": "PT0S", "TimeOfEndDate": "PT23H59M",
        },
        {
            "Name": "yes", "Group": "Zentrale", "Day": 29, "Month": 2, "DayEnd": 29, "MonthEnd": 2, "Year": 2028,
            "YearEnd": 2028, "IsRecurrent": False, "TimeOfStartDate": "PT9H", "TimeOfEndDate": "P1D",
        },
    ],
    "OutboundRules": [{"Name": text, "Priority": 5, "Prefix": str(n)} for n, text in enumerate(TEXTS[:25])],
}  # fmt: skip
"""A seed of a PBX on which everything has an odd name."""


def plant(simulated: SimulatedPbx) -> set[str]:
    """Put a credential into every secret property of the first rows; the properties that hold one now."""
    planted: set[str] = set()
    for kind in KINDS.values():
        about = kind.description
        place = about.entity_set if isinstance(about, EntityDescription) else about.singleton
        try:
            rows = simulated.entities(place)
        except KeyError:
            continue
        for row in rows[:2]:
            for path in sorted(kind.secrets):
                if _put(simulated, place, kind, row, path):
                    planted.add(f"{kind.name}.{path}")
    return planted


def _put(simulated: SimulatedPbx, place: str, kind: ConfigKind, row: dict[str, Any], path: str) -> bool:
    changed = dict(row)
    if not _set(changed, kind.description.properties, path.split(".")):
        return False
    try:
        simulated.put(place, changed)
    except (KeyError, SeedError, ValueError):
        return False
    row.update(changed)
    return True


def _set(structure: dict[str, Any], properties: tuple[Property, ...], path: list[str]) -> bool:
    prop = next(one for one in properties if one.option == path[0])
    if len(path) == 1:
        if prop.kind not in ("str", "concealed") or prop.many:
            return False
        structure[prop.name] = CANARY if prop.kind == "str" else {"Concealed": False, "Value": CANARY}
        return True
    inner = structure.get(prop.name)
    if prop.many:
        new = {name: f"0a1b2c3d{next(_NUMBERS):04x}" for name in prop.item_key}  # a MAC address, or any other text
        items = [dict(item) for item in inner or ()] or [new]
        done = [_set(item, prop.fields, path[1:]) for item in items]
        structure[prop.name] = items
        return any(done)
    structure[prop.name] = dict(inner or {})
    return _set(structure[prop.name], prop.fields, path[1:])
