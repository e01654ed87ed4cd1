"""A clone: the files of another PBX, with other numbers and names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from threecx_xapi.releases import lacks

from pbx_as_code.cloning.hints import Hint, OldNames, hints
from pbx_as_code.cloning.mapping import CloneMap
from pbx_as_code.cloning.markers import renamed_markers
from pbx_as_code.cloning.names import Names
from pbx_as_code.cloning.ranges import Pair, range_problems
from pbx_as_code.cloning.references import inherited, unresolved
from pbx_as_code.cloning.values import Changed, Values
from pbx_as_code.config.checks import check, doubts_of, titled
from pbx_as_code.config.configuration import Configuration, Definition, identity_of, spelled, title_of
from pbx_as_code.config.exporting.emitter import emit
from pbx_as_code.config.exporting.filing import filed, order_of
from pbx_as_code.config.kinds import KINDS, SECTIONS
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError, Problem
from pbx_as_code.config.planning.naming import Naming

_KEPT: Final = ("removal", "limits", "time_zone")
"""Options of the section pbx that a clone keeps as they are."""


@dataclass(frozen=True)
class Target:
    """Facts about the PBX that the clone is for; None for unknown ones.

    Attributes:
        url: its address
        identity: its FQDN
        release: such as 20.0.8
        own_number: number of the service principal that signs in there
    """

    url: str | None = None
    identity: str | None = None
    release: str | None = None
    own_number: str | None = None


@dataclass
class Clone:
    """The result.

    Attributes:
        files: content by path
        configuration: that the files declare
        changed: number of changed values by their meaning, such as number or domain
        required: names of objects that the target must have, by kind
        unresolved: references to objects that neither the files declare nor `required` lists, and telephone numbers of
            the source that stay although the map changes others
        left_out: object, option and reason of each value that is not copied
        hints: texts that contain an old number or name
        secrets: new names of markers, by those in the source
        names: old and new numbers and names
        olds: those that change, to be found in texts
    """

    files: dict[str, str] = field(default_factory=dict)
    configuration: Configuration = field(default_factory=Configuration)
    changed: dict[str, int] = field(default_factory=dict)
    required: dict[str, list[str]] = field(default_factory=dict)
    unresolved: list[str] = field(default_factory=list)
    left_out: list[tuple[str, str, str]] = field(default_factory=list)
    hints: list[Hint] = field(default_factory=list)
    secrets: dict[str, str] = field(default_factory=dict)
    names: Names = field(init=False)
    olds: OldNames = field(init=False)


def clone(source: Configuration, wanted: CloneMap, target: Target | None = None) -> Clone:
    """Make the files of another PBX.

    Parameters:
        source: without problems
        wanted: what changes
        target: what is known about the PBX that they are for

    Raises:
        ConfigError: the map does not fit the source, or the result has problems; every one is named
    """
    return _Cloning(source, wanted, target or Target()).clone()


class _Cloning:
    def __init__(self, source: Configuration, wanted: CloneMap, target: Target) -> None:
        self._source, self._map, self._target = source, wanted, target
        self._names = Names(source, wanted)
        self._changed = Changed()
        self._made = Clone()

    def clone(self) -> Clone:
        pairs = self._pairs()
        objects: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for one, new in pairs:
            objects[one.kind.name].append(new)
        for name, listed in objects.items():
            listed.sort(key=partial(order_of, KINDS[name]))
        self._made.secrets = renamed_markers(pairs)
        self._made.required = self._required()
        about = self._about()
        self._check(pairs)
        contents = filed(objects)
        contents["required.yml"] = {"required": self._made.required} if self._made.required else {}
        contents["pbx.yml"] = {"pbx": about} if about else {}
        self._made.files = {path: emit(content) for path, content in sorted(contents.items()) if content}
        self._load()
        self._made.changed = self._changed.count
        self._made.left_out += self._changed.left_out
        self._made.names = self._names
        self._made.olds = OldNames(self._source, self._names, self._map)
        self._made.hints = sorted(hints(self._changed.texts, self._made.olds), key=str)
        return self._made

    def _pairs(self) -> list[Pair]:
        """Objects of the source, with the options of their clones."""
        values = Values(self._names, Naming(self._source, {}), self._target.release, self._changed)
        pairs: list[Pair] = []
        for one in self._source.definitions:
            since = one.kind.description.since
            if since is not None and lacks(self._target.release, since):
                self._made.left_out.append((one.title, "", f"releases before {since} do not have it"))
            else:
                pairs.append((one, values.of(one)))
        return pairs

    def _required(self) -> dict[str, list[str]]:
        new_of = {"system_extensions": self._names.number, "prompt_sets": self._names.prompt_set}
        return {
            section: sorted({new_of.get(section, str)(name) for name in names})
            for section, names in sorted(self._source.required.items())
            if names
        }

    def _about(self) -> dict[str, Any]:
        """The section pbx: nothing that says which PBX the source is."""
        source, target = self._source.pbx, self._target
        about: dict[str, Any] = {}
        for option, known in (("url", target.url), ("identity", target.identity), ("release", target.release)):
            old = source.get(option)
            new = known or (self._names.host(str(old)) if old else None)
            if new and (known or new != old):
                about[option] = new
        if source.get("default_department"):
            about["default_department"] = self._names.department(source["default_department"])
        about |= {option: source[option] for option in _KEPT if source.get(option) is not None}
        zones = {self._names.department(name): zone for name, zone in source.get("time_zones", {}).items()}
        about |= {"time_zones": zones} if zones else {}
        prune = [self._pattern(one) for one in source.get("prune", ())]
        about |= {"prune": prune} if prune else {}
        if self._source.pbx.get("undeclared"):
            about["undeclared"] = sorted({self._renamed(name) for name in self._source.pbx["undeclared"]})
        if self._source.complete:
            about["complete"] = sorted(KINDS[name].section for name in self._source.complete)
        return about

    def _renamed(self, name: str) -> str:
        return self._names.department(self._names.number(name))

    def _pattern(self, text: str) -> str:
        """A pattern of objects that may be removed, with its new name."""
        kind, colon, name = text.partition(":")
        if not colon:
            return text
        if kind == "department":
            return f"{kind}:{self._names.department(name)}"
        numbered = kind in SECTIONS and SECTIONS[kind].identity == ("number",)
        return f"{kind}:{self._names.number(name)}" if numbered else text

    def _check(self, pairs: list[Pair]) -> None:
        problems = [*self._names.collisions(), *range_problems(pairs, self._names), *self._changed.problems]
        problems += self._names.complaints()
        own = self._target.own_number
        for one, new in pairs:
            if own is not None and new.get("number") == own and one.kind.identity == ("number",):
                message = f"{one.title} gets the number {own}, with which threecx signs in to the target."
                problems.append(Problem(one.place_of("number"), message))
        problems += self._twice(pairs)
        if problems:
            raise ConfigError(list(dict.fromkeys(problems)))

    @staticmethod
    def _twice(pairs: list[Pair]) -> list[Problem]:
        """Objects that would have one identity, such as holidays of two departments that become one."""
        seen: dict[tuple[str, str], Definition] = {}
        found = []
        for one, new in pairs:
            identity = identity_of(one.kind, new)
            first = seen.setdefault((one.kind.name, repr(identity)), one)
            named = one.kind.settings or one.kind.identity == ("number",) or one.kind.name == "group"  # see Names
            if first is not one and not named and first.identity != one.identity:
                message = (
                    f"{first.title} at {first.place} and {one.title} would both be {title_of(one.kind, identity)}."
                )
                found.append(Problem(one.place, message))
        return found

    def _kept(self) -> Iterator[str]:
        for one, path, value in self._changed.kept:
            option = spelled(path)
            yield f"{one.place_of(*path)}: {one.title}: {option} is still {value}: no line of dids is about it."

    def _load(self) -> None:
        """Read the files as threecx will, and look for references that nothing resolves."""
        made = load_sources([(path, text.encode()) for path, text in self._made.files.items()], strict=False)
        doubts = [one for one in doubts_of(made) if one.refused]
        self._list(inherited(doubts, self._source), made)
        told = (f"{one.problem.place}: {title}: {one.problem.message}" for title, one in titled(doubts))
        self._made.unresolved = [*unresolved(made), *told, *self._kept()]
        problems = check(made)
        if problems:
            raise ConfigError(problems)
        self._made.configuration = made

    def _list(self, values: set[str], made: Configuration) -> None:
        """List values that no task could set, as the source has them, with their new names."""
        listed = list(made.pbx.get("undeclared", ()))
        if values.difference(listed):
            made.pbx["undeclared"] = sorted(values.union(listed))
            about = {**self._about(), "undeclared": made.pbx["undeclared"]}
            self._made.files = dict(sorted({**self._made.files, "pbx.yml": emit({"pbx": about})}.items()))
