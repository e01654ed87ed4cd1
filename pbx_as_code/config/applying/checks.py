"""Conditions that hold before the first write of a plan."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pbx_as_code.config.applying.refusals import Impossible, LimitExceeded, MissingSecrets, OtherPbx, Stale
from pbx_as_code.config.configuration import Configuration, Identity, identity_of, value_at
from pbx_as_code.config.export import identity_of_pbx
from pbx_as_code.config.kinds import DIALLED, KINDS
from pbx_as_code.config.pbx_rows import read, standing
from pbx_as_code.config.planning.claims import NUMBER, claims
from pbx_as_code.config.planning.completing import read_completed
from pbx_as_code.config.planning.fingerprints import Named, fingerprint
from pbx_as_code.config.planning.limits import Limits, exceeded
from pbx_as_code.config.planning.naming import Goal, Naming, names_for_others
from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.planning.removal import referrer, referring, referring_goals, spared
from pbx_as_code.config.reporting.titles import title
from pbx_as_code.config.secrets import Resolver, variable_of
from pbx_as_code.pbx import Pbx

_MOST_NAMED = 20
_ANY_NUMBER: Final = "peer"
"""The kind that lists the objects of all kinds that have a number."""


def check_plan(plan: Plan, secrets: Resolver, limits: Limits, waiver: str | None) -> None:
    """Refuse a plan that cannot be carried out as it is. Nothing is sent.

    Parameters:
        plan: to carry out
        secrets: sources of the credentials it names
        limits: of removals
        waiver: `Plan.waiver` of the plan whose limits are waived; None for none

    Raises:
        PlanRefused: one of its kinds; everything of that kind is named
    """
    if plan.impossible:
        listed = [f"{title(kind, identity)}: {why}" for kind, identity, why in plan.impossible]
        raise Impossible(_said("The plan was not applied because parts of it are impossible.", listed))
    over = exceeded(plan, limits)
    if over and waiver != plan.waiver:
        other = "" if waiver is None else f" {waiver} is the waiver of another plan."
        raise LimitExceeded(
            f"{_said('The plan was not applied because it removes more than the limits allow.', over)} If that is "
            f"meant, waive the limits for exactly this plan: --waive {plan.waiver}.{other}"
        )
    missing: dict[str, None] = {}
    for one in plan.operations:
        if one.doing is Doing.CREATE or (one.doing is Doing.LINK and not one.key):
            missing |= dict.fromkeys(secrets.missing(one.sends))
        for change in one.changes:
            if change.old is None and isinstance(change.path[-1], int):  # a new item, such as a phone
                missing |= dict.fromkeys(secrets.missing({"": value_at(one.sends, change.path)}))
    if missing:
        names = sorted(missing)
        variables = variable_of(names[0]) if len(names) == 1 else f"variables such as {variable_of(names[0])}"
        raise MissingSecrets(
            "The plan was not applied because new objects or items need credentials that were not given: "
            f"{', '.join(names)}. Set {variables} in the environment, or give --secrets-file or --secrets-command. "
            "Nothing was written."
        )


def check_owner(plan: Plan, configuration: Configuration, url: str) -> None:
    """Refuse files of another PBX, such as those of a colleague's export. Nothing is sent.

    Parameters:
        plan: for the PBX
        configuration: it was made from; `pbx.identity` names the PBX of an export
        url: of the PBX

    Raises:
        OtherPbx: the files name another one
    """
    made_for = configuration.pbx.get("identity")
    if made_for and made_for != plan.identity:
        raise OtherPbx(
            f"These files are of the PBX {made_for}, and {url} is {plan.identity}. Nothing was written. If "
            "they are meant for it, give --other-pbx, or change pbx.identity in the files."
        )


def check_fresh(plan: Plan, pbx: Pbx, parallel: int) -> None:
    """Refuse a plan that was made earlier if what it changes or refers to has changed since.

    Parameters:
        plan: read from a file
        pbx: to read: as many requests as the kinds of the plan have pages
        parallel: requests at a time

    Raises:
        Stale: it is another PBX or another release, or an object is otherwise; every such object is named
        PbxError: the PBX cannot be read
    """
    there = identity_of_pbx(pbx)
    if there != plan.identity:
        raise Stale(f"The plan is for {plan.identity}, and {pbx.url} is {there}. Nothing was written.")
    if (pbx.release or "") != plan.release:
        raise Stale(
            f"The plan was made for release {plan.release}, and {pbx.url} has release {pbx.release} now. Plan again. "
            "Nothing was written."
        )
    kinds = list(dict.fromkeys(one.kind for one in plan.fingerprints))
    rows = read_completed(pbx, kinds, parallel)
    by_identity: dict[tuple[str, Identity], list[Mapping[str, Any]]] = defaultdict(list)
    for name in kinds:
        if name in KINDS:
            for row in rows[name]:
                by_identity[name, identity_of(KINDS[name], row)].append(row)
    named = Named(rows)
    stale: dict[str, None] = {}
    numbers = set()
    for one in sorted(plan.fingerprints, key=lambda one: one.kind == _ANY_NUMBER):
        kind = KINDS.get(one.kind)
        now = (
            named.fingerprint(one.kind, str(one.identity[0])) if kind is None or (kind.settings and one.identity)
            else fingerprint(kind, one.identity, by_identity[one.kind, one.identity])
        )  # fmt: skip
        if now != one:
            what = "is there now" if not one.rows else "no longer exists" if not now.rows else "has changed"
            if one.kind == _ANY_NUMBER and one.identity in numbers:
                continue
            if one.kind in DIALLED:
                numbers.add(one.identity)
            called = f"number {one.identity[0]}" if one.kind == _ANY_NUMBER else title(one.kind, one.identity)
            stale[f"{called} {what}"] = None
    stale |= dict.fromkeys(_taken(plan, by_identity))
    stale |= dict.fromkeys(_new_referrers(plan, pbx, rows, parallel))
    if stale:
        raise Stale(f"{_said(f'The plan is old: {pbx.url} has changed since.', list(stale))} Plan again.")


def _taken(plan: Plan, rows: Mapping[tuple[str, Identity], list[Mapping[str, Any]]]) -> Iterator[str]:
    """Values for one object alone that the plan sets, and that an object outside of the plan has by now.

    Objects of the plan have not changed, so the plan knows which of them gives a value up to which.

    Parameters:
        plan: to carry out
        rows: of the PBX, by kind and identity
    """
    planned = {(one.kind, one.identity) for one in plan.operations}
    wanted = {
        claim for one in plan.operations if one.doing not in (Doing.FREE, Doing.REMOVE)
        for _, claim in claims(one.kind, one.sends) if claim[0] != NUMBER
    }  # fmt: skip
    for (kind, identity), alike in rows.items() if wanted else ():
        if (kind, identity) in planned:
            continue
        for _, claim in (one for row in alike for one in claims(kind, row)):
            if claim in wanted:
                yield f"the {claim[0]} {claim[1]} now is that of the {title(kind, identity)}"


def _new_referrers(plan: Plan, pbx: Pbx, rows: dict[str, list[dict[str, Any]]], parallel: int) -> Iterator[str]:
    """Objects that refer to what the plan removes, which the plan does not name.

    Parameters:
        plan: to carry out
        pbx: to read
        rows: of the PBX by kind; others are read if the plan removes anything
        parallel: requests at a time
    """
    named: dict[Goal, tuple[str, set[str]]] = {}
    for one in plan.operations:
        if one.doing is Doing.REMOVE:
            for goal in names_for_others(one.kind, one.was):
                named[goal] = (title(one.kind, one.identity), set(one.loses))
    if not named:
        return
    more = [kind for kind in referring() if kind not in rows]
    spare = spared(one.kind for one in plan.operations if one.doing is Doing.REMOVE)
    there = rows | dict(zip(more, read(pbx, more, parallel, {}, spared=spare), strict=True))
    naming = Naming(Configuration(), there)
    planned = {(one.kind, one.identity) for one in plan.operations}
    for kind, identity, row in standing(there):
        for path, goal in referring_goals(kind, row, naming) if (kind.name, identity) not in planned else ():
            removed, known = named.get(goal, ("", set()))
            if removed and referrer(kind, identity, path) not in known:
                yield f"{title(kind.name, identity)} now refers to the {removed}, which is to be removed ({path[0]})"


def _said(first: str, listed: list[str]) -> str:
    more = len(listed) - _MOST_NAMED
    shown = [one.removesuffix(".") for one in listed[:_MOST_NAMED]] + ([f"and {more} more"] if more > 0 else [])
    return f"{first} Nothing was written. {'; '.join(shown)}."
