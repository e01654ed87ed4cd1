"""One task, from its options to its result: the same code in the controller and wherever a module is shipped to.

Code that only one kind of task needs is imported on use: a shipped module imports on every run. The controller has all
of it imported beforehand, see the action plugin.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from threecx_xapi import deadline
from threecx_xapi.record import Record

from pbx_as_code.description import Description, EntityDescription, SettingsDescription
from pbx_as_code.engine.access.pbx import EntitySet, Singleton
from pbx_as_code.engine.access.releases import check_module
from pbx_as_code.engine.access.target import Found, check_etag, read_entity
from pbx_as_code.engine.compare.answered_nulls import AnsweredNulls, Nulls
from pbx_as_code.engine.compare.compare import Declaration, taken_out
from pbx_as_code.engine.compare.fixed_items import check_fixed_items, in_given_order
from pbx_as_code.engine.connection import client_for, connection, renamed_variables_warnings
from pbx_as_code.engine.find.foreign_results import (
    check_name,
    drop_foreign_etag,
    drop_foreign_id,
    is_result,
    without_dropped,
)
from pbx_as_code.engine.find.knowledge import LookAgain
from pbx_as_code.engine.find.knowledge import value as value_in
from pbx_as_code.engine.find.listed_values import explained_by_lists, unlisted_values
from pbx_as_code.engine.find.lookup import calling, named_by, read_key, scope_of
from pbx_as_code.engine.find.references import References
from pbx_as_code.engine.find.refused_references import explained_by_references
from pbx_as_code.engine.find.rehearsal import note
from pbx_as_code.engine.options.desired import desired_by, without_secrets
from pbx_as_code.engine.options.invalid_values import check_dates
from pbx_as_code.engine.options.option_specs import argument_spec, info_argument_spec
from pbx_as_code.engine.options.redaction import hush
from pbx_as_code.engine.report.results import Outcome, diff, entity, showable, to_be_created
from pbx_as_code.engine.task import EntityTask, SettingsTask, TaskOptions
from pbx_as_code.engine.write.change import change
from pbx_as_code.errors import PbxError, Unsupported

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

    from pbx_as_code.engine.task import Row


class Runner(Protocol):
    """Arguments and behaviour of one module. A module without an entity defines its own as RUNNER."""

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of AnsibleModule."""

    def perform(
        self, *, given: Mapping[str, Any], validated: Mapping[str, Any], check_mode: bool, diff_mode: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """Run a task; return its result and its warnings."""


class EntityRunner(Record):
    """The module of an entity or of settings, or its _info module."""

    description: Description
    info: bool

    def arguments(self) -> dict[str, Any]:
        """See Runner."""
        return (info_argument_spec if self.info else argument_spec)(self.description)

    def perform(
        self, *, given: Mapping[str, Any], validated: Mapping[str, Any], check_mode: bool, diff_mode: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """See Runner."""
        options = TaskOptions(self.description, without_aliases(given), validated, self.info, check_mode)
        return attempt(_Attempt(options, diff_mode))


def carry_out(task: EntityTask | SettingsTask) -> Done:
    """Run a task on a client that the caller has made.

    Parameters:
        task: its options without aliases, and with an if_match that check_etag has passed; its client refuses to write
            where nothing is to be written

    Raises:
        PbxError: it cannot be done, or was not; no credential is in what it says
    """
    client, description, reached = task.client, task.description, task.connection
    with deadline.time_limit(reached.deadline):
        try:
            done = _done(task)
        except PbxError as raised:
            failure = raised
            if failure.status == 404:
                check_module(client, description)
            failure = explained_by_references(task, explained_by_lists(task, failure))
            public = (client.base_url, reached.who, f"{reached.timeout:g}", description.label)
            hush(failure, description.properties, task.validated, task.seen, public)
            raise failure from None
    done.warnings += client.take_notices()
    return done


class Attempt(Protocol):
    """One task under way."""

    pbx: str | None
    """The URL of the PBX, once that is known."""
    client: XapiClient | None
    """Its client, once there is one."""

    def perform(self) -> tuple[dict[str, Any], list[str]]:
        """Do it; its result and its warnings. Raises PbxError."""


def attempt(task: Attempt) -> tuple[dict[str, Any], list[str]]:
    """The result of a task and its warnings, whatever goes wrong."""
    hints = renamed_variables_warnings()
    try:
        result, warnings = task.perform()
        return result, [*hints, *warnings]
    except PbxError as failure:
        # A notice of the client, such as another holder of the client id, may be the cause.
        return failure.result(task.pbx), [*hints, *(task.client.take_notices() if task.client else ())]
    except Exception as error:
        return PbxError(our_fault(error)).result(task.pbx), hints


@dataclass
class Done:
    """Result of a task."""

    outcome: Outcome | None = None
    """Outcome of a task that may change something."""
    found: Any = field(default=None, repr=False)
    """Result of a task that only reads: one object, or a list."""
    warnings: list[str] = field(default_factory=list)
    lacking: list[str] = field(default_factory=list)
    """Options that what was read lacks, because the PBX refuses to expand them."""
    nulls: Mapping[Any, Nulls] = field(default_factory=dict, repr=False)
    """Options that were answered as null, by the key of the object; see AnsweredNulls."""


@dataclass
class _Attempt:
    """One task that says itself how to reach its PBX."""

    options: TaskOptions
    diff_mode: bool
    pbx: str | None = None
    client: XapiClient | None = field(default=None, repr=False)

    def perform(self) -> tuple[dict[str, Any], list[str]]:
        """See Attempt."""
        options = self.options
        check_etag(None if options.info else options.given.get("if_match"))
        reached = connection(options.given, options.validated)
        self.client = client = client_for(reached, read_only=options.reads)
        self.pbx = client.base_url
        done = carry_out(options.on(client, reached))
        if done.outcome is not None:
            return self._result(client.release, done.outcome), done.warnings
        about = options.description
        name = about.name if isinstance(about, SettingsDescription) else about.plural
        return {"changed": False, name: done.found}, done.warnings

    def _result(self, release: str | None, outcome: Outcome) -> dict[str, Any]:
        result: dict[str, Any] = {"changed": outcome.changed}
        description = showable(self.options.description, release)
        row = outcome.before if outcome.after is None else outcome.after
        if row is None:
            return result
        shown = result[description.name] = entity(description, row)
        if self.diff_mode and outcome.changed:
            before, after = (shown, None) if outcome.after is None else (None, shown)
            result["diff"] = diff(description, outcome, before, after)
        if self.options.check_mode and outcome.changed and outcome.before is None:
            result[description.name] = to_be_created(description, row)
        return result


def _done(task: EntityTask | SettingsTask) -> Done:
    task.references = References(task)
    if isinstance(task, SettingsTask):
        return _done_to_settings(task)
    description = task.description
    task.entities = _entities(task, look_ahead=_looks_ahead(task))
    if task.info:
        from pbx_as_code.engine.access.listing import listing

        nulls = AnsweredNulls(task.properties, description.key.name)
        found, warnings = listing(task, nulls)
        warnings = [*task.references.warnings, *task.entities.warnings, *warnings]
        return Done(found=found, warnings=warnings, lacking=task.entities.lacking, nulls=nulls.found)
    if description.steering is not None:
        from pbx_as_code.engine.write.service_control import steer

        outcome = steer(task, description.steering)
        return Done(outcome, warnings=outcome.warnings)
    settled = _unless_old(task)
    if settled is None:
        task.references = References(task)
        task.entities = _entities(task)
        settled = _ensure(task)
    reload = description.reload
    if reload and task.validated.get(reload.option) and settled.changed and settled.after and not task.check_mode:
        from pbx_as_code.engine.write.reload_phones import reload_devices

        task.entities = _entities(task)
        reload_devices(task, settled.after)
    return Done(settled, warnings=[*task.references.warnings, *settled.warnings, *_unlisted(task, settled)])


def _unlisted(task: EntityTask | SettingsTask, outcome: Outcome) -> list[str]:
    """Warnings of check mode: where a write is sent, the PBX itself complains."""
    return unlisted_values(task, outcome.sent) if task.check_mode and outcome.changed and outcome.after else []


def _done_to_settings(task: SettingsTask) -> Done:
    from pbx_as_code.engine.write import settings
    from pbx_as_code.engine.write.action_settings import Pair

    task.settings = (Singleton if task.description.action is None else Pair)(task)
    if task.info:
        nulls = AnsweredNulls(task.properties)
        return Done(found=settings.shown(task, nulls), warnings=task.references.warnings, nulls=nulls.found)
    outcome = settings.ensure(task)
    return Done(outcome, warnings=[*task.references.warnings, *outcome.warnings, *_unlisted(task, outcome)])


def _looks_ahead(task: EntityTask) -> bool:
    return not (task.info or task.anew) and task.if_match is None and task.description.steering is None


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
    return _ensure_present(task)


def without_aliases(given: Mapping[str, Any]) -> dict[str, Any]:
    """Given values, under the current names of the options."""
    return {**given, "if_match": given["etag"]} if "etag" in given and "if_match" not in given else dict(given)


def our_fault(error: Exception) -> str:
    """Message about a bug of this collection: its type and place, but not its text, which may hold a secret."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.replace(chr(92), '/').rpartition('/')[2]} line {last.lineno} ({last.name})"
    return (
        f"This is a mistake of the collection threecx.xapi, not yours: {type(error).__name__} in {place}. "
        "It is not known whether anything was changed. Please report it with the options of the task, without secrets."
    )


def _ensure_present(task: EntityTask) -> Outcome:
    """Bring the object of a task to the desired state: create it, change it, or leave it unchanged.

    Raises:
        PbxError: it cannot be so, or did not become so
    """
    wanted = _without_assigned(task.description, desired_by(task))
    names = named_by(task)
    scope = scope_of(task, wanted)
    assigned = task.has_assigned(names)
    result = assigned and is_result(task)
    row = None if task.anew else read_entity(task, names, wanted, scope, result=result)
    if row is None and not task.anew and task.description.can_create:
        from pbx_as_code.engine.write.other_spellings import refuse_other_spelling

        refuse_other_spelling(task, names, scope)
    foreign = drop_foreign_id(task, names, row) if result else []
    wanted = without_dropped(task, names, wanted) if foreign else wanted
    if row is None and not assigned and task.description.can_create:
        foreign = drop_foreign_etag(task, names)
    task.entities.check_release(task.properties, wanted, row)
    wanted = task.references.resolved(wanted, row, gone=taken_out(task.lists, task.properties))
    if row is None and task.description.making is not None:
        from pbx_as_code.engine.write.create_action import make
        from pbx_as_code.engine.write.new_object import check_creation

        check_creation(task, names, task.given, task.named(names))
        made = make(task, task.description.making)
        made.warnings[:0] = foreign
        return made
    if row is None:
        from pbx_as_code.engine.write.creation import created_meanwhile
        from pbx_as_code.engine.write.new_object import NewObject, create, with_template, without_unassigned

        new = NewObject.of(task, names, wanted, with_template(task), task.lists)
        new.warnings[:0] = foreign
        if task.check_mode:
            note(task, new.body)
            after_all = {**without_unassigned(task.description, new.body), **new.later}
            return Outcome(True, before=None, after=after_all, sent=new.sent.union(new.later), warnings=new.warnings)
        if task.entities.looked_ahead:
            raise LookAgain
        with task.entities.locked(calling(task.description, names), new.what):
            # another task may have created it since
            row = None if task.anew else read_entity(task, names, wanted, scope)
            if row is None:
                try:
                    return create(task, names, new)
                except PbxError as failure:
                    if (
                        task.anew or not names
                    ):  # without a name, what another machine has created meanwhile cannot be found
                        raise
                    row = created_meanwhile(failure, partial(read_entity, task, names, wanted, scope))
    if assigned:
        check_name(task, names, row, scope)
    if any(prop.standing and prop.name in wanted for prop in task.properties):
        check_fixed_items(task.properties, wanted, row, task.pbx)
    check_dates(task.properties, wanted, row)
    _check_init(task, row)
    warnings: list[str] = []
    declared = Declaration(task.properties, wanted, task.lists, _sparing(task, wanted, warnings))
    outcome = change(task, Found(task, task.key_of(row)), row, declared)
    outcome.warnings[:0] = [*foreign, *warnings]
    return outcome


def _sparing(task: EntityTask, wanted: Row, warnings: list[str]) -> Callable[[Row, Row], Row] | None:
    """Return a function that removes from desired values what the task leaves alone, and completes the items of lists
    of which it sets the order; None if there is nothing to do.

    Parameters:
        task: of the entity
        wanted: by the task
        warnings: filled by each call
    """
    key, orders = task.description.key, any(prop.order_only and prop.name in wanted for prop in task.properties)
    if not (orders or key.ending or task.spares_credentials):
        return None

    def spared(whole: Row, there: Row) -> Row:
        if orders:
            whole, warnings[:] = in_given_order(task.properties, whole, there, task.pbx, task.check_mode)
        if key.ending:  # it was found, with its ending or without
            whole = {name: value for name, value in whole.items() if name != key.name}
        return without_secrets(task.properties, whole, there) if task.spares_credentials else whole

    return spared


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
