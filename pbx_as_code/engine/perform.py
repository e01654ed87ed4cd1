"""One task, from its options to its result: the same code in the controller and wherever a module is shipped to.

Code that only one kind of task needs is imported on use: a shipped module is compiled on every run, together with
everything it imports. The controller has all of it imported beforehand, see the action plugin.
"""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from threecx_xapi import deadline

from pbx_as_code.description import Description, EntityDescription, SettingsDescription
from pbx_as_code.engine.access import releases as _release
from pbx_as_code.engine.access.clients import client_for
from pbx_as_code.engine.access.pbx import EntitySet, Singleton
from pbx_as_code.engine.find.knowledge import LookAgain
from pbx_as_code.engine.find.lookup import read_key
from pbx_as_code.engine.find.references import References
from pbx_as_code.engine.options.connection import Connection, connection, renamed_variables_warnings
from pbx_as_code.engine.options.redaction import hush
from pbx_as_code.engine.report.explain import Context
from pbx_as_code.engine.report.outcome import Outcome
from pbx_as_code.engine.report.results import diff, entity, to_be_created
from pbx_as_code.engine.task import EntityTask, SettingsTask
from pbx_as_code.engine.write.target import check_etag
from pbx_as_code.errors import PbxError

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient


def perform(
    description: Description,
    *,
    info: bool,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
    diff_mode: bool,
) -> tuple[dict[str, Any], list[str]]:
    """Do what a task says.

    Parameters:
        description: of the entity
        info: whether it is the task of an _info module
        given: the task's options as they were written, null included
        validated: the same after Ansible's validation, with defaults and what the environment has
        check_mode: only say what would be done, on a client that refuses to write
        diff_mode: show what differs before and after

    Returns:
        the result of the task (failed, msg and the like where it failed) and its warnings
    """
    return attempt(_Attempt(description, info, without_aliases(given), validated, check_mode, diff_mode))


def carry_out(
    description: Description,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    client: XapiClient,
    reached: Connection,
    *,
    info: bool,
    check_mode: bool,
    anew: bool = False,
) -> Done:
    """Run a task on a client that the caller has made.

    Parameters:
        description, validated, info, check_mode: see perform
        given: the options as they were written, without aliases, and with an if_match that check_etag has passed
        client: of the PBX; one that refuses to write, where nothing is to be written
        reached: how it reaches the PBX, for messages
        anew: create another object even if there is one of its name

    Raises:
        PbxError: it cannot be done, or was not; no credential is in what it says
    """
    if_match = None if info else validated.get("if_match")
    task: EntityTask | SettingsTask
    if isinstance(description, EntityDescription):
        task = EntityTask(description, given, validated, client, reached, info, check_mode, if_match, anew=anew)
    else:
        task = SettingsTask(description, given, validated, client, reached, info, check_mode, if_match)
    with deadline.time_limit(reached.deadline):
        try:
            done = _done(task)
        except PbxError as failure:
            if failure.status == 404:
                _release.check_module(client, description)
            public = (client.base_url, reached.who, f"{reached.timeout:g}", description.label)
            hush(failure, description.properties, validated, task.seen, public)
            raise
    done.warnings += client.take_notices()
    return done


class Attempt(Protocol):
    """One task under way."""

    pbx: str | None
    """The URL of the PBX, once that is known."""

    def perform(self) -> tuple[dict[str, Any], list[str]]:
        """Do it; its result and its warnings. Raises PbxError."""


def attempt(task: Attempt) -> tuple[dict[str, Any], list[str]]:
    """The result of a task and its warnings, whatever goes wrong."""
    hints = renamed_variables_warnings()
    try:
        result, warnings = task.perform()
        return result, [*hints, *warnings]
    except PbxError as failure:
        return failure.result(task.pbx), hints
    except Exception as error:
        return PbxError(our_fault(error)).result(task.pbx), hints


@dataclass
class Done:
    """Result of a task."""

    outcome: Outcome | None = None
    """Outcome of a task that may change something."""
    found: Any = None
    """Result of a task that only reads: one object, or a list."""
    warnings: list[str] = field(default_factory=list)


