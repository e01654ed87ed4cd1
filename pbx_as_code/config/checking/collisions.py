"""Values that two objects of one PBX cannot share, and ranges that end before they begin."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Definition, Doubt, Key, options_in
from pbx_as_code.config.kinds import DIALLED
from pbx_as_code.config.nodes import Problem
from pbx_as_code.description import Kind
from pbx_as_code.engine.compare.values import canonical

_NUMBERS_OF_SETTINGS: Final = (
    ("conference_settings", "extension"), ("voicemail_settings", "extension"),
)  # fmt: skip
"""Settings that reserve a number of the same set. The fax server is a fax, so the two share one."""
_ONCE: Final[tuple[tuple[str, Kind, tuple[tuple[str, tuple[str, ...]], ...]], ...]] = (
    ("DID", "telephone", (("trunk", ("did_numbers",)),)),
    ("e-mail address", "email", (("user", ("email_address",)),)),
    ("MAC address", "mac", (
        ("user", ("phones", "mac_address")), ("fxs", ("mac_address",)), ("sbc", ("phone_mac",)),
    )),
)  # fmt: skip
"""A value for people, its kind, and the paths where it may be given once on a PBX."""
_RANGES: Final = (
    ("group", ("props", "user_number_from"), ("props", "user_number_to")),
    ("group", ("props", "system_number_from"), ("props", "system_number_to")),
    ("group", ("props", "trunk_number_from"), ("props", "trunk_number_to")),
    ("outbound_rule", ("dn_ranges", "from"), ("dn_ranges", "to")),
)
Path = tuple[str | int, ...]


def collisions(configuration: Configuration) -> Iterator[Doubt]:
    """Numbers, DIDs, e-mail addresses and MAC addresses that are given twice, and ranges without a number."""
    yield from _numbers(configuration)
    yield from _given_once(configuration)
    for definition in configuration.definitions:
        yield from range_doubts(definition)


def _numbers(configuration: Configuration) -> Iterator[Doubt]:
    seen: dict[str, tuple[Definition, Path]] = {}
    places = [(kind, "number") for kind in DIALLED]
    for kind, option in (*places, *_NUMBERS_OF_SETTINGS):
        for definition in configuration.of(kind):
            number = definition.values.get(option)
            if number in (None, ""):
                continue
            first, path = seen.setdefault(str(number), (definition, (option,)))
            if first is not definition and (kind, definition.identity) != (first.kind.name, first.identity):
                message = f"The number {number} is that of the {first.title} at {first.place}."
                yield _doubt(definition, (option,), number, message, (first.key, path))


def _given_once(configuration: Configuration) -> Iterator[Doubt]:
    for what, value_kind, places in _ONCE:
        seen: dict[Any, tuple[Definition, Path]] = {}
        for kind, path in places:
            for definition in configuration.of(kind):
                for here, value in _values(definition.values, path, ()):
                    known = canonical(value_kind, value)
                    if known is None:
                        continue
                    first = seen.setdefault(known, (definition, here))
                    if first != (definition, here):
                        owner, place = first[0], first[0].place_of(*first[1])
                        message = f"The {what} {value} is that of the {owner.title} at {place}."
                        yield _doubt(definition, here, value, message, (owner.key, first[1]))


def _doubt(
    one: Definition,
    path: Path,
    value: Any,
    message: str,
    shared_with: tuple[Key, Path] | None = None,
    depends_on: tuple[Path, ...] = (),
) -> Doubt:
    problem = Problem(one.place_of(*path), message)
    return Doubt(one.key, path, str(value), problem, refused=True, depends_on=depends_on, shared_with=shared_with)


def _values(value: Any, path: tuple[str, ...], before: Path) -> Iterator[tuple[Path, Any]]:
    """Every text at a path, through lists; with options and indexes that lead there."""
    if isinstance(value, list):
        for number, item in enumerate(value):
            yield from _values(item, path, (*before, number))
    elif isinstance(value, Mapping):
        if path and path[0] in value:
            yield from _values(value[path[0]], path[1:], (*before, path[0]))
    elif not path and isinstance(value, str):
        yield before, value


def range_doubts(definition: Definition) -> Iterator[Doubt]:
    """Ranges of one object that end before they begin."""
    for kind, low, high in _RANGES:
        if kind != definition.kind.name:
            continue
        lows = {path[:-1]: value for path, value in _values(definition.values, low, ())}
        for path, last in _values(definition.values, high, ()):
            first = lows.get(path[:-1], "")
            if _number(first) is not None and _number(last) is not None and int(last) < int(first):
                option = ".".join(options_in(path))
                message = f"{option}: the range ends at {last}, before its start at {first}."
                yield _doubt(definition, path, last, message, depends_on=((*path[:-1], low[-1]),))


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
