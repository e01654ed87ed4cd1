"""Reading changed files again. Objects whose text says the same as before are not typed a second time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from pbx_as_code.config.adopting.outcome import Adoption
from pbx_as_code.config.adopting.outline import ShortForm
from pbx_as_code.config.configuration import Configuration, Definition
from pbx_as_code.config.kinds import SECTIONS
from pbx_as_code.config.layering.contents import empty
from pbx_as_code.config.loader import Layer, configuration_of, loaded
from pbx_as_code.config.nodes import ConfigError, Entries, Items, Marker, Node, Place, Scalar
from pbx_as_code.config.parsed import read_root
from pbx_as_code.config.variables import VARIABLES


class Touched:
    """Objects that are written otherwise than before, by section and identity."""

    def __init__(self) -> None:
        self._named: dict[str, set[Any]] = defaultdict(set)
        self._whole: set[str] = set()
        self._everything = False

    def add_everything(self) -> None:
        """Add every object."""
        self._everything = True

    def add(self, section: str, item: Node) -> None:
        """Add one object."""
        self._named[section].add(_identity(section, item))

    def add_section(self, section: str) -> None:
        """Add every object of a section."""
        self._whole.add(section)

    def holds(self, section: str, item: Node | None = None) -> bool:
        """Whether an object, or the whole section, is touched."""
        if self._everything or section in self._whole:
            return True
        return item is not None and _identity(section, item) in self._named[section]

    def has(self, one: Definition) -> bool:
        """Whether any layer writes an object otherwise."""
        return any(self.holds(one.kind.section, part) for part in one.node.parts or (one.node,))

    def spread(self, definitions: Iterable[Definition]) -> None:
        """Add each layer's spelling of the identity of an object that is touched in another layer."""
        for one in definitions:
            if one.node.parts and self.has(one):
                for part in one.node.parts:
                    self.add(one.kind.section, part)


def read_again(
    layers: list[Layer], configuration: Configuration, adoption: Adoption, short: Mapping[Path, ShortForm]
) -> tuple[Touched, Configuration]:
    """Read the changed files of an adoption.

    Parameters:
        layers: as they were, loaded
        configuration: of these layers
        adoption: with the changed files
        short: forms of changed files that need not be parsed as a whole

    Returns:
        the objects that are written otherwise, and a configuration of those objects alone

    Raises:
        ConfigError: a file cannot be read any more, or something does not fit its description
    """
    touched = Touched()
    if any(path.name in VARIABLES for path in adoption.files):  # every value may be another one
        touched.add_everything()
        return touched, loaded([fresh(layer, adoption) for layer in layers], strict=False)
    changed: list[dict[str, _Changed]] = []
    for layer in layers:
        changed.append({})
        for path, (_, content) in adoption.files.items():
            if path.is_relative_to(layer.base):
                file = path.relative_to(layer.base).as_posix()
                nothing = Entries(Place(file, 1, 1, layer.name))
                new = _read(content, short.get(path), file, layer.name) or nothing
                changed[-1][file] = _Changed(layer.roots.get(file, nothing), new, touched)
    touched.spread(configuration.definitions)
    reduced = []
    for layer, files in zip(layers, changed, strict=True):
        roots = {
            file: root if file in VARIABLES else _reduced(root, touched)
            for file, root in layer.roots.items()
            if file not in files
        }
        roots |= {file: one.root(touched) for file, one in files.items()}
        reduced.append(Layer(layer.name, layer.base, [], dict(sorted(roots.items()))))
    return touched, configuration_of(reduced, [], strict=False)


def _read(content: bytes, short: ShortForm | None, file: str, layer: str) -> Entries | None:
    """The structure of a changed file.

    The whole file is parsed if the short form has a problem, because places in the short form are others.
    """
    if short is not None:
        with suppress(ConfigError):
            root = read_root(short.content, file, layer)
            if short.outline.restore(root):
                return root
    return read_root(content, file, layer)


