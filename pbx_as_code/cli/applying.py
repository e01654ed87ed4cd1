"""Carry out a plan for a command: ask, apply, tell."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from pbx_as_code.cli.failures import Interrupted, os_message
from pbx_as_code.cli.output import without_reader
from pbx_as_code.cli.wording import worded_apply, worded_fate

if TYPE_CHECKING:
    from pbx_as_code.config.applying.apply import Applied, Fate
    from pbx_as_code.config.planning.limits import Limits
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.config.secrets import Resolver
    from pbx_as_code.pbx import Pbx


@dataclass(frozen=True)
class Run:
    """How a plan is carried out.

    Attributes:
        directory: of the files, for the journal and threecx.lock; None to record nothing
        limits: of removals
        secrets: credentials behind markers
        yes: do not ask
        waive: waiver of the limits
        parallel: writes at a time
        as_json: print JSON only
    """

    directory: Path | None
    limits: Limits
    secrets: Resolver
    yes: bool = False
    waive: str | None = None
    parallel: int = 2
    as_json: bool = False


_AGAIN: Final = "Run the same command again to do the rest."


def carry_out(plan: Plan, pbx: Pbx, run: Run, about: Mapping[str, Any] | None = None) -> int:
    """Show a plan, ask, and carry it out; returns the exit status.

    Parameters:
        plan: for the PBX
        pbx: that is changed
        run: how
        about: further keys of the JSON that is printed

    Raises:
        PlanRefused: it is not carried out, for example because the PBX was changed before the user agreed; nothing was
            written
        Interrupted: the user has ended it
    """
    from pbx_as_code.config.applying.checks import check_fresh, check_plan
    from pbx_as_code.config.applying.files import Recorded
    from pbx_as_code.config.reporting import report

    recorded = Recorded(plan, run.directory)
    for text in recorded.interrupted:
        click.echo(
            f"The last apply of these files was interrupted. It may or may not have done this: {text}.", err=True
        )
    check_plan(plan, run.secrets, run.limits, run.waive)
    if not run.as_json:
        try:
            click.echo(report.text(plan))
        except BrokenPipeError:
            click.echo("Nothing was written to the PBX: the reader of the plan has ended.", err=True)
            raise
    if plan.operations and not run.yes:
        if not _agreed(run.as_json, plan.identity):
            click.echo("Nothing was written.", err=True)
            return 1
        check_fresh(plan, pbx, max(4, run.parallel))  # the question may have stood there for an hour
    fates: list[Fate] = []

    def report_fate(fate: Fate) -> None:
        fate = worded_fate(fate)
        fates.append(fate)
        if not run.as_json:
            try:
                _said(fate)
            except OSError:  # nobody reads the output any more, or its disk is full; the apply goes on
                without_reader()

    try:
        applied = recorded.apply(
            pbx, secrets=run.secrets, parallel=run.parallel, limits=run.limits, waiver=run.waive, report=report_fate
        )
    except KeyboardInterrupt:
        raise Interrupted(f"Interrupted: {recorded.so_far(fates)} {_AGAIN}") from None
    except OSError as error:  # of the journal or the lock
        raise click.ClickException(f"{os_message(error)}: {recorded.so_far(fates)} {_AGAIN}") from None
    _tell(plan, worded_apply(applied), run.as_json, about or {})
    return 1 if applied.failed else 0


def _agreed(as_json: bool, where: str) -> bool:
    if as_json or not sys.stdin.isatty():
        raise click.UsageError("Nothing was written. Without a terminal, --yes is needed to carry it out.")
    return click.confirm(f"Carry it out on {where}?")


def _said(fate: Fate) -> None:
    click.echo(f"{fate.state.value}: {fate.doing.value} {fate.title}{f': {fate.why}' if fate.why else ''}")


def _tell(plan: Plan, applied: Applied, as_json: bool, about: Mapping[str, Any]) -> None:
    if as_json:
        from pbx_as_code.config.applying.apply import as_json as applied_as_json

        click.echo(json.dumps({**about, "waiver": plan.waiver, **applied_as_json(applied)}, indent=1, default=str))
        return
    for warning in applied.warnings:
        click.echo(f"Note: {warning}", err=True)
    counts = ", ".join(f"{count} {state}" for state, count in applied.counts.items() if count)
    click.echo(f"{counts or 'Nothing to do'}.")
