"""Objects that come into the files, where their siblings are, and objects that go."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pbx_as_code.config.adopting.gather import FileKey, Gathering
from pbx_as_code.config.adopting.intents import Links, ListChange, Put
from pbx_as_code.config.adopting.outcome import KEEP, Reason, Value
from pbx_as_code.config.adopting.targets import Tree
from pbx_as_code.config.configuration import Definition, identity_of
from pbx_as_code.config.exporting.filing import department_of, natural, slug
from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.loader import Layer
from pbx_as_code.config.nodes import REMOVE, Entries, Items, Node, Scalar
from pbx_as_code.config.variables import VARIABLES


class Objects:
    """Additions to the files of the layers, and removals from them."""

    def __init__(self, layers: list[Layer], gathering: Gathering) -> None:
        """Nothing added or removed yet.

        Parameters:
            layers: loaded
            gathering: of edits in files that exist
        """
        self._layers = {layer.name: layer for layer in layers}
        self._gathering = gathering
        self._places: dict[int, tuple[FileKey, Entries, str, Items, int]] = {}
        self.appended: dict[FileKey, dict[str, Any]] = {}
        """Sections for the end of a file, or for a new file."""
        for layer in layers:
            self._find(layer)

    def _find(self, layer: Layer) -> None:
        for file, root in _roots(layer):
            for section, items in root.values.items():
                if isinstance(items, Items):
                    for number, item in enumerate(items.values):
                        self._places[id(item)] = ((layer.name, file), root, section, items, number)

    def remove(self, definition: Definition) -> bool:
        """Take an object that is not on the PBX out of the files; False if that needs a decision."""
        to = self._gathering
        value = Value(definition.kind.name, definition.title, "", "declared", None, definition.place)
        parts = definition.node.parts or (definition.node,)
        if definition.kind.settings or to.choices.missing == KEEP:
            to.conflict(value, Reason.MISSING)
            return False
        own = [part for part in parts if part.place.layer == to.last]
        shared = len(own) < len(parts)
        if shared and to.choices.shared == KEEP:
            to.conflict(value, Reason.SHARED, f"it is declared at {definition.place}")
            return False
        for part in parts if to.choices.shared == "change" else own:
            self._remove_part(part, value)
        if shared and to.choices.shared == "override":
            key = {option: definition.values.get(option) for option in definition.kind.identity}
            self.add(to.last, definition.kind, {**key, REMOVE: True}, value)
        return True

    def _remove_part(self, part: Entries, value: Value) -> None:
        _, root, section, items, number = self._places[id(part)]
        self._list_change(root, section, items).removed[number] = value

    def add(self, layer: str, kind: ConfigKind, values: dict[str, Any], value: Value) -> None:
        """Add an object, or settings, to a layer.

        Parameters:
            layer: its name
            kind: of the object
            values: without those that the defaults add
            value: what is told about it
        """
        files = self._layers[layer]
        near = self._near(files, kind, values)
        if near is not None:
            root, items = near
            after = _in_front(kind, items, values)
            self._list_change(root, kind.section, items).added.append((after, values, value))
            return
        for _, root in _roots(files):
            held = root.values.get(kind.section)
            if held is not None and not (isinstance(held, Items) and held.values):  # an empty list, or null
                put = self._gathering.into(root).puts.setdefault(id(root), Put(root, (), ()))
                put.tree.values.setdefault(kind.section, []).append(values)
                put.values.setdefault(kind.section, []).append(value)
                return
        place = (layer, self._file(kind, values))
        sections = self.appended.setdefault(place, {})
        if kind.settings:
            sections[kind.section] = values
        else:
            sections.setdefault(kind.section, []).append(values)

    def _list_change(self, root: Entries, section: str, items: Items) -> ListChange:
        lists = self._gathering.into(items).lists
        return lists.setdefault(id(items), ListChange(items, root, section, ((root, section),)))

    def _near(self, layer: Layer, kind: ConfigKind, values: Mapping[str, Any]) -> tuple[Entries, Items] | None:
        """The list with the siblings of an object: those of its department, if there are any."""
        if kind.settings:
            return None
        lists = [
            (root, items) for _, root in _roots(layer)
            if isinstance(items := root.values.get(kind.section), Items) and items.values
        ]  # fmt: skip
        department = department_of(kind, values)
        for root, items in lists:
            if department is not None and any(_department(kind, item) == department for item in items.values):
                return root, items
        only = "{department}" not in kind.file or department is None
        return lists[0] if lists and (only or len(lists) == 1) else None

    def require(self, names: Mapping[str, list[str]]) -> None:
        """Add names to the section `required` of the last layer."""
        for section, listed in names.items():
            value = Value(section, f"required {section}", "", None, listed, None)
            root = next((root for _, root in _roots(self._layers[self.last]) if "required" in root.values), None)
            if root is None:
                self.appended.setdefault((self.last, "required.yml"), {}).setdefault("required", {})[section] = listed
                continue
            above = root.values["required"]
            items = above.values.get(section) if isinstance(above, Entries) else None
            links = ((root, "required"),)
            if isinstance(items, Items) and items.values and isinstance(above, Entries):
                lists = self._gathering.into(items).lists
                change = ListChange(items, above, section, (*links, (above, section)))
                lists.setdefault(id(items), change).added.extend((None, name, value) for name in listed)
            elif isinstance(above, Entries):
                self._put(above, links, section, listed, value)

    def set_release(self, release: str) -> None:
        """Change pbx.release where the last layer says it."""
        for _, root in _roots(self._layers[self.last]):
            about = root.values.get("pbx")
            old = about.values.get("release") if isinstance(about, Entries) else None
            if isinstance(about, Entries) and isinstance(old, Scalar) and old.source is None:
                value = Value("pbx", "pbx", "release", old.text, release, old.place)
                self._put(about, ((root, "pbx"),), "release", release, value)
                self._gathering.adopt(value)

    def set_undeclared(self, old: list[str], names: list[str]) -> None:
        """Change pbx.undeclared in the last layer, where comments about names that stay are kept."""
        roots = [root for _, root in _roots(self._layers[self.last]) if isinstance(root.values.get("pbx"), Entries)]
        root = next((one for one in roots if "undeclared" in _about(one)), roots[0] if roots else None)
        value = Value("pbx", "pbx", "undeclared", old, names, None)
        if root is None:
            self.appended.setdefault((self.last, "pbx.yml"), {})["pbx"] = {"undeclared": names}
        else:
            about = root.values["pbx"]
            assert isinstance(about, Entries)  # noqa: S101 chosen above
            self._put(about, ((root, "pbx"),), "undeclared", names, value)
        self._gathering.adopt(value)

    def _put(self, container: Entries, links: Links, key: str, new: Any, value: Value) -> None:
        put = self._gathering.into(container).puts.setdefault(
            id(container), Put(container, links, tuple(container.values))
        )
        put.tree.values[key] = new
        put.values.setdefault(key, []).append(value)

    @property
    def last(self) -> str:
        """Name of the last layer."""
        return self._gathering.last

    @staticmethod
    def _file(kind: ConfigKind, values: Mapping[str, Any]) -> str:
        department = department_of(kind, values)
        if "{department}" not in kind.file:
            return kind.file
        return f"{kind.section}.yml" if department is None else kind.file.format(department=slug(department) or "other")


def overlay_values(kind: ConfigKind, definition: Definition, tree: Tree) -> dict[str, Any]:
    """An object that a layer does not write yet: its identity, and the values that are new."""
    key = {option: definition.values.get(option) for option in kind.identity}
    return {**key, **tree.plain()}


def _roots(layer: Layer) -> Iterator[tuple[str, Entries]]:
    yield from ((file, root) for file, root in layer.roots.items() if file not in VARIABLES)


def _about(root: Entries) -> Mapping[str, Node]:
    """The options of the section `pbx` of a file."""
    about = root.values.get("pbx")
    return about.values if isinstance(about, Entries) else {}


def _department(kind: ConfigKind, item: Any) -> str | None:
    """The department that an object names, as it is written."""
    if not isinstance(item, Entries):
        return None
    if kind.name == "group":
        named = item.values.get("name")
    else:
        named = item.values.get(kind.department)
        if isinstance(named, Items) and named.values and isinstance(named.values[0], Entries):
            named = named.values[0].values.get("group")
    return named.text if isinstance(named, Scalar) else None


def _in_front(kind: ConfigKind, items: Items, values: Mapping[str, Any]) -> int:
    """Number of the item that precedes a new one in the order of an export; -1 for none, the last if there is none."""
    new = tuple(map(natural, identity_of(kind, values)))
    keys = [_written_key(kind, item) for item in items.values]
    if keys != sorted(keys):
        return len(keys) - 1
    return sum(key < new for key in keys) - 1


def _written_key(kind: ConfigKind, item: Any) -> tuple[Any, ...]:
    held = item.values if isinstance(item, Entries) else {}
    found = [held.get(option) for option in kind.identity]
    return tuple(natural(one.text if isinstance(one, Scalar) else None) for one in found)
