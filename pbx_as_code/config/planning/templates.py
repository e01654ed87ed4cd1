"""Templates and other objects that only the PBX itself can have, and that the files name or require."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Identity
from pbx_as_code.config.kinds import REQUIRED
from pbx_as_code.config.layering.contents import REQUIRED_SECTIONS
from pbx_as_code.config.planning.operations import Operation
from pbx_as_code.config.spelling import unknown
from pbx_as_code.entities import description

_TEMPLATES: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("trunk", "template"): ("trunk_template", ""),
    ("user", "phones"): ("phone_template", "template_name"),
}
"""By kind and option: the kind of the template, and in a list the option of an item that names it."""


def missing_templates(
    operations: Iterable[Operation], rows_of: Callable[[str], Iterable[Mapping[str, Any]]]
) -> Iterator[tuple[str, Identity, str]]:
    """Kind and identity of each object whose template is not on the PBX, and a sentence about it.

    Parameters:
        operations: of a plan
        rows_of: returns the templates of a kind; asked only for kinds that an operation names, nothing if the PBX does
            not list them
    """
    for one in operations:
        for (kind, option), (template, field) in _TEMPLATES.items():
            value = one.sends.get(option) if one.kind == kind else None
            names = [item.get(field) for item in value or ()] if field else [value]
            named = {str(name) for name in names if name}
            known = {str(row.get(REQUIRED[template])) for row in rows_of(template)} if named else set()
            for name in sorted(named - known) if known else ():
                told = unknown(description(template).label, name, sorted(known))
                path = ".".join(filter(None, (option, field)))
                yield one.kind, one.identity, f"{path}: {told} It is not on the PBX, and files cannot create it."


def missing_required(
    configuration: Configuration, rows: Mapping[str, Sequence[Mapping[str, Any]]], unread: Mapping[str, str]
) -> list[tuple[str, Identity, str]]:
    """Objects that the files require and the PBX lacks: kind, identity and why.

    Parameters:
        configuration: its `required` sections name these objects
        rows: of the PBX, by kind
        unread: why a section could not be read
    """
    found: list[tuple[str, Identity, str]] = []
    for section, names in configuration.required.items():
        kind = REQUIRED_SECTIONS[section]
        there = {str(row.get(REQUIRED[kind])) for row in rows[kind]}
        for name in names:
            if section in unread:
                found.append((kind, (name,), f"it is required, and {unread[section]}"))
            elif name not in there:
                why = "it is required, is not on the PBX and cannot be created by files. Upload or install it first."
                found.append((kind, (name,), why))
    return found
