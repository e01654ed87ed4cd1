"""A directory of files as a configuration. Every file is read whatever is wrong with the others, so that all is said at
once.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Definition, identity_of, title_of
from pbx_as_code.config.kinds import RENAMED_FROM, REQUIRED, SECTIONS, ConfigKind
from pbx_as_code.config.nodes import ConfigError, Entries, Items, Marker, Node, Place, Problem, Scalar
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.rules import rule
from pbx_as_code.config.spelling import unknown
from pbx_as_code.config.time_zones import time_zone, time_zones
from pbx_as_code.config.values import Typing
from pbx_as_code.config.variables import VARIABLES, Variables, variables_of
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import description

_ENDINGS: Final = (".yml", ".yaml")
REQUIRED_SECTIONS: Final[Mapping[str, str]] = {
    about.plural: name for name in REQUIRED if isinstance(about := description(name), EntityDescription)
}
"""Kinds under `required`, by the plural under which they stand there."""
PBX_OPTIONS: Final = (
    "url", "identity", "release", "complete", "default_department", "time_zone", "time_zones",
    "removal", "prune", "limits",
)  # fmt: skip
SECTION_NAMES: Final = ("pbx", "defaults", "required", *SECTIONS)


def files_of(directory: Path) -> list[Path]:
    """The files of a configuration, sorted; hidden files and directories are none of it.

    Raises:
        ConfigError: there is no such directory
    """
    if not directory.is_dir():
        message = "There is no such directory. Name the directory that holds the files of one PBX."
        raise ConfigError([Problem(Place(str(directory), 1, 1), message)])
    found = (path for path in directory.rglob("*") if path.suffix in _ENDINGS and path.is_file())
    chosen = [(path.relative_to(directory), path) for path in found]
    return [
        path for short, path in sorted(chosen) if not any(part.startswith(".") for part in short.parts)
    ]  # fmt: skip


def load(directory: Path) -> Configuration:
    """Read every file of a directory.

    Parameters:
        directory: of the configuration; how it is split into files does not matter. It may be a single file.

    Raises:
        ConfigError: something cannot be read or does not fit its description; every problem is named
    """
    files = [directory] if directory.is_file() else files_of(directory)
    base = directory.parent if directory.is_file() else directory
    sources: list[tuple[str, bytes]] = []
    unreadable: list[Problem] = []
    for path in files:
        name = path.relative_to(base).as_posix()
        try:
            sources.append((name, path.read_bytes()))
        except OSError as error:
            unreadable.append(Problem(Place(name, 1, 1), f"It cannot be read: {error.strerror}."))
    if unreadable:
        raise ConfigError(unreadable)
    return load_sources(sources)


def load_sources(sources: list[tuple[str, bytes]]) -> Configuration:
    """The same from what the files hold: pairs of relative path and content.

    Raises:
        ConfigError: see load
    """
    loader = _Loader()
    roots: list[Entries] = []
    for file, content in sources:
        try:
            node = read_yaml(content, file)
        except ConfigError as error:
            loader.problems.extend(error.problems)
            continue
        if node is None:
            continue
        if not isinstance(node, Entries):
            loader.wrong(node.place, "A file is a structure whose keys are kinds, such as users and queues.")
        elif file in VARIABLES:
            loader.variables = variables_of(node, loader.problems)
        else:
            roots.append(node)
    return loader.finished(roots)


def load_nodes(root: Entries) -> Configuration:
    """The same from one structure that is no file, such as an option of an Ansible task.

    Raises:
        ConfigError: see load
    """
    return _Loader().finished([root])


class _Loader:
    def __init__(self) -> None:
        self.configuration = Configuration()
        self.problems: list[Problem] = []
        self.variables = Variables({})
        self._defaults: dict[str, Entries] = {}
        self._default_values: dict[str, dict[str, Any]] = {}
        self._written: list[tuple[ConfigKind, Entries, Node]] = []
        self._seen: dict[tuple[str, Any], tuple[Definition, Node]] = {}

    def finished(self, roots: list[Entries]) -> Configuration:
        """The configuration that these structures declare together."""
        for root in roots:
            self.variables.render(root, self.problems)
            self.take(root)
        self.define()
        if self.problems:
            raise ConfigError(self.problems)
        return self.configuration

    def wrong(self, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message))

    def take(self, root: Entries) -> None:
        """Sort what one file says by its sections."""
        for name, node in root.values.items():
            place = root.keys[name]
            kind = SECTIONS.get(name)
            if name == "pbx":
                self._pbx(node)
            elif name == "defaults":
                self._take_defaults(node)
            elif name == "required":
                self._required(node)
            elif kind is None:
                self.wrong(place, unknown("kind", name, SECTION_NAMES))
            elif kind.settings:
                if isinstance(node, Entries):
                    self._written.append((kind, node, node))
                elif not _empty(node):
                    self.wrong(node.place, f"{name} is a structure of options.")
            elif isinstance(node, Items):
                for item in node.values:
                    if isinstance(item, Entries):
                        self._written.append((kind, item, node))
                    else:
                        self.wrong(item.place, f"Each of {name} is a structure of options.")
            elif not _empty(node):
                self.wrong(node.place, f"{name} is a list.")

    def _take_defaults(self, node: Node) -> None:
        if not isinstance(node, Entries):
            self.wrong(node.place, "defaults is a structure whose keys are kinds.")
            return
        for name, inner in node.values.items():
            kind = SECTIONS.get(name)
            if kind is None or kind.settings:
                self.wrong(node.keys[name], unknown("kind with defaults", name, _with_defaults()))
            elif name in self._defaults:
                first = self._defaults[name].place
                self.wrong(node.keys[name], f"The defaults of {name} are given twice; the first are at {first}.")
            elif isinstance(inner, Entries):
                self._defaults[name] = inner
                for option in set(kind.identity) & inner.values.keys():
                    if not kind.twins:
                        self.wrong(
                            inner.keys[option], f"{option} tells one {kind.label} from another: it has no default."
                        )
                self._default_values[name] = Typing(kind, self.problems).values(inner)
            else:
                self.wrong(inner.place, f"The defaults of {name} are a structure of options.")

    def _required(self, node: Node) -> None:
        if not isinstance(node, Entries):
            self.wrong(node.place, "required is a structure whose keys are kinds.")
            return
        for name, inner in node.values.items():
            if name not in REQUIRED_SECTIONS:
                self.wrong(node.keys[name], unknown("kind that can be required", name, REQUIRED_SECTIONS))
                continue
            if not isinstance(inner, Items):
                self.wrong(inner.place, f"required.{name} is a list of names.")
                continue
            listed = self.configuration.required.setdefault(name, [])
            for item in inner.values:
                if isinstance(item, Scalar):
                    if (name, item.text) not in self.configuration.required_places:
                        listed.append(item.text)
                        self.configuration.required_places[name, item.text] = item.place
                else:
                    self.wrong(item.place, f"Each of required.{name} is a name.")

    def _pbx(self, node: Node) -> None:
        if not isinstance(node, Entries):
            self.wrong(node.place, "pbx is a structure.")
            return
        for name, value in node.values.items():
            place = node.keys[name]
            if name not in PBX_OPTIONS:
                self.wrong(place, unknown("option of pbx", name, PBX_OPTIONS))
            elif name in self.configuration.pbx:
                self.wrong(place, f"pbx.{name} is given twice.")
            elif name == "complete":
                self.configuration.pbx[name] = self._complete(value)
            elif name in ("removal", "prune", "limits"):
                self.configuration.pbx[name] = rule(name, value, self.problems)
            elif name == "time_zones":
                self.configuration.pbx[name] = time_zones(value, self.problems)
            elif name == "time_zone":
                self.configuration.pbx[name] = time_zone(value, self.problems)
            elif isinstance(value, Scalar):
                self.configuration.pbx[name] = value.text
            else:
                self.wrong(value.place, f"pbx.{name} is one value.")

    def _complete(self, node: Node) -> list[str]:
        names: list[str] = []
        for item in node.values if isinstance(node, Items) else [node]:
            kind = SECTIONS.get(item.text) if isinstance(item, Scalar) else None
            if kind is None:
                named = item.text if isinstance(item, Scalar) else "a structure"
                self.wrong(item.place, unknown("kind", named, SECTIONS))
            else:
                names.append(kind.name)
        self.configuration.complete = frozenset(names)
        return names

    def define(self) -> None:
        """Type what was taken: the defaults may stand in the last file."""
        typings: dict[str, Typing] = {}
        for kind, node, container in self._written:
            typing = typings.setdefault(kind.name, Typing(kind, self.problems))
            own = typing.values(node)
            values = _merged(self._default_values.get(kind.section, {}), own)
            earlier = values.pop(RENAMED_FROM, None) if kind.renamed_from else None
            definition = Definition(kind, values, node, self._defaults.get(kind.section), earlier)
            if self._named(definition) and self._once(definition, container):
                self.configuration.definitions.append(definition)

    def _named(self, definition: Definition) -> bool:
        kind = definition.kind
        if kind.settings or kind.twins or all(option in definition.values for option in kind.identity):
            return True
        missing = [option for option in kind.identity if option not in definition.node.values]
        if missing:
            self.wrong(
                definition.place, f"This {kind.label} has no {' and no '.join(missing)}, which tells it from others."
            )
        return False

    def _once(self, definition: Definition, container: Node) -> bool:
        kind = definition.kind
        identity = identity_of(kind, definition.values)
        key = (kind.name, tuple(map(_comparable, identity)))
        first = self._seen.get(key)
        if first is None:
            self._seen[key] = (definition, container)
            return True
        if kind.twins and first[1] is container:
            definition.twin = first[0].twin + 1
            self._seen[key] = (definition, container)
            return True
        self.wrong(definition.place, f"{title_of(kind, identity)} is defined twice; the first is at {first[0].place}.")
        return False


def _comparable(part: Any) -> Any:
    return part if isinstance(part, str | int | float | bool | None) else repr(part)


def _empty(node: Node) -> bool:
    return isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null")


def _with_defaults() -> list[str]:
    return [name for name, kind in SECTIONS.items() if not kind.settings]


def _merged(defaults: Mapping[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Options with defaults for what they leave out, field by field in structures; a list is taken as a whole.

    Nothing is copied that does not differ: ten thousand users share the structures of their defaults.
    """
    if not defaults:
        return own
    merged = {**defaults, **own}
    for option, value in own.items():
        default = defaults.get(option)
        if isinstance(value, dict) and isinstance(default, dict):
            merged[option] = _merged(default, value)
    return merged


def markers(node: Node) -> list[Marker]:
    """Every marker in a node, in the order of the text."""
    if isinstance(node, Marker):
        return [node]
    inner = node.values.values() if isinstance(node, Entries) else node.values if isinstance(node, Items) else ()
    return [marker for one in inner for marker in markers(one)]
