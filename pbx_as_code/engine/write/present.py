"""state: present."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.compare.compare import Declaration, taken_out
from pbx_as_code.engine.compare.fixed_items import check_fixed_items, in_given_order
from pbx_as_code.engine.find.foreign_results import check_name, drop_foreign_id, is_result, without_dropped
from pbx_as_code.engine.find.knowledge import LookAgain
from pbx_as_code.engine.find.knowledge import value as value_in
from pbx_as_code.engine.find.lookup import calling, named_by, scope_of
from pbx_as_code.engine.options.desired import desired_by
from pbx_as_code.engine.options.invalid_values import check_dates
from pbx_as_code.engine.options.secrets import without_secrets
from pbx_as_code.engine.report.outcome import Outcome
from pbx_as_code.engine.write.change import change
from pbx_as_code.engine.write.target import Found, read_entity
from pbx_as_code.errors import Unsupported

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row


def ensure(task: EntityTask) -> Outcome:
    """Bring the object of a task to the desired state: create it, change it, or leave it unchanged.

    Raises:
        PbxError: it cannot be so, or did not become so
    """
    wanted = _without_assigned(task.description, desired_by(task))
    names = named_by(task)
    scope = scope_of(task, wanted)
    row = read_entity(task, names, wanted, scope, result=is_result(task))
    foreign = drop_foreign_id(task, names, row)
    wanted = without_dropped(task, names, wanted)
    task.entities.check_release(task.properties, wanted, row)
    wanted = task.references.resolved(wanted, row, gone=taken_out(task.lists, task.properties))
    if row is None and task.description.making is not None:
        from pbx_as_code.engine.write.create_action import make
        from pbx_as_code.engine.write.new_object import check_creation

        check_creation(task, names, task.given, task.named(names))
        return make(task, task.description.making)
    if row is None:
        from pbx_as_code.engine.write.new_object import NewObject, create, with_template, without_unassigned

        new = NewObject.of(task, names, wanted, with_template(task), task.lists)
        new.warnings[:0] = foreign
        if task.check_mode:
            after_all = {**without_unassigned(task.description, new.body), **new.later}
            return Outcome(True, before=None, after=after_all, sent=new.sent.union(new.later), warnings=new.warnings)
        if task.entities.looked_ahead:
            raise LookAgain
        with task.entities.locked(calling(task.description, names), new.what):
            row = read_entity(task, names, wanted, scope)  # another task may have created it since
            if row is None:
                return create(task, names, new)
    check_name(task, names, row, scope)
    check_fixed_items(task.properties, wanted, row, task.pbx)
    check_dates(task.properties, wanted, row)
    warnings: list[str] = []

    def spared(whole: Row, there: Row) -> Row:
        whole, warnings[:] = in_given_order(task.properties, whole, there, task.pbx, task.check_mode)
        return _spared(task.description, task.spares_credentials, whole, there)

    _check_init(task, row)
    found = Found(task, task.key_of(row))
    outcome = change(task, found, row, Declaration(task.properties, wanted, task.lists, spared))
    outcome.warnings[:0] = [*foreign, *warnings]
    return outcome


def _spared(description: EntityDescription, credentials: bool, wanted: Row, row: Row) -> Row:
    """Return the desired values of an existing entity, without those to leave alone."""
    if description.key.ending:  # it was found, with its ending or without
        wanted = {name: value for name, value in wanted.items() if name != description.key.name}
    return without_secrets(description.properties, wanted, row) if credentials else wanted


def _without_assigned(description: EntityDescription, wanted: Row) -> Row:
    """Return the desired values without null for immutable properties: a number assigned by the PBX exists from then
    on.
    """
    fixed = {prop.name for prop in description.properties if prop.immutable}
    return {name: value for name, value in wanted.items() if not (value is None and name in fixed)}


def _check_init(task: EntityTask, row: Row) -> None:
    """Refuse to change an option that only takes effect at creation."""
    for parameter in task.description.init_with:
        wanted, stored = task.given.get(parameter.option), value_in(row, "/".join(parameter.stored_in))
        if wanted is not None and stored not in (None, "") and str(wanted) != str(stored):
            raise Unsupported(
                f"{parameter.option} of {task.what(row)} on {task.pbx} is '{stored}' and cannot be changed once "
                "it is created. Nothing was changed.",
                target=parameter.option,
            )
