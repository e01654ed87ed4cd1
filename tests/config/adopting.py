"""Adopting one text into another, without a PBX: the second text says what the PBX would have."""

from __future__ import annotations

from pathlib import Path

from pbx_as_code.config.adopting.adopt import adopt_matches
from pbx_as_code.config.adopting.outcome import Adoption, Choices
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.loader import Layer, load_sources, loaded
from pbx_as_code.config.planning.compare import compare_values
from pbx_as_code.config.planning.matches import Matches

Files = dict[str, bytes]


def layers_of(*texts: str | bytes | Files) -> list[Layer]:
    """Layers named a, b, c, or one without a name; a text is one file."""
    found = []
    for name, text in zip("abc", texts, strict=False):
        files = text if isinstance(text, dict) else {"x.yml": text.encode() if isinstance(text, str) else text}
        found.append(Layer(name if len(texts) > 1 else "", Path(name), list(files.items())))
    return found


def matches_of(configuration: Configuration, actual: Configuration, *, add: bool) -> Matches:
    """The objects of two configurations side by side."""
    there = {(one.kind.name, repr(one.identity), one.twin): one for one in actual.definitions}
    matches = Matches()
    for one in configuration.definitions:
        row = there.pop((one.kind.name, repr(one.identity), one.twin), None)
        if row is None:
            matches.missing.append(one)
            continue
        compared = compare_values(one, row.values)
        if compared.changes:
            matches.differing.append((one, row.values, compared))
    if add:
        matches.left = [(one.kind, one.values) for one in there.values()]
    return matches


def adopted(actual: str, *texts: str | bytes | Files, add: bool = True, **choices: str) -> Adoption:
    """Adopt what the first text says into layers."""
    layers = layers_of(*texts)
    configuration = loaded(layers)
    matches = matches_of(configuration, load_sources([("pbx.yml", actual.encode())]), add=add)
    return adopt_matches(layers, configuration, matches, Choices(**choices))


def content(adoption: Adoption, path: str = "a/x.yml") -> str:
    """The new content of a file."""
    return adoption.files[Path(path)][1].decode()


def after(adoption: Adoption, layers: list[Layer]) -> list[Layer]:
    """The layers with the changed files."""
    found = []
    for layer in layers:
        files = dict(layer.sources)
        for path, (_, new) in adoption.files.items():
            if path.is_relative_to(layer.base):
                files[path.relative_to(layer.base).as_posix()] = new
        found.append(Layer(layer.name, layer.base, sorted(files.items())))
    return found
