"""Templates and other objects that only the PBX itself can have, and that the files name or require."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Identity, spelled, title_of
from pbx_as_code.config.kinds import KINDS, REQUIRED
from pbx_as_code.config.layering.contents import REQUIRED_SECTIONS
from pbx_as_code.config.planning.operations import Operation
from pbx_as_code.config.required_names import prompts_named_by
from pbx_as_code.config.spelling import unknown
from pbx_as_code.entities import description

_TEMPLATES: Final[Mapping[tuple[str, str], tuple[str, str]]] = {
    ("trunk", "template"): ("trunk_template", ""),
    ("user", "phones"): ("phone_template", "template_name"),
}
"""By kind and option: the kind of the template, and in a list the option of an item that names it."""


def missing_templates(
    operations: Iterable[Operation], rows_of: Callable[[str], Sequence[Mapping[str, Any]] | None]
) -> Iterator[tuple[str, Identity, str]]:
    """Kind and identity of each object whose template is not on the PBX, and a sentence about it.

    Parameters:
        operations: of a plan
        rows_of: returns the templates of a kind, None if the PBX does not list them; asked only for kinds that an
            operation names
    """
    for one in operations:
        for (kind, option), (template, field) in _TEMPLATES.items():
            value = one.sends.get(option) if one.kind == kind else None
            names = [item.get(field) for item in value or ()] if field else [value]
            named = {str(name) for name in names if name}
            known = {str(row.get(REQUIRED[template])) for row in rows_of(template) or ()} if named else set()
            for name in sorted(named - known) if known else ():
                told = unknown(description(template).label, name, sorted(known))
                path = ".".join(filter(None, (option, field)))
                yield one.kind, one.identity, f"{path}: {told} It is not on the PBX, and files cannot create it."


def missing_prompts(
    operations: Iterable[Operation],
    required: Mapping[str, Iterable[str]],
    rows: Mapping[str, Sequence[Mapping[str, Any]]],
    rows_of: Callable[[str], Sequence[Mapping[str, Any]] | None],
) -> Iterator[str]:
    """A sentence about each prompt that operations set and that the PBX does not list.

    It is no error, because a PBX has prompts that it does not list as custom ones.

    Parameters:
        operations: of a plan
        required: names that the files list as required, by section; see missing_required
        rows: of the PBX, by kind; what an object there plays already is known
        rows_of: returns the prompts of the PBX, None if it does not list them; asked only if an operation names one
    """
    listed = set(required.get("custom_prompts", ()))
    for one in operations:
        named = [name for name in prompts_named_by(one.sends) if name.name not in listed]
        there = rows_of("custom_prompt") if named else None
        if there is None:
            continue
        known = {str(row.get(REQUIRED["custom_prompt"])) for row in there}
        used = {name.name for row in rows.get(one.kind, ()) for name in prompts_named_by(row)}
        for name in named:
            if name.name not in known | used:
                told = unknown("custom prompt", name.name, sorted(known))
                title = title_of(KINDS[one.kind], one.identity)
                yield f"{title} {spelled(name.path)}: {told} Upload it first, or the PBX may refuse this value."


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
