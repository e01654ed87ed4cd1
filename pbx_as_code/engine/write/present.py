"""state: present."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.pbx import EntitySet, Row
from pbx_as_code.engine.compare.compare import ABSENT, merged, same
from pbx_as_code.engine.compare.fixed_items import check_fixed_items, fixed_items, in_given_order
from pbx_as_code.engine.compare.list_modes import REPLACE, combined, taken_out
from pbx_as_code.engine.find.default_department import in_default_department
from pbx_as_code.engine.find.directory import value as value_in
from pbx_as_code.engine.find.expansions import expansions
from pbx_as_code.engine.find.foreign_results import drop_foreign_id, is_result
from pbx_as_code.engine.find.look_ahead import LookAgain
from pbx_as_code.engine.find.lookup import calling, find, matches, named_by, namesakes, scope_of
from pbx_as_code.engine.options.dates import check_dates
from pbx_as_code.engine.options.declaration import Declaration
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.engine.options.secrets import without_secrets
from pbx_as_code.engine.report.failure import Failure, after
from pbx_as_code.engine.report.names import of_options, of_row
from pbx_as_code.engine.report.outcome import Outcome
from pbx_as_code.engine.write.change import change, filled_by_pbx, verify
from pbx_as_code.engine.write.create_action import make
from pbx_as_code.engine.write.creation import Duplicates, post
from pbx_as_code.engine.write.wait import look_twice
from pbx_as_code.errors import BadOption, Conflict, NotFound, NotStored, Refused, Unsupported


def ensure(
    entities: EntitySet,
    description: EntityDescription,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
) -> Outcome:
    """Make the entity a task names be as the task says: create it, change what differs, or leave it.

    Raises:
        Failure: it cannot be so, or did not become so
    """
    wanted = _without_assigned(description, desired(description.properties, given, validated))
    names = named_by(description, given, validated)
    scope = scope_of(entities, description, wanted)
    row = _read(entities, description, names, wanted, scope, result=is_result(description, given))
    foreign = drop_foreign_id(entities, description, names, row, given)
    entities.check_release(description.properties, wanted, row)
    lists = validated.get("lists") or REPLACE
    wanted = entities.references.resolved(wanted, row, gone=taken_out(lists, description.properties))
    if row is None and description.making is not None:
        _check_creation(entities, description, names, given, of_options(description, names))
        return make(entities, description, description.making, given, validated, check_mode)
    if row is None:
        new = _New.of(entities, description, names, wanted, _with_template(description, given), lists, check_mode)
        new.warnings[:0] = foreign
        if check_mode:
            after_all = {**_without_unassigned(description, new.body), **new.later}
            return Outcome(True, before=None, after=after_all, sent=new.sent.union(new.later), warnings=new.warnings)
        if entities.looked_ahead:
            raise LookAgain
        with entities.locked(calling(description, names), new.what):
            row = _read(entities, description, names, wanted, scope)  # another task may have created it since
            if row is None:
                return _create(entities, description, names, new)
    _check_name(entities, description, names, row, validated)
    check_fixed_items(description.properties, wanted, row, entities.pbx)
    check_dates(description.properties, wanted, row)
    warnings: list[str] = []

    def spared(whole: Row, there: Row) -> Row:
        whole, warnings[:] = in_given_order(description.properties, whole, there, entities.pbx, check_mode)
        return _spared(description, validated.get("update_secrets") == "on_create", whole, there)

    _check_init(entities, description, row, given)
    found = _Found(entities, description, {description.key.option: row[description.key.name]})
    outcome = change(found, description, row, Declaration(description.properties, wanted, lists, spared), check_mode)
    outcome.warnings[:0] = [*foreign, *warnings]
    return outcome


def _spared(description: EntityDescription, credentials: bool, wanted: Row, row: Row) -> Row:
    """What is wanted of an entity that is there, without what is left alone."""
    if description.key.ending:  # it was found, with its ending or without
        wanted = {name: value for name, value in wanted.items() if name != description.key.name}
    return without_secrets(description.properties, wanted, row) if credentials else wanted


@dataclass(frozen=True)
class _New:
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
        entities: EntitySet,
        description: EntityDescription,
        names: dict[str, Any],
        wanted: Row,
        given: Mapping[str, Any],
        lists: str,
        check_mode: bool,
    ) -> _New:
        """What a task gives, upon what a new one starts from.

        Raises:
            Failure: it cannot be created so
        """
        what = of_options(description, names)
        check_dates(description.properties, wanted, None)
        _check_creation(entities, description, names, given, what)
        properties = {prop.name: prop for prop in description.properties}
        for name, value in wanted.items():
            prop = properties[name]
            if value is None and not (prop.nullable or prop.read_only):
                raise BadOption(
                    f"There is no {what} on {entities.pbx}, and {prop.option} of one cannot be null. Nothing was changed.",
                    target=prop.option,
                )
        wanted, warnings = in_given_order(description.properties, wanted, None, entities.pbx, check_mode)
        later = _fixed_items_of_new(entities, description, wanted, what)
        wanted = in_default_department(entities, description, wanted)
        body = entities.initial({p.name: str(given[p.option]) for p in description.init_with})
        wanted = combined(lists, description.properties, wanted, body, new=True)
        for name, value in wanted.items():
            prop = properties[name]
            # Null at creation is what was not given; only a template may have something there to clear.
            if not prop.read_only and name not in later and (value is not None or name in body):
                body[name] = merged(prop, value, body.get(name))
        sent = frozenset(name for name in wanted if name in body and not properties[name].read_only)
        return cls(what, wanted, body, sent, later, warnings)


def _create(
    entities: EntitySet,
    description: EntityDescription,
    names: dict[str, Any],
    new: _New,
) -> Outcome:
    what, wanted, key, later = new.what, new.wanted, description.key, new.later
    scope = {one.name: wanted[one.name] for one in description.scope if one.name in wanted}

    def look() -> Row | None:
        return _read(entities, description, names, wanted, scope)

    stored, warnings = _posted(entities, description, new.body, names, what, look)
    answered = stored.get(key.name)
    known = isinstance(answered, int if key.kind == "int" else str)
    expand = _expand(entities, description, wanted)
    with after(f"The new {what} was accepted by {entities.pbx}"):
        alike = namesakes(entities, description, names, expand, scope) if known else None
        now = next((row for row in alike or () if row[key.name] == answered), None)
        if now is not None:
            now = _with_large(entities, description, now, wanted)
        else:
            named = {key.option: answered} if known else names
            now = look_twice(
                lambda: _read(entities, description, named, wanted, scope), lambda found: found is not None
            )
    if now is None:
        raise NotStored(
            f"{entities.pbx} accepted the new {what}, and does not have it. Look at it in the admin console.",
            changed=False,
        )
    if not warnings and alike and any(row[key.name] != answered for row in alike):
        duplicates = Duplicates(
            entities, description, lambda: namesakes(entities, description, names, expand, scope) or []
        )
        staying = duplicates.settled(now)
        if staying is not None:
            staying = _with_large(entities, description, staying, wanted)
            found = _Found(entities, description, {key.option: staying[key.name]})
            writable = {name: value for name, value in wanted.items() if name in new.sent or name in later}
            return change(found, description, staying, Declaration(description.properties, writable), check_mode=False)
    properties = {prop.name: prop for prop in description.properties}
    writable = {name: value for name, value in wanted.items() if name in new.sent}
    warnings += filled_by_pbx(description, wanted, now)
    warnings += verify(entities, description, writable, None, now, changed=True)
    cleared = {
        n: None for n, value in wanted.items() if value is None and n not in new.sent and not properties[n].read_only
    }
    sent = new.sent
    filled_in = not all(same(properties[n], None, now.get(n, ABSENT)) for n in cleared)
    if description.can_update and (later or filled_in):
        # The PBX has filled in what the task wants empty or otherwise; the next run would change it.
        found = _Found(entities, description, {key.option: now[key.name]})
        try:
            check_fixed_items(description.properties, later, now, entities.pbx)
            declared = Declaration(description.properties, {**cleared, **later})
            done = change(found, description, now, declared, check_mode=False)
            now, sent, warnings = done.after or now, sent.union(later), [*warnings, *done.warnings]
        except Failure as failure:
            raise failure.saying(
                f"The {what} was created on {entities.pbx}, and what the PBX has filled in could not be changed. "
                f"{failure.msg.removesuffix(' Nothing was sent.')}",
                changed=True,
            ) from None
    return Outcome(changed=True, before=None, after=now, sent=sent, warnings=[*new.warnings, *warnings])


def _check_name(
    entities: EntitySet, description: EntityDescription, names: dict[str, Any], row: Row, validated: Mapping[str, Any]
) -> None:
    """Refuse to rename what was found by a number that means another one on another PBX, unless the task consents."""
    if not description.local_number or validated.get("rename"):
        return
    for key in description.natural_keys:
        if key.option in names and not matches(key, names[key.option], row):
            raise BadOption(
                f"{of_row(description, row)} on {entities.pbx} is not called {names[key.option]}: numbers and ids of a "
                f"{description.label} differ from PBX to PBX. To rename this one, set rename: true; to find it by its "
                f"{key.option}, leave number and id out. Nothing was changed.",
                target=key.option,
            )


def _with_template(description: EntityDescription, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a creation, with the template of a row that an _info module returned: it is not an option there."""
    found = dict(given)
    for parameter in description.init_with:
        value: Any = given
        properties = description.properties
        for name in parameter.stored_in:
            option = next((prop.option for prop in properties if prop.name == name), None)
            properties = next((prop.fields for prop in properties if prop.name == name), ())
            value = value.get(option) if isinstance(value, Mapping) else None
        if found.get(parameter.option) is None and value is not None:
            found[parameter.option] = value
    return found


