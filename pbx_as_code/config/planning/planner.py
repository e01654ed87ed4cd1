"""A plan: what makes a PBX be as its files declare it. Making one only reads, one request per page."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

from pbx_as_code.config.configuration import (
    Configuration,
    Definition,
    identity_of,
)
from pbx_as_code.config.export import identity_of_pbx
from pbx_as_code.config.kinds import DIALLED, KINDS
from pbx_as_code.config.layering.contents import REQUIRED_SECTIONS
from pbx_as_code.config.lock import Lock
from pbx_as_code.config.pbx_rows import read, standing
from pbx_as_code.config.planning.completing import completable, name_default_department, name_listed_rules
from pbx_as_code.config.planning.consent import Consent
from pbx_as_code.config.planning.dangling import Dangling
from pbx_as_code.config.planning.digest import digest_of
from pbx_as_code.config.planning.fingerprints import fingerprints
from pbx_as_code.config.planning.hints import hints
from pbx_as_code.config.planning.matches import Matches
from pbx_as_code.config.planning.naming import SPARED, TARGETS, Naming, Row, referred
from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.planning.ordering import Change, Removal, in_order
from pbx_as_code.config.planning.pairing import Pairing
from pbx_as_code.config.planning.removal import Wishes, referring, removals, spared, unseen_referrers, with_referrers
from pbx_as_code.config.planning.scope import Scope, by_kind
from pbx_as_code.config.planning.spellings import by_spelling, spelling
from pbx_as_code.config.planning.templates import missing_prompts, missing_required, missing_templates
from pbx_as_code.config.reader import without_collection
from pbx_as_code.config.reporting.titles import section
from pbx_as_code.config.selection import Selection
from pbx_as_code.pbx import Pbx


def plan(
    configuration: Configuration,
    pbx: Pbx,
    *,
    parallel: int = 4,
    own_number: str | None = None,
    consent: Consent | None = None,
    lock: Lock | None = None,
    update_secrets: bool = False,
    matches: Matches | None = None,
    selection: Selection | None = None,
) -> Plan:
    """Compare what files declare with what a PBX has.

    Without consent nothing is removed: what the files do not declare is kept, and listed as unmanaged where they
    declare its kind.

    Parameters:
        configuration: without problems
        pbx: to read; nothing is written to it
        parallel: requests at a time
        own_number: number of the service principal that signs in, which is not part of the configuration
        consent: to removals
        lock: what these files created or adopted earlier
        update_secrets: set the credentials of objects that are there as well: no PBX shows whether they differ
        matches: filled with the objects that the plan compares
        selection: objects that the plan is limited to; references to others are looked up on the PBX

    Raises:
        BadOption: a pattern of the selection names nothing
        PbxError: something cannot be read; the first failure ends it
    """
    wishes = Wishes(parallel, own_number, consent or Consent(), lock or Lock(), update_secrets)
    with without_collection(), ThreadPoolExecutor(max_workers=1) as beside:
        digest = beside.submit(digest_of, configuration)  # while the PBX answers
        scope = Scope(completable(configuration), selection or Selection())
        return replace(_Planner(scope, pbx, wishes, matches or Matches()).plan(), digest=digest.result())


class _Planner:
    def __init__(self, scope: Scope, pbx: Pbx, wishes: Wishes, matches: Matches) -> None:
        self._matches = matches
        self._scope = scope
        self._configuration = configuration = scope.configuration
        self._pbx = pbx
        self._wishes = wishes
        self._unread: dict[str, str] = {}
        self._rows: dict[str, list[Row]] = {}
        self._naming = Naming(configuration, {})
        self._declared = by_kind(configuration.definitions)
        self._outside: dict[str, list[Definition]] = {}
        self._renames: dict[str, str] = {}
        self._referred: set[tuple[str, str]] = set()
        """Everything that declared objects refer to: the entity set, and the name in the files."""
        for name, definitions in self._declared.items():
            referred(name, [one.values for one in definitions], self._referred)
        self._plan = Plan(pbx.url, "", "", complete=configuration.complete, selection=scope.selection)

    def plan(self) -> Plan:
        removable = filter(self._scope.reads, self._wishes.kinds())
        looked_at = {*self._declared, *self._configuration.complete, *removable, *self._matches.kinds}
        looked_at |= self._scope.undeclared_kinds()
        self._read_all(self._needed(looked_at), spared=SPARED - looked_at)
        if self._refers_to_other_numbers():
            self._read_all(["peer"])
        self._plan.release = self._pbx.release or ""
        self._plan.identity = identity_of_pbx(self._pbx)
        self._check_whose()
        self._naming = self._named(self._renamed())
        name_default_department(self._scope.whole, self._rows, self._naming.renamed)
        self._settle()
        name_listed_rules(self._configuration)
        self._plan.declared = [(o.kind.name, o.identity) for o in self._configuration.definitions if o.kind.identity]
        self._plan.impossible += missing_required(self._configuration, self._rows, self._unread)
        pairing = self._pairing()
        found: list[Change] = []
        for kind in KINDS.values():
            if kind.name in looked_at:
                found += pairing.changes(kind, self._declared.get(kind.name, []))
        self._plan.vanished = sorted(pairing.vanished(self._wishes.lock, looked_at), key=str)
        self._scope.check_matched(pairing.left, self._unread, self._plan.url)
        self._plan.hints += self._scope.idle_exclusions(self._rows)
        chosen = self._removals(pairing, found)
        gone = {id(one.row) for one in chosen}
        self._plan.unmanaged = [(k.name, identity_of(k, row)) for k, row in pairing.left if id(row) not in gone]
        self._matches.left = [(kind, pairing.as_declared(kind, row)) for kind, row in pairing.left]
        references = Dangling(self._scope, self._naming, self._plan, self._referred)
        references.check(chosen, found, pairing.unchanged)
        self._numbers_taken(found)
        self._ordered(found, chosen, pairing.unchanged)
        self._plan.operations = list(map(references.repeating, self._plan.operations))
        if self._plan.operations:  # without the plan itself: a circle would keep all rows in memory
            self._plan.take_fingerprints = partial(fingerprints, self._plan.operations, self._rows, self._naming)
        self._plan.hints += hints(self._plan.operations, pairing.left, self._rows, self._configuration)
        return self._plan

    def _named(self, renamed: Mapping[str, str]) -> Naming:
        unread = [kind for kind in self._rows if section(kind) in self._unread]
        return Naming(self._configuration, self._rows, renamed, unread)

    def _settle(self) -> None:
        """Know which declared objects are in the selection: the PBX tells departments that the files do not."""
        self._scope.settle(self._rows, self._naming.renamed)
        self._configuration = self._scope.configuration
        self._declared = by_kind(self._configuration.definitions)
        self._outside = by_kind(self._scope.outside())
        self._plan.outside = self._scope.not_compared()

    def _renamed(self) -> dict[str, str]:
        """New names of departments by those they have on the PBX: one says so, or it is the default one of both."""
        there = {str(row["name"]): row for row in self._rows.get("group", ())}
        groups = [*self._configuration.of("group"), *(o for o in self._scope.outside() if o.kind.name == "group")]
        wanted = {str(one.values.get("name")): one.renamed_from for one in groups}
        found = {old: new for new, old in wanted.items() if old is not None and old in there and new not in there}
        alike = by_spelling(KINDS["group"], ((name,) for name in there.keys() - wanted.keys() - found.keys()))
        for new in wanted.keys() - there.keys() - set(found.values()):
            if old := alike.pop(spelling((new,)), None):
                found[old[0]] = new
        default = self._configuration.pbx.get("default_department")
        here = next((name for name, row in there.items() if row.get("is_default")), None)
        if here is not None and default in wanted and default not in there and here not in wanted:
            found[here] = default
        self._renames = found
        chosen = {str(one.values.get("name")) for one in self._configuration.of("group")}
        return {old: new for old, new in found.items() if new in chosen}

    def _check_whose(self) -> None:
        """Own nothing by the lock of another PBX, and say that files are of another PBX."""
        lock, here = self._wishes.lock, self._plan.identity
        if lock.owned and lock.identity != here:
            self._plan.hints.append(
                f"threecx.lock belongs to {lock.identity or 'an unknown PBX'}, not to {here}: it owns nothing here. If "
                "these files are for several PBXs, a fleet.yml, or home in a task, gives each a directory for its lock."
            )
            self._wishes = replace(self._wishes, lock=Lock(here))
        made_for = self._configuration.pbx.get("identity")
        if made_for and made_for != here:
            self._plan.hints.append(f"These files are of the PBX {made_for}; this one is {here}.")

    def _needed(self, looked_at: set[str]) -> list[str]:
        wanted = sorted(looked_at, key=list(KINDS).index)
        zoned = {"time_zone", "time_zones"} & self._configuration.pbx.keys() and self._plan.selection.everything
        wanted += ["time_zone"] if zoned else []
        wanted += ["group"] if any(KINDS[name].in_default_department for name in looked_at) else []
        sets = {entity_set for entity_set, _ in self._referred} - {"Peers"}
        wanted += sorted(TARGETS[one][0] for one in sets if one in TARGETS)
        wanted += [REQUIRED_SECTIONS[section] for section in self._configuration.required]
        return list(dict.fromkeys(wanted))

    def _refers_to_other_numbers(self) -> bool:
        """Whether anything that is declared refers to a number or name that neither the files nor the kinds that were
        read have: then every number of the PBX is needed, and those of users need not be read twice otherwise.
        """
        numbers = {str(row.get("number")) for kind in DIALLED for row in self._rows.get(kind, ())}
        numbers |= {str(one.values.get("number")) for kind in DIALLED for one in self._configuration.of(kind)}
        return any(entity_set == "Peers" and name not in numbers for entity_set, name in self._referred)

    def _read_all(self, names: list[str], spared: Collection[str] = (), refused: list[str] | None = None) -> None:
        names = [name for name in names if name not in self._rows]
        lacking: dict[str, list[str]] = {}
        found = read(self._pbx, names, self._wishes.parallel, self._unread, lacking, spared=spared, refused=refused)
        self._rows |= dict(zip(names, found, strict=True))
        for name, options in sorted(lacking.items()):  # they were read at the same time
            why = f"{self._plan.url} refuses to show {', '.join(options)}, so that none of it is compared"
            self._plan.hints.append(f"{name}: {why}.")

    def _pairing(self) -> Pairing:
        usual = not self._naming.renamed and self._naming.calls_all(self._referred)
        return Pairing(
            self._scope, self._rows, self._unread, self._naming, None if usual else self._naming.usual, self._renames,
            self._outside, self._wishes, self._plan, self._matches,
        )  # fmt: skip

    def _removals(self, pairing: Pairing, found: list[Change]) -> list[Removal]:
        wishes = self._wishes.on(self._rows.get("service_principal", ()))
        renamed = self._naming.renamed
        chosen = removals(pairing.left, found, wishes, pairing.identity, self._plan, standing(self._rows), renamed)
        if not chosen:
            return []
        refused: list[str] = []
        self._read_all(referring(), spared(one.kind.name for one in chosen), refused)
        self._plan.hints += unseen_referrers(refused, self._plan.url)
        self._naming = self._named(renamed)
        for kind in {one.kind for one in chosen}:
            rows = (pairing.as_declared(kind, row) for row in self._rows[kind.name])
            self._plan.totals[kind.name] = sum(self._scope.chooses(kind, row) for row in rows)
        return with_referrers(chosen, list(standing(self._rows)), pairing.matched, self._naming, self._plan)

    def _numbers_taken(self, found: list[Change]) -> None:
        """Refuse a number that something has which files do not hold, such as a system extension."""
        new = [one.definition for one in found if one.doing is Doing.CREATE and one.definition.kind.name in DIALLED]
        if not new:
            return
        self._read_all(["peer"])
        ours = {str(row.get("number")) for kind, _, row in standing(self._rows) if kind.name in DIALLED}
        others = {str(row.get("number")): row for row in self._rows["peer"]}
        for one in new:
            number = str(one.values.get("number"))
            if number in others and number not in ours:
                held = others[number]
                what = " ".join(str(held[option]) for option in ("type", "name") if held.get(option))
                why = f"its number {number} is taken on the PBX by {what or 'something that files do not hold'}."
                self._plan.impossible.append((one.kind.name, one.identity, why))

    def _ordered(self, found: list[Change], chosen: list[Removal], unchanged: list[tuple[Definition, Row]]) -> None:
        made = in_order(found, chosen, self._naming, standing(self._rows), unchanged)
        self._plan.operations = made.operations
        self._plan.impossible += made.impossible
        self._plan.impossible += missing_templates(made.operations, self._listed)
        self._plan.hints += missing_prompts(made.operations, self._configuration.required, self._rows, self._listed)

    def _listed(self, kind: str) -> list[Row] | None:
        """Templates or prompts; None if this PBX or the role of the client does not list them."""
        if kind not in self._rows:
            self._rows[kind] = read(self._pbx, [kind], self._wishes.parallel, self._unread, spared={kind})[0]
        return None if section(kind) in self._unread else self._rows[kind]
