"""Names that differ from an existing one in case or blanks only.

A PBX keeps "Sales" and "sales" apart, and people rarely do. So a task neither creates an object beside such a namesake
nor takes the namesake for the object it names: it says which spelling the PBX has. Numbers, e-mail addresses and
telephone numbers have spellings that mean the same; see compare/values.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from threecx_xapi import odata

from pbx_as_code.engine.access.target import expansions
from pbx_as_code.engine.compare.values import canonical, folded
from pbx_as_code.engine.find.knowledge import known_through
from pbx_as_code.engine.find.lookup import Wanted, matches, naming
from pbx_as_code.errors import Ambiguous, PbxError

if TYPE_CHECKING:
    from pbx_as_code.description import Key
    from pbx_as_code.engine.task import EntityTask, Row

_WORD = re.compile(r"[a-z0-9]+")
_FILES = frozenset({"Id", "FileName", "Filename", "TemplatePath"})
"""Properties that hold the name of a file, of which case is a part."""
_NOT_UNDERSTOOD = (400, 404, 500, 501)
"""Statuses with which a PBX answers a $filter that it does not support."""


def refuse_other_spelling(task: EntityTask, names: Wanted, scope: Mapping[str, Any]) -> None:
    """Refuse to create an object beside one whose name differs in case or blanks only.

    Parameters:
        task: that found no object of the name
        names: from named_by
        scope: from scope_of

    Raises:
        Ambiguous: there is such an object
    """
    row = _spelled_otherwise(task, names, scope)
    if row is None:
        return
    label, different = task.description.label, _difference(task, names, row)
    raise Ambiguous(
        f"There is no {task.named(names)} on {task.pbx}, but there is {task.what(row)}, whose {different} differs in "
        f"case or blanks only. Write it as on the PBX to mean that {label}, or give the new one a name that people can "
        "tell apart. Nothing was changed.",
        target=_named_so(task, names)[0].option,
    )


def left_alone(task: EntityTask, names: Wanted, scope: Mapping[str, Any]) -> list[str]:
    """A warning that a removal found nothing, where there is an object whose name differs in case or blanks only.

    Parameters:
        task: see refuse_other_spelling
        names: from named_by
        scope: from scope_of
    """
    row = _spelled_otherwise(task, names, scope)
    if row is None:
        return []
    return [
        f"There is no {task.named(names)} on {task.pbx}, so nothing was removed. {task.what(row)} has the "
        f"{_difference(task, names, row)}, which differs in case or blanks only; write it so to remove that one."
    ]


def _named_so(task: EntityTask, names: Wanted) -> list[Key]:
    """The keys that name a new object, if one of them is a name that people write in several ways."""
    given = naming(task.description, names)
    written = [key for key in given if key.kind == "str" and key.name not in _FILES]
    return [*written, *(key for key in given if key not in written)] if written else []


def _spelled_otherwise(task: EntityTask, names: Wanted, scope: Mapping[str, Any]) -> Row | None:
    given = _named_so(task, names)
    if not given:
        return None
    own = [key for key in task.description.natural_keys if key not in given] if task.description.together else []
    there = [key for key in task.description.scope if key.name in scope]
    expand = expansions((prop for prop in task.properties if prop.name in scope), task.entities.has)
    for row in _candidates(task, given[0], names, expand):
        if (
            not all(matches(key, names[key.option], row) for key in given)  # or another task has created it since
            and all(_same(key, names[key.option], row) for key in given)
            and all(canonical(key.kind, row.get(key.name)) is None for key in own)
            and all(_same(key, scope[key.name], row) for key in there)
        ):
            return row
    return None


def _candidates(task: EntityTask, key: Key, names: Wanted, expand: tuple[str, ...]) -> list[Row]:
    """Rows whose name contains the longest word of the given one, in any case."""
    wanted, what = folded(names[key.option]), task.named(names)
    if task.entities.looked_ahead:
        listed = known_through(task.client).list(task.entities.place, task.description.key.name, expand)
        known = listed.resembling(key.name, wanted)
        if known is not None:
            return [task.references.named(dict(row)) for row in known]
    if task.description.listed_by:
        return task.entities.every(what, expand=expand)
    word = max(_WORD.findall(wanted), key=len, default="")
    name = f"tolower({key.name})"
    condition = f"contains({name},{odata.filter_literal(word)})" if word else odata.eq(name, wanted)
    try:
        return task.entities.every(what, condition=condition, expand=expand)
    except PbxError as failure:
        if failure.status in _NOT_UNDERSTOOD:
            return []
        raise


def _same(key: Key, value: Any, row: Row) -> bool:
    held = row.get(key.name)
    if key.kind == "str" and isinstance(value, str) and isinstance(held, str):
        return _readable(key, held) == _readable(key, value)
    return bool(canonical(key.kind, held) == canonical(key.kind, value)) or not (held or value)


def _readable(key: Key, text: str) -> str:
    if key.name != "Link":
        return folded(text)
    scheme, separator, rest = text.strip().partition("://")
    address, _, path = rest.partition("/")
    # Case is a part of the path only.
    return f"{folded(scheme + separator + address)}/{path.rstrip('/')}" if separator else text.strip()


def _difference(task: EntityTask, names: Wanted, row: Row) -> str:
    keys = [key for key in _named_so(task, names) if row.get(key.name) != names[key.option]]
    return " and ".join(f"{key.option} '{row.get(key.name)}'" for key in keys)