def _fixed_items_of_new(entities: EntitySet, description: EntityDescription, wanted: Row, what: str) -> Row:
    """The items that a new entity has from the beginning, and that are changed once it is there: sent along, they would
    be all it has. Which ones there are, another entity tells.

    Raises:
        Failure: there is no such item
    """
    fixed = fixed_items(description.properties, wanted) if description.can_update else ()
    if fixed:
        for other in entities.every(what, limit=1, expand=expansions(fixed, entities.has)):
            check_fixed_items(description.properties, wanted, other, entities.pbx)
    return {prop.name: wanted[prop.name] for prop in fixed}


def _posted(
    entities: EntitySet,
    description: EntityDescription,
    body: Row,
    names: dict[str, Any],
    what: str,
    look: Callable[[], Row | None],
) -> tuple[Row, list[str]]:
    """Create one. A PBX may refuse a second one of the same name with an empty 500; then the first one is looked up.

    Raises:
        Failure: it was refused
    """
    try:
        return post(lambda: entities.create(body, what), look, what, entities.pbx)
    except Failure as failure:
        if failure.status != 500 or not names:
            raise
        try:
            there = find(entities, description, names)
        except Failure:  # several of them
            there = None
        if there is None:
            raise
        options = " or ".join(key.option for key in description.natural_keys)
        raise Refused(
            f"{entities.pbx} refused to create the {what} with an error of its own (500) and without a reason. There already "
            f"is {of_row(description, there)}, and it may allow only one of that name. Give the new one another {options}, "
            "such as one with the year in it.",
            status=failure.status,
            code=failure.code,
            target=description.natural_keys[0].option if description.natural_keys else None,
        ) from None


