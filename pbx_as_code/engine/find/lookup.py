"""Finding the one entity a task means: by its key, else by a natural key, always by $filter.

So a 404 says that the endpoint is not there, and an empty list that the entity is gone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from threecx_xapi import odata
from threecx_xapi.record import Record

from pbx_as_code.description import DEPARTMENTS, EntityDescription, Key
from pbx_as_code.engine.compare.favourites import is_hidden, refuse_hidden
from pbx_as_code.engine.compare.networks import network, spellings
from pbx_as_code.engine.compare.values import (
    LONGEST_NAME,
    TEXTS,
    canonical,
    check_bounds,
    check_length,
    check_text,
    composed,
    instant,
    internal_number,
    is_zero,
    mac,
    telephone,
    texts_of,
    uuid,
)
from pbx_as_code.engine.options.invalid_values import check_digits
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import Ambiguous, NotFound, PbxFailed

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row

Wanted = dict[str, Any]
"""Options by which a task names its entity, with their values."""


def named_by(task: EntityTask) -> Wanted:
    """The key and natural keys a task gives.

    An empty text is as good as none where another one says which entity is meant: number "100" with an empty
    email_address clears the address of that user.

    Raises:
        PbxError: one of them is of the wrong type, or empty and nothing else names the entity
    """
    said = [
        key for key in task.description.keys if None not in (task.given.get(key.option), task.validated.get(key.option))
    ]
    empty = {
        key for key in said if isinstance(task.validated[key.option], str) and not task.validated[key.option].strip()
    }
    if empty != set(said):
        empty = {key for key in empty if key.name in changeable(task.description)}
        said = [key for key in said if key not in empty]
    return {
        key.option: read_key(task.description, key, task.given[key.option], task.validated[key.option]) for key in said
    }


def read_key(description: EntityDescription, key: Key, written: Any, value: Any) -> Any:
    """One of them, as it is looked for.

    Parameters:
        description: of the entity
        key: what is given
        written: the option as it was written
        value: the same after validation

    Raises:
        PbxError: it is empty or of the wrong type
    """
    if isinstance(written, Mapping | list) or (key.kind == "int" and isinstance(written, bool)):
        raise refused(
            key.option, f"one {'number' if key.kind == 'int' else 'text'} is needed to find {description.one}."
        )
    check_text(key.kind, written, key.option)
    check_digits(key, written, key.option)
    if isinstance(value, str) and not value.strip():
        raise refused(key.option, f"it is empty and does not identify {description.one}.")
    if key.kind in TEXTS and any(ord(letter) < 32 or ord(letter) == 127 for letter in str(value)):
        # Nothing would be found by it, and "already gone" would be the wrong answer.
        raise refused(key.option, "it contains a line break or another control character.")
    for prop in description.properties:
        if prop.name == key.name:
            check_bounds(prop, value, key.option)
    check_length(LONGEST_NAME, value, key.option)
    if description.entity_set == DEPARTMENTS:
        refuse_hidden(key.option, value)
    return _readable(key, value)


def find(
    task: EntityTask,
    wanted: Wanted,
    expand: tuple[str, ...] = (),
    scope: Mapping[str, Any] | None = None,
    *,
    result: bool = False,
) -> Row | None:
    """The entity a task names; None where there is none.

    Parameters:
        entities: where to look
        description: of the entity
        wanted: from named_by
        expand: navigation properties to bring along
        scope: from scope_of; what belongs to a natural key
        result: the options are a result, which another PBX may have returned

    Raises:
        PbxError: a natural key matches several, or key and natural key name different ones
    """
    missed: list[Key] = []
    new, local = task.description.changeable_names, task.description.local_keys
    search = _Search(task, wanted, expand, scope or {})
    for names in _names(task.description, wanted, result=result):
        # Beside what cannot change, such as a number, a name is what the entity is to be called: another may be called
        # so. An id or another assigned value names nothing that is to be created.
        told = any(key not in local for key in missed)
        given = [key for key in names if key.option in wanted and not (told and key in new)]
        if not given:
            continue
        found = search.called(names, given)
        if len(found) > 1 and task.description.key.option in wanted:
            found = [
                row for row in found if matches(task.description.key, wanted[task.description.key.option], row)
            ] or found
        if len(found) > 1:  # spellings that mean the same: the one that was written
            found = [row for row in found if all(row.get(key.name) == wanted[key.option] for key in given)] or found
        if len(found) > 1:
            those = "; ".join(task.what(row) for row in found)
            named = ", ".join(f"{key.option} {wanted[key.option]}" for key in given)
            raise Ambiguous(
                f"{named} means {len(found)} of them on {task.pbx}: {those}. "
                f"Say which by {_telling(task.description, scope)}. Nothing was changed.",
                target=given[0].option,
            )
        by_local = given[0] in local
        if found and task.description.entity_set == DEPARTMENTS and is_hidden(found[0]):
            if not (result and by_local):
                refuse_hidden(given[0].option, found[0].get("Name"))
            found = []  # another PBX assigned this id
        if found:
            contradicting = [key for key in missed if not (by_local and key in new)]
            _agree(task, found[0], wanted, contradicting, ignored=local if result and not by_local else ())
            return found[0]
        missed.append(given[0])
    return None


def calling(description: EntityDescription, wanted: Wanted) -> str:
    """Return the name of the lock for an entity that is to be created: its natural key."""
    return " ".join(str(wanted[key.option]) for key in naming(description, wanted))


def naming(description: EntityDescription, wanted: Wanted) -> list[Key]:
    """Return the keys that decide which entity is meant, of those that are given: the first one, or its parts."""
    ways = ([key for key in names if key.option in wanted] for names in _names(description, wanted))
    return next((given for given in ways if given), [])


def namesakes(
    task: EntityTask,
    wanted: Wanted,
    expand: tuple[str, ...] = (),
    scope: Mapping[str, Any] | None = None,
) -> list[Row] | None:
    """Every entity of the natural key by which a task would find the one it has created; None where it gives none.

    Parameters:
        entities, description, wanted, expand, scope: see find
    """
    if task.description.key.option in wanted:
        return None
    for names in _names(task.description, wanted):
        given = [key for key in names if key.option in wanted]
        if given and given != [task.description.key]:
            return _Search(task, wanted, expand, scope or {}).called(names, given)
    return None


class _Search(Record):
    """A search for the entity of a task."""

    task: EntityTask
    wanted: Wanted
    expand: tuple[str, ...]
    scope: Mapping[str, Any]

    def called(self, names: tuple[Key, ...], given: list[Key]) -> list[Row]:
        """The entities that are called so; of natural keys that belong together, those that are left out are empty."""
        task, scope = self.task, self.scope
        found = _matching(task, given, self.wanted, task.named(self.wanted), self.expand)
        if given[0] == task.description.key:
            return found
        left_out = [key for key in names if key not in given]
        return [
            row
            for row in found
            if all(_same(k, scope[k.name], row) for k in _given(task.description, scope))
            and all(_same(k, None, row) for k in left_out)
        ]


def _names(description: EntityDescription, wanted: Wanted, *, result: bool = False) -> list[tuple[Key, ...]]:
    """Ways to find an entity, in the order in which they are tried.

    The id in a result of another PBX means another entity, and so does a number that the PBX assigns. So for a result
    any other number decides alone, else the name; the id tells apart several of the same name.
    """
    natural: list[tuple[Key, ...]] = [(key,) for key in description.natural_keys]
    if description.together:
        natural = [description.natural_keys]
    local = description.local_keys
    telling = [key for key in description.natural_keys if key not in local and key.option in wanted]
    if not (result and description.assigned_key and telling):
        return [(description.key,), *natural]
    own = [names for names in natural if names[0] not in local]
    if any(key not in description.changeable_names for key in telling):
        return own
    return [*own, *((key,) for key in local)]


def scope_of(task: EntityTask, said: Mapping[str, Any], *, gone: bool = False) -> dict[str, Any]:
    """Values of a task that belong to a natural key: XAPI name to value, with the names that rows have.

    Parameters:
        entities: where to look up what it refers to
        description: of the entity
        said: from desired
        gone: the entity is not to be there; where what it belongs to does not exist, it does not either

    Raises:
        PbxError: it refers to what is not there
    """
    scope = {key.name: said[key.name] for key in task.description.scope if key.name in said}
    return task.references.resolved(scope, gone=[key.option for key in task.description.scope] if gone else ())


def conditions(description: EntityDescription, wanted: Wanted, also: str | None = None) -> str | None:
    """A $filter for all of the given keys and one more condition; None where there is neither."""
    terms = [_condition(key, wanted[key.option]) for key in description.keys if key.option in wanted]
    terms += [also] if also else []
    return odata.and_(*terms) if terms else None


def selects_more(given: Iterable[Key], wanted: Wanted) -> bool:
    """Whether the $filter for these keys also selects entities that are not meant, so that all of
    them have to be read.
    """
    return any(key.option in wanted and _by_ending(key, wanted[key.option]) is not None for key in given)


def matches(key: Key, value: Any, row: Row) -> bool:
    """Whether a row is one that was asked for by this key."""
    held = canonical(key.kind, row.get(key.name))
    return any(held == canonical(key.kind, one) for one in _endings(key, value))


def exactly(description: EntityDescription) -> EntityDescription:
    """The same, to be found by its key as it is, and not by what stands before its ending."""
    return description.altered(key=description.key.altered(ending="")) if description.key.ending else description


def _endings(key: Key, value: Any) -> tuple[Any, ...]:
    """Return the possible stored forms of a key: the given one, and the one with the implied ending."""
    return tuple(dict.fromkeys((value, key.whole(value)))) if key.ending else (value,)


def _matching(
    task: EntityTask,
    given: list[Key],
    wanted: Wanted,
    what: str,
    expand: tuple[str, ...],
) -> list[Row]:
    def fits(row: Row) -> bool:
        return all(matches(key, wanted[key.option], row) for key in given)

    if task.description.listed_by:
        return [row for row in task.entities.every(what, expand=expand) if fits(row)]
    condition = odata.and_(*(_condition(key, wanted[key.option]) for key in given))
    known = task.entities.known(given[0], _endings(given[0], wanted[given[0].option]), expand)
    if known is not None:
        return _whole_named(given, wanted, [row for row in known if fits(row)])
    look = task.entities.every if selects_more(given, wanted) else task.entities.query
    rows = look(what=what, condition=condition, expand=expand)
    found = _whole_named(given, wanted, [row for row in rows if fits(row)])
    # A PBX may compare letters without regard to case. Anything else that was not asked for means that the $filter
    # was not obeyed, and then nobody knows what the first page leaves out.
    strange = [
        row
        for row in rows
        if not fits(row) and not all(_nearly(key, wanted[key.option], row.get(key.name)) for key in given)
    ]
    if strange:
        raise PbxFailed(
            f"{task.pbx} ignored the filter {condition} on {task.description.entity_set} and returned "
            f"{task.what(strange[0])}. Nothing was changed."
        )
    return found


def _nearly(key: Key, value: Any, held: Any) -> bool:
    """Whether a $filter may also have selected this value."""
    ending = _by_ending(key, value)
    if ending is not None:
        return str(held).endswith(ending)
    return str(held).lower() == str(value).lower()


def _whole_named(given: list[Key], wanted: Wanted, found: list[Row]) -> list[Row]:
    """Those that were found; where nightly and nightly.zip are both there, the one that was written."""
    if len(found) > 1 and any(key.ending for key in given):
        return [row for row in found if all(row.get(key.name) == wanted[key.option] for key in given)] or found
    return found


def changeable(description: EntityDescription) -> set[str]:
    """The properties that may be otherwise later."""
    return {prop.name for prop in description.properties if not (prop.immutable or prop.read_only)}


def _given(description: EntityDescription, scope: Mapping[str, Any] | None) -> list[Key]:
    return [key for key in description.scope if key.name in (scope or {})]


def _same(key: Key, value: Any, row: Row) -> bool:
    return _says_nothing(key, row.get(key.name)) if _says_nothing(key, value) else matches(key, value, row)


def _says_nothing(key: Key, value: Any) -> bool:
    """Whether a key has no value, or a blank one, which names nothing."""
    blank = isinstance(value, str) and not value.strip()
    return blank or canonical(key.kind, value) is None or is_zero(key.kind, value)


def _telling(description: EntityDescription, scope: Mapping[str, Any] | None) -> str:
    """The options that could tell several of the same natural key apart."""
    given = _given(description, scope)
    return " or ".join([*(key.option for key in description.scope if key not in given), description.key.option])


def _agree(task: EntityTask, row: Row, wanted: Wanted, missed: list[Key], ignored: tuple[Key, ...]) -> None:
    """Key and natural key must name the same entity; a natural key that can be changed may hold a new value, and one
    that another PBX assigned means nothing.
    """
    status = None if task.if_match is None else 412  # the one that is named has no such version
    for key in missed:
        if key in ignored:
            continue
        raise NotFound(
            f"There is no {task.description.label} with {key.option} {wanted[key.option]} on {task.pbx}, but "
            f"{task.what(row)} matches the other options. Give only options that identify the intended one. "
            "Nothing was changed.",
            status=status,
            target=key.option,
        )
    for key in task.description.natural_keys:
        if (
            key.option in wanted
            and key not in ignored
            and key.name not in changeable(task.description)
            and not matches(key, wanted[key.option], row)
        ):
            label, by = task.description.label, task.description.key.option
            if task.removing:
                how = (
                    f"To remove {row[task.description.key.name]}, leave {key.option} out; to remove the other one, "
                    f"leave {by} out."
                )
            elif key.option == "number":
                how = (
                    f"Renumbering is impossible: leave {by} out to create another {label}, or remove "
                    f"{task.what(row)} and create it again."
                )
            else:
                how = (
                    f"Changing {key.option} is impossible: leave {by} out to create another {label}, or remove "
                    f"{task.what(row)} and create it again."
                )
            raise Ambiguous(
                f"{task.what(row)} on {task.pbx} does not have {key.option} {wanted[key.option]}. "
                f"Give only options that identify the intended one. {how} Nothing was changed.",
                status=status,
                target=key.option,
            )


def _readable(key: Key, value: Any) -> Any:
    try:
        if key.kind == "network":
            network(value)
        elif key.kind == "datetime":
            instant(value)
        if key.kind == "number":
            return value.strip()
        return mac(value) if key.kind == "mac" else value
    except ValueError as error:
        raise refused(key.option, f"'{value}' is {error}") from None


def _condition(key: Key, value: Any) -> str:
    if key.kind == "mac":
        # Stored in either case, and "eq" minds the case.
        return odata.or_(*(odata.eq(key.name, case) for case in dict.fromkeys((value, value.upper()))))
    if key.kind == "network":
        return odata.or_(*(odata.eq(key.name, spelling) for spelling in spellings(value)))
    if key.kind == "uuid":
        try:
            return odata.eq(key.name, uuid(value))
        except ValueError:
            raise refused(key.option, f"'{value}' is not a UUID.") from None
    if key.kind == "email":
        return odata.eq(f"tolower({key.name})", composed(value.strip()).lower())  # a list of them as it is written
    if key.kind == "number" and not value.isdecimal():
        return odata.eq(f"tolower({key.name})", internal_number(value))
    ending = _by_ending(key, value)
    if ending is not None:
        return f"endswith({key.name},{odata.filter_literal(ending)})"
    if key.kind in TEXTS:
        return odata.or_(*(odata.eq(key.name, one) for whole in _endings(key, value) for one in texts_of(whole)))
    return odata.eq(key.name, instant(value) if key.kind == "datetime" else value)


def _by_ending(key: Key, value: Any) -> str | None:
    """The last digits of a telephone number, by which all of its spellings are found; None of what is none.

    How it is stored nobody knows: with or without +, blanks and hyphens. Few numbers have the same two last digits.
    """
    digits = telephone(value) if key.kind == "telephone" else ""
    return digits[-2:] if len(digits) > 2 and digits.isdecimal() else None
