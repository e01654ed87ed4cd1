"""Directories of files as a configuration. Every file is read whatever is wrong with the others, so that all is said at
once.
"""

from __future__ import annotations

import os
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from pbx_as_code.config.checks import check
from pbx_as_code.config.configuration import (
    Configuration,
    Defaults,
    Definition,
    Identity,
    identity_of,
    name_of,
    title_of,
    value_at,
)
from pbx_as_code.config.kinds import RENAMED_FROM, SECTIONS, ConfigKind
from pbx_as_code.config.layering.contents import Contents
from pbx_as_code.config.layering.defaults import items_with_defaults, with_defaults, without
from pbx_as_code.config.layering.merge import merged
from pbx_as_code.config.nodes import ConfigError, Entries, Items, Node, Place, Problem, Removal, Scalar
from pbx_as_code.config.parsed import ParsedFiles, read_root
from pbx_as_code.config.reader import without_collection
from pbx_as_code.config.rules import rule
from pbx_as_code.config.spelling import unknown
from pbx_as_code.config.time_zones import time_zone, time_zones
from pbx_as_code.config.values import Typing
from pbx_as_code.config.variables import VARIABLES, Variables, variables_of

EXPECTATIONS: Final = "calls.yml"
"""File in the directory of a configuration that has expectations about calls."""
ENDINGS: Final = (".yml", ".yaml")


@dataclass
class Layer:
    """A directory as it was read."""

    name: str = ""
    """As the user named it; empty if it is the only one."""
    base: Path = field(default_factory=Path)
    """Directory to which the paths of its files are relative."""
    sources: list[tuple[str, bytes]] = field(default_factory=list)
    """Relative path and content of each file."""
    roots: dict[str, Entries] = field(default_factory=dict)
    """The structure of each file that is not empty, once it is loaded; that of the variables too."""
    file: Path | None = None
    """The only file of the layer, if it is one file and not a directory."""


def files_of(directory: Path) -> list[Path]:
    """The files of a configuration, sorted; hidden files and directories are none of it, and neither is calls.yml.

    Raises:
        ConfigError: there is no such directory, or a part of it cannot be read
    """
    if not directory.is_dir():
        message = "There is no such directory. Name the directory that holds the files of one PBX."
        raise ConfigError([Problem(Place(str(directory), 1, 1), message)])
    unreadable: list[Problem] = []
    chosen: list[tuple[Path, Path]] = []
    read = {directory.resolve()}
    waiting = [directory]
    for folder in waiting:
        for path in sorted(folder.iterdir(), key=Path.is_symlink):  # links last: they may lead to what is read anyway
            short = path.relative_to(directory)
            problem = ""
            if path.name.startswith(".") or path == directory / EXPECTATIONS:
                continue
            if path.is_dir():
                problem = _unreadable(path, read)
                waiting += [] if problem else [path]
                read.add(path.resolve())
            elif path.suffix.lower() in ENDINGS:
                problem = "" if path.exists() else "This is a link to a file that is missing."
                chosen += [(short, path)] if path.is_file() else []
            if problem:
                unreadable.append(Problem(Place(short.as_posix(), 1, 1), problem))
    if unreadable:
        raise ConfigError(unreadable)
    return [path for _, path in sorted(chosen)]


def _unreadable(path: Path, read: set[Path]) -> str:
    """Why a directory is not read, although its objects would pass for deleted ones then; empty if it can be."""
    if not os.access(path, os.R_OK | os.X_OK):
        return "This directory cannot be read."
    if path.resolve() in read:
        return "This link leads to a directory that is read already. Delete the link."
    return ""


def load(directory: Path) -> Configuration:
    """Read every file of a directory.

    Parameters:
        directory: of the configuration; how it is split into files does not matter. It may be a single file.

    Raises:
        ConfigError: something cannot be read or does not fit its description; every problem is named
    """
    return load_layers([directory])


def load_layers(
    directories: Sequence[Path], *, named: bool = False, parsed: ParsedFiles | None = None, strict: bool = True
) -> Configuration:
    """Read several directories as one configuration: later ones win, leaf by leaf.

    Parameters:
        directories: from the lowest layer, such as a standard, to the highest, that of the PBX; each may be one file
        named: whether places name the layer even if there is only one
        parsed: files that other configurations of the same run share
        strict: whether values that no task can set are problems; otherwise they are kept, and a plan decides

    Raises:
        ConfigError: see load; a directory is named twice, or is within another
    """
    return loaded(read_layers(directories, named=named), parsed, strict=strict)


def read_layers(directories: Sequence[Path], *, named: bool = False) -> list[Layer]:
    """Read the files of several directories, without understanding them yet; see load_layers."""
    _check_apart(directories)
    unreadable: list[Problem] = []
    layers = []
    for directory in directories:
        files = [directory] if directory.is_file() else files_of(directory)
        base = directory.parent if directory.is_file() else directory
        layer = Layer(base.as_posix() if named or len(directories) > 1 else "", base)
        layer.file = directory if directory.is_file() else None
        for path in files:
            name = path.relative_to(base).as_posix()
            try:
                layer.sources.append((name, path.read_bytes()))
            except OSError as error:
                place = Place(name, 1, 1, layer.name)
                unreadable.append(Problem(place, f"It cannot be read: {error.strerror}."))
        layers.append(layer)
    if unreadable:
        raise ConfigError(unreadable)
    return layers


