"""A plan: what makes a PBX be as its files declare it. Making one only reads, one request per page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import cache, partial
from typing import Any

from pbx_as_code.config.checking.items import required_names
from pbx_as_code.config.configuration import (
    Configuration,
    Definition,
    Identity,
    as_identity,
    identity_of,
    title_of,
    value_at,
)
from pbx_as_code.config.export import identity_of_pbx, made_by_pbx, own_principal
from pbx_as_code.config.kinds import DIALLED, KINDS, SECTIONS, ConfigKind, Creation
from pbx_as_code.config.layering.contents import REQUIRED_SECTIONS
from pbx_as_code.config.lock import Lock, Owned
from pbx_as_code.config.pbx_rows import answered_nulls, read, standing
from pbx_as_code.config.planning.compare import Comparison, Names, by_option, compare, shown, with_names
from pbx_as_code.config.planning.completing import completable, name_default_department, name_listed_rules
from pbx_as_code.config.planning.consent import Consent
from pbx_as_code.config.planning.dangling import Dangling
from pbx_as_code.config.planning.digest import digest_of
from pbx_as_code.config.planning.fingerprints import fingerprints
from pbx_as_code.config.planning.hints import hints
from pbx_as_code.config.planning.matches import Matches
from pbx_as_code.config.planning.naming import SPARED, TARGETS, Naming, Row, referred
from pbx_as_code.config.planning.operations import Doing, LeafChange, Plan, Uncompared
from pbx_as_code.config.planning.ordering import Change, Removal, in_order
from pbx_as_code.config.planning.removal import Wishes, referring, removals, spared, unseen_referrers, with_referrers
from pbx_as_code.config.planning.scope import Scope, by_kind
from pbx_as_code.config.planning.spellings import Namesakes, by_spelling, fixed, spelling, unusable_values
from pbx_as_code.config.planning.templates import missing_prompts, missing_required, missing_templates
from pbx_as_code.config.reader import without_collection
from pbx_as_code.config.selection import Selection
from pbx_as_code.config.values import Secret
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine.compare.values import canonical
from pbx_as_code.entities import description
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
        self._left: list[tuple[ConfigKind, Row]] = []
        self._matched: dict[int, Definition] = {}
        self._unchanged: list[tuple[Definition, Row]] = []
        self._naming = Naming(configuration, {})
        self._spelled: Names | None = None
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
        usual = not self._naming.renamed and self._naming.calls_all(self._referred)
        self._spelled = None if usual else self._naming.usual
        name_listed_rules(self._configuration)
        self._plan.declared = [(o.kind.name, o.identity) for o in self._configuration.definitions if o.kind.identity]
        self._plan.impossible += missing_required(self._configuration, self._rows, self._unread)
        found: list[Change] = []
        for kind in KINDS.values():
            if kind.name in looked_at:
                found += self._kind(kind, self._declared.get(kind.name, []))
        self._plan.vanished = sorted(self._vanished(looked_at), key=str)
        self._scope.check_matched(self._left, self._unread, self._plan.url)
        self._plan.hints += self._scope.idle_exclusions(self._rows)
        chosen = self._removals(found)
        gone = {id(one.row) for one in chosen}
        self._plan.unmanaged = [(k.name, identity_of(k, row)) for k, row in self._left if id(row) not in gone]
        self._matches.left = [(kind, self._as_declared(kind, row)) for kind, row in self._left]
        references = Dangling(self._scope, self._naming, self._plan, self._referred)
        references.check(chosen, found, self._unchanged)
        self._numbers_taken(found)
        self._ordered(found, chosen)
        self._plan.operations = list(map(references.repeating, self._plan.operations))
        if self._plan.operations:  # nothing that leads back to the plan, which then would outlive its last user
            self._plan.take_fingerprints = partial(fingerprints, self._plan.operations, self._rows, self._naming)
        self._plan.hints += hints(self._plan.operations, self._left, self._rows, self._configuration)
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
            self._plan.hints.append(f"{name}: {self._plan.url} refuses to show {', '.join(options)}. See `uncompared`.")

    def _kind(self, kind: ConfigKind, definitions: list[Definition]) -> Iterator[Change]:
        if kind.section in self._unread:
            why = self._unread[kind.section]
            for one in definitions:
                self._plan.uncompared.append(Uncompared(kind.name, one.identity, (), why, one.place))
            return
        rows = [row for row in self._rows[kind.name] if not made_by_pbx(kind, row) and not self._own(kind, row)]
        there: dict[Identity, list[Row]] = defaultdict(list)
        for row in rows:
            there[self._identity(kind, self._as_declared(kind, row))].append(row)
        groups: dict[Identity, list[Definition]] = defaultdict(list)
        for one in definitions:
            groups[self._identity(kind, one.values)].append(one)
        spelled_otherwise = by_spelling(kind, there.keys() - groups.keys())
        self._namesakes = Namesakes(kind, there)
        for identity, alike in groups.items():
            if identity not in there and len(alike) == 1:
                identity = spelled_otherwise.pop(spelling(identity), identity)
            yield from self._alike(kind, alike, there[identity])
        self._leave_out_declared(kind, there, spelled_otherwise)
        for left in there.values():
            self._left += [(kind, row) for row in left if self._scope.chooses(kind, self._as_declared(kind, row))]

    def _vanished(self, looked_at: set[str]) -> Iterator[Owned]:
        """Objects of the lock that are neither declared nor on the PBX: one that is created later is not that of the
        files.
        """
        undeclared = self._wishes.lock.owned.difference(self._plan.declared)
        for name in {name for name, _ in undeclared} & looked_at:
            kind = KINDS[name]
            if kind.section in self._unread:
                continue
            there = {self._identity(kind, self._as_declared(kind, row)) for row in self._rows[name]}
            for identity in (identity for of, identity in undeclared if of == name):
                named = self._as_declared(kind, dict(zip(kind.identity, identity, strict=False)))
                if self._identity(kind, named) not in there:
                    yield name, identity

    def _leave_out_declared(
        self, kind: ConfigKind, there: dict[Identity, list[Row]], otherwise: dict[Identity, Identity]
    ) -> None:
        """Take objects that are declared outside of the selection from those that are not declared."""
        for one in self._outside.get(kind.name, ()):
            identity = self._identity(kind, one.values)
            there.pop(identity if identity in there else otherwise.get(spelling(identity), identity), None)
        for old in self._renames if kind.name == "group" and self._outside else ():
            there.pop(self._identity(kind, {"name": old}), None)

    def _own(self, kind: ConfigKind, row: Row) -> bool:
        own = own_principal(kind, row, self._wishes.own_number)
        return own and not self._wishes.consent.names(kind, identity_of(kind, row))

    def _as_declared(self, kind: ConfigKind, row: Row) -> Row:
        """The row with the new names of departments that are to be renamed; its own name stays, so that it differs."""
        renamed = self._naming.renamed
        if not renamed:
            return row
        if kind.name == "group":
            return {**row, "name": renamed.get(row["name"], row["name"])}
        # A text that names a department does not follow it: the plan sets it.
        return {**row, **with_names(by_option(kind.name, texts=False), row, self._naming.usual)}

    def _identity(self, kind: ConfigKind, values: Mapping[str, Any]) -> Identity:
        properties = _of_identity(kind.name)
        named = with_names(properties, {o: values.get(o) for o in kind.identity}, self._naming.usual)
        return as_identity(_hashable(prop, named[prop.option]) for prop in properties)

    def _alike(self, kind: ConfigKind, definitions: list[Definition], rows: list[Row]) -> Iterator[Change]:
        """Pair definitions and rows of one identity: equal ones first, then the nearest."""
        if len(definitions) == len(rows) == 1:
            row = rows.pop()
            yield from self._differs(definitions[0], row, self._compare(definitions[0], row))
            return
        waiting = list(definitions)
        for nearest in (False, True):
            for one in list(waiting):
                compared = [self._compare(one, row) for row in rows]
                if not compared:
                    break
                best = min(range(len(rows)), key=lambda n: len(compared[n].changes))
                if nearest or not compared[best].changes:
                    waiting.remove(one)
                    yield from self._differs(one, rows.pop(best), compared[best])
        for one in waiting:
            yield from self._new(kind, one)

    def _compare(self, one: Definition, row: Row) -> Comparison:
        shown_row = row if one.kind.name == "group" else self._as_declared(one.kind, row)
        return compare(one, shown_row, self._spelled, answered_nulls(self._rows, one.kind.name, row))

    def _differs(self, one: Definition, row: Row, comparison: Comparison) -> Iterator[Change]:
        self._matched[id(row)] = one
        if comparison.changes:
            self._matches.differing.append((one, row, comparison))
        changes = []
        for leaf in comparison.changes:
            if leaf.path[0] in one.kind.started_from or leaf.path[0] in fixed(one.kind):
                why = f"{leaf.option} is {leaf.old} and cannot be changed once the {one.kind.label} is created."
                self._plan.impossible.append((one.kind.name, one.identity, why))
            else:
                changes.append(leaf)
        for path, why in comparison.uncompared:
            place = one.place_of(*path)
            secret = value_at(one.values, path) if self._wishes.update_secrets else None
            if not isinstance(secret, Secret):
                self._plan.uncompared.append(Uncompared(one.kind.name, one.identity, path, why, place))
            else:
                changes.append(LeafChange(path, None, None, secret.name, place))
        if changes:
            changed = {str(leaf.path[0]) for leaf in changes}
            yield from self._usable(
                Change(one, Doing.UPDATE, tuple(changes), row, tuple(comparison.undecided)), changed
            )
            return
        self._unchanged.append((one, row))
        if not comparison.uncompared:
            self._plan.equal.append((one.kind.name, one.identity))

    def _new(self, kind: ConfigKind, one: Definition) -> Iterator[Change]:
        self._matches.missing.append(one)
        about = kind.description
        if kind.creation is not Creation.CREATED or not (isinstance(about, EntityDescription) and about.can_create):
            why = "it is not on the PBX, and objects of this kind cannot be created."
            self._plan.impossible.append((kind.name, one.identity, why))
            return
        needed = dict.fromkeys((*required_names(kind), *about.required_for_create, *kind.started_from))
        lacking = [option for option in needed if one.values.get(option) in (None, "")]
        if lacking:
            why = f"it is not on the PBX, and cannot be created without {', '.join(lacking)}. See {one.place_of()}."
            self._plan.impossible.append((kind.name, one.identity, why))
            return
        if kind.twins and not any(one.identity):
            names = ", ".join(kind.identity)
            why = f"it is not on the PBX, and cannot be created without any of {names}. See {one.place_of()}."
            self._plan.impossible.append((kind.name, one.identity, why))
            return
        namesake = self._namesakes.refusal(one)
        if namesake is not None:
            self._plan.impossible.append((kind.name, one.identity, namesake))
            return
        yield from self._usable(Change(one, Doing.CREATE, tuple(self._leaves(one))), set(one.values))

    def _usable(self, change: Change, options: set[str]) -> Iterator[Change]:
        """The change, unless it sets a name by which no request finds the object, or a list that is never written."""
        one = change.definition
        wrong = list(unusable_values(change, options, self._rows[one.kind.name], self._scope.whole.definitions))
        self._plan.impossible += [(one.kind.name, one.identity, why) for why in wrong]
        if not wrong:
            yield change

    def _leaves(self, one: Definition) -> Iterator[LeafChange]:
        written = [option for option in one.node.values if option in one.values]
        for option in [*written, *(option for option in one.values if option not in one.node.values)]:
            value = one.values[option]
            place, by_default = one.place_of(option), option not in one.node.values
            if isinstance(value, Secret):
                yield LeafChange((option,), None, None, value.name, place, by_default)
            elif value not in (None, "", []) and not one.kind.conceals(option, one.values, value):
                within = one.places_within(option) if isinstance(value, list | dict) else ()
                yield LeafChange((option,), None, shown(value), None, place, by_default, within)

    def _removals(self, found: list[Change]) -> list[Removal]:
        wishes = self._wishes.on(self._rows.get("service_principal", ()))
        renamed = self._naming.renamed
        chosen = removals(self._left, found, wishes, self._identity, self._plan, standing(self._rows), renamed)
        if not chosen:
            return []
        refused: list[str] = []
        self._read_all(referring(), spared(one.kind.name for one in chosen), refused)
        self._plan.hints += unseen_referrers(refused, self._plan.url)
        self._naming = self._named(renamed)
        for kind in {one.kind for one in chosen}:
            rows = (self._as_declared(kind, row) for row in self._rows[kind.name])
            self._plan.totals[kind.name] = sum(self._scope.chooses(kind, row) for row in rows)
        return with_referrers(chosen, list(standing(self._rows)), self._matched, self._naming, self._plan)

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

    def _ordered(self, found: list[Change], chosen: list[Removal]) -> None:
        made = in_order(found, chosen, self._naming, standing(self._rows), self._unchanged)
        self._plan.operations = made.operations
        self._plan.impossible += made.impossible
        self._plan.impossible += missing_templates(made.operations, self._listed)
        self._plan.hints += missing_prompts(made.operations, self._configuration.required, self._rows, self._listed)

    def _listed(self, kind: str) -> list[Row] | None:
        """Templates or prompts; None if this PBX or the role of the client does not list them."""
        if kind not in self._rows:
            self._rows[kind] = read(self._pbx, [kind], self._wishes.parallel, self._unread, spared={kind})[0]
        return None if section(kind) in self._unread else self._rows[kind]


@cache
def _of_identity(kind: str) -> tuple[Property, ...]:
    known = {prop.option: prop for prop in by_option(kind)}
    return tuple(known[option] for option in KINDS[kind].identity)


def title(kind: str, identity: Identity) -> str:
    """Title of an object of a plan."""
    if kind in KINDS:
        return title_of(KINDS[kind], identity)
    return " ".join((description(kind).label, *(str(part) for part in identity)))


def section(kind: str) -> str:
    """The key of files under which a kind stands."""
    about = description(kind)
    return next((name for name, one in SECTIONS.items() if one.name == kind), getattr(about, "plural", kind))


def _hashable(prop: Property, value: Any) -> Any:
    found = None if isinstance(value, list | dict) else canonical(prop.kind, value)
    return repr(value) if isinstance(value, list | dict) else found
