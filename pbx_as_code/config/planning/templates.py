"""Templates that objects to be created or changed name, and that only the PBX itself can have."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from pbx_as_code.config.configuration import Identity
from pbx_as_code.config.kinds import REQUIRED
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