def _check_apart(directories: Sequence[Path]) -> None:
    """Refuse layers that share files."""
    seen: list[Path] = []
    for directory in directories:
        whole = directory.resolve()
        for other in seen:
            if whole == other:
                message = "This layer is named twice. Name each directory once, the lowest first."
                raise ConfigError([Problem(Place(str(directory), 1, 1), message)])
            if whole in other.parents or other in whole.parents:
                inner, outer = (whole, other) if other in whole.parents else (other, whole)
                message = f"{inner} is within {outer}, so that its files would be in both layers. Keep layers apart."
                raise ConfigError([Problem(Place(str(directory), 1, 1), message)])
        seen.append(whole)


def load_sources(sources: list[tuple[str, bytes]], *, strict: bool = True) -> Configuration:
    """A configuration from what the files of one directory hold: pairs of relative path and content.

    Raises:
        ConfigError: see load
    """
    return loaded([Layer(sources=sources)], strict=strict)


def loaded(layers: list[Layer], parsed: ParsedFiles | None = None, *, strict: bool = True) -> Configuration:
    """The configuration of layers that were read; fills in their roots.

    Parameters:
        layers: from the lowest
        parsed: files that other configurations of the same run share
        strict: see load_layers

    Raises:
        ConfigError: see load
    """
    with without_collection():
        return _loaded(layers, parsed, strict)


def _loaded(layers: list[Layer], parsed: ParsedFiles | None, strict: bool) -> Configuration:
    problems: list[Problem] = []
    for layer in layers:
        for file, content in layer.sources:
            try:
                if parsed is None:
                    root = read_root(content, file, layer.name)
                else:
                    root = parsed.root(content, layer.base, file, layer.name)
            except ConfigError as error:
                problems.extend(error.problems)
            else:
                layer.roots.update({} if root is None else {file: root})
    return configuration_of(layers, problems, strict=strict)


def configuration_of(layers: list[Layer], problems: list[Problem], *, strict: bool = True) -> Configuration:
    """The configuration of layers whose roots are known.

    Parameters:
        layers: with their roots
        problems: found before
        strict: see load_layers

    Raises:
        ConfigError: there are problems
    """
    variables = variables_of(_variables(layers), problems)
    contents = []
    for layer in layers:
        contents.append(Contents(problems))
        for file, root in layer.roots.items():
            if file not in VARIABLES:
                variables.render(root, problems)
                contents[-1].take(root)
    return _Loader(merged(contents, problems), problems, strict).configuration()


def _variables(layers: list[Layer]) -> Entries:
    """The variables of all layers, which count in the files of all layers; those of later layers win."""
    whole = Entries(Place(VARIABLES[0], 1, 1))
    for layer in layers:
        for file in VARIABLES:
            root = layer.roots.get(file)
            if root is not None:
                whole.values.update(root.values)
                whole.keys.update(root.keys)
    return whole


def load_nodes(root: Entries, *, strict: bool = True) -> Configuration:
    """The same from one structure that is no file, such as an option of an Ansible task.

    Raises:
        ConfigError: see load
    """
    problems: list[Problem] = []
    contents = Contents(problems)
    Variables({}).render(root, problems)
    contents.take(root)
    return _Loader(merged([contents], problems), problems, strict).configuration()


class _Everything:
    """Container of every text."""

    def __contains__(self, text: object) -> bool:
        return True


