"""The rehearsal: build a PBX from a base, change it to match the files, and look at the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pbx_as_code.callflow import from_pbx
from pbx_as_code.config.applying.apply import Fate, State, apply
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.kinds import REQUIRED, Creation
from pbx_as_code.config.layering.contents import REQUIRED_SECTIONS
from pbx_as_code.config.lock import Lock, read_lock
from pbx_as_code.config.planning.consent import Consent
from pbx_as_code.config.planning.limits import Limits, exceeded
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.required_names import is_music, named_by
from pbx_as_code.config.secrets import Resolver
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import description
from pbx_as_code.pbx import Pbx
from pbx_as_code.rehearsal.buildable import buildable
from pbx_as_code.rehearsal.calls import Rerouted, rerouted

if TYPE_CHECKING:
    from threecx_xapi import XapiClient

    from pbx_as_code.config.planning.operations import Operation, Plan

_INVENTED: Final = "48151623"  # an invented credential; digits, because PINs are
_STORED: Final = {"prompt_set": "Folder"}
"""Property by which references store an object, if it is not the one that names it."""
_NO_LIMITS: Final = Limits(objects=1_000_000, percent=100)


@dataclass(frozen=True)
class Stage:
    """Everything that a rehearsal needs.

    Attributes:
        base: what the PBX is like before
        wanted: the files that are to be applied
        client: of an empty simulated PBX that was started with `seed_of`
        own_number: number of its service principal
        consent: to removals
        home: directory of the lock of the files; None if there is none
        expected: the plan that was made for the real PBX; None if there is none
        progress: is called with what is done
    """

    base: Configuration
    wanted: Configuration
    client: XapiClient
    own_number: str
    consent: Consent = field(default_factory=Consent)
    home: Path | None = None
    expected: Plan | None = None
    progress: Callable[[str], None] = field(default=lambda _: None, repr=False)


@dataclass
class Rehearsal:
    """Result of a rehearsal.

    Attributes:
        unbuilt: operations of the base that the simulated PBX refused: the rehearsal lacks them
        left_out: sentences about values of the base that no task could set: the rehearsal lacks them
        plan: for the files
        fates: of its operations
        unlisted: sentences about prompts and the like of which nobody says that the PBX has them
        over: sentences about limits of removals
        impossible: sentences about what cannot be done
        left: operations that a second plan still has; there should be none
        unlike: sentences about differences from the plan for the real PBX
        calls: entry numbers whose calls go elsewhere
    """

    unbuilt: list[Fate] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    plan: Plan | None = None
    fates: list[Fate] = field(default_factory=list)
    unlisted: list[str] = field(default_factory=list)
    over: list[str] = field(default_factory=list)
    impossible: list[str] = field(default_factory=list)
    left: list[Operation] = field(default_factory=list)
    unlike: list[str] = field(default_factory=list)
    calls: list[Rerouted] = field(default_factory=list)

    @property
    def refused(self) -> list[Fate]:
        """Operations that were not done."""
        return [one for one in self.fates if one.state not in (State.DONE, State.UNCHANGED)]

    @property
    def succeeded(self) -> bool:
        """Whether the change can be applied, and is complete afterwards."""
        return not (self.refused or self.unlisted or self.over or self.impossible or self.left or self.unlike)


def seed_of(base: Configuration, wanted: Configuration) -> dict[str, Any]:
    """Seed of a simulated PBX with the objects that files cannot create, such as prompts and email templates.

    Parameters:
        base: everything that it names is on the PBX, whether it is listed under `required` or not
        wanted: needs what is listed
    """
    seed: dict[str, Any] = {}
    for configuration in (base, wanted):
        needed = {REQUIRED_SECTIONS[section]: list(names) for section, names in configuration.required.items()}
        for definition in configuration.definitions if configuration is base else ():
            for used in named_by(definition):
                if not is_music(used, configuration):
                    needed.setdefault(used.kind, []).append(used.name)
        templates = [str(one.values["template"]) for one in configuration.of("trunk") if one.values.get("template")]
        needed["trunk_template"] = [*needed.get("trunk_template", ()), *templates]
        for kind, names in needed.items():
            about = description(kind)
            if isinstance(about, EntityDescription):
                prop = next(prop for prop in about.properties if prop.option == REQUIRED[kind])
                rows: list[dict[str, Any]] = seed.setdefault(about.entity_set, [])
                stored = _STORED.get(kind, prop.name)  # what references store; any text will do
                new = [{prop.name: name, stored: name} for name in dict.fromkeys(names)]
                rows.extend(row for row in new if row not in rows)
        for one in configuration.definitions:
            about = one.kind.description
            if one.kind.creation is not Creation.CREATED and isinstance(about, EntityDescription):
                key = " ".join(str(part) for part in one.identity)  # any text will do
                named = {one.kind.options[option].name: one.values.get(option) for option in one.kind.identity}
                named.setdefault(about.key.name, key)
                rows = seed.setdefault(about.entity_set, [])
                rows.extend([named] if named not in rows else [])
    return seed


def rehearse(stage: Stage, now: datetime | None = None) -> Rehearsal:
    """Build the base, apply the files, plan again, and compare where calls go.

    Parameters:
        stage: what is needed
        now: first of the times at which calls are compared; the present if this is None

    Raises:
        PbxError: the simulated PBX cannot be read
    """
    pbx, found = Pbx(stage.client), Rehearsal()
    secrets = Resolver([lambda _: _INVENTED])
    wanted_base, wanted, found.left_out = buildable(stage.base, stage.wanted)
    stage.progress("building the PBX")
    base = plan(wanted_base, pbx, own_number=stage.own_number)
    base.impossible.clear()  # what cannot be built is told as such, and does not stop the rest
    found.unbuilt = [
        one for one in apply(base, pbx, secrets=secrets, limits=_NO_LIMITS).fates
        if one.state not in (State.DONE, State.UNCHANGED)
    ]  # fmt: skip
    before = from_pbx(stage.client)
    stage.progress("applying the files")
    made = plan(
        wanted, pbx, own_number=stage.own_number, consent=stage.consent, lock=_lock(stage, base.identity)
    )  # fmt: skip
    found.plan = made
    found.impossible = [f"{kind} {' / '.join(map(str, identity))}: {why}" for kind, identity, why in made.impossible]
    found.unlisted = _unlisted(stage.base, stage.wanted)
    found.over = exceeded(made, Limits(**stage.wanted.pbx.get("limits", {})))
    found.unlike = _unlike(made, stage.expected)
    if found.impossible or found.over or found.unlisted:
        return found
    found.fates = apply(made, pbx, secrets=secrets, limits=_NO_LIMITS).fates
    stage.progress("planning again")
    found.left = plan(wanted, pbx, own_number=stage.own_number, consent=stage.consent).operations
    stage.progress("tracing calls")
    found.calls = rerouted(before, from_pbx(stage.client), now or datetime.now(UTC).replace(second=0, microsecond=0))
    return found


def _unlisted(base: Configuration, wanted: Configuration) -> list[str]:
    """Required objects that the wanted files name, and that neither the base nor `required` has."""
    known = {(REQUIRED_SECTIONS[section], name) for one in (base, wanted) for section, names in one.required.items()
             for name in names}  # fmt: skip
    known |= {(one.kind, one.name) for definition in base.definitions for one in named_by(definition)}
    sections = {kind: section for section, kind in REQUIRED_SECTIONS.items()}
    found = []
    for definition in wanted.definitions:
        for one in named_by(definition):
            if (one.kind, one.name) not in known and not is_music(one, wanted):
                about = description(one.kind)
                place = definition.place_of(*one.path)
                found.append(
                    f"{place}: {definition.title} names the {about.label} {one.name}, which neither the base nor "
                    f"`required` has. If it is on the PBX, list it: required: {{{sections[one.kind]}: [{one.name}]}}"
                )
    return found


def _lock(stage: Stage, identity: str) -> Lock:
    """The lock of the files, as that of the simulated PBX: there they own the same."""
    if stage.home is None:
        return Lock(identity)
    return Lock(identity, read_lock(stage.home).owned)


def _unlike(made: Plan, expected: Plan | None) -> list[str]:
    if expected is None:
        return []
    here, there = _counted(made), _counted(expected)
    return [
        f"{'Only the rehearsal' if key in here else 'Only the plan'} has: {key[0]} {key[1]}"
        f"{' ' + ' / '.join(map(str, key[2])) if key[2] else ''}."
        for key in sorted(here.keys() ^ there.keys(), key=str)
    ]


def _counted(made: Plan) -> Mapping[tuple[str, str, tuple[Any, ...]], int]:
    found: dict[tuple[str, str, tuple[Any, ...]], int] = {}
    for one in made.operations:
        key = (one.doing.value, one.kind, tuple(one.identity))
        found[key] = found.get(key, 0) + 1
    return found
