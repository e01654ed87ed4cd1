"""Traits of sign-in and rights: what a stale token and what missing rights answer."""

from __future__ import annotations

from pbx_simulator import knowledge
from pbx_simulator.errors import Refusal
from pbx_simulator.state.store import Store

from .registry import Traits

_MISSING = "The access token is missing, wrong, expired or no longer valid."


def refused_token(token: str, *, stale: bool, traits: Traits) -> Refusal:
    """Answer to a token that is not valid; stale: it was valid once."""
    if stale and "stale-token-403" in traits:
        return Refusal(403, "Forbidden")
    challenge = (("WWW-Authenticate", 'Bearer error="invalid_token"' if token else "Bearer"),)
    return Refusal(401, _MISSING, headers=challenge)


def role_of(store: Store, subject: str) -> str | None:
    """The role of who signs in, in the first of its departments; None where the PBX knows nothing of it: an owner."""
    kind, _, name = subject.partition(":")
    sets = {"client": "ServicePrincipals", "person": "Users"}
    if sets[kind] not in store.routes.sets:
        return None
    row = store.find(sets[kind], "Number", name)
    if row is None and kind == "person":
        row = store.find("Users", "EmailAddress", name)
    groups = (row.data.get("Groups") or ()) if row is not None else ()
    return next(((group.get("Rights") or {}).get("RoleName") for group in groups), None)


def check(owner: str, role: str | None, traits: Traits) -> None:
    """Hold the role of who asks against what an entity set needs.

    Raises:
        Refusal: 403, or 401 with missing-rights-401.
    """
    allowed = knowledge.ROLES_THAT_MAY.get(owner)
    if role is None or allowed is None or role in allowed:
        return
    if "missing-rights-401" in traits:
        raise Refusal(401, "", empty=True)
    raise Refusal(403, "Forbidden")
