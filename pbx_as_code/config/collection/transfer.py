"""Results of one PBX as options for another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.spelling import unknown
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property
from pbx_as_code.entities import NAMES, description
from pbx_as_code.errors import BadOption


def without_read_only(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A result without the values that only the PBX sets, such as ids and states of registration.

    Parameters:
        kind: such as user
        row: as an _info module or `Pbx.read` returns it

    Raises:
        BadOption: there is no such kind
    """
    about = description(_known(kind, NAMES))
    return _writable(about.properties, {name: value for name, value in row.items() if name not in ("id", "etag")})


def as_options(kind: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """A result as options that another PBX takes.

    In addition to read-only values, it lacks those that mean something on one PBX only (ids, addresses, sign-in names),
    that change while people telephone, or that another kind declares, and all credentials. An export leaves out the
    same.

    Parameters:
        kind: of objects or settings that can be configured, such as user
        row: as an _info module or `Pbx.everything` returns it

    Raises:
        BadOption: there is no such kind, or it cannot be configured
    """
    known = KINDS[_known(kind, KINDS)]
    found = _without_secrets(declared(known, row))
    assert isinstance(found, dict)  # noqa: S101 a structure stays one
    return found


def _known(kind: str, kinds: Iterable[str]) -> str:
    known = frozenset(kinds)
    if kind not in known:
        what = "kind" if known == NAMES else "kind that can be configured"
        raise BadOption(unknown(what, kind, known), target="kind")
    return kind


def _writable(properties: Iterable[Property], row: Mapping[str, Any]) -> dict[str, Any]:
    known = {prop.option: prop for prop in properties}
    found: dict[str, Any] = {}
    for option, value in row.items():
        prop = known.get(option)
        if prop is not None and prop.read_only:
            continue
        fields = prop.fields if prop is not None else ()
        if fields and isinstance(value, Mapping):
            found[option] = _writable(fields, value)
        elif fields and isinstance(value, list):
            found[option] = [_writable(fields, item) if isinstance(item, Mapping) else item for item in value]
        else:
            found[option] = value
    return found


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _without_secrets(inner) for name, inner in value.items() if not isinstance(inner, Secret)}
    return [_without_secrets(item) for item in value] if isinstance(value, list) else value
