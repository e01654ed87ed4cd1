"""state: absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.target import (
    LISTED_IN,
    after,
    etag_of,
    etag_to_send,
    expansions,
    lists_of,
    look_twice,
    unchecked,
)
from pbx_as_code.engine.compare.compare import differences
from pbx_as_code.engine.find.foreign_results import drop_foreign_id, is_result, without_dropped
from pbx_as_code.engine.find.knowledge import LookAgain
from pbx_as_code.engine.find.lookup import Wanted, changeable, exactly, find, named_by, scope_of
from pbx_as_code.engine.options.desired import desired_by, without_secrets, without_unseen
from pbx_as_code.engine.report.foreign_changes import changed_meanwhile
from pbx_as_code.engine.report.results import Outcome, entity
from pbx_as_code.errors import Conflict, NotStored, PbxError
from pbx_as_code.walk import Absent

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row


def remove(
    task: EntityTask,
) -> Outcome:
    """Remove the entity a task names, where it is there.

    Raises:
        PbxError: it cannot be removed, or was not
    """
    wanted = named_by(task)
    said = desired_by(task)
    compared = task.properties if task.accept is not None else [p for p in task.properties if p.name in said]
    expand = expansions(compared, task.entities.has)
    scope = scope_of(task, said, gone=True)
    result = task.has_assigned(wanted) and is_result(task)
    foreign: list[str] = []

    def look() -> tuple[Row, str | None] | None:
        """The entity and the ETag to remove it with, where it is there and as the task says."""
        row = find(task, wanted, expand, scope, result=result)
        if result:
            foreign.extend(drop_foreign_id(task, wanted, row))
        if row is None:
            return None
        telling = without_dropped(task, wanted, said)
        if task.description.key.ending:  # it was found, with its ending or without
            telling.pop(task.description.key.name, None)
        if task.spares_credentials:
            telling = without_secrets(task.properties, telling, row)
        task.entities.check_release(task.properties, telling, row)
        _check_is_so(task, row, task.references.resolved(telling, row, removing=True))
        return row, etag_to_send(task, row)

    there = look()
    if there is None:
        from pbx_as_code.engine.write.other_spellings import left_alone

        return Outcome(changed=False, before=None, after=None, warnings=[*foreign, *left_alone(task, wanted, scope)])
    row, etag = there
    foreign += unchecked(task, row)
    if task.accept is not None:
        task.accept(entity(task.description, row))
    if task.check_mode:
        return Outcome(changed=True, before=row, after=None, warnings=foreign)
    stays_so = _stays_so(task.description, wanted, said)
    if task.entities.looked_ahead and (etag is None or not stays_so):
        raise LookAgain
    what = task.what(row)
    with (
        task.entities.locked(row[task.description.key.name], what) as waited,
        lists_of(task.pbx, LISTED_IN.get(task.description.entity_set), what) as waited_for_list,
    ):
        named = task.description.assigned_key and stays_so and task.accept is None
        certain = not (waited or waited_for_list) and (named or etag_of(row) is not None)
        if not (task.entities.looked_ahead or certain):
            again = look()
            if again is None:
                return Outcome(changed=False, before=None, after=None, warnings=foreign)
            row, etag = again
            if task.accept is not None:
                task.accept(entity(task.description, row))
        removed = _removed(task, row, etag)
    removed.warnings[:0] = foreign
    return removed


def _removed(task: EntityTask, row: Row, etag: str | None) -> Outcome:
    what = task.what(row)
    by_key = task.key_of(row)
    itself = task.about(exactly(task.description))
    gone = Outcome(changed=True, before=row, after=None)
    try:
        task.entities.remove(row, etag, what)
    except PbxError as failure:
        if not failure.in_doubt and failure.status not in (404, 412):
            raise
        if not failure.in_doubt and task.entities.looked_ahead:  # it is not what it was some seconds ago
            raise LookAgain from None
        try:
            now = find(itself, by_key)
        except PbxError:  # what the write met with is what matters
            raise failure from None
        if failure.in_doubt:
            if now is not None:
                raise
            gone.warnings.append(f"{task.pbx} did not confirm the removal of {what}, but no longer has it.")
            return gone
        if now is None:  # somebody else was quicker; what was asked for is so
            return Outcome(changed=False, before=None, after=None)
        raise changed_meanwhile(task, failure, row, now) from None
    with after(f"The removal of {what} was accepted by {task.pbx}, but the result could not be read."):
        left = look_twice(lambda: find(itself, by_key), lambda row: row is None)
    if left is not None:
        raise NotStored(
            f"{task.pbx} accepted the removal of {what}, but still has it. Check it in the admin console: it may "
            "be in use, or be removed later."
        )
    return gone


def _stays_so(description: EntityDescription, wanted: Wanted, said: Row) -> bool:
    """Whether all that a task says of an entity is so for as long as the entity is there.

    A number is. Of a name there may be a second one meanwhile, what is expanded is stored elsewhere, and a PBX may give
    ETags and leave them as they are: what changes is looked up again.
    """
    naming = {key.name for key in description.keys if key.option in wanted}
    naming -= changeable(description) - {description.key.name}
    return bool(naming) and naming.issuperset(said)


def _check_is_so(task: EntityTask, row: Row, said: Row) -> None:
    """Refuse to remove what is not as the task says it is; a row as an _info module returned it is.

    Raises:
        PbxError: a property is otherwise
    """
    naming = {key.option for key in task.description.keys}
    otherwise = [
        change.property.option
        for change in differences(task.properties, without_unseen(task.properties, said, row), row)
        if not (isinstance(change.before, Absent) or change.property.read_only)
    ]
    if otherwise:
        raise Conflict(
            f"{task.what(row)} on {task.pbx} is not as the task says: {', '.join(otherwise)}. To remove it "
            f"whatever it is like, give only what names it ({', '.join(sorted(naming))}). Nothing was changed.",
            target=otherwise[0],
        )
