"""state: absent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.pbx import EntitySet, Row
from pbx_as_code.engine.compare.compare import Absent, differences
from pbx_as_code.engine.compare.foreign_changes import changed_meanwhile
from pbx_as_code.engine.find.expansions import expansions
from pbx_as_code.engine.find.foreign_results import drop_foreign_id, is_result
from pbx_as_code.engine.find.look_ahead import LookAgain
from pbx_as_code.engine.find.lookup import Wanted, changeable, exactly, find, named_by, scope_of
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.engine.options.option_specs import keys
from pbx_as_code.engine.options.secrets import without_secrets, without_unseen
from pbx_as_code.engine.report.failure import Failure, after
from pbx_as_code.engine.report.names import of_row
from pbx_as_code.engine.report.outcome import Outcome
from pbx_as_code.engine.write.etags import etag_to_send
from pbx_as_code.engine.write.wait import look_twice
from pbx_as_code.errors import Conflict, NotStored


def remove(
    entities: EntitySet,
    description: EntityDescription,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
) -> Outcome:
    """Remove the entity a task names, where it is there.

    Raises:
        Failure: it cannot be removed, or was not
    """
    wanted = named_by(description, given, validated)
    said = desired(description.properties, given, validated)
    expand = expansions((prop for prop in description.properties if prop.name in said), entities.has)
    scope = scope_of(entities, description, said, gone=True)
    foreign: list[str] = []

    def look() -> tuple[Row, str | None] | None:
        """The entity and the ETag to remove it with, where it is there and as the task says."""
        row = find(entities, description, wanted, expand, scope, result=is_result(description, given))
        foreign.extend(drop_foreign_id(entities, description, wanted, row, given))
        if row is None:
            return None
        telling = dict(said)
        if description.key.ending:  # it was found, with its ending or without
            telling.pop(description.key.name, None)
        if validated.get("update_secrets") == "on_create":
            telling = without_secrets(description.properties, telling, row)
        entities.check_release(description.properties, telling, row)
        _check_is_so(entities, description, row, entities.references.resolved(telling, row, removing=True))
        return row, etag_to_send(entities, description, row, check_mode)

    there = look()
    if there is None:
        return Outcome(changed=False, before=None, after=None, warnings=foreign)
    row, etag = there
    if check_mode:
        return Outcome(changed=True, before=row, after=None, warnings=foreign)
    if entities.looked_ahead and (etag is None or not _stays_so(description, wanted, said)):
        raise LookAgain
    with entities.locked(row[description.key.name], of_row(description, row)) as waited:
        if not entities.looked_ahead and (etag is None or waited):
            again = look()
            if again is None:
                return Outcome(changed=False, before=None, after=None, warnings=foreign)
            row, etag = again
        removed = _removed(entities, description, row, etag)
    removed.warnings[:0] = foreign
    return removed


def _removed(entities: EntitySet, description: EntityDescription, row: Row, etag: str | None) -> Outcome:
    what = of_row(description, row)
    by_key = {description.key.option: row[description.key.name]}
    itself = exactly(description)
    gone = Outcome(changed=True, before=row, after=None)
    try:
        entities.remove(row, etag, what)
    except Failure as failure:
        if not failure.in_doubt and failure.status not in (404, 412):
            raise
        if not failure.in_doubt and entities.looked_ahead:  # it is not what it was some seconds ago
            raise LookAgain from None
        try:
            now = find(entities, itself, by_key)
        except Failure:  # what the write met with is what matters
            raise failure from None
        if failure.in_doubt:
            if now is not None:
                raise
            gone.warnings.append(f"{entities.pbx} did not say that it removed {what}, and does not have it any more.")
            return gone
        if now is None:  # somebody else was quicker; what was asked for is so
            return Outcome(changed=False, before=None, after=None)
        raise changed_meanwhile(failure, description, row, now, own=entities.if_match is None) from None
    with after(f"The removal of {what} was accepted by {entities.pbx}"):
        left = look_twice(lambda: find(entities, itself, by_key), lambda row: row is None)
    if left is not None:
        raise NotStored(
            f"{entities.pbx} accepted the removal of {what}, and still has it. Look at it in the admin console: "
            "it may be in use, or be removed a little later."
        )
    return gone


def _stays_so(description: EntityDescription, wanted: Wanted, said: Row) -> bool:
    """Whether all that a task says of an entity is so for as long as the entity is there.

    A number is. Of a name there may be a second one meanwhile, what is expanded is stored elsewhere, and a PBX may give
    ETags and leave them as they are: what changes is looked up again.
    """
    naming = {key.name for key in keys(description) if key.option in wanted}
    naming -= changeable(description) - {description.key.name}
    return bool(naming) and naming.issuperset(said)


def _check_is_so(entities: EntitySet, description: EntityDescription, row: Row, said: Row) -> None:
    """Refuse to remove what is not as the task says it is; a row as an _info module returned it is.

    Raises:
        Failure: a property is otherwise
    """
    naming = {key.option for key in keys(description)}
    otherwise = [
        change.property.option
        for change in differences(description.properties, without_unseen(description.properties, said, row), row)
        if not (isinstance(change.before, Absent) or change.property.read_only)
    ]
    if otherwise:
        raise Conflict(
            f"{of_row(description, row)} on {entities.pbx} is not as the task says: {', '.join(otherwise)}. To remove it "
            f"whatever it is like, give only what names it ({', '.join(sorted(naming))}). Nothing was changed.",
            target=otherwise[0],
        )
