"""Change the names and numbers in the options of an object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from threecx_xapi.releases import lacks

from pbx_as_code.cloning.names import Names
from pbx_as_code.cloning.roles import Role, role_of
from pbx_as_code.config.configuration import Definition, spelled
from pbx_as_code.config.exporting.declared import options_in_order
from pbx_as_code.config.kinds import ConfigKind, Reason
from pbx_as_code.config.nodes import Problem
from pbx_as_code.config.planning.naming import Naming
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property

Path = tuple[str | int, ...]
_DIGITS: Final = re.compile(r"[0-9]+")


@dataclass
class Changed:
    """Results of changing objects.

    Attributes:
        count: number of values that were changed, by role
        texts: object, option and value of each text that stays
        kept: the same of each telephone number of the PBX itself that stays although the map changes others
        left_out: options that the target does not get, and why, by the title of the new object
        problems: values that cannot be changed
    """

    count: dict[str, int] = field(default_factory=dict)
    texts: list[tuple[Definition, Path, str]] = field(default_factory=list)
    kept: list[tuple[Definition, Path, str]] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Values:
    """Changes the values of objects."""

    def __init__(self, names: Names, naming: Naming, release: str | None, changed: Changed) -> None:
        """The way values are changed.

        Parameters:
            names: old and new ones
            naming: usual names of objects that references name
            release: of the target; None if it is not known
            changed: filled with what is found
        """
        self._names, self._naming, self._release, self._changed = names, naming, release, changed
        self._new_of: Mapping[Role, Callable[[str], str]] = {
            Role.NUMBER: names.number,
            Role.BOUND: names.bound,
            Role.NUMBERS: lambda text: _DIGITS.sub(lambda found: names.number(found[0]), text),
            Role.OWN_TELEPHONE: lambda text: names.telephone(text, own=True),
            Role.TELEPHONE: lambda text: names.telephone(text, own=False),
            Role.TRUNK: names.number,
            Role.DEPARTMENT: names.department,
            Role.LANGUAGE: names.language,
            Role.PROMPT_SET: names.prompt_set,
            Role.EMAIL: names.email,
            Role.TEXT: names.host,
        }

    def of(self, one: Definition) -> dict[str, Any]:
        """The new options of an object.

        Parameters:
            one: of the source
        """
        return self._structure(one, options_in_order(one.kind), one.values, "", ())

    def _structure(
        self, one: Definition, properties: Iterable[Property], values: Mapping[str, Any], within: str, path: Path
    ) -> dict[str, Any]:
        known = {prop.option: prop for prop in properties}
        made: dict[str, Any] = {}
        for option, value in values.items():
            prop, where = known[option], within + option
            if value is not None and self._newer(one, prop, value, where):
                continue
            if isinstance(value, list):
                new: Any = [
                    self._value(one, prop, item, where, (*path, option, number), values)
                    for number, item in enumerate(value)
                ]
            else:
                new = self._value(one, prop, value, where, (*path, option), values)
            left_out = one.kind.left_out.get(where)
            if left_out is not None and value is not None and new == value and option not in one.kind.identity:
                why = "it applies to one PBX only" if left_out.reason is Reason.BOUND else "it is a state"
                self._changed.left_out.append((one.title, where, why))
                continue
            made[option] = new
        held = [option for option in known if option in made]
        held.sort(key=lambda option: isinstance(made[option], Secret))
        return {option: made[option] for option in held}  # in the order of an export

    def _newer(self, one: Definition, prop: Property, value: Any, where: str) -> bool:
        """Whether the release of the target does not have an option or its value."""
        since = prop.since
        if not lacks(self._release, since):
            given = value if isinstance(value, list) else str(value).split(", ")
            since = next((first for choice, first in prop.newer if choice in given), None)
        if not lacks(self._release, since) or where in one.kind.identity:
            return False
        self._changed.left_out.append((one.title, where, f"releases before {since} do not have it"))
        return True

    def _value(
        self, one: Definition, prop: Property, value: Any, where: str, path: Path, around: Mapping[str, Any]
    ) -> Any:
        if isinstance(value, dict):
            return self._structure(one, prop.fields, value, f"{where}.", path)
        if not isinstance(value, str) or not value:
            return value
        role = _role(one.kind, where, prop, around)
        if role is Role.TRUNK_NAME:
            new = self._names.trunk_name(value, str(one.values.get("number")))
        elif role is Role.NOTHING:
            return value
        else:
            usual = self._naming.usual(prop, value) if prop.reference is not None else value
            new = self._new_of[role](usual)
            self._check_ending(one, role, value, path)
        if new == value and role is Role.TEXT:
            self._changed.texts.append((one, path, value))
        elif new == value and role is Role.OWN_TELEPHONE and self._names.maps_dids:
            self._changed.kept.append((one, path, value))
        elif new != value:
            self._changed.count[role.value] = self._changed.count.get(role.value, 0) + 1
        return new

    def _check_ending(self, one: Definition, role: Role, value: str, path: Path) -> None:
        if role is Role.OWN_TELEPHONE and value.startswith("*") and len(self._names.endings(value)) > 1:
            message = (
                f"{spelled(path)}: DIDs that end with {value.removeprefix('*')} get different ends. Add a line for "
                f'"{value}" to dids of the map.'
            )
            self._changed.problems.append(Problem(one.place_of(*path), message))


def _role(kind: ConfigKind, where: str, prop: Property, around: Mapping[str, Any]) -> Role:
    role = role_of(kind.name, where, prop)
    if prop.option == "data" and around.get("condition") == "BasedOnDID":
        return Role.OWN_TELEPHONE
    if role is Role.BOUND and around.get("to", "") in ("", None, around.get("from")) and "from" in around:
        return Role.NUMBER  # a range of one number
    return role