class _Loader:
    """Types what the files say."""

    def __init__(self, contents: Contents, problems: list[Problem], strict: bool) -> None:
        self._contents = contents
        self._accepted: Container[str] = () if strict else _Everything()
        self._problems = problems
        self._whole = not problems
        """Whether everything that is declared is known, be it right or wrong."""
        self._made = Configuration()
        self._defaults: dict[str, dict[str, Any]] = {}
        self._of_items: dict[str, dict[str, dict[str, Any]]] = {}
        self._seen: dict[tuple[str, Any], tuple[Definition, Node]] = {}

    def configuration(self) -> Configuration:
        """The configuration.

        Raises:
            ConfigError: something is wrong with it, or was before
        """
        for name, value in self._contents.pbx.items():
            self._pbx(name, value)
        self._accepted = self._accepted or frozenset(self._made.pbx.get("undeclared", ()))
        self._take_defaults()
        self._require()
        self._define()
        if self._problems:
            if not self._whole:  # what is missing here may stand where nothing could be read
                self._made.complete = frozenset()
            told = {one.place for one in self._problems}  # such as an expression without a value
            raise ConfigError([*self._problems, *(one for one in check(self._made) if one.place not in told)])
        return self._made

    def _wrong(self, place: Place, message: str) -> None:
        self._problems.append(Problem(place, message))

    def _take_defaults(self) -> None:
        for name, node in self._contents.defaults.items():
            kind = SECTIONS[name]
            for option in set(kind.identity) & node.values.keys():
                if not kind.twins:
                    self._wrong(node.keys[option], f"{option} tells one {kind.label} from another: it has no default.")
            typing = self._typing(kind)
            self._defaults[name], self._of_items[name] = typing.defaults(node)
            self._made.defaults[kind.name] = Defaults(self._defaults[name], self._of_items[name], node)
            for _, removal in typing.removals:
                if not removal.found:
                    self._wrong(removal.place, "No layer below has this default. Delete this line.")

    def _typing(self, kind: ConfigKind) -> Typing:
        return Typing(kind, self._problems, self._accepted, self._made.refused.setdefault(kind.name, {}))

    def _require(self) -> None:
        for section, names in self._contents.required.items():
            self._made.required[section] = [one.text for one in names]
            self._made.required_places.update({(section, one.text): one.place for one in names})

    def _pbx(self, name: str, value: Node) -> None:
        if isinstance(value, Removal):
            return
        self._made.pbx_places[name] = value.place
        if name == "complete":
            self._made.pbx[name] = self._complete(value)
        elif name in ("removal", "prune", "limits", "undeclared"):
            self._made.pbx[name] = rule(name, value, self._problems)
        elif name == "time_zones":
            self._made.pbx[name] = time_zones(value, self._problems)
        elif name == "time_zone":
            self._made.pbx[name] = time_zone(value, self._problems)
        elif isinstance(value, Scalar):
            self._made.pbx[name] = value.text
        else:
            self._wrong(value.place, f"pbx.{name} is one value.")

    def _complete(self, node: Node) -> list[str]:
        names: list[str] = []
        for item in node.values if isinstance(node, Items) else [node]:
            kind = SECTIONS.get(item.text) if isinstance(item, Scalar) else None
            if kind is None:
                named = item.text if isinstance(item, Scalar) else "a structure"
                self._wrong(item.place, unknown("kind", named, SECTIONS))
            else:
                names.append(kind.name)
        self._made.complete = frozenset(names)
        return names

    def _define(self) -> None:
        """Type the objects: their defaults may stand in the last file."""
        typings: dict[str, Typing] = {}
        for kind, node, container in self._contents.objects:
            typing = typings.setdefault(kind.name, self._typing(kind))
            own = typing.values(node)
            defaults = self._defaults.get(kind.section, {})
            of_items = self._of_items.get(kind.section, {})
            values = with_defaults(defaults, own)
            for option in of_items.keys() & own.keys():
                values[option] = items_with_defaults(of_items[option], own[option])
            for path, removal in typing.removals:
                values = self._without(values, {**defaults, **of_items}, path, removal)
            earlier = values.pop(RENAMED_FROM, None) if kind.renamed_from else None
            definition = Definition(kind, values, node, self._contents.defaults.get(kind.section), earlier)
            if self._named(definition) and self._once(definition, container):
                self._made.definitions.append(definition)

    def _without(
        self, values: dict[str, Any], defaults: Mapping[str, Any], path: tuple[str, ...], removal: Removal
    ) -> dict[str, Any]:
        """The values without a default that the object does not want."""
        inner = value_at(defaults, path[:-1])
        if isinstance(values.get(path[0]), list) and len(path) > 1 and isinstance(inner, Mapping):
            self._wrong(removal.place, f"An item cannot do without a default of {path[0]}. Write a value.")
        elif isinstance(inner, Mapping) and path[-1] in inner:
            return without(values, path)
        elif not removal.found:
            where = "neither a layer below nor the defaults declare"
            self._wrong(removal.place, f"There is nothing to remove: {where} {'.'.join(path)}. Delete this line.")
        return values

    def _named(self, definition: Definition) -> bool:
        kind = definition.kind
        if kind.settings or kind.twins or all(option in definition.values for option in kind.identity):
            return True
        self._whole = False
        missing = [option for option in kind.identity if option not in definition.node.values]
        if missing:
            self._wrong(
                definition.place, f"This {kind.label} has no {' and no '.join(missing)}, which tells it from others."
            )
        return False

    def _once(self, definition: Definition, container: Node) -> bool:
        kind = definition.kind
        identity: Identity = identity_of(kind, definition.values)
        key = (kind.name, tuple(map(_comparable, identity)))
        first = self._seen.get(key)
        if first is None:
            self._seen[key] = (definition, container)
            return True
        repeated = name_of(kind, identity) in self._accepted  # as on the PBX
        if repeated or (kind.twins and first[1] is container):
            definition.twin = first[0].twin + 1
            self._seen[key] = (definition, container)
            return True
        by_alias = definition.place == first[0].place
        said = "an alias repeats it" if by_alias else f"the first is at {first[0].place}"
        self._wrong(definition.place, f"{title_of(kind, identity)} is defined twice; {said}.")
        return False


def _comparable(part: Any) -> Any:
    return part if isinstance(part, str | int | float | bool | None) else repr(part)
