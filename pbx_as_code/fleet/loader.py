"""A fleet file as a Fleet. Everything that is wrong with it is found at once."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from threecx_xapi._request.address import base_url
from threecx_xapi.errors import ConfigurationError

from pbx_as_code.config.nodes import ConfigError, Entries, Node, Place, Problem, Scalar
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.spelling import unknown
from pbx_as_code.fleet.model import CANARIES, SECRET_SOURCES, Fleet, FleetGroup, FleetPbx, Layer, SecretReference
from pbx_as_code.fleet.settings import SETTINGS, Level, empty, level, plain, texts
from pbx_as_code.fleet.table import read_table

PLUGIN: Final = "threecx.xapi.fleet"
SECTIONS: Final = ("plugin", "defaults", "groups", "pbxs", "tables", "objects", "parallel", "max_failures")
FOR_ANSIBLE: Final = (
    "compose", "keyed_groups", "strict", "use_extra_vars", "leading_separator",
    "cache", "cache_plugin", "cache_timeout", "cache_connection", "cache_prefix",
)  # fmt: skip
"""Sections that only the inventory plugin reads."""
OBJECTS: Final = ("users", "phones")
RESERVED: Final = ("all", "ungrouped", "pbxs", CANARIES, "localhost", *OBJECTS)
_PBX_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_GROUP_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_IDENTIFIERS: Final = ("client_secret_env", "client_secret_variable")
"""Settings in which a PBX's name may only have letters, digits and underscores."""


def load_fleet(path: Path | str) -> Fleet:
    """Read a fleet file.

    Parameters:
        path: of a YAML file, or of a CSV file with one PBX in each row. Paths in it are relative to its directory

    Raises:
        ConfigError: it cannot be read or does not make sense; every problem is named with its line and column
    """
    path = Path(path)
    loader = _Loader(path)
    content = loader.content(path, Place(str(path), 1, 1))
    if content is None:
        raise ConfigError(loader.problems)
    if path.suffix == ".csv":
        loader.take_pbxs(read_table(content, str(path), SETTINGS | {"groups"}), free_groups=True)
    else:
        root = read_yaml(content, str(path))
        if not isinstance(root, Entries):
            place = Place(str(path), 1, 1) if root is None else root.place
            raise ConfigError([Problem(place, "A fleet file is a structure with the section pbxs.")])
        loader.take(root)
    return loader.finished()


