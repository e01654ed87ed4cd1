"""Selection of PBXs by patterns, as Ansible's --limit spells them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from typing import Final

from pbx_as_code.config.spelling import unknown
from pbx_as_code.fleet.model import CANARIES, Fleet, FleetPbx

EVERYTHING: Final = ("all", "pbxs", "*")


class PatternError(Exception):
    """A pattern names neither a PBX nor a group; its text is one sentence."""


def select(fleet: Fleet, pattern: str) -> list[FleetPbx]:
    """The PBXs that a pattern means, in the order of the file.

    Parameters:
        fleet: to choose from
        pattern: names of PBXs and groups, separated by commas or colons; `*` stands for any letters, `!name` excludes,
            and `&name` keeps only those that are also in it, such as `customers:!acme*:&berlin`

    Raises:
        PatternError: a name is unknown, or nothing is left
    """
    parts = [part.strip() for part in re.split(r"[,:]", pattern) if part.strip()]
    chosen: set[str] = set()
    adding = [part for part in parts if part[0] not in "!&"]
    for part in adding:
        chosen |= _meant(fleet, part)
    if not adding:
        chosen = set(fleet.pbxs)
    for part in parts:
        if part[0] == "&":
            chosen &= _meant(fleet, part[1:])
    for part in parts:
        if part[0] == "!":
            chosen -= _meant(fleet, part[1:])
    if not chosen:
        raise PatternError(f"No PBX of {fleet.path} fits {pattern!r}.")
    return [pbx for name, pbx in fleet.pbxs.items() if name in chosen]


def _meant(fleet: Fleet, name: str) -> set[str]:
    if name in EVERYTHING:
        return set(fleet.pbxs)
    if name == CANARIES:
        return {pbx.name for pbx in fleet.pbxs.values() if pbx.canary}
    if name in fleet.conditions:
        raise PatternError(f"Only Ansible can tell which PBXs are in the group {name}: a condition chooses them.")
    if "*" in name or "?" in name:
        groups = [group for group in fleet.groups if fnmatchcase(group, name)]
        return {pbx for pbx in fleet.pbxs if fnmatchcase(pbx, name)}.union(*map(fleet.members, groups))
    if name in fleet.groups:
        return set(fleet.members(name))
    if name in fleet.pbxs:
        return {name}
    raise PatternError(unknown(f"PBX or group in {fleet.path}", name, (*fleet.pbxs, *fleet.groups)))