def _without_assigned(description: EntityDescription, wanted: Row) -> Row:
    """What is wanted without null for what cannot change: a number that is left to the PBX is one once it is there."""
    fixed = {prop.name for prop in description.properties if prop.immutable}
    return {name: value for name, value in wanted.items() if not (value is None and name in fixed)}


@dataclass(frozen=True)
class _Found:
    """An entity that was found, by its key from now on."""

    entities: EntitySet
    description: EntityDescription
    by_key: dict[str, Any]

    @property
    def pbx(self) -> str:
        return self.entities.pbx

    @property
    def if_match(self) -> str | None:
        return self.entities.if_match

    def read(self, wanted: Row) -> Row | None:
        return _read(self.entities, self.description, self.by_key, wanted)

    def write(self, row: Row, changes: Row, etag: str | None, what: str) -> None:
        self.entities.change(row, changes, etag, what)

    def look_up(self, changes: Row, row: Row) -> None:
        self.entities.look_up(changes, row)

    def locked(self, row: Row, what: str) -> AbstractContextManager[bool]:
        if self.entities.looked_ahead:
            raise LookAgain
        self.entities.check_key(row)
        return self.entities.locked(row[self.description.key.name], what)


def _read(
    entities: EntitySet,
    description: EntityDescription,
    names: dict[str, Any],
    wanted: Row,
    scope: Mapping[str, Any] | None = None,
    *,
    result: bool = False,
) -> Row | None:
    """The entity with everything that is to be compared."""
    row = find(entities, description, names, _expand(entities, description, wanted), scope, result=result)
    return None if row is None else _with_large(entities, description, row, wanted)


