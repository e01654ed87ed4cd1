"""Objects that a plan removes, and the data that is lost with them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from shlex import quote
from typing import Any, Final

from pbx_as_code.config.configuration import Definition, Identity, identity_of, title_of
from pbx_as_code.config.export import own_principal
from pbx_as_code.config.exporting.declared import declared as declared_options
from pbx_as_code.config.exporting.filing import department_of
from pbx_as_code.config.kinds import DIALLED, KINDS, ConfigKind, Reason
from pbx_as_code.config.lock import Lock
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.config.planning.consent import Consent, named, protected
from pbx_as_code.config.planning.naming import Goal, Naming, Path, Row, at, names_for_others
from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.planning.ordering import Change, Removal
from pbx_as_code.config.selection import like
from pbx_as_code.description import EntityDescription

Identify = Callable[[ConfigKind, Mapping[str, Any]], Identity]
"""The identity of an object in a form that compares: references by their usual names, spelling apart."""

_LOST: Final[Mapping[str, tuple[str, ...]]] = {
    "call_flow_app": ("its script and prompts",),
    "fax": ("its received faxes",),
    "group": ("its office hours and call handling",),
    "queue": ("its recordings and statistics",),
    "ring_group": ("its voicemail",),
    "trunk": ("its sign-in data and DIDs", "its inbound rules"),
    "user": ("voicemail and greetings", "recordings and chats", "personal contacts"),
}
"""Data that is removed with an object and that files cannot restore."""
_TOLD: Final = 3
"""Values that tell which of several objects of one name is removed."""


@dataclass(frozen=True)
class Wishes:
    """Options of a plan, in addition to the files."""

    parallel: int = 4
    own_number: str | None = None
    """Number of the service principal that signs in; None if it is not known."""
    consent: Consent = field(default_factory=Consent)
    lock: Lock = field(default_factory=Lock)
    update_secrets: bool = False

    def on(self, principals: Iterable[Row]) -> Wishes:
        """The wishes for one PBX: a client may sign in with a name or as a person, and then its number is not known.

        Parameters:
            principals: service principals of the PBX
        """
        known = any(row.get("number") == self.own_number for row in principals)
        return self if known else replace(self, own_number=None)

    def kinds(self) -> set[str]:
        """Kinds to look at because something of them may be removed."""
        found = set(self.consent.kinds())
        if self.consent.owned:
            found |= {kind for kind, _ in self.lock.owned}
        return found


def removals(
    left: Iterable[tuple[ConfigKind, Row]],
    found: list[Change],
    wishes: Wishes,
    identify: Identify,
    plan: Plan,
    standing: Iterable[tuple[ConfigKind, Identity, Row]],
    renamed: Mapping[str, str],
) -> list[Removal]:
    """Choose the objects that may be removed.

    Parameters:
        left: objects that the files do not declare
        found: what the files declare and is to be created or changed
        wishes: with the consent and the lock
        identify: see Identify
        plan: gets what is kept in spite of a consent, and hints
        standing: every object that was read
        renamed: new names of departments that are to be renamed, by those they have
    """
    owned = {
        (kind, identify(KINDS[kind], dict(zip(KINDS[kind].identity, identity, strict=False))))
        for kind, identity in wishes.lock.owned
    } if wishes.consent.owned else set()  # fmt: skip
    rows = list(left)
    replacing, suggested = _replacements(rows, found, wishes.consent, plan)
    chosen = []
    asked = set(wishes.consent.remove)
    for kind, row in rows:
        identity = identity_of(kind, row)
        asked.discard(named(kind, identity))
        replaced_by = replacing.get(id(row))
        if not (
            replaced_by is not None
            or (kind.name, identify(kind, row)) in owned
            or any(wishes.consent.removes(kind, identity, name) for name in _departments(kind, row, renamed))
        ):
            continue
        why = _kept(kind, row, identity, wishes)
        if why is not None:
            plan.kept[kind.name, identity] = why
            continue
        last = own_principal(kind, row, wishes.own_number)
        chosen.append(Removal(kind, identity, row, tuple(_lost(kind, row)), replaced_by, last))
    plan.hints += [
        f"--remove {pattern}: no undeclared object has this name. Nothing is removed." for pattern in sorted(asked)
    ]
    plan.hints += _misspelt(rows, wishes.consent, plan)
    gone = {id(one.row) for one in chosen}
    plan.hints += [hint for row, hint in suggested.items() if row not in gone]
    read = list(standing) if wishes.consent.replace or any(one.kind.twins for one in chosen) else []
    plan.hints += _of_several(chosen, (one for one in read if id(one[2]) not in gone))
    if wishes.consent.replace:
        kept = [(kind, row) for kind, row in rows if id(row) not in gone]
        plan.hints += _not_yet_removed(kept, read, wishes.consent, plan)
    return chosen


def _departments(kind: ConfigKind, row: Row, renamed: Mapping[str, str]) -> set[str | None]:
    """Names of the department of an object, the old and the new one: files name it by the new one."""
    here = department_of(kind, row)
    return {here} if here is None else {here, renamed.get(here, here)}


def _of_several(chosen: Iterable[Removal], staying: Iterable[tuple[ConfigKind, Identity, Row]]) -> Iterator[str]:
    """Say which of several objects of one name is removed, if another one stays."""
    going: dict[tuple[str, Identity], list[Removal]] = defaultdict(list)
    for one in chosen:
        if one.kind.twins:
            going[one.kind.name, one.identity].append(one)
    for kind, identity, row in staying if going else ():
        for one in going.pop((kind.name, identity), ()):
            there = declared_options(kind, row)
            told = [
                f"{option} {json.dumps(value, ensure_ascii=False)}"
                for option, value in declared_options(kind, one.row).items()
                if isinstance(value, str | int) and value != there.get(option)
            ]
            which = f" The one with {', '.join(told[:_TOLD])} is removed." if told else ""
            yield f"Another {title_of(kind, identity)} stays.{which}"


def _misspelt(rows: list[tuple[ConfigKind, Row]], consent: Consent, plan: Plan) -> Iterator[str]:
    """Consents that can never mean anything. One whose objects are gone already is an ordinary one."""
    departments = {department_of(kind, row) for kind, row in rows}
    departments |= {str(identity[0]) for kind, identity in plan.declared if kind == "group"}
    for pattern in consent.prune:
        what, _, name = pattern.partition(":")
        if what == "department" and not any(like(one, name) for one in departments if one is not None):
            yield f"--prune {pattern}: there is no such department on the PBX or in the files."
        elif what != "department" and name:
            known = [named(kind, identity_of(kind, row)) for kind, row in rows]
            known += [named(KINDS[kind], identity) for kind, identity in plan.declared]
            if not any(like(one, pattern) for one in known):
                yield f"--prune {pattern}: no such object is on the PBX or in the files. Nothing is removed."
    for pattern in consent.replace:
        one = Consent(replace=(pattern,))
        if not any(one.replaces(KINDS[kind], identity) for kind, identity in plan.declared):
            yield f"--replace {pattern}: the files declare no such object. Name the new one, not the one it replaces."


def _kept(kind: ConfigKind, row: Row, identity: Identity, wishes: Wishes) -> str | None:
    if not (isinstance(kind.description, EntityDescription) and kind.description.can_delete):
        return f"{kind.description.one} cannot be removed"
    why = protected(kind, row)
    if kind.name == "service_principal" and wishes.own_number is None:
        why = "a service principal, which may be the one that signs in,"
    if why is None or wishes.consent.names(kind, identity):
        return None
    return f"{why} is removed only where it is named: --remove {quote(named(kind, identity))}"


def _replacements(
    rows: list[tuple[ConfigKind, Row]], found: list[Change], consent: Consent, plan: Plan
) -> tuple[dict[int, Identity], dict[int, str]]:
    """By the place of a row in memory: the declared object that replaces it, and a hint that one may replace it."""
    alike = _alike(rows)
    replacing: dict[int, Identity] = {}
    suggested: dict[int, str] = {}
    for change in found:
        one = change.definition
        if change.doing is not Doing.CREATE:
            continue
        found_by = [alike[one.kind.name, like] for like in _likenesses(one.kind, one.values)]
        candidates = next((rows for rows in found_by if rows), [])  # an e-mail address tells more than a name
        consented = consent.replaces(one.kind, one.identity)
        if len(candidates) != 1:
            if consented:
                many = "several objects are" if candidates else "no object that the files do not declare is"
                plan.hints.append(f"{one.title} is to replace another one, and {many} like it. Nothing is replaced.")
            continue
        (row,) = candidates
        if consented:
            replacing[id(row)] = one.identity
            continue
        old = title_of(one.kind, identity_of(one.kind, row))
        lost = "; ".join(_lost(one.kind, row)) or "nothing that files do not hold"
        suggested[id(row)] = (
            f"{one.title} looks like {old} with another number. A number cannot be changed. To replace it, give "
            f"--replace {quote(named(one.kind, one.identity))}: {old} is removed once everything points to the new "
            f"one. Lost are: {lost}."
        )
    return replacing, suggested


def _not_yet_removed(
    kept: list[tuple[ConfigKind, Row]],
    standing: Iterable[tuple[ConfigKind, Identity, Row]],
    consent: Consent,
    plan: Plan,
) -> Iterator[str]:
    """Sentences about objects that an apply may have replaced before it was interrupted. Two may be alike for another
    reason, so none is removed.
    """
    alike = _alike(kept)
    declared = set(plan.declared)
    for kind, identity, row in standing if alike else ():
        if (kind.name, identity) not in declared or not consent.replaces(kind, identity):
            continue
        old = {
            identity_of(kind, one): None for like in _likenesses(kind, row) for one in alike.get((kind.name, like), ())
        }
        for left in old:
            yield (
                f"{title_of(kind, identity)} exists, and {title_of(kind, left)}, which is like it, is kept. If that "
                f"is the one to be replaced, remove it with --remove {quote(named(kind, left))}."
            )


def _alike(rows: Iterable[tuple[ConfigKind, Row]]) -> dict[tuple[str, Any], list[Row]]:
    """Objects by their kind and by each of their likenesses."""
    found: dict[tuple[str, Any], list[Row]] = defaultdict(list)
    for kind, row in rows:
        for likeness in _likenesses(kind, row):
            found[kind.name, likeness].append(row)
    return found


def _likenesses(kind: ConfigKind, values: Mapping[str, Any]) -> Iterator[Any]:
    """Values that two objects of different numbers share if one is meant to replace the other, the strongest first."""
    if kind.name not in DIALLED:
        return
    if kind.name == "user":
        if values.get("email_address"):
            yield ("e-mail", str(values["email_address"]).casefold())
        names = [str(values.get(option) or "") for option in ("first_name", "last_name")]
        if any(names):
            yield ("name", *names)
    else:
        name = at(values, "gateway.name") if kind.name == "trunk" else values.get("name")
        if name:
            yield ("name", str(name))


def _lost(kind: ConfigKind, row: Row) -> Iterator[str]:
    yield from _LOST.get(kind.name, ())
    phones = row.get("phones")
    if isinstance(phones, list) and phones:
        macs = ", ".join(str(phone.get("mac_address")) for phone in phones if isinstance(phone, Mapping))
        yield f"its phones ({macs})"


def referring() -> list[str]:
    """Names of the kinds whose objects may refer to what others call by a number or a name."""
    return [
        kind.name for kind in KINDS.values()
        if not kind.settings and any(prop.refers for prop in by_option(kind.name))
    ]  # fmt: skip


def spared(removed: Iterable[str]) -> set[str]:
    """Names of the kinds that may stay unread: all that refer, apart from the members of a department to be removed.

    Parameters:
        removed: names of the kinds of the objects that are to be removed
    """
    department = "group" in removed
    return set(referring()) - set(DIALLED if department else ())


def unseen_referrers(sections: Sequence[str], url: str) -> Iterator[str]:
    """One sentence about kinds that may refer to what is removed and that the role of the client does not admit.

    Parameters:
        sections: of the kinds
        url: of the PBX
    """
    if sections:
        named = ", ".join(sorted(sections)).replace("_", " ")
        yield f"It is not known whether {named} refer to what is removed: {url} does not show them to this client."


def referrer(kind: ConfigKind, identity: Identity, path: Path) -> str:
    """The sentence by which a removal names an object that refers to what is removed."""
    return f"{title_of(kind, identity)} refers to it ({path[0]})"


def referring_goals(kind: ConfigKind, row: Row, naming: Naming) -> Iterator[tuple[Path, Goal]]:
    """References of an object on a PBX, without those that follow the other side of a relation."""
    for path, goal in naming.goals_of(kind.name, row):
        out = kind.left_out.get(str(path[0]))
        if out is None or out.reason is not Reason.ELSEWHERE:
            yield path, goal


def with_referrers(
    chosen: list[Removal],
    standing: list[tuple[ConfigKind, Identity, Row]],
    matched: Mapping[int, Definition],
    naming: Naming,
    plan: Plan,
) -> list[Removal]:
    """The same, with every object that refers to it and is neither removed nor declared to be otherwise.

    Parameters:
        chosen: what is to be removed
        standing: every object that was read
        matched: by the place of a row in memory, its declaration
        naming: what objects are called
        plan: gets the departments that still have members: a PBX may remove those too, or refuse
    """
    gone = {id(one.row) for one in chosen}
    wanted = {goal for one in chosen for goal in names_for_others(one.kind.name, one.row)}
    found: dict[Goal, dict[str, None]] = defaultdict(dict)
    members: dict[Goal, dict[str, None]] = defaultdict(dict)
    for kind, identity, row in standing:
        if id(row) in gone:
            continue
        declared = matched.get(id(row))
        for path, goal in referring_goals(kind, row, naming):
            if goal in wanted and (declared is None or path[0] not in declared.values):
                found[goal][referrer(kind, identity, path)] = None
                if kind.name in DIALLED and path[0] in ("groups", "primary_group"):
                    members[goal][title_of(kind, identity)] = None
    for one in chosen:
        inside = [title for goal in names_for_others(one.kind.name, one.row) for title in members[goal]]
        if inside and one.kind.name == "group":
            why = f"it still has members, which the PBX may remove with it: {', '.join(inside)}. Move or remove them."
            plan.impossible.append((one.kind.name, one.identity, why))
    return [
        replace(one, loses=(*one.loses, *(text for goal in names_for_others(one.kind.name, one.row)
                                          for text in found[goal])))
        for one in chosen
    ]  # fmt: skip
