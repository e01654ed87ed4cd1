"""Declarations of one layer, sorted by sections and not typed yet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from pbx_as_code.config.kinds import REQUIRED, SECTIONS, ConfigKind
from pbx_as_code.config.nodes import REMOVE, Entries, Items, Node, Place, Problem, Removal, Scalar
from pbx_as_code.config.spelling import unknown
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import description

REQUIRED_SECTIONS: Final[Mapping[str, str]] = {
    about.plural: name for name in REQUIRED if isinstance(about := description(name), EntityDescription)
}
"""Kinds under `required`, by the plural under which they stand there."""
PBX_OPTIONS: Final[Mapping[str, str]] = {
    "url": "Address of the PBX the files were exported from.",
    "identity": "FQDN of that PBX. `threecx apply` refuses another one without --other-pbx.",
    "release": "Release of that PBX.",
    "complete": "Kinds of which the files declare every object. A reference to an undeclared one is then an error, and "
    "`threecx drift` reports undeclared objects of the PBX as drift. It removes nothing.",
    "undeclared": "Names and numbers that objects refer to, although no file declares them and the kind is complete, "
    "and other values that a PBX holds although no task can set them. `threecx plan` looks them up on the PBX.",
    "default_department": "Name of the default department, which exists on every PBX.",
    "time_zone": "Time zone of the PBX.",
    "time_zones": "Time zones of departments.",
    "removal": "`owned` removes objects that these files created or adopted and no longer declare; `none` no objects.",
    "prune": "Undeclared objects to remove: KIND, KIND:NAME or department:NAME.",
    "limits": "Most removals of one apply: objects, and percent of a kind with more than 10 objects.",
}
"""Options of the section `pbx`, and what each means."""
_WITHOUT_OBJECTS: Final = ("pbx", "defaults", "required")
_OF_A_PLAN: Final = {"format", "operations", "fingerprints", "seal"}
"""Keys of a saved plan, see plan_file."""
SECTION_NAMES: Final = (*_WITHOUT_OBJECTS, *SECTIONS)


@dataclass
class Contents:
    """The sections of all files of a layer, or of all layers once they are merged."""

    problems: list[Problem]
    """Filled with what is wrong."""
    objects: list[tuple[ConfigKind, Entries, Node]] = field(default_factory=list)
    """Each object, and settings, with its list: twins stand in one list. Without those that are removed."""
    removed: list[tuple[ConfigKind, Entries | Removal]] = field(default_factory=list)
    """Objects, and whole sections, that are removed from the layers below."""
    defaults: dict[str, Entries] = field(default_factory=dict)
    removed_defaults: dict[str, Removal] = field(default_factory=dict)
    required: dict[str, list[Scalar]] = field(default_factory=dict)
    removed_required: dict[str, list[Removal]] = field(default_factory=dict)
    pbx: dict[str, Node] = field(default_factory=dict)
    pbx_keys: dict[str, Place] = field(default_factory=dict)

    def take(self, root: Entries) -> None:
        """Sort the declarations of one file."""
        if root.values.keys() >= _OF_A_PLAN:
            message = "This is a plan, which declares nothing. `threecx apply` shows it and carries it out."
            self._wrong(root.place, message)
            return
        for name, node in root.values.items():
            kind = SECTIONS.get(name)
            if name in _WITHOUT_OBJECTS and empty(node):
                continue
            if name == "pbx":
                self._pbx(node)
            elif name == "defaults":
                self._defaults(node)
            elif name == "required":
                self._required(node)
            elif kind is None:
                self._wrong(root.keys[name], unknown("kind", name, SECTION_NAMES))
            elif isinstance(node, Removal):
                self.removed.append((kind, node))
            elif kind.settings:
                if isinstance(node, Entries):
                    self.objects.append((kind, node, node))
                elif not empty(node):
                    self._wrong(node.place, f"{name} needs a structure of options.")
            elif isinstance(node, Items):
                self._objects(kind, node)
            elif not empty(node):
                self._wrong(node.place, f"{name} needs a list.")

    def _objects(self, kind: ConfigKind, node: Items) -> None:
        for item in node.values:
            if not isinstance(item, Entries):
                self._wrong(item.place, f"Each of {kind.section} needs a structure of options.")
            elif item.mark == REMOVE:
                self.removed.append((kind, item))
            else:
                self.objects.append((kind, item, node))

    def _defaults(self, node: Node) -> None:
        if not isinstance(node, Entries):
            self._wrong(node.place, "defaults needs a structure whose keys are kinds.")
            return
        for name, inner in node.values.items():
            kind = SECTIONS.get(name)
            if kind is None or kind.settings:
                self._wrong(node.keys[name], unknown("kind with defaults", name, _with_defaults()))
            elif name in self.defaults or name in self.removed_defaults:
                first = (self.defaults.get(name) or self.removed_defaults[name]).place
                self._wrong(node.keys[name], f"The defaults of {name} are given twice; the first are at {first}.")
            elif isinstance(inner, Removal):
                self.removed_defaults[name] = inner
            elif isinstance(inner, Entries):
                self.defaults[name] = inner
            elif not empty(inner):
                self._wrong(inner.place, f"The defaults of {name} need a structure of options.")

    def _required(self, node: Node) -> None:
        if not isinstance(node, Entries):
            self._wrong(node.place, "required needs a structure whose keys are kinds.")
            return
        for name, inner in node.values.items():
            if name not in REQUIRED_SECTIONS:
                self._wrong(node.keys[name], unknown("kind that can be required", name, REQUIRED_SECTIONS))
            elif isinstance(inner, Removal):
                self.removed_required.setdefault(name, []).append(inner)
            elif not isinstance(inner, Items) and not empty(inner):
                self._wrong(inner.place, f"required.{name} needs a list of names.")
            elif isinstance(inner, Items):
                for item in inner.values:
                    self._required_name(name, item)

    def _required_name(self, section: str, item: Node) -> None:
        if isinstance(item, Removal) and item.name:
            self.removed_required.setdefault(section, []).append(item)
        elif isinstance(item, Scalar):
            listed = self.required.setdefault(section, [])
            if all(one.text != item.text for one in listed):
                listed.append(item)
        else:
            self._wrong(item.place, f"Each of required.{section} is a name.")

    def _pbx(self, node: Node) -> None:
        if not isinstance(node, Entries):
            self._wrong(node.place, "pbx needs a structure.")
            return
        for name, value in node.values.items():
            if name not in PBX_OPTIONS:
                self._wrong(node.keys[name], unknown("option of pbx", name, PBX_OPTIONS))
            elif name in self.pbx:
                self._wrong(node.keys[name], f"pbx.{name} is given twice.")
            elif not empty(value):
                self.pbx[name] = value
                self.pbx_keys[name] = node.keys[name]

    def _wrong(self, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message))


def empty(node: Node) -> bool:
    """Whether a node means null."""
    return isinstance(node, Scalar) and node.is_null


def _with_defaults() -> list[str]:
    return [name for name, kind in SECTIONS.items() if not kind.settings]