def _expand(entities: EntitySet, description: EntityDescription, wanted: Row) -> tuple[str, ...]:
    return expansions((p for p in description.properties if p.name in wanted), entities.has)


def _with_large(entities: EntitySet, description: EntityDescription, row: Row, wanted: Row) -> Row:
    large = tuple(p.name for p in description.properties if p.large and p.name in wanted and entities.has(p.since))
    if large:
        row.update(entities.large(row, large, of_row(description, row)))
    return row


def _check_creation(
    entities: EntitySet, description: EntityDescription, names: dict[str, Any], given: Mapping[str, Any], what: str
) -> None:
    if entities.if_match is not None:
        raise Conflict(
            f"There is no {what} on {entities.pbx}, so it cannot have the version that if_match asks for. "
            "Leave if_match out to create one. Nothing was changed.",
            status=412,
            target="if_match",
        )
    if not description.can_create:
        raise Unsupported(f"There is no {what} on {entities.pbx}, and XAPI cannot create one. Nothing was changed.")
    key = next((prop for prop in description.properties if prop.name == description.key.name), None)
    if description.key.option in names and key is not None and key.read_only:
        raise NotFound(
            f"There is no {what} on {entities.pbx}, and the PBX itself gives a new one its {description.key.option}. "
            f"Leave {description.key.option} out to create one. Nothing was changed.",
            target=description.key.option,
        )
    needed = (*description.required_for_create, *(parameter.option for parameter in description.init_with))
    missing = [option for option in needed if given.get(option) is None]
    if missing:
        raise BadOption(
            f"There is no {what} on {entities.pbx}; creating it needs {', '.join(missing)}. Nothing was changed.",
            target=missing[0],
        )


def _check_init(entities: EntitySet, description: EntityDescription, row: Row, given: Mapping[str, Any]) -> None:
    """Refuse to make of an entity what it can only be made from at creation."""
    for parameter in description.init_with:
        wanted, stored = given.get(parameter.option), value_in(row, "/".join(parameter.stored_in))
        if wanted is not None and stored not in (None, "") and str(wanted) != str(stored):
            raise Unsupported(
                f"{parameter.option} of {of_row(description, row)} on {entities.pbx} is '{stored}' and cannot be changed once "
                "it is created. Nothing was changed.",
                target=parameter.option,
            )


def _without_unassigned(description: EntityDescription, body: Row) -> Row:
    """What an entity would be, without a key it does not have yet."""
    return {
        name: value for name, value in body.items() if not (name == description.key.name and value in (0, None, ""))
    }
