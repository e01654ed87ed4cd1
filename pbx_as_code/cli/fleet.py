"""The options --fleet and --limit of plan, apply and drift."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from pbx_as_code.cli.output import write_file
from pbx_as_code.cli.paths import PATH

if TYPE_CHECKING:
    from pbx_as_code.fleet import Fleet, FleetPbx
    from pbx_as_code.fleet.running import Outcome, Progress, Settings

_Command = TypeVar("_Command", bound=Callable[..., Any])
FLEET_HELP = """\b
Fleets: --fleet fleet.yml works on all PBXs of this file, each with its layers, several at a
time. --limit takes names and groups as in Ansible: customers:!acme. PBXs that cannot be
reached are reported as unreachable, never as equal.
"""
"""For the epilog of a command with these options."""


def with_fleet(run: str) -> Callable[[_Command], _Command]:
    """Give a command the options of fleets. With --fleet, a function of this module runs instead of the command.

    Parameters:
        run: name of this function; it takes the fleet, its chosen PBXs, the settings and the command's options
    """

    def decorate(command: _Command) -> _Command:
        @click.option("--fleet", type=PATH, help="File of a fleet, instead of DIRECTORY.")
        @click.option("--limit", default="all", show_default=True, help="PBXs and groups of the fleet.")
        @click.option("--pbxs", type=click.IntRange(1, 64), help="Maximum number of PBXs at a time. Default: 8.")
        @wraps(command)
        def either(*arguments: Any, fleet: Path | None, limit: str, pbxs: int | None, **options: Any) -> Any:
            if fleet is None:
                if limit != "all" or pbxs is not None:
                    raise click.UsageError("--limit and --pbxs are for --fleet.")
                return command(*arguments, **options)
            _check_alone(options)
            return globals()[run](*_chosen(fleet, limit, pbxs, options), options)

        return either  # type: ignore[return-value]

    return decorate


def _check_alone(options: dict[str, Any]) -> None:
    for name, said in (
        ("directory", "DIRECTORY"), ("source", "DIRECTORY or PLAN"), ("named", "-f"), ("url", "--url"),
        ("client_id", "--client-id"), ("profile", "--profile"), ("waive", "--waive"), ("other_pbx", "--other-pbx"),
        ("update_secrets", "--update-secrets"), ("preview", "--preview"),
    ):  # fmt: skip
        if options.get(name):
            raise click.UsageError(f"--fleet does not go with {said}: the fleet file names PBXs and layers.")


def _chosen(
    path: Path, limit: str, pbxs: int | None, options: dict[str, Any]
) -> tuple[Fleet, list[FleetPbx], Settings]:
    from pbx_as_code.config.selection import Selection
    from pbx_as_code.fleet import PatternError, homes_of, load_fleet, select
    from pbx_as_code.fleet.running import Settings

    fleet = load_fleet(path)
    try:
        chosen = select(fleet, limit)
    except PatternError as error:
        raise click.BadParameter(str(error), param_hint="--limit") from None
    consent: dict[str, Any] = {
        name: options[name] for name in ("owned", "prune", "replace", "remove") if name in options
    }
    settings = Settings(
        parallel=pbxs or fleet.parallel or 8,
        requests=options.get("parallel") or 4,
        most_failures=fleet.max_failures,
        consent=consent or None,
        homes=homes_of(fleet),
        selection=Selection(options["include"], options["exclude"]),
        with_alerts=options.get("html") is not None,
    )
    return fleet, chosen, settings


def drift(fleet: Fleet, pbxs: list[FleetPbx], settings: Settings, options: dict[str, Any]) -> int:
    """`threecx drift --fleet`: 0 no drift, 2 drift, 1 a failure or something that could not be compared."""
    from pbx_as_code.cli.wording import worded_outcome
    from pbx_as_code.fleet import running

    with _watched(settings, pbxs) as watched:
        outcomes = [worded_outcome(one) for one in running.drift(pbxs, watched)]
    _written(options, outcomes, fleet)
    _shown(options, outcomes)
    if settings.stop.is_set():
        return _interrupted()
    if any(one.failed or one.state is running.State.UNSETTLED for one in outcomes):
        return 1
    return 2 if any(one.state is running.State.DIFFERS for one in outcomes) else 0


def plan(fleet: Fleet, pbxs: list[FleetPbx], settings: Settings, options: dict[str, Any]) -> int:
    """`threecx plan --fleet`: 0 nothing to do, 2 changes, 1 a failure. --out names a directory for plan files."""
    from pbx_as_code.cli.wording import worded_outcome
    from pbx_as_code.config.planning.plan_file import dump
    from pbx_as_code.fleet import running

    with _watched(settings, pbxs) as watched:
        outcomes = [worded_outcome(one) for one in running.plan(pbxs, watched)]
    folder = options.get("out")
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        for one in outcomes:
            if one.plan is not None:
                layers = [str(layer.path) for layer in one.pbx.layers]
                write_file(folder / f"{one.pbx.name}.json", dump(one.plan, layers))
    _written(options, outcomes, fleet)
    _shown(options, outcomes)
    if settings.stop.is_set():
        return _interrupted()
    if any(one.failed for one in outcomes):
        return 1
    return 2 if any(one.state is running.State.DIFFERS for one in outcomes) else 0


def apply(fleet: Fleet, pbxs: list[FleetPbx], settings: Settings, options: dict[str, Any]) -> int:  # noqa: ARG001
    """`threecx apply --fleet`: 0 done, 1 a failure. The canaries come first."""
    from pbx_as_code.cli.secrets import resolver_of
    from pbx_as_code.cli.wording import worded_outcome
    from pbx_as_code.config.spelling import counted
    from pbx_as_code.fleet import running

    if not options.get("yes"):
        if options.get("as_json") or not sys.stdin.isatty():
            raise click.UsageError("Nothing was written. Without a terminal, --yes is needed to carry it out.")
        names = ", ".join(one.name for one in pbxs[:10]) + (f" and {len(pbxs) - 10} more" if len(pbxs) > 10 else "")
        if not click.confirm(f"Change {counted(len(pbxs), 'PBX')} ({names}) to match the files?"):
            return 1
    secrets = resolver_of(options["files"], options["program"], options["password_file"])
    with _watched(settings, pbxs) as watched:
        outcomes = [worded_outcome(one) for one in running.apply(pbxs, watched, secrets)]
    _shown(options, outcomes)
    if settings.stop.is_set():
        return _interrupted()
    unfinished = any(one.failed or one.state is running.State.SKIPPED for one in outcomes)
    return 1 if unfinished else 0


def _interrupted() -> int:
    """Exit status after Ctrl-C."""
    click.echo("Interrupted: PBXs that were begun are reported above, the others were left alone.", err=True)
    return 130


def _written(options: dict[str, Any], outcomes: Sequence[Outcome], fleet: Fleet) -> None:
    from pbx_as_code.fleet import running

    if options.get("html") is not None:
        write_file(options["html"], running.page(outcomes, str(fleet.path)))
    if options.get("markdown") is not None:
        write_file(options["markdown"], running.as_markdown(outcomes))
    if options.get("junit") is not None:
        write_file(options["junit"], running.as_junit(outcomes))


def _shown(options: dict[str, Any], outcomes: Sequence[Outcome]) -> None:
    from pbx_as_code.cli.output import print_json, print_text
    from pbx_as_code.fleet import running

    if options.get("as_json"):
        print_json(running.as_json(outcomes))
    else:
        print_text(running.as_text(outcomes))


@contextmanager
def _watched(settings: Settings, pbxs: Sequence[FleetPbx]) -> Iterator[Settings]:
    """Settings whose progress is shown, on a terminal."""
    from dataclasses import replace

    if not sys.stderr.isatty():
        yield settings
        return
    from rich.console import Console
    from rich.progress import Progress as Bar

    with Bar(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("PBXs", total=len(pbxs))

        def progress(one: Outcome) -> None:
            bar.update(task, advance=1, description=one.pbx.name)

        told: Progress = progress
        yield replace(settings, progress=told)
