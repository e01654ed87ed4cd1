"""Plan, apply and drift of one PBX of a fleet after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import TYPE_CHECKING, Any

from pbx_as_code.config.spelling import counted
from pbx_as_code.fleet.model import FleetPbx
from pbx_as_code.fleet.running.facts import alerts
from pbx_as_code.fleet.running.outcomes import Outcome, Progress, State, each
from pbx_as_code.profiles import ProfileError

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.applying.apply import Fate
    from pbx_as_code.config.applying.files import Recorded
    from pbx_as_code.config.configuration import Configuration
    from pbx_as_code.config.parsed import ParsedFiles
    from pbx_as_code.config.planning.limits import Limits
    from pbx_as_code.config.planning.operations import Plan
    from pbx_as_code.config.secrets import Resolver
    from pbx_as_code.config.selection import Selection


@dataclass(frozen=True)
class Settings:
    """How to work on a fleet.

    Attributes:
        parallel: PBXs at a time
        requests: at a time, on one PBX
        most_failures: number of failed PBXs after which an apply begins no further one
        consent: to removals: owned, prune, replace and remove; None removes nothing
        selection: objects that plans are limited to; None for all
        with_alerts: also look for facts that need attention
        stop: set by Ctrl-C: no further PBX is begun, and no further operation of an apply
        homes: directory with the lock and the journal of each PBX, by its name; see fleet.homes_of
    """

    parallel: int = 8
    requests: int = 4
    most_failures: int | None = None
    consent: Mapping[str, Any] | None = None
    selection: Selection | None = None
    with_alerts: bool = False
    homes: Mapping[str, Path] = field(default_factory=dict)
    progress: Progress = field(default=lambda _: None, repr=False)
    stop: Event = field(default_factory=Event, repr=False)


def drift(pbxs: Sequence[FleetPbx], settings: Settings) -> list[Outcome]:
    """Compare every PBX with its layers; nothing is written to any.

    Parameters:
        pbxs: to compare
        settings: how to work
    """
    parsed = _shared_files(pbxs)

    def work(pbx: FleetPbx) -> Outcome:
        configuration = _configuration(pbx, parsed)
        with pbx.connect() as client:
            made = _plan(pbx, configuration, client, settings, None)
            made.take_fingerprints = list  # nobody asks for them, and a fleet has many PBXs
            found = alerts(client) if settings.with_alerts else ()
        return Outcome(pbx, _state(made), made, alerts=found)

    return each(pbxs, work, parallel=settings.parallel, progress=settings.progress, stop=settings.stop)


def plan(pbxs: Sequence[FleetPbx], settings: Settings) -> list[Outcome]:
    """Plan the changes of every PBX; nothing is written to any.

    Parameters:
        pbxs: to plan for
        settings: how to work
    """
    parsed = _shared_files(pbxs)

    def work(pbx: FleetPbx) -> Outcome:
        configuration = _configuration(pbx, parsed)
        with pbx.connect() as client:
            made = _plan(pbx, configuration, client, settings, settings.consent or {})
        _ = made.fingerprints  # for a plan file; until they are taken, the plan holds all that was read of the PBX
        state = State.FAILED if made.impossible else State.DIFFERS if made.operations else State.EQUAL
        why = f"Impossible: {counted(len(made.impossible), 'change')}." if made.impossible else ""
        return Outcome(pbx, state, made, why=why)

    return each(pbxs, work, parallel=settings.parallel, progress=settings.progress, stop=settings.stop)


def apply(pbxs: Sequence[FleetPbx], settings: Settings, secrets: Resolver) -> list[Outcome]:
    """Change every PBX to match its layers: the canaries first; too many failures end it.

    Parameters:
        pbxs: to change
        settings: how to work
        secrets: resolves the markers of all files
    """
    from pbx_as_code.config.applying.checks import check_plan
    from pbx_as_code.config.applying.files import Recorded
    from pbx_as_code.pbx import Pbx

    parsed = _shared_files(pbxs)

    def work(pbx: FleetPbx) -> Outcome:
        configuration = _configuration(pbx, parsed)
        limits = limits_of(pbx, configuration)
        with pbx.connect(read_only=False) as client:
            made = _plan(pbx, configuration, client, settings, settings.consent or {})
            made.take_fingerprints = list
            identity = configuration.pbx.get("identity")
            if identity and identity != made.identity:
                why = f"Its files are of the PBX {identity}, and {pbx.url} is {made.identity}. Nothing was written."
                return Outcome(pbx, State.FAILED, made, why=why)
            check_plan(made, secrets, limits, None)
            home = settings.homes[pbx.name]
            home.mkdir(parents=True, exist_ok=True)
            recorded = Recorded(made, home)
            fates: list[Fate] = []
            try:
                applied = recorded.apply(
                    Pbx(client), secrets=secrets, parallel=min(2, settings.requests), limits=limits,
                    report=fates.append, stop=settings.stop,
                )  # fmt: skip
            except OSError as error:  # of the journal or the lock
                why = f"{error}. {recorded.so_far(fates)} Run the same command again to do the rest."
                return Outcome(pbx, State.FAILED, made, why=why, notes=_notes(recorded, []))
        why = next((one.why for one in applied.fates if one.why), "") if applied.failed else ""
        state = State.FAILED if applied.failed else State.APPLIED if made.operations else State.EQUAL
        return Outcome(pbx, state, made, applied, why, notes=_notes(recorded, applied.warnings))

    return each(
        pbxs, work, parallel=settings.parallel, most_failures=settings.most_failures, canaries_first=True,
        progress=settings.progress, stop=settings.stop,
    )  # fmt: skip


def _notes(recorded: Recorded, warnings: Sequence[str]) -> tuple[str, ...]:
    earlier = "The last apply of these files was interrupted. It may or may not have done this"
    return (*(f"{earlier}: {text}." for text in recorded.interrupted), *warnings)


def limits_of(pbx: FleetPbx, configuration: Configuration) -> Limits:
    """Limits of removals: those of the fleet file, else those of the files, else the defaults.

    Parameters:
        pbx: of the fleet
        configuration: of its files
    """
    from pbx_as_code.config.planning.limits import Limits

    return Limits(**{**configuration.pbx.get("limits", {}), **pbx.limits})


def _shared_files(pbxs: Sequence[FleetPbx]) -> ParsedFiles:
    """Files of the layers that several PBXs have, such as a standard, which are parsed once."""
    from pbx_as_code.config.parsed import ParsedFiles

    counts = Counter(layer.path for pbx in pbxs for layer in pbx.layers)
    return ParsedFiles(path for path, count in counts.items() if count > 1)


def _configuration(pbx: FleetPbx, parsed: ParsedFiles) -> Configuration:
    from pbx_as_code.config.checks import checked
    from pbx_as_code.config.loader import load_layers

    if not pbx.layers:
        raise ProfileError(f"{pbx.place}: {pbx.name} has no layers: name the directories of its files.")
    return checked(load_layers([layer.path for layer in pbx.layers], named=True, parsed=parsed, strict=False))


def _plan(
    pbx: FleetPbx,
    configuration: Configuration,
    client: XapiClient,
    settings: Settings,
    consent: Mapping[str, Any] | None,
) -> Plan:
    from pbx_as_code.config.lock import read_lock
    from pbx_as_code.config.planning.consent import Consent
    from pbx_as_code.config.planning.planner import plan as planned
    from pbx_as_code.pbx import Pbx

    agreed = None if consent is None else Consent.of(configuration.pbx, consent)
    return planned(
        configuration, Pbx(client), parallel=settings.requests, own_number=pbx.client_id, consent=agreed,
        lock=read_lock(settings.homes[pbx.name]), selection=settings.selection,
    )  # fmt: skip


def _state(made: Plan) -> State:
    from pbx_as_code.config.reporting import report

    if report.differs(made) or report.undeclared(made):
        return State.DIFFERS
    return State.UNSETTLED if report.unsettled(made) else State.EQUAL
