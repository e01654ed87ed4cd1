"""Objects that files own once a plan has been carried out, as threecx.lock records them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pbx_as_code.config.applying.apply import Fate, State
from pbx_as_code.config.applying.twins import spelt
from pbx_as_code.config.configuration import Identity
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.lock import Owned
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.config.planning.operations import Doing, Plan, new_names
from pbx_as_code.description import DEPARTMENTS

_ENDED = (State.DONE, State.UNCHANGED)


def owned_after(owned: Iterable[Owned], plan: Plan, fates: Iterable[Fate]) -> set[Owned]:
    """The objects that the files owned before or declare, as far as they exist.

    Parameters:
        owned: before the plan was carried out
        plan: that was carried out
        fates: of its operations
    """
    ended = list(fates)
    removals = [(_comparable(one.kind, one.identity), one.state) for one in ended if one.doing is Doing.REMOVE]
    removed = {named for named, _ in removals} - {named for named, state in removals if state not in _ENDED}
    missing = {
        (one.kind, one.identity)
        for one in ended
        if one.doing is Doing.CREATE and one.state in (State.FAILED, State.SKIPPED) and not one.in_part
    }
    kinds = {kind for kind, _ in removed}
    done = {one.number for one in ended if one.state in _ENDED}
    renamed = new_names(one for one in plan.operations if one.number in done)
    kept = {
        _with_names(kind, identity, renamed)
        for kind, identity in set(owned).difference(plan.vanished)
        if kind not in kinds or _comparable(kind, identity) not in removed
    }
    return (kept | set(plan.declared)) - missing


def _comparable(kind: str, identity: Identity) -> Owned:
    """A PBX may spell a telephone number otherwise than the files."""
    if len(identity) != len(KINDS[kind].identity):
        return kind, identity
    return kind, spelt(KINDS[kind], identity)


def _with_names(kind: str, identity: Identity, renamed: Mapping[Any, Any]) -> Owned:
    if not renamed:
        return kind, identity
    about = KINDS[kind]
    named = {
        prop.option for prop in by_option(kind)
        if prop.reference is not None and prop.reference.entity_set == DEPARTMENTS
    } | ({"name"} if about.renamed_from else set())  # fmt: skip
    parts = zip(about.identity, identity, strict=False)
    return kind, tuple(renamed.get(part, part) if option in named else part for option, part in parts)
