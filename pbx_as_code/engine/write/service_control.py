"""Starting, stopping, enabling and disabling what runs on the PBX, and waiting until it says that it is so."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pbx_as_code.description import Steering
from pbx_as_code.engine.access.target import after, also_done, patience, until
from pbx_as_code.engine.find.lookup import find, named_by
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.engine.report.results import Outcome
from pbx_as_code.errors import NotFound, PbxError, Refused

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask, Row

RUNNING, STOPPED = "Running", "Stopped"
_ON_ITS_WAY = {RUNNING: ("StartPending", "ContinuePending"), STOPPED: ("StopPending",)}
_DONE = {RUNNING: "started", STOPPED: "stopped"}
_ACCEPTED = {
    RUNNING: "The request to start the {what} was accepted by {pbx}, but the result could not be read.",
    STOPPED: "The request to stop the {what} was accepted by {pbx}, but the result could not be read.",
}
SIGN = 10.0
"""Seconds to wait at most for a sign of what the PBX need not show: that something is enabled or disabled."""


def steer(task: EntityTask, steering: Steering) -> Outcome:
    """Make what a task names run, or not, as the task says.

    Raises:
        PbxError: there is none of that name, it does not let itself be steered so, or does not become so in time
    """
    seconds, state, enabled = patience(task.validated), task.validated.get("state"), task.validated.get("enabled")
    if enabled is False and state in ("started", "restarted"):
        raise refused("enabled", f"a disabled service does not run and cannot be {state}.")
    names = named_by(task)
    row = find(task, names)
    if row is None:
        raise _unknown(task, names)
    one = _One(task, steering, names, row, seconds)
    before = dict(row)
    if enabled is True:
        one.enable()
    if state == "restarted":
        one.restart()
    elif state is not None:
        one.be(RUNNING if state == "started" else STOPPED)
    if enabled is False:
        one.disable()
    shown = {name: before.get(name) for name in (steering.status, steering.can_start, steering.can_restart)}
    # Other differences (memory, time of the sample) were not made by the task.
    return Outcome(one.changed, before={**one.row, **shown}, after=one.row, warnings=one.warnings)


def _unknown(task: EntityTask, names: Mapping[str, Any]) -> PbxError:
    """There is none of that name; which one may be meant?"""
    key = task.description.key
    known = {str(row[key.name]).lower(): str(row[key.name]) for row in task.entities.every(task.description.plural)}
    close = difflib.get_close_matches(str(names[key.option]).lower(), known, n=3, cutoff=0.5) or sorted(known)
    hint = " or ".join(known[name] for name in close)
    return NotFound(
        f"There is no {task.named(names)} on {task.pbx}{f'; did you mean {hint}?' if hint else '.'} Nothing was "
        "changed.",
        target=key.option,
    )


@dataclass
class _One:
    """One of them, as it is known to be; every method raises PbxError where it cannot be made so."""

    task: EntityTask
    steering: Steering
    names: dict[str, Any]
    row: Row = field(repr=False)
    seconds: float | None
    changed: bool = False
    warnings: list[str] = field(default_factory=list)

    @property
    def _what(self) -> str:
        return self.task.named(self.names)

    def be(self, status: str) -> None:
        """Let it run or not; where it is on its way there already, nothing is asked for."""
        now = self.row.get(self.steering.status)
        if now == status:
            return
        if now not in _ON_ITS_WAY[status]:
            self._refuse_unless(self.steering.can_start, _DONE[status])
            action = self.steering.start if status == RUNNING else self.steering.stop
            self._act(action, {self.steering.status: status})
        self._await(status)

    def restart(self) -> None:
        """Stop and start it, whatever it is doing."""
        self._refuse_unless(self.steering.can_restart, "restarted")
        self._act(self.steering.restart, {self.steering.status: RUNNING})
        self._await(RUNNING)

    def enable(self) -> None:
        """Let it be started."""
        if not self._is_enabled():
            self._act(self.steering.enable, {self.steering.can_start: True, self.steering.can_restart: True})
            self._await_sign(True)

    def disable(self) -> None:
        """Stop it, and let it not be started again."""
        if not self._is_enabled():
            return
        if self.row.get(self.steering.status) == RUNNING:
            self._refuse_unless(self.steering.can_start, "stopped")
        never = {self.steering.status: STOPPED, self.steering.can_start: False, self.steering.can_restart: False}
        self._act(self.steering.disable, never)
        self._await_sign(False)

    def _is_enabled(self) -> bool:
        """A running service is not disabled; a stopped one may be enabled or not."""
        return self.row.get(self.steering.can_start) is True or self.row.get(self.steering.status) == RUNNING

    def _refuse_unless(self, allowed: str, done: str) -> None:
        if self.row.get(allowed) is not False:
            return
        option = next(prop.option for prop in self.task.properties if prop.name == allowed)
        disabled = "" if self._is_enabled() else " If it is disabled, set enabled: true."
        raise Refused(
            f"The {self._what} on {self.task.pbx} cannot be {done}: its {option} is false.{disabled} "
            f"{'Earlier actions remain in effect.' if self.changed else 'Nothing was changed.'}",
            target=option,
            changed=self.changed,
        )

    def _act(self, action: str, becomes: Row) -> None:
        if not self.task.check_mode:
            body = {self.steering.parameter: {self.steering.names: [self.row[self.task.description.key.name]]}}
            with also_done(f"The {self._what} was changed before, and stays so.", self.changed):
                self.task.entities.act(action, body, "change", self._what)
        self.changed = True
        if self.task.check_mode or self.seconds is None:
            self.row = {**self.row, **becomes}

    def _await(self, status: str) -> None:
        """Wait until it runs, or does not."""
        if self.task.check_mode or self.seconds is None:
            return
        with after(_ACCEPTED[status].format(what=self._what, pbx=self.task.pbx)):
            there = until(lambda: self._look(status), self.seconds)
        if there is None:
            raise PbxError(
                f"The {self._what} on {self.task.pbx} is not {_DONE[status]} after {self.seconds:g} seconds: it is "
                f"{self.row.get(self.steering.status)}. See the log of the PBX, or give a longer wait_timeout.",
                changed=self.changed,
            )

    def _await_sign(self, enabled: bool) -> None:
        """Wait until it shows that it is enabled, or disabled. No PBX has promised to show it."""
        if self.task.check_mode or self.seconds is None:
            return
        accepted = f"A change of the {self._what} was accepted by {self.task.pbx}, but the result could not be read."
        with after(accepted):
            there = until(lambda: self._look(None if enabled else STOPPED, enabled), min(self.seconds, SIGN))
        if there is None:
            self.warnings.append(
                f"{self.task.pbx} does not report whether the {self._what} is "
                f"{'enabled' if enabled else 'disabled'} now."
            )

    def _look(self, status: str | None, enabled: bool | None = None) -> bool | None:
        row = find(self.task, self.names)
        if row is None:
            return None
        self.row = row
        as_wanted = status is None or row.get(self.steering.status) == status
        return (as_wanted and (enabled is None or self._is_enabled() == enabled)) or None