@dataclass
class _Attempt:
    """One task that says itself how to reach its PBX."""

    description: Description
    info: bool
    given: Mapping[str, Any] = field(repr=False)
    validated: Mapping[str, Any] = field(repr=False)
    check_mode: bool
    diff_mode: bool
    pbx: str | None = None

    def perform(self) -> tuple[dict[str, Any], list[str]]:
        """See Attempt."""
        check_etag(None if self.info else self.given.get("if_match"))
        reached = connection(self.given, self.validated)
        client = client_for(reached, read_only=self.info or self.check_mode)
        self.pbx = client.base_url
        done = carry_out(
            self.description, self.given, self.validated, client, reached, info=self.info, check_mode=self.check_mode
        )
        if done.outcome is not None:
            return self._result(client, done.outcome), done.warnings
        name = self.description.name if isinstance(self.description, SettingsDescription) else self.description.plural
        return {"changed": False, name: done.found}, done.warnings

    def _result(self, client: XapiClient, outcome: Outcome) -> dict[str, Any]:
        result: dict[str, Any] = {"changed": outcome.changed}
        description = _release.showable(client, self.description)
        shown = outcome.before if outcome.after is None else outcome.after
        if shown is not None:
            would_be = self.check_mode and outcome.changed and outcome.before is None
            result[self.description.name] = (to_be_created if would_be else entity)(description, shown)
        if self.diff_mode and outcome.changed:
            result["diff"] = diff(description, outcome)
        return result


def _done(task: EntityTask | SettingsTask) -> Done:
    task.references = _references(task)
    if isinstance(task, SettingsTask):
        return _done_to_settings(task)
    description = task.description
    task.entities = _entities(task, look_ahead=_looks_ahead(task))
    if task.info:
        from pbx_as_code.engine.find.listing import listing

        found, warnings = listing(task)
        return Done(found=found, warnings=[*task.references.warnings, *task.entities.warnings, *warnings])
    if description.steering is not None:
        from pbx_as_code.engine.write.service_control import steer

        outcome = steer(task, description.steering)
        return Done(outcome, warnings=outcome.warnings)
    settled = _unless_old(task)
    if settled is None:
        task.references = _references(task)
        task.entities = _entities(task)
        settled = _ensure(task)
    reload = description.reload
    if reload and task.validated.get(reload.option) and settled.changed and settled.after and not task.check_mode:
        from pbx_as_code.engine.write.reload_phones import reload_devices

        task.entities = _entities(task)
        reload_devices(task, settled.after)
    return Done(settled, warnings=[*task.references.warnings, *settled.warnings])


def _looks_ahead(task: EntityTask) -> bool:
    return not (task.info or task.anew) and task.if_match is None and task.description.steering is None


def _done_to_settings(task: SettingsTask) -> Done:
    from pbx_as_code.engine.write import settings
    from pbx_as_code.engine.write.action_settings import Pair

    task.settings = (Singleton if task.description.action is None else Pair)(task)
    if task.info:
        return Done(found=settings.shown(task), warnings=task.references.warnings)
    outcome = settings.ensure(task)
    return Done(outcome, warnings=[*task.references.warnings, *outcome.warnings])


def _references(task: EntityTask | SettingsTask) -> References:
    # Rows that are only shown are not kept: there may be ten thousand.
    return References(
        task.client,
        Context.of(task),
        task.properties,
        check_mode=task.check_mode,
        seen=None if task.info else task.seen,
    )


def _entities(task: EntityTask, *, look_ahead: bool = False) -> EntitySet:
    below = task.description.below
    if below is None:
        return EntitySet(task, look_ahead=look_ahead)
    from pbx_as_code.engine.access.parent_scope import Owned

    option = below.within.option
    return Owned(task, below, read_key(task.description, below.within, task.given.get(option), task.validated[option]))


def _unless_old(task: EntityTask) -> Outcome | None:
    """Run the task; return None if cached rows call for a change, so that it runs again without the cache."""
    try:
        outcome = _ensure(task)
    except LookAgain:
        return None
    except PbxError:
        if task.entities.looked_ahead and not task.entities.wrote:
            return None
        raise
    return None if outcome.changed and task.entities.looked_ahead and not task.entities.wrote else outcome


def _ensure(task: EntityTask) -> Outcome:
    if task.removing:
        from pbx_as_code.engine.write.absent import remove

        return remove(task)
    from pbx_as_code.engine.write.present import ensure

    return ensure(task)


def without_aliases(given: Mapping[str, Any]) -> dict[str, Any]:
    """Given values, under the current names of the options."""
    return {**given, "if_match": given["etag"]} if "etag" in given and "if_match" not in given else dict(given)


def our_fault(error: Exception) -> str:
    """Message about a bug of this collection: its type and place, but not its text, which may hold a secret."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.replace(chr(92), '/').rpartition('/')[2]} line {last.lineno} ({last.name})"
    return (
        f"This is a mistake of the collection threecx.xapi, not yours: {type(error).__name__} in {place}. "
        "Whether anything was changed is not known. Please report it with the options of the task, without its secrets."
    )
