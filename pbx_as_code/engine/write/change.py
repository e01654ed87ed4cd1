"""Changing what is there: only what differs, in the version that was read, and looked at again afterwards."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from threecx_xapi import deadline, errors, retry
from threecx_xapi.record import Record

from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine.access.target import CLOCK, after, also_done, etag_of, etag_to_send, look_twice, unchecked
from pbx_as_code.engine.compare.compare import Declaration, Difference, differences, same, undecided
from pbx_as_code.engine.options.desired import without_unseen
from pbx_as_code.engine.report.foreign_changes import changed_meanwhile, overtaken_meanwhile
from pbx_as_code.engine.report.results import Outcome, entity, stored_otherwise
from pbx_as_code.errors import Conflict, NotStored, PbxError, Unsupported
from pbx_as_code.walk import ABSENT, Absent, places

if TYPE_CHECKING:
    from pbx_as_code.engine.task import Row, Task

_BUSY = (429, 503)
_ATTEMPTS = 5
"""How often a change is decided from what is there by then, before the task gives up."""


class Target(Protocol):
    """One entity, or one set of settings, of one PBX."""

    def read(self, wanted: Row) -> Row | None:
        """It with everything of `wanted` that is to be compared; None where there is none."""

    def write(self, row: Row, changes: Row, etag: str | None, what: str) -> None:
        """Change some of its properties, where its ETag is still the given one."""

    def look_up(self, changes: Row, row: Row) -> None:
        """Know what changes refer to, and what a write before this one may have made uncertain."""

    def locked(self, row: Row, what: str) -> AbstractContextManager[bool]:
        """Keep other tasks on this machine from writing it; True where one was writing it until then."""


def change(task: Task[Any], target: Target, row: Row, declared: Declaration) -> Outcome:
    """Make an object be as declared.

    Parameters:
        task: that declares it
        target: where it was read and can be written
        row: as it was read
        declared: what the task declares; what is not in it is left alone

    Raises:
        PbxError: it cannot be so, or did not become so
    """
    decision = _decide(task, row, declared)
    if decision.changes and task.accept is not None:
        task.accept(entity(task.description, row))
    if not decision.changes:
        return Outcome(changed=False, before=row, after=row, warnings=decision.warnings)
    unguarded = unchecked(task, row)
    if task.check_mode:
        etag_to_send(task, row)
        return Outcome(
            changed=True,
            before=row,
            after={**row, **decision.changes},
            sent=frozenset(decision.changes),
            warnings=[*unguarded, *decision.warnings],
        )
    with target.locked(row, task.what(row)) as waited:
        outcome = _Writing(task, target, declared, row, decision, look_first=waited).done()
    outcome.warnings[:0] = unguarded
    return outcome


class _Decision(Record, hidden=("wanted", "changes")):
    """Return the body to write, given the current object."""

    wanted: Row
    changes: Row
    warnings: list[str]


def _decide(task: Task[Any], row: Row, declared: Declaration) -> _Decision:
    wanted = declared.on(row)
    warnings = filled_by_pbx(task, wanted, row)
    found = [change for change in differences(task.properties, wanted, row) if not change.property.read_only]
    if found:
        _check(task, found, wanted, task.what(row))
        known = {change.property.name for change in found}
        found += [one for one in undecided(task.properties, wanted, row) if one.property.name not in known]
    return _Decision(wanted, {change.property.name: change.after for change in found}, warnings)


@dataclass
class _Writing:
    """A change under way, while no other task on this machine writes the object.

    Without an ETag, the object is read again right before the write. If somebody else has changed a declared value, the
    task fails; if they have changed anything else, such as other items of an extended list, the task decides again from
    the current state.
    """

    task: Task[Any]
    target: Target
    declared: Declaration
    row: Row = field(repr=False)
    decision: _Decision
    look_first: bool
    """The first reading may be out of date."""
    sent: Row = field(default_factory=dict, repr=False)
    """Desired values of the properties written so far."""
    writes: int = 0
    busy: int = 0
    """How many writes were answered 429 or 503, of which nobody knows whether they were carried out."""

    def done(self) -> Outcome:
        before = self.row
        for left in reversed(range(_ATTEMPTS)):
            with also_done(f"{self._what} was changed before, and stays so.", bool(self.writes)):
                if self.task.references.uncertain:
                    self.target.look_up(self.decision.changes, self.row)
                if self.look_first or self._unguarded():
                    self._decide_anew(self._found(), None)
                if not self.decision.changes:
                    break
                if not self._written(repeatable=left > 0):
                    continue
            now = self._look_after()
            if left and self._overwritten(now):
                self.row, self.decision, self.look_first = now, self._decision(now), True
                continue
            warnings = [*self.decision.warnings, *self._verified(now)]
            return Outcome(changed=True, before=before, after=now, sent=frozenset(self.sent), warnings=warnings)
        warnings = list(self.decision.warnings)
        if self.busy and not self.writes:
            warnings.append(f"{self.task.pbx} answered that it is busy, but has changed {self._what}.")
        return Outcome(
            changed=bool(self.writes or self.busy),
            before=before,
            after=self.row,
            sent=frozenset(self.sent),
            warnings=warnings,
        )

    def _unguarded(self) -> bool:
        """Whether the PBX would not refuse the write if what it replaces has changed by now.

        Lists of separately versioned objects, such as the inbound rules of a trunk, may change while the ETag of the
        object that lists them stays.
        """
        linked = {prop.name for prop in self.task.description.properties if prop.navigation and prop.many}
        return bool(linked & self.decision.changes.keys()) or etag_of(self.row) is None

    def _found(self) -> Row:
        now = self.target.read(self.decision.wanted)
        if now is None:
            raise self._removed(404, None)
        return now

    def _decide_anew(self, now: Row, refusal: PbxError | None) -> None:
        """Go by what is there now.

        Parameters:
            now: the object as it is
            refusal: of the write that was based on what was there before, where one was sent

        Raises:
            PbxError: somebody else has changed what the task declares
        """
        if overtaken := self.declared.overtaken(self.row, now):
            raise overtaken_meanwhile(self.task, self.row, now, overtaken, refusal)
        self.row, self.decision, self.look_first = now, self._decision(now), False

    def _decision(self, now: Row) -> _Decision:
        return _decide(self.task, now, self.declared)

    def _written(self, *, repeatable: bool) -> bool:
        """Write it; return False if its version has changed and the task has decided again."""
        etag = etag_to_send(self.task, self.row)
        try:
            self.target.write(self.row, self.decision.changes, etag, self._what)
        except PbxError as failure:
            if etag_of(self.row) is None and failure.status in _BUSY and repeatable:
                self._wait_and_decide_anew(failure)
                return False
            if failure.status not in (404, 412):
                raise
            try:
                now = self.target.read(self.decision.wanted)
            except PbxError:  # what the write met with is what matters
                raise failure from None
            if now is None:
                raise self._removed(failure.status, failure.code) from None
            own = self.task.if_match is None
            newer = failure.status == 412 and own and now.get("@odata.etag") != self.row.get("@odata.etag")
            if not (newer and repeatable):
                raise changed_meanwhile(self.task, failure, self.row, now) from None
            self._decide_anew(now, failure)
            self.look_first = True
            return False
        self.sent |= {name: self.decision.wanted[name] for name in self.decision.changes}
        self.writes += 1
        return True

    def _wait_and_decide_anew(self, refusal: PbxError) -> None:
        """Wait as long as a busy PBX asks for, then go by what is there: it may have carried the write out, and
        somebody else may have written since.

        Raises:
            PbxError: the refusal, where it is not worth waiting or the object cannot be read
        """
        self.busy += 1
        cause = refusal.__cause__
        policy = retry.RetryPolicy()
        wait = (
            retry.decide(policy, self.busy, cause, repeatable=False, idempotent=True)
            if isinstance(cause, errors.XapiError)
            else None
        )
        left = deadline.remaining()
        if wait is None or (left is not None and left <= wait):
            raise refusal
        if wait > 0:
            CLOCK.sleep(wait)
        try:
            now = self.target.read(self.decision.wanted)
        except PbxError:  # what the write met with is what matters
            raise refusal from None
        if now is None:
            raise self._removed(refusal.status, refusal.code)
        self.sent |= {name: self.decision.wanted[name] for name in self.decision.changes}
        self._decide_anew(now, refusal)

    def _look_after(self) -> Row:
        accepted = f"The change of {self._what} was accepted by {self.task.pbx}, but the result could not be read."
        with after(accepted):
            now = look_twice(lambda: self.target.read(self.decision.wanted), self._shows_the_write)
        if now is None:
            raise Conflict(
                f"{self._what} was changed on {self.task.pbx}, but somebody else removed it right afterwards.",
                changed=True,
            )
        return now

    def _shows_the_write(self, now: Row | None) -> bool:
        """Whether nothing that was written is as it was before."""
        if now is None:
            return True
        properties = self.task.properties
        wanted = {name: self.decision.wanted[name] for name in self.decision.changes}
        left = differences(properties, without_unseen(properties, wanted, now), now)
        return not any(
            not isinstance(change.before, Absent)
            and now.get(change.property.name) == self.row.get(change.property.name)
            for change in left
        )

    def _overwritten(self, now: Row) -> bool:
        """Return whether another machine has overwritten an addition to a list, or a removal from it."""
        wanted = self.declared.on(now)
        return any(
            now.get(prop.name) != self.row.get(prop.name)
            and (prop.item_key or prop.reference is not None)  # others may come back in another spelling
            and not same(prop, wanted[prop.name], now.get(prop.name, ABSENT))
            for prop in self._merged(self.decision.changes)
        )

    def _merged(self, names: Container[str]) -> list[Property]:
        """The lists of these names that are added to, or taken from."""
        return [prop for prop in self.task.properties if prop.name in names and self.declared.merges(prop)]

    def _verified(self, now: Row) -> list[str]:
        """Whether what was sent was stored; of a list that is added to, or taken from, whatever else is in it now."""
        merged = {prop.name for prop in self._merged(self.sent)}
        whole = self.declared.on(now) if merged else {}
        sent = {**self.sent, **{name: value for name, value in whole.items() if name in merged}}
        return verify(self.task, sent, self.row, now, changed=self.writes > 1)

    def _removed(self, status: int | None, code: str | None) -> PbxError:
        return Conflict(
            f"{self._what} was removed from {self.task.pbx} by somebody else while this task was running "
            f"({status}). Run the task again to create it. Nothing was changed.",
            status=status,
            code=code,
        )

    @property
    def _what(self) -> str:
        return self.task.what(self.row)


def _check(task: Task[Any], found: list[Difference], wanted: Row, what: str) -> None:
    for change in found:
        prop = change.property
        if prop.immutable:
            raise Unsupported(
                f"{prop.option} of {what} on {task.pbx} is {_shown(prop, change.before)} and cannot be changed once "
                "it is created. Nothing was changed.",
                target=prop.option,
            )
        cleared = next(_cleared(prop, wanted[prop.name], change.before), None)
        if cleared is not None:
            raise Unsupported(
                f"{cleared} of {what} on {task.pbx} cannot be cleared. Nothing was changed.", target=cleared
            )
    if isinstance(task.description, EntityDescription) and not task.description.can_update:
        options = ", ".join(change.property.option for change in found)
        raise Unsupported(
            f"{what} on {task.pbx} differs in {options}, but the API cannot change it. Nothing was changed.",
            target=found[0].property.option,
        )


def _cleared(prop: Property, wanted: Any, current: Any) -> Iterator[str]:
    """The options that are to be null, that are not, and that cannot be; a list is what it is given as a whole."""
    for place in places((prop,), {prop.name: wanted}, {prop.name: current}):
        nullable = place.prop.nullable or place.prop.read_only
        if place.value is None and not nullable and not same(place.prop, None, place.values[1]):
            yield place.path


def verify(task: Task[Any], wanted: Row, before: Row | None, now: Row, *, changed: bool) -> list[str]:
    """Whether what was sent was stored: some PBXs accept a write and drop it.

    Parameters:
        task: that sent it
        wanted: what was sent
        before: as it was before, None where it was created
        now: as it is now
        changed: whether the PBX has changed in any case
    """
    left = differences(task.properties, without_unseen(task.properties, wanted, now), now)
    unseen = [change.property.option for change in left if isinstance(change.before, Absent)]
    dropped = [change.property for change in left if not isinstance(change.before, Absent)]
    if dropped:
        same_still = [prop for prop in dropped if before is not None and now.get(prop.name) == before.get(prop.name)]
        otherwise = [prop for prop in dropped if before is not None and prop not in same_still]
        something = changed or before is None or any(now.get(name) != before.get(name) for name in wanted)
        what = task.what(now)
        if otherwise:
            options = ", ".join(prop.option for prop in otherwise)
            msg = (
                f"{task.pbx} accepted the write of {what} and has stored {options} differently than it was sent: it "
                "may have normalised the value, or somebody else changed it right afterwards. Read it again, then "
                "retry."
            )
        else:
            options = ", ".join(prop.option for prop in dropped)
            msg = (
                f"{task.pbx} accepted the write of {what} and did not store {options}. Check that its release and "
                "licence know it, and that the values do not exclude each other."
            )
        raise NotStored(msg, target=(otherwise or dropped)[0].option, changed=something)
    warnings = stored_otherwise(task.properties, wanted, now, task.pbx)
    if unseen:
        warnings.append(f"It cannot be verified whether {', '.join(unseen)} was stored: {task.pbx} does not return it.")
    return warnings


def filled_by_pbx(task: Task[Any], wanted: Row, row: Row) -> list[str]:
    """A warning where what was given is the PBX's to fill in, and is otherwise."""
    key = task.description.key.name if isinstance(task.description, EntityDescription) else None
    given = {name: value for name, value in wanted.items() if name != key}
    ignored = [
        place.path
        for place in places(task.properties, given, row)
        if place.prop.read_only and not same(place.prop, *place.values)
    ]
    return (
        [f"{', '.join(ignored)}: read-only. The given value differs from the one on the PBX and was ignored."]
        if ignored
        else []
    )


def _shown(prop: Property, value: Any) -> str:
    return "hidden" if prop.secret else "not known" if isinstance(value, Absent) else f"'{value}'"
