"""Traits that refuse requests, or understand more of them."""

from __future__ import annotations

from pbx_simulator.errors import bad_query
from pbx_simulator.query import Query

from .registry import Traits


def check(query: Query, traits: Traits) -> None:
    """Hold a request against what the PBX refuses.

    Raises:
        Refusal: where it does.
    """
    if query.expand:
        _check_expand(query, traits)


def _check_expand(query: Query, traits: Traits) -> None:
    if "refuse-expand" in traits:
        raise bad_query("The query option 'Expand' is not allowed.")
    if "refuse-two-expands" in traits and len(query.expand) > 1:
        raise bad_query("The number of properties in $expand exceeds the limit of '1'.")
