# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One task, from its options to its result: the same code in the controller and wherever a module is shipped to."""

from __future__ import annotations

import traceback
from collections.abc import Mapping
from typing import Any

from . import _absent, _etag, _present
from ._client import client_for
from ._connection import connection
from ._description import EntityDescription
from ._explain import Context
from ._failure import Failure
from ._info import listing
from ._outcome import Outcome
from ._pbx import EntitySet
from ._result import diff, entity


def perform(
    description: EntityDescription,
    *,
    info: bool,
    given: Mapping[str, Any],
    validated: Mapping[str, Any],
    check_mode: bool,
) -> tuple[dict[str, Any], list[str]]:
    """Do what a task says.

    Parameters:
        description: of the entity
        info: whether it is the task of an _info module
        given: the task's options as they were written, null included
        validated: the same after Ansible's validation, with defaults and what the environment has
        check_mode: only say what would be done, on a client that refuses to write

    Returns:
        the result of the task (failed, msg and the like where it failed) and its warnings
    """
    canonical_given = _without_aliases(given)
    pbx: str | None = None
    try:
        pbx = str(validated.get("host"))
        result, warnings = _perform(description, info, canonical_given, validated, check_mode)
    except Failure as failure:
        return failure.result(pbx), []
    except Exception as error:
        return Failure(_our_fault(error)).result(pbx), []
    return result, warnings


def _perform(
    description: EntityDescription, info: bool, given: Mapping[str, Any], validated: Mapping[str, Any], check_mode: bool
) -> tuple[dict[str, Any], list[str]]:
    if_match = None if info else validated.get("if_match")
    absent = validated.get("state") == "absent"
    _etag.check(if_match)
    if absent:
        _absent.check(description, given)
    reached = connection(given, validated)
    client = client_for(reached, read_only=info or check_mode)
    entities = EntitySet(client, Context(description, reached, client.base_url, if_match=if_match))
    if info:
        return {
            "changed": False,
            description.plural: listing(entities, description, given, validated),
            "pbx": entities.pbx,
        }, []
    step = _absent.remove if absent else _present.ensure
    outcome = step(entities, description, given, validated, check_mode)
    return _result(description, outcome, entities.pbx), outcome.warnings


def _result(description: EntityDescription, outcome: Outcome, pbx: str) -> dict[str, Any]:
    return {
        "changed": outcome.changed,
        description.name: None if outcome.after is None else entity(description, outcome.after),
        "diff": diff(description, outcome.before, outcome.after, outcome.sent),
        "pbx": pbx,
    }


def _without_aliases(given: Mapping[str, Any]) -> dict[str, Any]:
    named = dict(given)
    if "etag" in named:
        named.setdefault("if_match", named.pop("etag"))
    return named


def _our_fault(error: Exception) -> str:
    """A mistake of this collection. Its place is worth telling; its text and its variables may hold anything."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{last.filename.replace(chr(92), '/').rpartition('/')[2]} line {last.lineno} ({last.name})"
    return (
        f"This is a mistake of the collection threecx.xapi, not yours: {type(error).__name__} in {place}. "
        "Whether anything was changed is not known. Please report it with the options of the task, without its secrets."
    )
