"""Refuse properties that the release of a PBX does not have, before anything is written.

Its release comes with each of its answers. Releases are known for a few documents only: for a release between two of
them, or an unknown one, the PBX decides. So it does about what it answers although its release should not have it yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from threecx_xapi import errors, releases

from pbx_as_code.description import Description, Property
from pbx_as_code.errors import PbxError, Unsupported
from pbx_as_code.walk import ABSENT, Values, places

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient


def has(client: XapiClient, since: str | None) -> bool:
    """Whether a PBX has what came with a release, or may have it; where nobody knows yet which it is, it is asked."""
    return since is None or not releases.lacks(_told(client), since)


def check_module(client: XapiClient, description: Description) -> None:
    """Refuse the whole of a module, as far as the release is known.

    Raises:
        PbxError: the PBX lacks what it is about
    """
    if description.since is not None and releases.lacks(client.release, description.since):
        what = f"the module threecx_{description.name}{'' if description.changeable else '_info'}"
        raise _refused(client, {what: description.since})


def check_options(
    client: XapiClient, properties: tuple[Property, ...], wanted: Mapping[str, Any], row: Mapping[str, Any] | None
) -> None:
    """Refuse options and choices.

    Parameters:
        wanted: in wire form
        row: what was read, None where there is nothing yet

    Raises:
        PbxError: the PBX lacks some of them
    """
    _check(client, dict(_newer(properties, wanted, row or {})))


def check_call(client: XapiClient, newer: Mapping[str, str]) -> None:
    """Refuse an operation, or what is given to it.

    Parameters:
        newer: what of it not every release has, and since when there is it

    Raises:
        PbxError: the PBX lacks some of it
    """
    _check(client, newer)


def _check(client: XapiClient, newer: Mapping[str, str]) -> None:
    missing = {name: since for name, since in newer.items() if not has(client, since)}
    if missing:
        raise _refused(client, missing)


def _told(client: XapiClient) -> str | None:
    """The release as the PBX tells it; the customary cheap request, where it has told nothing yet."""
    if client.release is None:
        with suppress(
            errors.XapiError
        ):  # what is wrong will be wrong with the next request too, which says what it was for
            client.request("GET", "/Defs", params={"$select": "Id"})
    return client.release


def _newer(
    properties: tuple[Property, ...], wanted: Mapping[str, Any], current: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """Return the desired properties that the PBX does not answer and that not every release has: their options, and the
    release that added them. Null and an empty list ask for nothing.
    """
    concerned = [prop for prop in properties if prop.has_newer]
    for prop, path, (value, held), _, divided in places(concerned, wanted, current, divide=_with_fields):
        if value is None or value == [] or prop.read_only:
            continue
        if prop.since is not None and held is ABSENT:
            yield path, prop.since
        elif not divided and prop.newer:
            since, there = dict(prop.newer), _members(held)
            for member in _members(value):
                if member in since and member not in there:
                    yield f"{path} {member}", since[member]


def _with_fields(prop: Property, values: Values) -> Iterable[tuple[str, Values]]:
    """Divide a structure or a list of them; beside each are the fields of all that the PBX answered."""
    value, held = values
    if not prop.fields or prop.read_only or (prop.since is not None and held is ABSENT):
        return ()
    there = _fields_of(held)
    if prop.many:
        given = value if isinstance(value, list) else ()
        return [(f"[{number}]", (item, there)) for number, item in enumerate(given) if isinstance(item, Mapping)]
    return (("", (value, there)),) if isinstance(value, Mapping) else ()


def _fields_of(value: Any) -> dict[str, Any]:
    """Return the properties of all structures of a property."""
    items = value if isinstance(value, list) else [value]
    return {name: inner for item in items if isinstance(item, Mapping) for name, inner in item.items()}


def _members(value: Any) -> dict[str, None]:
    """The members of an enum that a value names, single, many or as flags."""
    items = value if isinstance(value, list) else [value]
    return {part.strip(): None for item in items if isinstance(item, str) for part in item.split(",")}


def _refused(client: XapiClient, missing: Mapping[str, str]) -> PbxError:
    return Unsupported(
        f"{_upper('; '.join(_sentences(client.release, missing)))}. Leave it out, or update {client.base_url}. "
        "Nothing was changed.",
        target=next(iter(missing)),
    )


def _sentences(release: str | None, missing: Mapping[str, str]) -> Iterable[str]:
    for since in dict.fromkeys(missing.values()):
        first, *more = (name for name, came in missing.items() if came == since)
        yield (
            f"{first} needs 3CX {since}, this one is {release} (known of {since}, and not yet of "
            f"{releases.lacking(since)})"
            f"{', and so ' + ('do ' if len(more) > 1 else 'does ') + ', '.join(more) if more else ''}"
        )


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:] if text.startswith("the ") else text
