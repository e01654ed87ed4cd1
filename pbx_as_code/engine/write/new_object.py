"""An object that is not there yet: what it is to be like, and making it so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from threecx_xapi.record import Record

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.target import (
    Found,
    after,
    expansions,
    expansions_for,
    look_twice,
    read_entity,
    with_large,
)
from pbx_as_code.engine.compare.compare import Declaration, combined, merged, same
from pbx_as_code.engine.compare.fixed_items import check_fixed_items, fixed_items, in_given_order
from pbx_as_code.engine.find.default_department import in_default_department
from pbx_as_code.engine.find.lookup import find, namesakes
from pbx_as_code.engine.options.invalid_values import check_dates
from pbx_as_code.engine.report.results import Outcome
from pbx_as_code.engine.write.change import change, filled_by_pbx, verify
from pbx_as_code.engine.write.creation import Duplicates, post
from pbx_as_code.errors import BadOption, Conflict, NotFound, NotStored, PbxError, Refused, Unsupported
from pbx_as_code.suggestions import existing
from pbx_as_code.walk import ABSENT, places

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row

_MOST_LISTED = 200
"""Objects that are read to suggest one in the place of one that cannot be created."""


class NewObject(Record, hidden=("wanted", "body", "later")):
    """An entity that is to be created.

    Parameters:
        what: it is, for messages
        wanted: what the task gives, with whole lists
        body: what is sent
        sent: the properties of it that the task gives
        later: what is changed once it is there
        warnings: for the task
    """

    what: str
    wanted: Row
    body: Row
    sent: frozenset[str]
    later: Row
    warnings: list[str]

    @classmethod
    def of(
        cls,
        task: EntityTask,
        names: dict[str, Any],
        wanted: Row,
        given: Mapping[str, Any],
        lists: str,
    ) -> NewObject:
        """Return the task's values, merged into the template of a new object.

        Raises:
            PbxError: it cannot be created so
        """
        what = task.named(names)
        check_dates(task.properties, wanted, None)
        check_creation(task, names, given, what)
        properties = {prop.name: prop for prop in task.properties}
        _check_nulls(task, wanted, what)
        wanted, warnings = in_given_order(task.properties, wanted, None, task.pbx, task.check_mode)
        later = _fixed_items_of_new(task, wanted, what)
        wanted = in_default_department(task, wanted)
        body = task.entities.initial({p.name: str(given[p.option]) for p in task.description.init_with})
        wanted = combined(lists, task.properties, wanted, body, new=True)
        for name, value in wanted.items():
            prop = properties[name]
            # Null at creation is what was not given; only a template may have something there to clear.
            if not prop.read_only and name not in later and (value is not None or name in body):
                body[name] = merged(prop, value, body.get(name))
        sent = frozenset(name for name in wanted if name in body and not properties[name].read_only)
        return cls(what, wanted, body, sent, later, warnings)


def _check_nulls(task: EntityTask, wanted: Row, what: str) -> None:
    """Refuse null where a new entity cannot have it. Its places show credentials, so none outlives this function."""
    for place in places(task.properties, wanted):
        if place.value is None and not (place.prop.nullable or place.prop.read_only):
            raise BadOption(
                f"There is no {what} on {task.pbx}, and {place.path} of one cannot be null. Nothing was changed.",
                target=place.path,
            )


def create(task: EntityTask, names: dict[str, Any], new: NewObject) -> Outcome:
    """Create it, and look at it; where somebody else has created one of the same name, change that one instead.

    Raises:
        PbxError: it was not created, or is not as it should be
    """
    what, wanted, key, later = new.what, new.wanted, task.description.key, new.later
    scope = {one.name: wanted[one.name] for one in task.description.scope if one.name in wanted}

    def look() -> Row | None:
        return read_entity(task, names, wanted, scope)

    stored, warnings = _posted(task, new.body, names, what, look)
    answered = stored.get(key.name)
    known = isinstance(answered, int if key.kind == "int" else str)
    expand = expansions_for(task, wanted)
    with after(f"The new {what} was accepted by {task.pbx}, but the result could not be read."):
        alike = namesakes(task, names, expand, scope) if known and not task.anew else None
        now = next((row for row in alike or () if row[key.name] == answered), None)
        if now is not None:
            now = with_large(task, now, wanted)
        else:
            named = {key.option: answered} if known else names
            now = look_twice(lambda: read_entity(task, named, wanted, scope), lambda found: found is not None)
    if now is None:
        numbered = f" as {task.description.key.option} {answered}" if known else ""
        raise NotStored(
            f"{task.pbx} accepted the new {what}{numbered}, but does not show it. Perhaps {task.connection.who} "
            "may not see it; then every further run would create another one. Check in the admin console before you "
            "run the task again.",
            changed=False,
        )
    if not warnings and alike and any(row[key.name] != answered for row in alike):
        duplicates = Duplicates(task, lambda: namesakes(task, names, expand, scope) or [])
        staying = duplicates.settled(now)
        if staying is not None:
            staying = with_large(task, staying, wanted)
            found = Found(task, {key.option: staying[key.name]})
            writable = {name: value for name, value in wanted.items() if name in new.sent or name in later}
            return change(task, found, staying, Declaration(task.properties, writable))
    return _completed(task, new, now, warnings)


def _completed(task: EntityTask, new: NewObject, now: Row, warnings: list[str]) -> Outcome:
    """Check what the PBX has stored, then change what could not be sent with the creation.

    Parameters:
        new: as it was sent
        now: as it was read afterwards
        warnings: of the creation

    Raises:
        PbxError: it is not as it should be
    """
    what, wanted, later = new.what, new.wanted, new.later
    properties = {prop.name: prop for prop in task.properties}
    writable = {name: value for name, value in wanted.items() if name in new.sent}
    warnings = [*warnings, *filled_by_pbx(task, wanted, now)]
    warnings += verify(task, writable, None, now, changed=True)
    cleared = {
        n: None for n, value in wanted.items() if value is None and n not in new.sent and not properties[n].read_only
    }
    sent = new.sent
    filled_in = not all(same(properties[n], None, now.get(n, ABSENT)) for n in cleared)
    if task.description.can_update and (later or filled_in):
        # The PBX has filled in what the task wants empty or otherwise; the next run would change it.
        own = task.about(task.description)
        own.accept = None  # nobody else has created it
        found = Found(own, own.key_of(now))
        try:
            check_fixed_items(task.properties, later, now, task.pbx)
            declared = Declaration(task.properties, {**cleared, **later})
            done = change(own, found, now, declared)
            now, sent, warnings = done.after or now, sent.union(later), [*warnings, *done.warnings]
        except PbxError as failure:
            raise failure.saying(
                f"The {what} was created on {task.pbx}, but values that the PBX filled in could not be changed. "
                f"{failure.msg.removesuffix(' Nothing was sent.').removesuffix(' Nothing was changed.')}",
                changed=True,
            ) from None
    return Outcome(changed=True, before=None, after=now, sent=sent, warnings=[*new.warnings, *warnings])


def with_template(task: EntityTask) -> Mapping[str, Any]:
    """The options of a creation, with the template of a row that an _info module returned: it is
    not an option there.
    """
    found = dict(task.given)
    for parameter in task.description.init_with:
        value: Any = task.given
        properties = task.properties
        for name in parameter.stored_in:
            option = next((prop.option for prop in properties if prop.name == name), None)
            properties = next((prop.fields for prop in properties if prop.name == name), ())
            value = value.get(option) if isinstance(value, Mapping) else None
        if found.get(parameter.option) is None and value is not None:
            found[parameter.option] = value
    return found


def _fixed_items_of_new(task: EntityTask, wanted: Row, what: str) -> Row:
    """The items that a new entity has from the beginning, and that are changed once it is there: sent along, they would
    be all it has. Which ones there are, another entity tells.

    Raises:
        PbxError: there is no such item
    """
    fixed = fixed_items(task.properties, wanted) if task.description.can_update else ()
    if fixed:
        for other in task.entities.every(what, limit=1, expand=expansions(fixed, task.entities.has)):
            check_fixed_items(task.properties, wanted, other, task.pbx)
    return {prop.name: wanted[prop.name] for prop in fixed}


def _posted(
    task: EntityTask,
    body: Row,
    names: dict[str, Any],
    what: str,
    look: Callable[[], Row | None],
) -> tuple[Row, list[str]]:
    """Create one. A PBX may refuse a second one of the same name with an empty 500; then the first one is looked up.

    Raises:
        PbxError: it was refused
    """
    if task.anew:  # one of its name that is there may be another one: nothing tells whether a request is to be repeated
        return task.entities.create(body, what), []
    attempts = count()

    def create() -> Row:
        if next(attempts):  # the attempt before this one has made uncertain what is referred to
            task.entities.look_up(body, {})
        return task.entities.create(body, what)

    try:
        return post(create, look, what, task.pbx)
    except PbxError as failure:
        if failure.status != 500 or not names:
            raise
        try:
            there = find(task, names)
        except PbxError:  # several of them
            there = None
        if there is None:
            failure.msg = (
                f"{failure.msg} Perhaps there is one that {task.connection.who} may not see, and the PBX allows only "
                "one of that name: look in the admin console."
            )
            raise
        options = " or ".join(key.option for key in task.description.natural_keys)
        raise Refused(
            f"{task.pbx} failed to create the {what}: it answered with an internal error (500) and gave no reason. "
            f"There already is {task.what(there)}, and it may allow only one of that name. Give the new one another "
            f"{options}, such as one with the year in it.",
            status=failure.status,
            code=failure.code,
            target=task.description.natural_keys[0].option if task.description.natural_keys else None,
        ) from None


def check_creation(task: EntityTask, names: dict[str, Any], given: Mapping[str, Any], what: str) -> None:
    if task.if_match is not None:
        raise Conflict(
            f"There is no {what} on {task.pbx}, so it cannot have the ETag in if_match. "
            "Leave if_match out to create one. Nothing was changed.",
            status=412,
            target="if_match",
        )
    if not task.description.can_create:
        raise Unsupported(
            f"There is no {what} on {task.pbx}{_those_there(task, names)} XAPI cannot create one. Nothing was changed."
        )
    key = next((prop for prop in task.properties if prop.name == task.description.key.name), None)
    if task.description.key.option in names and key is not None and key.read_only:
        raise NotFound(
            f"There is no {what} on {task.pbx}, and the PBX itself gives a new one its {task.description.key.option}. "
            f"Leave {task.description.key.option} out to create one. Nothing was changed.",
            target=task.description.key.option,
        )
    needed = (*task.description.required_for_create, *(parameter.option for parameter in task.description.init_with))
    missing = [option for option in needed if given.get(option) is None]
    if missing:
        raise BadOption(
            f"There is no {what} on {task.pbx}; creating it needs {', '.join(missing)}. Nothing was changed.",
            target=missing[0],
        )


def _those_there(task: EntityTask, names: Mapping[str, Any]) -> str:
    """The end of a sentence that names existing objects, where one is missing that cannot be created."""
    key = next((key for key in task.description.keys if isinstance(names.get(key.option), str)), None)
    if key is None:
        return "."
    try:
        rows = task.entities.every(task.description.plural, limit=_MOST_LISTED)
    except PbxError:  # what is missing matters more
        return "."
    known = [text for row in rows if isinstance(text := row.get(key.name), str)]
    return existing(str(names[key.option]), known, more=len(rows) == _MOST_LISTED)


def without_unassigned(description: EntityDescription, body: Row) -> Row:
    """Return the entity as it would be, without a key it does not have yet."""
    return {
        name: value for name, value in body.items() if not (name == description.key.name and value in (0, None, ""))
    }