class _Loader:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self._sections: dict[str, Any] = {}
        self._defaults = Level(Place(str(path), 1, 1))
        self._groups: dict[str, Level] = {}
        self._conditions: dict[str, str] = {}
        self._pbxs: dict[str, Level] = {}

    def wrong(self, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message))

    def content(self, path: Path, place: Place) -> bytes | None:
        """The content of a file; None with a problem if there is none."""
        try:
            return path.read_bytes()
        except OSError as error:
            self.wrong(place, f"{path} cannot be read: {error.strerror}.")
            return None

    def take(self, root: Entries) -> None:
        """Take what a file of YAML says."""
        for name in root.values:
            if name not in SECTIONS and name not in FOR_ANSIBLE:
                self.wrong(root.keys[name], unknown("section of a fleet file", name, (*SECTIONS, *FOR_ANSIBLE)))
        sections = root.values
        if (plugin := sections.get("plugin")) and not (isinstance(plugin, Scalar) and plugin.text == PLUGIN):
            self.wrong(plugin.place, f"plugin is {PLUGIN} in a fleet file.")
        if defaults := sections.get("defaults"):
            self._defaults = level(defaults, root.keys["defaults"], "defaults", frozenset(), self.problems)
        if groups := sections.get("groups"):
            self._take_groups(groups)
        if pbxs := sections.get("pbxs"):
            self.take_pbxs(pbxs)
        for table, place in texts(sections["tables"], "tables", self.problems) if "tables" in sections else []:
            content = self.content(self.path.parent / table, place)
            if content is not None:
                try:
                    found = read_table(content, str(self.path.parent / table), SETTINGS | {"groups"})
                except ConfigError as error:
                    self.problems += error.problems
                else:
                    self.take_pbxs(found)
        for name, place in texts(sections["objects"], "objects", self.problems) if "objects" in sections else []:
            if name not in OBJECTS:
                self.wrong(place, unknown("kind of object that can be a host", name, OBJECTS))
            self._sections.setdefault("objects", []).append(name)
        self._sections["for_ansible"] = {
            name: plain(sections[name], self.problems) for name in FOR_ANSIBLE if name in sections
        }
        for name in ("parallel", "max_failures"):
            if name in sections:
                self._sections[name] = self._count(name, sections[name])
        if not self._pbxs and not self.problems:
            self.wrong(root.place, "There is no PBX: the section pbxs is missing or empty.")

    def _count(self, name: str, node: Node) -> int | None:
        text = node.text if isinstance(node, Scalar) else ""
        if text.isascii() and text.isdigit() and 0 < int(text) <= 10_000:
            return int(text)
        self.wrong(node.place, f"{name} is a whole number from 1 to 10000.")
        return None

    def _take_groups(self, node: Node) -> None:
        if not isinstance(node, Entries):
            for name, place in texts(node, "groups", self.problems):
                self._groups[name] = Level(place)
        else:
            for name, value in node.values.items():
                place = node.keys[name]
                if isinstance(value, Scalar) and not empty(value):
                    self._conditions[name] = value.text
                else:
                    self._groups[name] = level(value, place, f"group {name}", frozenset({"children"}), self.problems)
        for name in (*self._groups, *self._conditions):
            place = self._groups[name].place if name in self._groups else node.place
            if name in RESERVED or not _GROUP_NAME.fullmatch(name):
                self.wrong(place, f"{name!r} cannot be the name of a group. Use letters, digits and underscores.")

    def take_pbxs(self, node: Node, *, free_groups: bool = False) -> None:
        """Take PBXs by their names. With free_groups, a group exists because a PBX names it."""
        if empty(node):
            return
        if not isinstance(node, Entries):
            self.wrong(node.place, "pbxs is a structure whose keys are the names of the PBXs.")
            return
        for name, value in node.values.items():
            place = node.keys[name]
            if not _PBX_NAME.fullmatch(name) or name in RESERVED:
                self.wrong(place, f"{name!r} cannot be the name of a PBX. Use letters, digits, dots and hyphens.")
            elif name in self._pbxs:
                self.wrong(place, f"{name} is there twice; the first is at {self._pbxs[name].place}.")
            else:
                found = level(value, place, f"PBX {name}", frozenset({"groups"}), self.problems)
                self._pbxs[name] = found
                for group, at in found.groups if free_groups else []:
                    if not _GROUP_NAME.fullmatch(group) or group in RESERVED:
                        self.wrong(at, f"{group!r} cannot be the name of a group.")
                    self._groups.setdefault(group, Level(at))

    def finished(self) -> Fleet:
        """The fleet.

        Raises:
            ConfigError: with everything that is wrong
        """
        self._check_groups()
        if self.problems:  # what follows would only repeat them
            raise ConfigError(self.problems)
        depths = {name: self._depth(name) for name in self._groups}
        pbxs = {name: self._pbx(name, one, depths) for name, one in self._pbxs.items()}
        addresses: dict[str, str] = {}
        for name, pbx in pbxs.items():
            if pbx is not None and (other := addresses.setdefault(pbx.url, name)) != name:
                self.wrong(pbx.place, f"{name} and {other} have the same address, {pbx.url}.")
        if self.problems:
            raise ConfigError(self.problems)
        groups = {
            name: FleetGroup(name, one.place, tuple(child for child, _ in one.children), one.variables)
            for name, one in self._groups.items()
        }
        sections = {**self._sections, "objects": tuple(self._sections.get("objects", ()))}
        found = {name: pbx for name, pbx in pbxs.items() if pbx is not None}
        return Fleet(self.path, found, groups, self._conditions, self._defaults.variables, **sections)

    def _check_groups(self) -> None:
        for name, one in self._pbxs.items():
            if name in self._groups or name in self._conditions:
                self.wrong(one.place, f"{name} is the name of a PBX and of a group. Rename one of them.")
            for group, place in one.groups:
                if group not in self._groups:
                    self.wrong(place, f"{unknown('group', group, self._groups)} List it in the section groups.")
        for one in self._groups.values():
            for child, place in one.children:
                if child not in self._groups:
                    self.wrong(place, f"{unknown('group', child, self._groups)} List it in the section groups.")
        for name, one in self._groups.items():
            if name in self._within(name):
                self.wrong(one.place, f"The group {name} is within itself.")

    def _within(self, name: str) -> set[str]:
        """The groups within a group, at any depth."""
        found, left = set[str](), [child for child, _ in self._groups[name].children]
        while left:
            child = left.pop()
            if child in self._groups and child not in found:
                found.add(child)
                left += [inner for inner, _ in self._groups[child].children]
        return found

    def _depth(self, name: str) -> int:
        return sum(name in self._within(other) for other in self._groups)

    def _pbx(self, name: str, own: Level, depths: Mapping[str, int]) -> FleetPbx | None:
        names = {group for group, _ in own.groups}
        names |= {outer for outer in self._groups if names & self._within(outer)}
        groups = sorted((group for group in self._groups if group in names), key=lambda group: depths[group])
        values: dict[str, tuple[Any, Place]] = dict(self._defaults.values)
        layers = [*values.pop("layers", ([], own.place))[0]]
        said: dict[str, tuple[int, str]] = {}
        for group in groups:
            settings = dict(self._groups[group].values)
            layers += settings.pop("layers", ([], own.place))[0]
            self._check_conflicts(name, own, group, depths[group], settings, said)
            _override(values, settings)
        settings = dict(own.values)
        layers += settings.pop("layers", ([], own.place))[0]
        _override(values, settings)
        filled = {key: (self._filled(name, key, value, at), at) for key, (value, at) in values.items()}
        source = next((source for source in SECRET_SOURCES if source in filled), None)
        for missing in [key for key in ("url", "client_id") if key not in filled]:
            self.wrong(own.place, f"{name} has no {missing}. Give it here, in a group, in defaults or in a profile.")
        if source is None:
            self.wrong(own.place, f"{name} has no client secret. Name where it is: {', '.join(SECRET_SOURCES)}.")
        url = self._url(*filled["url"]) if "url" in filled else None
        if url is None or source is None or "client_id" not in filled:
            return None
        value, at = filled[source]
        base = self.path.parent
        return FleetPbx(
            name, own.place, url, filled["client_id"][0],
            secret=SecretReference(source, "" if source == "keyring" else value, at),
            ca_path=str(base / filled["ca_path"][0]) if "ca_path" in filled else None,
            validate_certs=filled.get("validate_certs", (True, at))[0],
            layers=tuple(self._layers(name, layers)),
            limits=filled.get("limits", ({}, at))[0],
            canary=filled.get("canary", (False, at))[0],
            groups=tuple(group for group, _ in own.groups),
            variables=own.variables,
        )  # fmt: skip

    def _layers(self, name: str, named: Sequence[tuple[str, Place]]) -> Iterator[Layer]:
        """The layers of all levels, each once."""
        seen: dict[Path, Place] = {}
        for text, place in named:
            path = self.path.parent / self._filled(name, "layers", text, place)
            first = seen.setdefault(path.absolute(), place)
            if first is not place:
                message = f"{name} has the layer {text} already, from {first}. Layers add up: name it once."
                self.wrong(place, message)
            yield Layer(path, place)

    def _check_conflicts(
        self,
        name: str,
        own: Level,
        group: str,
        depth: int,
        settings: Mapping[str, Any],
        said: dict[str, tuple[int, str]],
    ) -> None:
        """Refuse a setting that two groups of the same depth give differently, unless the PBX decides."""
        for setting in settings:
            kind = "client secret" if setting in SECRET_SOURCES else setting
            if kind in said and said[kind][0] == depth:
                other = said[kind][1]
                decided = setting in own.values or (
                    kind == "client secret" and any(source in own.values for source in SECRET_SOURCES)
                )
                if not decided and self._groups[other].values.get(setting, (None,))[0] != settings[setting][0]:
                    message = f"{name}: its groups {other} and {group} both give {kind}. Give it for {name} itself."
                    self.wrong(own.place, message)
            said[kind] = (depth, group)

    def _url(self, text: str, place: Place) -> str | None:
        try:
            return base_url(text)
        except ConfigurationError as error:
            self.wrong(place, str(error))
            return None

    def _filled(self, name: str, setting: str, value: Any, place: Place) -> Any:
        """A value with the name of the PBX in the place of {name} and {NAME}."""
        if isinstance(value, tuple):
            return tuple(self._filled(name, setting, part, place) for part in value)
        if not isinstance(value, str):
            return value
        word = re.sub(r"\W", "_", name) if setting in _IDENTIFIERS and "[" not in value else name
        known = {"name": word, "NAME": re.sub(r"\W", "_", name).upper()}
        for wrong in [found for found in _PLACEHOLDER.findall(value) if found not in known]:
            message = f"{{{wrong}}} has no meaning in {setting}; {{name}} and {{NAME}} stand for the name of the PBX."
            self.wrong(place, message)
        return _PLACEHOLDER.sub(lambda found: known.get(found[1], found[0]), value)


def _override(values: dict[str, tuple[Any, Place]], more: Mapping[str, tuple[Any, Place]]) -> None:
    """Add the settings of an inner level; its secret takes the place of any other kind of secret."""
    if any(source in more for source in SECRET_SOURCES):
        for source in SECRET_SOURCES:
            values.pop(source, None)
    values.update(more)