def fresh(layer: Layer, adoption: Adoption) -> Layer:
    """A layer with the changed files, not understood yet.

    Parameters:
        layer: as it was
        adoption: with the changed files
    """
    sources = dict(layer.sources)
    for path, (_, content) in adoption.files.items():
        if path.is_relative_to(layer.base):
            sources[path.relative_to(layer.base).as_posix()] = content
    return Layer(layer.name, layer.base, sorted(sources.items()))


class _Changed:
    """A changed file: of its new content only what differs is kept."""

    def __init__(self, old: Entries, new: Entries, touched: Touched) -> None:
        self._old = old
        self._new = Entries(new.place, keys=new.keys)
        self._gone: set[int] = set()
        for section in {**old.values, **new.values}:
            before, now = old.values.get(section), new.values.get(section)
            kind = SECTIONS.get(section)
            lists = isinstance(before, Items | None) and isinstance(now, Items | None)
            if kind is not None and not (kind.settings or kind.twins) and lists:
                items = before.values if isinstance(before, Items) else []
                self._objects(section, items, now.values if isinstance(now, Items) else [], touched)
                continue
            if _print(before) != _print(now):
                touched.add_section(section)
            if now is not None:
                self._new.values[section] = now

    def _objects(self, section: str, before: list[Node], now: list[Node], touched: Touched) -> None:
        left: dict[Any, list[Node]] = defaultdict(list)
        shared = {id(item) for item in before} & {id(item) for item in now}  # they were not read again
        for item in before:
            if id(item) not in shared:
                left[_print(item)].append(item)
        different = []
        for item in now:
            if id(item) in shared:
                continue
            same = left.get(_print(item))
            if same:
                same.pop()
            else:
                different.append(item)
                touched.add(section, item)
        for items in left.values():
            for item in items:
                self._gone.add(id(item))
                touched.add(section, item)
        self._new.values[section] = Items(self._new.place, different)

    def root(self, touched: Touched) -> Entries:
        """The objects of the file that are touched: those that differ, and others of the same identity."""
        kept = _reduced(self._new, touched)
        for section, node in _reduced(self._old, touched).values.items():
            held = kept.values.get(section)
            kind = SECTIONS.get(section)
            if kind is not None and not kind.twins and isinstance(held, Items) and isinstance(node, Items):
                held.values[:0] = [item for item in node.values if id(item) not in self._gone]
        return kept


def _reduced(root: Entries, touched: Touched) -> Entries:
    """A file without the objects that are not touched; other sections stay."""
    kept = Entries(root.place, keys=root.keys)
    for section, node in root.values.items():
        if SECTIONS.get(section) is None or touched.holds(section):
            kept.values[section] = Items(node.place, list(node.values)) if isinstance(node, Items) else node
        elif isinstance(node, Items):
            items = [item for item in node.values if touched.holds(section, item)]
            kept.values[section] = Items(node.place, items)
    return kept


def _identity(section: str, item: Node) -> Any:
    """The identity of an object as it is written."""
    held = item.values if isinstance(item, Entries) else {}
    return tuple(_text(held.get(option)) for option in SECTIONS[section].identity)


def _text(node: Node | None) -> Any:
    """A part of an identity, however it is quoted; null and what is absent are equal."""
    if not isinstance(node, Scalar):
        return _print(node)
    return None if empty(node) else node.text if node.source is None else node.source


def _print(node: Node | None) -> Any:
    """All that a node says, to be compared."""
    if isinstance(node, Scalar):
        return (node.text if node.source is None else node.source, node.plain, node.verbatim)
    if isinstance(node, Entries):
        return (node.mark, *((name, _print(inner)) for name, inner in node.values.items()))
    if isinstance(node, Items):
        return (node.mark, *map(_print, node.values))
    if isinstance(node, Marker):
        return ("secret", node.name)
    return node if node is None else ("removed", node.name)
