"""Departments: their roles, their members, and who shows their names."""

from __future__ import annotations

from pbx_simulator import knowledge
from pbx_simulator.checks.rules import check_role, members
from pbx_simulator.errors import warning
from pbx_simulator.model.document import Json
from pbx_simulator.state.references import shown_with
from pbx_simulator.state.store import Store

from .registry import deleting, filling, gone, referring, renamed, written

#: Sets whose rows name their department in Group, by its name.
_NAMED_IN = ("Fxs", "Sbcs", "WebsiteLinks")


@filling("Groups")
def fill(_store: Store, _row: Json, _given: Json) -> Json:
    return {"IsDefault": False, "Language": "EN", "Rights": [{"RoleName": role} for role in knowledge.ROLES]}


@referring("Groups")
def check_roles(_store: Store, written: Json, _old: Json | None) -> None:
    """Rights name roles that there are."""
    for rights in written.get("Rights") or ():
        check_role(rights)


@deleting("Groups")
def refuse(store: Store, row: Json) -> None:
    """The default department stays, and one with members."""
    if row.get("IsDefault"):
        raise warning("WARNINGS.GROUP_CANNOT_BE_DELETED", None)
    if members(store, row["Id"]):
        raise warning("WARNINGS.GROUP_WITH_MEMBERS_CANNOT_BE_DELETED", None)


@renamed("Groups")
def show_name(store: Store, row: Json, called: str) -> None:
    """Memberships and outbound rules show the name of a department."""
    for holder, other in list(store.numbered()):
        groups = other.data.get("Groups") or []
        if any(group.get("GroupId") == row["Id"] for group in groups):
            follow = shown_with(groups, "GroupId", row["Id"], {"Name": row.get("Name")})
            store.amend(holder, other.data["Id"], {"Groups": follow})
    for rule in list(store.rows("OutboundRules")):
        ids = rule.data.get("GroupIds") or []
        if row["Id"] in ids:
            names = [
                called if key == row["Id"] else old for key, old in zip(ids, rule.data["GroupNames"], strict=False)
            ]
            store.change("OutboundRules", rule.data["Id"], {"GroupNames": names})


@written("Groups")
def follow_name(store: Store, old: Json, new: Json) -> None:
    """Devices and links name their department by its name."""
    before, after = old.get("Name"), new.get("Name") or ""
    if before and before != after:
        for name in _NAMED_IN:
            for row in list(store.rows(name)):
                if row.data.get("Group") == before:
                    store.change(name, row.data[store.describe(name).key.name], {"Group": after})


@gone("Groups")
def leave(store: Store, row: Json) -> None:
    """Nobody is a member any more, no rule is for it, and its holidays are gone."""
    key = row["Id"]
    for name, holder in list(store.numbered()):
        groups = holder.data.get("Groups") or []
        if any(group.get("GroupId") == key for group in groups):
            store.change(name, holder.data["Id"], {"Groups": [g for g in groups if g.get("GroupId") != key]})
    for user in list(store.rows("Users")):
        if user.data.get("PrimaryGroupId") == key:
            others = [group["GroupId"] for group in user.data.get("Groups") or ()]
            default = (store.default_group() or {}).get("Id")
            store.change("Users", user.data["Id"], {"PrimaryGroupId": next(iter(others), default)})
    for holiday in list(store.rows("Holidays")):
        if holiday.data.get("Group") == row.get("Number"):
            store.remove("Holidays", holiday.data["Id"])
    for rule in list(store.rows("OutboundRules")):
        ids = rule.data.get("GroupIds") or []
        if key in ids:
            left = [(one, name) for one, name in zip(ids, rule.data["GroupNames"], strict=False) if one != key]
            changes = {"GroupIds": [one for one, _ in left], "GroupNames": [name for _, name in left]}
            store.change("OutboundRules", rule.data["Id"], changes)
