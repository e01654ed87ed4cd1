"""Users without a second factor."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.users import User


@rule(
    "no-second-factor",
    Level.NOTE,
    "A user signs in without a second factor",
    why="A stolen password is enough to make calls at your expense and to listen to recordings.",
    fix="Set `require_2fa: true` for the user.",
)
def check(context: Context) -> Iterator[Found]:
    """Enabled users that have neither enabled nor to use a second factor."""
    for user in context.graph.of(User):
        values = context.values(user)
        if user.enabled and values.get("require_2fa") is False and not values.get("enable_2fa"):
            yield Found(user.ref, "It signs in without a second factor.", ("require_2fa",))
