"""Carrying out a plan: operations in their order, independent ones at the same time, and the fate of each."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from enum import Enum
from threading import Condition, Event
from typing import Any, Final

from threecx_xapi.simultaneous import at_most

from pbx_as_code.config.applying.checks import check_plan
from pbx_as_code.config.applying.journal import Journal
from pbx_as_code.config.applying.twins import Twins
from pbx_as_code.config.applying.write import Written, write, write_removals
from pbx_as_code.config.configuration import Identity, Key, title_of
from pbx_as_code.config.kinds import KINDS, LISTED
from pbx_as_code.config.planning.limits import Limits
from pbx_as_code.config.planning.operations import Doing, Operation, Plan
from pbx_as_code.config.secrets import Resolver
from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.target import until
from pbx_as_code.errors import Ambiguous, Conflict, NotFound, NotStored, PbxError, SignInRefused, Unreachable
from pbx_as_code.pbx import Pbx


class State(Enum):
    """State of an operation after an apply."""

    DONE = "done"
    UNCHANGED = "unchanged"
    """Somebody has done it in the meantime."""
    FAILED = "failed"
    IN_DOUBT = "in doubt"
    """It was sent, and nobody knows what became of it; a new plan shows it."""
    SKIPPED = "skipped"
    """Not sent, because something before it failed."""


@dataclass(frozen=True)
class Fate:
    """Result of one operation."""

    number: int
    doing: Doing
    kind: str
    identity: Identity
    state: State
    why: str = ""
    """Reason, for an operation that was not done."""
    in_part: bool = False
    """Whether a failed operation has changed the PBX, such as one that created an object and could not complete it."""

    @property
    def title(self) -> str:
        """For people: queue 800."""
        return title_of(KINDS[self.kind], self.identity)


@dataclass
class Applied:
    """Result of an apply."""

    fates: list[Fate] = field(default_factory=list)
    """In the order in which they became known."""
    warnings: list[str] = field(default_factory=list)

    @property
    def failed(self) -> bool:
        """Whether something of the plan was not done."""
        return any(one.state not in (State.DONE, State.UNCHANGED) for one in self.fates)

    @property
    def changed(self) -> bool:
        """Whether the PBX was changed, or may have been."""
        return any(one.in_part or one.state in (State.DONE, State.IN_DOUBT) for one in self.fates)

    @property
    def counts(self) -> dict[str, int]:
        """How many operations came to each state."""
        found = Counter(one.state.value for one in self.fates)
        return {state.value: found[state.value] for state in State}


_OPERATIONS: Final = 2
"""Operations under way for each write: of the requests of a change, three read and one writes."""
_FATAL: Final = (SignInRefused, Unreachable)
"""Failures that every later request would meet as well."""
_PASSING: Final = (Ambiguous, Conflict, NotFound, NotStored)
"""Failures of setting the order of a list while another apply changes what is in it."""
_SECONDS_FOR_OTHERS: Final = 10.0


def apply(
    plan: Plan,
    pbx: Pbx,
    *,
    secrets: Resolver,
    parallel: int = 2,
    limits: Limits | None = None,
    waiver: str | None = None,
    journal: Journal | None = None,
    report: Callable[[Fate], None] | None = None,
    stop: Event | None = None,
    begin: Callable[[], None] | None = None,
) -> Applied:
    """Carry out a plan. A failure stops only the operations that depend on it.

    Parameters:
        plan: that was just made; for one from a file see also `checks.check_fresh`
        pbx: with a client that may write
        secrets: sources of the credentials it names
        parallel: writes at a time. Twice as many operations are under way, as most of their requests only read; with 1,
            each operation waits for the one before
        limits: of removals; None for the usual ones
        waiver: `Plan.waiver`, where its removals may exceed the limits
        journal: gets a line before and after each write
        report: is told each fate as soon as it is known, by one thread at a time
        stop: as soon as it is set, no further operation is begun
        begin: is called once the plan has been accepted, before the first write

    Raises:
        PlanRefused: it is not carried out; nothing was written
        PbxError: the PBX cannot be read before the first write
    """
    check_plan(plan, secrets, limits or Limits(), waiver)
    twins = Twins(plan, pbx, parallel)
    twins.check()
    if begin is not None:
        begin()
    return _Apply(plan, pbx, secrets, journal, report, stop or Event()).run(parallel, twins)


class _Apply:
    def __init__(
        self,
        plan: Plan,
        pbx: Pbx,
        secrets: Resolver,
        journal: Journal | None,
        report: Callable[[Fate], None] | None,
        stop: Event,
    ) -> None:
        self._stop = stop
        self._plan = plan
        self._pbx = pbx
        self._secrets = secrets
        self._journal = journal
        self._report = report
        self._applied = Applied()
        self._waiting = {one.number: one for one in plan.operations}
        self._followers: dict[int, list[int]] = defaultdict(list)
        self._unmet = {one.number: set(one.after) for one in plan.operations}
        for one in plan.operations:
            for number in one.after:
                self._followers[number].append(one.number)
        self._keys: dict[Key, Mapping[str, Any]] = {}
        self._ended: PbxError | None = None
        self._postponed: list[tuple[Operation, Written]] = []
        """Orders that could not be set while another apply changes what is in the list."""
        self._interrupted = False
        self._ready = [number for number, unmet in self._unmet.items() if not unmet]
        self._turns = _turns(plan.operations)
        self._running: list[list[Operation]] = []
        self._moving = Condition()
        """Held by the one thread that looks at, or changes, what is waiting, ready, running and done."""

    def run(self, parallel: int, twins: Twins) -> Applied:
        most = 1 if parallel == 1 else _OPERATIONS * parallel
        with at_most(most, writes=parallel), ThreadPoolExecutor(max_workers=most) as pool:
            workers = [pool.submit(copy_context().run, self._work) for _ in range(min(most, len(self._waiting)))]
            try:
                for worker in workers:
                    worker.result()
            finally:  # on Ctrl-C, what was begun is waited for, and its result recorded
                self._interrupted = True
        for one in list(self._waiting.values()):
            self._skip(one, self._why_ended)
        self._settle_twins(twins)
        return self._applied

    def _settle_twins(self, twins: Twins) -> None:
        """Remove objects that this apply created if another apply created equal ones at the same time. Then set the
        orders again that were postponed.
        """
        done = {one.number for one in self._applied.fates if one.doing is Doing.CREATE and one.state is State.DONE}
        keys = {
            one.number: self._keys.get((one.kind, one.identity, one.twin), {})
            for one in twins.creations
            if one.number in done
        }
        removed, warnings = twins.settle(keys)
        self._applied.warnings += warnings
        self._applied.fates = [
            replace(one, state=State.UNCHANGED) if one.number in removed else one for one in self._applied.fates
        ]
        for one, written in self._postponed:
            self._record(one, written if self._ended or self._stop.is_set() else self._ordered(one, written))

    def _ordered(self, one: Operation, written: Written) -> Written:
        """Set an order again until the other apply has ended, or the time is up."""
        last = [written]

        def again() -> Written | None:
            last[0] = self._write(one)
            return None if isinstance(last[0].failure, _PASSING) else last[0]

        until(again, _SECONDS_FOR_OTHERS)
        failure = last[0].failure
        if isinstance(failure, _PASSING):
            why = f"{failure} Another apply may be changing the same list: apply again once it has ended."
            last[0].failure = failure.saying(why, changed=failure.changed)
        return last[0]

    def _work(self) -> None:
        """Carry out one operation after the other, until there is none left. One thread of several."""
        try:
            while group := self._next():
                written = self._carry_out(group)
                with self._moving:
                    self._running.remove(group)
                    for one, result in zip(group, written, strict=True):
                        self._ready += self._settle(one, result)
                    self._ready.sort()
                    self._moving.notify_all()
        except BaseException:
            with self._moving:
                self._interrupted = True
                self._moving.notify_all()
            raise

    def _next(self) -> list[Operation]:
        """The operations to carry out next, once there are some; none where there will be none."""
        with self._moving:
            while self._ended is None and not self._interrupted and not self._stop.is_set():
                if group := self._take():
                    self._running.append(group)
                    return group
                if not self._running:
                    break
                self._moving.wait()
            return []

    def _take(self) -> list[Operation]:
        """The next operation; with it, all removals of its kind that may go together. None where all have to wait."""
        busy = {self._turns.get(group[0].number) for group in self._running} - {None}
        ready = self._ready
        number = next((n for n in ready if self._turns.get(n) not in busy and self._is_next(n)), None)
        if number is None:
            return []
        ready.remove(number)
        first = self._waiting[number]
        group = [first]
        if first.doing is Doing.REMOVE:
            alike = [n for n in ready if self._waiting[n].doing is Doing.REMOVE and self._waiting[n].kind == first.kind]
            for number in alike:
                ready.remove(number)
                group.append(self._waiting[number])
        for one in group:
            del self._waiting[one.number]
        return group

    def _is_next(self, number: int) -> bool:
        """Whether no object is to be created before this one that a PBX might try before it."""
        turn = self._turns.get(number)
        return turn is None or all(n >= number or self._turns.get(n) != turn for n in self._waiting)

    def _carry_out(self, group: list[Operation]) -> list[Written]:
        if self._journal is not None:
            for one in group:
                self._journal.begun(one)
        if len(group) > 1:
            return write_removals(self._pbx, self._plan, group)
        one = group[0]
        if one.doing is not Doing.REMOVE:
            self._untouched(one)
        return [self._write(one)]

    def _write(self, one: Operation) -> Written:
        key = one.key or self._keys.get((one.kind, one.identity, one.twin), {})
        written = write(self._pbx, self._plan, one, key, self._secrets.resolved(one.sends))
        written.warnings = [self._secrets.redact(one.kind, one.sends, text) for text in written.warnings]
        if written.failure is not None:
            written.failure.msg = self._secrets.redact(one.kind, one.sends, written.failure.msg)
        return written

    def _untouched(self, one: Operation) -> None:
        """Warn about credentials that nobody has given: they stay as they are."""
        missing = self._secrets.missing(one.sends)
        if missing:
            title = title_of(KINDS[one.kind], one.identity)
            stays = "is not set, so the credential stays" if len(missing) == 1 else "are not set, so they stay"
            self._applied.warnings.append(f"{title}: {', '.join(missing)} {stays} unchanged.")

    def _settle(self, one: Operation, written: Written) -> list[int]:
        """Record the result of an operation; return the numbers of those that may start now."""
        if isinstance(written.failure, _PASSING) and _orders(one) and not self._followers[one.number]:
            self._postponed.append((one, written))
            return []
        return self._record(one, written)

    def _record(self, one: Operation, written: Written) -> list[int]:
        failure = written.failure
        self._applied.warnings += [f"{title_of(KINDS[one.kind], one.identity)}: {text}" for text in written.warnings]
        if failure is None:
            if written.key:
                self._keys[one.kind, one.identity, one.twin] = written.key
            self._tell(one, State.DONE if written.changed else State.UNCHANGED, "")
            return self._released(one)
        if isinstance(failure, _FATAL):
            if self._ended is not None and not (failure.in_doubt or failure.changed):
                self._tell(one, State.SKIPPED, self._why_ended)
                self._skip_followers(one)
                return []
            self._ended = failure
        self._tell(one, State.IN_DOUBT if failure.in_doubt else State.FAILED, str(failure), in_part=failure.changed)
        self._skip_followers(one)
        return []

    @property
    def _why_ended(self) -> str:
        return f"the apply ended: {self._ended or 'it was interrupted'}"

    def _released(self, one: Operation) -> list[int]:
        found = []
        for number in self._followers[one.number]:
            self._unmet[number].discard(one.number)
            if not self._unmet[number] and number in self._waiting:
                found.append(number)
        return found

    def _skip_followers(self, one: Operation) -> None:
        for number in self._followers[one.number]:
            after = self._waiting.get(number)
            if after is not None:
                self._skip(after, f"{one.doing.value} {title_of(KINDS[one.kind], one.identity)} did not succeed.")
                self._skip_followers(after)

    def _skip(self, one: Operation, why: str) -> None:
        del self._waiting[one.number]
        self._tell(one, State.SKIPPED, why)

    def _tell(self, one: Operation, state: State, why: str, *, in_part: bool = False) -> None:
        if self._journal is not None:
            self._journal.ended(one, state.value, why)
        fate = Fate(one.number, one.doing, one.kind, one.identity, state, why, in_part)
        self._applied.fates.append(fate)
        if self._report is not None:
            self._report(fate)


def _orders(operation: Operation) -> bool:
    """Whether an operation does nothing but put objects of another kind in order."""
    return operation.doing is Doing.LINK and all((operation.kind, option) in LISTED for option in operation.sends)


def _turns(operations: Sequence[Operation]) -> dict[int, tuple[Any, ...]]:
    """The creations that take turns, by their number: those of the same turn are carried out one at a time, in their
    order. A PBX assigns the same sign-in name and number to two objects that are created at once, or tries objects in
    the order of their creation.

    Parameters:
        operations: of a plan
    """
    placed = {
        (listed.kind, *listed.key_of(item, one.identity[0]))
        for one in operations
        for option, items in one.sends.items()
        if (listed := LISTED.get((one.kind, option))) is not None
        for item in items or ()
    }
    lists = {listed.kind: listed for listed in LISTED.values()}
    found: dict[int, tuple[Any, ...]] = {}
    for one in operations:
        if one.doing is not Doing.CREATE:
            continue
        kind, about, listed = KINDS[one.kind], KINDS[one.kind].description, lists.get(one.kind)
        if listed is not None:
            owner = one.sends.get(listed.option)
            if (one.kind, *listed.key_of(one.sends, owner)) not in placed:  # the plan does not set its place
                found[one.number] = (one.kind, owner)
        elif kind.order or (isinstance(about, EntityDescription) and about.init is not None):
            found[one.number] = (one.kind,)
    return found


def as_json(applied: Applied) -> dict[str, Any]:
    """Result of an apply, for programs."""
    return {
        "changed": applied.changed,
        "failed": applied.failed,
        "counts": applied.counts,
        "fates": [
            {
                "number": one.number,
                "operation": one.doing.value,
                "kind": one.kind,
                "identity": list(one.identity),
                "state": one.state.value,
                "why": one.why,
            }
            for one in applied.fates
        ],
        "warnings": applied.warnings,
    }
