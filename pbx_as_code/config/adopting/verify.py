"""Check of changed files before they are written: they are read again, and nothing but what was adopted may differ."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pbx_as_code.config.adopting.outcome import Adoption
from pbx_as_code.config.adopting.outline import ShortForm
from pbx_as_code.config.adopting.reread import Touched, read_again
from pbx_as_code.config.configuration import Configuration, Definition, spelled, value_at
from pbx_as_code.config.loader import Layer
from pbx_as_code.config.nodes import ConfigError, Problem
from pbx_as_code.config.planning.compare import Comparison, compare_values
from pbx_as_code.config.planning.matches import Matches

Key = tuple[str, Any, int]
_NUMBER: Final = re.compile(r"\[[0-9]+\]")


def verify(
    layers: list[Layer],
    configuration: Configuration,
    matches: Matches,
    adoption: Adoption,
    short: Mapping[Path, ShortForm],
) -> None:
    """Read the changed files.

    Parameters:
        layers: as they were, loaded
        configuration: of these layers, as it was read
        matches: that the adoption was made from
        adoption: with the changed files
        short: forms of changed files that need not be parsed as a whole

    Raises:
        ConfigError: the files cannot be read any more, or declare something else than expected
    """
    try:
        touched, after = read_again(layers, configuration, adoption, short)
        if problems := _problems(touched, after, configuration, matches, adoption):
            raise ConfigError(problems)
    except ConfigError:
        if not short:
            raise
        verify(layers, configuration, matches, adoption, {})  # so that problems have their places in the whole files


def _problems(
    touched: Touched, after: Configuration, configuration: Configuration, matches: Matches, adoption: Adoption
) -> list[Problem]:
    """Everything in which the changed files declare something else than expected.

    Parameters:
        touched: objects that are written otherwise
        after: these objects, as the changed files declare them
    """
    now = {_key(one): one for one in after.definitions}
    before = {_key(one): one for one in configuration.definitions if touched.has(one)}
    by_node = {id(one.node): _key(one) for one in configuration.definitions}
    removed = set(adoption.removed)
    gone = {by_node[id(one.node)] for one in matches.missing if one.title in removed}
    differing = {by_node[id(one.node)]: comparison for one, _, comparison in matches.differing}
    added = {kind.name for kind, _ in matches.left}
    problems = [_problem(before[key], "would no longer be declared") for key in before.keys() - now.keys() - gone]
    problems += [
        _problem(one, "would be declared in addition")
        for key, one in now.items() if key not in before and key[0] not in added
    ]  # fmt: skip
    problems += [_problem(before[key], "would still be declared") for key in gone & now.keys()]
    titled = {(value.title, value.option) for value in adoption.adopted}
    left = {
        (one.value.title, _anywhere(one.value.option)) for one in adoption.conflicts
    }  # items may have other numbers
    titled = {one for one in titled if (one[0], _anywhere(one[1])) not in left}
    for key, old in before.items():
        if key in now and now[key].values != old.values:
            problems += _differences(old, now[key], differing.get(key), titled)
    return problems


def _differences(
    old: Definition, new: Definition, comparison: Comparison | None, titled: set[tuple[str, str]]
) -> Iterator[Problem]:
    """Values that changed without being adopted, and adopted values that are not those of the PBX."""
    if comparison is None:
        yield _problem(old, "would be changed")
        return
    allowed = {change.path for change in comparison.changes}
    for changed in sorted({*_changed(new, old), *_changed(old, new)}, key=repr):
        if not any(_related(changed, path) for path in allowed):
            yield _problem(old, f"would be changed at {spelled(changed)}")
    for change in compare_values(new, comparison.actual).changes:
        if (new.title, change.option) in titled and change.secret is None:
            yield _problem(old, f"would not have the value of the PBX at {change.option}")


def _changed(one: Definition, other: Definition) -> Iterator[tuple[str | int, ...]]:
    """Paths of values that one declaration says and the other does not, or otherwise."""
    compared = compare_values(one, other.values)
    yield from (change.path for change in compared.changes)
    for path, _ in compared.uncompared:
        if value_at(one.values, path) != value_at(other.values, path):
            yield path


def _anywhere(option: str) -> str:
    """A path with items of any number."""
    return _NUMBER.sub("[]", option)


def _related(path: tuple[str | int, ...], other: tuple[str | int, ...]) -> bool:
    """Whether two paths lead to the same list or structure, or one into the other."""
    pairs = zip(path, other, strict=False)
    return all(isinstance(a, int) or isinstance(b, int) or a == b for a, b in pairs)


def _key(one: Definition) -> Key:
    return (one.kind.name, repr(one.identity), one.twin)


def _problem(one: Definition, what: str) -> Problem:
    return Problem(one.place, f"{one.title} {what} by this adoption. Nothing was written. Change the file by hand.")
