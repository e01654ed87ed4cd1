"""Run the Ansible module threecx_config: a whole PBX as files or as one structure.

Plans are imported when a task needs one, because every module of the collection imports this file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from threecx_xapi import deadline

from pbx_as_code.config.collection.sources import check_declarations, check_paths
from pbx_as_code.config.collection.wording import for_a_task, result_for_a_task
from pbx_as_code.engine.connection import Connection, client_for, connection
from pbx_as_code.engine.perform import attempt
from pbx_as_code.engine.report.failures import refused
from pbx_as_code.errors import BadOption, PbxError

if TYPE_CHECKING:
    from pathlib import Path

    from threecx_xapi.client import XapiClient

    from pbx_as_code.config.applying.apply import Applied
    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.config.nodes import ConfigError
    from pbx_as_code.config.planning.consent import Consent
    from pbx_as_code.config.planning.limits import Limits
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.config.secrets import Resolver
    from pbx_as_code.config.selection import Selection
    from pbx_as_code.pbx import Pbx

_OF_REMOVAL: Final = ("removal", "prune", "replace", "remove")
_OF_A_PLAN: Final = ("include", "exclude", *_OF_REMOVAL)
_OF_FILES: Final = ("src", "other_pbx")
_OF_PRESENT: Final = ("home", "config", "plan", *_OF_REMOVAL, "limits", "waiver", "secrets")
_REFUSED: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "present": {"gathered": ("dest",), "adopted": ("adopt",)},
    "planned": {"gathered": ("dest",), "adopted": ("adopt",)},
    "gathered": {"present": (*_OF_PRESENT, *_OF_FILES), "adopted": ("adopt",)},
    "adopted": {"present": _OF_PRESENT, "gathered": ("dest",)},
}
"""By state: options that belong to another one."""
_DEADLINE: Final = 3600.0
"""Seconds of a task that names no deadline: it may write thousands of objects."""
_MOST_PROBLEMS: Final = 5
"""Problems in a message; the result names all of them."""
_MOST_PARALLEL: Final = 16
_READS: Final = 4


class ConfigRunner:
    """The module threecx_config; see perform.Runner."""

    def arguments(self) -> dict[str, Any]:
        """Options other than those of the connection."""
        patterns = {"type": "list", "elements": "str"}
        limits = {"objects": {"type": "int"}, "percent": {"type": "int"}}
        adopt = {
            "variables": {"type": "str", "choices": ["keep", "replace", "change"], "default": "keep"},
            "shared": {"type": "str", "choices": ["keep", "override", "change"], "default": "keep"},
            "missing": {"type": "str", "choices": ["keep", "remove"], "default": "keep"},
            "only_drift": {"type": "bool", "default": False},
        }
        options: dict[str, Any] = {
            "state": {"type": "str", "choices": ["present", "planned", "gathered", "adopted"], "default": "present"},
            "src": {"type": "list", "elements": "path"},
            "home": {"type": "path"},
            "config": {"type": "dict"},
            "plan": {"type": "path"},
            "removal": {"type": "str", "choices": ["none", "owned"]},
            "prune": patterns,
            "replace": patterns,
            "remove": patterns,
            "limits": {"type": "dict", "options": limits},
            "waiver": {"type": "str"},
            "other_pbx": {"type": "bool"},
            "secrets": {"type": "dict", "no_log": True},
            "include": patterns,
            "exclude": patterns,
            "dest": {"type": "path"},
            "adopt": {"type": "dict", "options": adopt},
            "update_secrets": {
                "type": "str",
                "choices": ["always", "on_create"],
                "default": "on_create",
                "no_log": False,
            },
            "parallel": {"type": "int", "default": 2},
        }
        return {
            "argument_spec": options,
            "mutually_exclusive": [["src", "config"], ["home", "config"]],
            "required_if": [
                ["state", "present", ["src", "config", "plan"], True],
                ["state", "planned", ["src", "config"], True],
                ["state", "planned", ["plan"]],
                ["state", "adopted", ["src"]],
            ],
            "supports_check_mode": True,
        }

    def perform(
        self, *, given: Mapping[str, Any], validated: Mapping[str, Any], check_mode: bool, diff_mode: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """The result of the task and its warnings."""
        result, warnings = attempt(_Task(given, validated, check_mode, diff_mode))
        result_for_a_task(result, structure=validated.get("config") is not None)
        return result, list(map(for_a_task, warnings))


@dataclass
class _Task:
    given: Mapping[str, Any] = field(repr=False)
    validated: Mapping[str, Any] = field(repr=False)
    check_mode: bool
    diff_mode: bool
    pbx: str | None = None
    client: XapiClient | None = field(default=None, repr=False)

    def perform(self) -> tuple[dict[str, Any], list[str]]:
        state = self.validated["state"]
        for owner, options in _REFUSED[state].items():
            for option in options:
                if self.validated.get(option) is not None:
                    raise refused(option, f"it belongs to state={owner}.")
        if not 1 <= self.validated["parallel"] <= _MOST_PARALLEL:
            raise refused("parallel", f"a number from 1 to {_MOST_PARALLEL} is needed.")
        check_paths(self.validated)
        from pbx_as_code.config.nodes import ConfigError

        try:
            if state == "gathered":
                return self._gathered()
            if state == "adopted":
                return self._adopted()
            return self._from_plan() if state == "present" and self._given("plan") else self._present()
        except ConfigError as error:
            option = "src" if self._given("src") else "config"
            raise _unusable(option, error) from None

    def _given(self, option: str) -> bool:
        return self.validated.get(option) is not None

    def _selection(self) -> Selection:
        from pbx_as_code.config.selection import Selection

        return Selection(tuple(self.validated.get("include") or ()), tuple(self.validated.get("exclude") or ()))

    def _connected(self, *, read_only: bool) -> tuple[Pbx, XapiClient, Connection]:
        from pbx_as_code.pbx import Pbx

        reached = connection(self.given, self.validated)
        if self.validated.get("task_deadline") is None:
            reached = replace(reached, deadline=_DEADLINE)
        client = client_for(reached, read_only=read_only)
        self.client, self.pbx = client, client.base_url
        return Pbx(client, deadline=reached.deadline), client, reached

    def _gathered(self) -> tuple[dict[str, Any], list[str]]:
        from pbx_as_code.config.export import export
        from pbx_as_code.config.export_folder import store
        from pbx_as_code.config.structure import as_structure

        chosen = self._selection()
        pbx, client, reached = self._connected(read_only=True)
        with deadline.time_limit(reached.deadline):
            made = export(
                pbx, chosen, parallel=max(_READS, self.validated["parallel"]), own_number=_own_number(reached)
            )
        result: dict[str, Any] = {"changed": False, "counts": made.counts}
        dest = self.validated.get("dest")
        if dest is None:
            result["config"] = as_structure(made.contents.values())
        else:
            stored = store(dest, made.files, write=not self.check_mode, selection=chosen)
            result.update(changed=bool(stored), files=sorted(made.files))
            if self.diff_mode:
                result["diff"] = [
                    {"before_header": path, "after_header": path, "before": before, "after": after}
                    for path, before, after in stored
                ]
        warnings = [f"Not exported: {section}: {why}" for section, why in made.unread.items()]
        warnings += [
            f"Not exported, because the PBX refuses to show it: {section}: {', '.join(options)}"
            for section, options in made.lacking.items()
        ]
        warnings += [f"Exported as it is on the PBX: {problem}" for problem in made.dangling]
        return result, [*warnings, *client.take_notices()]

    def _adopted(self) -> tuple[dict[str, Any], list[str]]:
        """Change files such that they declare what the PBX has."""
        from pbx_as_code.config.collection.adopted import adopted

        pbx, client, reached = self._connected(read_only=True)
        with deadline.time_limit(reached.deadline):
            result, warnings = adopted(
                pbx,
                self.validated,
                own_number=_own_number(reached),
                parallel=max(_READS, self.validated["parallel"]),
                write=not self.check_mode,
                diff_mode=self.diff_mode,
            )
        return result, [*warnings, *client.take_notices()]

    def _present(self) -> tuple[dict[str, Any], list[str]]:
        from pbx_as_code.config.lock import read_lock
        from pbx_as_code.config.planning.planner import plan

        configuration = self._configuration()
        check_declarations(configuration, self.validated)
        consent, limits, chosen = self._consent(configuration), self._limits(configuration), self._selection()
        directory = self._directory()
        planning = self.validated["state"] == "planned"
        pbx, client, reached = self._connected(read_only=self.check_mode or planning)
        with deadline.time_limit(reached.deadline):
            made = plan(
                configuration,
                pbx,
                parallel=max(_READS, self.validated["parallel"]),
                own_number=_own_number(reached),
                consent=consent,
                lock=None if directory is None else read_lock(directory),
                update_secrets=self.validated["update_secrets"] == "always",
                selection=chosen,
            )
            if planning:
                result, warnings = self._planned(made, limits)
            else:
                result, warnings = self._carried_out(made, pbx, configuration, limits, directory)
        return result, [*warnings, *client.take_notices()]

    def _planned(self, made: Plan, limits: Limits) -> tuple[dict[str, Any], list[str]]:
        """Write the plan to a file, even one that cannot be carried out: a reviewer has to see why."""
        from pbx_as_code.config.applying.from_file import write_plan
        from pbx_as_code.config.collection.result import planned
        from pbx_as_code.config.planning.limits import exceeded
        from pbx_as_code.config.reporting import report

        exceeding = exceeded(made, limits)
        result = {**planned(made, diff_mode=self.diff_mode), "markdown": report.markdown(made, exceeding)}
        result["changed"] = write_plan(
            made, self.validated.get("src") or [], self.validated["plan"], write=not self.check_mode
        )
        over = [
            f"{sentence} To waive the limits for exactly this plan: waiver: {made.waiver}." for sentence in exceeding
        ]
        return result, [*made.hints, *over]

    def _from_plan(self) -> tuple[dict[str, Any], list[str]]:
        """Carry out a plan that was made earlier."""
        from pbx_as_code.config.applying.from_file import check_files, files_of_plan, read_plan
        from pbx_as_code.config.checks import checked
        from pbx_as_code.config.configuration import Configuration
        from pbx_as_code.config.loader import load_layers
        from pbx_as_code.config.lock import home
        from pbx_as_code.config.nodes import ConfigError

        for option in _OF_A_PLAN:
            if self.validated.get(option) is not None:
                raise refused(option, "a plan holds everything that is to be done; give it with state=planned.")
        if self.given.get("update_secrets") == "always":
            raise refused("update_secrets", "a plan holds everything that is to be done; give it with state=planned.")
        try:
            made, layers = read_plan(self.validated["plan"])
        except ConfigError as error:
            raise _unusable("plan", error) from None
        warnings: list[str] = []
        if self._given("src") or self._given("config"):
            configuration, directory = self._configuration(), self._directory()
            check_files(made, configuration, " + ".join(self.validated.get("src") or ["config"]))
        else:
            found, missing = files_of_plan(layers)
            warnings += missing
            configuration = checked(load_layers(found, strict=False)) if found else Configuration()
            directory = home(found[-1]) if found else None
        limits = self._limits(configuration)
        pbx, client, reached = self._connected(read_only=self.check_mode)
        with deadline.time_limit(reached.deadline):
            result, more = self._carried_out(made, pbx, configuration, limits, directory, earlier=True)
        return result, [*warnings, *more, *client.take_notices()]

    def _carried_out(
        self,
        made: Plan,
        pbx: Pbx,
        configuration: Configuration,
        limits: Limits,
        directory: Path | None,
        *,
        earlier: bool = False,
    ) -> tuple[dict[str, Any], list[str]]:
        from pbx_as_code.config.applying.checks import check_fresh, check_owner, check_plan
        from pbx_as_code.config.applying.files import Recorded
        from pbx_as_code.config.applying.refusals import MissingSecrets, PlanRefused
        from pbx_as_code.config.collection.result import planned, with_fates

        waiver, warnings = self.validated.get("waiver"), list(made.hints)
        secrets = self._secrets()
        result = planned(made, diff_mode=self.diff_mode)
        checks: list[Callable[[], None]] = [lambda: check_plan(made, secrets, limits, waiver)]
        if not (self.check_mode or self.validated.get("other_pbx")):  # in check mode, a hint of the plan says it
            checks.insert(0, lambda: check_owner(made, configuration, pbx.url))
        if earlier:
            checks.insert(0, lambda: check_fresh(made, pbx, max(_READS, self.validated["parallel"])))
        for check in checks:
            try:
                check()
            except PlanRefused as refusal:
                if not (self.check_mode and isinstance(refusal, MissingSecrets)):
                    return {**result, **refusal.result(self.pbx), "changed": False}, warnings
                warnings.append(str(refusal))
        if self.check_mode:
            return result, warnings
        recorded = Recorded(made, directory)
        warnings += [
            f"The last run was interrupted. It may or may not have done this: {t}." for t in recorded.interrupted
        ]
        applied = recorded.apply(
            pbx, secrets=secrets, parallel=self.validated["parallel"], limits=limits, waiver=waiver
        )
        with_fates(result, applied)
        warnings += applied.warnings
        if applied.failed:
            failure = _failed(applied, self.pbx, earlier=earlier)
            return {**result, **failure.result(self.pbx), "changed": applied.changed}, warnings
        return result, warnings

    def _consent(self, configuration: Configuration) -> Consent:
        from pbx_as_code.config.planning.consent import Consent

        removal = self.validated.get("removal") or configuration.pbx.get("removal")
        if removal == "owned" and self.validated.get("src") is None:
            raise refused("removal", "owned objects are listed in threecx.lock, which needs src. Give prune or remove.")
        prune = self.validated.get("prune")
        return Consent(
            removal == "owned",
            tuple(configuration.pbx.get("prune", ()) if prune is None else prune),
            tuple(self.validated.get("replace") or ()),
            tuple(self.validated.get("remove") or ()),
        )

    def _limits(self, configuration: Configuration) -> Limits:
        from pbx_as_code.config.planning.limits import Limits

        given = {name: value for name, value in (self.validated.get("limits") or {}).items() if value is not None}
        for name, value in given.items():
            if value < 0:
                raise refused(f"limits.{name}", "give a number of at least 0.")
        return Limits(**{**configuration.pbx.get("limits", {}), **given})

    def _secrets(self) -> Resolver:
        from pbx_as_code.config.secrets import Resolver, from_environment

        given = self.validated.get("secrets") or {}
        for name, value in given.items():
            if value is not None and not isinstance(value, str):
                raise refused(
                    f"secrets.{name}", "a text is needed here, and YAML has read another value; put it in quotes."
                )
        return Resolver([given.get, from_environment()])

    def _directory(self) -> Path | None:
        """Directory of the lock and the journal: that of the last layer, unless the task names another one."""
        from pathlib import Path

        from pbx_as_code.config.lock import home

        if self._given("home"):
            path = Path(self.validated["home"])
            if not self.check_mode:
                path.mkdir(parents=True, exist_ok=True)
            return path
        src = self.validated.get("src")
        return home(Path(src[-1])) if src else None

    def _configuration(self) -> Configuration:
        """The declarations, checked as far as that needs no PBX."""
        from pathlib import Path

        from pbx_as_code.config.checks import checked
        from pbx_as_code.config.loader import load_layers
        from pbx_as_code.config.structure import load_structure

        src = self.validated.get("src")
        if src is None:
            return checked(load_structure(self.validated["config"], strict=False))
        return checked(load_layers(list(map(Path, src)), strict=False))


class _UnusableError(BadOption):
    def __init__(self, msg: str, problems: list[str], option: str) -> None:
        super().__init__(msg, target=option)
        self.problems = problems

    def result(self, pbx: str | None) -> dict[str, Any]:
        return {**super().result(pbx), "problems": self.problems}


def _own_number(reached: Connection) -> str | None:
    """The number of the service principal that signs in, which is not part of a configuration."""
    found = reached.arguments.get("client_id")
    return None if found is None else str(found)


def _unusable(option: str, error: ConfigError) -> PbxError:
    problems = list(map(str, error.problems))
    return _UnusableError(
        f"{option}: the {'plan' if option == 'plan' else 'configuration'} cannot be used. Nothing was sent. "
        f"{_some(problems)}",
        problems,
        option,
    )


def _some(sentences: list[str]) -> str:
    more = len(sentences) - _MOST_PROBLEMS
    return " ".join([*sentences[:_MOST_PROBLEMS], *([f"And {more} more."] if more > 0 else [])])


def _failed(applied: Applied, pbx: str | None, *, earlier: bool) -> PbxError:
    from pbx_as_code.config.applying.apply import State

    left = [one for one in applied.fates if one.state not in (State.DONE, State.UNCHANGED)]
    reasons = [
        f"{one.doing.value} {one.title}: {one.why}" for one in left if one.state is not State.SKIPPED
    ]  # fmt: skip
    skipped = sum(one.state is State.SKIPPED for one in left)
    more = f" {skipped} more were skipped, because they depend on these." if skipped else ""
    then = "Fix the cause, then run the task again: it makes the remaining changes."
    if earlier:
        then = "Fix the cause, then plan again: the new plan has the remaining changes."
    return PbxError(
        f"{len(left)} of {len(applied.fates)} changes of {pbx} were not made. {_some(reasons)}{more} {then}"
    )
