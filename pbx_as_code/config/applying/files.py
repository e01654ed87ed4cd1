"""Records in the directory of the files while a plan is carried out: the journal and the lock."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event

from pbx_as_code.config.applying.apply import Applied, Fate, State, apply
from pbx_as_code.config.applying.journal import Journal, interrupted
from pbx_as_code.config.applying.ownership import owned_after
from pbx_as_code.config.lock import Lock, Owned, read_lock, write_lock
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.limits import Limits
from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.secrets import Resolver
from pbx_as_code.pbx import Pbx


class Recorded:
    """A plan whose journal and lock are kept in the directory of its files.

    Objects that the plan creates are in the journal before they are created, so that a killed apply leaves nothing that
    the files do not own; see `lock.begun`. After the apply, the lock contains only objects that exist.
    """

    def __init__(self, plan: Plan, directory: Path | None) -> None:
        """A plan and the directory of its files; without one, nothing is recorded."""
        self._plan = plan
        self.directory = directory
        """Directory of its files; None if nothing is recorded."""
        self.interrupted = [] if directory is None else interrupted(directory, plan.identity)
        """Operations that an interrupted apply of these files may or may not have done."""

    def so_far(self, fates: Sequence[Fate]) -> str:
        """Sentences about an apply that did not end by itself.

        Parameters:
            fates: of the operations that have ended
        """
        done = sum(fate.state in (State.DONE, State.UNCHANGED) for fate in fates)
        journal = f" The journal stays in {self.directory}." if self.directory is not None and fates else ""
        return (
            f"{done} of {len(self._plan.operations)} operations are done, {len(fates) - done} were not successful, the "
            f"others were not begun.{journal}"
        )

    def apply(
        self,
        pbx: Pbx,
        *,
        secrets: Resolver,
        parallel: int = 2,
        limits: Limits | None = None,
        waiver: str | None = None,
        report: Callable[[Fate], None] | None = None,
        stop: Event | None = None,
    ) -> Applied:
        """Carry out the plan; see `apply.apply`.

        Raises:
            PlanRefused: it is not carried out; nothing was written
            ConfigError: threecx.lock cannot be understood; nothing was written
        """
        options = {"secrets": secrets, "parallel": parallel, "limits": limits, "waiver": waiver, "report": report}
        options["stop"] = stop
        if self.directory is None:
            return apply(self._plan, pbx, **options)  # type: ignore[arg-type]
        owned = self._owned(self.directory)
        declared = set(self._plan.declared)
        coming = {(one.kind, one.identity) for one in self._plan.operations if one.doing is Doing.CREATE}
        made = self._plan
        about = {"pbx": made.url, "identity": made.identity, "digest": made.digest, "operations": len(made.operations)}
        journal, directory = Journal(self.directory, about), self.directory

        def begin() -> None:
            write_lock(directory, Lock(self._plan.identity, self._owned(directory) | (declared - coming)))
            journal.start()

        with journal:
            applied = apply(self._plan, pbx, journal=journal, begin=begin, **options)  # type: ignore[arg-type]
            with suppress(ConfigError):  # somebody edits it: what was read before will do
                owned = self._owned(directory)  # another apply of these files, with another selection, may have ended
            write_lock(directory, Lock(self._plan.identity, owned_after(owned, self._plan, applied.fates)))
            journal.complete()  # only now: until the lock has them, the journal alone tells what was created
        return applied

    def _owned(self, directory: Path) -> set[Owned]:
        """The objects of this PBX in the lock."""
        lock = read_lock(directory)
        return lock.owned if lock.identity in ("", self._plan.identity) else set()
